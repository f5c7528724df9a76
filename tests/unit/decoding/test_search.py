"""The search against answers worked out by hand, by enumeration, and by CTranslate2's rule written out."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scripted_model import (
    END,
    A,
    B,
    C,
    ScriptedModel,
    every_hypothesis,
    log_probs,
    random_tables,
    scripted,
)
from unit.decoding.ctranslate2_rule import reference_search

from seq2seq_tfx.components.decoding.batches import Decoded, decode
from seq2seq_tfx.components.decoding.forced import score
from seq2seq_tfx.components.decoding.rules import rules_of
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.schemas.config.decoding import DecodingConfig

ANY_SOURCE = [A, END]


def run(model: Seq2SeqModel, sources: list[list[int]], settings: DecodingConfig) -> Decoded:
    ragged = tf.ragged.constant(sources, tf.int32)
    return tf.function(lambda ids: decode(model, ids, rules_of(settings)))(ragged)


def best(model: Seq2SeqModel, settings: DecodingConfig) -> tuple[list[int], float]:
    found = run(model, [ANY_SOURCE], settings)
    return found.ids.to_list()[0], float(found.scores_N[0])


def beam(size: int, max_length: int = 4, length_penalty: float = 1.0) -> DecodingConfig:
    return DecodingConfig(beam_size=size, max_length=max_length, length_penalty=length_penalty)


def test_beam_keeps_the_better_second_prefix_when_the_first_token_is_a_trap() -> None:
    model = scripted({(): {A: 0.6, B: 0.4}, (A,): {A: 0.5, C: 0.5}, (B,): {C: 1.0}})
    tokens, found = best(model, beam(2))
    assert tokens == [B, C]  # 0.4 beats 0.6 * 0.5
    assert found == pytest.approx(math.log(0.4) / 3, abs=1e-5)  # three steps: B, C and the end mark


def test_greedy_falls_into_the_trap() -> None:
    model = scripted({(): {A: 0.6, B: 0.4}, (A,): {A: 0.5, C: 0.4, END: 0.1}, (A, A): {END: 1.0}, (B,): {C: 1.0}})
    greedy = DecodingConfig(strategy="greedy", max_length=4)
    assert best(model, greedy)[0] == [A, A]


def test_length_penalty_prefers_the_longer_hypothesis_when_it_is_high() -> None:
    model = scripted(
        {
            (): {A: 0.5, B: 0.5},
            (A,): {END: 0.6, C: 0.4},
            (B,): {C: 1.0},
            (B, C): {C: 1.0},
            (B, C, C): {END: 0.5, A: 0.25, B: 0.25},
        }
    )
    assert best(model, beam(3, 6, length_penalty=0.0))[0] == [A]  # 0.3 beats 0.25
    assert best(model, beam(3, 6, length_penalty=2.0))[0] == [B, C, C]  # log(0.25)/16 beats log(0.3)/4 and log(0.2)/9


def test_end_mark_cannot_come_first() -> None:
    model = scripted({(): {END: 0.9, A: 0.1}})
    tokens, score = best(model, beam(2))
    assert tokens == [A]
    assert score == pytest.approx(0.0, abs=1e-5)


def test_translation_has_max_length_tokens_and_no_end_when_the_model_never_ends() -> None:
    model = scripted({(): {A: 1.0}, (A,): {A: 1.0}, (A, A): {A: 1.0}, (A, A, A): {A: 1.0}})
    for settings in (beam(2, 3), DecodingConfig(strategy="greedy", max_length=3)):
        tokens, score = best(model, settings)
        assert tokens == [A, A, A]
        assert score == pytest.approx(0.0, abs=1e-5)


def test_beam_as_wide_as_the_space_finds_the_best_of_all_hypotheses() -> None:
    tables = random_tables(4, vocabulary=8, longest=2, seed=5)
    found = run(ScriptedModel(tables), [[number + 8, END] for number in range(4)], beam(64, 3))
    for table, tokens, found_score in zip(tables, found.ids.to_list(), found.scores_N.numpy(), strict=True):
        by_score = {each: log_probs(table, each) / len(each) for each in every_hypothesis(8, 3)}
        winner = max(by_score, key=by_score.__getitem__)
        assert tokens == [token for token in winner if token != END]
        assert found_score == pytest.approx(by_score[winner], abs=1e-5)


@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.0), (2, 0.0), (3, 0.6), (5, 1.0), (5, 0.0)])
def test_search_follows_ctranslate2_rule_when_probabilities_are_random(beams: int, penalty: float) -> None:
    tables = random_tables(40, vocabulary=8, longest=4, seed=beams)
    tables[..., END] += 1.0
    found = run(ScriptedModel(tables), [[number + 40, END] for number in range(40)], beam(beams, 5, penalty))
    for table, tokens, found_score in zip(tables, found.ids.to_list(), found.scores_N.numpy(), strict=True):
        expected_tokens, expected_score = reference_search(table, beams, penalty, max_length=5)
        assert tokens == expected_tokens
        assert found_score == pytest.approx(expected_score, abs=1e-5)


def test_beam_of_one_equals_greedy() -> None:
    model = ScriptedModel(random_tables(30, vocabulary=8, longest=4, seed=9))
    sources = [[number + 30, END] for number in range(30)]
    one, greedy = run(model, sources, beam(1, 5)), run(model, sources, DecodingConfig(strategy="greedy", max_length=5))
    assert one.ids.to_list() == greedy.ids.to_list()
    np.testing.assert_array_equal(one.scores_N, greedy.scores_N)


def test_scores_equal_teacher_forced_log_probabilities() -> None:
    model = ScriptedModel(random_tables(30, vocabulary=8, longest=4, seed=3))
    sources = tf.ragged.constant([[number + 30, END] for number in range(30)], tf.int32)
    found = tf.function(lambda ids: decode(model, ids, rules_of(beam(4, 5, 0.7))))(sources)
    ended = [tokens for tokens in found.ids.to_list() if len(tokens) < 5]
    assert len(ended) > 10
    targets = tf.concat([found.ids, tf.fill([30, 1], END)], axis=1)
    forced = tf.function(lambda one, other: score(model, one, other, rules_of(beam(4, 5, 0.7))))(
        sources, targets
    ).numpy()
    for tokens, found_score, forced_score in zip(found.ids.to_list(), found.scores_N.numpy(), forced, strict=True):
        if len(tokens) < 5:  # longer ones stopped at max_length, without an end mark
            assert forced_score == pytest.approx(found_score, abs=1e-5)


def test_empty_source_has_an_empty_translation() -> None:
    model = scripted({(): {A: 1.0}})
    found = run(model, [[END], ANY_SOURCE, [END]], beam(2))
    assert found.ids.to_list() == [[], [A], []]
    assert found.scores_N.numpy().tolist()[::2] == [0.0, 0.0]


def test_nothing_is_found_when_nothing_is_given() -> None:
    ids = tf.RaggedTensor.from_row_lengths(tf.zeros([0], tf.int32), tf.zeros([0], tf.int64))
    model = scripted({(): {A: 1.0}})
    found = tf.function(lambda none: decode(model, none, rules_of(beam(2))))(ids)
    assert found.ids.nrows() == 0 and found.scores_N.shape == (0,)


def test_source_is_cut_when_it_is_longer_than_the_limit() -> None:
    model = scripted({(): {A: 1.0}})
    found = run(model, [[A] * 600 + [END], ANY_SOURCE], beam(2))
    assert found.ids.to_list() == [[A], [A]]
