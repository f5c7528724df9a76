"""From the translations of a record's sentences to that of the record."""

from collections.abc import Iterator, Sequence

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.formats.record import Outcome
from seq2seq_tfx.components.translation.job.segments import Segments
from seq2seq_tfx.components.translation.manner import Alignment, Alternative


def joined(segments: Segments, parts: Sequence[Translation]) -> Outcome:
    """What became of a record.

    Its score is that of its worst sentence, 0 where it has none. Its k-th best translation has the k-th best of each
    sentence, or the last of one that has fewer. Subwords are numbered through. It was cut if a sentence was,
    and has every flag that one has.

    Args:
        segments: The record's sentences.
        parts: Their translations.
    """
    if len(parts) == 1 and segments.joints == ("", ""):
        return Outcome(*parts[0])
    return Outcome(
        segments.joined([each.text for each in parts]),
        min((each.score for each in parts), default=0.0),
        truncated=_any_cut(parts),
        others=tuple(_others(segments, parts)),
        alignment=_alignment([each.alignment for each in parts if each.alignment is not None]),
        flags=tuple(dict.fromkeys(flag for each in parts for flag in each.flags)),
    )


def _any_cut(parts: Sequence[Translation]) -> bool | None:
    """Whether one of them was cut; None where none is known to be, and not all say it."""
    flags = {each.truncated for each in parts}
    return True if True in flags else None if None in flags else False


def _others(segments: Segments, parts: Sequence[Translation]) -> Iterator[Alternative]:
    ranked = [(Alternative(each.text, each.score), *each.others) for each in parts]
    for place in range(1, max(map(len, ranked), default=0)):
        chosen = [each[min(place, len(each) - 1)] for each in ranked]
        yield Alternative(segments.joined([each.text for each in chosen]), min(each.score for each in chosen))


def _alignment(parts: Sequence[Alignment]) -> Alignment | None:
    if not parts:
        return None
    links: list[tuple[int, int]] = []
    source_pieces: list[str] = []
    pieces: list[str] = []
    for part in parts:
        links += ((source + len(source_pieces), target + len(pieces)) for source, target in part.links)
        source_pieces += part.source_pieces
        pieces += part.pieces
    return Alignment(tuple(links), tuple(source_pieces), tuple(pieces))
