"""Translates the eval and test sets once, with the engine that users get, and stores the translations."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, islice
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
from seq2seq_tfx.schemas.features import CORPUS, PAIR_ID, SCORE, SOURCE, TRANSLATION, FeatureSpec

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


class Corpus(NamedTuple):
    """A split's sentences of one corpus: a job of its own, so that it has the bytes that its file would have."""

    split: str
    first: int
    """Where in the split it begins."""
    sentences: int
    key: str
    """Stands for its sentences and for what translates them."""


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
    folder = Path(job.output_uri).parents[2] / ".translations"
    for split in TRANSLATED_SPLITS:
        translations = []
        for corpus in _corpora(job, export, split):
            remembered = RememberedTranslations(folder / f"{corpus.key}.jsonl")
            translations.append(remembered)
            if remembered.count < corpus.sentences:
                config = job.settings.translation
                engine = engine or load_engine(export, read_export_record(export), config.engine, config.batch_size)
                _translate_rest(job, corpus, engine, remembered)
        _write_split(job, split, translations)


def _corpora(job: TranslationJob, export: Path, split: str) -> Iterator[Corpus]:
    """The corpora of a split, in the order of the examples."""
    record = read_export_record(export)
    engine = choose_engine(record, job.settings.translation.engine)
    first = 0
    for _, examples in groupby(_examples(job, split), key=lambda example: _value(example, CORPUS)):
        digest, sentences = hashlib.sha256(), 0
        for text in (str(record["export_id"]), engine, job.code_version):
            digest.update(_with_length(text.encode()))
        for example in examples:
            digest.update(_with_length(_value(example, SOURCE)))
            sentences += 1
        yield Corpus(split, first, sentences, digest.hexdigest())
        first += sentences


def _with_length(text: bytes) -> bytes:
    return len(text).to_bytes(8, "big") + text


def _translate_rest(job: TranslationJob, corpus: Corpus, engine: Engine, remembered: RememberedTranslations) -> None:
    progress = Progress(f"translating the {corpus.split} sentences", total=corpus.sentences, unit="sentences")
    progress.advance_to(remembered.count)
    # Whole blocks, so that a restart computes what was never interrupted: the begun one again, from its first sentence.
    known = remembered.count % engine.block
    start = corpus.first + remembered.count - known
    sources = (_value(example, SOURCE) for example in _examples(job, corpus.split))
    rest = islice(sources, start, corpus.first + corpus.sentences)
    for count in remembered.extend(islice(_translations(engine, rest), known, None)):
        progress.advance_to(count)


def _translations(engine: Engine, sources: Iterator[bytes]) -> Iterator[Translation]:
    while batch := [source.decode() for source in islice(sources, engine.block)]:
        yield from engine.translate(batch)


def _value(example: tf.train.Example, feature: FeatureSpec) -> bytes:
    (value,) = example.features.feature[feature.name].bytes_list.value
    return bytes(value)


def _examples(job: TranslationJob, split: str) -> Iterator[tf.train.Example]:
    files = example_files(job.examples_uri, split)
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator():
        yield tf.train.Example.FromString(record)


def _write_split(job: TranslationJob, split: str, remembered: Sequence[RememberedTranslations]) -> None:
    directory = split_directory(job.output_uri, split)
    read, last_id = 0, b""
    translations, known = chain.from_iterable(remembered), sum(each.count for each in remembered)
    with ExampleShards(directory, part=0) as shards:
        for example in _examples(job, split):
            read += 1
            feature, pair_id = example.features.feature, _value(example, PAIR_ID)
            if pair_id <= last_id:
                raise WorkError(f"{split} examples must be in the order of pair_id, got {pair_id!r} after {last_id!r}")
            last_id = pair_id
            translation = next(translations, None)
            if translation is None:
                break
            feature[TRANSLATION.name].bytes_list.value.append(translation.text.encode())
            feature[SCORE.name].float_list.value.append(translation.score)
            shards.write(example.SerializeToString(deterministic=True))
    if not read == shards.written == known:
        raise WorkError(
            f"every {split} sentence must be translated once, got {read:,} sentences and {known:,} "
            "translations; delete the pipeline's .translations folder and run again"
        )
    number_shards(directory)
