"""Every format gives the sentences of one column; what is no text there is an unreadable row."""

from pathlib import Path

import pytest
from corpus_files import COMPRESSORS, WRITERS, generated_pairs, read_corpus, stored

from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError

PAIRS = [*generated_pairs(300), ('a "quoted", one', "u\u2028v"), (" blanks ", " ")]
KINDS = ("tsv", "csv", "tmx", "jsonl", "parquet")


def monolingual(path: str, column: int | str = 0) -> Corpus:
    return Corpus(name="demo", kind="monolingual", side="target", split="train", path=path, column=column)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_every_format_gives_its_sentences(tmp_path: Path, kind: str) -> None:
    parallel = WRITERS[kind](tmp_path, PAIRS, "" if kind == "parquet" else ".gz")
    for side, column in enumerate(parallel.columns):
        rows = read_corpus(monolingual(str(parallel.path), column), tmp_path)
        assert rows == [Row(number, pair[side], ()) for number, pair in enumerate(PAIRS)]


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_lines_of_several_files_are_sentences(tmp_path: Path, suffix: str) -> None:
    for name, part in (("1", PAIRS[:100]), ("2", PAIRS[100:])):
        stored(tmp_path / f"news-{name}.es{suffix}", "".join(f"{target}\n" for _, target in part).encode())
    rows = read_corpus(monolingual(f"news-*.es{suffix}"), tmp_path)
    assert rows == [Row(number, target, ()) for number, (_, target) in enumerate(PAIRS)]


@pytest.mark.parametrize(
    ("name", "content", "column", "problem"),
    [
        ("a.txt", b"fine\nno \xff\n", 0, "line 2: byte 0xff"),
        ("a.tsv", b"a\tfine\nb\n", 1, "line 2: 2 tab-separated columns are needed, it has 1"),
        ("a.csv", b"id,text\n1,fine\n2\n", "text", "line 3: 2 comma-separated fields are needed, it has 1"),
        (
            "a.jsonl",
            b'{"text": "fine"}\n{"text": null}\n',
            "text",
            "line 2: a text is needed in 'text', but there is null",
        ),
    ],
)
def test_a_row_without_the_text_is_unreadable(
    tmp_path: Path, name: str, content: bytes, column: int | str, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    first, second = read_corpus(monolingual(name, column), tmp_path)
    assert first == Row(0, "fine", ())
    assert isinstance(second, UnreadableRow) and problem in second.problem


def test_the_key_to_correct_is_named_when_the_column_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,fine\n")
    with pytest.raises(
        CorpusError, match=r"the column 'body' of corpus 'demo' once, .* columns: id, text; correct `column`"
    ):
        read_corpus(monolingual("a.csv", "body"), tmp_path)
