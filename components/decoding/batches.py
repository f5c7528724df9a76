"""Any number of sentences in, their translations out: grouped by length into batches of a fixed shape (`grouping.py`).

Shapes: N sentences, H hypotheses of each, Q sentences of a block of groups.
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.alignments import coverage
from seq2seq_tfx.components.decoding.grouping import cut, in_groups, make_groups, padded
from seq2seq_tfx.components.decoding.layout import WIDTHS, Layout
from seq2seq_tfx.components.decoding.rules import Rules
from seq2seq_tfx.components.decoding.search import Task, search
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID


class Hypotheses(NamedTuple):
    """The H best hypotheses of each sentence, the best first; sentences in the given order."""

    ids: tf.RaggedTensor
    """int32 (N * H, ragged), without the end mark: hypothesis h of sentence n is row n * H + h."""
    lengths_NH: tf.Tensor
    """int32, in tokens."""
    scores_NH: tf.Tensor
    """float32: sum of log p / normaliser, end mark counted; `IMPOSSIBLE` where there are fewer hypotheses. An empty
    source has one, with score 0."""
    truncated_NH: tf.Tensor
    """bool: whether the limit of its length stopped it, not an end mark."""


class Decoded(NamedTuple):
    """A translation for each sentence, in the given order."""

    ids: tf.RaggedTensor
    """int32 (N, ragged), without the end mark."""
    lengths_N: tf.Tensor
    """int32, in tokens."""
    scores_N: tf.Tensor
    """float32: sum of log p / length ** length_penalty, end mark counted; 0 for an empty source."""
    truncated_N: tf.Tensor
    """bool: whether the limit of its length stopped it, not an end mark."""


def decode(
    model: Seq2SeqModel, source_ids: tf.RaggedTensor, rules: Rules, prefix_ids: tf.RaggedTensor | None = None
) -> Decoded:
    """Translate. To be called inside a `tf.function`; memory is that of one block of groups, whatever N.

    A sentence's translation is the same to the bit whatever the other sentences are, their number and their order
    (`layout.py`). An empty source (EOS alone) has an empty translation. A source of more than `MAX_TOKENS` tokens is
    read up to there. Where the bans leave nothing to say, the translation is empty and its score `IMPOSSIBLE`.

    Args:
        model: The model.
        source_ids: int32 (N, ragged); each row ends with EOS.
        rules: From `rules_of`.
        prefix_ids: int32 (N, ragged): what each translation must begin with; no EOS.
    """
    found = n_best(model, source_ids, rules.keeping(1), prefix_ids)
    return Decoded(found.ids, found.lengths_NH[:, 0], found.scores_NH[:, 0], found.truncated_NH[:, 0])


def n_best(
    model: Seq2SeqModel, source_ids: tf.RaggedTensor, rules: Rules, prefix_ids: tf.RaggedTensor | None = None
) -> Hypotheses:
    """The `rules.hypotheses` best translations of each sentence, all different as token sequences; else as `decode`."""
    if rules.coverage_penalty == 0.0:
        return _search_all(model, source_ids, rules, prefix_ids)
    # Less than 2K hypotheses are ever finished, so none is lost before coverage has a say.
    found = _search_all(model, source_ids, rules.keeping(2 * rules.beams), prefix_ids)
    penalty_NH = tf.reshape(coverage(model, *_as_pairs(source_ids, found)), tf.shape(found.scores_NH))
    return _best_of(found, found.scores_NH + rules.coverage_penalty * penalty_NH, rules.hypotheses)


def _search_all(
    model: Seq2SeqModel, source_ids: tf.RaggedTensor, rules: Rules, prefix_ids: tf.RaggedTensor | None
) -> Hypotheses:
    layout = Layout(rules.beams)
    source_ids = cut(source_ids)

    def translate(numbers_Q: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, ...]:
        found = search(model, _task(source_ids, prefix_ids, (numbers_Q, width), layout.sentences), rules)
        size = tf.size(numbers_Q)
        tokens = tf.boolean_mask(found.ids_QHT, tf.sequence_mask(found.lengths_QH, tf.shape(found.ids_QHT)[2]))
        flat = (each[:size] for each in (found.lengths_QH, found.scores_QH, ~found.ended_QH))
        return tokens, *(tf.reshape(each, [-1]) for each in flat)

    largest = [layout.groups_in_step(width) * layout.sentences for width in WIDTHS]
    groups = make_groups(tf.cast(source_ids.row_lengths(), tf.int32), largest)
    with model.reading_once():
        values, lengths, scores, truncated = in_groups(groups, translate, (tf.int32, tf.int32, tf.float32, tf.bool))
    kept = rules.hypotheses
    back_N = tf.argsort(groups.order_N)
    ids = tf.gather(tf.RaggedTensor.from_row_lengths(values, lengths), _rows_of(back_N, kept))
    lengths_NH, scores_NH, truncated_NH = (
        tf.gather(tf.reshape(each, [-1, kept]), back_N) for each in (lengths, scores, truncated)
    )
    return Hypotheses(ids, lengths_NH, scores_NH, truncated_NH)


def _as_pairs(source_ids: tf.RaggedTensor, found: Hypotheses) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """A source, and a target that ends with EOS, for each hypothesis: (N * H, ragged)."""
    kept = found.scores_NH.shape[1]
    numbers = tf.repeat(tf.range(tf.shape(found.scores_NH)[0]), kept)
    ends = tf.fill([tf.size(numbers), 1], EOS_ID)
    return tf.gather(source_ids, numbers), tf.concat([found.ids, ends], axis=1)


def _best_of(found: Hypotheses, scores_NH: tf.Tensor, kept: int) -> Hypotheses:
    """The best `kept` hypotheses by other scores; of equal ones the earlier."""
    best_NH, chosen_NH = tf.math.top_k(scores_NH, k=kept)
    numbers_N1 = tf.range(tf.shape(scores_NH)[0])[:, None]
    rows = tf.reshape(numbers_N1 * scores_NH.shape[1] + chosen_NH, [-1])
    lengths_NH, truncated_NH = (
        tf.gather(each, chosen_NH, batch_dims=1) for each in (found.lengths_NH, found.truncated_NH)
    )
    return Hypotheses(tf.gather(found.ids, rows), lengths_NH, best_NH, truncated_NH)


def _rows_of(numbers_N: tf.Tensor, kept: int) -> tf.Tensor:
    """The rows of the sentences' hypotheses: (N * H,)."""
    return tf.reshape(numbers_N[:, None] * kept + tf.range(kept), [-1])


def _task(
    source_ids: tf.RaggedTensor,
    prefix_ids: tf.RaggedTensor | None,
    block: tuple[tf.Tensor, tf.Tensor],
    sentences: int,
) -> Task:
    """A block of sentences as groups of `sentences`; places without one hold dummies."""
    numbers_Q, width = block
    groups = (tf.size(numbers_Q) + sentences - 1) // sentences
    rows = tf.gather(source_ids, numbers_Q)
    sources = tf.reshape(padded(rows, groups * sentences, width), [groups, sentences, width])
    missing = groups * sentences - tf.size(numbers_Q)
    lengths = tf.pad(tf.cast(rows.row_lengths(), tf.int32), [[0, missing]])
    prefix = None
    if prefix_ids is not None:
        dense = tf.pad(tf.gather(prefix_ids, numbers_Q).to_tensor(PAD_ID), [[0, missing], [0, 0]])
        prefix = tf.reshape(dense, [groups, sentences, tf.shape(dense)[1]])
    return Task(sources, tf.reshape(lengths, [groups, sentences]), prefix)
