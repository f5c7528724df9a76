"""Weights on disk."""

from pathlib import Path

import numpy as np
import pytest

from seq2seq_tfx.components.models.build import build_model, count_parameters
from seq2seq_tfx.components.models.weights import load_weights, read_arrays, save_weights, weights_of, write_arrays
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.errors import WorkError

CONFIG = ModelConfig(family="rnn", layers=1, width=8, embedding=6)


def test_files_are_equal_when_weights_are(tmp_path: Path) -> None:
    for name in ("first.npz", "second.npz"):
        save_weights(build_model(CONFIG, 20, seed=1), tmp_path / name)
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()


def test_weights_are_refused_when_they_are_of_another_model(tmp_path: Path) -> None:
    model = build_model(CONFIG, 20, seed=1)
    arrays = weights_of(model)
    wider = {**arrays, "embedding/table": np.zeros((21, 6), np.float32)}
    fewer = {name: array for name, array in arrays.items() if name != "embedding/table"}
    more = {**arrays, "embedding/extra": np.zeros(1, np.float32)}
    for different in (wider, fewer, more):
        write_arrays(tmp_path / "weights.npz", different)
        with pytest.raises(WorkError, match="exactly the model's .* 1 differ .embedding/"):
            load_weights(model, tmp_path / "weights.npz")


def test_a_file_is_refused_when_it_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    write_arrays(path, {"a": np.arange(1000.0)})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WorkError, match="weights.npz must be a .npz archive"):
        read_arrays(path)


def test_parameters_are_counted() -> None:
    model = build_model(ModelConfig(family="transformer", layers=1, width=4, feedforward=8, heads=2), 20, seed=1)
    attention, feed_forward, norm = 4 * 4 * 4, 2 * 4 * 8 + 8 + 4, 2 * 4
    encoder, decoder = attention + feed_forward + 2 * norm, 2 * attention + feed_forward + 3 * norm
    assert count_parameters(model) == 20 * 4 + encoder + decoder + 2 * norm
