"""The store of translations: found again by what made them, bounded, never in the way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from seq2seq_tfx.components.translation.engine import Translation
from seq2seq_tfx.components.translation.job.store import Store


def filled(path: Path, sentences: list[str], limit: int = 1 << 20) -> Store:
    """A store that knows sentences by heart."""
    store = Store(path, "model", limit)
    store.put(sentences, [Translation(f"t {sentence}", -0.1) for sentence in sentences])
    return store


def test_a_translation_is_found_by_its_sentence_and_by_what_made_it(tmp_path: Path) -> None:
    filled(tmp_path / "s", ["a", "b"]).close()
    assert Store(tmp_path / "s", "model").get(["b", "c"]) == {"b": Translation("t b", -0.1)}
    assert Store(tmp_path / "s", "another").get(["b"]) == {}


def test_what_was_not_asked_for_the_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = 86_400.0
    monkeypatch.setattr("seq2seq_tfx.components.translation.job.store.time.time", lambda: 10 * day)
    store = filled(tmp_path / "s", [f"old {n}" for n in range(50)], limit=90 * 60)
    monkeypatch.setattr("seq2seq_tfx.components.translation.job.store.time.time", lambda: 11 * day)
    assert len(store.get(["old 7"])) == 1
    store.put([f"new {n}" for n in range(30)], [Translation("x", 0.0)] * 30)
    store.make_room()
    assert len(store.get(["old 7", *(f"new {n}" for n in range(30))])) == 31
    assert len(store.get([f"old {n}" for n in range(50)])) < 40
    assert store.make_room() == 0


def test_a_store_of_an_older_version_is_used_and_what_it_holds_ages_with_the_rest(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "s")) as old, old:
        old.execute("create table translation (key blob primary key, text text not null, score real not null, "
                    "day integer not null) without rowid")  # fmt: skip
        old.executemany("insert into translation values (?, 'old', -1.0, 3)", [(bytes([n]),) for n in range(60)])
    store = Store(tmp_path / "s", "model", limit_bytes=5000)
    flags = {"a": True, "b": False, "c": None}
    store.put(list(flags), [Translation("t", -0.1, flag) for flag in flags.values()])
    assert Store(tmp_path / "s", "model").get(list(flags)) == {
        name: Translation("t", -0.1, flag) for name, flag in flags.items()
    }
    assert store.make_room() > 0
    assert len(store.get(list(flags))) == 3


def test_two_stores_on_one_file_see_what_the_other_wrote(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "s", "model"), Store(tmp_path / "s", "model")
    one.put(["a"], [Translation("x", 0.0)])
    two.put(["b"], [Translation("y", 0.0)])
    assert one.get(["a", "b"]) == two.get(["a", "b"]) == {"a": Translation("x", 0.0), "b": Translation("y", 0.0)}


def test_a_file_that_is_no_store_costs_a_warning_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "s").write_bytes(b"no database" * 100)
    store = Store(tmp_path / "s", "model")
    store.put(["a"], [Translation("x", 0.0)])
    assert store.get(["a"]) == {}
    assert "the job goes on without it" in caplog.text


def test_a_store_keeps_its_limit_while_a_long_job_fills_it(tmp_path: Path) -> None:
    limit = 20_000
    store = Store(tmp_path / "s", "model", limit)
    for start in range(0, 2000, 20):
        sentences = [f"sentence {number}" for number in range(start, start + 20)]
        store.put(sentences, [Translation(f"t {sentence}", -0.1) for sentence in sentences])
    with closing(sqlite3.connect(tmp_path / "s")) as database:
        held = database.execute("select count(*) from translation").fetchone()[0]
    assert 0.5 * limit < held * (80 + len("t sentence 1000")) < 1.3 * limit
