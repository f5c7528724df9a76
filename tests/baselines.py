"""Translations without learning, which a trained model must beat: word by word, and by the nearest sentence."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import sacrebleu


def dictionary_translation(source: str, lexicon: Mapping[str, str]) -> str:
    """Each word of the sentence replaced by the dictionary's; what it does not hold stays as it is.

    Args:
        source: An English sentence.
        lexicon: English word in lower case -> Spanish base form, "" for none.
    """
    is_question = source.endswith("?")
    translated = []
    for token in source[:-1].split():
        word = token.strip(",")
        stem, _, _ = word.partition("'s")
        parts = [word] if word.lower() in lexicon else stem.split("-")
        found = [lexicon.get(part.lower(), part) for part in parts]
        translated.append(" y ".join(found) + ("," if token.endswith(",") else ""))
    text = " ".join(part for part in translated if part)
    text = text[:1].upper() + text[1:]
    return f"¿{text}?" if is_question else f"{text}."


def word_edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Levenshtein's distance in words."""
    previous = list(range(len(second) + 1))
    for row, word in enumerate(first, 1):
        current = [row]
        for column, other in enumerate(second, 1):
            substituted = previous[column - 1] + (word != other)
            current.append(min(previous[column] + 1, current[-1] + 1, substituted))
        previous = current
    return previous[-1]


class NearestSentence:
    """Finds the training sentence with the least word edit distance; of several, the first that is tried.

    The distance is at least the longer length less the number of words in common, so sentences are tried in the
    order of that bound until no untried one can be nearer.

    Args:
        sources: Training sentences.
    """

    def __init__(self, sources: Sequence[str]) -> None:
        self._sentences = [source.split() for source in sources]
        self._lengths = np.array([len(sentence) for sentence in self._sentences])
        places: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, sentence in enumerate(self._sentences):
            for key in _numbered(sentence):
                places[key].append(index)
        self._places = {key: np.array(indices) for key, indices in places.items()}

    def index_of_nearest(self, source: str) -> int:
        """The place of the nearest sentence among the training sentences."""
        sentence = source.split()
        in_common = np.zeros(len(self._sentences), dtype=np.int64)
        for key in _numbered(sentence):
            if key in self._places:
                in_common[self._places[key]] += 1
        bounds = np.maximum(self._lengths, len(sentence)) - in_common
        best_index, best_distance = -1, 1 << 30
        for index in np.argsort(bounds, kind="stable"):
            if bounds[index] >= best_distance:
                break
            distance = word_edit_distance(sentence, self._sentences[index])
            if distance < best_distance:
                best_index, best_distance = int(index), distance
        return best_index


def bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """sacreBLEU's corpus BLEU with its default settings (13a, cased)."""
    return float(sacrebleu.corpus_bleu(list(translations), [list(references)]).score)


def _numbered(sentence: Sequence[str]) -> list[tuple[str, int]]:
    """Each word with the number of its occurrence, so that counting common pairs counts common words."""
    seen: Counter[str] = Counter()
    numbered = []
    for word in sentence:
        numbered.append((word, seen[word]))
        seen[word] += 1
    return numbered
