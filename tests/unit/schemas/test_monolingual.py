"""Corpora of kind monolingual in the configuration: formats, keys, and that a stage reads them."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: a\nlanguages: {source: en, target: de}\ncorpora:\n  - {name: pairs, split: auto, path: a.tsv}\n"
BEGUN = "model: {family: bert}\npretraining: {objective: masked}\n"
MONO = "kind: monolingual, side: target, split: train"


def load(directory: Path, entry: str, sections: str = BEGUN) -> PipelineConfig:
    path = directory / "pipeline.yaml"
    path.write_text(f"{HEAD}  - {{name: news, {entry}}}\n{sections}")
    return load_config(path).config


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("path: news.de.gz", ("lines", 0)),
        ("path: news.txt", ("lines", 0)),
        ("path: news", ("lines", 0)),
        ("path: 'news-*.tsv.xz'", ("tsv", 0)),
        ("path: news.csv, column: text", ("csv", "text")),
        ("path: news.jsonl, column: text.de", ("jsonl", "text.de")),
        ("path: news.parquet, column: 3", ("parquet", 3)),
        ("path: news.tmx", ("tmx", "de")),
        ("path: news.tmx, column: de-AT", ("tmx", "de-AT")),
        ("path: news.sgm, format: lines", ("lines", 0)),
    ],
)
def test_the_format_is_that_of_the_suffix_and_one_column_is_read(
    tmp_path: Path, entry: str, expected: tuple[str, int | str]
) -> None:
    corpus = load(tmp_path, f"{MONO}, {entry}").corpora[1]
    assert (corpus.resolved_format(), *corpus.text_columns) == expected


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (f"{MONO}, path: a.sgm", ".format: must be lines, tsv, csv, tmx, jsonl or parquet where kind is monolingual"),
        (f"{MONO}, path: a.jsonl", ": must have column where the format is jsonl (the key of the sentences), got none"),
        (f"{MONO}, path: a.de, column: 1", ".column: must be left out where the format is lines, got 1"),
        (f"{MONO}, path: a.tmx, column: 0", ".column: must be a language code where the format is tmx, got 0"),
        (f"{MONO}, path: a.parquet.gz", ".path: must be a Parquet file as it is"),
        (f"{MONO}, path: 'a-{{VERSION}}'", ".path: must hold {SPAN} where it holds {VERSION}"),
        (f"{MONO}, path: a, columns: [0, 1]", ".columns: must be left out where kind is monolingual, got a list; name"),
        (f"{MONO}, path: a, tag: <a>", ".tag: must be left out where kind is monolingual"),
        (f"{MONO}, target: a.de", ".target: must be left out where kind is monolingual, got 'a.de'; name the file by"),
        (MONO, ": must name its file by path where kind is monolingual, got none"),
        ("kind: monolingual, split: train, path: a", ": must name its side where kind is monolingual, got none; say"),
        (f"{MONO.replace('train', 'eval')}, path: a", ".split: must be train where kind is monolingual, which nothing"),
        (f"{MONO.replace('train', 'auto')}, path: a", ".split: must be train where kind is monolingual"),
        ("side: target, split: train, path: a.tsv", ".side: must be left out unless kind is monolingual, got 'target'"),
        ("column: 1, split: train, path: a.tsv", ".column: must be left out unless kind is monolingual, got 1"),
        ("kind: mono, split: train, path: a.tsv", ".kind: must be parallel or monolingual, got 'mono'"),
    ],
)
def test_the_key_and_its_line_are_named_when_they_do_not_fit(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, entry)
    (found,) = caught.value.problems
    assert found.partition("pipeline.yaml:")[2].startswith(f"5: corpora.1{problem}"), found


@pytest.mark.parametrize(
    ("sections", "reason"),
    [
        ("", "nothing is pre-trained and vocabulary.monolingual is false"),
        ("model: {family: bert}\npretraining: {take_from: x}\n", "nothing is pre-trained and vocabulary.monolingual"),
        (
            BEGUN.replace("masked", "masked, sides: source"),
            "pretraining.sides is 'source' and vocabulary.monolingual is",
        ),
    ],
)
def test_a_corpus_that_no_stage_would_read_is_refused(tmp_path: Path, sections: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"sentences of the target where kind is monolingual, got none: {reason}"):
        load(tmp_path, f"{MONO}, path: a", sections)
    load(tmp_path, f"{MONO}, path: a", f"{sections}vocabulary: {{monolingual: true}}\n")


def test_it_is_no_corpus_for_training_nor_for_weights(tmp_path: Path) -> None:
    entry = f"{MONO}, path: a"
    with pytest.raises(
        ConfigError, match=r"training.corpus_weights.news: must name a corpus .* got 'news'; those are p"
    ):
        load(tmp_path, entry, f"{BEGUN}training: {{corpus_weights: {{news: 2}}}}\n")
    (tmp_path / "alone.yaml").write_text(f"{HEAD.partition('  - ')[0]}  - {{name: news, {entry}}}\n{BEGUN}")
    with pytest.raises(
        ConfigError, match="must hold a corpus for each of train, eval and test, got none for train, eval"
    ):
        load_config(tmp_path / "alone.yaml")


def test_a_vocabulary_is_not_told_to_read_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="vocabulary.monolingual: must be false where no corpus is of kind monolingual"
    ):
        load(tmp_path, "split: train, path: a.tsv", "vocabulary: {monolingual: true}\n")
