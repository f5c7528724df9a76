"""Word dropout and scheduled sampling: what the model reads in training."""

from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.training.batches import Ids
from seq2seq_tfx.components.training.scheduled_sampling import with_own_tokens
from seq2seq_tfx.components.training.word_dropout import drop_words
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SEED = tf.constant([1, 2])
IDS = np.array([[6, 7, 6, 8, 7, EOS_ID, PAD_ID], [9, 6, 9, 9, 6, 6, EOS_ID]], np.int32)


def test_a_word_is_dropped_everywhere_in_its_sentence_or_nowhere() -> None:
    drop = tf.function(drop_words)
    kept = []
    for number in range(400):
        dropped = drop(tf.constant(IDS), 0.3, tf.constant([number, 0])).numpy()
        for row, given in zip(dropped, IDS, strict=True):
            for word in set(given.tolist()):
                values = set(row[given == word].tolist())
                assert values in ({word}, {UNK_ID}) if word > 5 else values == {word}
                kept += [values == {word}] if word > 5 else []
    assert np.mean(kept) == pytest.approx(0.7, abs=0.04)


def test_rows_drop_words_each_by_itself() -> None:
    ids = tf.constant(np.full((200, 3), 9, np.int32))
    dropped = drop_words(ids, 0.5, SEED).numpy()
    assert 60 < np.count_nonzero(dropped[:, 0] == UNK_ID) < 140
    np.testing.assert_array_equal(dropped, drop_words(ids, 0.5, SEED).numpy())


MODELS = {
    "transformer": ModelConfig(family="transformer", layers=1, width=8, feedforward=16, heads=2, dropout=0.2),
    "rnn": ModelConfig(family="rnn", layers=2, width=8, embedding=8, dropout=0.2),
}
SOURCE = tf.constant([[7, 8, 9, EOS_ID], [10, EOS_ID, PAD_ID, PAD_ID], [12, 13, EOS_ID, PAD_ID]])
TARGET_IN = np.array([[BOS_ID, 11, 12, 13, 14], [BOS_ID, 13, 6, EOS_ID, PAD_ID], [BOS_ID, 7, 8, 9, EOS_ID]], np.int32)


def fed(model: Seq2SeqModel, probability: float, seed: int = 1) -> Ids:
    @tf.function
    def compute() -> tf.Tensor:
        memory = model.encode(SOURCE)
        return with_own_tokens(model, memory, tf.constant(TARGET_IN), tf.constant(probability), tf.constant([seed, 0]))

    ids: Ids = compute().numpy()
    return ids


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Seq2SeqModel:
    model = build_model(MODELS[request.param], 20, seed=1)
    for variable in model.variables:
        variable.assign(variable.value * 3.0 if len(variable.shape) == 2 else variable.value)
    return model


def test_the_reference_is_fed_when_the_probability_is_0(model: Seq2SeqModel) -> None:
    np.testing.assert_array_equal(fed(model, 0.0), TARGET_IN)


def test_own_predictions_follow_from_the_tokens_fed_before_them(model: Seq2SeqModel) -> None:
    memory, replaced = model.encode(SOURCE), 0
    for probability, seed in ((1.0, 1), (0.5, 2), (0.5, 3)):
        given = fed(model, probability, seed)
        # Teacher forcing on what was fed: the model itself must predict what was put in place of the reference.
        hidden = model.decode(memory, tf.constant(given))
        best = tf.argmax(model.logits(tf.reshape(hidden, [-1, hidden.shape[-1]])), axis=-1).numpy().reshape(given.shape)
        for row, place in np.ndindex(given.shape):
            if given[row, place] != TARGET_IN[row, place]:
                replaced += 1
                assert given[row, place] == best[row, place - 1]
            if TARGET_IN[row, place] < 6:
                assert given[row, place] == TARGET_IN[row, place], "special tokens stay"
            elif probability == 1.0 and best[row, place - 1] > 5:
                assert given[row, place] == best[row, place - 1]
    assert replaced > 5


def test_places_follow_from_the_seed(model: Seq2SeqModel) -> None:
    half = partial(fed, model, 0.5)
    np.testing.assert_array_equal(half(1), half(1))
    assert len({half(seed).tobytes() for seed in range(1, 6)}) > 1
