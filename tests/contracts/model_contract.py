"""What every architecture must prove, one call a proof: `for proof in PROOFS: proof(make_model)`.

A later family joins by one line in `tests/unit/models/test_contract.py`.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import load_weights, save_weights, weights_of
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, PAD_ID

Numbers: TypeAlias = npt.NDArray[np.float32]

VOCABULARY_SIZE = 24
ROUNDING = 2e-6
"""Largest difference between logits (of order 1) that come from the same products in another order."""
BFLOAT16_BOUND = 0.06
"""Largest difference of a logit in bfloat16 (8 bits of mantissa) from float32, as a share of the largest logit.
Gradients have twice that, as a share of each one's norm, or of a thousandth of the norm of all where one is less."""

SOURCE = np.array(
    [[7, 8, 9, 10, EOS_ID], [11, 12, EOS_ID, PAD_ID, PAD_ID], [13, EOS_ID, PAD_ID, PAD_ID, PAD_ID]], np.int32
)
TARGET_IN = np.array([[BOS_ID, 20, 21, 22], [BOS_ID, 14, PAD_ID, PAD_ID], [BOS_ID, 15, 16, PAD_ID]], np.int32)
REAL = TARGET_IN != PAD_ID


class MakeModel(Protocol):
    """Builds the model that is to be proven, with a vocabulary of `VOCABULARY_SIZE`.

    It may give the same model of seed 1 again: no proof changes that one's weights.
    """

    def __call__(self, *, seed: int, compute_dtype: str = "float32") -> Seq2SeqModel: ...


def padding_changes_no_logit(make: MakeModel) -> None:
    model = make(seed=1)
    padded = model(_wider(SOURCE, 3), _wider(TARGET_IN, 2)).numpy()[:, : TARGET_IN.shape[1]]
    np.testing.assert_allclose(padded[REAL], _logits(model)[REAL], atol=ROUNDING, rtol=0)


def neighbours_change_no_logit(make: MakeModel) -> None:
    model = make(seed=1)
    together = _logits(model)
    for row, length in enumerate((SOURCE != PAD_ID).sum(axis=1)):
        alone = model(SOURCE[row : row + 1, :length], TARGET_IN[row : row + 1]).numpy()[0]
        np.testing.assert_allclose(alone[REAL[row]], together[row][REAL[row]], atol=ROUNDING, rtol=0)


def later_target_tokens_change_no_earlier_logit(make: MakeModel) -> None:
    model = make(seed=1)
    before = _logits(model)
    for place in range(1, TARGET_IN.shape[1]):
        changed = TARGET_IN.copy()
        changed[:, place:] = 6 + (changed[:, place:] + 3) % 10
        after = model(SOURCE, changed).numpy()
        np.testing.assert_allclose(after[:, :place], before[:, :place], atol=ROUNDING, rtol=0)
        assert np.abs(after[:, place] - before[:, place]).max() > 1e-3


def source_tokens_change_every_logit(make: MakeModel) -> None:
    model = make(seed=1)
    changed = SOURCE.copy()
    changed[0, 1] += 1
    difference = np.abs(model(changed, TARGET_IN).numpy() - _logits(model))
    assert difference[0].max(axis=-1).min() > 1e-5
    assert difference[1:].max() <= ROUNDING


def stepwise_decoding_equals_the_full_pass(make: MakeModel) -> None:
    model = make(seed=1)
    full = _logits(model)
    memory, state = model.start(model.encode(tf.constant(SOURCE)))
    for position in range(TARGET_IN.shape[1]):
        names = {name: (tensor.dtype, tensor.shape.rank) for name, tensor in state.items()}
        assert all(tensor.shape[0] == len(SOURCE) for tensor in [*memory.values(), *state.values()])
        logits, state = model.step(memory, state, tf.constant(TARGET_IN[:, position, None]), tf.constant(position))
        assert logits.dtype == tf.float32
        assert names == {name: (tensor.dtype, tensor.shape.rank) for name, tensor in state.items()}
        real = REAL[:, position]
        np.testing.assert_allclose(logits.numpy()[real], full[:, position][real], atol=ROUNDING, rtol=0)


def attention_weights_sum_to_one_over_the_real_source(make: MakeModel) -> None:
    model = make(seed=1)
    weights = model.attention_weights(model.encode(tf.constant(SOURCE)), tf.constant(TARGET_IN))
    if weights is None:
        return
    assert weights.dtype == tf.float32 and weights.shape == (*TARGET_IN.shape, SOURCE.shape[1])
    weights = weights.numpy()
    np.testing.assert_array_equal(weights.max(axis=1)[SOURCE == PAD_ID], 0)
    np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
    assert np.abs(weights[0, 1] - weights[0, 2]).max() > 1e-6


def every_variable_gets_a_gradient(make: MakeModel) -> None:
    largest = {path: np.abs(gradient).max() for path, gradient in _gradients(make(seed=1)).items()}
    assert {path for path, value in largest.items() if value < 1e-6} == set()


