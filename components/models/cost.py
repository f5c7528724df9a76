"""How much arithmetic a model takes, from its sizes alone."""

from typing import Final

from seq2seq_tfx.schemas.config.model import Cell, ModelConfig

USUAL_LENGTH: Final = 30
"""Tokens a side that the figure at the start of training is for."""

_GATES: Final[dict[Cell, int]] = {"simple_rnn": 1, "gru": 3, "lstm": 4}


def flops_per_token(config: ModelConfig, vocabulary_size: int, length: int = USUAL_LENGTH) -> int:
    """Floating-point operations of a forward pass, encoder included, for each target token.

    For a pair of n source and n target tokens, the encoder runs once for each target token, too. Counted are matrix
    products alone, two operations for a multiplication with its addition; what is done once a sentence is left out.
    With D width, E embedding, F feedforward, L layers, V vocabulary, n length, and G the cell's gates (1, 3 or 4):

        transformer, bert   2 (L encoder + L decoder + D V)
            encoder = 4 D^2 + 2 n D + 2 D F         Q, K, V, O; scores and weighted sum; feed-forward
            decoder = 8 D^2 + 4 n D + 2 D F         the same, and attention to the source
        gpt           2 (L source + L target + D V)
            source = 4 D^2 + 2 n D + 2 D F          as the encoder above
            target = 4 D^2 + 4 n D + 2 D F          scores and weighted sum over both sides
        rnn           2 (encoder + decoder + attention + 2 D E + E V)
            encoder = G D (I + R) a layer           I its inputs: E, then D. R = D/2 if it reads both ways, else D
            decoder = G D (I + D) a layer           and G D E (input feeding) or G D D (bahdanau) for what is fed
            attention = 0 (none); 2 n D (dot); + D^2 (general); + 2 D^2 (local, concat, bahdanau)

    A training step takes three times as many: the gradients of both factors of each product.

    Args:
        config: Family and sizes.
        vocabulary_size: Tokens of the target side.
        length: n.
    """
    if config.family != "rnn":
        products = _transformer(config, length) + config.width * vocabulary_size
    else:
        products = _encoder(config) + _decoder(config) + _attention(config, length)
        products += 2 * config.width * config.embedding + config.embedding * vocabulary_size
    return 2 * products


def _transformer(config: ModelConfig, length: int) -> int:
    width, feedforward = config.width, 2 * config.width * config.feedforward
    encoder = 4 * width**2 + 2 * length * width + feedforward
    squares = 4 if config.family == "gpt" else 8
    decoder = squares * width**2 + 4 * length * width + feedforward
    return config.layers * (encoder + decoder)


def _encoder(config: ModelConfig) -> int:
    recurrent = config.width // 2 if config.bidirectional else config.width
    return _GATES[config.cell] * config.width * (_inputs(config) + config.layers * recurrent)


def _decoder(config: ModelConfig) -> int:
    fed = config.embedding if config.input_feeding else config.width if config.attention == "bahdanau" else 0
    return _GATES[config.cell] * config.width * (_inputs(config) + config.layers * config.width + fed)


def _inputs(config: ModelConfig) -> int:
    """The inputs' sizes, summed over the layers."""
    return config.embedding + (config.layers - 1) * config.width


def _attention(config: ModelConfig, length: int) -> int:
    if config.attention == "none":
        return 0
    squares = {"luong_dot": 0, "luong_general": 1}.get(config.attention, 2)
    return 2 * length * config.width + squares * config.width**2
