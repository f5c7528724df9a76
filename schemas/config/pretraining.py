"""Section `pretraining`: what the model's layers learn from single sentences before they learn to translate."""

from typing import Annotated, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.training import Count, Positive, TrainingConfig


class PretrainingConfig(Section):
    """A language model of single sentences, of training pairs and monolingual corpora: what the model begins with."""

    objective: Literal["none", "masked", "causal"] = "none"
    """What is predicted. masked, for bert: hidden tokens, from those around them (Devlin 2019). causal, for gpt: each
    token, from those before it (Radford 2018). none: the pipeline has no such stage."""
    take_from: str | None = None
    """Folder of a PretrainedEncoder that another pipeline made, relative to this file: in place of a stage here."""
    decoder: bool = False
    """bert: the decoder's layers begin with the encoder's too (Rothe 2020); attention to the source is new."""
    sides: Literal["both", "source", "target"] = "both"
    """Sentences of which side are read, those of the train split and of monolingual corpora."""
    mask_share: Annotated[float, Field(gt=0.0, le=0.5)] = 0.15
    """masked: share of a sentence's tokens that are predicted; of them 80% are hidden, 10% replaced at random."""
    whole_words: bool = False
    """masked: all subwords of a word are predicted together."""
    max_steps: Count = 8000
    """Updates in all."""
    batch_tokens: Count = 4096
    """Tokens in a batch, padding counted."""
    accumulate: Count = 1
    """Batches whose gradients are added up for one update."""
    max_length: Count = 256
    """Sentences of more tokens are left out (and counted); a pair is, if a side of it is that long."""
    learning_rate: Positive = 1e-3
    """The highest learning rate."""
    warmup_steps: Count = 1000
    """Updates of linear warm-up."""
    schedule: Literal["inverse_sqrt", "linear", "cosine", "constant"] = "linear"
    """How the learning rate falls after the warm-up."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """As of the section training."""
    checkpoint_steps: Count = 250
    """Updates between checkpoints that a killed run goes on from."""
    validation_steps: Count = 500
    """Updates between measurements on the eval split."""

    def as_training(self) -> TrainingConfig:
        """The same loop's settings, as the loop takes them."""
        kept = {name: getattr(self, name) for name in type(self).model_fields if name in TrainingConfig.model_fields}
        return TrainingConfig(**kept, label_smoothing=0.0)
