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
        self._hoard = tf.Variable(tf.zeros([0]), shape=tf.TensorShape([None]))

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
        if self._fault == "hoard":
            hoard = self._hoard.assign(tf.concat([self._hoard, tf.ones([1 << 18])], axis=0))
            scores = scores + 0.0 * tf.reduce_sum(hoard[:1])
        if self._fault == "slow":
            turns = tf.while_loop(lambda i: i < 200_000, lambda i: i + 1, [tf.constant(0)], parallel_iterations=1)
            scores = scores + 0.0 * tf.cast(turns[0], tf.float32)
        return {"translation": texts, "score": scores}


class NamedModel(tf.Module):
    """Translates by adding its name twice, once from the graph and once from a variable."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._said, self._variable = name, tf.Variable(name)

    @tf.function(input_signature=(tf.TensorSpec([None], tf.string, name="source"),))
    def translate(self, source: tf.Tensor) -> dict[str, tf.Tensor]:
        """The source, and the two names after it."""
        return {
            "translation": tf.strings.join([source, self._said, self._variable], separator=" "),
            "score": tf.fill(tf.shape(source), -1.0),
        }


def write_echo(directory: Path, fault: str = "", export_id: str = "echo") -> Path:
    """Save an echo with its `export.json`; returns the folder."""
    module = Echo(fault)
    tf.saved_model.save(module, str(directory), signatures={"serving_default": module.translate})
    (directory / "export.json").write_text(json.dumps({"export_id": export_id}))
    return directory
