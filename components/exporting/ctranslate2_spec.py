"""Writes models as CTranslate2 loads them. Needs no TensorFlow: it goes from weights by name to a folder.

A transformer and a bert become what `ctranslate2.Translator` loads, a causal gpt what `ctranslate2.Generator` does.

Shapes: D width, V vocabulary, P positions.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import ctranslate2
import numpy as np
import numpy.typing as npt

from seq2seq_tfx.components.translation.ctranslate2_generator import PROMPT_END
from seq2seq_tfx.components.vocabulary.files import VocabularyModels
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.export import StorageType
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import BOS_ID, EOS_ID, SEP_ID, UNK_ID

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
        positions: The longest sequence; of a gpt, source and translation together.

    Returns:
        A `ctranslate2.specs.TransformerSpec`, of a gpt a `TransformerDecoderModelSpec`, validated.

    Raises:
        KeyError: If a weight is missing.
        ValueError: If a weight has no place in the specification, or sizes do not fit together.
    """
    left = dict(weights)
    build = _language_model if model.family == "gpt" else _translator
    spec = build(model, left, pieces, positions)
    if left:
        raise ValueError(f"every weight must have a place in CTranslate2's specification, left over: {sorted(left)}")
    target = pieces[1]
    spec.config.bos_token, spec.config.eos_token = target[BOS_ID], target[EOS_ID]
    spec.config.unk_token = target[UNK_ID]
    spec.config.layer_norm_epsilon = _NORM_EPSILON
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


def positions_for(model: ModelConfig, max_source_tokens: int, decoding: DecodingConfig) -> int:
    """Rows of a table of positions: for the longest source, and the longest translation with its end mark.

    A gpt counts both as one text. Given translations may be as long as a source.
    """
    longest = max(max_source_tokens, decoding.max_length + 1)
    return max(_LEAST_POSITIONS, max_source_tokens + longest if model.family == "gpt" else longest)


def _extended(table_PD: npt.NDArray[np.float32], positions: int) -> npt.NDArray[np.float32]:
    """A learned table with as many rows: those added are its last row, as `models/positions.py` has it."""
    return table_PD[np.minimum(np.arange(positions), len(table_PD) - 1)]


def _translator(model: ModelConfig, left: dict[str, Any], pieces: tuple[Pieces, Pieces], positions: int) -> Any:
    parts, details = ctranslate2.specs.transformer_spec, _details(model)
    encoder = parts.TransformerEncoderSpec(model.layers, model.heads, **details)
    # Alignments are the mean over the last layer's heads, as the SavedModel's are.
    decoder = parts.TransformerDecoderSpec(model.layers, model.heads, **details, alignment_heads=model.heads)
    spec = ctranslate2.specs.TransformerSpec(encoder, decoder)
    target_VD = _fill_tables(decoder, left)
    encoder.embeddings[0].weight = left.pop("source_embedding/table", target_VD)
    _fill_stack(encoder, left, _Names("source", "encoder", "encoder.norm"), model, positions)
    _fill_stack(decoder, left, _Names("target", "decoder", "decoder.norm"), model, positions)
    source, target = pieces
    spec.register_source_vocabulary(list(source))
    spec.register_target_vocabulary(list(target))
    spec.config.decoder_start_token = target[BOS_ID]
    spec.config.add_source_eos = True
    return spec


def _language_model(model: ModelConfig, left: dict[str, Any], pieces: tuple[Pieces, Pieces], positions: int) -> Any:
    parts = ctranslate2.specs.transformer_spec
    decoder = parts.TransformerDecoderSpec(model.layers, model.heads, with_encoder_attention=False, **_details(model))
    spec = ctranslate2.specs.TransformerDecoderModelSpec(decoder)
    _fill_tables(decoder, left)
    _fill_stack(decoder, left, _Names("text", "layer", "stack.norm"), model, positions)
    _, target = pieces
    spec.register_vocabulary(list(target))
    spec.config.add_attribute(PROMPT_END, [target[EOS_ID], target[SEP_ID]])
    return spec


def _details(model: ModelConfig) -> dict[str, Any]:
    """How a stack of layers differs from CTranslate2's defaults."""
    activations = ctranslate2.specs.common_spec.Activation
    details: dict[str, Any] = {
        "pre_norm": model.norm == "pre",
        "activation": activations.RELU if model.family == "transformer" else activations.GELUTanh,
        "layernorm_embedding": model.family == "bert",
    }
    # All of a head turns, its two halves being the pairs.
    return {**details, "rotary_dim": 0, "rotary_interleave": False} if model.positions == "rotary" else details


def _fill_tables(decoder: Any, left: dict[str, Any]) -> npt.NDArray[np.float32]:
    """The decoder's embeddings and its projection; returns the former: (V, D)."""
    target_VD: npt.NDArray[np.float32] = left.pop("embedding/table")
    decoder.embeddings.weight = target_VD
    decoder.projection.weight = left.pop("output_embedding/table", target_VD)
    return target_VD


class _Names(NamedTuple):
    """What the variables of a stack are named after."""

    text: str
    """Its tokens."""
    layers: str
    norm: str
    """The normalisation after its last layer."""


def _fill_stack(stack: Any, left: dict[str, Any], names: _Names, model: ModelConfig, positions: int) -> None:
    """Everything of an encoder or a decoder but its tables of tokens."""
    stack.scale_embeddings = model.family != "bert" or model.positions == "sinusoidal"
    if model.positions == "learned":
        stack.position_encodings.encodings = _extended(left.pop(f"{names.text}_positions/table"), positions)
    elif model.positions == "sinusoidal":
        stack.position_encodings.encodings = position_table(positions, model.width)
    if model.family == "bert":
        _fill_norm(stack.layernorm_embedding, left, f"{names.text}.inputs_norm")
    if model.norm == "pre":
        _fill_norm(stack.layer_norm, left, names.norm)
    for number, layer in enumerate(stack.layer):
        _fill_layer(layer, left, f"{names.layers}.{number}")


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
