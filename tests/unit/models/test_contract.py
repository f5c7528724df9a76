"""Every architecture against the contract that all of them share."""

from collections.abc import Callable
from functools import partial

import pytest
from contracts.model_contract import PROOFS, VOCABULARY_SIZE, MakeModel

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.schemas.config.model import ModelConfig

ARCHITECTURES = {
    "transformer": ModelConfig(
        family="transformer", layers=2, width=16, feedforward=24, heads=2,
        dropout=0.2, attention_dropout=0.1, feedforward_dropout=0.1,
    ),
    "rnn": ModelConfig(family="rnn", layers=2, width=16, embedding=12, dropout=0.2),
}  # fmt: skip


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_architecture_keeps_the_contract(architecture: str, proof: Callable[[MakeModel], None]) -> None:
    proof(partial(build_model, ARCHITECTURES[architecture], VOCABULARY_SIZE))
