"""What must hold between the architecture and the other sections, looked at as given."""

from collections.abc import Iterator
from typing import Any, Final

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.describing import listed, shown
from seq2seq_tfx.schemas.config.format_rules import Finding
from seq2seq_tfx.schemas.config.model import FAMILY_DEFAULTS, FAMILY_FIELDS, PRESETS, ModelConfig
from seq2seq_tfx.schemas.config.pretraining import PretrainingConfig
from seq2seq_tfx.schemas.config.training import TrainingConfig

_FAMILY_OF_OBJECTIVE: Final = {"masked": "bert", "causal": "gpt"}


def model_findings(values: dict[str, Any]) -> Iterator[Finding]:
    """Every rule about the architecture that the given values break."""
    if isinstance(values.get("model"), dict):
        yield from _family_keys(values["model"])
        yield from _positions(values)
    yield from _source_loss(values)
    yield from _pretraining(values)


def _family_keys(model: dict[str, Any]) -> Iterator[Finding]:
    """Keys that the family does not have."""
    family = _family_of(model)
    if family not in FAMILY_FIELDS:
        return
    for key in sorted(model.keys() - FAMILY_FIELDS[family]):
        owners = [other for other, keys in FAMILY_FIELDS.items() if key in keys]
        if owners:
            whose = listed(owners, "and")
            yield (
                ("model", key),
                f"must be left out for family {family} (it belongs to {whose}), got {shown(model[key])}",
            )


def _positions(values: dict[str, Any]) -> Iterator[Finding]:
    """A table of positions must have a row for every place that is trained on or written to."""
    model = values["model"]
    most = model.get("max_positions", ModelConfig.model_fields["max_positions"].default)
    family = _family_of(model)
    positions = model.get("positions", FAMILY_DEFAULTS.get(family, {}).get("positions"))
    if positions != "learned" or not isinstance(most, int):
        return
    sections: dict[str, Any] = {"training": TrainingConfig(), "decoding": DecodingConfig()}
    if _section(values, "pretraining").get("objective", "none") != "none":
        sections["pretraining"] = PretrainingConfig()
    longest = {}
    for section, default in sections.items():
        longest[section] = _section(values, section).get("max_length", default.max_length)
    if not all(isinstance(length, int) for length in longest.values()):
        return
    for section, length in longest.items():
        source = longest["training"] if family == "gpt" and section != "pretraining" else 0
        if source + length > most:
            name = f"{section}.max_length"
            needed = (
                f"{name} ({length})" if not source else f"training.max_length and {name} together ({source + length})"
            )
            yield (
                ("model", "max_positions"),
                f"must be at least {needed} for learned positions, got {most}; raise it or lower the other",
            )


def _source_loss(values: dict[str, Any]) -> Iterator[Finding]:
    """A source token that sees the whole source has nothing to predict."""
    given, model = _section(values, "training").get("source_loss"), _section(values, "model")
    if given and (_family_of(model) != "gpt" or model.get("source_attention") != "causal"):
        sentence = "must be 0 unless the model is a gpt whose source_attention is causal, got {}; leave it out"
        yield ("training", "source_loss"), sentence.format(shown(given))


def _pretraining(values: dict[str, Any]) -> Iterator[Finding]:
    """Which family can begin with what."""
    given, model = _section(values, "pretraining"), _section(values, "model")
    objective, taken, family = given.get("objective", "none"), given.get("take_from"), _family_of(model)
    wanted = _FAMILY_OF_OBJECTIVE.get(str(objective))
    if wanted is not None and family != wanted:
        possible = " or ".join(["none", *(each for each, of in _FAMILY_OF_OBJECTIVE.items() if of == family)])
        sentence = f"must be {possible} for family {family}, got {{}}; set model.family: {wanted}"
        yield ("pretraining", "objective"), sentence.format(shown(objective))
    if taken is not None and family not in _FAMILY_OF_OBJECTIVE.values():
        sentence = f"must be left out for family {family}, got {{}}; set model.family: bert or gpt"
        yield ("pretraining", "take_from"), sentence.format(shown(taken))
    if taken is not None:
        for key in sorted(given.keys() - {"take_from", "decoder"}):
            sentence = "must be left out beside take_from (nothing is pre-trained here), got {}; leave one out"
            yield ("pretraining", key), sentence.format(shown(given[key]))
    elif wanted is None and given.get("decoder") is True:
        yield ("pretraining", "decoder"), "must be false where nothing is pre-trained, got true; set objective: masked"
    if given.get("decoder") is True and family == "gpt":
        yield ("pretraining", "decoder"), "must be left out for family gpt, which has one stack of layers, got true"
    if _section(values, "training").get("initialise_from") is not None and (wanted or taken is not None):
        key = "objective" if taken is None else "take_from"
        sentence = "must be left out beside training.initialise_from, which brings all weights, got {}; leave one out"
        yield ("pretraining", key), sentence.format(shown(given[key]))
    yield from _pretrained_sides(values, given)


def _pretrained_sides(values: dict[str, Any], given: dict[str, Any]) -> Iterator[Finding]:
    """With a vocabulary for each side, the encoder can read the source's ids alone."""
    apart = _section(values, "vocabulary").get("shared", True) is False
    if apart and given.get("objective", "none") != "none" and given.get("sides") != "source":
        sentence = "must be source where the vocabulary is not shared, got {}; set it, or say vocabulary.shared: true"
        yield ("pretraining", "sides"), sentence.format(shown(given.get("sides", "both")))
    if apart and given.get("decoder") is True:
        sentence = "must be false where the vocabulary is not shared, got true; leave it out"
        yield ("pretraining", "decoder"), sentence


def _section(values: dict[str, Any], name: str) -> dict[str, Any]:
    given = values.get(name)
    return given if isinstance(given, dict) else {}


def _family_of(model: dict[str, Any]) -> str:
    """The family that the values as given stand for."""
    preset = PRESETS.get(str(model.get("preset")), {})
    return str(model.get("family", preset.get("family", ModelConfig.model_fields["family"].default)))
