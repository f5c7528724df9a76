"""The loss of the eval split: plain cross-entropy a token, without dropout or label smoothing."""

import numpy as np
import tensorflow as tf

from seq2seq_tfx.components.training.batches import padded, sorted_batches
from seq2seq_tfx.components.training.step import LossFunction
from seq2seq_tfx.components.training.token_store import TokenStore


def evaluation_loss(loss: LossFunction, store: TokenStore, batch_tokens: int) -> float:
    """Mean cross-entropy over all real target tokens of a split, in nats.

    Args:
        loss: Sum and number of tokens of a batch.
        store: The split; must not be empty.
        batch_tokens: Size of its batches.
    """
    total, tokens = 0.0, 0.0
    for pairs in sorted_batches(store.lengths_N2, np.arange(len(store)), batch_tokens):
        source_BS, target_BT = padded(store, pairs)
        batch_total, batch_tokens_seen = loss(tf.constant(source_BS), tf.constant(target_BT))
        total += float(batch_total)
        tokens += float(batch_tokens_seen)
    return total / tokens
