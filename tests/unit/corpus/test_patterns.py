"""Globs, spans and versions in the names of corpus files."""

from pathlib import Path
from typing import Any

import pytest

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.patterns import resolve_files
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.errors import CorpusError


def _corpus(**keys: Any) -> Corpus:
    return Corpus(name="demo", split="train", **keys)


def _make(directory: Path, *names: str) -> None:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(name)


def _found(directory: Path, pattern: str, span: int | None = None) -> list[str]:
    resolved = resolve_files(_corpus(path=pattern, format="tsv"), directory, span)
    assert resolved.problems == ()
    return [Path(path).relative_to(directory).as_posix() for _, path in resolved.files]


def _problem(directory: Path, span: int | None = None, **keys: Any) -> str:
    resolved = resolve_files(_corpus(**keys), directory, span)
    assert resolved.files == ()
    (problem,) = resolved.problems
    return problem


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("news-*.tsv", ["news-1.tsv", "news-10.tsv", "news-2.tsv"]),
        ("news-?.tsv", ["news-1.tsv", "news-2.tsv"]),
        ("news-[!13].tsv", ["news-2.tsv"]),
        ("*/x.tsv", ["a/x.tsv", "b/x.tsv"]),
        ("**/x.tsv", ["a/c/x.tsv", "a/x.tsv", "b/x.tsv"]),
        ("odd [1].tsv", ["odd [1].tsv"]),
    ],
)
def test_the_files_that_match_come_sorted_and_folders_do_not(tmp_path: Path, pattern: str, names: list[str]) -> None:
    _make(tmp_path, "news-2.tsv", "news-10.tsv", "news-1.tsv", "a/x.tsv", "a/c/x.tsv", "b/x.tsv", "odd [1].tsv")
    (tmp_path / "news-3.tsv").mkdir()
    assert _found(tmp_path, pattern) == names


def test_an_absolute_pattern_and_a_folder_with_brackets_work(tmp_path: Path) -> None:
    directory = tmp_path / "data [1]"
    _make(directory, "a-1.tsv", "a-2.tsv")
    assert _found(directory, "a-*.tsv") == ["a-1.tsv", "a-2.tsv"]
    assert _found(tmp_path, f"{tmp_path}/data*/a-*.tsv") == ["data [1]/a-1.tsv", "data [1]/a-2.tsv"]
    assert _found(directory, "../data [[]1]/a-{SPAN}.tsv") == ["a-2.tsv"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("span-{SPAN}/v{VERSION}/t.tsv", ["span-10/v2/t.tsv"]),
        ("span-{SPAN:1}/v{VERSION}/t.tsv", ["span-9/v11/t.tsv"]),
        ("span-{SPAN}/v{VERSION}/*.tsv", ["span-10/v2/t.tsv", "span-10/v2/u.tsv"]),
        ("day-{SPAN:4}.tsv", ["day-0012.tsv"]),
        ("day-{SPAN}.tsv", ["day-100.tsv"]),
    ],
)
def test_the_newest_version_of_the_newest_span_is_taken(tmp_path: Path, pattern: str, names: list[str]) -> None:
    _make(tmp_path, "span-9/v3/t.tsv", "span-9/v11/t.tsv", "span-10/v1/t.tsv", "span-10/v2/t.tsv", "span-10/v2/u.tsv")
    _make(
        tmp_path, "span-x/v9/t.tsv", "span-11/v/t.tsv", "day-0002.tsv", "day-0012.tsv", "day-100.tsv", "day-\u0663.tsv"
    )
    assert _found(tmp_path, pattern) == names


def test_the_given_span_is_taken_when_there_is_one(tmp_path: Path) -> None:
    _make(tmp_path, "s-1/v1.tsv", "s-1/v2.tsv", "s-2/v1.tsv", "plain.tsv")
    assert _found(tmp_path, "s-{SPAN}/v{VERSION}.tsv", span=1) == ["s-1/v2.tsv"]
    assert _found(tmp_path, "plain.tsv", span=1) == ["plain.tsv"]
    wanted = "pairs: no file of span 3 matches s-{SPAN}/v{VERSION}.tsv; there are the spans 1, 2"
    assert _problem(tmp_path, span=3, path="s-{SPAN}/v{VERSION}.tsv") == wanted


def test_a_number_written_in_two_ways_is_a_problem(tmp_path: Path) -> None:
    _make(tmp_path, "s-01.tsv", "s-1.tsv")
    problem = _problem(tmp_path, path="s-{SPAN}.tsv")
    assert "matches the same number written in several ways" in problem
    assert f"{tmp_path}/s-01.tsv and {tmp_path}/s-1.tsv" in problem


def test_the_pairing_is_shown_when_sides_match_different_numbers_of_files(tmp_path: Path) -> None:
    _make(tmp_path, "1.en", "2.en", "3.en", "1.de", "3.de")
    assert _problem(tmp_path, source="*.en", target="*.de") == (
        "source and target: both must match the same number of files, but source matches 3 and target 2: "
        "1.en with 1.de; 2.en with 3.de; 3.en with nothing"
    )


def test_a_span_of_which_one_side_is_missing_is_a_problem(tmp_path: Path) -> None:
    _make(tmp_path, "1.en", "1.de", "2.en")
    problem = _problem(tmp_path, source="{SPAN}.en", target="{SPAN}.de")
    assert problem.startswith(
        "source and target: both must have the same newest span and version, but the newest files"
    )
    assert f"{tmp_path}/2.en and {tmp_path}/1.de" in problem


def test_every_reference_is_a_side_of_its_own_when_names_are_patterns(tmp_path: Path) -> None:
    _make(tmp_path, *(f"{number}.{side}" for number in (1, 2) for side in ("en", "de", "fr")))
    resolved = resolve_files(_corpus(source="*.en", target=("*.de", "*.fr")), tmp_path)
    assert [(side, Path(path).name) for side, path in resolved.files] == [
        ("source", "1.en"),
        ("source", "2.en"),
        ("target", "1.de"),
        ("target", "2.de"),
        ("target-2", "1.fr"),
        ("target-2", "2.fr"),
    ]


def test_a_new_span_changes_the_fingerprints_and_all_problems_are_named_at_once(tmp_path: Path) -> None:
    _make(tmp_path, "s-1.tsv")
    corpora = [_corpus(path="s-{SPAN}.tsv")]
    before = fingerprint_files(corpora, tmp_path, tmp_path / "memory.json")
    _make(tmp_path, "s-2.tsv")
    after = fingerprint_files(corpora, tmp_path, tmp_path / "memory.json")
    assert [Path(each.path).name for each in (*before, *after)] == ["s-1.tsv", "s-2.tsv"]
    assert before == fingerprint_files(corpora, tmp_path, tmp_path / "memory.json", span=1)
    wrong = [_corpus(source="a-*.en", target="b.de"), _corpus(path="c-{SPAN}.tsv"), _corpus(path="d.tsv")]
    with pytest.raises(CorpusError) as caught:
        fingerprint_files(wrong, tmp_path, tmp_path / "memory.json")
    for part in ("no file matches a-*.en", "no file matches c-{SPAN}.tsv", "d.tsv does not exist"):
        assert part in str(caught.value)
