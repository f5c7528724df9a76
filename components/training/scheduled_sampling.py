"""Scheduled sampling (Bengio 2015): in training, the decoder is sometimes fed its own last prediction.

A first pass, step by step as in translation and without a gradient, finds the tokens that the decoder is fed: each the
reference's or, by chance, the best prediction after the tokens fed before it. The pass that is learned from then reads
these tokens all at once. As in the paper, no gradient goes through the choice of a token. Any model can do it, since
`start` and `step` are all it takes; the first pass costs about as much as a greedy translation of the batch.

Shapes: B batch, T target length, V vocabulary size.
"""

import tensorflow as tf

from seq2seq_tfx.components.models.interface import Seq2SeqModel, Tensors
from seq2seq_tfx.schemas.features import SPECIAL_PIECES


def with_own_tokens(
    model: Seq2SeqModel, memory: Tensors, target_in_BT: tf.Tensor, probability: tf.Tensor, seed_2: tf.Tensor
) -> tf.Tensor:
    """What the decoder is fed in place of the reference.

    Args:
        model: Predicts without dropout here.
        memory: What its `encode` returned.
        target_in_BT: int32, BOS first; special tokens always stay, and are never put in place of a word.
        probability: float32 scalar, of taking the prediction.
        seed_2: int32 (2,); the same seed chooses the same places.

    Returns:
        int32 (B, T).
    """
    fixed, state = model.start({name: tf.stop_gradient(tensor) for name, tensor in memory.items()})
    own_BT = tf.random.stateless_uniform(tf.shape(target_in_BT), seed_2) < probability
    own_BT &= target_in_BT >= len(SPECIAL_PIECES)
    length = tf.shape(target_in_BT)[1]
    first_B = target_in_BT[:, 0]
    fed = tf.TensorArray(tf.int32, size=length, element_shape=first_B.shape).write(0, first_B)

    def body(place: tf.Tensor, token_B: tf.Tensor, state: Tensors, fed: tf.TensorArray) -> tuple[object, ...]:
        logits_BV, state = model.step(fixed, state, token_B[:, None], place - 1)
        best_B = tf.argmax(logits_BV, axis=-1, output_type=tf.int32)
        chosen_B = own_BT[:, place] & (best_B >= len(SPECIAL_PIECES))
        token_B = tf.where(chosen_B, best_B, target_in_BT[:, place])
        return place + 1, token_B, state, fed.write(place, token_B)

    *_, fed = tf.while_loop(
        lambda place, *_: place < length,
        body,
        (tf.constant(1), first_B, state, fed),
        shape_invariants=(tf.TensorShape([]), first_B.shape, _growing(model, fixed, state, first_B), None),
        parallel_iterations=1,
    )
    return tf.transpose(fed.stack())


def _growing(model: Seq2SeqModel, fixed: Tensors, state: Tensors, token_B: tf.Tensor) -> dict[str, tf.TensorShape]:
    """The state's shapes, without the dimensions that a step changes. (The graph drops this unused step.)"""
    _, after = model.step(fixed, state, token_B[:, None], tf.constant(0))
    return {
        name: tf.TensorShape([a if a == b else None for a, b in zip(tensor.shape, after[name].shape, strict=True)])
        for name, tensor in state.items()
    }
