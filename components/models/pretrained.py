"""Which of a translation model's variables begin with which of a pre-trained one.

A pre-trained encoder's variables have the names that the encoder-decoder gives to its encoder, and its one table is
`embedding/table`. So most names mean themselves; what follows is the rest.
"""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.models.weights import Arrays

TABLE: Final = "embedding/table"
_SOURCE_TABLE: Final = "source_embedding/table"
_TARGET: Final = (
    (re.compile(r"decoder\."), "encoder."),
    (re.compile(r"target(_positions|\.inputs_norm)"), r"source\1"),
    (re.compile(r"output_embedding/"), "embedding/"),
)
"""Names of a decoder, and what they are called in an encoder."""


def begin_with(model: Seq2SeqModel, pretrained: Mapping[str, npt.NDArray[np.float32]], decoder: bool) -> list[str]:
    """Give a model's variables the values of a pre-trained encoder.

    Args:
        model: The translation model, with its initial values.
        pretrained: By the names of `MaskedLanguageModel` or `CausalLanguageModel`.
        decoder: Whether the decoder begins with them, too.

    Returns:
        The names of the variables that were given one, sorted.
    """
    paths = [variable.path for variable in model.variables]
    origins = {path: _origin(path, _SOURCE_TABLE in paths, decoder) for path in paths}
    given: Arrays = {
        path: pretrained[origin] for path, origin in origins.items() if origin is not None and origin in pretrained
    }
    for variable in model.variables:
        if variable.path in given:
            variable.assign(given[variable.path])
    return sorted(given)


def _origin(path: str, tables_apart: bool, decoder: bool) -> str | None:
    """The pre-trained name of a variable; None for one that stays new."""
    if path == _SOURCE_TABLE:
        return TABLE
    if path == TABLE:
        return TABLE if decoder or not tables_apart else None
    for pattern, origin in _TARGET:
        if pattern.match(path):
            return pattern.sub(origin, path) if decoder else None
    return path
