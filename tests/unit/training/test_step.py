"""One update."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import set_weights, weights_of
from seq2seq_tfx.components.training.adam import BETA_1, Adam
from seq2seq_tfx.components.training.step import Moment, StepResult, StepSettings, Update, make_loss, shifted_right
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.training import WordDropoutConfig

Ids: TypeAlias = npt.NDArray[np.int32]

CLIP_NORM = 0.1
CONFIG = ModelConfig(family="transformer", layers=1, width=8, feedforward=16, heads=2, dropout=0.0)
SOURCE = np.array([[7, 8, 9, 3], [10, 3, 0, 0]], np.int32)
TARGET = np.array([[11, 12, 3], [13, 3, 0]], np.int32)


class Updater:
    """A model whose update can be tried again from the same start: compiled once."""

    def __init__(self, clip_norm: float, compute_dtype: str = "float32", **settings: Any) -> None:
        self.model = build_model(CONFIG, 20, seed=1, compute_dtype=compute_dtype)
        self._start = weights_of(self.model)
        self.optimizer = Adam(self.model.trainable_variables)
        given = StepSettings(seed=1, smoothing=0.1, clip_norm=clip_norm)._replace(**settings)
        self._update = Update(self.model, self.optimizer, given)

    def __call__(self, *sides: Ids, step: int = 1) -> StepResult:
        """Source and target ids, of one batch or more."""
        set_weights(self.model, self._start, "the start")
        for slot in self.optimizer.slots.values():
            slot.assign(tf.zeros_like(slot))
        return self._update(list(zip(sides[::2], sides[1::2], strict=True)), Moment(step, 0.01))

    def first_moments(self) -> dict[str, Ids]:
        """By variable: the clipped gradient times 1 - BETA_1."""
        return {name: slot.numpy() for name, slot in self.optimizer.slots.items() if name.startswith("first/")}


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


def test_accumulated_batches_make_the_update_of_their_union(update: Updater) -> None:
    whole = update(SOURCE, TARGET)
    expected = update.first_moments()
    parts = Updater(CLIP_NORM, accumulate=2)
    for _ in range(2):  # twice: what was added up must be gone after an update
        result = parts(SOURCE[:1], TARGET[:1], SOURCE[1:, :2], TARGET[1:, :2])
        np.testing.assert_allclose(result.loss, whole.loss, rtol=1e-6)
        np.testing.assert_allclose(result.gradient_norm, whole.gradient_norm, rtol=1e-5)
        for name, moment in parts.first_moments().items():
            np.testing.assert_allclose(moment, expected[name], rtol=1e-4, atol=1e-8, err_msg=name)


def test_accumulated_batches_have_each_their_own_noise() -> None:
    noisy = ModelConfig(family="transformer", layers=1, width=8, feedforward=16, heads=2, dropout=0.5)
    model = build_model(noisy, 20, seed=1)
    start, losses = weights_of(model), []
    for batches in (1, 2):
        settings = StepSettings(seed=1, smoothing=0.0, clip_norm=0.0, accumulate=batches)
        set_weights(model, start, "the start")
        update = Update(model, Adam(model.trainable_variables), settings)
        losses.append(float(update([(SOURCE, TARGET)] * batches, Moment(1, 0.0)).loss))
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_word_dropout_changes_what_is_read_and_not_what_is_predicted(update: Updater) -> None:
    plain = float(update(SOURCE, TARGET).loss)
    results = {}
    for side in ("source", "target"):
        dropping = Updater(CLIP_NORM, word_dropout=WordDropoutConfig.model_validate({side: 0.9}))
        results[side] = [float(dropping(SOURCE, TARGET, step=step).loss) for step in (1, 1, 2, 3, 4)]
        assert results[side][0] == results[side][1], "the same step drops the same words"
        assert len(set(results[side])) > 1, "another step drops others"
        assert all(abs(loss - plain) < 1.5 for loss in results[side])
    assert results["source"] != results["target"]


def test_scheduled_sampling_of_probability_0_is_teacher_forcing(update: Updater) -> None:
    sampling = Updater(CLIP_NORM, scheduled_sampling=True)
    np.testing.assert_allclose(sampling(SOURCE, TARGET).loss, update(SOURCE, TARGET).loss, rtol=1e-6)


def test_a_source_token_counts_what_the_setting_says() -> None:
    config = ModelConfig.model_validate({**CONFIG.model_dump(), "family": "gpt", "source_attention": "causal"})
    model = build_model(config, 20, seed=1)
    start, losses = weights_of(model), []
    for share in (0.0, 0.5):
        set_weights(model, start, "the start")
        settings = StepSettings(seed=1, smoothing=0.0, clip_norm=0.0, source_loss=share)
        losses.append(
            float(Update(model, Adam(model.trainable_variables), settings)([(SOURCE, TARGET)], Moment(1, 0.0)).loss)
        )

    states = model.encode(tf.constant(SOURCE))["states"].numpy()
    log_p = tf.nn.log_softmax(states @ model.source_embedding.table.numpy().T).numpy()
    # Row 0 has 4 tokens, so 3 that follow another; row 1 has 2 tokens.
    of_source = -sum(log_p[row, place, SOURCE[row, place + 1]] for row, place in ((0, 0), (0, 1), (0, 2), (1, 0)))
    np.testing.assert_allclose(losses[1], (5 * losses[0] + 0.5 * of_source) / (5 + 0.5 * 4), rtol=1e-5)
