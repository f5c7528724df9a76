"""Which split a pair goes to."""

from seq2seq_tfx.schemas.config.corpora import Corpus, SplitsConfig
from seq2seq_tfx.schemas.records import text_digest

_WHOLE = 2.0**64


def split_of(corpus: Corpus, source: str, config: SplitsConfig) -> str:
    """The split of a pair: the corpus's own or, for `auto`, decided by a hash of the source's key.

    So a source stands in one split only, whatever its case, spacing and place in the files, and raising `eval_share`
    moves no pair out of test.

    Example:
        >>> corpus = Corpus(name="demo", split="auto", path="demo.tsv")
        >>> split_of(corpus, "a dog", SplitsConfig()) == split_of(corpus, " A  DOG", SplitsConfig())
        True
    """
    if corpus.split != "auto":
        return corpus.split
    place = int.from_bytes(text_digest(source)[:8], "big") / _WHOLE
    if place < config.test_share:
        return "test"
    return "eval" if place < config.test_share + config.eval_share else "train"
