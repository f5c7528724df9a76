"""Section `corpora`: the parallel corpora."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.formats import Format, format_of
from seq2seq_tfx.schemas.config.section import Name, Section
from seq2seq_tfx.schemas.config.vocabulary import Symbol

Column = Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)]


class Corpus(Section):
    """One parallel corpus: files that hold a side each, or files that hold both sides.

    Every file may be plain or gzip, bzip2, xz or zstandard (.gz, .bz2, .xz, .zst). A name with `*`, `?` or `[...]`
    stands for all files that match, in sorted order; `{SPAN}` and `{VERSION}` in it for the newest span's newest
    version.
    """

    name: Name
    """Unique; part of every pair's id."""
    split: Literal["train", "eval", "test", "auto"]
    """Which split its pairs go to; `auto` decides by a hash of the source sentence."""
    source: str | None = None
    """File of source sentences: a sentence a line, or SGM."""
    target: str | tuple[str, ...] | None = None
    """File of translations, line by line; eval and test corpora may name several references."""
    path: str | None = None
    """File that holds both sides, in place of source and target: TSV, CSV, TMX, JSON Lines, Parquet, or WMT's XML."""
    format: Literal["auto"] | Format = "auto"
    """How the files are written; `auto` goes by the suffix (.tsv, .tab, .txt, .csv, .tmx, .jsonl, .ndjson, .parquet,
    .sgm, .sgml, .xml), and takes source and target with another one for `lines`."""
    columns: tuple[Column, Column] = (0, 1)
    """For `path`: the columns of source and target, by number from 0, or by name, which a TSV or CSV file has in its
    first row; keys of JSON Lines (`translation.en` goes into an object); for TMX the language codes (by default the
    pipeline's).
    """
    domain: str = ""
    """A label to slice scores by."""
    tag: Symbol | None = None
    """Put before every source, with a space, after cleaning and splitting, in every split: as in `<BT>` for text that a
    machine translated back, or `<2es>` for a target language. It is one piece of the vocabulary."""

    def resolved_format(self) -> Format | None:
        """The format, `auto` resolved; None if the suffix is not known.

        Example:
            >>> Corpus(name="demo", split="train", path="demo.tmx.gz").resolved_format()
            'tmx'
        """
        sides = (self.source or "",)
        return format_of(self.format, sides if self.path is None else (self.path,), one_file=self.path is not None)
