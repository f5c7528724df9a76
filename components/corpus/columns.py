"""Columns of texts and numbers in one file: numpy's own format, which never runs code when it is loaded."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seq2seq_tfx.components.files import write_atomically

Columns = Mapping[str, NDArray[Any]]


def save_columns(path: Path, columns: Columns) -> None:
    """Write columns under a name that appears complete or not at all; for the user alone, because it holds text.

    Raises:
        OSError: If the disk is full.
    """
    content = io.BytesIO()
    np.savez(content, **columns)
    write_atomically(path, content.getvalue(), mode=0o600)


def load_columns(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    """Read the named columns of a file, and no others; all of them where none is named."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in names or stored.files}


def text_columns(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The columns that hold texts: their UTF-8 one after the other, and how many characters each has."""
    return {
        f"{name}_utf8": np.frombuffer("".join(texts).encode(), dtype=np.uint8),
        f"{name}_lengths": np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)),
    }


def texts_of(columns: Columns, name: str) -> list[str]:
    """The inverse of `text_columns`."""
    text = columns[f"{name}_utf8"].tobytes().decode()
    ends = np.cumsum(columns[f"{name}_lengths"]).tolist()
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def grouped(values: Sequence[str], counts: Sequence[int]) -> list[tuple[str, ...]]:
    """Values as groups of these sizes.

    Example:
        >>> grouped(["a", "b", "c"], [1, 2])
        [('a',), ('b', 'c')]
    """
    rest = iter(values)
    return [tuple([next(rest) for _ in range(count)]) for count in counts]
