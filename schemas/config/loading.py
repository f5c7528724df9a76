"""From a file, and `--set` arguments, to a checked configuration; or to every problem at once, each with its line."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.describing import Expectations, listed, nearest, shown
from seq2seq_tfx.schemas.config.document import Document, KeyPath, Origin, Problem, dotted, read_document, read_value
from seq2seq_tfx.schemas.config.format_rules import name_languages
from seq2seq_tfx.schemas.config.formats import is_pattern, is_remote
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.config.rules import check_rules
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.errors import ConfigError, InputError
from seq2seq_tfx.schemas.redaction import redacted

_HINTED_KEYS: Final = 12


@dataclass(frozen=True)
class LoadedConfig:
    """A checked configuration and where it came from."""

    config: PipelineConfig
    path: Path
    """The file, absolute."""
    document: Document = field(repr=False, compare=False)
    """The values as given, with their lines."""

    @property
    def directory(self) -> Path:
        """The folder that the configuration's paths are relative to."""
        return self.path.parent

    @property
    def root(self) -> Path:
        """The folder of metadata, artifacts, checkpoints and pushed models, absolute."""
        return self.resolve(self.config.root)

    @property
    def push_directory(self) -> Path:
        """The folder of pushed versions, absolute."""
        return self.root / self.config.push.directory

    def resolve(self, name: str) -> Path:
        """A path of the configuration, absolute."""
        return Path(os.path.abspath(self.directory / name))


def load_config(path: Path, overrides: Sequence[str] = ()) -> LoadedConfig:
    """Read, complete and check a configuration.

    Args:
        path: The YAML file.
        overrides: `section.key=value` texts that replace what the file says, later ones winning.

    Raises:
        ConfigError: With every problem at once.
        InputError: If the file cannot be read.
    """
    document = read_document(_text_of(path), os.fspath(path))
    if document.values is None and not document.problems:
        document.report((), "must hold `key: value` lines, got an empty file; `seq2seq init DIR` writes one that runs")
    elif document.values is not None and not isinstance(document.values, dict):
        document.report((), f"must hold `key: value` lines, got {shown(document.values)}")
    elif isinstance(document.values, dict):
        for override in overrides:
            _override(document, override)
        _open_empty_sections(document.values)
        name_languages(document.values)
        config = _validated(document)
        if config is not None and not document.problems:
            return LoadedConfig(config=config, path=Path(os.path.abspath(path)), document=document)
    raise ConfigError(os.fspath(path), document.sorted_problems())


def missing_files(loaded: LoadedConfig) -> tuple[str, ...]:
    """A line for each given file that cannot be read: where it is named, what is wrong, what to do.

    Only names that stand for one file of this machine are looked at, not patterns.
    """
    corpora = enumerate(loaded.config.corpora)
    named: list[tuple[KeyPath, str]] = [
        (("corpora", index, key), name) for index, corpus in corpora for key, name in corpus_files(corpus)
    ]
    named += [(("vocabulary", "pretrained"), name) for name in loaded.config.vocabulary.pretrained_names]
    problems = []
    for here, name in named:
        path = loaded.resolve(name)
        reason = None if is_remote(name) or is_pattern(name) else _unreadable(path)
        if reason:
            sentence = f"must be a readable file, got {path}, {reason}; put the file there or correct the path"
            problems.append(str(Problem(loaded.document.origin(here), here, sentence)))
    return tuple(problems)


def corpus_files(corpus: Corpus) -> tuple[tuple[str, str], ...]:
    """The files that a corpus names, as (key, path as given)."""
    targets = (corpus.target,) if isinstance(corpus.target, str) else corpus.target or ()
    named = [("path", corpus.path), ("source", corpus.source), *(("target", name) for name in targets)]
    return tuple((key, name) for key, name in named if name is not None)


def _unreadable(path: Path) -> str | None:
    if path.is_dir():
        return "which is a folder"
    if not path.exists():
        return "which does not exist"
    return None if os.access(path, os.R_OK) else "which this user may not read"


def _text_of(path: Path) -> str:
    what_to_do = "`seq2seq init DIR` writes one"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        reason = "which does not exist"
    except IsADirectoryError:
        reason, inner = "which is a folder", path / "pipeline.yaml"
        what_to_do = f"did you mean {inner}?" if inner.is_file() else what_to_do
    except UnicodeDecodeError as error:
        reason, what_to_do = f"which is not UTF-8 at byte {error.start}", "save it as UTF-8"
    except OSError as error:
        reason = f"which cannot be read ({error.strerror})"
    raise InputError(f"the configuration must be a readable YAML file, got {path}, {reason}; {what_to_do}")


