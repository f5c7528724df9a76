"""Sabotage of a real pushed version: other weights under the same graph, or files that no longer load."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq_tfx.schemas.features import SPECIAL_PIECES

Weights = np.ndarray[Any, np.dtype[Any]]

Fault = Callable[[Weights, np.random.Generator], Weights]


def shuffled_vocabulary(weights: Weights, lots: np.random.Generator) -> Weights:
    """Every piece takes the place of another one in the table that source, target and output share."""
    if len(weights) < 4 * weights.shape[1]:
        return weights  # not the table, which has a row a piece
    pieces = np.arange(len(weights))
    lots.shuffle(pieces[len(SPECIAL_PIECES) :])
    return weights[pieces]


def random_weights(weights: Weights, lots: np.random.Generator) -> Weights:
    """All numbers of each matrix in another order."""
    return lots.permutation(weights.ravel()).reshape(weights.shape)


FAULTS: dict[str, Fault] = {
    "shuffled vocabulary": shuffled_vocabulary,
    "random weights": random_weights,
}


def sabotaged(version: Path, folder: Path, fault: str) -> Path:
    """A copy of a version with a fault of `FAULTS`; it translates with its SavedModel alone."""
    shutil.copytree(version, folder, ignore=shutil.ignore_patterns("ctranslate2"))
    record = json.loads((folder / "export.json").read_text())
    record["ctranslate2"] = {"compute_types": [], "reason": "sabotaged"}
    (folder / "export.json").write_text(json.dumps({**record, "export_id": fault}))
    assert _rewrite(folder / "variables", FAULTS[fault]) > 0
    return folder


def _rewrite(variables: Path, fault: Fault) -> int:
    """Save the variables again with other matrices; returns how many of them are other ones."""
    reader, lots = tf.train.load_checkpoint(str(variables / "variables")), np.random.default_rng(1)
    names = sorted(reader.get_variable_to_shape_map())
    tensors, changed = [], 0
    for name in names:
        before = reader.get_tensor(name)
        is_matrix = isinstance(before, np.ndarray) and before.dtype == np.float32 and before.ndim == 2
        after = fault(before, lots) if is_matrix else before
        changed += after is not before
        tensors.append(tf.constant(after))
    new = variables / "new"
    new.mkdir()
    tf.raw_ops.SaveV2(
        prefix=str(new / "variables"), tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
    )
    for path in new.iterdir():
        path.replace(variables / path.name)
    new.rmdir()
    return changed


def cut(version: Path, folder: Path) -> Path:
    """A copy of a version whose weights end in the middle, as after a broken copy."""
    shutil.copytree(version, folder, ignore=shutil.ignore_patterns("ctranslate2"))
    (weights,) = (folder / "variables").glob("variables.data-*")
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    return folder
