"""The plain log-probabilities of given translations, token by token: what another engine's are compared with.

They come from the model's own layers, not through `decoding/`: a mistake there would be in the search and in its proof.

Shapes: B pairs, S source length, T target length, V vocabulary.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.features import BOS_ID, PAD_ID

Ids = Sequence[int]

_TOKENS_AT_ONCE: Final = 1024
"""Target tokens of a batch, padding counted: bounds the memory of its logits."""
_IDS: Final = tf.TensorSpec([None, None], tf.int32)


def token_log_probs(model: Seq2SeqModel, sources: Sequence[Ids], targets: Sequence[Ids]) -> list[list[float]]:
    """Log-probabilities (nats) of every target token after those before it, EOS included.

    Args:
        model: The model.
        sources: Ids, EOS at the end.
        targets: Their translations, EOS at the end.

    Returns:
        For each pair as many numbers as its target has ids.
    """

    @tf.function(input_signature=[_IDS, _IDS], autograph=False)
    def log_probs(source_BS: tf.Tensor, target_BT: tf.Tensor) -> tf.Tensor:
        before_BT = tf.pad(target_BT[:, :-1], [[0, 0], [1, 0]], constant_values=BOS_ID)
        logits_BTV = model.call(source_BS, before_BT)
        return -tf.nn.sparse_softmax_cross_entropy_with_logits(target_BT, logits_BTV)

    found: list[list[float]] = [[] for _ in sources]
    for numbers in _groups(sources, targets):
        source_BS, target_BT = (_padded([side[i] for i in numbers]) for side in (sources, targets))
        for i, row in zip(numbers, log_probs(source_BS, target_BT).numpy().tolist(), strict=True):
            found[i] = row[: len(targets[i])]
    return found


def _groups(sources: Sequence[Ids], targets: Sequence[Ids]) -> Iterator[list[int]]:
    """Numbers of pairs of like lengths, some at a time."""
    group: list[int] = []
    for i in sorted(range(len(sources)), key=lambda i: (len(targets[i]), len(sources[i]))):
        if (len(group) + 1) * len(targets[i]) > _TOKENS_AT_ONCE and group:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def _padded(rows: Sequence[Ids]) -> tf.Tensor:
    return tf.ragged.constant(rows, tf.int32).to_tensor(PAD_ID)
