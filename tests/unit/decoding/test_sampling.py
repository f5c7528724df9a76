"""What is drawn has the right frequencies, and follows from the seed and the sentence alone."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from scripted_model import END, ScriptedModel, code_of, random_tables

from seq2seq_tfx.components.decoding.batches import Decoded, decode
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.rules import Sampling, rules_of
from seq2seq_tfx.components.decoding.sampling import draw, fingerprints, uniform
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import EOS_ID

Numbers: TypeAlias = npt.NDArray[np.float64]

TABLE = random_tables(1, vocabulary=8, longest=1, seed=4)
DRAWS = 4000
# The 99.9% points of chi-square with so many degrees of freedom.
CHI_SQUARE = {0: 1e-9, 1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47, 5: 20.52, 6: 22.46, 7: 24.32}


def sources(count: int) -> list[list[int]]:
    """Different sentences of which the scripted model says the same."""
    return [[1 + number % 97, 1 + number // 97, 7, END] for number in range(count)]


def sampled(texts: list[list[int]], max_length: int = 2, **settings: Any) -> Decoded:
    model = ScriptedModel(TABLE)
    rules = rules_of(DecodingConfig(strategy="sampling", max_length=max_length, **settings))
    return tf.function(lambda ids: decode(model, ids, rules))(tf.ragged.constant(texts, tf.int32, ragged_rank=1))


def probabilities(said: list[int], temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Numbers:
    logits = TABLE[0, code_of(said, 8)].astype(np.float64) / temperature
    if not said:
        logits[EOS_ID] = -np.inf
    shares = np.exp(logits - logits.max())
    order = np.argsort(-shares)
    kept = order[: top_k or None]
    sums = np.cumsum(shares[kept]) / shares[kept].sum()
    kept = kept[: int(np.searchsorted(sums, top_p)) + 1]
    masked = np.zeros(8)
    masked[kept] = shares[kept]
    return np.asarray(masked / masked.sum())


def assert_frequencies(tokens: list[int], expected: Numbers) -> None:
    counts = np.bincount(tokens, minlength=8)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    wanted = expected[possible] * len(tokens)
    statistic = float((np.square(counts[possible] - wanted) / wanted).sum())
    assert statistic < CHI_SQUARE[int(possible.sum()) - 1]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 0.5},
        {"temperature": 2.0},
        {"top_k": 3},
        {"top_p": 0.7},
        {"top_k": 5, "top_p": 0.8, "temperature": 1.5},
    ],
)
def test_frequencies_match_the_distribution_at_the_first_and_the_second_token(options: dict[str, Any]) -> None:
    found = sampled(sources(DRAWS), **options).ids.to_list()
    assert_frequencies([tokens[0] for tokens in found], probabilities([], **options))
    first = int(np.argmax(probabilities([], **options)))
    second = [tokens[1] if len(tokens) > 1 else EOS_ID for tokens in found if tokens[0] == first]
    assert len(second) > 500
    assert_frequencies(second, probabilities([first], **options))


def test_draws_follow_from_the_seed_and_the_sentence_alone() -> None:
    texts = sources(60)
    together = sampled(texts, max_length=3)
    backwards = sampled(texts[::-1], max_length=3)
    assert backwards.ids.to_list()[::-1] == together.ids.to_list()
    np.testing.assert_array_equal(backwards.scores_N[::-1], together.scores_N)
    assert sampled([texts[5]], max_length=3).ids.to_list() == together.ids.to_list()[5:6]
    assert sampled(texts, max_length=3, seed=2).ids.to_list() != together.ids.to_list()
    # The same sentence beside itself is drawn alike.
    assert len({tuple(tokens) for tokens in sampled([texts[0]] * 50, max_length=3).ids.to_list()}) == 1


def test_scores_are_the_models_log_probabilities_whatever_the_temperature() -> None:
    rules = rules_of(DecodingConfig(strategy="sampling", max_length=3, temperature=1.8, top_k=6))
    model, ids = ScriptedModel(random_tables(1, 8, 3, seed=4)), tf.ragged.constant(sources(80), tf.int32)
    found = tf.function(lambda ids: decode(model, ids, rules))(ids)
    ended = np.flatnonzero(~found.truncated_N.numpy())
    assert len(ended) > 20
    targets = tf.concat([tf.gather(found.ids, ended), tf.fill([len(ended), 1], END)], axis=1)
    forced = tf.function(lambda one, other: score(model, one, other, rules))(tf.gather(ids, ended), targets)
    np.testing.assert_allclose(forced, found.scores_N.numpy()[ended], atol=2e-5)


def test_fingerprints_ignore_padding_and_tell_sentences_apart() -> None:
    generator = np.random.default_rng(1)
    ids = generator.integers(4, 32_000, (3000, 16)).astype(np.int32)
    ids[:1000, 9:] = 0
    ids[1000] = ids[1001][::-1]
    keys = fingerprints(tf.constant(ids)).numpy()
    np.testing.assert_array_equal(fingerprints(tf.pad(ids, [[0, 0], [0, 48]])), keys)
    assert len({tuple(key) for key in keys}) == 3000


def test_numbers_are_uniform_over_sentences_and_over_steps() -> None:
    keys = fingerprints(tf.constant([[number + 4, EOS_ID] for number in range(20_000)]))
    over_sentences = uniform(keys, tf.constant(3), seed=1).numpy()
    over_steps = np.array([uniform(keys[:1], tf.constant(step), seed=1).numpy()[0] for step in range(2000)])
    for numbers in (over_sentences, over_steps):
        counts = np.histogram(numbers, bins=20, range=(0.0, 1.0))[0]
        expected = len(numbers) / 20
        assert float((np.square(counts - expected) / expected).sum()) < 43.8  # 99.9%, 19 degrees of freedom
    following = uniform(keys, tf.constant(4), seed=1).numpy()
    assert abs(np.corrcoef(over_sentences, following)[0, 1]) < 0.03


def test_lowest_and_highest_numbers_draw_the_ends_of_the_distribution() -> None:
    logits = tf.math.log(tf.constant([[0.5, 0.25, 0.125, 0.125]] * 2))
    numbers = tf.constant([0.0, 1.0 - 2.0**-23])
    for top_k, top_p, last in ((0, 1.0, 3), (2, 1.0, 1), (0, 0.5, 0), (0, 0.51, 1)):
        drawn = draw(logits, numbers, Sampling(temperature=1.0, top_k=top_k, top_p=top_p, seed=1))
        assert drawn.numpy().tolist() == [0, last]
