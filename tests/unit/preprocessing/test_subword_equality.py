"""tensorflow-text brings a SentencePiece of its own: its ids must be those of the Python package."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import tensorflow as tf
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.text_graph import encode, make_tokenizer, normalise
from seq2seq_tfx.components.vocabulary.train import train_vocabulary
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig
from seq2seq_tfx.schemas.features import EOS_ID

DATA = Path(os.environ.get("SEQ2SEQ_DATA", Path(__file__).parents[4] / "shared" / "data"))
REAL = ("multi30k/train.de.gz", "multi30k/train.en.gz", "tatoeba/en-es.tsv.gz")
LINES = 10_000


def _assert_equal_ids(lines: list[bytes], training: list[bytes], config: dict[str, Any], unicode: str) -> None:
    normalisation = NormalisationConfig.model_validate({"unicode": unicode})
    clean = {text for text in normalise(tf.constant(training), normalisation, "en").numpy() if text}
    model = train_vocabulary(sorted(clean), VocabularyConfig.model_validate(config))
    tokenizer = make_tokenizer(model)
    in_graph = encode(tf.constant(lines), tokenizer, normalisation, "en").to_list()
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for text, ids in zip(normalise(tf.constant(lines), normalisation, "en").numpy(), in_graph, strict=True):
        assert ids == [*processor.encode(text.decode()), EOS_ID], text.decode()[:200]
    texts = tokenizer.detokenize(tf.ragged.constant(in_graph, dtype=tf.int32)).numpy()
    for text, ids in zip(texts, in_graph, strict=True):
        assert text.decode() == processor.decode(ids[:-1])


@pytest.mark.parametrize(("kind", "unicode"), [("unigram", "nfc"), ("unigram", "nfkc"), ("bpe", "nfc")])
def test_ids_equal_those_of_the_python_package_when_lines_are_fuzzed(kind: str, unicode: str) -> None:
    lines = [line.encode() for line in fuzzed_lines(LINES)]
    config = {"kind": kind, "size": 1700, "character_coverage": 0.98}
    # Repeated letters have cuts of equal score, which versions of SentencePiece choose among differently.
    repeated = [f"{letter * count} {letter * (count + 9)}".encode() for letter in "w.-!ae" for count in range(1, 12)]
    _assert_equal_ids([*lines, *repeated], lines[:3000] + repeated, config, unicode)


SYMBOLS = ("<BT>", "<2es>", "<domain:news>")
OTHERS: dict[str, dict[str, Any]] = {
    "char": {"kind": "char", "size": 300, "character_coverage": 0.98},
    "word": {"kind": "word", "size": 900},
    "symbols": {"kind": "unigram", "size": 1200, "character_coverage": 0.98, "symbols": SYMBOLS},
    "symbols of bpe": {"kind": "bpe", "size": 1700, "character_coverage": 0.98, "symbols": SYMBOLS},
    "symbols of characters": {"kind": "char", "size": 300, "character_coverage": 0.98, "symbols": SYMBOLS},
    "symbols of words": {"kind": "word", "size": 900, "symbols": SYMBOLS},
    "bytes": {"kind": "unigram", "size": 1300, "character_coverage": 0.98, "byte_fallback": True},
    "bytes of bpe": {"kind": "bpe", "size": 1700, "character_coverage": 0.98, "byte_fallback": True},
    "digits": {"kind": "unigram", "size": 1000, "character_coverage": 0.98, "split_digits": True},
    "digits of bpe": {"kind": "bpe", "size": 1700, "character_coverage": 0.98, "split_digits": True},
    "bytes of characters": {"kind": "char", "size": 500, "byte_fallback": True},
}


@pytest.mark.parametrize("case", OTHERS)
def test_ids_equal_those_of_the_python_package_when_kinds_and_options_are_others(case: str) -> None:
    lines = [_tagged(number, line) for number, line in enumerate(fuzzed_lines(1000, seed=6))]
    _assert_equal_ids(lines, lines, OTHERS[case], "nfc")


@pytest.mark.parametrize("case", OTHERS)
def test_ids_equal_those_of_the_python_package_when_real_lines_have_tags(case: str) -> None:
    lines = [line for name in REAL for line in _real_lines(name)][::12]
    assert len(lines) >= 1000
    _assert_equal_ids([_tagged(number, line.decode()) for number, line in enumerate(lines)], lines, OTHERS[case], "nfc")


def _tagged(number: int, line: str) -> bytes:
    """Every second line starts with a tag, some hold one elsewhere."""
    if number % 2:
        line = f"{SYMBOLS[number % 3]} {line}"
    return (f"{line[:8]}{SYMBOLS[number % 3]}{line[8:]}" if number % 5 == 0 else line).encode()


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_ids_equal_those_of_the_python_package_when_lines_are_real(kind: str) -> None:
    lines = [line for name in REAL for line in _real_lines(name)]
    assert len(lines) >= LINES
    _assert_equal_ids(lines, lines[::2], {"kind": kind, "size": 4000}, "nfc")


def _real_lines(name: str) -> Iterator[bytes]:
    """4,000 lines of a file, from all over it; of a table, both columns."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {path}: set SEQ2SEQ_DATA to a folder that holds {name}")
    with gzip.open(path) as stream:
        texts = [text for line in stream for text in line.rstrip(b"\n").split(b"\t")[:2]]
    yield from texts[:: len(texts) // 4000][:4000]
