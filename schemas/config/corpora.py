"""Section `corpora`: the parallel corpora, and the monolingual ones."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.formats import Format, format_of, layout_of
from seq2seq_tfx.schemas.config.section import Name, Section
from seq2seq_tfx.schemas.config.vocabulary import Symbol

Column = Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)]


class Corpus(Section):
    """One parallel corpus: files that hold a side each, or files that hold both sides; or a monolingual one.

    Every file may be plain or gzip, bzip2, xz or zstandard (.gz, .bz2, .xz, .zst). A name with `*`, `?` or `[...]`
    stands for all files that match, in sorted order; `{SPAN}` and `{VERSION}` in it for the newest span's newest
    version.
    """

    name: Name
    """Unique; part of every pair's id."""
    kind: Literal["parallel", "monolingual"] = "parallel"
    """monolingual: sentences of one side, in `path`. Pre-training reads them, and the vocabulary if it is told to;
    never the training of translation, nor eval and test."""
    side: Literal["source", "target"] | None = None
    """monolingual: which side's language it is in."""
    split: Literal["train", "eval", "test", "auto"]
    """Which split its pairs go to; `auto` decides by a hash of the source sentence. monolingual: train."""
    source: str | None = None
    """File of source sentences: a sentence a line, or SGM."""
    target: str | tuple[str, ...] | None = None
    """File of translations, line by line; eval and test corpora may name several references."""
    path: str | None = None
    """File that holds both sides, in place of source and target: TSV, CSV, TMX, JSON Lines, Parquet, or WMT's XML.
    monolingual: the file, one of these (XML apart), or a sentence a line."""
    format: Literal["auto"] | Format = "auto"
    """How the files are written; `auto` goes by the suffix (.tsv, .tab, .txt, .csv, .tmx, .jsonl, .ndjson, .parquet,
    .sgm, .sgml, .xml), and takes source and target with another one for `lines`. monolingual: .txt, and any other
    suffix, stands for `lines`."""
    columns: tuple[Column, Column] = (0, 1)
    """For `path`: the columns of source and target, by number from 0, or by name, which a TSV or CSV file has in its
    first row; keys of JSON Lines (`translation.en` goes into an object); for TMX the language codes (by default the
    pipeline's).
    """
    column: Column = 0
    """monolingual: the one column, named or numbered as `columns` are; for TMX the language code (by default the
    side's)."""
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
        names = (self.source or "",) if self.path is None else (self.path,)
        return format_of(self.format, names, layout_of(self.kind, one_file=self.path is not None))

    @property
    def text_columns(self) -> tuple[Column, ...]:
        """The columns that hold texts: source and target, or the one of a monolingual corpus."""
        return self.columns if self.side is None else (self.column,)

    @property
    def columns_key(self) -> str:
        """The key that names them."""
        return "columns" if self.side is None else "column"
