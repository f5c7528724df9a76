"""From a record's text to the sentences that a model is given, and back. Nothing is cut off silently.

A text that the model can read whole is one sentence. Line breaks inside a field stay where they are: each line is
translated by itself. A line that has more tokens than the model reads is split into its sentences, and a sentence that
is still too long at spaces; such a record is flagged.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple, final

_LINE_END: Final = re.compile(r"(\r?\n)")
_WINDOW_CHARACTERS: Final = 4000
"""What is looked at together for ends of sentences: the time that this takes grows with its square."""
_FALLBACK_LANGUAGE: Final = "en"
_SPACELESS: Final = frozenset({"bo", "dz", "ja", "km", "lo", "my", "th", "yue", "zh"})
"""Languages whose sentences are not separated by spaces."""


class Segments(NamedTuple):
    """A text as sentences."""

    sentences: tuple[str, ...]
    joints: tuple[str, ...]
    """What stands before the first, between them and after the last: one more than sentences."""
    was_split: bool
    """Whether a line was too long for the model."""

    def joined(self, translations: Sequence[str]) -> str:
        """The record's translation, of the sentences' ones."""
        parts = [self.joints[0]]
        for text, joint in zip(translations, self.joints[1:], strict=True):
            parts += (text, joint)
        return "".join(parts)


@final
class Segmenter:
    """Splits what a model cannot read whole.

    Args:
        count_tokens: Tokens of a text, end mark counted.
        max_tokens: The most that the model reads.
        languages: Codes of source and target.
    """

    def __init__(self, count_tokens: Callable[[str], int], max_tokens: int, languages: tuple[str, str]) -> None:
        self._count, self._max_tokens = count_tokens, max_tokens
        source, target = (code.partition("-")[0].lower() for code in languages)
        self._source, self._glue = source, "" if target in _SPACELESS else " "
        # A token has at least one character, and normalisation makes at most two of one ASCII character.
        self._surely_short = max(0, (max_tokens - 2) // 2)
        self._library: Any = None

    def __call__(self, text: str) -> Segments:
        """Split a text, if need be.

        Example:
            >>> Segmenter(len, 20, ("en", "de"))("One line.\\n\\nAnd another.").joints
            ('', '\\n\\n', '')
        """
        if "\n" not in text and self._fits(text):
            return Segments((text,), ("", ""), False)
        sentences: list[str] = []
        joints = [""]
        was_split = False
        for place, part in enumerate(_LINE_END.split(text)):
            if place % 2 or not part.strip():
                joints[-1] += part
                continue
            pieces = [part] if self._fits(part) else list(self._split(part))
            was_split = was_split or len(pieces) > 1
            sentences += pieces
            joints += [self._glue] * (len(pieces) - 1) + [""]
        return Segments(tuple(sentences), tuple(joints), was_split)

    def _fits(self, text: str) -> bool:
        if len(text) <= self._surely_short and text.isascii():
            return True
        return self._count(text) <= self._max_tokens

    def _split(self, line: str) -> Iterator[str]:
        for sentence in self._sentences(line):
            if self._fits(sentence):
                yield sentence
            else:
                yield from self._at_spaces(sentence)

    def _sentences(self, line: str) -> Iterator[str]:
        """The sentences of a line, window after window; what a window ends with goes into the next."""
        start = 0
        while start < len(line):
            window = line[start : start + _WINDOW_CHARACTERS]
            found = self._found(window)
            if len(found) > 1 and start + len(window) < len(line):
                found.pop()
            yield from filter(None, (each.strip() for each in found))
            start += sum(map(len, found))

    def _found(self, window: str) -> list[str]:
        if self._library is None:
            import pysbd  # only for what is too long

            known = pysbd.languages.LANGUAGE_CODES
            language = self._source if self._source in known else _FALLBACK_LANGUAGE
            self._library = pysbd.Segmenter(language=language, clean=False)
        try:
            found: list[str] = self._library.segment(window)
        except re.error:  # for de, ru and others it makes patterns of what it reads
            return [window]
        # Held to what must be true of it: nothing added, nothing lost.
        return found if "".join(found) == window else [window]

    def _at_spaces(self, sentence: str) -> Iterator[str]:
        """Pieces as long as the model reads, cut at the last space, or anywhere in what has none."""
        while not self._fits(sentence):
            low, high = 1, len(sentence)
            while low + 1 < high:  # the longest beginning that fits
                middle = (low + high) // 2
                low, high = (middle, high) if self._fits(sentence[:middle]) else (low, middle)
            end = sentence.rfind(" ", 1, low + 1)
            end = end if end > 0 else low
            yield sentence[:end].rstrip()
            sentence = sentence[end:].lstrip()
        if sentence:
            yield sentence
