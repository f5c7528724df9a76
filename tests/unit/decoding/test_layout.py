"""The fixed shapes, and what they are for: a row's bits depend neither on its place nor on other rows."""

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_TOKENS, ROW_UNIT, SENTENCE_UNIT, WANTED_ROWS, WIDTHS, Layout


@pytest.mark.parametrize("beams", range(1, 65))
def test_shapes_leave_no_remainder_for_any_beam_size(beams: int) -> None:
    layout = Layout(beams)
    assert layout.rows == layout.sentences * beams and layout.rows % ROW_UNIT == 0
    assert layout.rows <= max(WANTED_ROWS, 2 * SENTENCE_UNIT * beams)
    assert layout.sentences > 0 and layout.sentences % SENTENCE_UNIT == 0
    assert all(layout.sentences * width % ROW_UNIT == 0 for width in WIDTHS)


def test_longest_width_is_the_limit() -> None:
    assert max(WIDTHS) == MAX_TOKENS and list(WIDTHS) == sorted(WIDTHS)


@pytest.mark.parametrize(("inputs", "outputs"), [(64, 192), (256, 1024), (1024, 256), (256, 8000), (32, 72)])
@pytest.mark.parametrize("rows", [SENTENCE_UNIT, ROW_UNIT, WANTED_ROWS, Layout(4).sentences * WIDTHS[0]])
def test_equal_rows_of_a_product_are_equal_to_the_bit(inputs: int, outputs: int, rows: int) -> None:
    generator = np.random.default_rng(inputs + outputs)
    kernel = tf.constant(generator.normal(size=(inputs, outputs)).astype(np.float32))
    row = generator.normal(size=(1, inputs)).astype(np.float32)
    product = tf.matmul(tf.constant(np.repeat(row, rows, axis=0)), kernel).numpy()
    assert len({each.tobytes() for each in product}) == 1
