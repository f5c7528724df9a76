"""Which architecture learns which task, at which lengths, in how many steps.

Every row is as small as it can be: the tasks are there to show that a model's parts work together, not how far it goes.
Models without attention have short sources: the whole source must go through one vector.
"""

from typing import Any, Final

from learning.learn import Plan
from learning.tasks import Name, Task

from seq2seq_tfx.schemas.config.model import ModelConfig

_TRANSFORMER: Final[dict[str, Any]] = {"layers": 2, "width": 64, "feedforward": 128, "heads": 4, "dropout": 0.0}
_RNN: Final[dict[str, Any]] = {"family": "rnn", "layers": 1, "width": 64, "embedding": 32, "dropout": 0.0}
_ONE_WAY: Final = {"bidirectional": False, "reverse_source": True}

ARCHITECTURES: Final[dict[str, ModelConfig]] = {
    name: ModelConfig.model_validate(settings)
    for name, settings in {
        "transformer": _TRANSFORMER,
        "transformer, post-norm, learned positions": {**_TRANSFORMER, "norm": "post", "positions": "learned"},
        "transformer, rotary positions": {**_TRANSFORMER, "positions": "rotary", "share_embeddings": "none"},
        "bert": {**_TRANSFORMER, "family": "bert"},
        "gpt, bidirectional source": {**_TRANSFORMER, "family": "gpt"},
        "gpt, causal source, rotary positions": {
            **_TRANSFORMER, "family": "gpt", "source_attention": "causal", "positions": "rotary",
        },
        "simple_rnn, none": {**_RNN, "cell": "simple_rnn", "attention": "none"},
        "gru, none": {**_RNN, "attention": "none"},
        "lstm, none, source reversed": {**_RNN, "cell": "lstm", "attention": "none", **_ONE_WAY},
        "gru, bahdanau": {**_RNN, "attention": "bahdanau"},
        "gru, luong_dot": {**_RNN, "attention": "luong_dot"},
        "gru, luong_general": {**_RNN, "attention": "luong_general"},
        "gru, luong_concat": {**_RNN, "attention": "luong_concat"},
        "gru, luong_local": {**_RNN, "attention": "luong_local", "local_window": 4},
        "lstm, luong_general, input feeding, 2 residual layers": {
            **_RNN, "cell": "lstm", "layers": 2, "residual": True, "input_feeding": True,
        },
    }.items()
}  # fmt: skip

TASKS: Final[tuple[Name, ...]] = ("copy", "reverse", "digit sum")

_WITHOUT_ATTENTION: Final = {"copy": (4, 6, 1000), "reverse": (4, 6, 1000), "digit sum": (2, 5, 1200)}
_WITH_ATTENTION: Final = {"copy": (4, 8, 600), "reverse": (4, 8, 600), "digit sum": (2, 5, 1200)}
"""Shortest and longest source in digits, and steps."""

_LEARNING_RATE: Final = {"transformer": 3e-3, "bert": 3e-3, "gpt": 3e-3, "rnn": 5e-3}


def plan_of(architecture: str, task: Name) -> Plan:
    """How an architecture learns a task."""
    model = ARCHITECTURES[architecture]
    without = model.family == "rnn" and model.attention == "none"
    shortest, longest, steps = (_WITHOUT_ATTENTION if without else _WITH_ATTENTION)[task]
    return Plan(model, Task(task, shortest, longest), steps, _LEARNING_RATE[model.family])
