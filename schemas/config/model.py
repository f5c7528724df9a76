"""Section `model`: the architecture and its sizes, from a preset or spelled out."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seq2seq_tfx.schemas.config.section import Section

Size = Annotated[int, Field(ge=1)]
Dropout = Annotated[float, Field(ge=0.0, lt=1.0)]
Preset = Literal[
    "transformer_tiny",
    "transformer_small",
    "transformer_base",
    "transformer_big",
    "rnn_tiny",
    "rnn_small",
    "rnn_base",
    "rnn_big",
    "rnn_sutskever",
    "rnn_cho",
    "rnn_bahdanau",
    "rnn_luong",
    "gru_luong_tiny",
    "gru_luong_small",
    "bert_tiny",
    "bert_small",
    "bert_base",
    "bert_big",
    "gpt_tiny",
    "gpt_small",
    "gpt_base",
    "gpt_big",
]
Family = Literal["rnn", "transformer", "bert", "gpt"]
Cell = Literal["simple_rnn", "lstm", "gru"]
Attention = Literal["none", "bahdanau", "luong_dot", "luong_general", "luong_concat", "luong_local"]


FAMILY_DEFAULTS: dict[str, dict[str, Any]] = {"bert": {"norm": "post", "positions": "learned"}}
"""Where a family's defaults differ from those of the fields."""


def _transformer(layers: int, width: int, feedforward: int, heads: int, dropout: float) -> dict[str, Any]:
    sizes = {"layers": layers, "width": width, "feedforward": feedforward, "heads": heads, "dropout": dropout}
    return {"family": "transformer", **sizes}


def _with_layers_of(family: Family, sizes: dict[str, Any]) -> dict[str, Any]:
    return {**sizes, "family": family, **FAMILY_DEFAULTS.get(family, {})}


def _rnn(layers: int, width: int, embedding: int, dropout: float, **others: Any) -> dict[str, Any]:
    sizes = {"layers": layers, "width": width, "embedding": embedding, "dropout": dropout}
    return {"family": "rnn", **sizes, **others}


PRESETS: dict[str, dict[str, Any]] = {
    "transformer_tiny": _transformer(4, 128, 256, 4, 0.3),
    "transformer_small": _transformer(3, 256, 1024, 4, 0.2),
    "transformer_base": _transformer(6, 512, 2048, 8, 0.1),
    "transformer_big": _transformer(6, 1024, 4096, 16, 0.3),
    "rnn_tiny": _rnn(1, 128, 128, 0.2),
    "rnn_small": _rnn(2, 512, 256, 0.3),
    "rnn_base": _rnn(2, 512, 512, 0.3, cell="lstm", attention="luong_general", input_feeding=True, residual=True),
    "rnn_big": _rnn(4, 1024, 512, 0.3, cell="lstm", attention="luong_general", input_feeding=True, residual=True),
    "rnn_sutskever": _rnn(
        4, 1000, 1000, 0.1, cell="lstm", attention="none", bidirectional=False, reverse_source=True
    ),
    "rnn_cho": _rnn(1, 1000, 100, 0.1, cell="gru", attention="none", bidirectional=False),
    "rnn_bahdanau": _rnn(1, 1000, 620, 0.1, cell="gru", attention="bahdanau"),
    "rnn_luong": _rnn(
        4, 1000, 1000, 0.2, cell="lstm", attention="luong_local", bidirectional=False, reverse_source=True,
        input_feeding=True,
    ),
    "gru_luong_tiny": _rnn(1, 128, 128, 0.2),
    "gru_luong_small": _rnn(2, 512, 256, 0.3),
    "bert_tiny": _with_layers_of("bert", _transformer(4, 128, 512, 4, 0.2)),
    "bert_small": _with_layers_of("bert", _transformer(3, 256, 1024, 4, 0.2)),
    "bert_base": _with_layers_of("bert", _transformer(6, 512, 2048, 8, 0.1)),
    "bert_big": _with_layers_of("bert", _transformer(12, 768, 3072, 12, 0.1)),
    "gpt_tiny": _with_layers_of("gpt", _transformer(6, 128, 512, 4, 0.2)),
    "gpt_small": _with_layers_of("gpt", _transformer(6, 256, 1024, 4, 0.2)),
    "gpt_base": _with_layers_of("gpt", _transformer(12, 512, 2048, 8, 0.1)),
    "gpt_big": _with_layers_of("gpt", _transformer(12, 768, 3072, 12, 0.1)),
}  # fmt: skip
"""What each preset stands for; a key given beside `preset` replaces the preset's. Those named after a paper have its
sizes, so far as the paper gives them."""

_ATTENTION_FIELDS = frozenset(
    {"feedforward", "heads", "attention_dropout", "feedforward_dropout", "norm", "positions", "max_positions"}
)

