"""How well each check of a translation works: precision and recall on faults injected into good translations.

    python benchmarks/text_checks.py [--pairs 4000]

A check is asked twice about each pair: about the reference as it is (it should be silent), and about the reference with
one fault of its kind injected (it should speak). Precision is of as many sound as faulty translations. References that
are at fault themselves count against the check. Generated text is always there; Multi30k (en-de) and Tatoeba (en-es)
where $SEQ2SEQ_DATA names a folder that holds them.
"""

import argparse
import gzip
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from seq2seq_tfx.components.quickstart.corpus import generate
from seq2seq_tfx.components.text_checks.checking import TextChecker, TextCheckSettings
from seq2seq_tfx.components.text_checks.numbers import has_number
from seq2seq_tfx.schemas.config.text_checks import TextCheck

MARKUP = ("https://example.org/a?b=1", "{name}", "%s", "<b>", "&nbsp;", "a.b@example.org")


class Pair(NamedTuple):
    """A sentence and its reference."""

    source: str
    reference: str


class Found(NamedTuple):
    """What a check did."""

    faulty: int
    recognised: int
    sound: int
    accused: int

    @property
    def recall(self) -> float:
        """Share of the faults that were seen."""
        return self.recognised / self.faulty if self.faulty else float("nan")

    @property
    def precision(self) -> float:
        """Share of true accusations, were there as many sound as faulty translations."""
        false_share = self.accused / self.sound if self.sound else 0.0
        return self.recall / (self.recall + false_share) if self.recall else float("nan")


Injection = Callable[[Pair, random.Random, list[Pair]], tuple[Pair, Pair] | None]
"""From a sound pair to the pair as it is asked about, and the pair with the fault; None where the fault cannot be."""


def empty(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """Nothing comes out."""
    return pair, Pair(pair.source, lots.choice(("", " ")))


def copied_source(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """The source comes out."""
    return pair, Pair(pair.source, pair.source)


def loop(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """From some word on, one to four words come again and again."""
    words = pair.reference.split()
    start = lots.randrange(len(words))
    phrase = words[start : start + lots.randint(1, 4)]
    return pair, Pair(pair.source, " ".join([*words[:start], *phrase * lots.randint(4, 12)]))


def wrong_script(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """One word is in another script."""
    words = pair.reference.split()
    words[lots.randrange(len(words))] = lots.choice(("собака", "家族", "σκύλος", "كلب", "बिल्ली"))
    return pair, Pair(pair.source, " ".join(words))


def wrong_language(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """A sentence in the source's language comes out, of other content than the source."""
    return pair, Pair(pair.source, lots.choice(pairs).source)


def lost_number(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair] | None:
    """One digit of a number is another one, or the number is gone."""
    places = [place for place, letter in enumerate(pair.reference) if letter.isdigit()]
    if not has_number(pair.source) or not places:
        return None
    place = lots.choice(places)
    other = lots.choice([digit for digit in "123456789" if digit != pair.reference[place]])
    changed = pair.reference[:place] + other + pair.reference[place + 1 :]
    dropped = "".join(letter for letter in pair.reference if not letter.isdigit())
    return pair, Pair(pair.source, lots.choice((changed, dropped)))


def lost_markup_of(pair: Pair, lots: random.Random, pairs: list[Pair]) -> tuple[Pair, Pair]:
    """What must come through letter by letter is gone, or one of its letters is."""
    sign = lots.choice(MARKUP)
    words, others = pair.source.split(), pair.reference.split()
    words.insert(lots.randrange(len(words) + 1), sign)
    others.insert(lots.randrange(len(others) + 1), sign)
    kept = Pair(" ".join(words), " ".join(others))
    damaged = lots.choice(("", sign[:1] + sign[2:]))
    return kept, Pair(kept.source, kept.reference.replace(sign, damaged))


INJECTIONS: dict[TextCheck, Injection] = {
    "empty": empty,
    "copied_source": copied_source,
    "loop": loop,
    "wrong_script": wrong_script,
    "wrong_language": wrong_language,
    "lost_number": lost_number,
    "lost_markup": lost_markup_of,
}


def measure(pairs: list[Pair], checker: TextChecker, seed: int = 1) -> dict[TextCheck, Found]:
    """Ask every check about every pair, sound and faulty."""
    found = {}
    for check, inject in INJECTIONS.items():
        lots = random.Random(seed)
        counts = [0, 0, 0, 0]
        for pair in pairs:
            asked = inject(pair, lots, pairs)
            if asked is None:
                continue
            sound, faulty = asked
            counts[0] += 1
            counts[1] += check in checker.failures(*faulty)
            counts[2] += 1
            counts[3] += check in checker.failures(*sound)
        found[check] = Found(*counts)
    return found


def corpora(most: int) -> Iterator[tuple[str, str, list[Pair]]]:
    """Name, target language and pairs of every corpus that is there."""
    pairs = [Pair(each.source, each.target) for each in generate(seed=7)["train"][:most]]
    numbered = [
        Pair(f"{pair.source} ({number})", f"{pair.reference} ({number})") if number % 3 == 0 else pair
        for number, pair in enumerate(pairs)
    ]
    yield "generated (en-es)", "es", numbered
    data = Path(os.environ.get("SEQ2SEQ_DATA", ""))
    if (data / "multi30k").is_dir():
        sides = [gzip.decompress((data / f"multi30k/train.{side}.gz").read_bytes()).decode() for side in ("en", "de")]
        rows = zip(*(side.splitlines() for side in sides), strict=True)
        yield "Multi30k (en-de)", "de", _with_numbers([Pair(*row) for row in rows], most)
    if (data / "tatoeba").is_dir():
        lines = gzip.decompress((data / "tatoeba/en-es.tsv.gz").read_bytes()).decode().splitlines()
        yield "Tatoeba (en-es)", "es", _with_numbers([Pair(*line.split("\t")[:2]) for line in lines], most)


def _with_numbers(pairs: list[Pair], most: int) -> list[Pair]:
    """A sample in which as many as there are, up to a quarter, have numbers."""
    lots = random.Random(1)
    lots.shuffle(pairs)
    numbered = [pair for pair in pairs if has_number(pair.source)][: most // 4]
    return numbered + [pair for pair in pairs if not has_number(pair.source)][: most - len(numbered)]


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="precision and recall of the checks of a translation")
    parser.add_argument("--pairs", type=int, default=4000, help="pairs of each corpus")
    most = parser.parse_args().pairs
    print("| corpus | check | faults | recall | sound | accused | precision |")
    print("|---|---|---|---|---|---|---|")
    for name, target, pairs in corpora(most):
        checker = TextChecker(TextCheckSettings(source="en", target=target))
        for check, each in measure(pairs, checker).items():
            cells = (f"{each.faulty:,}", f"{each.recall:.1%}", f"{each.sound:,}", f"{each.accused:,}")
            print(f"| {name} | `{check}` | {' | '.join(cells)} | {each.precision:.1%} |")
        started = time.perf_counter()
        for pair in pairs:
            checker.failures(*pair)
        microseconds = (time.perf_counter() - started) / len(pairs) * 1e6
        print(f"| {name} | all together: {microseconds:.0f} microseconds a sentence | | | | | |")


if __name__ == "__main__":
    main()
