"""Groups of one width that are searched together, so that sentences which are done do not take a place any longer.

A step is computed for each group by itself, with its fixed shapes (`layout.py`), for some groups at the same time; all
groups of a block are at the same step. As soon as the sentences that are not done fit into one group less, they are
moved together. What is computed for a sentence follows from the sentence and the step alone, so it does not matter in
which group it happens.

Shapes: G groups, R sentences of a group, K beams, N rows of a step (R * K), H hypotheses kept, T tokens so far, P
prefix, Q sentences of the block (G * R).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.decoding.beams import Alive, Finished
from seq2seq_tfx.components.decoding.layout import GROUPS_AT_A_TIME
from seq2seq_tfx.components.models.interface import Tensors
from seq2seq_tfx.schemas.features import PAD_ID


class Loop(NamedTuple):
    """What a group carries from step to step."""

    token_RK: tf.Tensor
    """The tokens fed next."""
    state: Tensors
    """The model's, R or N rows."""
    alive: Alive
    finished: Finished


class Group(NamedTuple):
    """All that is known of a group."""

    places_R: tf.Tensor
    """int32: where in the block its sentences stand."""
    by_sentence: Tensors
    """What stays the same from step to step, R rows."""
    least_N: tf.Tensor
    """int32: the shortest translation of each row's sentence."""
    memory: Tensors
    """What the model knows of the sources, R rows."""
    loop: Loop


class _Block(NamedTuple):
    """What is carried from phase to phase: a phase ends when one group less is enough."""

    step: tf.Tensor
    groups: tf.Tensor
    open: tf.Tensor
    """Sentences that are not done."""
    fixed: list[tf.TensorArray]
    """For each tensor of a group that stays the same, the groups'."""
    moving: list[tf.TensorArray]
    """For each tensor of `Loop`, the groups'."""
    results: Finished


def run_in_lockstep(
    groups: tf.Tensor, begin: Callable[[tf.Tensor], Group], advance: Callable[[Group, tf.Tensor], Loop]
) -> Finished:
    """Search until every sentence is done.

    Args:
        groups: int32, at least 1.
        begin: From a group's number to the group before its first step.
        advance: From a group and the number of the step, from 0, to what it carries to the next.

    Returns:
        Of all Q sentences, in the groups' order.
    """
    return _Lockstep(groups, begin(tf.constant(0)), advance).run(begin)


