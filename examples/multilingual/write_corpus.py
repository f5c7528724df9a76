"""Writes a corpus with two target languages: the quickstart's English, in Spanish and in a language made from it.

Usage: python write_corpus.py [DIR]     (by default, the folder of this file)

The made language, `xx`, has the Spanish words in the opposite order, each with its vowels changed for the next one,
and no accents: different enough that a model must know which language it is asked for. Every source line starts with
the tag of its target language, `<2es>` or `<2xx>`.
"""

import gzip
import re
import sys
import unicodedata
from pathlib import Path

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.quickstart.corpus import generate

SEED = 1
TAGS = ("<2es>", "<2xx>")

_NEXT_VOWEL = str.maketrans("aeiouAEIOU", "eiouaEIOUA")
_ACCENT = re.compile("[\u0300\u0301\u0308]")
_WORD = re.compile(r"[^\W_]+")


def made_language(spanish: str) -> str:
    """A Spanish sentence in the made language.

    Example:
        >>> made_language("¿Costará la maleta dieciocho euros?")
        'Iarus doicouchu melite le custere?'
    """
    # The tilde of ñ stays: it is no accent.
    plain = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", spanish)))
    words = [word.translate(_NEXT_VOWEL) for word in _WORD.findall(plain)][::-1]
    # A capital begins the sentence, whatever the words' own capitals were.
    text = " ".join(word.lower() for word in words)
    return text[:1].upper() + text[1:] + spanish[-1:]


def write_corpus(directory: Path) -> list[Path]:
    """Write `train`, `eval` and one test set for each target language, source and target files, gzip.

    Args:
        directory: Made if it is not there.
    """
    written = []
    for split, pairs in generate(SEED).items():
        spanish = [(f"{TAGS[0]} {pair.source}", pair.target) for pair in pairs]
        made = [(f"{TAGS[1]} {pair.source}", made_language(pair.target)) for pair in pairs]
        # The two test sets have scores of their own; the others are one file.
        files = {"test_es": spanish, "test_xx": made} if split == "test" else {split: [*spanish, *made]}
        for name, lines in files.items():
            for side, texts in zip(("source", "target"), zip(*lines, strict=True), strict=True):
                path = directory / f"{name}.{side}.gz"
                write_atomically(path, gzip.compress("".join(f"{text}\n" for text in texts).encode(), mtime=0))
                written.append(path)
    return written


if __name__ == "__main__":
    for made in write_corpus(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent):
        print(f"wrote {made}")
