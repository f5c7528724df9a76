"""The recurrent encoder, in one direction or both, and the bridge from its last states to the decoder's first.

Shapes: B batch, S source length, E embedding size, D width, Z state of a decoder cell (D, or 2D for the LSTM).
"""

from typing import NamedTuple, final

import tensorflow as tf

from seq2seq_tfx.components.models.cells import make_cell, run_both_ways, run_masked
from seq2seq_tfx.components.models.layers import LayerContext, ModelLayer, Projection
from seq2seq_tfx.components.models.recurrence import RecurrentCell
from seq2seq_tfx.schemas.config.model import ModelConfig


class Encoded(NamedTuple):
    """What is known of a source."""

    states_BSD: tf.Tensor
    """The last layer's outputs, in the order of the source."""
    last_BD: tf.Tensor
    """The last layer's h after the last token that it read, each direction's side by side."""
    initial_BZ: list[tf.Tensor]
    """The decoder's first state, a layer."""


@final
class RecurrentEncoder(ModelLayer):
    """`layers` layers of cells; both directions have width / 2 units each."""

    def __init__(self, context: LayerContext, config: ModelConfig) -> None:
        super().__init__("encoder", context)
        self.config = config
        ways = ("there", "back") if config.bidirectional else ("there",)
        sizes = [config.embedding] + [config.width] * (config.layers - 1)
        units = config.width // len(ways)
        self.cells = [
            self.own([make_cell(config.cell, f"encoder.{i}.{way}", context, (n, units)) for way in ways])
            for i, n in enumerate(sizes)
        ]
        parts = [("bridge", config.width)] + ([("memory_bridge", config.width)] if config.cell == "lstm" else [])
        self.bridges = [
            self.own([Projection(f"{name}.{i}", context, size, size, bias=True) for name, size in parts])
            for i in range(config.layers)
        ]

    def reading_order(self, x_BS: tf.Tensor, real_BS: tf.Tensor) -> tf.Tensor:
        """With `reverse_source`, each sentence last token first; its end mark, and padding, stay where they are.

        Args:
            x_BS: Tokens or states, (B, S, ...).
            real_BS: False for padding, which comes last.

        Returns:
            The same shape. Its own inverse.
        """
        if not self.config.reverse_source:
            return x_BS
        lengths_B = tf.reduce_sum(tf.cast(real_BS, tf.int32), axis=1)
        return tf.reverse_sequence(x_BS, tf.maximum(lengths_B - 1, 0), seq_axis=1, batch_axis=0)

    def read(self, x_SBE: tf.Tensor, real_BS: tf.Tensor, training: bool) -> Encoded:
        """Run over embedded sources, time first, in `reading_order`."""
        initial, last, x = [], x_SBE[0], x_SBE
        for i, cells in enumerate(self.cells):
            dropped = self.context.dropout.drop(x, self.config.dropout, training) if i else x
            outputs, last = self._run(cells, dropped, tf.transpose(real_BS))
            initial.append(self._first_state(i, last))
            x = outputs + x if i and self.config.residual else outputs
        states_BSD = self.reading_order(tf.transpose(x, [1, 0, 2]), real_BS)
        return Encoded(states_BSD, last[:, : self.config.width], initial)

    def _run(self, cells: list[RecurrentCell], x_SBI: tf.Tensor, real_SB: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if len(cells) == 2:
            return run_both_ways((cells[0], cells[1]), x_SBI, real_SB)
        return run_masked(cells[0], x_SBI, real_SB)

    def _first_state(self, layer: int, last_BZ: tf.Tensor) -> tf.Tensor:
        """tanh(W_b h + b_b); the LSTM's c goes through a product alone: it has no bounds to keep to."""
        width, bridges = self.config.width, self.bridges[layer]
        h_BD = tf.tanh(bridges[0](last_BZ[:, :width]))
        return h_BD if len(bridges) == 1 else tf.concat([h_BD, bridges[1](last_BZ[:, width:])], axis=-1)
