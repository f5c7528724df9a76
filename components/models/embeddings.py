"""The three tables of an encoder-decoder, made in one place: source, target and output.

Press and Wolf 2017: with one vocabulary for both sides all can be one table (`all`), or target and output (`target`).
"""

from typing import NamedTuple

from seq2seq_tfx.components.models.layers import Embedding, LayerContext
from seq2seq_tfx.schemas.config.model import ModelConfig


class EmbeddingTables(NamedTuple):
    """The same object stands at several places where tables are shared."""

    source: Embedding
    target: Embedding
    output: Embedding
    """Only its table is used, as the projection to the vocabulary."""


def make_embeddings(
    config: ModelConfig, context: LayerContext, vocabulary_sizes: tuple[int | None, int]
) -> EmbeddingTables:
    """The tables as `share_embeddings` says; each vector has the family's embedding size.

    Args:
        config: Family, sizes, what is shared.
        context: What layers share.
        vocabulary_sizes: Of source and target; None for a source that has the target's vocabulary. One that has its
            own has a table of its own, too.
    """
    width = config.embedding if config.family == "rnn" else config.width
    source_size, target_size = vocabulary_sizes
    target = Embedding("embedding", context, target_size, width)
    source, output = target, target
    if config.share_embeddings != "all" or source_size is not None:
        source = Embedding("source_embedding", context, source_size or target_size, width)
    if config.share_embeddings == "none":
        output = Embedding("output_embedding", context, target_size, width)
    return EmbeddingTables(source, target, output)
