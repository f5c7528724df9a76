"""A real export of a very small model with random weights: what it says is nonsense, but it is always the same."""

import atexit
import functools
import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import sentencepiece
import tensorflow as tf

from seq2seq_tfx.components.exporting.saved_model import export_model
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import save_weights
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.export import ExportConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.features import SPECIAL_PIECES, pair_id

SENTENCES = (
    "The old dog sleeps.",
    "A red house stands near the long river.",
    "She reads three books.",
    "We were not in the garden yesterday, because it rained.",
    "Do they sing?",
    "The boy who lives in the white house will buy an apple and a very small green bicycle tomorrow.",
    "No.",
    "My brother's friends have never seen the sea.",
)
VOCABULARY_SIZE = 72
MODEL = ModelConfig(family="transformer", layers=1, width=32, feedforward=64, heads=2)
SETTINGS = ExportSettings(
    decoding=DecodingConfig(beam_size=2, max_length=12),
    export=ExportConfig(),
    languages=Languages(source="en", target="es"),
    normalisation=NormalisationConfig(),
)


def write_trained(folder: Path, model: ModelConfig = MODEL, seed: int = 1) -> Path:
    """What the training stage leaves in the serving folder of its `Model`."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = folder / "vocabulary.model"
    vocabulary.write_bytes(vocabulary_proto())
    save_weights(with_large_weights(build_model(model, VOCABULARY_SIZE, seed=seed)), folder / "weights/averaged.npz")
    description = ModelDescription(
        model=model, vocabulary_size=VOCABULARY_SIZE, vocabulary_sha256=sha256_of_file(vocabulary)
    )
    (folder / "settings.json").write_text(description.to_json())
    return folder


def with_large_weights(model: Seq2SeqModel) -> Seq2SeqModel:
    """The model with larger initial values, so that it says different things of different sources."""
    for variable in model.variables:
        if len(variable.shape) == 2:
            variable.assign(3.0 * variable.value)
    return model


@functools.cache
def vocabulary_proto() -> bytes:
    """A SentencePiece model of `SENTENCES`."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES),
        model_writer=model,
        vocab_size=VOCABULARY_SIZE,
        normalization_rule_name="identity",
        pad_id=0,
        unk_id=1,
        bos_id=2,
        eos_id=3,
        pad_piece=SPECIAL_PIECES[0],
        control_symbols=list(SPECIAL_PIECES[4:]),
        num_threads=1,
        minloglevel=3,
    )
    return model.getvalue()


@functools.cache
def tiny_export() -> Path:
    """The export's folder, made once in a test process; not to be written into."""
    folder = Path(tempfile.mkdtemp(prefix="tiny-export-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    export_model(write_trained(folder / "trained"), SETTINGS, "code", folder / "export")
    return folder / "export"


def write_artifact(folder: Path) -> Path:
    """A `Model` artifact's folder whose serving folder is a copy of the tiny export."""
    shutil.copytree(tiny_export(), folder / "Format-Serving")
    return folder


def write_examples(folder: Path, splits: Mapping[str, Sequence[str]], corpus: str = "demo") -> Path:
    """`Examples` with the raw features, in the order of `pair_id`."""
    for split, sources in splits.items():
        (folder / f"Split-{split}").mkdir(parents=True, exist_ok=True)
        path = folder / f"Split-{split}/data_tfrecord-00000-of-00001.gz"
        with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
            for record, source in enumerate(sources):
                writer.write(_example(corpus, record, source).SerializeToString())
    return folder


def read_examples(folder: Path, split: str) -> list[tf.train.Example]:
    """The examples of a split, in order."""
    files = sorted(str(path) for path in (folder / f"Split-{split}").glob("data_tfrecord-*"))
    records = tf.data.TFRecordDataset(files, compression_type="GZIP").as_numpy_iterator() if files else ()
    return [tf.train.Example.FromString(record) for record in records]


def field(example: tf.train.Example, name: str) -> bytes:
    """The one value of a bytes feature."""
    (value,) = example.features.feature[name].bytes_list.value
    return bytes(value)


def export_record(export: Path) -> dict[str, object]:
    """An export's `export.json`."""
    record: dict[str, object] = json.loads((export / "export.json").read_text())
    return record


def _example(corpus: str, record: int, source: str) -> tf.train.Example:
    values = {"source": [source], "target": [source.upper(), source], "corpus": [corpus], "domain": [""]}
    example = tf.train.Example()
    for name, texts in {**values, "pair_id": [pair_id(corpus, record)]}.items():
        example.features.feature[name].bytes_list.value.extend(text.encode() for text in texts)
    return example