def saved_weights_bring_the_same_logits_back(make: MakeModel) -> None:
    model, other = make(seed=1), make(seed=2)
    assert np.abs(_logits(other) - _logits(model)).max() > 1e-2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        save_weights(model, path)
        with np.load(path, allow_pickle=False) as archive:
            assert sorted(archive.files) == sorted(variable.path for variable in model.variables)
        load_weights(other, path)
    np.testing.assert_array_equal(_logits(other), _logits(model))


def tensorflow_sees_every_variable(make: MakeModel) -> None:
    """Keras keeps layers in lists out of TensorFlow's checkpoints, silently."""
    model = make(seed=1)
    with tempfile.TemporaryDirectory() as folder:
        path = tf.train.Checkpoint(model=model).save(f"{folder}/checkpoint")
        saved = [name for name, _ in tf.train.list_variables(path) if name.startswith("model/")]
    assert len(saved) == len(model.variables)


def equal_seeds_give_equal_weights(make: MakeModel) -> None:
    tf.random.set_seed(3)
    first = weights_of(make(seed=5))
    tf.random.set_seed(4)
    second, third = weights_of(make(seed=5)), weights_of(make(seed=6))
    for path, array in first.items():
        np.testing.assert_array_equal(array, second[path])
    assert any(np.abs(array - third[path]).max() > 0 for path, array in first.items())


def dropout_noise_follows_from_the_seed(make: MakeModel) -> None:
    model = make(seed=1)

    def logits(seed: int, step: int) -> Numbers:
        model.dropout_stream.restart(tf.constant([seed, step]))
        return model(SOURCE, TARGET_IN, training=True).numpy()

    np.testing.assert_array_equal(logits(1, 7), logits(1, 7))
    assert np.abs(logits(1, 7) - logits(1, 8)).max() > 1e-3
    assert np.abs(logits(1, 7) - logits(2, 7)).max() > 1e-3


def bfloat16_agrees_with_float32(make: MakeModel) -> None:
    exact, rounded = _logits(make(seed=1)), _logits(make(seed=1, compute_dtype="bfloat16"))
    assert rounded.dtype == np.float32
    assert np.abs(rounded - exact)[REAL].max() <= BFLOAT16_BOUND * np.abs(exact).max()
    stepwise = _stepwise_logits(make(seed=1, compute_dtype="bfloat16"))
    assert np.abs(stepwise - exact)[REAL].max() <= BFLOAT16_BOUND * np.abs(exact).max()
    others = _gradients(make(seed=1, compute_dtype="bfloat16"))
    gradients = _gradients(make(seed=1))
    negligible = 1e-3 * np.sqrt(sum(np.sum(np.square(gradient)) for gradient in gradients.values()))
    for path, gradient in gradients.items():
        assert others[path].dtype == np.float32
        difference = np.linalg.norm(others[path] - gradient)
        assert difference <= 2 * BFLOAT16_BOUND * max(np.linalg.norm(gradient), negligible), path


PROOFS: tuple[Callable[[MakeModel], None], ...] = (
    padding_changes_no_logit,
    neighbours_change_no_logit,
    later_target_tokens_change_no_earlier_logit,
    source_tokens_change_every_logit,
    stepwise_decoding_equals_the_full_pass,
    attention_weights_sum_to_one_over_the_real_source,
    every_variable_gets_a_gradient,
    saved_weights_bring_the_same_logits_back,
    tensorflow_sees_every_variable,
    equal_seeds_give_equal_weights,
    dropout_noise_follows_from_the_seed,
    bfloat16_agrees_with_float32,
)


def _logits(model: Seq2SeqModel) -> Numbers:
    return model(SOURCE, TARGET_IN).numpy()


def _stepwise_logits(model: Seq2SeqModel) -> Numbers:
    memory, state = model.start(model.encode(tf.constant(SOURCE)))
    steps = []
    for position, token_B in enumerate(TARGET_IN.T):
        logits, state = model.step(memory, state, tf.constant(token_B[:, None]), tf.constant(position))
        steps.append(logits.numpy())
    return np.stack(steps, axis=1)


def _gradients(model: Seq2SeqModel) -> dict[str, Numbers]:
    """Of a loss in which every logit counts, with dropout on."""
    model.dropout_stream.restart(tf.constant([1, 1]))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(SOURCE, TARGET_IN, training=True)))
    gradients = tape.gradient(loss, [variable.value for variable in model.variables])
    return {
        variable.path: tf.convert_to_tensor(gradient).numpy()
        for variable, gradient in zip(model.variables, gradients, strict=True)
    }


def _wider(ids: npt.NDArray[np.int32], columns: int) -> npt.NDArray[np.int32]:
    return np.pad(ids, ((0, 0), (0, columns)), constant_values=PAD_ID)
