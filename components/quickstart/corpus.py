"""The quickstart corpus: its three splits, and its files.

Training and eval sentences hold no held-out combination (`combinations.py`); each test sentence holds at least
one, while every single word of it occurs in training. So the test score shows what was learnt of the grammar,
not what was remembered.
"""

import gzip
import re
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.quickstart.combinations import held_out, sort_of
from seq2seq_tfx.components.quickstart.grammar import Grammar

SOURCE_LANGUAGE = "en"
TARGET_LANGUAGE = "es"
SPLIT_SIZES = {"train": 24_000, "eval": 400, "test": 400}

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class QuickstartPair:
    """An English sentence, its translation, and the combinations that it holds (see `combinations.py`)."""

    source: str
    target: str
    combinations: tuple[str, ...]

    @property
    def held_out(self) -> tuple[str, ...]:
        """Those of its combinations that occur in the test split only."""
        return held_out(self.combinations)


def generate(seed: int) -> dict[str, tuple[QuickstartPair, ...]]:
    """The corpus, equal for equal seeds.

    Returns:
        `train`, `eval` and `test`, with no source sentence in it twice.
    """
    familiar, novel = _draw(seed, enough=SPLIT_SIZES["train"] + 2 * SPLIT_SIZES["eval"])
    train, others = familiar[: SPLIT_SIZES["train"]], familiar[SPLIT_SIZES["train"] :]
    tokens = _tokens(train)
    known_others = [pair for pair in others if tokens.issuperset(_tokens([pair]))]
    known_novel = [pair for pair in novel if tokens.issuperset(_tokens([pair]))]
    return {
        "train": tuple(train),
        "eval": tuple(known_others[: SPLIT_SIZES["eval"]]),
        "test": tuple(_of_every_sort(known_novel, SPLIT_SIZES["test"])),
    }


def words(text: str) -> list[str]:
    """The words of a sentence in lower case: runs of letters, without digits and marks.

    Example:
        >>> words("¿Vendió Ana 3 libros?")
        ['vendió', 'ana', 'libros']
    """
    return _WORD.findall(text.lower())


def write_corpus(directory: Path, seed: int) -> list[Path]:
    """Write the corpus as six gzip files whose bytes depend on nothing but the seed.

    Args:
        directory: Made if it is not there.
        seed: Of the corpus.

    Returns:
        `train.en.gz`, `train.es.gz`, and the same for `eval` and `test`, in this order.

    Raises:
        OSError: If the folder cannot be written; each file is complete or as it was.
    """
    written = []
    for split, pairs in generate(seed).items():
        sides = {SOURCE_LANGUAGE: [pair.source for pair in pairs], TARGET_LANGUAGE: [pair.target for pair in pairs]}
        for language, lines in sides.items():
            path = directory / f"{split}.{language}.gz"
            write_atomically(path, gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))
            written.append(path)
    return written


def _draw(seed: int, enough: int) -> tuple[list[QuickstartPair], list[QuickstartPair]]:
    """Distinct sentences without and with held-out combinations, until there are enough of the former."""
    grammar = Grammar(seed)
    familiar: list[QuickstartPair] = []
    novel: list[QuickstartPair] = []
    seen = set()
    while len(familiar) < enough:
        source, target, combinations = grammar.sentence()
        if source in seen:
            continue
        seen.add(source)
        pair = QuickstartPair(source, target, combinations)
        (novel if pair.held_out else familiar).append(pair)
    return familiar, novel


def _tokens(pairs: Iterable[QuickstartPair]) -> set[str]:
    """What stands between spaces on either side, with the language before it, without capitals and marks."""
    raw: dict[str, set[str]] = {SOURCE_LANGUAGE: set(), TARGET_LANGUAGE: set()}
    for pair in pairs:
        raw[SOURCE_LANGUAGE].update(pair.source.lower().split())
        raw[TARGET_LANGUAGE].update(pair.target.lower().split())
    return {f"{language} {token.strip('¿?.,')}" for language, tokens in raw.items() for token in tokens}


def _of_every_sort(pairs: Iterable[QuickstartPair], count: int) -> list[QuickstartPair]:
    """The first pairs in turn for each sort of held-out combination, so that all are tested alike."""
    queues: dict[str, deque[QuickstartPair]] = defaultdict(deque)
    for pair in pairs:
        queues[sort_of(pair.held_out[0])].append(pair)
    chosen: list[QuickstartPair] = []
    while len(chosen) < count and any(queues.values()):
        for sort in sorted(queues):
            if queues[sort] and len(chosen) < count:
                chosen.append(queues[sort].popleft())
    return chosen
