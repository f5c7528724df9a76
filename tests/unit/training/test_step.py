"""One update."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import set_weights, weights_of
from seq2seq_tfx.components.training.optimizer import BETA_1, Adam
from seq2seq_tfx.components.training.step import StepResult, StepSettings, make_loss, make_update, shifted_right
from seq2seq_tfx.schemas.config.model import ModelConfig

Ids: TypeAlias = npt.NDArray[np.int32]

CLIP_NORM = 0.1
CONFIG = ModelConfig(family="transformer", layers=1, width=8, feedforward=16, heads=2, dropout=0.0)
SOURCE = np.array([[7, 8, 9, 3], [10, 3, 0, 0]], np.int32)
TARGET = np.array([[11, 12, 3], [13, 3, 0]], np.int32)


class Updater:
    """A model whose update can be tried again from the same start: compiled once."""

    def __init__(self, clip_norm: float, compute_dtype: str = "float32") -> None:
        self.model = build_model(CONFIG, 20, seed=1, compute_dtype=compute_dtype)
        self._start = weights_of(self.model)
        self.optimizer = Adam(self.model.trainable_variables)
        self._update = make_update(self.model, self.optimizer, StepSettings(seed=1, smoothing=0.1, clip_norm=clip_norm))

    def __call__(self, source: Ids, target: Ids) -> StepResult:
        set_weights(self.model, self._start, "the start")
        for slot in self.optimizer.slots.values():
            slot.assign(tf.zeros_like(slot))
        return self._update(tf.constant(source), tf.constant(target), tf.constant(1), tf.constant(0.01))


@pytest.fixture(scope="module")
def update() -> Updater:
    return Updater(CLIP_NORM)


def test_decoder_is_fed_the_target_one_place_later() -> None:
    assert shifted_right(tf.constant(TARGET)).numpy().tolist() == [[2, 11, 12], [2, 13, 3]]


def test_loss_is_the_mean_over_real_tokens() -> None:
    model = build_model(CONFIG, 20, seed=1)
    total, tokens = make_loss(model)(tf.constant(SOURCE), tf.constant(TARGET))
    log_p = tf.nn.log_softmax(model(SOURCE, shifted_right(tf.constant(TARGET)))).numpy()
    expected = -sum(log_p[b, t, TARGET[b, t]] for b, t in zip(*np.nonzero(TARGET), strict=True))
    assert float(tokens) == 5.0
    np.testing.assert_allclose(float(total), expected, rtol=1e-5)


def test_padding_changes_no_update(update: Updater) -> None:
    result = update(SOURCE, TARGET)
    wider = update(np.pad(SOURCE, ((0, 0), (0, 3))), np.pad(TARGET, ((0, 0), (0, 2))))
    np.testing.assert_allclose(result.loss, wider.loss, rtol=1e-6)
    np.testing.assert_allclose(result.gradient_norm, wider.gradient_norm, rtol=1e-5)


def test_gradient_is_scaled_when_its_norm_is_too_large(update: Updater) -> None:
    assert float(update(SOURCE, TARGET).gradient_norm) > 2 * CLIP_NORM
    first = [slot for name, slot in update.optimizer.slots.items() if name.startswith("first/")]
    np.testing.assert_allclose(float(tf.linalg.global_norm(first)), (1 - BETA_1) * CLIP_NORM, rtol=1e-4)


def test_gradient_is_left_alone_when_clipping_is_off() -> None:
    free = Updater(0.0)
    norm = float(free(SOURCE, TARGET).gradient_norm)
    first = [slot for name, slot in free.optimizer.slots.items() if name.startswith("first/")]
    np.testing.assert_allclose(float(tf.linalg.global_norm(first)), (1 - BETA_1) * norm, rtol=1e-4)


def test_updates_are_equal_to_the_bit_when_repeated(update: Updater) -> None:
    results = []
    for _ in range(2):
        update(SOURCE, TARGET)
        results.append(weights_of(update.model))
    for name, array in results[0].items():
        np.testing.assert_array_equal(array, results[1][name], err_msg=name)


def test_updates_stay_close_when_computed_in_bfloat16(update: Updater) -> None:
    exact, rounded = update(SOURCE, TARGET), Updater(CLIP_NORM, "bfloat16")(SOURCE, TARGET)
    np.testing.assert_allclose(rounded.loss, exact.loss, rtol=0.01)
    np.testing.assert_allclose(rounded.gradient_norm, exact.gradient_norm, rtol=0.05)
