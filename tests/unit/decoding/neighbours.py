"""How to show that what is computed for a sentence does not depend on its neighbours, for every group of options."""

from typing import Any

import numpy as np
import tensorflow as tf
from tiny_export import with_large_weights

from seq2seq_tfx.components.decoding.batches import n_best
from seq2seq_tfx.components.decoding.ensemble import Ensemble
from seq2seq_tfx.components.decoding.rules import Rules, rules_of
from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.features import EOS_ID

VOCABULARY = 200
TRANSFORMER: dict[str, Any] = {"family": "transformer", "layers": 2, "width": 64, "feedforward": 256, "heads": 4}
RNN: dict[str, Any] = {"family": "rnn", "layers": 2, "width": 64, "embedding": 64}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "transformer": TRANSFORMER,
    "transformer post rotary": {**TRANSFORMER, "norm": "post", "positions": "rotary"},
    "transformer learned": {**TRANSFORMER, "positions": "learned", "share_embeddings": "none"},
    "bert": {**TRANSFORMER, "family": "bert"},
    "gpt": {**TRANSFORMER, "family": "gpt"},
    "gpt causal rotary": {**TRANSFORMER, "family": "gpt", "source_attention": "causal", "positions": "rotary"},
    "rnn": RNN,
    "simple_rnn none": {**RNN, "cell": "simple_rnn", "attention": "none"},
    "lstm none reversed": {
        **RNN, "cell": "lstm", "attention": "none", "bidirectional": False, "reverse_source": True,
    },
    "gru bahdanau": {**RNN, "attention": "bahdanau", "residual": True},
    "lstm luong_dot fed": {**RNN, "cell": "lstm", "attention": "luong_dot", "input_feeding": True},
    "gru luong_concat": {**RNN, "attention": "luong_concat"},
    "lstm luong_local fed": {**RNN, "cell": "lstm", "attention": "luong_local", "input_feeding": True},
}  # fmt: skip
"""Every kind of cell, attention, norm and position at least once."""
BATCH_SIZES = (1, 7, 32, 128)

SEARCHES: dict[str, dict[str, Any]] = {
    "beam": {},
    "greedy": {"strategy": "greedy"},
    "sampling": {"strategy": "sampling", "temperature": 0.8},
    "sampling of few": {"strategy": "sampling", "top_k": 20, "top_p": 0.9},
    "penalties": {
        "length_penalty_rule": "gnmt",
        "repetition_penalty": 1.4,
        "no_repeat_ngram": 2,
        "coverage_penalty": 0.2,
    },
    "lengths and bans": {"min_length_ratio": 0.3, "max_length_ratio": 0.9, "forbid_unknown": True, "forbidden": True},
    "prefixes": {"beam_size": 4, "prefix": True},
}
"""Groups of options; together they hold every option."""


def random_sources(count: int) -> list[list[int]]:
    generator = np.random.default_rng(7)
    lengths = generator.choice([0, 1, 2, 5, 9, 13, 15, 16, 20, 31, 33, 47, 70], size=count)
    return [[*generator.integers(6, VOCABULARY, size=length).tolist(), EOS_ID] for length in lengths]


def model_of(kind: str, compute_dtype: str = "float32") -> Seq2SeqModel:
    """One of `ARCHITECTURES`, or an ensemble of both families."""
    if kind == "ensemble":
        return Ensemble([model_of(family, compute_dtype) for family in ("transformer", "rnn")])
    config = ModelConfig.model_validate(ARCHITECTURES[kind])
    return with_large_weights(build_model(config, VOCABULARY, seed=1, compute_dtype=compute_dtype))


def rules_and_prefixes(search: str, count: int) -> tuple[Rules, list[list[int]] | None]:
    """The rules of a group of options, and a prefix for each source where it forces some."""
    options = {"max_length": 8, **SEARCHES[search]}
    forbidden = [(17,), (20, 21), (33, 34, 35)] if options.pop("forbidden", False) else []
    forced = options.pop("prefix", False)
    prefixes = [[6 + number % 50] * (number % 3) for number in range(count)] if forced else None
    rules = rules_of(DecodingConfig(**options), forbidden)
    return rules.keeping(min(2, rules.beams)), prefixes


def assert_translations_do_not_depend_on_neighbours(
    model: Seq2SeqModel, search: str, plan: list[tuple[int, int]]
) -> None:
    """Translate all sources at once, then in other batches and orders.

    Args:
        model: The model.
        search: One of `SEARCHES`.
        plan: Batch size, and how many sentences to translate in batches of that size, each in three orders: as given,
            backwards, and shuffled. The first is also how many sentences there are.
    """
    count = max(sentences for _, sentences in plan)
    sources = random_sources(count)
    rules, prefixes = rules_and_prefixes(search, count)
    spec = tf.RaggedTensorSpec([None, None], tf.int32)

    @tf.function(input_signature=[spec, spec])
    def run(ids: tf.RaggedTensor, prefix_ids: tf.RaggedTensor) -> tuple[tf.Tensor, ...]:
        found = n_best(model, ids, rules, None if prefixes is None else prefix_ids)
        return found.ids.to_tensor(-1, shape=[None, 8]), found.scores_NH, found.truncated_NH

    def results(numbers: list[int]) -> list[bytes]:
        given = (
            tf.ragged.constant([each[number] for number in numbers], tf.int32, ragged_rank=1)
            for each in (sources, prefixes or [[0]] * count)
        )
        ids, *others = (each.numpy() for each in run(*given))
        by_sentence = ids.reshape([len(numbers), -1])
        return [b"".join(part.tobytes() for part in parts) for parts in zip(by_sentence, *others, strict=True)]

    expected = results(list(range(count)))
    assert len(set(expected)) > count / 4
    for size, sentences in plan:
        shuffled = np.random.default_rng(size).permutation(count).tolist()
        for order in (list(range(count)), list(range(count))[::-1], shuffled):
            for start in range(0, sentences, size):
                numbers = order[:sentences][start : start + size]
                assert results(numbers) == [expected[number] for number in numbers]
