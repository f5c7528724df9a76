"""Section `training`: the loop, the optimiser, the schedule."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

Count = Annotated[int, Field(ge=1)]


class TrainingConfig(Section):
    """How the model is trained: Adam, label-smoothed cross-entropy over real target tokens."""

    max_steps: Count = 8000
    """Updates in all."""
    batch_tokens: Count = 4096
    """Tokens of the longer side in a batch, padding counted."""
    max_length: Count = 256
    """Training pairs with a side of more tokens are left out (and counted)."""
    learning_rate: Annotated[float, Field(gt=0.0)] = 1e-3
    """The highest learning rate, reached at the end of the warm-up."""
    warmup_steps: Count = 1000
    """Updates of linear warm-up."""
    schedule: Literal["inverse_sqrt", "linear", "cosine", "constant"] = "inverse_sqrt"
    """How the learning rate falls after the warm-up."""
    label_smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.1
    """Share of probability spread evenly over the vocabulary."""
    clip_norm: Annotated[float, Field(ge=0.0)] = 1.0
    """Gradients are scaled down to this global norm; 0 turns it off."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """`auto`: bfloat16 where the processor computes in it, else float32; variables are always float32."""
    checkpoint_steps: Count = 250
    """Updates between checkpoints that a killed run goes on from."""
    validation_steps: Count = 500
    """Updates between measurements of the eval split's loss."""
    average: Annotated[int, Field(ge=1, le=100)] = 4
    """The exported weights are the mean of the last so many validation points' weights."""
