"""Streaming: what a reader holds does not grow with the file."""

import tracemalloc
from pathlib import Path

import pytest
from corpus_files import WRITERS, input_file

from seq2seq_tfx.components.corpus.readers.reading import read_rows

PAIR = ("a dog that barks at the moon " * 4, "un perro que ladra a la luna " * 4)
PAIRS = 100_000
LARGEST_BYTES = 12 << 20


@pytest.mark.parametrize(
    ("kind", "suffix"), [("tsv", ".gz"), ("csv", ".zst"), ("jsonl", ".bz2"), ("tmx", ".xz"), ("lines", "")]
)
def test_a_reader_holds_some_blocks_only_however_long_the_file_is(tmp_path: Path, kind: str, suffix: str) -> None:
    corpus = WRITERS[kind](tmp_path, [PAIR] * PAIRS, suffix)
    sides = {"source": corpus.source, "target": corpus.target} if corpus.path is None else {"pairs": corpus.path}
    files = [input_file(tmp_path / str(name), side) for side, name in sides.items()]
    tracemalloc.start()
    try:
        count = sum(1 for row in read_rows(corpus, files) if row.number % 2 == 0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == PAIRS // 2
    assert most < LARGEST_BYTES, f"{most:,} bytes for a file of {PAIRS * sum(map(len, PAIR)):,}"


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_an_archive_that_is_thousands_of_times_larger_is_decompressed_piece_by_piece(
    tmp_path: Path, suffix: str
) -> None:
    corpus = WRITERS["tsv"](tmp_path, [(" " * 1_000_000, " " * 1_000_000)] * 100, suffix)
    file = input_file(tmp_path / str(corpus.path))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_rows(corpus, [file])) == 100
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 50_000_000  # of 200 MB
