"""Given SentencePiece models: ids 0 to 5 become ours, and texts are cut as before."""

import hashlib
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import tensorflow as tf
from fuzzed_lines import fuzzed_lines

from seq2seq_tfx.components.text_graph import make_tokenizer
from seq2seq_tfx.components.vocabulary.pretrained import adopt_model
from seq2seq_tfx.components.vocabulary.settings import PretrainedFile
from seq2seq_tfx.components.vocabulary.train import kind_of
from seq2seq_tfx.schemas.errors import InputError
from seq2seq_tfx.schemas.features import EOS_ID, SPECIAL_PIECES

WORDS = "the red blue house dog bird tree is stays waits here there outside ein Hund im Haus 東京 niño".split()
SENTENCES = [" ".join(words) for words in itertools.islice(itertools.permutations(WORDS, 4), 0, 40_000, 97)]
GIVEN: dict[str, dict[str, Any]] = {
    "sentencepiece's own": {},
    "as of T5": {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1},
    "as of mBART": {"bos_id": 0, "pad_id": 1, "eos_id": 2, "unk_id": 3, "user_defined_symbols": ["<mask>"]},
    "other names": {
        "pad_id": 3,
        "unk_piece": "[UNK]",
        "bos_piece": "[CLS]",
        "eos_piece": "[SEP]",
        "pad_piece": "[PAD]",
    },
    "bytes": {"byte_fallback": True, "vocab_size": 400},
}


def _given(folder: Path, kind: str, options: dict[str, Any]) -> PretrainedFile:
    model = io.BytesIO()
    settings = {"vocab_size": 70, "model_type": kind, "hard_vocab_limit": False, **options}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, minloglevel=3, num_threads=1, **settings
    )
    path = folder / "given.model"
    path.write_bytes(model.getvalue())
    return PretrainedFile(path=str(path), sha256=hashlib.sha256(model.getvalue()).hexdigest())


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char", "word"])
@pytest.mark.parametrize("style", GIVEN)
def test_texts_are_cut_as_by_the_given_model_and_ids_0_to_5_are_ours(tmp_path: Path, style: str, kind: str) -> None:
    file = _given(tmp_path, kind, GIVEN[style])
    adopted, new_ids = adopt_model(file, [])
    theirs = sentencepiece.SentencePieceProcessor(model_file=file.path)
    ours = sentencepiece.SentencePieceProcessor(model_proto=adopted)
    assert tuple(ours.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES
    assert (ours.pad_id(), ours.unk_id(), ours.bos_id(), ours.eos_id()) == (0, 1, 2, 3)
    assert len(new_ids) == theirs.get_piece_size()
    assert sorted(set(new_ids) | set(range(6))) == list(range(ours.get_piece_size()))
    assert kind_of(adopted) == kind
    lines = [line.replace("<mask>", "") for line in [*SENTENCES[:200], *fuzzed_lines(300)]]
    tokenizer = make_tokenizer(adopted)
    in_graph = tokenizer.tokenize(tf.constant([line.encode() for line in lines])).to_list()
    for line, ids in zip(lines, in_graph, strict=True):
        assert [*(new_ids[each] for each in theirs.encode(line)), EOS_ID] == ids
        assert ids[:-1] == ours.encode(line)


@pytest.mark.parametrize("kind", ["unigram", "bpe", "char", "word"])
def test_symbols_that_the_given_model_lacks_are_added_as_its_last_ids(tmp_path: Path, kind: str) -> None:
    piece = "▁<2es>" if kind == "word" else "<2es>"
    file = _given(tmp_path, kind, {"user_defined_symbols": [piece]})
    model = sentencepiece.SentencePieceProcessor(model_proto=adopt_model(file, ["<BT>", "<2es>"])[0])
    assert model.piece_to_id(piece.replace("2es", "BT")) == model.get_piece_size() - 1
    assert model.piece_to_id(piece) == 6
    for symbol in ("<BT>", "<2es>"):
        pieces = model.encode(f"{symbol} the red house", out_type=str)
        assert piece.replace("<2es>", symbol) in pieces
        assert model.decode(pieces) == f"{symbol} the red house"


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    file = _given(tmp_path, "unigram", {})
    assert adopt_model(file, ["<BT>"]) == adopt_model(file, ["<BT>"])


@pytest.mark.parametrize("content", [b"", b"just some text\n", b"\x00" * 100, b"\x0a\x03abc", bytes(range(256)) * 9])
def test_a_file_that_is_no_sentencepiece_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.model"
    path.write_bytes(content)
    file = PretrainedFile(path=str(path), sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(InputError, match=r"must be a SentencePiece model .*no\.model is none; name the right file"):
        adopt_model(file, [])


def test_a_file_that_changed_since_the_run_began_is_refused(tmp_path: Path) -> None:
    file = _given(tmp_path, "unigram", {})
    with pytest.raises(InputError, match="must not change while a run reads it"):
        adopt_model(file.model_copy(update={"sha256": "0" * 64}), [])
    Path(file.path).unlink()
    with pytest.raises(InputError, match="must be readable"):
        adopt_model(file, [])
