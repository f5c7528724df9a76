"""Blocks: which records are worked on together, by their numbers and lengths alone."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from seq2seq_tfx.components.translation.formats.record import Record

BLOCK_RECORDS: Final = 8192
BLOCK_CHARACTERS: Final = 1 << 23
"""A block ends early when its texts have so many characters: it bounds memory."""


class Block(NamedTuple):
    """Records that follow each other."""

    number: int
    """From 0."""
    first: int
    """Number of its first record in the job, from 0."""
    records: list[Record]


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
        characters += len(record.text)
        if len(block) == size or characters >= BLOCK_CHARACTERS:
            yield Block(number, first, block)
            number, first = number + 1, first + len(block)
            block, characters = [], 0
    if block:
        yield Block(number, first, block)
