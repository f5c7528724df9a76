"""What must hold between settings. Each rule looks at the values as given, so that it speaks even where others fail."""

import importlib.util
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import ValidationError

from seq2seq_tfx.schemas.config.beam_rules import beam_findings
from seq2seq_tfx.schemas.config.cleaning import PRESETS as PRESETS_OF_RULES
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.describing import listed, nearest, shown
from seq2seq_tfx.schemas.config.document import Document, KeyPath
from seq2seq_tfx.schemas.config.evaluation import Metric
from seq2seq_tfx.schemas.config.expressible import obstacle_to_ctranslate2
from seq2seq_tfx.schemas.config.format_rules import Finding, format_findings
from seq2seq_tfx.schemas.config.identification import identified_language
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.model_rules import model_findings
from seq2seq_tfx.schemas.config.monolingual_rules import is_monolingual, monolingual_findings
from seq2seq_tfx.schemas.config.splits import SplitsConfig

_SCORED_SPLITS: Final = ("eval", "test")
_OF_TRAINED_VOCABULARIES: Final = (
    "kind",
    "size",
    "source_size",
    "character_coverage",
    "byte_fallback",
    "split_digits",
    "monolingual",
    "sample_sentences",
)
_NOT_FOR_WORDS: Final = (
    ("byte_fallback", "a spelled word would lose the space before it", "char"),
    ("split_digits", "a number is one word", "unigram or bpe"),
)
"""Keys that a vocabulary of words cannot have, why, and the kind to use."""
_SAMPLING_KEYS: Final = ("temperature", "top_k", "top_p", "seed")


def check_rules(document: Document) -> None:
    """Report every rule that the given values break."""
    values = document.values
    for path, sentence in _findings(document, values) if isinstance(values, dict) else ():
        document.report(path, sentence)


def _findings(document: Document, values: dict[str, Any]) -> Iterator[Finding]:
    if isinstance(values.get("corpora"), list):
        yield from _corpora(document, values)
    yield from _language_identification(values)
    yield from _ctranslate2(values)
    yield from model_findings(values)
    yield from beam_findings(values)
    if isinstance(values.get("vocabulary"), dict):
        yield from _vocabulary_keys(values["vocabulary"])
    if isinstance(values.get("evaluation"), dict):
        yield from _learned_metrics(values["evaluation"])
    if isinstance(values.get("decoding"), dict):
        yield from _search(values["decoding"])
        yield from _coverage(values["decoding"], values.get("model"))


def _corpora(document: Document, values: dict[str, Any]) -> Iterator[Finding]:
    entries = [(index, entry) for index, entry in enumerate(values["corpora"]) if isinstance(entry, dict)]
    parallel = [(index, entry) for index, entry in entries if not is_monolingual(entry)]
    yield from _same_names(document, entries)
    if entries:
        yield from _splits(parallel, values.get("splits"))
    yield from _corpus_weights(parallel, values.get("training"))
    yield from monolingual_findings(values, entries)
    for index, entry in parallel:
        yield from _sides(index, entry)
    for index, entry in entries:
        yield from format_findings(("corpora", index), entry)


