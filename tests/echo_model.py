"""SavedModels that answer at once, with the signature of a real export, and wrong in the way asked for."""

import json
from pathlib import Path

import tensorflow as tf


class Echo(tf.Module):
    """Translates by changing letters to capitals; `fault` makes it break as a bad export would."""

    def __init__(self, fault: str = "") -> None:
        super().__init__()
        self._fault = fault
        self._calls = tf.Variable(0)

    @tf.function(input_signature=(tf.TensorSpec([None], tf.string, name="source"),))
    def translate(self, source: tf.Tensor) -> dict[str, tf.Tensor]:
        """Capitals, and a score of -1."""
        texts = tf.strings.upper(source)
        scores = tf.fill(tf.shape(source), -1.0)
        if self._fault == "crash":
            scores = tf.ensure_shape(tf.gather(scores, tf.range(1_000_000, 1_000_000 + tf.size(scores))), [None])
        if self._fault == "hang":
            turns = tf.while_loop(lambda i: i < 2, lambda i: i * 1, [tf.constant(0)])
            scores = scores + tf.cast(turns[0], tf.float32)
        if self._fault == "moody":
            texts = tf.strings.join([texts, tf.strings.as_string(self._calls.assign_add(1))])
        return {"translation": texts, "score": scores}


def write_echo(directory: Path, fault: str = "", export_id: str = "echo") -> Path:
    """Save an echo with its `export.json`; returns the folder."""
    module = Echo(fault)
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.translate})
    (directory / "export.json").write_text(json.dumps({"export_id": export_id}))
    return directory
