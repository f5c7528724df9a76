"""Every architecture against the contract that all of them share."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest
import tensorflow as tf
from contracts.model_contract import PROOFS, SOURCE, TARGET_IN, VOCABULARY_SIZE, MakeModel

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.config.model import ModelConfig


def transformer(**settings: Any) -> ModelConfig:
    return ModelConfig(
        family="transformer", layers=2, width=16, feedforward=24, heads=2,
        dropout=0.2, attention_dropout=0.1, feedforward_dropout=0.1, **settings,
    )  # fmt: skip


def bert(**settings: Any) -> ModelConfig:
    return ModelConfig.model_validate({**transformer(**settings).model_dump(), **BERT, **settings})


def gpt(**settings: Any) -> ModelConfig:
    return ModelConfig.model_validate({**transformer().model_dump(), "family": "gpt", **settings})


def rnn(cell: str, attention: str, **settings: Any) -> ModelConfig:
    sizes = {"layers": 2, "width": 16, "embedding": 12, "dropout": 0.2, **settings}
    return ModelConfig(family="rnn", cell=cell, attention=attention, **sizes)


BERT = {"family": "bert", "norm": "post", "positions": "learned"}
REVERSED = {"bidirectional": False, "reverse_source": True}

ARCHITECTURES = {
    "transformer": transformer(),
    "transformer-post-learned": transformer(norm="post", positions="learned", share_embeddings="target"),
    "transformer-rotary": transformer(positions="rotary", share_embeddings="none"),
    "transformer-post-rotary": transformer(norm="post", positions="rotary"),
    "bert": bert(),
    "bert-pre-rotary-tables": bert(norm="pre", positions="rotary", share_embeddings="none"),
    "gpt": gpt(),
    "gpt-causal-learned": gpt(source_attention="causal", positions="learned", norm="post"),
    "gpt-rotary-tables": gpt(positions="rotary", share_embeddings="none"),
    "gpt-causal-rotary": gpt(source_attention="causal", positions="rotary", share_embeddings="target"),
    "simple_rnn-none": rnn("simple_rnn", "none"),
    "gru-none": rnn("gru", "none", bidirectional=False),
    "lstm-none-reversed": rnn("lstm", "none", **REVERSED, layers=3, residual=True),
    "gru-bahdanau": rnn("gru", "bahdanau"),
    "lstm-bahdanau-one-way": rnn("lstm", "bahdanau", bidirectional=False, residual=True, layers=3),
    "simple_rnn-luong_dot": rnn("simple_rnn", "luong_dot", residual=True),
    "lstm-luong_dot-fed": rnn("lstm", "luong_dot", **REVERSED, input_feeding=True, residual=True),
    "gru-luong_general": rnn("gru", "luong_general"),
    "lstm-luong_general-tables": rnn("lstm", "luong_general", share_embeddings="none"),
    "gru-luong_general-fed": rnn("gru", "luong_general", input_feeding=True, share_embeddings="target"),
    "gru-luong_concat": rnn("gru", "luong_concat", layers=1),
    "simple_rnn-luong_concat-fed": rnn("simple_rnn", "luong_concat", input_feeding=True),
    "gru-luong_local": rnn("gru", "luong_local", local_window=3),
    "lstm-luong_local-fed": rnn("lstm", "luong_local", local_window=3, input_feeding=True),
}


@cache
def shared_model(architecture: str, compute_dtype: str) -> Seq2SeqModel:
    """Building takes longer than most proofs."""
    return build_model(ARCHITECTURES[architecture], VOCABULARY_SIZE, seed=1, compute_dtype=compute_dtype)


def make_model(architecture: str, *, seed: int, compute_dtype: str = "float32") -> Seq2SeqModel:
    if seed == 1:
        return shared_model(architecture, compute_dtype)
    return build_model(ARCHITECTURES[architecture], VOCABULARY_SIZE, seed=seed, compute_dtype=compute_dtype)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_architecture_keeps_the_contract(architecture: str, proof: Callable[[MakeModel], None]) -> None:
    proof(partial(make_model, architecture))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_there_are_attention_weights_where_there_is_attention(architecture: str) -> None:
    model = shared_model(architecture, "float32")
    weights = model.attention_weights(model.encode(tf.constant(SOURCE)), tf.constant(TARGET_IN))
    assert (weights is None) == ("none" in architecture)
