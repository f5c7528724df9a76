"""Translates the eval and test sets once, with the engine that users get, and stores the translations."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from functools import cache
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
from seq2seq_tfx.components.translation.corpus_job import CorpusJob
from seq2seq_tfx.components.translation.job.model import open_model
from seq2seq_tfx.components.translation.job.translating import Model
from seq2seq_tfx.components.translation.settings import TranslationSettings
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import CORPUS, PAIR_ID, SCORE, SOURCE, TRANSLATION, TRUNCATED, FeatureSpec

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
    """Write each example of eval and test again, with its translation, its score and whether it was cut.

    Each corpus is a job of batch translation, so it has the text that its file would have. It is translated once by a
    model, whichever node asks and however often it was killed: the jobs lie beside the nodes' folders, in
    `.translations/`. Memory does not grow with the sets.
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
    model = open_model(Path(job.model_uri), job.code_version, "", job.settings.translation)
    folder = Path(job.output_uri).parents[2] / ".translations"
    load = cache(model.load)
    for split in TRANSLATED_SPLITS:
        translated = []
        for corpus in _corpora(job, model, split):
            translated.append(CorpusJob(folder / corpus.key, model.segmenter, load))
            _translate(job, corpus, translated[-1])
        _write_split(job, split, translated)


def _corpora(job: TranslationJob, model: Model, split: str) -> Iterator[Corpus]:
    """The corpora of a split, in the order of the examples."""
    first = 0
    for _, examples in groupby(_examples(job, split), key=lambda example: _value(example, CORPUS)):
        digest, sentences = hashlib.sha256(), 0
        made = model.making
        for text in (made.export_id, made.engine, made.device, made.engine_version, job.code_version):
            digest.update(_with_length(text.encode()))
        for example in examples:
            digest.update(_with_length(_value(example, SOURCE)))
            sentences += 1
        yield Corpus(split, first, sentences, digest.hexdigest())
        first += sentences


def _with_length(text: bytes) -> bytes:
    return len(text).to_bytes(8, "big") + text


def _translate(job: TranslationJob, corpus: Corpus, translated: CorpusJob) -> None:
    progress = Progress(f"translating the {corpus.split} sentences", total=corpus.sentences, unit="sentences")
    sources = (_value(example, SOURCE).decode() for example in _examples(job, corpus.split))
    of_corpus = islice(sources, corpus.first, corpus.first + corpus.sentences)
    translated.run(of_corpus, lambda advance: progress.advance_to(advance.records))


def _value(example: tf.train.Example, feature: FeatureSpec) -> bytes:
    (value,) = example.features.feature[feature.name].bytes_list.value
    return bytes(value)


def _examples(job: TranslationJob, split: str) -> Iterator[tf.train.Example]:
    files = example_files(job.examples_uri, split)
    for record in tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator():
        yield tf.train.Example.FromString(record)


def _write_split(job: TranslationJob, split: str, translated: Sequence[CorpusJob]) -> None:
    directory = split_directory(job.output_uri, split)
    read, last_id = 0, b""
    translations, known = chain.from_iterable(translated), sum(each.sentences for each in translated)
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
            if translation.truncated is not None:
                feature[TRUNCATED.name].int64_list.value.append(int(translation.truncated))
            shards.write(example.SerializeToString(deterministic=True))
    if not read == shards.written == known:
        raise WorkError(
            f"every {split} sentence must be translated once, got {read:,} sentences and {known:,} "
            "translations; delete the pipeline's .translations folder and run again"
        )
    number_shards(directory)
