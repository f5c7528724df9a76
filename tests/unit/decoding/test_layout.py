"""The fixed shapes, and what they are for: a row's bits depend neither on its place nor on other rows."""

import numpy as np
import pytest
import tensorflow as tf

from seq2seq_tfx.components.decoding.layout import MAX_ROWS, MAX_TOKENS, ROW_UNIT, SENTENCE_UNIT, WIDTHS, Layout


@pytest.mark.parametrize("beams", range(1, 65))
def test_shapes_leave_no_remainder_for_any_beam_size(beams: int) -> None:
    layout = Layout(beams)
    assert layout.rows % ROW_UNIT == 0 and layout.rows <= MAX_ROWS
    assert 0 < layout.sentences * beams <= layout.rows
    assert layout.encoded % SENTENCE_UNIT == 0 and layout.encoded >= layout.sentences
    assert all(layout.encoded * width % ROW_UNIT == 0 for width in WIDTHS)


def test_every_row_belongs_to_a_sentence() -> None:
    layout = Layout(5)
    rows = layout.sentence_of_row()
    assert (layout.rows, layout.sentences) == (96, 19)
    assert rows[:6] == [0, 0, 0, 0, 0, 1] and rows[94:] == [18, 18] and len(rows) == 96


def test_longest_width_is_the_limit() -> None:
    assert max(WIDTHS) == MAX_TOKENS and list(WIDTHS) == sorted(WIDTHS)


@pytest.mark.parametrize(("inputs", "outputs"), [(64, 192), (256, 1024), (1024, 256), (256, 8000), (32, 72)])
@pytest.mark.parametrize("rows", [SENTENCE_UNIT, ROW_UNIT, MAX_ROWS, Layout(4).encoded * WIDTHS[0]])
def test_equal_rows_of_a_product_are_equal_to_the_bit(inputs: int, outputs: int, rows: int) -> None:
    generator = np.random.default_rng(inputs + outputs)
    kernel = tf.constant(generator.normal(size=(inputs, outputs)).astype(np.float32))
    row = generator.normal(size=(1, inputs)).astype(np.float32)
    product = tf.matmul(tf.constant(np.repeat(row, rows, axis=0)), kernel).numpy()
    assert len({each.tobytes() for each in product}) == 1
