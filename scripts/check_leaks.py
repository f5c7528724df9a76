"""Counts the texts that two splits share, and how many a random split of the same pairs would: needs nothing of ours.

Usage: python scripts/check_leaks.py EXAMPLES     (the folder that holds Split-train, Split-eval, Split-test)

Two texts are the same when they are equal but for case, white space and Unicode's compatible forms. Exit status 1 if
any is shared.
"""

import random
import sys
import unicodedata
from itertools import combinations
from pathlib import Path

import tensorflow as tf

SPLITS = ("train", "eval", "test")
Pair = tuple[str, tuple[str, ...]]


def main() -> int:
    """Print what is shared, split by split."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    splits = {split: read_pairs(Path(sys.argv[1]) / f"Split-{split}") for split in SPLITS}
    shared = shared_keys(splits)
    random_shared = leak_share(randomly_split(splits))
    for (one, other), (sources, targets) in shared.items():
        print(f"{one} and {other}: {sources:,} source keys and {targets:,} target keys shared")
    print(f"eval and test pairs whose source or target stands in train: {leak_share(splits):.2%}")
    print(f"the same after a random split of these pairs: {random_shared:.2%}")
    return 1 if any(sources or targets for sources, targets in shared.values()) else 0


def read_pairs(directory: Path) -> list[Pair]:
    """The keys of a split's pairs: source, and every target."""
    files = sorted(str(path) for path in directory.glob("*.gz"))
    pairs = []
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator():
        feature = tf.train.Example.FromString(record).features.feature
        (source,) = feature["source"].bytes_list.value
        pairs.append((key(source), tuple(key(target) for target in feature["target"].bytes_list.value)))
    return pairs


def key(text: bytes) -> str:
    """What the same texts have in common."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.decode()).casefold())
    return " ".join(folded.split())


def shared_keys(splits: dict[str, list[Pair]]) -> dict[tuple[str, str], tuple[int, int]]:
    """For any two splits: how many source keys, and how many target keys, stand in both."""
    sides = {split: sides_of(pairs) for split, pairs in splits.items()}
    return {
        (one, other): (len(sides[one][0] & sides[other][0]), len(sides[one][1] & sides[other][1]))
        for one, other in combinations(splits, 2)
    }


def sides_of(pairs: list[Pair]) -> tuple[set[str], set[str]]:
    """The source keys and the target keys."""
    return {source for source, _ in pairs}, {target for _, targets in pairs for target in targets}


def leak_share(splits: dict[str, list[Pair]]) -> float:
    """Share of eval and test pairs whose source or target stands in train."""
    sources, targets = sides_of(splits["train"])
    held_out = splits["eval"] + splits["test"]
    leaked = sum(source in sources or not targets.isdisjoint(own) for source, own in held_out)
    return leaked / len(held_out)


def randomly_split(splits: dict[str, list[Pair]]) -> dict[str, list[Pair]]:
    """The same pairs, dealt out at random to splits of the same sizes."""
    pairs = [pair for each in splits.values() for pair in each]
    random.Random(1).shuffle(pairs)
    dealt, start = {}, 0
    for split, each in splits.items():
        dealt[split] = pairs[start : start + len(each)]
        start += len(each)
    return dealt


if __name__ == "__main__":
    sys.exit(main())
