"""2,000 sentences, every batch size and order: every architecture with a beam, and every group of options with both
families and an ensemble of them.

Takes hours: `python -m pytest tests/soak/test_neighbours_at_length.py`.
"""

import os

import pytest
from unit.decoding.neighbours import (
    ARCHITECTURES,
    BATCH_SIZES,
    SEARCHES,
    assert_translations_do_not_depend_on_neighbours,
    model_of,
)

SENTENCES = int(os.environ.get("SEQ2SEQ_SOAK_SENTENCES", "2000"))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("kind", "search"),
    [
        *((kind, "beam") for kind in ARCHITECTURES),
        *((kind, search) for kind in ("transformer", "rnn") for search in SEARCHES if search != "beam"),
        *(("ensemble", search) for search in SEARCHES),
    ],
)
def test_translations_are_equal_to_the_bit_at_any_batch_size_and_in_any_order(
    kind: str, search: str, dtype: str
) -> None:
    plan = [(size, SENTENCES) for size in BATCH_SIZES]
    assert_translations_do_not_depend_on_neighbours(model_of(kind, dtype), search, plan)
