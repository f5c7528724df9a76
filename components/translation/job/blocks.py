"""Blocks: which records are worked on together, by their numbers and lengths alone."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from seq2seq_tfx.components.translation.formats.record import Record

BLOCK_RECORDS: Final = 8192
BLOCK_CHARACTERS: Final = 1 << 23
"""A block ends early when its records have so many characters: it bounds memory."""
_DIGEST_BYTES: Final = 16


class Block(NamedTuple):
    """Records that follow each other."""

    number: int
    """From 0."""
    first: int
    """Number of its first record in the job, from 0."""
    records: list[Record]

    @property
    def digest(self) -> str:
        """Of what was read, as far as it is text; with a problem, of that."""
        digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
        for record in self.records:
            for part in _texts(record):
                encoded = part.encode()
                digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest()


def cut(records: Iterable[Record], size: int = BLOCK_RECORDS) -> Iterator[Block]:
    """Cut the job's records into blocks.

    Args:
        records: All of them, from the first.
        size: Records of a block.
    """
    number = first = characters = 0
    block: list[Record] = []
    for record in records:
        block.append(record)
        characters += sum(map(len, _texts(record)))
        if len(block) == size or characters >= BLOCK_CHARACTERS:
            yield Block(number, first, block)
            number, first = number + 1, first + len(block)
            block, characters = [], 0
    if block:
        yield Block(number, first, block)


def _texts(record: Record) -> tuple[str, ...]:
    """What a record holds in memory: its whole line, all its fields, or, where these are not texts, its text."""
    if isinstance(record.raw, str):
        return (record.raw,)
    if isinstance(record.raw, list):
        return (*record.raw, record.problem)
    return (record.text, record.problem)
