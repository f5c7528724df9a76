"""Any number of sentences in, their translations out: grouped by length into batches of a fixed shape.

Shapes: N sentences, G groups, E and S an encoder batch, R sentences of a group.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, WIDTHS, Layout
from seq2seq_tfx.components.decoding.search import rules_of, search
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID


class Decoded(NamedTuple):
    """A translation for each sentence, in the given order."""

    ids: tf.RaggedTensor
    """int32 (N, ragged), without the end mark."""
    lengths_N: tf.Tensor
    """int32, in tokens."""
    scores_N: tf.Tensor
    """float32: sum of log p / length ** length_penalty, end mark counted; 0 for an empty source."""


class Groups(NamedTuple):
    """Which sentences are computed together. The sentences of a group have the same padded width."""

    order_N: tf.Tensor
    """Sentence numbers, shortest first."""
    first_G: tf.Tensor
    """Where in `order_N` a group begins."""
    size_G: tf.Tensor
    width_G: tf.Tensor
    """Tokens that its sentences are padded to."""


def decode(model: Seq2SeqModel, source_ids: tf.RaggedTensor, settings: DecodingConfig) -> Decoded:
    """Translate. To be called inside a `tf.function`; memory is that of one group, whatever N.

    A sentence's translation is the same to the bit whatever the other sentences are, their number and their order
    (`layout.py`). An empty source (EOS alone) has an empty translation. A source of more than `MAX_TOKENS` tokens is
    read up to there.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        settings: Strategy, beams, length penalty, longest translation.
    """
    rules = rules_of(settings)
    layout = Layout(rules.beams)
    source_ids = cut(source_ids)

    def translate(numbers_R: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        group = tf.gather(source_ids, numbers_R)
        lengths_R = _filled(tf.cast(group.row_lengths(), tf.int32), layout.sentences, 0)
        found = search(model, padded(group, layout.encoded, width), lengths_R > 1, rules)
        size = tf.size(numbers_R)
        tokens = tf.boolean_mask(found.ids_RT, tf.sequence_mask(found.lengths_R, tf.shape(found.ids_RT)[1]))
        return tokens, found.lengths_R[:size], found.scores_R[:size]

    groups = make_groups(tf.cast(source_ids.row_lengths(), tf.int32), layout.sentences)
    values, lengths_N, scores_N = in_groups(groups, translate, (tf.int32, tf.int32, tf.float32))
    back_N = tf.argsort(groups.order_N)
    ids = tf.gather(tf.RaggedTensor.from_row_lengths(values, lengths_N), back_N)
    return Decoded(ids, tf.gather(lengths_N, back_N), tf.gather(scores_N, back_N))


def cut(ids: tf.RaggedTensor) -> tf.RaggedTensor:
    """Rows of at most `MAX_TOKENS` tokens, EOS at the end of each as before."""
    ids = ids.with_row_splits_dtype(tf.int64)
    return tf.concat([ids[:, :-1][:, : MAX_TOKENS - 1], ids[:, -1:]], axis=1)


def make_groups(lengths_N: tf.Tensor, largest: int) -> Groups:
    """Put sentences of one width together.

    Args:
        lengths_N: int32, in tokens, at most `MAX_TOKENS`.
        largest: Sentences in a group, at most.
    """
    kind_N = tf.searchsorted(tf.constant(WIDTHS), lengths_N)
    counts = tf.math.bincount(kind_N, minlength=len(WIDTHS), maxlength=len(WIDTHS))
    groups = (counts + largest - 1) // largest
    kind_G = tf.repeat(tf.range(len(WIDTHS)), groups)
    within_G = tf.range(tf.size(kind_G)) - tf.gather(tf.cumsum(groups, exclusive=True), kind_G)
    return Groups(
        order_N=tf.argsort(lengths_N, stable=True),
        first_G=tf.gather(tf.cumsum(counts, exclusive=True), kind_G) + within_G * largest,
        size_G=tf.minimum(tf.gather(counts, kind_G) - within_G * largest, largest),
        width_G=tf.gather(tf.constant(WIDTHS), kind_G),
    )


def in_groups(
    groups: Groups,
    compute: Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, ...]],
    dtypes: tuple[tf.DType, ...],
) -> list[tf.Tensor]:
    """Call `compute` with each group's sentence numbers and width, one group after the other.

    Args:
        groups: From `make_groups`.
        compute: Returns vectors.
        dtypes: Of those vectors.

    Returns:
        Each vector, concatenated over the groups: in the order of `groups.order_N`.
    """
    count = tf.size(groups.first_G)
    arrays = [
        tf.TensorArray(dtype, size=count, element_shape=[None], infer_shape=False, clear_after_read=True)
        for dtype in dtypes
    ]

    def body(number: tf.Tensor, *written: tf.TensorArray) -> tuple[object, ...]:
        first = groups.first_G[number]
        results = compute(groups.order_N[first : first + groups.size_G[number]], groups.width_G[number])
        return number + 1, *(array.write(number, result) for array, result in zip(written, results, strict=True))

    _, *arrays = tf.while_loop(
        lambda number, *_: number < count, body, (tf.constant(0), *arrays), parallel_iterations=1
    )
    return [array.concat() for array in arrays]


def padded(group: tf.RaggedTensor, sentences: int, width: tf.Tensor) -> tf.Tensor:
    """A group as an encoder batch: int32 (`sentences`, `width`); the rows added hold EOS alone."""
    dummies = tf.RaggedTensor.from_uniform_row_length(tf.fill([sentences - group.nrows()], EOS_ID), 1)
    dense = tf.concat([group, dummies], axis=0).to_tensor(PAD_ID)
    dense = tf.pad(dense, [[0, 0], [0, width - tf.shape(dense)[1]]], constant_values=PAD_ID)
    return tf.ensure_shape(dense, [sentences, None])


def _filled(values_N: tf.Tensor, size: int, value: int) -> tf.Tensor:
    return tf.ensure_shape(tf.pad(values_N, [[0, size - tf.size(values_N)]], constant_values=value), [size])
