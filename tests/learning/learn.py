"""Trains a model on a task with the project's own update, and measures it with the project's own decoding."""

import time
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from learning.tasks import VOCABULARY_SIZE, Task

from seq2seq_tfx.components.decoding.batches import decode
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.training.adam import Adam
from seq2seq_tfx.components.training.schedules import learning_rate
from seq2seq_tfx.components.training.step import Moment, StepSettings, Update
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.training import TrainingConfig
from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID

SEED = 1
BATCH = 128
HELD_OUT = 400
"""Pairs that accuracy is measured on."""


class Plan(NamedTuple):
    """How a task is learned."""

    model: ModelConfig
    task: Task
    steps: int
    learning_rate: float


class Learned(NamedTuple):
    """How well it went."""

    token_accuracy: float
    """Share of the held-out answers' tokens, end mark counted, that greedy decoding got right in their place."""
    loss: float
    """Of the last update."""
    seconds: float


def learn(plan: Plan) -> Learned:
    """Train from the seed, then decode what was held out."""
    started = time.monotonic()
    model = build_model(plan.model, VOCABULARY_SIZE, seed=SEED)
    update = Update(model, Adam(model.trainable_variables), StepSettings(seed=SEED, smoothing=0.0, clip_norm=1.0))
    schedule = TrainingConfig(
        max_steps=plan.steps, warmup_steps=50, learning_rate=plan.learning_rate, schedule="cosine"
    )
    generator, loss = np.random.default_rng(SEED), float("nan")
    for step in range(1, plan.steps + 1):
        pairs = plan.task.pairs(generator, BATCH, held_out=False)
        moment = Moment(step, learning_rate(schedule, step, plan.model.width))
        result = update([(pairs.source_BS, pairs.target_BT)], moment)
        loss = float(result.loss)
    return Learned(token_accuracy(model, plan.task), loss, time.monotonic() - started)


def token_accuracy(model: Seq2SeqModel, task: Task) -> float:
    """See `Learned`."""
    pairs = task.pairs(np.random.default_rng(SEED + 1), HELD_OUT, held_out=True)
    width = pairs.target_BT.shape[1]
    settings = DecodingConfig(strategy="greedy", max_length=width + 2)
    sources = [row[row != PAD_ID].tolist() for row in pairs.source_BS]

    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)], autograph=False)
    def translate(ids: tf.RaggedTensor) -> tf.RaggedTensor:
        return decode(model, ids, settings).ids

    found = translate(tf.ragged.constant(sources, tf.int32, ragged_rank=1)).to_list()
    answers = np.full_like(pairs.target_BT, PAD_ID)
    for row, tokens in zip(answers, found, strict=True):
        ended = [*tokens, EOS_ID][:width]
        row[: len(ended)] = ended
    real = pairs.target_BT != PAD_ID
    return float((answers == pairs.target_BT)[real].mean())
