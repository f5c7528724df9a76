"""The translations stage's executor on a real export."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from proven_export import proven_export
from tfx.types import standard_artifacts
from tiny_export import SENTENCES, field, read_examples, tiny_export, write_artifact, write_examples

from seq2seq_tfx.components.evaluation.translations import read_translations
from seq2seq_tfx.components.translation.engine import load_engine
from seq2seq_tfx.components.translation.executor import Executor
from seq2seq_tfx.components.translation.locating import read_export_record
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.translation.settings import TranslationSettings
from seq2seq_tfx.schemas.config.translation import TranslationConfig
from seq2seq_tfx.schemas.errors import WorkError

SOURCES = {"train": ["left alone"], "eval": list(SENTENCES[:3]), "test": [*SENTENCES[3:], "", "Do they sing?"]}


def translate(root: Path, node: str, *, with_model: bool = True, batch_size: int = 512) -> standard_artifacts.Examples:
    """Run the executor as a node of a pipeline would; returns its output."""
    if not (root / "corpus").exists():
        write_examples(root / "corpus", SOURCES)
        write_artifact(root / "model")
    examples, model, translations = (
        standard_artifacts.Examples(),
        standard_artifacts.Model(),
        standard_artifacts.Examples(),
    )
    examples.uri, model.uri = str(root / "corpus"), str(root / "model")
    model.set_string_custom_property("export_id", "an export")
    translations.uri = str(root / "artifacts" / node / "translations/1")
    settings = TranslationSettings(translation=TranslationConfig(batch_size=batch_size))
    inputs = {"examples": [examples], "model": [model] if with_model else []}
    properties = {"settings": settings.to_json(), "code_version": "1"}
    Executor().Do(inputs, {"translations": [translations]}, properties)
    return translations


def shards(translations: standard_artifacts.Examples) -> dict[str, bytes]:
    """Every file of an artifact."""
    folder = Path(translations.uri)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_eval_and_test_sentence_gets_its_translation_in_order(tmp_path: Path) -> None:
    translations = translate(tmp_path, "translations")
    assert json.loads(translations.split_names) == ["eval", "test"]
    assert translations.get_string_custom_property("translated_by") == "an export"
    engine = SavedModelEngine(tiny_export(), batch_size=512)
    for split in ("eval", "test"):
        given, made = read_examples(tmp_path / "corpus", split), read_examples(Path(translations.uri), split)
        expected = list(engine.translate(SOURCES[split]))
        assert [field(example, "translation").decode() for example in made] == [each.text for each in expected]
        assert [example.features.feature["score"].float_list.value[:] for example in made] == [
            [each.score] for each in expected
        ]
        assert [example.features.feature["truncated"].int64_list.value[:] for example in made] == [
            [int(bool(each.truncated))] for each in expected
        ]
        flags = [each.truncated for each in read_translations(translations.uri, split)]
        assert flags == [each.truncated for each in expected]
        for before, after in zip(given, made, strict=True):
            for name, feature in before.features.feature.items():
                assert after.features.feature[name] == feature


def test_nothing_is_translated_twice_by_another_node_or_after_a_kill(tmp_path: Path) -> None:
    first = shards(translate(tmp_path, "translations"))
    # Without a model file whoever needs the engine fails, so this shows that it is not needed.
    saved_model = tmp_path / "model/Format-Serving/saved_model.pb"
    content = saved_model.read_bytes()
    saved_model.write_bytes(b"")
    assert shards(translate(tmp_path, "baseline_translations")) == first
    saved_model.write_bytes(content)
    for path in (tmp_path / "artifacts/.translations").iterdir():
        # As a kill leaves it that comes between a chunk's file and its record.
        with closing(sqlite3.connect(path / "index.sqlite")) as index, index:
            for table in ("block", "chunk"):
                index.execute(f"delete from {table}")
    assert shards(translate(tmp_path, "translations", batch_size=2)) == first


def test_splits_hold_no_file_when_there_is_no_model(tmp_path: Path) -> None:
    translations = translate(tmp_path, "baseline_translations", with_model=False)
    assert json.loads(translations.split_names) == ["eval", "test"]
    assert sorted(path.name for path in Path(translations.uri).iterdir()) == ["Split-eval", "Split-test"]
    assert shards(translations) == {}


def test_examples_that_are_not_in_order_are_refused(tmp_path: Path) -> None:
    translate(tmp_path, "translations")
    for split in ("eval", "test"):
        folder = tmp_path / f"corpus/Split-{split}"
        file = folder / "data_tfrecord-00000-of-00001.gz"
        (folder / "data_tfrecord-00001-of-00001.gz").write_bytes(file.read_bytes())
    with pytest.raises(WorkError, match="in the order of pair_id"):
        translate(tmp_path, "translations")


def test_each_corpus_has_the_translations_of_its_file_alone_when_ctranslate2_translates(tmp_path: Path) -> None:
    corpora = {"news": [*SENTENCES, ""], "talks": [f"{each} {number}" for number in range(9) for each in SENTENCES]}
    examples, model, translations = (
        standard_artifacts.Examples(),
        standard_artifacts.Model(),
        standard_artifacts.Examples(),
    )
    examples.uri, model.uri = str(tmp_path / "corpus"), str(tmp_path / "model")
    translations.uri = str(tmp_path / "artifacts/translations/translations/1")
    shutil.copytree(proven_export(), tmp_path / "model/Format-Serving")
    for part, (corpus, sentences) in enumerate(corpora.items()):
        write_examples(tmp_path / corpus, {"eval": sentences, "test": sentences[:3]}, corpus)
        for split in ("eval", "test"):
            folder = tmp_path / f"corpus/Split-{split}"
            folder.mkdir(parents=True, exist_ok=True)
            (tmp_path / corpus / f"Split-{split}/data_tfrecord-00000-of-00001.gz").rename(
                folder / f"data_tfrecord-{part:05d}-of-00002.gz"
            )
    settings = TranslationSettings(translation=TranslationConfig())
    properties = {"settings": settings.to_json(), "code_version": "1"}
    Executor().Do({"examples": [examples], "model": [model]}, {"translations": [translations]}, properties)
    export = tmp_path / "model/Format-Serving"
    engine = load_engine(export, read_export_record(export), "ctranslate2", 512)
    expected = [each.text for sentences in corpora.values() for each in engine.translate(sentences)]
    made = read_examples(Path(translations.uri), "eval")
    assert [field(example, "translation").decode() for example in made] == expected
    assert len(set(expected)) > 5
    assert len(list((tmp_path / "artifacts/.translations").iterdir())) == 4
