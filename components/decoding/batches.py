"""Any number of sentences in, their translations out: grouped by length into batches of a fixed shape (`grouping.py`).

Shapes: N sentences, H hypotheses of each, R sentences of a group, K beams, P tokens of a prefix.
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.alignments import coverage
from seq2seq_tfx.components.decoding.grouping import cut, in_groups, make_groups, padded
from seq2seq_tfx.components.decoding.layout import Layout
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
    """Translate. To be called inside a `tf.function`; memory is that of one group, whatever N.

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

    def translate(numbers_R: tf.Tensor, width: tf.Tensor) -> tuple[tf.Tensor, ...]:
        group = tf.gather(source_ids, numbers_R)
        lengths_R = _filled(tf.cast(group.row_lengths(), tf.int32), layout.sentences, 0)
        prefix_RP = None if prefix_ids is None else _prefix_of(prefix_ids, numbers_R, layout.sentences)
        found = search(model, Task(padded(group, layout.encoded, width), lengths_R, prefix_RP), rules)
        size = tf.size(numbers_R)
        tokens = tf.boolean_mask(found.ids_RHT, tf.sequence_mask(found.lengths_RH, tf.shape(found.ids_RHT)[2]))
        flat = (each[:size] for each in (found.lengths_RH, found.scores_RH, ~found.ended_RH))
        return tokens, *(tf.reshape(each, [-1]) for each in flat)

    groups = make_groups(tf.cast(source_ids.row_lengths(), tf.int32), layout.sentences)
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


def _prefix_of(prefix_ids: tf.RaggedTensor, numbers_R: tf.Tensor, sentences: int) -> tf.Tensor:
    dense = tf.gather(prefix_ids, numbers_R).to_tensor(PAD_ID)
    return tf.pad(dense, [[0, sentences - tf.size(numbers_R)], [0, 0]], constant_values=PAD_ID)


def _filled(values_N: tf.Tensor, size: int, value: int) -> tf.Tensor:
    return tf.ensure_shape(tf.pad(values_N, [[0, size - tf.size(values_N)]], constant_values=value), [size])
