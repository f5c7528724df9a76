"""Section `export`: what the exported model computes in, and what is exported beside it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from seq2seq_tfx.schemas.config.section import Section

StorageType = Literal["float32", "int8", "float16", "bfloat16"]


def _with_float32(types: tuple[StorageType, ...]) -> tuple[StorageType, ...]:
    if "float32" not in types:
        raise ValueError(f"must hold float32 (it is the one that is proven equal), got {', '.join(types) or 'none'}")
    return tuple(dict.fromkeys(types))


class ExportConfig(Section):
    """What the exported model computes in, and what is exported beside it."""

    compute_type: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of the SavedModel. bfloat16 is faster where the processor has instructions for it, and slower
    elsewhere. It is tried on eval sentences: float32 stays where it loses more than `max_bleu_loss`."""
    ctranslate2: Literal["auto", True, False] = "auto"
    """Whether CTranslate2 folders are written beside the SavedModel, and proven equal to it: `auto` where CTranslate2
    can express the model and its search; `true`: a configuration that it cannot express is an error."""
    ctranslate2_types: Annotated[tuple[StorageType, ...], Field(min_length=1), AfterValidator(_with_float32)] = (
        "float32",
        "int8",
    )
    """What the weights are stored as, a folder each; float32 is always among them. On a CPU the 16-bit ones are
    computed in float32: they are meant for GPUs."""
    equality_sentences: Annotated[int, Field(ge=1, le=2000)] = 500
    """At most so many sentences of the eval split prove that CTranslate2 says what the float32 SavedModel says, and
    show what bfloat16 loses."""
    max_bleu_loss: Annotated[float, Field(ge=0.0, le=100.0)] = 0.3
    """BLEU that a smaller type may lose on those sentences; one that loses more is not exported."""
