"""The file of translations that a killed run goes on from."""

from pathlib import Path

import pytest

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.remembered import RememberedTranslations

MADE = [Translation("un\u2028perro\tä", -0.1234567), Translation("", 0.0), Translation("tres", -2.5)]


def test_translations_come_back_as_they_were(tmp_path: Path) -> None:
    remembered = RememberedTranslations(tmp_path / "store/key.jsonl")
    assert remembered.count == 0
    assert list(remembered.extend(MADE)) == [1, 2, 3]
    again = RememberedTranslations(tmp_path / "store/key.jsonl")
    assert (again.count, list(again)) == (3, MADE)


@pytest.mark.parametrize("cut", [1, 3, 8])
def test_a_line_that_a_kill_left_unfinished_is_made_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "key.jsonl"
    list(RememberedTranslations(path).extend(MADE))
    path.write_bytes(path.read_bytes()[:-cut])
    remembered = RememberedTranslations(path)
    assert (remembered.count, list(remembered)) == (2, MADE[:2])
    list(remembered.extend(MADE[2:]))
    assert list(RememberedTranslations(path)) == MADE


def test_what_stands_behind_a_damaged_line_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "key.jsonl"
    list(RememberedTranslations(path).extend(MADE))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\0\0\0\n" + lines[2])
    assert list(RememberedTranslations(path)) == MADE[:1]


def test_only_the_owner_may_read_users_text(tmp_path: Path) -> None:
    RememberedTranslations(tmp_path / "key.jsonl")
    assert (tmp_path / "key.jsonl").stat().st_mode & 0o777 == 0o600
