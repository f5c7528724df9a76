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
    clean = {text for text in normalise(tf.constant(training), normalisation).numpy() if text}
    model = train_vocabulary(sorted(clean), VocabularyConfig.model_validate(config))
    in_graph = encode(tf.constant(lines), make_tokenizer(model), normalisation).to_list()
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for text, ids in zip(normalise(tf.constant(lines), normalisation).numpy(), in_graph, strict=True):
        assert ids == [*processor.encode(text.decode()), EOS_ID], text.decode()[:200]


@pytest.mark.parametrize(("kind", "unicode"), [("unigram", "nfc"), ("unigram", "nfkc"), ("bpe", "nfc")])
def test_ids_equal_those_of_the_python_package_when_lines_are_fuzzed(kind: str, unicode: str) -> None:
    lines = [line.encode() for line in fuzzed_lines(LINES)]
    config = {"kind": kind, "size": 1700, "character_coverage": 0.98}
    # Repeated letters have cuts of equal score, which versions of SentencePiece choose among differently.
    repeated = [f"{letter * count} {letter * (count + 9)}".encode() for letter in "w.-!ae" for count in range(1, 12)]
    _assert_equal_ids([*lines, *repeated], lines[:3000] + repeated, config, unicode)


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
