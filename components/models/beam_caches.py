"""Keys and values of what the beams of a search have said, kept once and never moved.

At nearly every step of a beam search some beams go on from others' prefixes. Keys and values stay where they were
computed, all those of a source in one tensor; `origins` says which of the source's beams computed them for each place
of a prefix, and attention leaves the others' out. So a step appends to the caches and reorders small numbers alone.

Shapes: B sources, K beams, N = B * K prefixes, T places of a prefix, H heads, d size of a head.
"""

from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.models.attention import mask_bias
from seq2seq_tfx.components.models.interface import Tensors

_ORIGINS: Final = "origins"


def empty_caches(sources: tf.Tensor, beams: int, size: tuple[int, int, int], dtype: str) -> Tensors:
    """The state before the first step.

    Args:
        sources: int32 scalar, B.
        beams: K.
        size: Layers, H, d.
        dtype: Of keys and values.

    Returns:
        `keys.i` and `values.i` of each layer, (B, H, T * K, d), and `origins`, int32 (N, T), with T = 0.
    """
    layers, heads, width = size
    empty = tf.zeros([sources, heads, 0, width], dtype)
    caches = {f"{kind}.{i}": empty for i in range(layers) for kind in ("keys", "values")}
    return {**caches, _ORIGINS: tf.zeros([sources * beams, 0], tf.int32)}


def with_own_place(state: Tensors, beams: int) -> tf.Tensor:
    """`origins` with one more place, which each beam computes itself: int32 (N, T + 1)."""
    before_NT = state[_ORIGINS]
    return tf.concat([before_NT, tf.range(tf.shape(before_NT)[0])[:, None] % beams], axis=1)


def own_bias(origins_NT: tf.Tensor, beams: int, dtype: str) -> tf.Tensor | None:
    """(B, 1, K, T * K): a beam may attend to its own prefix; None for one beam, which may attend to all."""
    if beams == 1:
        return None
    own_NTK = tf.equal(origins_NT[:, :, None], tf.range(beams))
    return mask_bias(tf.reshape(own_NTK, [-1, 1, beams, tf.shape(origins_NT)[1] * beams]), dtype)


def following(caches: Tensors, origins_NT: tf.Tensor) -> Tensors:
    """The state after a step."""
    return {**caches, _ORIGINS: origins_NT}


def reordered_caches(state: Tensors, from_N: tf.Tensor) -> Tensors:
    """The state whose prefix n is what prefix `from_N[n]` was, of the same source: caches stay as they are."""
    return {**state, _ORIGINS: tf.gather(state[_ORIGINS], from_N)}
