"""`training.initialise_from` reaches the training stage, its cache key and the provenance, by content."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_export import tiny_export

from seq2seq_tfx.pipeline.composition import Composition, compose
from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import InputError

CONFIG = """\
name: tuned
languages: {source: en, target: es}
corpora:
  - {name: a, split: auto, path: pairs.tsv}
training: {initialise_from: old/1}
"""


def composed(folder: Path) -> Composition:
    (folder / "pipeline.yaml").write_text(CONFIG)
    (folder / "pairs.tsv").write_text("a\tb\n")
    return compose(load_config(folder / "pipeline.yaml"))


def test_training_runs_again_when_the_initial_weights_are_others(tmp_path: Path) -> None:
    export = Path(shutil.copytree(tiny_export(), tmp_path / "old/1"))
    first = composed(tmp_path).parameters
    assert composed(tmp_path).parameters == first
    record = json.loads((export / "export.json").read_text())
    (export / "export.json").write_text(json.dumps({**record, "weights_sha256": "0" * 64}))
    second = composed(tmp_path).parameters
    assert [stage for stage in first if first[stage] != second[stage]] == ["training", "push"]
    assert json.loads(second["training"]["settings"])["initial_weights"]["weights_sha256"] == "0" * 64
    assert json.loads(second["push"]["provenance"])["initial_weights"]["path"] == str(export)


def test_a_missing_version_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"training.initialise_from must be the folder of a pushed version"):
        composed(tmp_path)
