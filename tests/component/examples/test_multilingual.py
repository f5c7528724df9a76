"""The multilingual example: its corpus, and that its vocabulary keeps both tags whole."""

import gzip
import importlib.util
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from rules.source import REPOSITORY
from tiny_export import write_examples

from seq2seq_tfx.components.text_graph import encode, make_tokenizer
from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.components.vocabulary.stage import build_vocabulary
from seq2seq_tfx.schemas.config.loading import load_config, missing_files

EXAMPLE = REPOSITORY / "examples/multilingual"
TAGS = ("<2es>", "<2xx>")


@pytest.fixture(scope="module")
def program() -> Any:
    spec = importlib.util.spec_from_file_location("write_corpus", EXAMPLE / "write_corpus.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(program: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("multilingual")
    program.write_corpus(folder)
    (folder / "pipeline.yaml").write_bytes((EXAMPLE / "pipeline.yaml").read_bytes())
    return folder


def _lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return stream.read().splitlines()


def test_the_program_writes_every_file_that_the_configuration_names(folder: Path) -> None:
    loaded = load_config(folder / "pipeline.yaml")
    assert missing_files(loaded) == ()
    for name in ("train", "eval", "test_es", "test_xx"):
        sources, targets = (_lines(folder / f"{name}.{side}.gz") for side in ("source", "target"))
        assert len(sources) == len(targets) and all(targets)
        assert {source.split()[0] for source in sources} == {tag for tag in TAGS if name[-2:] in (tag[2:4], "in", "al")}


def test_the_made_language_is_spanish_in_another_order_with_other_vowels(program: Any) -> None:
    assert program.made_language("¿Costará la maleta dieciocho euros?") == "Iarus doicouchu melite le custere?"
    assert program.made_language("El niño bebió 3 cafés.") == "Cefis 3 bibou noñu il."


def test_the_vocabulary_keeps_both_tags_whole(folder: Path, tmp_path: Path) -> None:
    config = load_config(folder / "pipeline.yaml").config
    sources = _lines(folder / "train.source.gz")
    examples = write_examples(tmp_path / "examples", {"train": [*sources[:1500], *sources[-1500:]]})
    settings = VocabularySettings(
        vocabulary=config.vocabulary.model_copy(update={"size": 1000}),
        languages=config.languages,
        normalisation=config.normalisation,
    )
    build_vocabulary(settings, str(examples), tmp_path / "vocabulary")
    model = (tmp_path / "vocabulary/vocabulary.model").read_bytes()
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for tag in TAGS:
        text = f"{tag} The old dog sleeps."
        (ids,) = encode([text], make_tokenizer(model), config.normalisation, "en").to_list()
        assert [processor.id_to_piece(number) for number in ids].count(tag) == 1
        assert processor.decode(ids[:-1]) == text
