"""Sentences of monolingual corpora as subword ids: those that Transform and serving would make."""

from pathlib import Path

import pytest
from monolingual_files import write_sentences
from tiny_vocabulary import SENTENCES, processor, vocabulary
from transformed_examples import write_vocabulary

from seq2seq_tfx.components.pretraining.monolingual import SentenceReader
from seq2seq_tfx.components.pretraining.sentences import Part, Sentences
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.training.token_store import open_token_store
from seq2seq_tfx.schemas.features import EOS_ID, SIDES

SETTINGS = PretrainingSettings.model_validate(
    {
        "languages": {"source": "en", "target": "es"},
        "model": {"family": "bert"},
        "normalisation": {"unicode": "nfkc"},
        "pretraining": {"objective": "masked"},
        "seed": 1,
    }
)
TEXTS = [*SENTENCES[:30], "  the \uff48ouse\u200b ", "", "mice " * 40]


@pytest.fixture
def vocabulary_folder(tmp_path: Path) -> Path:
    return write_vocabulary(tmp_path / "vocabulary", processor("unigram").get_piece_size(), vocabulary("unigram"))


@pytest.mark.parametrize("side", [0, 1])
def test_a_sentence_is_normalised_and_split_as_a_pair_s_side_is(
    side: int, vocabulary_folder: Path, tmp_path: Path
) -> None:
    file = write_sentences(tmp_path, SIDES[side], TEXTS)
    reader = SentenceReader(vocabulary_folder, SETTINGS, side)
    store = open_token_store(tmp_path / "store", [file], 30, "sentences", reader)
    assert store.dropped == 1  # the longest
    assert store.lengths_N2[:, 1 - side].tolist() == [0] * 32
    sentences = Sentences([Part(store, side)])
    assert [sentences.pair(i)[0].tolist() for i in range(len(sentences))] == [
        [*ids, EOS_ID] for ids in processor("unigram").encode([*SENTENCES[:30], "the house"])
    ]


def test_parts_follow_one_another(vocabulary_folder: Path, tmp_path: Path) -> None:
    texts, parts = ["little house", "the mice"], []
    for side, text in enumerate(texts):
        file = write_sentences(tmp_path, SIDES[side], [text])
        reader = SentenceReader(vocabulary_folder, SETTINGS, side)
        parts.append(Part(open_token_store(tmp_path / f"store-{side}", [file], 30, "sentences", reader), side))
    sentences = Sentences(parts)
    assert [sentences.pair(i)[0].tolist()[:-1] for i in range(2)] == processor("unigram").encode(texts)
