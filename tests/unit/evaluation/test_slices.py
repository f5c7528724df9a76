"""Which slices a sentence belongs to, by hand."""

import pytest

from seq2seq_tfx.components.evaluation.slices import rare_words, require_columns, slices_of
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.errors import InputError


def sentence(source: str, **features: str) -> Translated:
    return Translated("demo/0", "", ("",), source, {"corpus": "demo", **features})


@pytest.mark.parametrize(
    ("length", "band"), [(0, "1-3"), (3, "1-3"), (4, "4-9"), (9, "4-9"), (10, "10-"), (500, "10-")]
)
def test_bands_of_length_hold_their_upper_bound(length: int, band: str) -> None:
    config = EvaluationConfig(slices=("source_length",), source_length_bounds=(9, 3))
    assert slices_of(sentence("x" * length), config, None)["source_length"] == (band,)


def test_the_stored_length_counts_because_a_tag_is_no_part_of_the_text() -> None:
    found = slices_of(sentence("<2es> one", source_length="3"), EvaluationConfig(source_length_bounds=(3,)), None)
    assert found["source_length"] == ("1-3",)


@pytest.mark.parametrize(
    ("source", "share"),
    [
        ("The Dog sleeps", "none"),
        ("a gnu and a yak", "above 1/4"),
        ("the dog and the gnu sleep", "up to 1/4"),
        ("1 2 3", "no words"),
    ],
)
def test_shares_of_rare_words_are_those_of_the_source(source: str, share: str) -> None:
    config = EvaluationConfig(slices=("rare_words",))
    assert slices_of(sentence(source), config, frozenset({"gnu", "yak"}))["rare_words"] == (share,)
    assert slices_of(sentence(source), config, None)["rare_words"] == ()


def test_a_word_is_rare_when_training_holds_it_less_often_than_asked() -> None:
    training = ["a dog", "The dog", "the DOG", "a cat"]
    assert rare_words(["The dog, a gnu"], training, below=1) == {"gnu"}
    assert rare_words(["The dog, a gnu"], training, below=3) == {"gnu", "a", "the"}


def test_any_feature_and_pattern_is_a_slice() -> None:
    config = EvaluationConfig(slices=("domain", "client"), patterns={"questions": r"\?$", "names": r"\bAnna\b"})
    found = slices_of(sentence("Is Anna here?", client="x", domain=""), config, None)
    assert found == {"corpus": ("demo",), "domain": (), "client": ("x",), "pattern": ("questions", "names")}
    assert slices_of(sentence("No."), config, None)["pattern"] == ()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (EvaluationConfig(slices=("customer",)), "evaluation.slices must name features.*client.*got customer"),
        (EvaluationConfig(patterns={"odd": "("}), "evaluation.patterns.odd must be a regular expression"),
    ],
)
def test_what_cannot_be_cut_is_named(config: EvaluationConfig, message: str) -> None:
    with pytest.raises(InputError, match=message):
        require_columns([sentence("a", client="x")], config)
