"""A CTranslate2 folder says what the SavedModel says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzzed_lines import fuzzed_lines
from tiny_export import (
    MODEL,
    SENTENCES,
    SETTINGS,
    VOCABULARY_SIZE,
    tiny_export,
    vocabulary_proto,
    with_large_weights,
)

from seq2seq_tfx.components.exporting.ctranslate2_spec import Weights, build_spec, positions_for, write_folder
from seq2seq_tfx.components.exporting.teacher_forcing import token_log_probs
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.weights import read_arrays, weights_of
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Hypothesis, Reading
from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine
from seq2seq_tfx.components.vocabulary.files import find_models
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import EOS_ID

SIZES: dict[str, Any] = {"layers": 2, "width": 32, "feedforward": 64, "heads": 2}
GPT: dict[str, Any] = {**SIZES, "family": "gpt", "source_attention": "causal"}
MODELS = [
    ModelConfig(**SIZES, positions="rotary", norm="post", share_embeddings="target"),
    ModelConfig(**SIZES, family="bert", max_positions=20),
    ModelConfig(**SIZES, family="bert", norm="pre", positions="sinusoidal", share_embeddings="none"),
    ModelConfig(**SIZES, family="bert", positions="rotary"),
    ModelConfig(**GPT),
    ModelConfig(**GPT, norm="post", positions="learned", max_positions=20),
    ModelConfig(**GPT, positions="rotary"),
]
READING = Reading(SETTINGS.decoding, SETTINGS.normalisation, "en", 512)


def pieces() -> list[str]:
    """The tiny vocabulary."""
    import sentencepiece

    subwords = sentencepiece.SentencePieceProcessor(model_proto=vocabulary_proto())
    return [subwords.id_to_piece(i) for i in range(subwords.get_piece_size())]


def ctranslate2_engine(folder: Path, reading: Reading = READING) -> CTranslate2Engine:
    """The tiny export's weights in CTranslate2."""
    weights = {
        name: array.astype(np.float32) for name, array in read_arrays(tiny_export() / "weights/averaged.npz").items()
    }
    return engine_of(MODEL, weights, folder, reading)


def engine_of(model: ModelConfig, weights: Weights, folder: Path, reading: Reading = READING) -> CTranslate2Engine:
    """A model in CTranslate2."""
    spec = build_spec(model, weights, (pieces(), pieces()), positions_for(model, 512, reading.decoding))
    write_folder(spec, "float32", find_models(tiny_export()), folder)
    return CTranslate2Engine(folder, reading)


def sources() -> list[str]:
    """Ordinary, empty, strange and very long lines."""
    return [*SENTENCES, "", " \t", "a dog " * 3000, *fuzzed_lines(100)]


def test_both_engines_translate_alike(tmp_path: Path) -> None:
    ours = list(SavedModelEngine(tiny_export(), 512).translate(sources()))
    theirs = list(ctranslate2_engine(tmp_path).translate(sources()))
    assert [each.text for each in theirs] == [each.text for each in ours]
    np.testing.assert_allclose([each.score for each in theirs], [each.score for each in ours], atol=1e-4)
    flags = [each.truncated for each in ours]
    assert [each.truncated for each in theirs] == flags and set(flags) == {True, False}
    assert flags[sources().index("a dog " * 3000)] and not flags[sources().index("")]


def random_ids(count: int, longest: int) -> list[list[int]]:
    """Subwords without special ones, of one to so many."""
    random = np.random.default_rng(7)
    lengths = [1, longest, *random.integers(1, 25, count - 2).tolist()]
    return [random.integers(6, VOCABULARY_SIZE, length).tolist() for length in lengths]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.family} {model.norm} {model.positions}")
