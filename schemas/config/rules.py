"""What must hold between settings. Each rule looks at the values as given, so that it speaks even where others fail."""

from collections.abc import Iterator
from typing import Any, Final

from seq2seq_tfx.schemas.config.corpora import SplitsConfig
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.describing import shown
from seq2seq_tfx.schemas.config.document import Document, KeyPath
from seq2seq_tfx.schemas.config.model import FAMILY_FIELDS, PRESETS, ModelConfig

Finding = tuple[KeyPath, str]

_SCORED_SPLITS: Final = ("eval", "test")
_SAMPLING_KEYS: Final = ("temperature", "top_k", "top_p", "seed")


def check_rules(document: Document) -> None:
    """Report every rule that the given values break."""
    values = document.values
    corpora = values.get("corpora") if isinstance(values, dict) else None
    if isinstance(corpora, list):
        entries = [(index, entry) for index, entry in enumerate(corpora) if isinstance(entry, dict)]
        findings = [*_same_names(document, entries), *_splits(entries, values.get("splits"))]
        for index, entry in entries:
            findings += _sides(index, entry)
        for path, sentence in findings:
            document.report(path, sentence)
    if isinstance(values, dict) and isinstance(values.get("model"), dict):
        for path, sentence in _family_keys(values["model"]):
            document.report(path, sentence)
    if isinstance(values, dict) and isinstance(values.get("decoding"), dict):
        for path, sentence in [*_search(values["decoding"]), *_coverage(values["decoding"], values.get("model"))]:
            document.report(path, sentence)


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
    if not entries or not given <= {"train", "auto", *_SCORED_SPLITS}:
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


def _family_keys(model: dict[str, Any]) -> Iterator[Finding]:
    preset = PRESETS.get(str(model.get("preset")), {})
    default = preset.get("family", ModelConfig.model_fields["family"].default)
    family = model.get("family", default)
    if family not in FAMILY_FIELDS:
        return
    for other, keys in FAMILY_FIELDS.items():
        for key in sorted(keys & model.keys()) if other != family else ():
            yield (
                ("model", key),
                f"must be left out for family {family} (it belongs to {other}), got {shown(model[key])}",
            )


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
