"""The decoder's loop over time as training runs it, its gradients written out, against the plain one."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.schemas.config.model import ModelConfig

SOURCE = tf.constant([[7, 9, 4, 8, 2], [5, 6, 2, 0, 0], [8, 2, 0, 0, 0]])
TARGET_IN = tf.constant([[1, 9, 8, 6, 7, 5], [1, 4, 0, 0, 0, 0], [1, 7, 7, 3, 0, 0]])
FED: dict[str, dict[str, Any]] = {
    "gru": {"cell": "gru", "attention": "luong_general", "input_feeding": True},
    "gru bahdanau": {"cell": "gru", "attention": "bahdanau"},
    "lstm": {"cell": "lstm", "attention": "luong_concat", "input_feeding": True, "residual": True},
    "simple_rnn": {"cell": "simple_rnn", "attention": "luong_local", "input_feeding": True},
}


class Found(NamedTuple):
    """Logits, and each variable's gradient by its path."""

    logits: Any
    gradients: dict[str, Any]


def passes(kind: str, dtype: str) -> tuple[Found, Found]:
    """As training runs it, and plainly; without dropout both compute the same."""
    config = ModelConfig.model_validate(
        {"family": "rnn", "layers": 2, "width": 16, "embedding": 12, "dropout": 0.0, **FED[kind]}
    )
    model = build_model(config, 12, seed=3, compute_dtype=dtype)

    @tf.function
    def run(training: bool) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            logits = model(SOURCE, TARGET_IN, training=training)
            loss = tf.reduce_sum(tf.sin(3.0 * logits))
        return logits, [tf.convert_to_tensor(each) for each in tape.gradient(loss, model.trainable_variables)]

    found = []
    for training in (True, False):
        logits, gradients = run(training)
        by_path = {v.path: g.numpy() for v, g in zip(model.trainable_variables, gradients, strict=True)}
        found.append(Found(logits.numpy(), by_path))
    return found[0], found[1]


@pytest.mark.parametrize("kind", FED)
def test_its_gradients_are_the_automatic_ones(kind: str) -> None:
    trained, plain = passes(kind, "float32")
    np.testing.assert_array_equal(trained.logits, plain.logits)
    for path, wanted in plain.gradients.items():
        assert relative(trained.gradients[path], wanted) < 1e-5, path

    # In bfloat16 both round, each in its own places: neither may be further from the exact ones than the other.
    exact, (trained, plain) = plain, passes(kind, "bfloat16")
    np.testing.assert_array_equal(trained.logits, plain.logits)
    for path, wanted in exact.gradients.items():
        assert relative(trained.gradients[path], wanted) < 1.5 * relative(plain.gradients[path], wanted) + 0.02, path


def relative(found: Any, wanted: Any) -> float:
    """Size of the difference, relative to what is wanted."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))
