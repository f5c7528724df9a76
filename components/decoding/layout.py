"""The fixed shapes that every sentence is computed in, so that its translation never depends on its neighbours.

A row of a matrix product is the same to the bit at every place and beside any other rows, if two things hold:

- the product always has the same number of rows: libraries choose block sizes, kernels and the number of partial sums
  by shape;
- that number leaves no remainder: kernels take 4, 6, 8, 12, 16, 24 or 48 rows at a time and have other code, with
  another order of additions, for the rows left over; likewise for the elements beyond the last full vector register.

So each step of a search works on a fixed multiple of 48 rows, all the beams of a fixed multiple of 24 sentences, each
padded to a width (a multiple of 16) that follows from its own length alone. Places without a sentence hold a dummy.
`docs/decisions/0003-batch-invariance.md` has the measurements.
"""

import math
from dataclasses import dataclass
from typing import Final

ROW_UNIT: Final = 48
"""Rows of a product come in multiples of this: no remainder for any kernel that is known."""
SENTENCE_UNIT: Final = 24
"""Sentences come in multiples of this; times a width of `WIDTHS` that is a multiple of 48."""
WANTED_ROWS: Final = 2 * ROW_UNIT
"""Rows of a decoding step, unless the fewest sentences have more beams. Fewer answer one sentence faster, more answer
thousands faster: measured."""
WIDTHS: Final = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Sequences are padded to the first of these that holds them."""
MAX_TOKENS: Final = WIDTHS[-1]
"""The longest source, end mark included; what is longer is cut off before its end mark."""

_BLOCK_TOKENS: Final = 128
"""Padded width times groups of a block, at most, where that leaves several groups."""
_MAX_GROUPS: Final = 6
"""Groups that are searched in step, at most: measured."""
GROUPS_AT_A_TIME: Final = 3
"""Of those, how many may compute their step at the same time: what one processor alone can do of a group's step then
fills the time of the others. Measured."""
_BLOCK_ROWS: Final = _MAX_GROUPS * WANTED_ROWS
"""Rows of a block, at most, where that leaves several groups: bounds the memory of prefixes and caches."""
_MAX_SENTENCES: Final = 2 * SENTENCE_UNIT
"""Bounds the memory of the encoder's attention: sentences * heads * width ** 2."""


@dataclass(frozen=True)
class Layout:
    """The shapes of a search with so many beams a sentence."""

    beams: int
    """Prefixes kept a sentence."""

    @property
    def sentences(self) -> int:
        """Sentences that are searched for together: the fewest that make whole units of rows, or a multiple of them."""
        least = math.lcm(SENTENCE_UNIT * self.beams, ROW_UNIT) // self.beams
        most = min(WANTED_ROWS // self.beams, _MAX_SENTENCES)
        return least * max(1, most // least)

    @property
    def rows(self) -> int:
        """Rows of each decoding step."""
        return self.sentences * self.beams

    def groups_in_step(self, width: int) -> int:
        """How many groups of a padded width are searched together, at most: bounds what is held of them."""
        return max(1, min(_MAX_GROUPS, _BLOCK_ROWS // self.rows, _BLOCK_TOKENS // width))
