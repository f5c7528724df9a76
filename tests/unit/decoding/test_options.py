"""Every option against NumPy: a beam as wide as the space finds what enumeration finds, and scores agree."""

import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scripted_model import END, A, B, C, ScriptedModel, random_tables, scripted
from unit.decoding.numpy_rules import Sentence, every_hypothesis_of, score_of

from seq2seq_tfx.components.decoding.batches import Hypotheses, decode, n_best
from seq2seq_tfx.components.decoding.beams import IMPOSSIBLE
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.rules import Rules, rules_of
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.features import EOS_ID

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no length penalty": {"length_penalty": 0.0},
    "gnmt": {"length_penalty_rule": "gnmt", "length_penalty": 0.8},
    "coverage": {"coverage_penalty": 0.6},
    "coverage without length penalty": {"coverage_penalty": 0.3, "length_penalty": 0.0},
    "repetition": {"repetition_penalty": 1.7},
    "no token twice": {"no_repeat_ngram": 1},
    "no pair twice": {"no_repeat_ngram": 2},
    "forbidden": {"forbidden": [(6,), (5, 4), (2, 2), (4, 7, 4)]},
    "no unknown": {"forbid_unknown": True},
    "at least two": {"min_length": 2},
    "lengths by ratio": {"min_length_ratio": 0.4, "max_length_ratio": 0.7},
    "prefix": {"prefix": (7, 5)},
    "prefix that is banned": {"prefix": (6, 6), "no_repeat_ngram": 1, "forbidden": [(6,)]},
    "all together": {
        "length_penalty_rule": "gnmt",
        "coverage_penalty": 0.2,
        "repetition_penalty": 1.3,
        "no_repeat_ngram": 2,
        "forbidden": [(4, 5), (7,)],
        "forbid_unknown": True,
        "min_length": 2,
        "prefix": (5,),
    },
}
TABLES = 6
LONGEST = 3


def cases(option: str, beams: int = 64, **more: Any) -> tuple[list[Sentence], Rules, Any]:
    """Sentences of several lengths with random tables, the rules, and the prefixes as the search takes them."""
    given = {**OPTIONS[option], **more}
    forbidden, prefix = tuple(given.pop("forbidden", ())), tuple(given.pop("prefix", ()))
    settings = DecodingConfig(beam_size=beams, max_length=LONGEST, **given)
    tables = random_tables(TABLES, vocabulary=8, longest=LONGEST - 1, seed=11)
    tables[..., END] += 1.5
    sources = [[number + TABLES, *range(6, 6 + number), END] for number in range(TABLES)]
    sentences = [
        Sentence(table, source, settings, forbidden, prefix) for table, source in zip(tables, sources, strict=True)
    ]
    prefixes = tf.ragged.constant([prefix] * TABLES, tf.int32, ragged_rank=1) if prefix else None
    return sentences, rules_of(settings, forbidden), prefixes


def model_of(sentences: list[Sentence]) -> ScriptedModel:
    return ScriptedModel(np.stack([each.table for each in sentences]))


def sources_of(sentences: list[Sentence]) -> tf.RaggedTensor:
    return tf.ragged.constant([list(each.source) for each in sentences], tf.int32, ragged_rank=1)


def found_by(sentences: list[Sentence], rules: Rules, prefixes: Any, kept: int) -> Hypotheses:
    model, rules = model_of(sentences), rules.keeping(kept)
    return tf.function(lambda ids: n_best(model, ids, rules, prefixes))(sources_of(sentences))


def words(tokens: tuple[int, ...]) -> list[int]:
    return [token for token in tokens if token != EOS_ID]


@pytest.mark.parametrize("option", OPTIONS)
def test_beam_as_wide_as_the_space_finds_the_best_of_all_hypotheses(option: str) -> None:
    sentences, rules, prefixes = cases(option)
    found = found_by(sentences, rules, prefixes, kept=1)
    for number, (tokens, sentence) in enumerate(zip(found.ids.to_list(), sentences, strict=True)):
        best = every_hypothesis_of(sentence)[0]
        assert tokens == words(best.tokens)
        assert found.scores_NH.numpy()[number, 0] == pytest.approx(best.score, abs=2e-5)
        assert bool(found.truncated_NH[number, 0]) == (best.tokens[-1] != EOS_ID)


@pytest.mark.parametrize("option", OPTIONS)
def test_n_best_are_sorted_different_scored_and_begin_with_the_translation(option: str) -> None:
    sentences, rules, prefixes = cases(option, beams=5)
    found, best = found_by(sentences, rules, prefixes, kept=5), found_by(sentences, rules, prefixes, kept=1)
    scores, rows = found.scores_NH.numpy(), found.ids.to_list()
    for number, sentence in enumerate(sentences):
        hypotheses = rows[5 * number : 5 * number + 5]
        real = scores[number] > IMPOSSIBLE
        assert real.sum() >= min(3, len(every_hypothesis_of(sentence)))
        assert len({tuple(each) for each in hypotheses if each}) == real.sum()
        assert all(np.diff(scores[number]) <= 0.0)
        assert hypotheses[0] == best.ids.to_list()[number] and scores[number, 0] == best.scores_NH.numpy()[number, 0]
        for place in np.flatnonzero(real):
            truncated = bool(found.truncated_NH[number, place])
            tokens = [*hypotheses[place], *([] if truncated else [EOS_ID])]
            assert scores[number, place] == pytest.approx(score_of(sentence, tokens), abs=2e-5)


