"""Files in Beam's file systems, through one that lives in this process."""

import fnmatch
import gzip
import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.io.filesystem import CompressionTypes, FileMetadata, FileSystem

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

UPDATED = 1_000_000.0


class ScriptedFileSystem(FileSystem):
    """A file system of Beam's whose files are in a dictionary."""

    files: ClassVar[dict[str, bytes]] = {}
    updated: ClassVar[float] = UPDATED
    opened: ClassVar[list[str]] = []

    @classmethod
    def scheme(cls) -> str:
        return "scripted"

    def open(self, path: str, mime_type: str = "", compression_type: str = CompressionTypes.AUTO) -> Any:
        assert compression_type == CompressionTypes.UNCOMPRESSED
        if path.endswith("broken.tsv"):
            raise RuntimeError("the network is down")
        self.opened.append(path)
        return io.BytesIO(self.files[path])

    def exists(self, path: str) -> bool:
        return path in self.files

    def metadata(self, path: str) -> FileMetadata:
        return FileMetadata(path, len(self.files[path]), self.updated)

    def _list(self, dir_or_prefix: str) -> Iterator[FileMetadata]:
        return (self.metadata(path) for path in self.files if path.startswith(dir_or_prefix))

    def checksum(self, path: str) -> str:
        return str(len(self.files[path]) % 7)

    def has_dirs(self) -> bool:
        return False

    def _unused(self, *arguments: Any) -> Any:
        raise AssertionError(f"a corpus is only read, got {arguments}")

    join = split = mkdirs = create = copy = rename = size = last_updated = delete = _unused


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What lies in the file system."""
    given: dict[str, bytes] = {}
    monkeypatch.setattr(ScriptedFileSystem, "files", given)
    monkeypatch.setattr(ScriptedFileSystem, "opened", [])
    return given


def _read(directory: Path, **keys: Any) -> list[Row | UnreadableRow]:
    corpus = Corpus(name="demo", split="train", **keys)
    found = fingerprint_files([corpus], directory, directory / "memory.json", clock=lambda: UPDATED + 3600)
    return list(read_rows(corpus, [InputFile(file) for file in found]))


def test_compressed_files_of_a_pattern_are_read_and_known_by_content(tmp_path: Path, files: dict[str, bytes]) -> None:
    files["scripted://b/s-1.tsv.gz"] = gzip.compress(b"old\told\n")
    files["scripted://b/s-2.tsv.gz"] = gzip.compress(b"a\tA\n")
    assert _read(tmp_path, path="scripted://b/s-{SPAN}.tsv.gz") == [Row(0, "a", ("A",))]
    assert _read(tmp_path, path="scripted://b/s-*.tsv.gz")[1:] == [Row(1, "a", ("A",))]
    corpus = Corpus(name="demo", split="train", path="scripted://b/s-{SPAN}.tsv.gz")
    (file,) = fingerprint_files([corpus], tmp_path, tmp_path / "memory.json")
    assert file.path == "scripted://b/s-2.tsv.gz"
    assert file.sha256 == hashlib.sha256(files[file.path]).hexdigest()


def test_parquet_is_read_where_it_lies(tmp_path: Path, files: dict[str, bytes]) -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"en": ["a", "b"], "de": ["A", "B"]}), stream, row_group_size=1)
    files["scripted://b/p.parquet"] = stream.getvalue()
    rows = _read(tmp_path, path="scripted://b/p.parquet", columns=("en", "de"))
    assert rows == [Row(0, "a", ("A",)), Row(1, "b", ("B",))]


def test_a_file_is_read_for_its_sha256_only_when_it_was_written_again(
    tmp_path: Path, files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "scripted://b/p.tsv"
    files[path] = b"a\tA\n"
    corpus = Corpus(name="demo", split="train", path=path)

    def sha256() -> str:
        (file,) = fingerprint_files([corpus], tmp_path, tmp_path / "memory.json", clock=lambda: UPDATED + 3600)
        return file.sha256

    first = sha256()
    assert (sha256(), ScriptedFileSystem.opened) == (first, [path])
    files[path] = b"b\tB\n"
    monkeypatch.setattr(ScriptedFileSystem, "updated", UPDATED + 1)
    assert sha256() == hashlib.sha256(b"b\tB\n").hexdigest() != first
    files[path] = b"b\tBB\n"
    assert sha256() == hashlib.sha256(b"b\tBB\n").hexdigest()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("scripted://b/none.tsv", "scripted://b/none.tsv does not exist"),
        ("scripted://b/none-*.tsv", "no file matches scripted://b/none-*.tsv"),
        ("scripted://b/broken.tsv", "RuntimeError: the network is down"),
        ("s3://b/p.tsv", "install apache-beam[aws], or copy the file to this machine"),
        ("abfs://b/p.tsv", "install apache-beam[azure], or copy the file to this machine"),
        ("other://b/p.tsv", "it knows gs://, s3://, abfs://, abfss://, azfs://; copy the file to this machine"),
        ("hdfs://b/p.tsv", "its name node is an option of Beam, which no setting gives; copy"),
    ],
)
def test_the_path_is_named_when_it_cannot_be_opened(
    tmp_path: Path, files: dict[str, bytes], path: str, sentence: str
) -> None:
    files["scripted://b/broken.tsv"] = b"a\tA\n"
    with pytest.raises(CorpusError) as caught:
        _read(tmp_path, path=path)
    assert sentence in str(caught.value)
    assert fnmatch.fnmatch(str(caught.value), f"*{path.replace('*', '[*]')}*")


def test_beam_is_never_loaded_when_all_files_are_local(tmp_path: Path) -> None:
    (tmp_path / "p.tsv").write_bytes(b"a\tA\n")
    program = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2]); from corpus_files import read_corpus;"
        "from seq2seq_tfx.schemas.config.corpora import Corpus;"
        "print(len(read_corpus(Corpus(name='demo', split='train', path='*.tsv'), Path(sys.argv[1]))),"
        "      sorted({'apache_beam', 'tensorflow', 'tfx'} & sys.modules.keys()))"
    )
    tests = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), tests], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1 []"