def test_a_given_translation_is_as_probable_as_the_model_says(tmp_path: Path, model: ModelConfig) -> None:
    keras = with_large_weights(build_model(model, VOCABULARY_SIZE, seed=2))
    sources, targets = random_ids(12, 511), random_ids(12, 511)[::-1]
    ours = token_log_probs(keras, *([[*ids, EOS_ID] for ids in side] for side in (sources, targets)))
    theirs = engine_of(model, weights_of(keras), tmp_path).log_probs(sources, targets)
    for expected, found in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, expected, atol=5e-4)


@pytest.mark.parametrize("strategy", ["beam", "greedy"])
def test_a_gpt_says_the_same_whatever_the_lengths_of_the_sources_beside_it(tmp_path: Path, strategy: str) -> None:
    model = ModelConfig(**GPT, norm="post")
    decoding = DecodingConfig.model_validate({"strategy": strategy, "beam_size": 3, "max_length": 9})
    weights = weights_of(with_large_weights(build_model(model, VOCABULARY_SIZE, seed=4)))
    engine = engine_of(model, weights, tmp_path, READING._replace(decoding=decoding))
    sources = [*random_ids(40, 60), []]
    together, alone = engine.search(sources), [engine.search([source])[0] for source in sources]
    assert [each[0].ids for each in together] == [each[0].ids for each in alone]
    np.testing.assert_allclose([each[0].score for each in together], [each[0].score for each in alone], atol=1e-4)
    assert all(each[0].ids for each in together[:-1])
    assert {each[0].truncated for each in together[:-1]} == {True, False}
    assert all(len(each[0].ids) == 9 for each in together if each[0].truncated)


def test_the_documented_program_for_a_gpt_prints_what_the_engine_says(
    tmp_path: Path,
) -> None:
    version = tmp_path / "work/pushed/1"
    weights = weights_of(with_large_weights(build_model(ModelConfig(**GPT), VOCABULARY_SIZE, seed=4)))
    engine = engine_of(ModelConfig(**GPT), weights, version / "ctranslate2/float32")
    record = {"decoding": SETTINGS.decoding.model_dump(), "ctranslate2": {"compute_types": ["float32"]}}
    (version / "export.json").write_text(json.dumps(record))
    text = (Path(__file__).parents[3] / "docs/serving.md").read_text()
    programs = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (loading,) = (each for each in programs if "import ctranslate2" in each)
    (asking,) = (each for each in programs if "ctranslate2.Generator(" in each)
    before, _, after = loading.partition("translator = ctranslate2.Translator(str(folder))\n")
    lines = [*SENTENCES, ""]
    program = before + after.partition("results = ")[0] + asking
    given = "".join(f"{line}\n" for line in lines)
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, cwd=tmp_path, input=given, capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [each.text for each in engine.translate(lines)]


def test_a_source_that_is_not_read_to_its_end_is_flagged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ctranslate2_engine(tmp_path, READING._replace(max_source_tokens=3))
    monkeypatch.setattr(engine, "search", lambda sources, _most: [[Hypothesis(ids, -1.0)] for ids in sources])
    found = list(engine.translate(["The old dog sleeps.", "a", ""]))
    assert [each[:3] for each in found] == [
        (engine.decode(engine.encode("The old dog sleeps.")), -1.0, True),
        ("a", -1.0, False),
        ("", -1.0, False),
    ]


def test_a_job_has_the_same_bytes_when_computed_again(tmp_path: Path) -> None:
    engine = ctranslate2_engine(tmp_path)
    job = [f"{text} {number}" for number in range(200) for text in SENTENCES]
    whole = list(engine.translate(job))
    assert list(engine.translate(job[: engine.block])) + list(engine.translate(job[engine.block :])) == whole


def test_a_weight_without_a_place_is_refused() -> None:
    weights = read_arrays(tiny_export() / "weights/averaged.npz")
    with pytest.raises(ValueError, match="left over: .'encoder.0.gate/kernel'"):
        build_spec(MODEL, {**weights, "encoder.0.gate/kernel": np.zeros(1)}, (pieces(), pieces()), 1024)
