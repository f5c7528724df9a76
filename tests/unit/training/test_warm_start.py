"""Starting with the weights of an export: found by content, and refused where they do not fit."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_export import MODEL, VOCABULARY_SIZE, tiny_export

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.models.weights import read_arrays, weights_of
from seq2seq_tfx.components.training.initial_weights import find_initial_weights
from seq2seq_tfx.components.training.settings import InitialWeights
from seq2seq_tfx.components.training.warm_start import warm_start
from seq2seq_tfx.schemas.errors import InputError, WorkError


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_export(), tmp_path / "pushed/1"))


def wanted(**model: object) -> ModelDescription:
    given = json.loads((tiny_export() / "export.json").read_text())
    return ModelDescription(
        model=MODEL.model_copy(update=model),
        vocabulary_size=VOCABULARY_SIZE,
        vocabulary_sha256=given["vocabulary_sha256"],
    )


def found(export: Path) -> InitialWeights:
    initial = find_initial_weights(f"pushed/{export.name}", export.parents[1])
    assert initial is not None
    return initial


def test_training_starts_with_the_exported_weights(export: Path) -> None:
    model = build_model(MODEL, VOCABULARY_SIZE, seed=9)
    # Dropout and the preset's name change no weight.
    warm_start(model, wanted(dropout=0.5, preset="transformer_tiny"), found(export))
    expected = read_arrays(export / "weights/averaged.npz")
    assert {name: array.tobytes() for name, array in weights_of(model).items()} == {
        name: array.tobytes() for name, array in expected.items()
    }


def test_every_difference_of_the_architecture_is_named(export: Path) -> None:
    description = wanted(width=64, heads=4)
    with pytest.raises(InputError, match=r"width is 64 here and 32 there, heads is 4 here and 2 there; set these keys"):
        warm_start(build_model(description.model, VOCABULARY_SIZE, seed=1), description, found(export))


def test_another_vocabulary_is_refused(export: Path) -> None:
    description = wanted().model_copy(update={"vocabulary_sha256": "0" * 64})
    needed = r"must have the vocabulary of this run \(sha256 0{12}\.{3}\), but .* its own: .*vocabulary.model"
    with pytest.raises(InputError, match=needed):
        warm_start(build_model(MODEL, VOCABULARY_SIZE, seed=1), description, found(export))


def test_changed_weights_are_refused(export: Path) -> None:
    initial = found(export)
    weights = export / "weights/averaged.npz"
    weights.write_bytes(weights.read_bytes() + b"x")
    with pytest.raises(WorkError, match=r"averaged.npz must have the sha256 that .*export.json records"):
        warm_start(build_model(MODEL, VOCABULARY_SIZE, seed=1), wanted(), initial)


def test_weights_are_known_by_their_content(export: Path, tmp_path: Path) -> None:
    assert find_initial_weights(None, tmp_path) is None
    record = json.loads((export / "export.json").read_text())
    assert found(export) == InitialWeights(path=str(export), weights_sha256=record["weights_sha256"])


def test_a_path_without_an_export_is_refused(export: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"got .*/pushed/2, which has no export.json; `seq2seq models CONFIG`"):
        find_initial_weights("pushed/2", tmp_path)
    (tmp_path / "pushed/current").write_text("1\n")
    with pytest.raises(InputError, match=r"which holds several; name one, as in .*/pushed/1 \(the one in use changes"):
        find_initial_weights("pushed", tmp_path)
    (export / "export.json").write_text("{")
    with pytest.raises(InputError, match=r"whose export.json cannot be read"):
        find_initial_weights("pushed/1", tmp_path)
