"""Corpora written in every format and compression, and read back."""

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.components.quickstart.grammar import Grammar
from seq2seq_tfx.schemas.config.corpora import Corpus

Pairs = Sequence[tuple[str, str]]

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}


def stored(path: Path, content: bytes) -> Path:
    """Write a file, compressed as its name says."""
    path.write_bytes(COMPRESSORS.get(path.suffix, bytes)(content))
    return path


def input_file(path: Path, side: str = "pairs") -> InputFile:
    """A file as the stage gives it to a reader."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return InputFile(CorpusFile(corpus="demo", side=side, path=str(path), sha256=digest))


def read_corpus(corpus: Corpus, directory: Path) -> list[Row | UnreadableRow]:
    """Find a corpus's files, know them by content, and read them."""
    files = fingerprint_files([corpus], directory, directory / "memory.json")
    return list(read_rows(corpus, [InputFile(file) for file in files]))


def read_content(name: str, content: bytes, directory: Path, **keys: object) -> list[Row | UnreadableRow]:
    """Read one file of this name and content that holds both sides."""
    stored(directory / name, content)
    return read_corpus(Corpus.model_validate({"name": "demo", "split": "train", "path": name, **keys}), directory)


@cache
def generated_pairs(count: int, seed: int = 1) -> tuple[tuple[str, str], ...]:
    """Pairs of the quickstart's grammar."""
    grammar = Grammar(seed)
    sentences = (grammar.sentence() for _ in range(count))
    return tuple((source, target) for source, target, _ in sentences)


def write_lines(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """Two files with a sentence a line."""
    for side, name in enumerate(("p.en", "p.es")):
        stored(directory / f"{name}{suffix}", "".join(f"{pair[side]}\n" for pair in pairs).encode())
    return Corpus(name="demo", split="train", source=f"p.en{suffix}", target=f"p.es{suffix}")


def write_tsv(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """Target before source, with a column between."""
    stored(directory / f"p.tsv{suffix}", "".join(f"{target}\tx\t{source}\n" for source, target in pairs).encode())
    return Corpus(name="demo", split="train", path=f"p.tsv{suffix}", columns=(2, 0))


def write_csv(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """With a header, every other field in quotation marks, and CRLF."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    rows = [f"{number},{quoted(source)},{quoted(target)}\r\n" for number, (source, target) in enumerate(pairs)]
    stored(directory / f"p.csv{suffix}", ("id,en,es\r\n" + "".join(rows)).encode())
    return Corpus(name="demo", split="train", path=f"p.csv{suffix}", columns=("en", "es"))


def write_tmx(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """With a document type, a third language, and codes of regions."""
    units = [
        f'<tu tuid="{number}"><tuv xml:lang="fr"><seg>?</seg></tuv>\n'
        f'<tuv lang="ES_mx"><seg>{escape(target)}</seg></tuv>'
        f'<tuv xml:lang="EN-us"><prop type="x">y</prop><seg>{escape(source)}</seg></tuv></tu>\n'
        for number, (source, target) in enumerate(pairs)
    ]
    head = '<?xml version="1.0"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4"><header srclang="en"/><body>\n'
    stored(directory / f"p.tmx{suffix}", f"{head}{''.join(units)}</body></tmx>\n".encode())
    return Corpus(name="demo", split="train", path=f"p.tmx{suffix}", columns=("en", "es"))


def write_jsonl(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """Objects in objects."""
    rows = [orjson.dumps({"id": 1, "translation": {"es": target, "en": source}}) + b"\n" for source, target in pairs]
    stored(directory / f"p.jsonl{suffix}", b"".join(rows))
    return Corpus(name="demo", split="train", path=f"p.jsonl{suffix}", columns=("translation.en", "translation.es"))


def write_parquet(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """Many row groups, and a column beside."""
    assert not suffix
    columns = {"es": [target for _, target in pairs], "id": range(len(pairs)), "en": [source for source, _ in pairs]}
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), directory / "p.parquet", 97)
    return Corpus(name="demo", split="train", path="p.parquet", columns=("en", "es"))


def write_sgm(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """Two files of two documents; the references' documents come in another order."""
    middle = len(pairs) // 2
    documents = (("a", pairs[:middle]), ("b", pairs[middle:]))
    for side, kind in enumerate(("srcset", "refset")):
        text = "".join(
            f'<DOC docid="{name}" genre=news>\n<p>\n'
            + "".join(f'<seg id="{n}">{escape(pair[side])}</seg>\n' for n, pair in enumerate(part, start=1))
            + "</p>\n</DOC>\n"
            for name, part in (documents if side == 0 else documents[::-1])
        )
        stored(directory / f"p.{side}.sgm{suffix}", f'<{kind} setid="x">\n{text}</{kind}>\n'.encode())
    return Corpus(name="demo", split="train", source=f"p.0.sgm{suffix}", target=f"p.1.sgm{suffix}")


def write_xml(directory: Path, pairs: Pairs, suffix: str) -> Corpus:
    """The newer XML of WMT: both sides in one file."""
    sides = [
        "".join(f'<p><seg id="{n}">{escape(pair[side])}</seg></p>\n' for n, pair in enumerate(pairs, start=1))
        for side in (0, 1)
    ]
    text = (
        '<?xml version="1.0"?>\n<dataset id="x"><collection id="y"><doc id="a" origlang="en">'
        f'<src lang="en">{sides[0]}</src><ref lang="es" translator="A">{sides[1]}</ref></doc></collection></dataset>'
    )
    stored(directory / f"p.xml{suffix}", text.encode())
    return Corpus(name="demo", split="train", path=f"p.xml{suffix}")


WRITERS: dict[str, Callable[[Path, Pairs, str], Corpus]] = {
    "lines": write_lines,
    "tsv": write_tsv,
    "csv": write_csv,
    "tmx": write_tmx,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "sgm": write_sgm,
    "sgm as xml": write_xml,
}

MIXED_SUFFIXES = {"lines": ".zst", "tsv": ".gz", "csv": ".bz2", "tmx": ".xz", "jsonl": ".gz"}


def write_mixed(directory: Path, given: Mapping[str, Pairs]) -> str:
    """Each part in the format of its name (of `WRITERS`, `-` for a space), in a folder of its own.

    Returns:
        The entries of the section `corpora`, for a configuration that lies in `directory`.
    """
    entries = []
    for name, part in given.items():
        kind, folder = name.replace("-", " "), directory / name
        folder.mkdir()
        corpus = WRITERS[kind](folder, part, MIXED_SUFFIXES.get(kind, ""))
        keys = {"source": corpus.source, "target": corpus.target, "path": corpus.path}
        files = ", ".join(f"{key}: {name}/{value}" for key, value in keys.items() if value)
        columns = f", columns: [{corpus.columns[0]}, {corpus.columns[1]}]" if corpus.columns != (0, 1) else ""
        entries.append(f"  - {{name: {name}, split: auto, {files}{columns}}}\n")
    return "".join(entries)
