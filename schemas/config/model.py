"""Section `model`: the architecture and its sizes, from a preset or spelled out."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seq2seq_tfx.schemas.config.section import Section

Size = Annotated[int, Field(ge=1)]
Dropout = Annotated[float, Field(ge=0.0, lt=1.0)]
Preset = Literal["transformer_tiny", "transformer_small", "transformer_base", "gru_luong_tiny", "gru_luong_small"]

PRESETS: dict[str, dict[str, Any]] = {
    "transformer_tiny": {
        "family": "transformer",
        "layers": 4,
        "width": 128,
        "feedforward": 256,
        "heads": 4,
        "dropout": 0.3,
    },
    "transformer_small": {
        "family": "transformer",
        "layers": 3,
        "width": 256,
        "feedforward": 1024,
        "heads": 4,
        "dropout": 0.2,
    },
    "transformer_base": {
        "family": "transformer",
        "layers": 6,
        "width": 512,
        "feedforward": 2048,
        "heads": 8,
        "dropout": 0.1,
    },
    "gru_luong_tiny": {"family": "rnn", "layers": 1, "width": 128, "embedding": 128, "dropout": 0.2},
    "gru_luong_small": {"family": "rnn", "layers": 2, "width": 512, "embedding": 256, "dropout": 0.3},
}
"""What each preset stands for; a key given beside `preset` replaces the preset's."""

FAMILY_FIELDS: dict[str, frozenset[str]] = {
    "transformer": frozenset({"feedforward", "heads", "attention_dropout", "feedforward_dropout"}),
    "rnn": frozenset({"cell", "attention", "embedding"}),
}


class ModelConfig(Section):
    """The architecture. `layers` and `width` mean encoder and decoder each, and the model's vector size."""

    preset: Preset | None = None
    """A named set of sizes, replaced key by key by what is given beside it."""
    family: Literal["rnn", "transformer"] = "transformer"
    """Encoder-decoder with recurrent cells, or the Transformer."""
    layers: Size = 4
    """Layers of the encoder, and of the decoder."""
    width: Size = 128
    """Size of the hidden vectors (rnn: units of a cell)."""
    dropout: Dropout = 0.1
    """Dropout of embeddings and sub-layer outputs."""
    feedforward: Size = 256
    """transformer: inner size of the feed-forward sub-layer."""
    heads: Size = 4
    """transformer: attention heads; divides width."""
    attention_dropout: Dropout = 0.0
    """transformer: dropout of attention weights."""
    feedforward_dropout: Dropout = 0.0
    """transformer: dropout inside the feed-forward sub-layer."""
    cell: Literal["gru"] = "gru"
    """rnn: the recurrent cell (Cho 2014)."""
    attention: Literal["luong_general"] = "luong_general"
    """rnn: the attention's score function (Luong 2015)."""
    embedding: Size = 128
    """rnn: size of the embeddings."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        preset = PRESETS.get(str(given.get("preset")), {})
        if given.get("family", preset.get("family")) != preset.get("family"):
            preset = {}
        return {**preset, **given}

    @model_validator(mode="after")
    def _check(self) -> "ModelConfig":
        if self.family == "transformer" and self.width % self.heads:
            raise ValueError(f"heads must divide width, got heads {self.heads} and width {self.width}")
        if self.family == "rnn" and self.width % 2:
            raise ValueError(f"an rnn's width must be even (half of it reads each way), got {self.width}")
        return self
