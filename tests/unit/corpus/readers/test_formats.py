"""Every format under every compression gives the pairs of the plain text; several files are read as one."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import zstandard
from corpus_files import COMPRESSORS, WRITERS, Pairs, generated_pairs, input_file, read_corpus, stored, write_lines

from seq2seq_tfx.components.corpus.readers import reading
from seq2seq_tfx.components.corpus.readers.rows import Row
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.formats import FORMATS, Format
from seq2seq_tfx.schemas.errors import CorpusError

PAIRS = [
    *generated_pairs(700),
    ('AT&T <b> "said", 5\' 1"', "a\u2028b\x85c \U0001f600"),
    (" blanks  stay ", "\u00e9\u0301"),
]
CASES = [(kind, suffix) for kind in WRITERS for suffix in COMPRESSORS if not (kind == "parquet" and suffix)]


@pytest.mark.parametrize(("kind", "suffix"), CASES)
def test_a_format_gives_the_pairs_of_plain_text(tmp_path: Path, kind: str, suffix: str) -> None:
    corpus = WRITERS[kind](tmp_path, PAIRS, suffix)
    assert corpus.resolved_format() == kind.partition(" ")[0]
    rows = read_corpus(corpus, tmp_path)
    assert rows == [Row(number, source, (target,)) for number, (source, target) in enumerate(PAIRS)]
    plain = tmp_path / "plain"
    plain.mkdir()
    assert rows == read_corpus(write_lines(plain, PAIRS, ""), plain)


def test_every_format_of_the_configuration_has_a_reader() -> None:
    assert list(get_args(Format)) == list(FORMATS) == list(reading._READERS)


@pytest.mark.parametrize("kind", WRITERS)
def test_all_of_a_file_is_consumed_and_counted_when_it_is_read(tmp_path: Path, kind: str) -> None:
    corpus = WRITERS[kind](tmp_path, PAIRS, "")
    sides = {"source": corpus.source, "target": corpus.target} if corpus.path is None else {"pairs": corpus.path}
    files = [input_file(tmp_path / str(name), side) for side, name in sides.items()]
    assert len(list(reading.read_rows(corpus, files))) == len(PAIRS)
    for file in files:
        assert file.consumed_bytes == Path(file.file.path).stat().st_size
        assert file.records == len(PAIRS)


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind != "lines"])
def test_a_changed_file_is_named_when_it_is_not_the_fingerprinted_one(tmp_path: Path, kind: str) -> None:
    corpus = WRITERS[kind](tmp_path, PAIRS, "")
    sides = {"source": corpus.source, "target": corpus.target} if corpus.path is None else {"pairs": corpus.path}
    files = [input_file(tmp_path / str(name), side) for side, name in sides.items()]
    WRITERS[kind](tmp_path, [*PAIRS[:-1], ("other", "text")], "")
    with pytest.raises(CorpusError, match=rf"{tmp_path}/p\S* must not change during a run"):
        list(reading.read_rows(corpus, files))


def _split_over_files(directory: Path, writer: Callable[[Path, Pairs, str], Corpus]) -> Corpus:
    """The pairs in three folders, and the corpus that names them all."""
    for number, (start, end) in enumerate([(0, 300), (300, 301), (301, len(PAIRS))]):
        folder = directory / f"part-{number}"
        folder.mkdir()
        corpus = writer(folder, PAIRS[start:end], "")
    keys = ("source", "target", "path")
    names = {key: f"part-*/{getattr(corpus, key)}" for key in keys if getattr(corpus, key)}
    return corpus.model_copy(update=names)


@pytest.mark.parametrize("kind", WRITERS)
def test_numbers_run_on_over_files_when_a_glob_matches_several(tmp_path: Path, kind: str) -> None:
    rows = read_corpus(_split_over_files(tmp_path, WRITERS[kind]), tmp_path)
    assert rows == [Row(number, source, (target,)) for number, (source, target) in enumerate(PAIRS)]


def test_the_pair_of_files_is_named_when_one_of_several_is_short(tmp_path: Path) -> None:
    for name, content in {"1.en": "a\n", "1.de": "A\n", "2.en": "b\nc\n", "2.de": "B\n"}.items():
        (tmp_path / name).write_text(content)
    corpus = Corpus(name="demo", split="train", source="*.en", target="*.de")
    with pytest.raises(
        CorpusError, match=f"{tmp_path}/2.en has 2, {tmp_path}/2.de has 1; .* line 2 of {tmp_path}/2.en"
    ):
        read_corpus(corpus, tmp_path)


def test_the_corpus_is_named_when_sides_have_different_numbers_of_files(tmp_path: Path) -> None:
    files = [input_file(stored(tmp_path / name, b"a\n"), side) for name, side in (("1", "source"), ("2", "source"))]
    corpus = Corpus(name="demo", split="train", source="-", target="-")
    with pytest.raises(CorpusError, match="must have the same number of files, but source has 2, target has 1"):
        list(reading.read_rows(corpus, [*files, input_file(tmp_path / "1", "target")]))


@pytest.mark.parametrize("suffix", [suffix for suffix in COMPRESSORS if suffix])
def test_members_after_members_and_padding_are_read_when_archives_were_joined(tmp_path: Path, suffix: str) -> None:
    parts = [COMPRESSORS[suffix](text) for text in (b"a\tA\nb", b"\tB\n", b"c\tC\n")]
    (tmp_path / f"p.tsv{suffix}").write_bytes(b"".join(parts) + (b"\0" * 8 if suffix in (".gz", ".xz") else b""))
    rows = read_corpus(Corpus(name="demo", split="train", path=f"p.tsv{suffix}"), tmp_path)
    assert [row.source for row in rows if isinstance(row, Row)] == ["a", "b", "c"]


@pytest.mark.parametrize("kind", ["lines", "tsv", "csv", "tmx", "jsonl", "sgm"])
@pytest.mark.parametrize("suffix", [suffix for suffix in COMPRESSORS if suffix])
def test_the_error_names_file_and_rows_read_when_an_archive_is_cut(tmp_path: Path, kind: str, suffix: str) -> None:
    corpus = WRITERS[kind](tmp_path, generated_pairs(30_000 if suffix == ".bz2" else 8000), suffix)
    cut = tmp_path / str(corpus.source or corpus.path)
    cut.write_bytes(cut.read_bytes()[: -cut.stat().st_size // 4])
    with pytest.raises(CorpusError) as caught:
        read_corpus(corpus, tmp_path)
    name = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstandard"}[suffix]
    assert f"{cut} must be a whole {name} file, but it is cut off or damaged after " in str(caught.value)
    count = int(str(caught.value).partition("damaged after ")[2].partition(" rows")[0].replace(",", ""))
    assert count == 0 if kind == "sgm" else 100 < count < 30_000


@pytest.mark.parametrize("suffix", [suffix for suffix in COMPRESSORS if suffix])
def test_rows_before_the_damage_are_counted_exactly_when_a_file_is_cut(tmp_path: Path, suffix: str) -> None:
    whole = COMPRESSORS[suffix](b"a\tA\n" * 1000)
    (tmp_path / f"p.tsv{suffix}").write_bytes(whole + COMPRESSORS[suffix](b"b\tB\n")[:-3])
    with pytest.raises(CorpusError, match=r"damaged after 1,00[01] rows were read"):
        read_corpus(Corpus(name="demo", split="train", path=f"p.tsv{suffix}"), tmp_path)


@pytest.mark.parametrize(
    ("claimed", "actual"), [(".gz", ""), (".gz", ".xz"), ("", ".gz"), (".zst", ".bz2"), ("", ".zst")]
)
def test_the_error_says_what_the_file_is_when_its_name_says_otherwise(
    tmp_path: Path, claimed: str, actual: str
) -> None:
    path = tmp_path / f"p.tsv{claimed}"
    path.write_bytes(COMPRESSORS[actual](b"a\tA\n"))
    with pytest.raises(CorpusError) as caught:
        read_corpus(Corpus(name="demo", split="train", path=path.name), tmp_path)
    wanted = f"give it a name that ends in {actual}" if actual else "does not begin like a gzip file"
    assert f"{path} must be stored as its name says" in str(caught.value) and wanted in str(caught.value)


@pytest.mark.parametrize("suffix", [suffix for suffix in COMPRESSORS if suffix])
def test_a_damaged_byte_is_an_error_that_names_the_file_when_it_is_compressed(tmp_path: Path, suffix: str) -> None:
    text = b"".join(f"{n}\t{n * n}\n".encode() for n in range(5000))
    checked = zstandard.ZstdCompressor(write_checksum=True).compress(text)  # gzip, bzip2 and xz always have a checksum
    content = bytearray(checked if suffix == ".zst" else COMPRESSORS[suffix](text))
    content[len(content) // 2] ^= 0x10
    path = tmp_path / f"p.tsv{suffix}"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=f"{path} must be a whole"):
        read_corpus(Corpus(name="demo", split="train", path=path.name), tmp_path)
