"""The vocabulary stage on examples: shared and separate models, tags, given models, and what it says of them."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from monolingual_files import write_sentences
from tiny_export import write_examples

from seq2seq_tfx.components.files import sha256_of_file, sha256_of_texts
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.components.vocabulary.settings import PretrainedFile, VocabularySettings
from seq2seq_tfx.components.vocabulary.stage import build_vocabulary
from seq2seq_tfx.schemas.features import SPECIAL_PIECES

SOURCES = [
    f"<2es> the {quality} {thing} {action}"
    for quality in ("red", "blue", "green", "small")
    for thing in ("house", "dog", "bird", "tree")
    for action in ("is here", "stays there", "waits")
]
"""Each has two targets: itself in capitals, and itself."""


def _settings(vocabulary: dict[str, Any], **others: Any) -> VocabularySettings:
    sections = {"languages": {"source": "en", "target": "es"}, "normalisation": {}, **others}
    return VocabularySettings.model_validate({"vocabulary": vocabulary, **sections})


@pytest.fixture
def examples(tmp_path: Path) -> str:
    return str(write_examples(tmp_path / "examples", {"train": SOURCES, "eval": ["unseen"]}))


def _processor(path: Path) -> Any:
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def test_each_side_has_a_model_of_its_own_when_not_shared(examples: str, tmp_path: Path) -> None:
    settings = _settings({"shared": False, "size": 50, "source_size": 33, "symbols": ["<2es>"]})
    summary = build_vocabulary(settings, examples, tmp_path / "out")
    names = ["vocabulary.json", "vocabulary.source.model", "vocabulary.target.model"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    models = find_models(tmp_path / "out")
    assert not models.shared
    source, target = map(_processor, models)
    assert (source.get_piece_size(), target.get_piece_size()) == (summary.source_size, summary.size) == (33, 50)
    for model in (source, target):
        assert tuple(model.id_to_piece(each) for each in range(6)) == SPECIAL_PIECES
        assert "<2es>" in model.encode("<2es> x", out_type=str)
    assert source.unk_id() in source.encode("RED") and target.unk_id() not in target.encode("RED")
    assert summary.source.unknown_share == summary.target.unknown_share == 0.0
    assert summary.sha256 == sha256_of_texts(*(sha256_of_file(path) for path in models))
    assert json.loads((tmp_path / "out/vocabulary.json").read_text()) == summary.model_dump()


def test_tags_of_corpora_are_symbols_too_when_the_section_names_others(examples: str, tmp_path: Path) -> None:
    settings = _settings({"size": 60, "symbols": ["<BT>", "<2es>"]}, tags=["<2es>", "<2xx>"])
    build_vocabulary(settings, examples, tmp_path / "out")
    model = _processor(tmp_path / "out/vocabulary.model")
    assert [model.id_to_piece(number) for number in range(6, 9)] == ["<BT>", "<2es>", "<2xx>"]


def test_bytes_do_not_depend_on_how_the_examples_lie_in_files(examples: str, tmp_path: Path) -> None:
    write_examples(tmp_path / "other", {"train": [*SOURCES[7:], *SOURCES[:9]]})
    settings = _settings({"size": 60})
    first = build_vocabulary(settings, examples, tmp_path / "first")
    second = build_vocabulary(settings, str(tmp_path / "other"), tmp_path / "second")
    assert first == second
    assert find_models(tmp_path / "first").sha256 == find_models(tmp_path / "second").sha256


def test_one_line_says_how_well_the_vocabulary_fits_each_side(
    examples: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "seq2seq_tfx"):
        build_vocabulary(_settings({"kind": "word", "size": 60}), examples, tmp_path / "out")
    line = caplog.messages[-1]
    assert line.startswith("vocabulary: 36 word pieces; en 1.00 pieces a word, 100.00% of")
    assert "; es 1.00 pieces a word, " in line and line.endswith(", 0.00% of pieces unknown")


def test_a_given_model_is_used_when_named_and_the_mapping_is_recorded(examples: str, tmp_path: Path) -> None:
    build_vocabulary(_settings({"size": 60}), examples, tmp_path / "first")
    given = tmp_path / "first/vocabulary.model"
    file = PretrainedFile(path=str(given), sha256=hashlib.sha256(given.read_bytes()).hexdigest())
    settings = _settings({"pretrained": "given.model", "symbols": ["<BT>"]}, pretrained_files=[file.model_dump()])
    summary = build_vocabulary(settings, examples, tmp_path / "second")
    assert (summary.kind, summary.size) == ("unigram", 61)
    mapping = json.loads((tmp_path / "second/vocabulary.mapping.json").read_text())
    assert mapping == {"vocabulary.model": list(range(60))}
    assert summary.source.fertility > 1.0


def test_sentences_of_monolingual_corpora_count_for_their_side(examples: str, tmp_path: Path) -> None:
    text = "\u017eena \u010dek\u00e1"
    write_sentences(tmp_path / "sentences", "target", [text] * 3)
    settings = _settings({"shared": False, "kind": "char", "size": 60})
    for name, uris, unknown in (("without", (), True), ("with", (str(tmp_path / "sentences"),), False)):
        build_vocabulary(settings, examples, tmp_path / name, *uris)
        source, target = map(_processor, find_models(tmp_path / name))
        assert source.unk_id() in source.encode(text)
        assert (target.unk_id() in target.encode(text)) == unknown
