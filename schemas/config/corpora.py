"""Section `corpora`: the parallel corpora."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Name, Section


class Corpus(Section):
    """One parallel corpus: two files with a sentence a line, or one tab-separated file."""

    name: Name
    """Unique; part of every pair's id."""
    split: Literal["train", "eval", "test", "auto"]
    """Which split its pairs go to; `auto` decides by a hash of the source sentence."""
    source: str | None = None
    """File of source sentences (plain or .gz)."""
    target: str | tuple[str, ...] | None = None
    """File of translations, line by line; eval and test corpora may name several references."""
    path: str | None = None
    """A tab-separated file that holds both sides (plain or .gz), in place of source and target."""
    columns: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 1)
    """For `path`: the columns of source and target, counted from 0."""
    domain: str = ""
    """A label to slice scores by."""
    tag: str | None = None
    """Put before every source, with a space (`<BT>`), after cleaning and splitting, in every split."""
