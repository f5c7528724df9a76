"""The configuration files that `seq2seq init` writes: their settings, and how they are commented.

The comments are the sections' own documentation, so that the file and the code cannot disagree.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.describing import Expectations
from seq2seq_tfx.schemas.config.document import KeyPath
from seq2seq_tfx.schemas.config.model import FAMILY_FIELDS, ModelConfig
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.config.section import Section

Settings = dict[str, Any]

QUICKSTART_PRESET: Final = "transformer_tiny"
QUICKSTART_SEED: Final = 1
"""Of the generated corpus."""
QUICKSTART_LANGUAGES: Final = ("en", "es")
QUICKSTART_SPLITS: Final = ("train", "eval", "test")
CORPUS_FOLDER: Final = "corpus"

_QUICKSTART: Final[Settings] = {
    "vocabulary": {"kind": "unigram", "size": 2000},
    "training": {
        "max_steps": 600,
        "batch_tokens": 4096,
        "learning_rate": 0.003,
        "warmup_steps": 100,
        "schedule": "cosine",
        "checkpoint_steps": 100,
        "validation_steps": 100,
        "average": 2,
    },
    "decoding": {"strategy": "beam", "beam_size": 4, "max_length": 64},
    "gate": {"minima": {"bleu": 50}},
}
"""Small and quick: what the generated corpus needs."""

_OWN_CORPUS: Final[Settings] = {
    "splits": {"eval_share": 0.01, "test_share": 0.01},
    "vocabulary": {"kind": "unigram", "size": 8000},
    "training": {"max_steps": 8000, "batch_tokens": 4096},
    "decoding": {"strategy": "beam", "beam_size": 5},
}
"""A start for corpora of some ten thousand pairs and more."""

_INTRODUCTION: Final = """\
# A pipeline of seq2seq-tfx. Lines such as `#key: value` show defaults: take the mark away to set the key.
# Paths are relative to this file. `seq2seq plan` says what a change would run again.
"""
_WIDTH: Final = 110


def quickstart_settings(preset: str = QUICKSTART_PRESET) -> Settings:
    """The settings of the generated corpus, with files in `corpus/`."""
    source, target = QUICKSTART_LANGUAGES
    corpora = [
        {
            "name": split,
            "split": split,
            "source": f"{CORPUS_FOLDER}/{split}.{source}.gz",
            "target": f"{CORPUS_FOLDER}/{split}.{target}.gz",
        }
        for split in QUICKSTART_SPLITS
    ]
    languages = {"source": source, "target": target}
    return {
        "name": "quickstart",
        "languages": languages,
        "corpora": corpora,
        "model": {"preset": preset, "layers": 2, "dropout": 0.1},
        **_QUICKSTART,
    }


def own_settings(languages: tuple[str, str], corpora: list[Settings], preset: str = QUICKSTART_PRESET) -> Settings:
    """The settings for a user's own corpora, split by content.

    Args:
        languages: Codes of source and target.
        corpora: Entries of the section `corpora`.
        preset: A name of `PRESETS`.
    """
    source, target = languages
    return {
        "name": f"{source}-{target}",
        "languages": {"source": source, "target": target},
        "corpora": corpora,
        "model": {"preset": preset},
        **_OWN_CORPUS,
    }


def commented_yaml(settings: Mapping[str, Any]) -> str:
    """A configuration file with these settings, every other key commented out with its default, and all explained."""
    expectations = Expectations(PipelineConfig)
    lines = [_INTRODUCTION]
    for name, field in PipelineConfig.model_fields.items():
        default, given = field.default, settings.get(name, {})
        if isinstance(default, Section):
            lines += [*_comment(str(type(default).__doc__), ""), f"{name}:"]
            lines += _section(expectations, (name,), _shown_defaults(default, given), given)
        elif name in settings:
            details = _fields_of(Corpus) if name == "corpora" else ()
            lines += [*_comment(str(field.description), ""), *details, *_yaml(name, given)]
        else:
            lines += [*_comment(str(field.description), ""), *("#" + line for line in _yaml(name, default))]
        lines.append("")
    return "\n".join(lines)


def _fields_of(section: type[Section]) -> Iterator[str]:
    """What each key of a list's entries means."""
    for key, field in section.model_fields.items():
        yield from textwrap.wrap(f"{key}: {field.description}", _WIDTH, initial_indent="# - ", subsequent_indent="#   ")


def _shown_defaults(default: Section, given: Settings) -> Section:
    """What the keys that are left out stand at, a preset taken into account."""
    return ModelConfig.model_validate(given) if isinstance(default, ModelConfig) else default


def _section(expectations: Expectations, path: KeyPath, defaults: Section, given: Settings) -> Iterator[str]:
    values = defaults.model_dump(mode="json")
    own = FAMILY_FIELDS.get(values.get("family", ""), frozenset())
    others = {key for keys in FAMILY_FIELDS.values() for key in keys - own}
    for key, field in type(defaults).model_fields.items():
        if isinstance(defaults, ModelConfig) and key in others:
            continue
        allowed = expectations.allowed((*path, key))
        choice = f" {'Keys' if isinstance(values[key], dict) else 'One of'}: {', '.join(allowed)}."
        yield from _comment(f"{field.description}{choice if len(allowed) > 1 else ''}", "  ")
        mark, value = ("", given[key]) if key in given else ("#", values[key])
        for line in _yaml(key, value):
            first, *rest = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
            yield f"  {mark}{first}"
            yield from (f"    {mark}{more}" for more in rest)


def _comment(text: str, indent: str) -> list[str]:
    return [f"{indent}# {line}" for line in textwrap.wrap(" ".join(text.split()), _WIDTH)]


def _yaml(key: str, value: Any) -> list[str]:
    """A key and its value: a list of sections an entry a line, anything else in one line."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{key}:", *(f"  - {_flow(entry)}" for entry in value)]
    return [f"{key}: {_flow(value)}"]


def _flow(value: Any) -> str:
    if value is None:
        return "null"
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...")
