"""What every format of batch translation is: it reads records, and writes each again with its translation."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, Protocol

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.translation.formats.packing import PACKERS, pack
from seq2seq_tfx.components.translation.manner import Alignment, Alternative


class Record(NamedTuple):
    """One record of the inputs."""

    raw: Any
    """What its format needs to write the record again, as far as it could be read."""
    text: str
    """What is to be translated."""
    file: str
    line: int
    """Place in the file, from 1; in Parquet the row."""
    problem: str = ""
    """Why it cannot be translated; empty where it can."""


class Outcome(NamedTuple):
    """What became of one record; as of the `Translation` of one sentence."""

    text: str
    score: float
    truncated: bool | None = None
    """Whether a part of it was cut, as in `Translation`."""
    others: tuple[Alternative, ...] = ()
    alignment: Alignment | None = None
    flags: tuple[str, ...] = ()


class Columns(NamedTuple):
    """Which column is translated, and which are added."""

    source: int | str
    """Number, from 0, of a file without column names; or a name."""
    translation: str = "translation"
    score: str = ""
    """Name of the scores' column; empty where there is none."""
    n_best: int = 1
    """Translations of each record."""
    alignments: bool = False
    """Whether there are columns of subwords and of what belongs together."""
    flags: str = ""
    """Name of the column of what is wrong with a translation; empty where there is none."""


class Encoder(Protocol):
    """What writes a job's blocks."""

    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        """See `Format`."""
        ...


class Format(ABC):
    """One format. The bytes of a block of records depend on these records and their outcomes alone.

    Args:
        columns: What is translated.
        suffix: How the output is compressed: `.gz`, `.bz2`, `.xz`, `.zst`, or empty.
    """

    def __init__(self, columns: Columns, suffix: str = "") -> None:
        self.columns, self.suffix = columns, suffix

    @abstractmethod
    def read(self, files: Sequence[InputFile]) -> Iterator[Record]:
        """Read all records, one file after the other.

        Raises:
            CorpusError: If a file cannot be read, is no file of the format, or has no such column.
        """

    @abstractmethod
    def encode(self, records: Sequence[Record], outcomes: Sequence[Outcome | None]) -> bytes:
        """A block as `assemble` takes it.

        Args:
            records: As they were read.
            outcomes: Of each of them; None where the output is to be empty.
        """

    def assemble(self, blocks: Iterable[bytes], stream: BinaryIO) -> None:
        """Write a whole output file, once the inputs have been read.

        Args:
            blocks: What `encode` gave, in order.
            stream: Where to.
        """
        empty = stream.write(pack(self.head(), self.suffix)) == 0
        for block in blocks:
            empty = stream.write(block) == 0 and empty
        if empty:
            stream.write(PACKERS[self.suffix](b""))  # a file of no bytes is none that a decompressor takes

    def head(self) -> bytes:
        """What stands before the first record."""
        return b""


def one_line(text: str) -> str:
    """A text that a line can hold.

    Example:
        >>> one_line("a\\nb")
        'a b'
    """
    return text.replace("\n", " ") if "\n" in text else text
