"""Single sentences, of parallel text and of monolingual corpora, as the training loop takes pairs.

Shapes: N sentences, L tokens of one.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias, final

import numpy as np

from seq2seq_tfx.components.pretraining.masking import Ids
from seq2seq_tfx.components.training.token_store import TokenStore

Sides: TypeAlias = Literal["both", "source", "target"]
MakeExample: TypeAlias = Callable[[int, Ids], tuple[Ids, Ids]]
"""From (visit, ids of a sentence) to (ids read, ids predicted), both (L,); PAD_ID where nothing is predicted."""

_SIDES: dict[Sides, tuple[int, ...]] = {"both": (0, 1), "source": (0,), "target": (1,)}


class Part(NamedTuple):
    """The sentences of a side."""

    store: TokenStore
    side: int
    """0 for the source, 1 for the target."""


def side_numbers(sides: Sides) -> tuple[int, ...]:
    """0 for the source, 1 for the target."""
    return _SIDES[sides]


@final
class Sentences:
    """All sentences of some parts, one part after the other; those that are an end mark alone are left out.

    Args:
        parts: At least one.
        fixed: Makes examples that are the same at every visit; without it, a sentence comes as (ids, ids).
    """

    def __init__(self, parts: Sequence[Part], fixed: MakeExample | None = None) -> None:
        self._parts, self._fixed = parts, fixed
        pairs = [np.flatnonzero(part.store.lengths_N2[:, part.side] > 1) for part in parts]
        self._pair_N = np.concatenate(pairs)
        self._part_N = np.repeat(np.arange(len(parts)), [len(each) for each in pairs])
        lengths_N = np.concatenate(
            [part.store.lengths_N2[chosen, part.side] for part, chosen in zip(parts, pairs, strict=True)]
        )
        self.lengths_N2: Ids = np.stack([lengths_N, lengths_N], axis=1)
        """Tokens of each, twice: what is read and what is predicted is of one length."""

    def __len__(self) -> int:
        return len(self._pair_N)

    def pair(self, i: int) -> tuple[Ids, Ids]:
        """Ids read and predicted of sentence i."""
        store, side = self._parts[int(self._part_N[i])]
        ids = store.pair(int(self._pair_N[i]))[side]
        return (ids, ids) if self._fixed is None else self._fixed(i, ids)
