"""What training leaves of a very small model whose sides have a vocabulary each."""

from pathlib import Path

from tiny_export import SENTENCES, with_large_weights

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.models.weights import save_weights
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.components.vocabulary.train import size_of, train_vocabulary
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig


def write_separate(folder: Path, config: ModelConfig) -> Path:
    """What training leaves: a source vocabulary with tags, of words, and a target vocabulary of characters."""
    folder.mkdir()
    sentences = sorted(sentence.encode() for sentence in SENTENCES)
    source = train_vocabulary(sentences, VocabularyConfig(kind="word", size=60, symbols=("<2es>", "<2xx>")))
    target = train_vocabulary(sentences, VocabularyConfig(kind="char", size=40))
    (folder / "vocabulary.source.model").write_bytes(source)
    (folder / "vocabulary.target.model").write_bytes(target)
    sizes = {"vocabulary_size": size_of(target), "source_vocabulary_size": size_of(source)}
    assert sizes["vocabulary_size"] != sizes["source_vocabulary_size"]
    description = ModelDescription(model=config, vocabulary_sha256=find_models(folder).sha256, **sizes)
    (folder / "settings.json").write_text(description.to_json())
    model = build_model(config, sizes["vocabulary_size"], seed=1, source_vocabulary_size=size_of(source))
    save_weights(with_large_weights(model), folder / "weights/averaged.npz")
    return folder
