"""JSON Lines."""

from pathlib import Path

import pytest
from corpus_files import read_content

from seq2seq_tfx.components.corpus.readers.rows import Row, UnreadableRow

KEYS = {"columns": ["translation.en", "de"]}


def test_texts_are_found_by_key_by_path_and_by_place(tmp_path: Path) -> None:
    content = (
        '{"translation": {"en": "dog\\n\\u0000"}, "de": "Hund \\ud83d\\ude00"}\n{"translation.en": "cat", "de": ""}\r\n'
    )
    rows = read_content("p.jsonl", content.encode(), tmp_path, **KEYS)
    assert rows == [Row(0, "dog\n\x00", ("Hund \U0001f600",)), Row(1, "cat", ("",))]
    listed = read_content("p.ndjson", b'["x", "dog", "Hund"]\n', tmp_path, columns=[1, 2])
    assert listed == [Row(0, "dog", ("Hund",))]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            '{"translation": {"en": {"text": "dog"}}, "de": "x"}',
            "a text is needed in 'translation.en', but there is an obj",
        ),
        ('{"translation": {"en": ["dog"]}, "de": "x"}', "a text is needed in 'translation.en', but there is a list"),
        ('{"translation": {"en": 3}, "de": "x"}', "a text is needed in 'translation.en', but there is a number"),
        (
            '{"translation": {"en": true}, "de": "x"}',
            "a text is needed in 'translation.en', but there is true or false",
        ),
        ('{"translation": {"en": "dog"}, "de": null}', "a text is needed in 'de', but there is null"),
        ('{"translation": "dog", "de": "x"}', "the key 'translation.en' is needed, but there is no object"),
        ('{"en": "dog", "de": "x"}', "the key 'translation.en' is needed, but there is en, de"),
        ("{}", "the key 'translation.en' is needed, but there is no key"),
        ('["dog", "Hund"]', "the key 'translation.en' is needed, but there is no object"),
        ('{"translation": {"en": "\\ud800"}, "de": "x"}', "JSON is needed, but at position "),
        ('{"translation": {"en": "dog"', "JSON is needed, but at position "),
        ("", "JSON is needed, but at position 1"),
        ("NaN", "JSON is needed, but at position 1"),
        ("[" * 100_000, "JSON is needed, but at position "),
    ],
)
def test_a_row_is_unreadable_when_a_text_is_not_there(tmp_path: Path, line: str, problem: str) -> None:
    rows = read_content("p.jsonl", f'{line}\n{{"translation.en": "a", "de": "A"}}\n'.encode(), tmp_path, **KEYS)
    assert isinstance(rows[0], UnreadableRow)
    assert rows[0].problem.startswith(f"{tmp_path}/p.jsonl, line 1: {problem}")
    assert rows[0].content == line
    assert rows[1:] == [Row(1, "a", ("A",))]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"a": 1}', "a list is needed where columns are numbers, but there is an object"),
        (b'"text"', "a list is needed where columns are numbers, but there is a text"),
        (b'["dog"]', "2 entries are needed, but the list has 1"),
        (b'["dog", "\xff"]', "byte 0xff at position 10 of the line is not UTF-8"),
        (b'["dog", "\xed\xa0\x80"]', "byte 0xed at position 10 of the line is not UTF-8"),
    ],
)
def test_a_list_is_unreadable_when_it_lacks_a_text(tmp_path: Path, line: bytes, problem: str) -> None:
    (row,) = read_content("p.jsonl", line + b"\n", tmp_path, columns=[0, 1])
    assert isinstance(row, UnreadableRow)
    assert row.problem == f"{tmp_path}/p.jsonl, line 1: {problem}"
