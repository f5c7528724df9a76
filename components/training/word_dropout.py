"""Word dropout (Gal and Ghahramani 2016): whole word types of a sentence are not read.

Gal sets their embeddings to zero; here they are read as `<unk>`, the token for a word that is not known, so that no
model has to know of it.

Shapes: B batch, T length, V one more than the largest id of the batch.
"""

import tensorflow as tf

from seq2seq_tfx.schemas.features import SPECIAL_PIECES, UNK_ID


def drop_words(ids_BT: tf.Tensor, rate: float, seed_2: tf.Tensor) -> tf.Tensor:
    """Replace a share `rate` of each row's word types by UNK, at every place where they stand in the row.

    Args:
        ids_BT: int32; special tokens, the end mark and padding among them, always stay.
        rate: Probability that a type is dropped.
        seed_2: int32 (2,); the same seed drops the same words.
    """
    size = tf.reduce_max(ids_BT) + 1
    dropped_BV = tf.random.stateless_uniform([tf.shape(ids_BT)[0], size], seed_2) < rate
    dropped_BT = tf.gather(dropped_BV, ids_BT, batch_dims=1) & (ids_BT >= len(SPECIAL_PIECES))
    return tf.where(dropped_BT, UNK_ID, ids_BT)
