"""What can be had without learning: both baselines must stay far below what the quickstart's model must reach."""

import logging

import pytest
from baselines import NearestSentence, bleu, dictionary_translation, word_edit_distance

from seq2seq_tfx.components.quickstart.corpus import QuickstartPair, words
from seq2seq_tfx.components.quickstart.lexicon import lexicon_base_forms

MOST_BLEU = 40.0
Corpus = dict[str, tuple[QuickstartPair, ...]]
logger = logging.getLogger(__name__)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("The white houses were not big.", "El blanco casa ser no grande."),
        ("Did Ana's sister buy twenty-one apples?", "¿Ana hermana comprar veinte y uno manzana?"),
        ("On Monday, May 3 she sang.", "En lunes, mayo 3 ella cantar."),
    ],
)
def test_dictionary_translation_replaces_each_word_by_its_base_form(source: str, expected: str) -> None:
    assert dictionary_translation(source, lexicon_base_forms()) == expected


def test_the_lexicon_holds_every_word_of_the_sources(quickstart: Corpus) -> None:
    lexicon = lexicon_base_forms()
    missing = {word for pair in quickstart["test"] for word in words(pair.source.replace("'s", ""))} - lexicon.keys()
    assert missing <= {"o", "clock", "mr", "mrs"}  # o'clock, Mr. and Mrs. are entries with their marks


@pytest.mark.parametrize(("first", "second", "distance"), [("a b c", "a c", 1), ("a b", "b a", 2), ("", "a b", 2)])
def test_word_edit_distance_counts_insertions_deletions_and_substitutions(
    first: str, second: str, distance: int
) -> None:
    assert word_edit_distance(first.split(), second.split()) == distance


def test_nearest_sentence_equals_exhaustive_search(quickstart: Corpus) -> None:
    sources = [pair.source for pair in quickstart["train"][:800]]
    nearest = NearestSentence(sources)
    for pair in quickstart["test"][:20]:
        wanted = min(word_edit_distance(pair.source.split(), source.split()) for source in sources)
        found = sources[nearest.index_of_nearest(pair.source)]
        assert word_edit_distance(pair.source.split(), found.split()) == wanted


def test_dictionary_substitution_stays_at_most_40_bleu(quickstart: Corpus) -> None:
    lexicon = lexicon_base_forms()
    translations = [dictionary_translation(pair.source, lexicon) for pair in quickstart["test"]]
    score = bleu(translations, [pair.target for pair in quickstart["test"]])
    logger.info("dictionary substitution: %.1f BLEU", score)
    assert 0.0 < score <= MOST_BLEU


def test_translation_of_the_nearest_training_sentence_stays_at_most_40_bleu(quickstart: Corpus) -> None:
    nearest = NearestSentence([pair.source for pair in quickstart["train"]])
    indices = [nearest.index_of_nearest(pair.source) for pair in quickstart["test"]]
    translations = [quickstart["train"][index].target for index in indices]
    score = bleu(translations, [pair.target for pair in quickstart["test"]])
    logger.info("nearest training sentence: %.1f BLEU", score)
    assert 0.0 < score <= MOST_BLEU
