"""Draws tokens at random, so that a draw follows from the seed, the source sentence and the step, and nothing else.

TensorFlow's generators give numbers to places of a tensor, so a sentence's numbers would depend on where it stands.
Here each row has a key of its own, made of its source tokens, and a hash of (seed, key, step) is its number.

Shapes: R sentences, S source length, V vocabulary, C tokens to draw from.
"""

from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS
from seq2seq_tfx.components.decoding.rules import Sampling

_PRIME: Final = 2**31 - 1
_BASES: Final = (48_271, 69_621)
"""Two primitive roots of the prime (Park and Miller 1988; Fishman and Moore 1986)."""
_POWERS: Final = tuple([pow(base, place + 1, _PRIME) for place in range(MAX_TOKENS)] for base in _BASES)


def fingerprints(source_ids_RS: tf.Tensor) -> tf.Tensor:
    """A key of each source, 62 bits in two numbers: uint32 (R, 2).

    Args:
        source_ids_RS: int32, PAD_ID (0) after each end mark; how many changes nothing. S is at most `MAX_TOKENS`.
    """
    ids_RS = tf.cast(source_ids_RS, tf.int64)
    length = tf.shape(ids_RS)[1]
    keys = [
        tf.reduce_sum(ids_RS * tf.constant(powers, tf.int64)[:length] % _PRIME, axis=1) % _PRIME for powers in _POWERS
    ]
    return tf.cast(tf.stack(keys, axis=1), tf.uint32)


def uniform(keys_R2: tf.Tensor, step: tf.Tensor, seed: int) -> tf.Tensor:
    """A number from [0, 1) for each sentence in a step: float32 (R,), multiples of 2 ** -23.

    Args:
        keys_R2: From `fingerprints`.
        step: int32, from 0.
        seed: Of the settings.
    """
    bits_R = _mixed(_uint32(seed))
    for number in (tf.cast(step, tf.uint32), keys_R2[:, 1], keys_R2[:, 0]):
        bits_R = _mixed(tf.bitwise.bitwise_xor(number, bits_R))
    return tf.cast(tf.bitwise.right_shift(bits_R, _uint32(9)), tf.float32) * 2.0**-23


def draw(logits_RV: tf.Tensor, uniform_R: tf.Tensor, sampling: Sampling) -> tf.Tensor:
    """Draw a token for each row: int32 (R,).

    Temperature first; of those, the `top_k` most probable; of those, the fewest that together have `top_p`.

    Args:
        logits_RV: float32; what is banned has a probability of 0.
        uniform_R: From `uniform`.
        sampling: How to draw.
    """
    vocabulary = logits_RV.shape[-1]
    kept = min(sampling.top_k or vocabulary, vocabulary)
    tokens_RC = None
    if kept < vocabulary or sampling.top_p < 1.0:
        logits_RV, tokens_RC = tf.math.top_k(logits_RV, k=kept)
    weights_RC = tf.exp((logits_RV - tf.reduce_max(logits_RV, axis=1, keepdims=True)) / sampling.temperature)
    sums_RC = tf.cumsum(weights_RC, axis=1)
    total_R1 = sums_RC[:, -1:]
    if sampling.top_p < 1.0:
        # The sum at the first place that reaches top_p, which is the sum of all that may be drawn.
        reached_R1 = _count(sums_RC < sampling.top_p * total_R1)
        total_R1 = tf.gather(sums_RC, tf.minimum(reached_R1, kept - 1), batch_dims=1)
    places_R1 = tf.minimum(_count(sums_RC <= uniform_R[:, None] * total_R1), kept - 1)
    return places_R1[:, 0] if tokens_RC is None else tf.gather(tokens_RC, places_R1, batch_dims=1)[:, 0]


def _count(true_RC: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(true_RC, tf.int32), axis=1, keepdims=True)


def _mixed(x: tf.Tensor) -> tf.Tensor:
    """A hash of 32 bits, one to one, in which every bit of the input moves every bit of the output (Wellons 2018)."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint32(shift))) * _uint32(factor)
    return tf.bitwise.bitwise_xor(x, tf.bitwise.right_shift(x, _uint32(16)))


def _uint32(value: int) -> tf.Tensor:
    return tf.constant(value, tf.uint32)
