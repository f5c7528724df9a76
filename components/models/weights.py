"""Weights on disk: a .npz of float32 arrays by variable path, the same bytes for the same weights."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.models.interface import TokenModel
from seq2seq_tfx.schemas.errors import WorkError

Arrays: TypeAlias = dict[str, npt.NDArray[np.float32]]

_TIME = (1980, 1, 1, 0, 0, 0)
_PERMISSIONS = 0o644 << 16


def weights_of(model: TokenModel) -> Arrays:
    """A copy of the model's variables by path, e.g. `encoder.0.inner/kernel`.

    Raises:
        WorkError: If two variables have one path.
    """
    arrays = {variable.path: np.array(variable.value, np.float32) for variable in model.variables}
    if len(arrays) != len(model.variables):
        raise WorkError(f"every variable must have a path of its own, got {sorted(v.path for v in model.variables)}")
    return arrays


def set_weights(model: TokenModel, arrays: Mapping[str, npt.NDArray[np.float32]], origin: str) -> None:
    """Give the model these values.

    Args:
        model: The model.
        arrays: An array for each of its variables, no more and no fewer.
        origin: Where they come from, for messages.

    Raises:
        WorkError: If names or shapes differ.
    """
    wanted = {variable.path: tuple(variable.shape) for variable in model.variables}
    given = {name: array.shape for name, array in arrays.items()}
    if wanted != given:
        different = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
        shown = ", ".join(
            f"{name} {given.get(name, 'missing')}, not {wanted.get(name, 'there')}" for name in different[:3]
        )
        raise WorkError(
            f"{origin} must hold exactly the model's {len(wanted)} variables, {len(different)} differ ({shown}); "
            "use the weights with the settings they were trained with"
        )
    for variable in model.variables:
        variable.assign(arrays[variable.path])


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
    """Write a .npz whose bytes depend on names and values only (NumPy's own holds the time of writing)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", _TIME)
            entry.external_attr = _PERMISSIONS
            with archive.open(entry, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.ascontiguousarray(arrays[name]), allow_pickle=False)
    write_atomically(path, buffer.getvalue())


def read_arrays(path: Path) -> dict[str, npt.NDArray[np.generic]]:
    """The inverse of `write_arrays`.

    Raises:
        WorkError: If the file is no such archive.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise WorkError(f"{path} must be a .npz archive of arrays, got: {error}; delete it and run again") from error


def save_weights(model: TokenModel, path: Path) -> None:
    """Write the model's variables to `path` (a .npz)."""
    write_arrays(path, weights_of(model))


def load_weights(model: TokenModel, path: Path) -> None:
    """Read the model's variables from `path`.

    Raises:
        WorkError: If the file is unreadable, or its names or shapes are not the model's.
    """
    set_weights(model, read_arrays(path), str(path))
