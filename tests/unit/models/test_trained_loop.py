"""The decoder's loop over time as training runs it, its gradients written out, against the plain one."""

from typing import Any

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


@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-5), ("bfloat16", 0.03)])
@pytest.mark.parametrize("kind", FED)
def test_its_gradients_are_the_automatic_ones(kind: str, dtype: str, bound: float) -> None:
    # Without dropout both loops compute the same.
    config = ModelConfig.model_validate(
        {"family": "rnn", "layers": 2, "width": 16, "embedding": 12, "dropout": 0.0, **FED[kind]}
    )
    model = build_model(config, 12, seed=3, compute_dtype=dtype)

    @tf.function
    def gradients(training: bool) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            logits = model(SOURCE, TARGET_IN, training=training)
            loss = tf.reduce_sum(tf.sin(3.0 * logits))
        return logits, [tf.convert_to_tensor(each) for each in tape.gradient(loss, model.trainable_variables)]

    (trained_logits, trained), (plain_logits, plain) = gradients(True), gradients(False)
    np.testing.assert_array_equal(trained_logits, plain_logits)
    for variable, found, wanted in zip(model.trainable_variables, trained, plain, strict=True):
        difference = np.linalg.norm(found.numpy() - wanted.numpy()) / np.linalg.norm(wanted.numpy())
        assert difference < bound, f"{variable.path}: {difference}"