def _override(document: Document, argument: str) -> None:
    origin = Origin(f"--set {redacted(argument)}")
    key, equals, text = argument.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        document.problems.append(Problem(origin, (), "must look like section.key=value, as in training.max_steps=100"))
        return
    place: Any = document.values
    path: KeyPath = ()
    for part in parts:
        index = _index(place, part)
        if index is None:
            what = f"has entries 0 to {len(place) - 1}" if isinstance(place, list) else "is no section"
            sentence = f"must name a setting, got {key!r}, but {dotted(path)} {what}"
            document.problems.append(Problem(origin, (), sentence))
            return
        path = (*path, index)
        if len(path) == len(parts):
            place[index] = read_value(document, path, text, origin)
        elif isinstance(place, dict) and place.get(str(index)) is None:
            place[index] = {}  # a section that the file leaves out
            document.origins[path] = origin
        place = place[index]


def _index(place: Any, part: str) -> str | int | None:
    """A part of a `--set` key as an index of what it goes into; None if it cannot be one."""
    if isinstance(place, dict):
        return part
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return int(part)
    return None


def _open_empty_sections(values: dict[str, Any]) -> None:
    """A section with no key below it (all commented out) is a section with its defaults."""
    for name, information in PipelineConfig.model_fields.items():
        if name in values and values[name] is None and isinstance(information.default, Section):
            values[name] = {}


def _validated(document: Document) -> PipelineConfig | None:
    """The configuration, or None and problems. JSON's strict rules: no number from text, no text from a number."""
    config, known = None, {problem.path for problem in document.problems}
    try:
        config = PipelineConfig.model_validate_json(json.dumps(document.values), strict=True)
    except ValidationError as error:
        expectations = Expectations(PipelineConfig)
        for details in error.errors(include_url=False):
            path, sentence = _explained(document, expectations, details)
            if sentence and not any(path[: len(other)] == other for other in known if other):
                document.report(path, sentence)
    check_rules(document)
    return config


def _explained(document: Document, expectations: Expectations, details: ErrorDetails) -> tuple[KeyPath, str | None]:
    """Where a problem found by pydantic is, and what to say of it; None where another says it better."""
    path, value = _given(document.values, details["loc"])
    if details["type"] == "extra_forbidden":
        return path, _unknown_key(expectations, path)
    if details["loc"][-1] == "[key]":
        meant = nearest(str(path[-1]), expectations.allowed(path[:-1]))
        advice = f"; did you mean {meant}?" if meant else ""
        return path, f"must be {expectations.words(path[:-1])}, got {path[-1]!r}{advice}"
    if details["type"] == "missing":
        if isinstance(path[-1], int):
            path, value = path[:-1], _given(document.values, path[:-1])[1]
        else:
            return path, f"must be given ({expectations.words(path)}), got nothing; add it"
    if details["type"] == "value_error":
        return path, str(details["ctx"]["error"])
    if details["type"] == "too_short" and value:
        return path, None  # pydantic counts the entries that are right; those that are wrong have their own problem
    got = document.written.get(path)
    if got is not None:
        return (
            path,
            f"must be {expectations.words(path)}, got {got}, which YAML reads as {shown(value)}; put it in quotes",
        )
    return path, f"must be {expectations.words(path)}, got {shown(value)}{_advice(expectations, path, value)}"


def _given(values: Any, location: tuple[int | str, ...]) -> tuple[KeyPath, Any]:
    """A pydantic location without the names of union members, and the value that stands there."""
    path: KeyPath = ()
    for part in location:
        if isinstance(values, dict):
            values = values.get(str(part))
        elif isinstance(values, list) and isinstance(part, int):
            values = values[part] if part < len(values) else None
        else:
            continue
        path = (*path, part)
    return path, values


def _advice(expectations: Expectations, path: KeyPath, value: Any) -> str:
    if isinstance(value, str):
        meant = nearest(value, expectations.allowed(path))
        if meant:
            return f"; did you mean {meant}?"
        if value.replace(".", "", 1).isdecimal() and "number" in expectations.words(path):
            return "; write it without quotes"
    if isinstance(value, float) and value.is_integer():
        return f"; write {value:.0f}"
    default = expectations.default(path)
    return f"; leave it out for the default, {default}" if default is not None else ""


def _unknown_key(expectations: Expectations, path: KeyPath) -> str:
    key, keys = str(path[-1]), expectations.keys(path[:-1])
    where = f"of {dotted(path[:-1])}" if path[:-1] else "of the configuration"
    meant, homes = nearest(key, keys), expectations.homes(key)
    if meant:
        advice = f"did you mean {meant}?"
    elif homes:
        advice = f"did you mean {listed(homes, 'or')}?"
    elif len(keys) <= _HINTED_KEYS:
        advice = f"it takes {listed(keys, 'and')}"
    else:
        advice = "`seq2seq init` writes all of them, with what they mean"
    return f"must be a key {where}, got {key!r}; {advice}"
