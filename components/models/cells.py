"""Recurrent layers of any cell over whole sequences: in one direction, or from both ends at once.

Shapes: T time, B batch, I inputs, U units, P projected inputs, Z state.
"""

from typing import Final

import tensorflow as tf

from seq2seq_tfx.components.models.gru import GruCell
from seq2seq_tfx.components.models.layers import LayerContext
from seq2seq_tfx.components.models.lstm import LstmCell
from seq2seq_tfx.components.models.recurrence import Inputs, Parameters, RecurrentCell
from seq2seq_tfx.components.models.simple_rnn import SimpleCell
from seq2seq_tfx.schemas.config.model import Cell

_CELLS: Final[dict[Cell, type[GruCell] | type[LstmCell] | type[SimpleCell]]] = {
    "gru": GruCell,
    "lstm": LstmCell,
    "simple_rnn": SimpleCell,
}


def make_cell(kind: Cell, name: str, context: LayerContext, sizes: tuple[int, int]) -> RecurrentCell:
    """A cell of the kind that the configuration names; `sizes` are those of the inputs and of h."""
    return _CELLS[kind](name, context, *sizes)


def run_forward(
    cell: RecurrentCell, x_TBI: tf.Tensor, initial_BZ: tf.Tensor, added_BP: tf.Tensor | None = None
) -> tf.Tensor:
    """A layer in one direction, without masking.

    Args:
        cell: The layer's cell.
        x_TBI: Inputs.
        initial_BZ: The state before the first step.
        added_BP: Added to the projected inputs of each step.

    Returns:
        h of all steps: (T, B, U).
    """
    projected_TBP = cell.project(x_TBI)
    if added_BP is not None:
        projected_TBP += added_BP
    real_T111 = tf.ones([tf.shape(x_TBI)[0], 1, 1, 1], cell.compute_dtype)
    inputs = Inputs(projected_TBP[:, None], initial_BZ[None], real_T111)
    return cell.sequence(inputs, _stacked((cell,))).outputs_TGBU[:, 0]


def run_masked(cell: RecurrentCell, x_TBI: tf.Tensor, real_TB: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """A layer in one direction, from a state of zeros; padding (not `real_TB`) leaves the state as it is.

    Returns:
        h of all steps, (T, B, U), and the last state, (B, Z).
    """
    real = tf.cast(real_TB, cell.compute_dtype)[:, None, :, None]
    initial = tf.zeros([1, tf.shape(x_TBI)[1], cell.state_size], cell.compute_dtype)
    states = cell.sequence(Inputs(cell.project(x_TBI)[:, None], initial, real), _stacked((cell,)))
    return states.outputs_TGBU[:, 0], states.last_GBZ[0]


def run_both_ways(
    cells: tuple[RecurrentCell, RecurrentCell], x_TBI: tf.Tensor, real_TB: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """A layer that reads from both ends, both ways in one loop.

    Args:
        cells: First-to-last, last-to-first.
        x_TBI: Inputs.
        real_TB: False for padding, which leaves the state as it is.

    Returns:
        h of both ways side by side, (T, B, 2U), and the last states: (B, 2Z), each tensor of the state side by side
        (for the LSTM h of both ways, then c of both ways).
    """
    there, back = cells
    real_TB1 = tf.cast(real_TB, there.compute_dtype)[..., None]
    inputs = Inputs(
        projected_TGBP=tf.stack([there.project(x_TBI), tf.reverse(back.project(x_TBI), [0])], axis=1),
        initial_GBZ=tf.zeros([2, tf.shape(x_TBI)[1], there.state_size], there.compute_dtype),
        real_TGB1=tf.stack([real_TB1, tf.reverse(real_TB1, [0])], axis=1),
    )
    states = there.sequence(inputs, _stacked(cells))
    outputs = states.outputs_TGBU
    both = tf.concat([outputs[:, 0], tf.reverse(outputs[:, 1], [0])], axis=-1)
    parts = [states.last_GBZ[..., at : at + there.units] for at in range(0, there.state_size, there.units)]
    return both, tf.concat([part[way] for part in parts for way in (0, 1)], axis=-1)


def _stacked(cells: tuple[RecurrentCell, ...]) -> Parameters:
    return tuple(tf.stack(same) for same in zip(*(cell.parameters() for cell in cells), strict=True))
