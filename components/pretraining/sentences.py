"""The single sentences of parallel text, as the training loop takes pairs.

Shapes: N sentences, L tokens of one.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias, final

import numpy as np

from seq2seq_tfx.components.pretraining.masking import Ids
from seq2seq_tfx.components.training.token_store import TokenStore

Sides: TypeAlias = Literal["both", "source", "target"]
MakeExample: TypeAlias = Callable[[int, Ids], tuple[Ids, Ids]]
"""From (visit, ids of a sentence) to (ids read, ids predicted), both (L,); PAD_ID where nothing is predicted."""

_SIDES: dict[Sides, tuple[int, ...]] = {"both": (0, 1), "source": (0,), "target": (1,)}


@final
class Sentences:
    """All sentences of one side or of both, the source's first; those that are an end mark alone are left out.

    Args:
        store: The pairs.
        sides: Which sentences.
        fixed: Makes examples that are the same at every visit; without it, a sentence comes as (ids, ids).
    """

    def __init__(self, store: TokenStore, sides: Sides, fixed: MakeExample | None = None) -> None:
        self._store, self._fixed = store, fixed
        pairs = {side: np.flatnonzero(store.lengths_N2[:, side] > 1) for side in _SIDES[sides]}
        self._pair_N = np.concatenate(list(pairs.values()))
        self._side_N = np.repeat(list(pairs), [len(each) for each in pairs.values()])
        lengths_N = store.lengths_N2[self._pair_N, self._side_N]
        self.lengths_N2: Ids = np.stack([lengths_N, lengths_N], axis=1)
        """Tokens of each, twice: what is read and what is predicted is of one length."""

    def __len__(self) -> int:
        return len(self._pair_N)

    def pair(self, i: int) -> tuple[Ids, Ids]:
        """Ids read and predicted of sentence i."""
        ids = self._store.pair(int(self._pair_N[i]))[self._side_N[i]]
        return (ids, ids) if self._fixed is None else self._fixed(i, ids)
