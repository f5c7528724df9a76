"""What comes from web pages and mails: tags, URLs, addresses."""

import re
from typing import Final

import numpy as np
import re2

from seq2seq_tfx.components.corpus.rules.batch import Batch, Column, Flags
from seq2seq_tfx.components.corpus.rules.rule import Check, each_side

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
# RE2, because a long word is no address in many places, which takes a backtracking search quadratic time.
_ADDRESS: Final = re2.compile(
    r"(?i)(?:\b(?:https?|ftp)://|\bwww\.)[^\s<>\"]+|[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+"
)


def tags(text: str) -> float:
    """How many HTML or XML tags a text has, opening or closing.

    Example:
        >>> tags("<b>a dog</b> < 3")
        2.0
    """
    return float(len(_TAG.findall(text)))


def address_share(text: str) -> float:
    """Which share of the characters belongs to URLs and e-mail addresses; 0 of none.

    Example:
        >>> address_share("see www.example.org")
        0.7894736842105263
    """
    return sum(map(len, _ADDRESS.findall(text))) / len(text) if text else 0.0


def _tag_suspects(batch: Batch, limit: float) -> Flags:
    return batch.either(lambda column: column.has(column.codes == ord("<")))


def _address_suspects(batch: Batch, limit: float) -> Flags:
    return batch.either(_may_hold_address)


def _may_hold_address(column: Column) -> Flags:
    """The rows with `@`, `:/` or `w.`."""
    codes = column.codes
    flags: Flags = codes == ord("@")
    pairs = ((codes[:-1] == ord(":")) & (codes[1:] == ord("/"))) | (
        ((codes[:-1] | 0x20) == ord("w")) & (codes[1:] == ord("."))
    )
    flags[:-1] |= pairs
    return column.has(flags) if flags.any() else np.zeros(len(column.texts), np.bool_)


MARKUP: Final = Check(each_side(tags), _tag_suspects)
ADDRESSES: Final = Check(each_side(address_share), _address_suspects)
