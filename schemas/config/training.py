"""Section `training`: the data's mixture, the loop, the optimiser, the schedule, when to stop, what to export."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from seq2seq_tfx.schemas.config.section import Name, Section

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[float, Field(gt=0.0)]

_NOAM_FACTORS = (0.05, 50.0)


class SubwordSamplingConfig(Section):
    """Another split into subwords each time a pair is seen (training only)."""

    sides: Literal["none", "source", "target", "both"] = "none"
    """Which sides are split at random."""
    alpha: Annotated[float, Field(gt=0.0, le=10.0)] = 0.2
    """unigram vocabularies (Kudo 2018): a split's probability is raised to this power; small means much noise."""
    dropout: Share = 0.1
    """bpe vocabularies (Provilkov 2020): the probability that a possible merge is passed over."""

    @property
    def source(self) -> bool:
        """Whether sources are split at random."""
        return self.sides in ("source", "both")

    @property
    def target(self) -> bool:
        """Whether targets are split at random."""
        return self.sides in ("target", "both")


class WordDropoutConfig(Section):
    """Share of the word types of a sentence that the model reads as `<unk>` wherever they stand (Gal 2016)."""

    source: Share = 0.0
    """On the encoder's side."""
    target: Share = 0.0
    """Of what the decoder is fed; what it must predict stays."""


class ScheduledSamplingConfig(Section):
    """How often the decoder is fed its own last prediction in place of the reference's token (Bengio 2015)."""

    highest: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """The probability that is reached; 0 turns it off (and saves a stepwise pass over each batch)."""
    shape: Literal["linear", "exponential", "inverse_sigmoid"] = "linear"
    """How the probability grows from 0."""
    steps: Count = 8000
    """Updates until `highest` is reached (exponential: 99% of it)."""


class TrainingValidationConfig(Section):
    """What is measured on the eval split every `validation_steps` updates; the best weights are kept by it."""

    metric: Literal["loss", "bleu", "chrf"] = "loss"
    """Cross-entropy, or a score of translations by the pipeline's own search."""
    patience: Annotated[int, Field(ge=0)] = 0
    """Training ends after so many measurements in a row without a better one; 0: it never ends early."""
    max_sentences: Count = 500
    """bleu, chrf: sentences translated at most, chosen by the hash of their ids."""
    strategy: Literal["greedy", "beam"] = "greedy"
    """bleu, chrf: how translations are searched for."""
    beam_size: Annotated[int, Field(ge=1, le=64)] = 4
    """bleu, chrf: prefixes kept a sentence (strategy beam)."""
    max_length: Annotated[int, Field(ge=1, le=4096)] = 128
    """bleu, chrf: longest translation in tokens."""


class TrainingConfig(Section):
    """How the model is trained: label-smoothed cross-entropy over real target tokens. See docs/training.md."""

    max_steps: Count = 8000
    """Updates in all."""
    batch_tokens: Count = 4096
    """Tokens of the longer side in a batch, padding counted."""
    accumulate: Count = 1
    """Batches whose gradients are added up for one update: a batch so many times larger in the same memory."""
    workers: Count = 1
    """Processes that share each batch, on this machine or where TF_CONFIG says; see docs/distributed.md."""
    gpus: Count = 1
    """GPUs of each worker that share its part, if the machine has GPUs."""
    max_length: Count = 256
    """Training pairs with a side of more tokens are left out (and counted)."""
    initialise_from: str | None = None
    """Folder of a pushed version, or of an export, whose weights training starts with, relative to this file."""
    corpus_weights: dict[Name, Annotated[float, Field(ge=0.0)]] = {}
    """How often pairs of a corpus are seen, relative to those of other corpora (1 each); 0 leaves a corpus out."""
    temperature: Annotated[float, Field(ge=1.0)] = 1.0
    """A corpus of n pairs is seen in proportion to n ** (1 / temperature): 1 as it is, large evens corpora out."""
    subword_sampling: SubwordSamplingConfig = SubwordSamplingConfig()
    word_dropout: WordDropoutConfig = WordDropoutConfig()
    scheduled_sampling: ScheduledSamplingConfig = ScheduledSamplingConfig()
    optimizer: Literal["adam", "adamw", "adafactor"] = "adam"
    """adam (Kingma 2015), adamw (decoupled weight decay, Loshchilov 2019), adafactor (little memory, Shazeer 2018)."""
    weight_decay: Share = 0.01
    """adamw: share of each matrix, embeddings apart, that an update takes away, times the learning rate."""
    learning_rate: Positive = 1e-3
    """The highest learning rate; schedule noam: the factor; optimizer adafactor: relative to a variable's size."""
    warmup_steps: Count = 1000
    """Updates of linear warm-up."""
    schedule: Literal["inverse_sqrt", "noam", "linear", "cosine", "constant"] = "inverse_sqrt"
    """How the learning rate falls after the warm-up."""
    schedule_offset: Annotated[int, Field(ge=0)] = 0
    """Updates that the schedule counts as done before the first; fine-tuning can go on where a schedule ended."""
    label_smoothing: Share = 0.1
    """Share of probability spread evenly over the vocabulary."""
    source_loss: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    """gpt with source_attention causal: what predicting a source token counts, relative to a target token."""
    clip_norm: Annotated[float, Field(ge=0.0)] = 1.0
    """Gradients are scaled down to this global norm; 0 turns it off."""
    moving_average: Share = 0.0
    """Decay of the exponential moving average of the weights, as in 0.999; 0 turns it off."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """`auto`: bfloat16 where the processor or GPU computes in it, else float32; variables are always float32."""
    checkpoint_steps: Count = 250
    """Updates between checkpoints that a killed run goes on from."""
    validation_steps: Count = 500
    """Updates between measurements on the eval split."""
    validation: TrainingValidationConfig = TrainingValidationConfig()
    average: Annotated[int, Field(ge=1, le=100)] = 4
    """The averaged weights are the mean of the last so many validation points' weights."""
    export: Literal["averaged", "best", "last", "moving_average"] = "averaged"
    """Which weights are exported."""

    @model_validator(mode="after")
    def _check(self) -> "TrainingConfig":
        shares = self.workers * self.gpus
        if shares > 1 and self.batch_tokens < shares * self.max_length:
            raise ValueError(
                "batch_tokens must be at least workers * gpus * max_length where a batch is shared, so that a batch of "
                f"the longest pairs has one for each, {shares * self.max_length:,}; it is {self.batch_tokens:,}: "
                "raise it, or lower max_length"
            )
        low, high = _NOAM_FACTORS
        if self.schedule == "noam" and not low <= self.learning_rate <= high:
            raise ValueError(
                f"learning_rate must be a factor from {low} to {high:g} where schedule is noam (Vaswani 2017 has 1), "
                f"got {self.learning_rate}; docs/training.md has the peak that follows from it"
            )
        if self.export == "moving_average" and not self.moving_average:
            raise ValueError(
                "moving_average must be above 0 where export is moving_average, got 0; give it a decay such as 0.999"
            )
        return self
