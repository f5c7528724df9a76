"""Section `cleaning`: which training pairs are dropped."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class CleaningConfig(Section):
    """Which training pairs are dropped (eval and test sets are the user's: never dropped)."""

    unreadable: Literal["fail", "reject"] = "fail"
    """What a row that is not UTF-8 or lacks a column does: fail the run, or be counted and left out (training only)."""
    max_unreadable_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.01
    """With `unreadable: reject`, the largest share of a corpus's rows that may be left out."""
    empty: bool = True
    """Drop pairs with an empty side."""
    max_characters: Annotated[int, Field(ge=1)] = 2000
    """Drop pairs with a longer side."""
    duplicates: Literal["none", "exact", "near"] = "exact"
    """Drop pairs that stand earlier in the corpora: exactly, or but for case, punctuation and digits."""
    samples: Annotated[int, Field(ge=0, le=100)] = 5
    """Pairs that the ledger shows for each rule and corpus; 0 keeps no text."""
