"""Which split a pair goes to."""

from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.splits import SplitsConfig

_WHOLE = 2.0**64


def split_of(corpus: Corpus, source_digest: bytes, config: SplitsConfig) -> str:
    """The split of a pair: the corpus's own or, for `auto`, decided by the digest of the source's key.

    So a source stands in one split only, whatever its case, spacing and place in the files, and raising `eval_share`
    moves no pair out of test.

    Args:
        corpus: Where the pair comes from.
        source_digest: `schemas.records.text_digest` of its source.
        config: The shares.

    Example:
        >>> corpus = Corpus(name="demo", split="auto", path="demo.tsv")
        >>> split_of(corpus, bytes(16), SplitsConfig(test_share=0.1))
        'test'
    """
    if corpus.split != "auto":
        return corpus.split
    place = int.from_bytes(source_digest[:8], "big") / _WHOLE
    if place < config.test_share:
        return "test"
    return "eval" if place < config.test_share + config.eval_share else "train"