class _Lockstep:
    """Knows how the tensors of a group are laid out in arrays."""

    def __init__(self, groups: tf.Tensor, first: Group, advance: Callable[[Group, tf.Tensor], Loop]) -> None:
        self._groups, self._first, self._advance = groups, first, advance
        self._sentences, self._beams, _ = first.loop.alive.ids_RKT.shape
        self._rows = self._sentences * self._beams
        # Traced for the shapes alone, in a graph of its own, so that nothing is computed twice.
        after = tf.function(advance, autograph=False).get_concrete_function(first, tf.constant(0)).structured_outputs
        self._moving_shapes = [
            _common(one.shape, other.shape)
            for one, other in zip(tf.nest.flatten(first.loop), tf.nest.flatten(after), strict=True)
        ]
        self._fixed_shapes = [tensor.shape for tensor in tf.nest.flatten(first[:-1])]

    def run(self, begin: Callable[[tf.Tensor], Group]) -> Finished:
        """See `run_in_lockstep`."""
        fixed, moving = self._begun(begin)
        finished = self._first.loop.finished
        results = Finished(*(tf.repeat(tensor[:1], self._groups * self._sentences, axis=0) for tensor in finished))
        block = _Block(tf.constant(0), self._groups, self._open(moving), fixed, moving, results)
        shapes = _Block(
            step=block.step.shape,
            groups=block.groups.shape,
            open=block.open.shape,
            fixed=[tf.TensorShape([])] * len(fixed),
            moving=[tf.TensorShape([])] * len(moving),
            results=Finished(*(_batched(shape) for shape in self._moving_shapes[-len(finished) :])),
        )
        end = tf.while_loop(
            lambda *carried: _Block(*carried).groups > 0,
            lambda *carried: tuple(self._packed(self._phase(_Block(*carried)))),
            tuple(block),
            shape_invariants=tuple(shapes),
            parallel_iterations=1,
        )
        return _Block(*end).results

    def _begun(self, begin: Callable[[tf.Tensor], Group]) -> tuple[list[tf.TensorArray], list[tf.TensorArray]]:
        """All groups before their first step."""

        def write(number: tf.Tensor, group: Group, arrays: Sequence[tf.TensorArray]) -> list[tf.TensorArray]:
            tensors = tf.nest.flatten((group[:-1], group.loop))
            return [array.write(number, tensor) for array, tensor in zip(arrays, tensors, strict=True)]

        tensors = tf.nest.flatten((self._first[:-1], self._first.loop))
        shapes = [*self._fixed_shapes, *self._moving_shapes]
        arrays = [_array(tensor.dtype, self._groups, shape) for tensor, shape in zip(tensors, shapes, strict=True)]
        _, *arrays = tf.while_loop(
            lambda number, *_: number < self._groups,
            lambda number, *written: (number + 1, *write(number, begin(number), written)),
            (tf.constant(1), *write(tf.constant(0), self._first, arrays)),
            parallel_iterations=1,
        )
        return arrays[: len(self._fixed_shapes)], arrays[len(self._fixed_shapes) :]

    def _phase(self, block: _Block) -> _Block:
        """Step all groups until one less is enough."""

        def one_step(step: tf.Tensor, _: tf.Tensor, *moving: tf.TensorArray) -> tuple[object, ...]:
            # Read from one array and written to another: no group waits for the one before.
            def one_group(number: tf.Tensor, still: tf.Tensor, *written: tf.TensorArray) -> tuple[object, ...]:
                loop = self._advance(self._read(number, block.fixed, moving), step)
                tensors = tf.nest.flatten(loop)
                written = tuple(array.write(number, each) for array, each in zip(written, tensors, strict=True))
                return number + 1, still + _undone(loop.finished.done_R), *written

            start = tf.constant(0), tf.constant(0), *self._empty(moving, block.groups)
            _, still, *moved = tf.while_loop(
                lambda number, *_: number < block.groups, one_group, start, parallel_iterations=GROUPS_AT_A_TIME
            )
            return step + 1, still, *moved

        step, still, *moving = tf.while_loop(
            lambda _, still, *__: still > (block.groups - 1) * self._sentences,
            one_step,
            (block.step, block.open, *block.moving),
            parallel_iterations=1,
        )
        return block._replace(step=step, open=still, moving=moving)

    def _empty(self, moving: Sequence[tf.TensorArray], groups: tf.Tensor) -> list[tf.TensorArray]:
        return [_array(array.dtype, groups, shape) for array, shape in zip(moving, self._moving_shapes, strict=True)]

    def _packed(self, block: _Block) -> _Block:
        """The sentences that are not done in as few groups as can be, and what is known of all."""
        finished = self._finished(block.moving)
        places_Q = _joined(block.fixed[0])
        order_Q = tf.argsort(tf.cast(finished.done_R, tf.int32), stable=True)
        groups = (block.open + self._sentences - 1) // self._sentences
        by_sentence = order_Q[: groups * self._sentences]
        by_row = tf.reshape(by_sentence[:, None] * self._beams + tf.range(self._beams), [-1])
        fixed, moving = (
            [self._moved(array, shape, by_sentence, by_row) for array, shape in zip(arrays, shapes, strict=True)]
            for arrays, shapes in ((block.fixed, self._fixed_shapes), (block.moving, self._moving_shapes))
        )
        results = (
            tf.tensor_scatter_nd_update(old, places_Q[:, None], new)
            for old, new in zip(*_equally_long(block.results, finished), strict=True)
        )
        return block._replace(groups=groups, fixed=fixed, moving=moving, results=Finished(*results))

    def _moved(
        self, array: tf.TensorArray, shape: tf.TensorShape, by_sentence: tf.Tensor, by_row: tf.Tensor
    ) -> tf.TensorArray:
        size = shape[0]
        chosen = tf.gather(_joined(array), by_row if size == self._rows else by_sentence)
        groups = tf.size(by_sentence) // self._sentences
        split = tf.reshape(chosen, tf.concat([[groups, size], tf.shape(chosen)[1:]], axis=0))
        return _array(array.dtype, groups, shape).unstack(split)

    def _read(self, number: tf.Tensor, fixed: Sequence[tf.TensorArray], moving: Sequence[tf.TensorArray]) -> Group:
        tensors = [array.read(number) for array in (*fixed, *moving)]
        shapes = [*self._fixed_shapes, *self._moving_shapes]
        for tensor, shape in zip(tensors, shapes, strict=True):
            tensor.set_shape(shape)
        group: Group = tf.nest.pack_sequence_as(self._first, tensors)
        return group

    def _finished(self, moving: Sequence[tf.TensorArray]) -> Finished:
        return Finished(*(_joined(array) for array in moving[-len(Finished._fields) :]))

    def _open(self, moving: Sequence[tf.TensorArray]) -> tf.Tensor:
        return _undone(self._finished(moving).done_R)


def _array(dtype: tf.DType, size: tf.Tensor, shape: tf.TensorShape) -> tf.TensorArray:
    return tf.TensorArray(dtype, size=size, element_shape=shape, infer_shape=False, clear_after_read=False)


def _joined(array: tf.TensorArray) -> tf.Tensor:
    """The groups' tensors one after the other."""
    stacked = array.stack()
    shape = tf.shape(stacked)
    return tf.reshape(stacked, tf.concat([shape[:1] * shape[1:2], shape[2:]], axis=0))


def _equally_long(results: Finished, finished: Finished) -> tuple[Finished, Finished]:
    """Both with as many columns as the second has and one more, so that there is one also before the first step."""
    columns = tf.shape(finished.ids_RHT)[2] + 1
    padded = [
        tf.pad(each.ids_RHT, [[0, 0], [0, 0], [0, columns - tf.shape(each.ids_RHT)[2]]], constant_values=PAD_ID)
        for each in (results, finished)
    ]
    return results._replace(ids_RHT=padded[0]), finished._replace(ids_RHT=padded[1])


def _undone(done_R: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(~done_R, tf.int32))


def _common(one: tf.TensorShape, other: tf.TensorShape) -> tf.TensorShape:
    """What one step leaves as it is; the other dimensions grow."""
    return tf.TensorShape([a if a == b else None for a, b in zip(one, other, strict=True)])


def _batched(shape: tf.TensorShape) -> tf.TensorShape:
    return tf.TensorShape([None, *shape[1:]])
