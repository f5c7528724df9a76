"""The fields that a record has in the output alone, and what stands in them."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from seq2seq_tfx.components.translation.formats.record import Columns, Outcome
from seq2seq_tfx.components.translation.manner import Alignment, Alternative

Kind = Literal["text", "number", "texts", "numbers"]

_NOTHING = Alignment()


class Added(NamedTuple):
    """One field."""

    name: str
    kind: Kind
    value: Callable[[Outcome], Any]
    """What stands in it, of the kind; a record that could not be translated has nothing there."""


def nested_fields(columns: Columns) -> tuple[Added, ...]:
    """The fields of formats that can hold lists."""
    return tuple(_nested(columns))


def _nested(columns: Columns) -> Iterator[Added]:
    yield Added(columns.translation, "text", lambda outcome: outcome.text)
    if columns.score:
        yield Added(columns.score, "number", lambda outcome: outcome.score)
    if columns.n_best > 1:
        yield Added("n_best", "texts", lambda outcome: [each.text for each in _hypotheses(outcome)])
        if columns.score:
            yield Added("n_best_scores", "numbers", lambda outcome: [each.score for each in _hypotheses(outcome)])
    if columns.alignments:
        yield Added("alignment", "text", _links)
        yield Added("source_pieces", "texts", lambda outcome: list((outcome.alignment or _NOTHING).source_pieces))
        yield Added("translation_pieces", "texts", lambda outcome: list((outcome.alignment or _NOTHING).pieces))
    if columns.flags:
        yield Added(columns.flags, "texts", lambda outcome: list(outcome.flags))


def flat_fields(columns: Columns) -> tuple[Added, ...]:
    """The fields of formats that hold texts alone: further hypotheses have columns of their own, lists have spaces."""
    fields: list[Added] = []
    for field in _nested(columns):
        if field.name == "n_best":
            fields += _further(columns)
        elif field.kind == "texts":
            fields.append(Added(field.name, "text", _spaced(field)))
        elif field.kind != "numbers":
            fields.append(field)
    return tuple(fields)


def _further(columns: Columns) -> Iterator[Added]:
    for number in range(2, columns.n_best + 1):
        yield Added(f"{columns.translation}_{number}", "text", _other(number, "text"))
        if columns.score:
            yield Added(f"{columns.score}_{number}", "number", _other(number, "score"))


def _other(number: int, name: str) -> Callable[[Outcome], Any]:
    return lambda outcome: getattr(outcome.others[number - 2], name) if number - 2 < len(outcome.others) else ""


def _spaced(field: Added) -> Callable[[Outcome], str]:
    return lambda outcome: " ".join(field.value(outcome))


def _hypotheses(outcome: Outcome) -> list[Alternative]:
    return [Alternative(outcome.text, outcome.score), *outcome.others]


def _links(outcome: Outcome) -> str:
    """As Pharaoh and fast_align write them."""
    return " ".join(f"{source}-{target}" for source, target in (outcome.alignment or _NOTHING).links)