def _same_names(document: Document, entries: list[tuple[int, dict[str, Any]]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, entry in entries:
        name = entry.get("name")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            where = document.origin(("corpora", first[name], "name"))
            yield ("corpora", index, "name"), f"must be unique, got {name!r}, the name at {where} too; rename one"


def _sides(index: int, entry: dict[str, Any]) -> Iterator[Finding]:
    """Either source and target, or path; several references for scored splits only."""
    given = {key for key in ("source", "target", "path", "columns") if entry.get(key) is not None}
    here: KeyPath = ("corpora", index)
    if "path" in given and given & {"source", "target"}:
        extra = " and ".join(sorted(given & {"source", "target"}))
        yield (*here, "path"), f"must be given in place of source and target, got it beside {extra}; leave one way out"
    elif "path" not in given and given & {"source", "target"} != {"source", "target"}:
        lacking = " and ".join(sorted({"source", "target"} - given))
        yield (
            here,
            f"must name source and target files, or one path that holds both, got no {lacking}; add what is missing",
        )
    if "columns" in given and "path" not in given:
        yield (*here, "columns"), "must be given with path only, got it without; leave it out"
    references, split = entry.get("target"), entry.get("split")
    if isinstance(references, list) and len(references) > 1 and split in ("train", "auto"):
        yield (
            (*here, "target"),
            f"must be one file where split is {split}, got {len(references)}; several references are for eval and test",
        )


def _splits(entries: list[tuple[int, dict[str, Any]]], splits: Any) -> Iterator[Finding]:
    given = {entry.get("split") for _, entry in entries}
    if not given <= {"train", "auto", *_SCORED_SPLITS}:
        return  # what is wrong there has its own message
    lacking = [split for split in ("train", *_SCORED_SPLITS) if not given & {split, "auto"}]
    if lacking:
        names = ", ".join(lacking)
        yield (
            ("corpora",),
            f"must hold a corpus for each of train, eval and test, got none for {names}; add one, or say split: auto",
        )
    yield from _shares(given, splits if isinstance(splits, dict) else {})


def _shares(given: set[Any], splits: dict[str, Any]) -> Iterator[Finding]:
    """Automatic splits must leave something for each split that has no corpus of its own."""
    default = SplitsConfig()
    shares = {split: splits.get(f"{split}_share", getattr(default, f"{split}_share")) for split in _SCORED_SPLITS}
    if "auto" not in given or not all(isinstance(share, int | float) for share in shares.values()):
        return
    for split, share in shares.items():
        if share == 0 and split not in given:
            key: KeyPath = ("splits", f"{split}_share")
            yield key, f"must be above 0 where no corpus says split: {split}, got 0; give it a share such as 0.01"
    if sum(shares.values()) >= 1.0:
        total = f"{shares['eval']} and {shares['test']}"
        yield ("splits",), f"eval_share and test_share must add up to less than 1, got {total}; leave some for training"


def _language_identification(values: dict[str, Any]) -> Iterator[Finding]:
    """Where it is on, its library must be there and know the languages."""
    given, languages = values.get("cleaning"), values.get("languages")
    given = given if isinstance(given, dict) else {}
    defaults = PRESETS_OF_RULES.get(str(given.get("preset")), {})
    if given.get("min_language_confidence", defaults.get("min_language_confidence")) is None:
        return
    key = "min_language_confidence" if "min_language_confidence" in given else "preset"
    here: KeyPath = ("cleaning", key)
    off = "set cleaning.min_language_confidence: null"
    if importlib.util.find_spec("lingua") is None:
        yield (
            here,
            f"must leave language identification off where lingua-language-detector is not installed, got it on; "
            f"install seq2seq-tfx[language-identification], or {off}",
        )
    codes = list(languages.values()) if isinstance(languages, dict) else []
    unknown = [code for code in codes if isinstance(code, str) and identified_language(code) is None]
    if unknown:
        yield (
            here,
            f"must leave language identification off for {listed(unknown, 'and')}, which it does not know; {off}",
        )
    others = given.get("other_languages")
    for index, code in enumerate(others if isinstance(others, list) else []):
        if isinstance(code, str) and len(code) > 1 and identified_language(code) is None:
            yield ("cleaning", "other_languages", index), f"must be a language that lingua knows, got {code!r}; drop it"


def _corpus_weights(entries: list[tuple[int, dict[str, Any]]], training: Any) -> Iterator[Finding]:
    """Weights are for corpora that are trained on."""
    weights = training.get("corpus_weights") if isinstance(training, dict) else None
    names = [str(entry.get("name")) for _, entry in entries if entry.get("split") in ("train", "auto")]
    for name in weights if isinstance(weights, dict) else ():
        if name not in names:
            meant = nearest(str(name), names)
            advice = f"did you mean {meant}?" if meant else f"those are {', '.join(names)}"
            path: KeyPath = ("training", "corpus_weights", name)
            yield path, f"must name a corpus whose split is train or auto, got {name!r}; {advice}"


def _vocabulary_keys(vocabulary: dict[str, Any]) -> Iterator[Finding]:
    """What goes with a shared vocabulary, and with a given one."""
    shared, pretrained = vocabulary.get("shared", True), vocabulary.get("pretrained")
    if shared is True and vocabulary.get("source_size") is not None:
        sentence = "must be left out where the vocabulary is shared, got {}; leave it out, or say shared: false"
        yield ("vocabulary", "source_size"), sentence.format(shown(vocabulary["source_size"]))
    if shared is True and isinstance(pretrained, list):
        yield ("vocabulary", "pretrained"), "must be one file where the vocabulary is shared, got a list; name one file"
    if shared is False and isinstance(pretrained, str):
        sentence = "must be two files, [source, target], where the vocabulary is not shared, got {}; name both"
        yield ("vocabulary", "pretrained"), sentence.format(shown(pretrained))
    for key, reason, other in _NOT_FOR_WORDS if vocabulary.get("kind") == "word" else ():
        if vocabulary.get(key) is True:
            yield ("vocabulary", key), f"must be false for kind word ({reason}), got true; use {other}"
    for key in _OF_TRAINED_VOCABULARIES if pretrained is not None else ():
        if vocabulary.get(key) is not None:
            sentence = "must be left out beside pretrained, whose file says it, got {}; leave one out"
            yield ("vocabulary", key), sentence.format(shown(vocabulary[key]))


def _learned_metrics(evaluation: dict[str, Any]) -> Iterator[Finding]:
    """The gate knows scores by their names, so a learned one must not have that of another."""
    learned = evaluation.get("learned")
    for name in learned if isinstance(learned, dict) else ():
        if name in get_args(Metric):
            path: KeyPath = ("evaluation", "learned", name)
            yield path, f"must not be named as one of {listed(get_args(Metric), 'and')}; give it another name"


def _search(decoding: dict[str, Any]) -> Iterator[Finding]:
    """Keys that only sampling reads, and lengths that leave no room."""
    default = DecodingConfig()
    strategy = decoding.get("strategy", default.strategy)
    for key in _SAMPLING_KEYS:
        if decoding.get(key, getattr(default, key)) != getattr(default, key) and strategy in ("greedy", "beam"):
            yield (
                ("decoding", key),
                f"must be left out for strategy {strategy} (it belongs to sampling), got {shown(decoding[key])}",
            )
    for low, high in (("min_length", "max_length"), ("min_length_ratio", "max_length_ratio")):
        least, most = (decoding.get(key, getattr(default, key)) for key in (low, high))
        numbers = all(isinstance(each, int | float) for each in (least, most))
        if numbers and least > most and (high == "max_length" or most > 0):
            yield ("decoding", low), f"must be at most {high}, got {least} and {most}; lower the one or raise the other"


def _coverage(decoding: dict[str, Any], model: Any) -> Iterator[Finding]:
    """The coverage penalty chooses between hypotheses by what their attention read."""
    penalty, strategy = decoding.get("coverage_penalty"), decoding.get("strategy", DecodingConfig().strategy)
    if not isinstance(penalty, int | float) or penalty <= 0:
        return
    here: KeyPath = ("decoding", "coverage_penalty")
    if strategy in ("greedy", "sampling"):
        yield here, f"must be 0 for strategy {strategy}, which has nothing to choose from, got {penalty}; use beam"
    if isinstance(model, dict) and model.get("attention") == "none":
        yield here, f"must be 0 for a model without attention, got {penalty}; leave it out"


def _ctranslate2(values: dict[str, Any]) -> Iterator[Finding]:
    """An export by CTranslate2 that is demanded must be possible."""
    export = values.get("export")
    wanted = isinstance(export, dict) and export.get("ctranslate2") is True
    asked = isinstance(values.get("translation"), dict) and values["translation"].get("engine") == "ctranslate2"
    try:
        model = ModelConfig.model_validate(values.get("model") or {})
        decoding = DecodingConfig.model_validate(values.get("decoding") or {})
    except ValidationError:
        return
    vocabulary = values.get("vocabulary")
    shared = not (isinstance(vocabulary, dict) and vocabulary.get("shared") is False)
    obstacle = obstacle_to_ctranslate2(model, decoding, shared_vocabulary=shared)
    if isinstance(export, dict) and export.get("ctranslate2") is False:
        obstacle = "export.ctranslate2 is false"
    if wanted and obstacle:
        yield ("export", "ctranslate2"), f"must be auto or false, got true, but {obstacle}; the SavedModel translates"
    if asked and obstacle:
        yield ("translation", "engine"), f"must be auto or saved_model, got ctranslate2, but {obstacle}"