FAMILY_FIELDS: dict[str, frozenset[str]] = {
    "transformer": _ATTENTION_FIELDS,
    "bert": _ATTENTION_FIELDS,
    "gpt": _ATTENTION_FIELDS | {"source_attention"},
    "rnn": frozenset(
        {
            "cell",
            "attention",
            "embedding",
            "bidirectional",
            "reverse_source",
            "residual",
            "input_feeding",
            "local_window",
        }
    ),
}
"""The keys that not all families have."""


class ModelConfig(Section):
    """The architecture. `layers` and `width` mean encoder and decoder each, and the model's vector size."""

    preset: Preset | None = None
    """A named set of sizes, replaced key by key by what is given beside it."""
    family: Family = "transformer"
    """rnn and transformer: encoder-decoders; bert: a Transformer whose encoder the section pretraining can teach first;
    gpt: a decoder alone, which reads source, separator and target as one text."""
    layers: Size = 4
    """Layers of the encoder, and of the decoder; gpt: of the one stack."""
    width: Size = 128
    """Size of the hidden vectors (rnn: units of a cell)."""
    dropout: Dropout = 0.1
    """Dropout of embeddings and sub-layer outputs."""
    share_embeddings: Literal["all", "target", "none"] = "all"
    """Which tables are one (Press and Wolf 2017): source, target and output (all), or target and output (target). Sides
    with a vocabulary each never share a table."""
    feedforward: Size = 256
    """transformer, bert, gpt: inner size of the feed-forward sub-layer."""
    heads: Size = 4
    """transformer, bert, gpt: attention heads; divides width."""
    attention_dropout: Dropout = 0.0
    """transformer, bert, gpt: dropout of attention weights."""
    feedforward_dropout: Dropout = 0.0
    """transformer, bert, gpt: dropout inside the feed-forward sub-layer."""
    norm: Literal["pre", "post"] = "pre"
    """transformer, bert, gpt: layer normalisation before each sub-layer (Xiong 2020), or after its residual (Vaswani
    2017; bert's default)."""
    positions: Literal["sinusoidal", "learned", "rotary"] = "sinusoidal"
    """transformer, bert, gpt: how places are told apart (Vaswani 2017; a table, bert's default; Su 2021). Only a table
    has a longest length."""
    max_positions: Size = 512
    """transformer, bert, gpt, learned positions: rows of the table; tokens beyond the last share its vector. gpt counts
    source and target as one text."""
    source_attention: Literal["bidirectional", "causal"] = "bidirectional"
    """gpt: each source token sees the whole source, or those before it alone (Radford 2018)."""
    cell: Cell = "gru"
    """rnn: the recurrent cell (Elman 1990; Hochreiter and Schmidhuber 1997; Cho 2014)."""
    attention: Attention = "luong_general"
    """rnn: how the decoder looks at the source (Bahdanau 2015, Luong 2015); none: one vector for the whole source."""
    embedding: Size = 128
    """rnn: size of the embeddings."""
    bidirectional: bool = True
    """rnn: the encoder reads from both ends, width / 2 units each way; or from the first token alone."""
    reverse_source: bool = False
    """rnn, encoder in one direction: it reads the last token first (Sutskever 2014)."""
    residual: bool = False
    """rnn: each layer from the second on adds its input to its output."""
    input_feeding: bool = False
    """rnn, luong attention: what attention made of a step enters the next one (Luong 2015). Slower."""
    local_window: Size = 10
    """rnn, luong_local: D, how far from the predicted place the window reaches, in tokens."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_preset(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        preset = PRESETS.get(str(given.get("preset")), {})
        if given.get("family", preset.get("family")) != preset.get("family"):
            preset = FAMILY_DEFAULTS.get(str(given.get("family")), {})
        return {**preset, **given}

    @model_validator(mode="after")
    def _check(self) -> "ModelConfig":
        if self.family != "rnn" and self.width % self.heads:
            raise ValueError(f"heads must divide width, got heads {self.heads} and width {self.width}")
        if self.family != "rnn" and self.positions == "rotary" and self.width // self.heads % 2:
            size = f"{self.width} / {self.heads}"
            raise ValueError(f"width / heads must be even for rotary positions (they turn pairs), got {size}")
        if self.family == "rnn":
            self._check_rnn()
        return self

    def _check_rnn(self) -> None:
        if self.bidirectional and self.width % 2:
            raise ValueError(f"an rnn's width must be even (half of it reads each way), got {self.width}")
        if self.bidirectional and self.reverse_source:
            raise ValueError("reverse_source needs bidirectional: false (an encoder that reads both ways has both)")
        if self.input_feeding and not self.attention.startswith("luong"):
            raise ValueError(
                f"input_feeding needs a luong attention, got {self.attention}; leave it out "
                "(bahdanau and none feed the context into the cell as they are)"
            )
