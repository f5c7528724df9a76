"""The test set's examples once more, with what is known of each sentence as features that TFMA can slice and add up."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.evaluation.judging import Judged
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.slices import PATTERN
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.example_files import ExampleShards, number_shards, serialised_example, split_directory
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.features import CORPUS, TARGET, TRANSLATION

FAILED: Final = "failed/"
REFERENCES_FAILED: Final = "references_failed/"
CAN_FAIL: Final = "can_fail/"
LEARNED: Final = "learned/"
"""Beginnings of the names of summed features."""


def slice_columns(config: EvaluationConfig) -> list[str]:
    """The columns that are cut by, each once."""
    return list(dict.fromkeys((CORPUS.name, *config.slices, *([PATTERN] if config.patterns else []))))


def summed_features(settings: EvaluationSettings) -> list[str]:
    """The names of the features that are added up."""
    parts = (FAILED, REFERENCES_FAILED, CAN_FAIL)
    checks = [f"{part}{check}" for check in dict.fromkeys(settings.evaluation.checks) for part in parts]
    return [*checks, *(f"{LEARNED}{name}" for name in settings.evaluation.learned)]


@contextlib.contextmanager
def annotated_examples(
    sentences: Sequence[Translated], judged: Sequence[Judged], settings: EvaluationSettings, split: str
) -> Iterator[str]:
    """The uri of temporary `Examples` whose one split holds the annotated sentences.

    Args:
        sentences: With their translations.
        judged: What is known of them, in the same order.
        settings: Slices, checks, learned metrics.
        split: Name of the split.
    """
    with tempfile.TemporaryDirectory(prefix="seq2seq-evaluation-") as folder:
        directory = split_directory(folder, split)
        with ExampleShards(directory, part=0) as shards:
            for sentence, known in zip(sentences, judged, strict=True):
                shards.write(_example(sentence, known, settings))
        number_shards(directory)
        yield str(Path(folder))


def _example(sentence: Translated, known: Judged, settings: EvaluationSettings) -> bytes:
    texts: dict[str, Sequence[bytes]] = {
        TRANSLATION.name: _encoded([sentence.translation]),
        TARGET.name: _encoded(sentence.references),
    }
    for column in slice_columns(settings.evaluation):
        # TFMA needs a value; a slice without a name is left out of the results.
        texts[column] = _encoded(known.slices.get(column) or ("",))
    numbers: dict[str, Sequence[float]] = {}
    for check in settings.evaluation.checks:
        numbers[f"{FAILED}{check}"] = [float(check in known.failed)]
        numbers[f"{REFERENCES_FAILED}{check}"] = [known.references_failed.get(check, 0.0)]
        numbers[f"{CAN_FAIL}{check}"] = [float(check in known.can_fail)]
    for name in settings.evaluation.learned:
        numbers[f"{LEARNED}{name}"] = [known.learned[name]]
    return serialised_example({**texts, **numbers})


def _encoded(texts: Iterable[str]) -> list[bytes]:
    return [text.encode() for text in texts]
