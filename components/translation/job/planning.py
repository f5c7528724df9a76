"""From a block of records to the sentences that are new in it."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, final

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.formats.record import Outcome, Record
from seq2seq_tfx.components.translation.job.blocks import Block
from seq2seq_tfx.components.translation.job.index import Index, Note
from seq2seq_tfx.components.translation.job.joining import joined
from seq2seq_tfx.components.translation.job.segments import Segmenter, Segments
from seq2seq_tfx.components.translation.job.store import Store
from seq2seq_tfx.schemas.errors import InputError

_KEY_BYTES = 16
"""Length of a sentence's digest: two of a billion have the same with a chance below 10 ** -20."""


class Plan(NamedTuple):
    """A block that knows its sentences."""

    block: Block
    segments: list[Segments | None]
    """Of each record; None for a dead one."""
    ids: dict[str, int]
    """Of every sentence in the block."""
    first_id: int
    """Of the first new sentence."""
    new: list[str]
    """Sentences that occur here first, in order."""
    stored: Mapping[str, Translation]
    """Those of them that the store knew."""
    end: int
    """Distinct sentences of the job up to here."""

    @property
    def wanted(self) -> list[str]:
        """What the engine is asked for."""
        return [sentence for sentence in self.new if sentence not in self.stored]


@final
class Planner:
    """Plans blocks, one after the other.

    Args:
        index: What occurred before.
        segmenter: Splits texts.
        max_characters: Of a record; a longer one is dead.
        store: What other jobs translated; None to leave it aside.
    """

    def __init__(self, index: Index, segmenter: Segmenter, max_characters: int, store: Store | None) -> None:
        self._index, self._segment, self._max_characters, self._store = index, segmenter, max_characters, store

    def plan(self, block: Block) -> Plan:
        """Find out which sentences of the next block are new.

        Raises:
            WorkError: If the index cannot be written.
        """
        segments = [None if self.problem(record) else self._segment(record.text) for record in block.records]
        distinct = dict.fromkeys(text for each in segments if each is not None for text in each.sentences)
        keys = {hashlib.blake2b(text.encode(), digest_size=_KEY_BYTES).digest(): text for text in distinct}
        known = self._index.known(list(keys))
        new = {key: text for key, text in keys.items() if key not in known}
        first = self._index.add(list(new))
        ids = {keys[key]: place for key, place in known.items()}
        ids.update((text, first + place) for place, text in enumerate(new.values()))
        sentences = list(new.values())
        stored = self._store.get(sentences) if self._store is not None else {}
        return Plan(block, segments, ids, first, sentences, stored, self._index.sentences)

    def problem(self, record: Record) -> str:
        """Why a record cannot be translated; empty where it can."""
        if record.problem or len(record.text) <= self._max_characters:
            return record.problem
        return f"a text may have {self._max_characters:,} characters (--max-characters), it has {len(record.text):,}"

    def refuse_dead(self, plan: Plan) -> None:
        """Refuse a block with a record that cannot be translated.

        Raises:
            InputError: If there is one.
        """
        dead = next((note for note in self.notes(plan) if note.kind == "dead"), None)
        if dead is not None:
            raise InputError(
                f"every record must be one that can be translated (--strict), but {dead.file}, line {dead.line}: "
                f"{dead.reason}; mend it, or leave --strict out"
            )

    def notes(self, plan: Plan) -> list[Note]:
        """What is to be known about a block's records."""
        found = []
        for place, (record, segments) in enumerate(zip(plan.block.records, plan.segments, strict=True)):
            if segments is None:
                found.append(_note(plan, place, "dead", record, self.problem(record)))
            elif segments.was_split:
                reason = f"more tokens than the model reads: translated in {len(segments.sentences)} pieces"
                found.append(_note(plan, place, "split", record, reason))
        return found


def truncation_notes(plan: Plan, outcomes: Sequence[Outcome | None]) -> list[Note]:
    """What is to be known about the translations of a block's records: which are not whole."""
    reason = "a translation stopped at its longest length (section decoding of the model), so its end is missing"
    return [
        _note(plan, place, "truncated", record, reason)
        for place, (record, found) in enumerate(zip(plan.block.records, outcomes, strict=True))
        if found is not None and found.truncated
    ]


def _note(plan: Plan, place: int, kind: str, record: Record, reason: str) -> Note:
    return Note(plan.block.first + place, kind, record.file, record.line, reason)


def outcome(segments: Segments | None, ids: Mapping[str, int], found: Mapping[int, Translation]) -> Outcome | None:
    """A record's translation, put together from those of its sentences."""
    if segments is None:
        return None
    return joined(segments, [found[ids[sentence]] for sentence in segments.sentences])
