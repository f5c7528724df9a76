"""Translates the eval and test sets once, with the engine that users get, and stores the translations."""

import hashlib
import logging
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import tensorflow as tf

from seq2seq_tfx.components.example_files import (
    ExampleShards,
    clear_shards,
    example_files,
    number_shards,
    split_directory,
)
from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.components.translation.engine import Engine, Translation, choose_engine, load_engine
from seq2seq_tfx.components.translation.locating import find_export, read_export_record
from seq2seq_tfx.components.translation.remembered import RememberedTranslations
from seq2seq_tfx.components.translation.settings import TranslationSettings
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import PAIR_ID, SCORE, SOURCE, TRANSLATION

logger = logging.getLogger(__name__)

TRANSLATED_SPLITS: Final = ("eval", "test")


class TranslationJob(NamedTuple):
    """What is translated, with what, to where."""

    settings: TranslationSettings
    code_version: str
    """Hash of the stage's code: other code may translate otherwise."""
    examples_uri: str
    """`Examples` with the raw features, in `pair_id` order."""
    model_uri: str | None
    """The export's `Model`; None where no model is in use yet."""
    output_uri: str
    """Where the `Examples` with translations go."""


def translate_examples(job: TranslationJob) -> None:
    """Write each example of eval and test again, with its translation and score.

    The same sentences are translated once by a model, whichever node asks and however often it was killed:
    translations are remembered beside the nodes' folders, in `.translations/`. Memory does not grow with the sets.
    Without a model the splits hold no file.

    Raises:
        WorkError: If not every sentence came back, or the examples are not in order.
    """
    for split in TRANSLATED_SPLITS:
        directory = split_directory(job.output_uri, split)
        directory.mkdir(parents=True, exist_ok=True)
        clear_shards(directory)
    if job.model_uri is None:
        return
    export = find_export(Path(job.model_uri))
    engine: Engine | None = None
    for split in TRANSLATED_SPLITS:
        key, total = _identity(job, export, split)
        remembered = RememberedTranslations(Path(job.output_uri).parents[2] / ".translations" / f"{key}.jsonl")
        if remembered.count < total:
            config = job.settings.translation
            engine = engine or load_engine(export, read_export_record(export), config.engine, config.batch_size)
            _translate_rest(job, split, total, engine, remembered)
        _write_split(job, split, remembered)


def _identity(job: TranslationJob, export: Path, split: str) -> tuple[str, int]:
    """What names a split's translations by this model, and the number of its sentences."""
    digest, total = hashlib.sha256(), 0
    record = read_export_record(export)
    engine = choose_engine(record, job.settings.translation.engine)
    for text in (str(record["export_id"]), engine, job.code_version):
        digest.update(_with_length(text.encode()))
    for source in _sources(job, split):
        digest.update(_with_length(source))
        total += 1
    return digest.hexdigest(), total


def _with_length(text: bytes) -> bytes:
    return len(text).to_bytes(8, "big") + text


def _translate_rest(
    job: TranslationJob, split: str, total: int, engine: Engine, remembered: RememberedTranslations
) -> None:
    progress = Progress(f"translating the {split} sentences", total=total, unit="sentences")
    progress.advance_to(remembered.count)
    # Whole blocks, so that a restart computes what was never interrupted: the begun one again, from its first sentence.
    known = remembered.count % engine.block
    rest = islice(_sources(job, split), remembered.count - known, None)
    for count in remembered.extend(islice(_translations(engine, rest), known, None)):
        progress.advance_to(count)


def _translations(engine: Engine, sources: Iterator[bytes]) -> Iterator[Translation]:
    while batch := [source.decode() for source in islice(sources, engine.block)]:
        yield from engine.translate(batch)


def _sources(job: TranslationJob, split: str) -> Iterator[bytes]:
    for example in _examples(job, split):
        (source,) = example.features.feature[SOURCE.name].bytes_list.value
        yield source


def _examples(job: TranslationJob, split: str) -> Iterator[tf.train.Example]:
    files = example_files(job.examples_uri, split)
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator():
        yield tf.train.Example.FromString(record)


def _write_split(job: TranslationJob, split: str, remembered: RememberedTranslations) -> None:
    directory = split_directory(job.output_uri, split)
    read, last_id = 0, b""
    translations = iter(remembered)
    with ExampleShards(directory, part=0) as shards:
        for example in _examples(job, split):
            read += 1
            feature = example.features.feature
            (pair_id,) = feature[PAIR_ID.name].bytes_list.value
            if pair_id <= last_id:
                raise WorkError(f"{split} examples must be in the order of pair_id, got {pair_id!r} after {last_id!r}")
            last_id = pair_id
            translation = next(translations, None)
            if translation is None:
                break
            feature[TRANSLATION.name].bytes_list.value.append(translation.text.encode())
            feature[SCORE.name].float_list.value.append(translation.score)
            shards.write(example.SerializeToString(deterministic=True))
    if not read == shards.written == remembered.count:
        raise WorkError(
            f"every {split} sentence must be translated once, got {read:,} sentences and {remembered.count:,} "
            "translations; delete the pipeline's .translations folder and run again"
        )
    number_shards(directory)
