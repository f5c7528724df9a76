"""What CTranslate2 can express: known from the settings alone, before any work starts."""

from typing import Final

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import FAMILY_FIELDS, ModelConfig

_MODEL: Final = {"preset", "family", "layers", "width", "dropout", "share_embeddings"}
_DECODING: Final = {"strategy", "beam_size", "length_penalty", "max_length"}


def obstacle_to_ctranslate2(
    model: ModelConfig, decoding: DecodingConfig, *, shared_vocabulary: bool = True
) -> str | None:
    """Why CTranslate2 cannot express a model with its search, in words; None if it can.

    A setting that is not known here must have its default, so that a new one is never passed over.

    Args:
        model: The architecture.
        decoding: The search.
        shared_vocabulary: Whether source and target have one vocabulary.

    Example:
        >>> obstacle_to_ctranslate2(ModelConfig(family="gpt"), DecodingConfig())
        'the CTranslate2 export has no model.source_attention bidirectional (its language models read from the left)'
    """
    if model.family == "rnn":
        return f"the CTranslate2 export has no model.family {model.family}"
    if model.family == "gpt" and (obstacle := _obstacle_of_gpt(model, shared_vocabulary)):
        return f"the CTranslate2 export has no {obstacle}"
    if decoding.strategy not in ("greedy", "beam"):
        return f"the CTranslate2 export has no decoding.strategy {decoding.strategy}"
    own = FAMILY_FIELDS[model.family]
    of_others = {name for fields in FAMILY_FIELDS.values() for name in fields} - own
    for section, config, known in (("model", model, _MODEL | own | of_others), ("decoding", decoding, _DECODING)):
        for name, field in type(config).model_fields.items():
            value = getattr(config, name)
            if name not in known and value != field.get_default(call_default_factory=True):
                return f"the CTranslate2 export does not know {section}.{name} {value}"
    return None


def _obstacle_of_gpt(model: ModelConfig, shared_vocabulary: bool) -> str | None:
    """A language model of CTranslate2 reads from left to right, and has one table for all its tokens."""
    if model.source_attention != "causal":
        return f"model.source_attention {model.source_attention} (its language models read from the left)"
    if not shared_vocabulary:
        return "vocabulary.shared false for family gpt (its language models have one vocabulary)"
    if model.share_embeddings != "all":
        return f"model.share_embeddings {model.share_embeddings} for family gpt (its language models have one table)"
    return None
