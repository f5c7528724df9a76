"""How often each corpus is seen: exactly in proportion, and each of its pairs equally often.

With N pairs in all, an epoch has N visits. Corpus c with n_c pairs and weight w_c gets the share
q_c = N w_c n_c^(1/T) / (sum over corpora of the same), T being the temperature (Arivazhagan 2019). Its visits are a cut
of one endless sequence of shuffled passes over the corpus: epoch e takes places floor(e q_c) to floor((e + 1) q_c). So
after any number of epochs a corpus was seen q_c times an epoch to within one, and no pair of it was seen more than once
more often than another. An epoch follows from (seed, epoch) alone.

Shapes: N pairs. A visit is an int64: pair + N * (how often the pair was seen before).
"""

import hashlib
import math
from collections.abc import Mapping
from typing import TypeAlias, final

import numpy as np
import numpy.typing as npt

Visits: TypeAlias = npt.NDArray[np.int64]


def every_pair(pairs: int, epoch: int) -> Visits:
    """Each pair once: what an epoch visits where corpora have no weights."""
    return np.arange(pairs, dtype=np.int64) + epoch * pairs


@final
class Mixture:
    """Visits by epoch.

    Args:
        corpora: Which of the N pairs are of which corpus; the ranges follow one another from 0 to N.
        weights: By corpus; 1 where none is given.
        temperature: T.
        seed: Of the run.

    Raises:
        ValueError: If no pair is of a corpus with a weight above 0.
    """

    def __init__(
        self, corpora: Mapping[str, range], weights: Mapping[str, float], temperature: float, seed: int
    ) -> None:
        self._pairs, self._seed = sum(map(len, corpora.values())), seed
        sizes = {
            name: weights.get(name, 1.0) * len(pairs) ** (1.0 / temperature) for name, pairs in corpora.items() if pairs
        }
        total = math.fsum(sizes.values())
        if total <= 0.0:
            raise ValueError(f"a mixture must have pairs of a corpus whose weight is above 0, got {dict(weights)}")
        self.shares = {name: self._pairs * size / total for name, size in sizes.items() if size > 0.0}
        """Visits an epoch of each corpus, q_c."""
        self._corpora = {name: corpora[name] for name in self.shares}

    def visits(self, epoch: int) -> Visits:
        """All visits of an epoch, corpus after corpus."""
        return np.concatenate([self._of_corpus(name, epoch) for name in self._corpora])

    def _of_corpus(self, name: str, epoch: int) -> Visits:
        pairs, share = self._corpora[name], self.shares[name]
        places = np.arange(math.floor(epoch * share), math.floor((epoch + 1) * share))
        passes, place = np.divmod(places, len(pairs))
        visits = np.empty(len(places), np.int64)
        for number in np.unique(passes).tolist():
            chosen = passes == number
            visits[chosen] = self._order(name, number)[place[chosen]] + pairs.start + number * self._pairs
        return visits

    def _order(self, name: str, number: int) -> Visits:
        """The order of a corpus's pairs in one of its passes; it does not depend on other corpora."""
        key = int.from_bytes(hashlib.sha256(f"{self._seed}/{name}/{number}".encode()).digest()[:16], "big")
        return np.random.Generator(np.random.Philox(key=key)).permutation(len(self._corpora[name]))
