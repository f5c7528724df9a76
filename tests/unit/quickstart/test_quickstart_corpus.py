"""The corpus: sizes, vocabulary, determinism, and that the test split asks for what training never showed."""

import gzip
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from seq2seq_tfx.components.quickstart.combinations import HELD_OUT_PERCENT, sort_of
from seq2seq_tfx.components.quickstart.corpus import QuickstartPair, words
from seq2seq_tfx.components.quickstart.grammar import Grammar
from seq2seq_tfx.components.quickstart.nouns import NOUN_BY_ENGLISH
from seq2seq_tfx.components.quickstart.verbs import INTRANSITIVE_VERBS, TRANSITIVE_VERBS

VERBS = {verb.english: verb for verb in (*TRANSITIVE_VERBS, *INTRANSITIVE_VERBS)}
Corpus = dict[str, tuple[QuickstartPair, ...]]


def all_pairs(corpus: Corpus) -> list[QuickstartPair]:
    return [pair for pairs in corpus.values() for pair in pairs]


def word_counts(pairs: tuple[QuickstartPair, ...], side: str) -> Counter[str]:
    return Counter(word for pair in pairs for word in words(getattr(pair, side)))


def test_splits_have_their_sizes(quickstart: Corpus) -> None:
    assert {split: len(pairs) for split, pairs in quickstart.items()} == {"train": 24_000, "eval": 400, "test": 400}


def test_pairs_are_distinct_within_and_across_splits(quickstart: Corpus) -> None:
    sources = [pair.source for pair in all_pairs(quickstart)]
    assert len(sources) == len(set(sources)) >= 20_000


def test_no_target_of_the_test_split_is_in_training(quickstart: Corpus) -> None:
    assert {pair.target for pair in quickstart["train"]}.isdisjoint(pair.target for pair in quickstart["test"])


@pytest.mark.parametrize("side", ["source", "target"])
def test_vocabulary_has_600_words_on_each_side(quickstart: Corpus, side: str) -> None:
    assert len(word_counts(quickstart["train"], side)) >= 600


@pytest.mark.parametrize("side", ["source", "target"])
def test_hardly_a_word_is_rare_in_training(quickstart: Corpus, side: str) -> None:
    counts = word_counts(quickstart["train"], side)
    assert min(counts.values()) >= 5
    assert sum(count < 12 for count in counts.values()) <= 0.02 * len(counts)


def test_sentences_are_of_middle_length(quickstart: Corpus) -> None:
    lengths = [len(pair.source.split()) for pair in quickstart["train"]]
    assert 7 <= sum(lengths) / len(lengths) <= 10
    assert max(lengths) <= 25


def test_the_source_determines_the_target_over_several_seeds() -> None:
    target_of: dict[str, str] = {}
    for seed in range(4):
        grammar = Grammar(seed)
        for source, target, _ in (grammar.sentence() for _ in range(3_000)):
            assert target_of.setdefault(source, target) == target


def test_no_held_out_combination_is_in_training_or_eval(quickstart: Corpus) -> None:
    test_only = {name for pair in quickstart["test"] for name in pair.held_out}
    familiar = {name for split in ("train", "eval") for pair in quickstart[split] for name in pair.combinations}
    assert len(test_only) > 100
    assert test_only.isdisjoint(familiar)


def test_every_test_sentence_has_a_held_out_combination_of_which_there_are_all_sorts(quickstart: Corpus) -> None:
    sorts = [{sort_of(name) for name in pair.held_out} for pair in quickstart["test"]]
    assert all(sorts)
    assert min(sum(sort in found for found in sorts) for sort in HELD_OUT_PERCENT) >= 40


def test_held_out_combinations_are_not_in_the_text_of_training(quickstart: Corpus) -> None:
    lines = "\n".join(pair.source.lower() for pair in quickstart["train"])
    found, patterns = [], {name: text_pattern(name) for pair in quickstart["test"] for name in pair.held_out}
    for name, pattern in patterns.items():
        if pattern and (match := re.search(pattern, lines)):
            found.append(f"{name}: {match[0]}")
    assert sum(pattern is not None for pattern in patterns.values()) > 100
    assert found == []


def text_pattern(name: str) -> str | None:
    """How a combination looks in a line, as far as neighbouring words show it."""
    sort, _, parts = name.lower().partition(": ")
    first, _, second = parts.partition(" + ")
    if sort == "adjective-noun" and second in NOUN_BY_ENGLISH:
        return rf"\b{first} (?:{forms(second)})\b"
    if sort == "verb-object":
        verb = VERBS[first]
        particle = f" {verb.particle}" if verb.particle else ""
        determiner = "(?:the|an?|this|that|these|those|some|my|your|our)"
        return rf"\b(?:{first}|{verb.third}|{verb.past}){particle} {determiner} (?:{forms(second)})\b(?!'s)"
    if sort == "subject-verb" and second in VERBS:
        return rf"\b(?:{forms(first)}) (?:{VERBS[second].third}|{VERBS[second].past})\b"
    return None


def forms(noun: str) -> str:
    return f"{noun}|{NOUN_BY_ENGLISH[noun].plural or noun}" if noun in NOUN_BY_ENGLISH else noun


def test_every_word_of_the_test_split_occurs_in_training(quickstart: Corpus) -> None:
    for side in ("source", "target"):
        trained = {token.strip("¿?.,") for pair in quickstart["train"] for token in getattr(pair, side).lower().split()}
        tested = {token.strip("¿?.,") for pair in quickstart["test"] for token in getattr(pair, side).lower().split()}
        assert tested - trained == set()


def test_another_seed_gives_other_sentences() -> None:
    first, second = Grammar(1), Grammar(2)
    assert [first.sentence() for _ in range(20)] != [second.sentence() for _ in range(20)]


def test_files_have_the_same_bytes_when_written_by_another_process(quickstart: Corpus, tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from seq2seq_tfx.components.quickstart.corpus import write_corpus; "
        "print(*(path.name for path in write_corpus(pathlib.Path(sys.argv[1]), 1)))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    environment = {**os.environ, "PYTHONHASHSEED": "4321"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    names = [f"{split}.{language}.gz" for split in ("train", "eval", "test") for language in ("en", "es")]
    assert done.stdout.split() == names
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    for name in names:
        split, language, _ = name.split(".")
        sides = [pair.source if language == "en" else pair.target for pair in quickstart[split]]
        content = (tmp_path / name).read_bytes()
        assert content == gzip.compress("".join(f"{side}\n" for side in sides).encode(), mtime=0)
        assert content[3:8] == bytes(5)  # no file name, no time