# A translation with a banned prefix is scored otherwise when nobody says that its beginning was given.
@pytest.mark.parametrize("option", [option for option in OPTIONS if option != "prefix that is banned"])
def test_scores_of_given_translations_are_those_of_the_search(option: str) -> None:
    sentences, rules, prefixes = cases(option, beams=4)
    found = found_by(sentences, rules, prefixes, kept=4)
    truncated, scores = (each.numpy().reshape(-1) for each in (found.truncated_NH, found.scores_NH))
    ended = [row for row, tokens in enumerate(found.ids.to_list()) if tokens and not truncated[row]]
    assert len(ended) >= 4
    targets = tf.concat([tf.gather(found.ids, ended), tf.fill([len(ended), 1], EOS_ID)], axis=1)
    pairs = tf.gather(sources_of(sentences), [row // 4 for row in ended])
    model = model_of(sentences)
    forced = tf.function(lambda one, other: score(model, one, other, rules))(pairs, targets).numpy()
    np.testing.assert_allclose(forced, scores[ended], atol=2e-5)


def test_given_token_is_scored_as_without_bans_when_it_is_banned() -> None:
    sentences, rules, _ = cases("no token twice")
    free = rules_of(DecodingConfig(max_length=LONGEST))
    sources, model = sources_of(sentences), model_of(sentences)
    targets = tf.ragged.constant([[7, 7, EOS_ID]] * TABLES, tf.int32, ragged_rank=1)
    banned, unbanned = (
        tf.function(lambda one, other, rules=each: score(model, one, other, rules))(sources, targets).numpy()
        for each in (rules, free)
    )
    for got, without, sentence in zip(banned, unbanned, sentences, strict=True):
        # Only the third step, where 7 cannot come again, differs from the free one.
        plain = sentence._replace(settings=DecodingConfig(max_length=LONGEST))
        gain = 3 * (score_of(sentence._replace(prefix=(7, 7)), [7, 7, EOS_ID]) - score_of(plain, [7, 7, EOS_ID]))
        assert 3 * (got - without) == pytest.approx(gain, abs=2e-5) and gain > 1e-4


def test_nothing_banned_is_said_and_an_empty_translation_says_so_when_all_is_banned() -> None:
    sentences, _, _ = cases("plain")
    everything = rules_of(DecodingConfig(max_length=3), [(token,) for token in range(8) if token != EOS_ID])
    model = model_of(sentences)
    found = tf.function(lambda ids: decode(model, ids, everything))(sources_of(sentences))
    assert found.ids.to_list() == [[]] * TABLES
    assert set(found.scores_N.numpy()) == {np.float32(IMPOSSIBLE)}


def test_translation_is_flagged_when_its_length_stopped_it() -> None:
    model = scripted({(): {A: 1.0}, (A,): {A: 0.9, B: 0.1}, (A, A): {C: 1.0}, (A, A, C): {END: 1.0}})
    for longest, tokens, truncated in ((2, [A, A], True), (3, [A, A, C], True), (4, [A, A, C], False)):
        rules = rules_of(DecodingConfig(beam_size=2, max_length=longest))
        found = tf.function(lambda ids, rules=rules: decode(model, ids, rules))(tf.ragged.constant([[A, END], [END]]))
        assert found.ids.to_list() == [tokens, []]
        assert found.truncated_N.numpy().tolist() == [truncated, False]


def test_limits_follow_the_source_and_whole_multiples_are_exact() -> None:
    rules = rules_of(DecodingConfig(max_length=50, min_length=3, max_length_ratio=1.2, min_length_ratio=0.7))
    least, most = rules.limits(tf.constant([0, 1, 2, 11, 31, 512]))  # sources of 0, 0, 1, 10, 30 and 511 tokens
    assert most.numpy().tolist() == [1, 1, 2, 12, 36, 50]
    assert least.numpy().tolist() == [1, 1, 2, 7, 21, 50]


def test_repetition_penalty_breaks_a_loop() -> None:
    model = scripted({(A,) * length: {A: 0.6, B: 0.4} for length in range(4)})
    rules = rules_of(DecodingConfig(strategy="greedy", max_length=4, repetition_penalty=3.0))
    found = tf.function(lambda ids: decode(model, ids, rules))(tf.ragged.constant([[A, END]]))
    # log(0.6) * 3 is less than log(0.4): the second token is B, after which the script ends.
    assert found.ids.to_list() == [[A, B]]
    penalised = 1 / (1 + 0.6**3 / 0.4)  # of B beside A; what the script does not name is negligible
    assert float(found.scores_N[0]) == pytest.approx((math.log(0.6) + math.log(penalised)) / 3, abs=1e-4)


@pytest.mark.parametrize("option", ["plain", "no length penalty", "lengths by ratio", "all together"])
def test_finishing_early_changes_nothing(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sentences, rules, prefixes = cases(option, beams=3)
    early = found_by(sentences, rules, prefixes, kept=3)
    turns: list[int] = []
    real_loop = tf.while_loop

    def to_the_end(condition: Any, body: Any, *args: Any, **kwargs: Any) -> Any:
        if body.__name__ == "one_step":
            turns.append(rules.max_length)
            condition = lambda step, *_: step < rules.max_length  # noqa: E731
        return real_loop(condition, body, *args, **kwargs)

    monkeypatch.setattr(tf, "while_loop", to_the_end)
    late = found_by(sentences, rules, prefixes, kept=3)
    assert turns
    assert early.ids.to_list() == late.ids.to_list()
    np.testing.assert_array_equal(early.scores_NH, late.scores_NH)
    np.testing.assert_array_equal(early.truncated_NH, late.truncated_NH)
