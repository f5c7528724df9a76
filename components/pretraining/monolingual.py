"""Sentences of monolingual corpora to subword ids, by the operations that Transform and serving have.

Shapes: N sentences of a batch.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import final

import tensorflow as tf

from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.training.token_store import Columns
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.features import PAIR_ID, SIDES, TEXT

_READ_AT_ONCE = 4096


@final
class SentenceReader:
    """Reads files of one side's sentences for a token store: pairs whose other side has no token.

    Args:
        vocabulary: Folder of the Vocabulary artifact.
        settings: Normalisation and languages.
        side: 0 for the source, 1 for the target.
    """

    def __init__(self, vocabulary: Path, settings: PretrainingSettings, side: int) -> None:
        self._tokenizer = make_tokenizer(find_models(vocabulary)[side].read_bytes())
        self._normalisation = settings.normalisation
        self._language = getattr(settings.languages, SIDES[side])
        self._side = side

    def __call__(self, file: str) -> Iterator[Columns]:
        """The sentences of a gzipped TFRecord file."""
        files = tf.data.TFRecordDataset(file, compression_type="GZIP")
        for pair_ids_N, ids in files.batch(_READ_AT_ONCE).map(self._encoded).prefetch(2):
            own = ids.values.numpy(), ids.row_lengths().numpy()
            other = own[0][:0], own[1] * 0
            source, target = (own, other) if self._side == 0 else (other, own)
            yield Columns(list(pair_ids_N.numpy()), *source, *target)

    def _encoded(self, examples_N: tf.Tensor) -> tuple[tf.Tensor, tf.RaggedTensor]:
        features = {spec.name: tf.io.FixedLenFeature([], tf.string) for spec in (PAIR_ID, TEXT)}
        parsed = tf.io.parse_example(examples_N, features)
        ids = encode(parsed[TEXT.name], self._tokenizer, self._normalisation, self._language)
        return parsed[PAIR_ID.name], ids
