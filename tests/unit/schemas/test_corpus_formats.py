"""Which keys of a corpus fit which format."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.formats import FORMATS, format_of, is_pattern, known_suffixes
from seq2seq_tfx.schemas.config.loading import load_config, missing_files
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: a\nlanguages: {source: en, target: de}\ncorpora:\n"


def _load(directory: Path, *entries: str) -> PipelineConfig:
    path = directory / "pipeline.yaml"
    path.write_text(HEAD + "".join(f"  - {{name: c{n}, split: auto, {entry}}}\n" for n, entry in enumerate(entries)))
    return load_config(path).config


@pytest.mark.parametrize(
    ("entry", "chosen"),
    [
        ("path: a", "tsv"),
        ("path: a.gz", "tsv"),
        ("path: news.d/a.TXT.bz2", "tsv"),
        ("path: a-*.csv.xz", "csv"),
        ("path: 'a.tsv*'", "tsv"),
        ("path: 'a-{SPAN}.tmx.zst'", "tmx"),
        ("path: 'gs://b/a.parquet'", "parquet"),
        ("path: a.foo, format: csv", "csv"),
        ("path: a.ndjson, columns: [en, de]", "jsonl"),
        ("path: a.xml", "sgm"),
        ("source: a.en, target: a.de", "lines"),
        ("source: a.sgm.gz, target: a.sgm", "sgm"),
        ("source: a.sgm, target: b.sgm, format: lines", "lines"),
    ],
)
def test_the_format_is_that_of_the_suffix_unless_it_is_given(tmp_path: Path, entry: str, chosen: str) -> None:
    (corpus,) = _load(tmp_path, entry).corpora
    assert corpus.resolved_format() == chosen


def test_the_languages_are_the_columns_of_tmx_unless_others_are_given(tmp_path: Path) -> None:
    config = _load(
        tmp_path, "path: a.tmx", "path: b.tmx, columns: [en-GB, de-AT]", "path: c.tsv", "path: d.tsv, tag: <BT>"
    )
    assert [each.columns for each in config.corpora] == [("en", "de"), ("en-GB", "de-AT"), (0, 1), (0, 1)]
    assert [each.tag for each in config.corpora] == [None, None, None, "<BT>"]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            "path: a.docx",
            "path: must end in .tsv, .tab, .txt, .csv, .tmx, .jsonl, .ndjson, .parquet, .sgm, .sgml or .xml",
        ),
        ("path: a.docx.gz", "path: must end in .tsv, .tab"),
        ("path: a.tsv, format: lines", "format: must be another one with path, got lines"),
        ("source: a, target: b, format: tmx", "format: must be lines or sgm with source and target, got tmx"),
        (
            "path: a.tsv, format: cvs",
            "format: must be \"auto\" or lines, tsv, csv, tmx, jsonl, parquet or sgm, got 'cvs'; did",
        ),
        ("path: a.tsv, format: [tsv]", "format: must be"),
        ("path: a.parquet.gz", "path: must be a Parquet file as it is, which compresses by itself, got 'a.parquet.gz'"),
        ("path: a.jsonl", " must have columns where the format is jsonl (the keys of source and target), got none"),
        ("path: a.xml, columns: [0, 1]", "columns: must be left out where the format is sgm"),
        ("path: a.tmx, columns: [0, 1]", "columns: must be two language codes where the format is tmx, got numbers"),
        ("path: a.tsv, columns: [0, de]", "columns: must be two numbers or two names, got 0 and 'de'"),
        ("path: a.tsv, columns: [true, 1]", "columns.0: must be a whole number of at least 0 or text, got true"),
        ("path: a.tsv, columns: [en, '']", "columns.1: must be a whole number of at least 0 or text, got ''"),
        ("path: 'a-{VERSION}.tsv'", "path: must hold {SPAN} where it holds {VERSION}, got 'a-{VERSION}.tsv'"),
        ("path: '{SPAN}/{SPAN:2}.tsv'", "path: must hold {SPAN} and {VERSION} once each, got '{SPAN}/{SPAN:2}.tsv'"),
        ("source: 'a{VERSION}', target: b", "source: must hold {SPAN} where it holds {VERSION}"),
        ("path: a.tsv, tag: ''", "tag: must be a name in angle brackets such as <BT>"),
    ],
)
def test_the_key_and_its_line_are_named_when_they_do_not_fit(tmp_path: Path, entry: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, "path: fine.tsv", entry)
    key = "" if problem.startswith(" ") else "."
    assert caught.value.problems[0].partition("pipeline.yaml:")[2].startswith(f"5: corpora.1{key or ':'}{problem}"), (
        caught.value.problems
    )
    assert len(caught.value.problems) == 1, caught.value.problems


def test_every_problem_comes_at_once_when_there_are_several(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, "path: a.docx", "path: b.jsonl", "path: 'c-{VERSION}.parquet.xz'")
    assert len(caught.value.problems) == 4


def test_a_pattern_is_no_missing_file(tmp_path: Path) -> None:
    _load(tmp_path, "path: 'a-*.tsv'", "path: 'b-{SPAN}.tsv'", "path: 's3://b/a.tsv'", "path: none.tsv")
    (missing,) = missing_files(load_config(tmp_path / "pipeline.yaml"))
    assert "none.tsv, which does not exist" in missing


def test_no_two_formats_share_a_suffix() -> None:
    assert len(set(known_suffixes())) == len(known_suffixes())
    for name, keys in FORMATS.items():
        for suffix in keys.suffixes:
            assert format_of("auto", [f"a{suffix}"], "path") == name
    assert not is_pattern("a {b} (1).tsv")
