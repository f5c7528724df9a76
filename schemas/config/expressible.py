"""What CTranslate2 can express: known from the settings alone, before any work starts."""

from typing import Final

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import FAMILY_FIELDS, ModelConfig

_MODEL: Final = {"preset", "family", "layers", "width", "dropout", "share_embeddings", "positions"} | FAMILY_FIELDS[
    "transformer"
]
_DECODING: Final = {"strategy", "beam_size", "length_penalty", "max_length"}


def obstacle_to_ctranslate2(model: ModelConfig, decoding: DecodingConfig) -> str | None:
    """Why CTranslate2 cannot express a model with its search, in words; None if it can.

    A setting that is not known here must have its default, so that a new one is never passed over.

    Example:
        >>> obstacle_to_ctranslate2(ModelConfig(positions="rotary"), DecodingConfig())
        'the CTranslate2 export has no model.positions rotary'
    """
    if model.family != "transformer":
        return f"the CTranslate2 export has no model.family {model.family}"
    if model.positions == "rotary":
        return f"the CTranslate2 export has no model.positions {model.positions}"
    if decoding.strategy not in ("greedy", "beam"):
        return f"the CTranslate2 export has no decoding.strategy {decoding.strategy}"
    others = {name for fields in FAMILY_FIELDS.values() for name in fields} - FAMILY_FIELDS["transformer"]
    for section, config, known in (("model", model, _MODEL | others), ("decoding", decoding, _DECODING)):
        for name, field in type(config).model_fields.items():
            value = getattr(config, name)
            if name not in known and value != field.get_default(call_default_factory=True):
                return f"the CTranslate2 export does not know {section}.{name} {value}"
    return None
