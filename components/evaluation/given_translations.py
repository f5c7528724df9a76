"""How probable a model finds translations that are given: no search, one pass of the export over each pair."""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seq2seq_tfx.schemas.errors import InputError


def score_pairs(export: Path, pairs: Sequence[tuple[str, str]], batch_size: int) -> Iterator[float]:
    """Score pairs with an export, in order. Imports TensorFlow and TensorFlow Text, nothing else that is large.

    Args:
        export: The folder that holds `saved_model.pb`.
        pairs: Sources and their translations.
        batch_size: Pairs handed over in one call; a score does not depend on it.

    Yields:
        What the export's search would have scored the translation (`docs/decoding.md`): nats, the end mark counted,
        divided by the length penalty's normaliser.

    Raises:
        InputError: If the export cannot be loaded, or does not score.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

    for library in ("tensorflow", "absl"):
        logging.getLogger(library).setLevel(logging.ERROR)
    try:
        loaded: Any = tf.saved_model.load(str(export))  # owns the variables: must live as long as its function
        score: Any = loaded.signatures["score"]
    except (OSError, KeyError, ValueError, tf.errors.OpError) as error:
        raise InputError(
            f"{export} must hold an export of this program, with the signature 'score', but: {error}; export again"
        ) from error
    for start in range(0, len(pairs), batch_size):
        sides = zip(*pairs[start : start + batch_size], strict=True)
        source, target = (tf.constant([text.encode() for text in side], tf.string) for side in sides)
        yield from score(source=source, target=target)["score"].numpy().tolist()
