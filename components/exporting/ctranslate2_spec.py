"""Writes a Transformer as CTranslate2 loads it. Needs no TensorFlow: it goes from weights by name to a folder.

Shapes: D width, V vocabulary, P positions.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ctranslate2
import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.vocabulary.files import VocabularyModels
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.export import StorageType
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, UNK_ID

Weights = Mapping[str, npt.NDArray[np.float32]]
Pieces = Sequence[str]

_NORM_EPSILON: Final = 1e-5
"""Of `models/layers.py`."""
_LEAST_POSITIONS: Final = 1024
"""CTranslate2's default of the longest input: whoever loads the folder without our settings stays within the table."""


def position_table(positions: int, width: int) -> npt.NDArray[np.float32]:
    """The sinusoidal encodings of `models/transformer.py`, sine and cosine in turn: (P, D)."""
    column_D = np.arange(width)
    rate_D = (10_000.0 ** (-(column_D // 2 * 2) / width)).astype(np.float32)
    shift_D = ((column_D % 2) * (math.pi / 2)).astype(np.float32)
    table: npt.NDArray[np.float32] = np.sin(np.arange(positions, dtype=np.float32)[:, None] * rate_D + shift_D)
    return table


def build_spec(model: ModelConfig, weights: Weights, pieces: tuple[Pieces, Pieces], positions: int) -> Any:
    """Fill CTranslate2's specification.

    Args:
        model: The architecture; `obstacle_to_ctranslate2` has nothing against it.
        weights: Arrays by variable path.
        pieces: The vocabularies of source and target, in the order of ids.
        positions: The longest sequence.

    Returns:
        A `ctranslate2.specs.TransformerSpec`, validated.

    Raises:
        KeyError: If a weight is missing.
        ValueError: If a weight has no place in the specification, or sizes do not fit together.
    """
    pre_norm = model.norm == "pre"
    # Alignments are the mean over the last layer's heads, as the SavedModel's are.
    spec = ctranslate2.specs.TransformerSpec.from_config(
        model.layers, model.heads, pre_norm=pre_norm, alignment_heads=model.heads
    )
    left = dict(weights)
    target_VD = left.pop("embedding/table")
    spec.encoder.embeddings[0].weight = left.pop("source_embedding/table", target_VD)
    spec.decoder.embeddings.weight = target_VD
    spec.decoder.projection.weight = left.pop("output_embedding/table", target_VD)
    for side, name, text in ((spec.encoder, "encoder", "source"), (spec.decoder, "decoder", "target")):
        learned_PD = left.pop(f"{text}_positions/table", None)
        table_PD = position_table(positions, model.width) if learned_PD is None else _extended(learned_PD, positions)
        side.position_encodings.encodings = table_PD
        if pre_norm:
            _fill_norm(side.layer_norm, left, f"{name}.norm")
        for number, layer in enumerate(side.layer):
            _fill_layer(layer, left, f"{name}.{number}")
    if left:
        raise ValueError(f"every weight must have a place in CTranslate2's specification, left over: {sorted(left)}")
    _fill_vocabularies(spec, pieces)
    spec.validate()
    return spec


def write_folder(spec: Any, storage: StorageType, vocabulary: VocabularyModels, folder: Path) -> None:
    """Write a specification; this changes it, so each storage type takes one of its own.

    Args:
        spec: From `build_spec`.
        storage: What the weights are stored as.
        vocabulary: The SentencePiece models, copied beside them.
        folder: Is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec.optimize(quantization=storage)
    spec.save(str(folder))
    vocabulary.copy_to(folder)


def positions_for(max_source_tokens: int, decoding: DecodingConfig) -> int:
    """Rows of the table of positions: for the longest source, and the longest translation with its end mark."""
    return max(_LEAST_POSITIONS, max_source_tokens, decoding.max_length + 1)


def _extended(table_PD: npt.NDArray[np.float32], positions: int) -> npt.NDArray[np.float32]:
    """A learned table with as many rows: those added are its last row, as `models/positions.py` has it."""
    return table_PD[np.minimum(np.arange(positions), len(table_PD) - 1)]


def _fill_vocabularies(spec: Any, pieces: tuple[Pieces, Pieces]) -> None:
    source, target = pieces
    spec.register_source_vocabulary(list(source))
    spec.register_target_vocabulary(list(target))
    config = spec.config
    config.bos_token = config.decoder_start_token = target[BOS_ID]
    config.eos_token, config.unk_token = target[EOS_ID], target[UNK_ID]
    config.add_source_eos = True
    config.layer_norm_epsilon = _NORM_EPSILON


def _fill_layer(layer: Any, left: dict[str, Any], name: str) -> None:
    _fill_norm(layer.self_attention.layer_norm, left, f"{name}.attention_norm")
    _fill_attention(layer.self_attention, left, f"{name}.attention", ("query_key_value", "output"))
    if hasattr(layer, "attention"):
        _fill_norm(layer.attention.layer_norm, left, f"{name}.cross_norm")
        _fill_attention(layer.attention, left, f"{name}.cross", ("query", "key_value", "output"))
    _fill_norm(layer.ffn.layer_norm, left, f"{name}.feedforward_norm")
    for linear, part in ((layer.ffn.linear_0, "inner"), (layer.ffn.linear_1, "outer")):
        linear.weight = _turned(left.pop(f"{name}.{part}/kernel"))
        linear.bias = left.pop(f"{name}.{part}/bias")


def _fill_norm(norm: Any, left: dict[str, Any], name: str) -> None:
    norm.gamma, norm.beta = left.pop(f"{name}/scale"), left.pop(f"{name}/offset")


def _fill_attention(attention: Any, left: dict[str, Any], name: str, parts: Sequence[str]) -> None:
    for linear, part in zip(attention.linear, parts, strict=True):
        linear.weight = _turned(left.pop(f"{name}/{part}"))
        linear.bias = np.zeros(linear.weight.shape[0], np.float32)


def _turned(kernel: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Inputs by outputs, as we keep it, to outputs by inputs."""
    return np.ascontiguousarray(kernel.T)
