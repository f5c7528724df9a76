"""What the corpus stage receives: the sections about raw text, and the files by content."""

from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.splits import SplitsConfig


class CorpusFile(Section):
    """One given file, known by its content."""

    corpus: str
    """Name of the corpus that it belongs to."""
    side: str
    """`source`, `target` (`target-2`, ... for further references), or `pairs` for a file that holds both; of a
    monolingual corpus its side."""
    path: str
    """Where it lies: absolute, or in a file system of Beam's."""
    sha256: str
    """Hex digest of its bytes as they lie on the disk (compressed if they are)."""


class CorpusSettings(Section):
    """The declared settings of ingestion. No seed: the splits of a corpus must not move with it."""

    languages: Languages
    corpora: tuple[Corpus, ...]
    cleaning: CleaningConfig
    splits: SplitsConfig
    files: tuple[CorpusFile, ...]
    """Corpus by corpus, side by side in the order of `given_files`; a side that is a pattern has several, sorted."""


def given_files(corpus: Corpus) -> tuple[tuple[str, str], ...]:
    """The (side, path) of each file of a corpus, as given.

    Example:
        >>> given_files(Corpus(name="demo", split="train", source="a.en", target="a.de"))
        (('source', 'a.en'), ('target', 'a.de'))
    """
    if corpus.path is not None:
        return ((corpus.side or "pairs", corpus.path),)
    targets = (corpus.target,) if isinstance(corpus.target, str) else corpus.target or ()
    sides = ["target", *(f"target-{number}" for number in range(2, len(targets) + 1))]
    return (("source", corpus.source or ""), *zip(sides, targets, strict=False))
