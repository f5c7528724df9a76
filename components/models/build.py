"""From the configuration's `model` section to a model with all its variables."""

from seq2seq_tfx.components.models.description import ModelDescription
from seq2seq_tfx.components.models.gpt import Gpt
from seq2seq_tfx.components.models.interface import Seq2SeqModel, TokenModel
from seq2seq_tfx.components.models.rnn import RecurrentModel
from seq2seq_tfx.components.models.transformer import Transformer
from seq2seq_tfx.schemas.config.model import ModelConfig

_FAMILIES = {"rnn": RecurrentModel, "transformer": Transformer, "bert": Transformer, "gpt": Gpt}


def build_model(
    config: ModelConfig,
    vocabulary_size: int,
    *,
    seed: int,
    compute_dtype: str = "float32",
    source_vocabulary_size: int | None = None,
) -> Seq2SeqModel:
    """Build a model; equal arguments give equal initial values, whatever else the process did.

    Args:
        config: Family and sizes.
        vocabulary_size: Number of tokens that the target has, the special ones included.
        seed: Initial values follow from it.
        compute_dtype: `float32` or `bfloat16`; variables are float32 always.
        source_vocabulary_size: Number of tokens that the source has, if they are not the target's.
    """
    return _FAMILIES[config.family](config, (source_vocabulary_size, vocabulary_size), seed, compute_dtype)


def build_described(description: ModelDescription, *, seed: int, compute_dtype: str) -> Seq2SeqModel:
    """`build_model` for what a folder of weights says of itself."""
    return build_model(
        description.model,
        description.vocabulary_size,
        seed=seed,
        compute_dtype=compute_dtype,
        source_vocabulary_size=description.source_vocabulary_size,
    )


def count_parameters(model: TokenModel) -> int:
    """How many numbers the model learns."""
    return sum(int(variable.value.shape.num_elements()) for variable in model.trainable_variables)
