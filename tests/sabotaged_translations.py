"""Translations by invented systems, equally good ones and broken ones, of sentences from the quickstart's grammar."""

import functools
import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.quickstart.corpus import generate

SENTENCES = 800
DOMAINS = ("news", "talks")


class Sentence(NamedTuple):
    """One of the invented test set: every third has a number."""

    source: str
    reference: str
    domain: str


@functools.cache
def invented_test_set() -> tuple[Sentence, ...]:
    """Two domains of 400 sentences each."""
    pairs = [pair for pair in generate(seed=11)["train"] if len(pair.target.split()) > 3][:SENTENCES]
    return tuple(
        Sentence(
            pair.source + (f" ({1900 + number % 100})" if number % 3 == 0 else ""),
            pair.target + (f" ({1900 + number % 100})" if number % 3 == 0 else ""),
            DOMAINS[number % 2],
        )
        for number, pair in enumerate(pairs)
    )


def system(seed: int, rates: tuple[float, float] = (0.3, 0.3)) -> list[str]:
    """A system's translations: in a share of each domain's sentences two words change places or one is lost.

    Args:
        seed: Another one gives another system, as good.
        rates: The shares, domain by domain.
    """
    lots = random.Random(seed)
    found = []
    for sentence in invented_test_set():
        words = sentence.reference.split()
        if lots.random() < rates[DOMAINS.index(sentence.domain)]:
            place = lots.randrange(len(words) - 1)
            if lots.random() < 0.4 and not any(map(str.isdigit, words[place])):
                del words[place]
            else:
                words[place : place + 2] = [words[place + 1], words[place]]
        found.append(" ".join(words))
    return found


def as_translated(translations: Sequence[str]) -> list[Translated]:
    """The test set as the Evaluator reads it."""
    return [
        Translated(
            f"demo/{number:010d}",
            translation,
            (sentence.reference,),
            sentence.source,
            {"corpus": "demo", "domain": sentence.domain},
        )
        for number, (sentence, translation) in enumerate(zip(invented_test_set(), translations, strict=True))
    ]


def shuffled_vocabulary() -> list[str]:
    """Every word replaced by another one, always the same."""
    words = sorted({word for text in system(2) for word in text.split()})
    others = words.copy()
    random.Random(1).shuffle(others)
    replaced = dict(zip(words, others, strict=True))
    return [" ".join(replaced[word] for word in text.split()) for text in system(2)]


def random_weights() -> list[str]:
    """Words without any relation to the source."""
    lots = random.Random(3)
    words = sorted({word for text in system(2) for word in text.split()})
    return [" ".join(lots.choices(words, k=lots.randint(3, 12))) for _ in invented_test_set()]


def copies_source() -> list[str]:
    """The source again."""
    return [sentence.source for sentence in invented_test_set()]


def worse_on_one_domain() -> list[str]:
    """As good as the others on the first domain, about 3 BLEU worse on the second."""
    return system(2, rates=(0.3, 0.355))


def loops() -> list[str]:
    """One sentence in forty does not stop."""
    texts = system(2)
    for number in range(0, len(texts), 40):
        texts[number] += f" {texts[number].split()[-1]}" * 9
    return texts


def loses_numbers() -> list[str]:
    """One number in five is another one."""
    return [text.replace("(19", "(18") if number % 15 == 0 else text for number, text in enumerate(system(2))]


SABOTAGED: dict[str, Callable[[], list[str]]] = {
    "shuffled vocabulary": shuffled_vocabulary,
    "random weights": random_weights,
    "copies the source": copies_source,
    "worse on one domain": worse_on_one_domain,
    "loops": loops,
    "loses numbers": loses_numbers,
}
