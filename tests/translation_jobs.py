"""Jobs of batch translation with an engine that answers at once, in every format."""

import bz2
import functools
import gzip
import hashlib
import io
import lzma
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from corpus_files import input_file
from typing_extensions import override

from seq2seq_tfx.components.corpus.readers.csv import CsvRecords
from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.choosing import default_column
from seq2seq_tfx.components.translation.formats.record import Columns
from seq2seq_tfx.components.translation.job.events import Events
from seq2seq_tfx.components.translation.job.identity import Making
from seq2seq_tfx.components.translation.job.running import Pace
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.translating import Model, Request, translate_job
from seq2seq_tfx.components.translation.manner import Alignment, Alternative
from seq2seq_tfx.schemas.config.translation import TranslationConfig

SUFFIXES = {"text": ".txt", "tsv": ".tsv", "csv": ".csv", "jsonl": ".jsonl", "parquet": ".parquet"}
BLOCK = 16


def translated(sentence: str) -> str:
    """What `Instant` says of a sentence: it tells which sentence it was, on one line."""
    return f"<{sentence[::-1]}>".replace("\n", " ")


class InBlocks(Engine):
    """Has small blocks, so that a small job has several."""

    @property
    @override
    def block(self) -> int:
        return BLOCK


class Around(Engine):
    """Another engine, to which something happens."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner

    @property
    @override
    def block(self) -> int:
        return self._inner.block


class Instant(InBlocks):
    """Answers at once, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for sentence in sentences:
            self.asked += 1
            yield Translation(translated(sentence), -len(sentence) / 8)


class Talkative(InBlocks):
    """Says a second translation of a sentence of two words or more, which words belong together, and what was cut."""

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for sentence in sentences:
            words = tuple(sentence.split())
            second = (Alternative(f"second {sentence}", -2.0 - len(words)),) if len(words) > 1 else ()
            links = tuple((i, len(words) - 1 - i) for i in range(len(words)))
            text = " ".join(reversed(words))
            alignment = Alignment(links, words, words[::-1])
            yield Translation(text, -1.0 * len(words), "cut" in words, second, alignment)


class Neighbourly(InBlocks):
    """As CTranslate2: what it says of a sentence depends on the sentences of its block."""

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for start in range(0, len(sentences), BLOCK):
            block = sentences[start : start + BLOCK]
            mark = hashlib.sha256("\0".join(block).encode()).hexdigest()[:6]
            yield from (Translation(f"{sentence} {mark}", 0.0) for sentence in block)


@dataclass(frozen=True)
class InstantModel(Model):
    """A model whose engine is given."""

    engine: Engine = field(default_factory=Instant)

    @property
    @override
    def loader(self) -> Callable[[], Engine]:
        return functools.partial(_itself, self.engine)


def _itself(engine: Engine) -> Engine:
    return engine


def model(engine: Engine | None = None, *, export_id: str = "instant", name: str = "saved_model") -> InstantModel:
    """A model of 40 characters a sentence at most."""
    making = Making(export_id=export_id, engine=name, engine_version="1", instruction_set="avx2", code_version="code")
    segmenter = Segmenter(len, 40, ("en", "de"))
    return InstantModel(Path("export"), {}, TranslationConfig(), making, segmenter, engine=engine or Instant())


def request(inputs: Path | Sequence[Path], output: Path | str, kind: str, **more: Any) -> Request:
    """A request with small blocks."""
    paths = [inputs] if isinstance(inputs, Path) else inputs
    columns = more.pop("columns", Columns("text" if kind == "csv" else default_column(kind)))
    more = {"block_records": 64, "pace": Pace(), **more}
    return Request([str(path) for path in paths], str(output), kind, columns, **more)


def job(wanted: Request, with_model: Model | None = None, given: bytes = b"") -> dict[str, Any]:
    """Do a job; standard output is lost."""
    return translate_job(wanted, with_model or model(), Events(None), io.BytesIO(given), io.BytesIO())


def write(path: Path, kind: str, texts: Sequence[str]) -> Path:
    """Texts in a format, with further columns; compressed as the name says."""
    if kind == "parquet":
        sources = pa.array(texts, pa.string())
        columns = {"id": list(range(len(texts))), "source": sources, "tags": [["x"]] * len(texts)}
        pq.write_table(pa.table(columns), path, 97)
        return path
    lines = [_line(kind, number, text) for number, text in enumerate(texts)]
    head = "id,text\n" if kind == "csv" else ""
    path.write_bytes(packed((head + "".join(lines)).encode(), path.suffix))
    return path


def _line(kind: str, number: int, text: str) -> str:
    if kind == "tsv":
        return f"{text}\t{number}\n"
    if kind == "csv":
        doubled = text.replace('"', '""')
        return f'{number},"{doubled}"\n'
    if kind == "jsonl":
        return orjson.dumps({"id": number, "source": text}).decode() + "\n"
    return f"{text}\n"


def packed(content: bytes, suffix: str) -> bytes:
    """Content as a file of the suffix holds it."""
    kinds: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
        ".zst": zstandard.compress,
    }
    return kinds[suffix](content) if suffix in kinds else content


def unpacked(path: Path) -> bytes:
    """A file's plain bytes."""
    content = path.read_bytes()
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True).read()
    kinds: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.decompress,
        ".bz2": bz2.decompress,
        ".xz": lzma.decompress,
    }
    return kinds[path.suffix](content) if path.suffix in kinds else content


def read(path: Path, kind: str) -> list[tuple[Any, Any]]:
    """The output's records: the translation, and the number that was beside the text (the record's place in text)."""
    if kind == "parquet":
        rows = pq.read_table(path).to_pylist()
        return [(row["translation"], row["id"]) for row in rows]
    content = unpacked(path).decode()
    if kind == "text":
        return list(zip(content.split("\n")[:-1], range(content.count("\n")), strict=True))
    if kind == "jsonl":
        rows = [orjson.loads(line) for line in content.split("\n")[:-1]]
        return [(row["translation"], row.get("id")) for row in rows]
    if kind == "tsv":
        cells = [line.split("\t") for line in content.split("\n")[:-1]]
        return [(cell[-1], int(cell[1]) if cell[1] else None) for cell in cells]
    return _csv(path)


def _csv(path: Path) -> list[tuple[Any, Any]]:
    fields = [record.fields for record in CsvRecords(input_file(path))]
    assert fields[0] == ["id", "text", "translation"]
    return [(each[2], int(each[0]) if each[0] else None) for each in fields[1:]]
