"""The job: a record for a record, each sentence once, the same bytes whatever happens."""

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from translation_jobs import SUFFIXES, Around, Instant, Neighbourly, job, model, read, request, translated, write
from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.record import Columns
from seq2seq_tfx.components.translation.job.folder import job_folder
from seq2seq_tfx.components.translation.job.running import Pace
from seq2seq_tfx.schemas.errors import InputError, WorkError

KINDS = [*SUFFIXES.items(), ("text", ".txt.gz"), ("tsv", ".tsv.zst"), ("csv", ".csv.bz2"), ("jsonl", ".jsonl.xz")]
TEXTS = [f"sentence {number % 150}" for number in range(400)]


def output_bytes(folder: Path, name: str) -> bytes:
    return (folder / name).read_bytes()


class Failing(Around):
    """Breaks once it was asked for so many sentences, as for lack of memory."""

    def __init__(self, inner: Engine, after: int) -> None:
        super().__init__(inner)
        self._left = after

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for translation in self._inner.translate(sentences):
            self._left -= 1
            if self._left < 0:
                raise OSError(28, "No space left on device")
            yield translation


class Short(Instant):
    """Cuts what it says after ten characters, and says so; of an `old` sentence it does not say it."""

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for sentence, (text, score, *_) in zip(sentences, super().translate(sentences), strict=True):
            yield Translation(text[:10], score, None if sentence == "old" else len(text) > 10)


@pytest.mark.parametrize(("kind", "suffix"), KINDS)
def test_record_n_out_is_record_n_in_and_each_sentence_is_translated_once(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    engine = Instant()
    manifest = job(
        request(write(tmp_path / f"in{suffix}", kind, TEXTS), tmp_path / f"out{suffix}", kind), model(engine)
    )
    assert read(tmp_path / f"out{suffix}", kind) == [(translated(text), n) for n, text in enumerate(TEXTS)]
    assert engine.asked == 150
    counts = manifest["counts"]
    assert (counts["read"], counts["translated"], counts["reused"], counts["dead"]) == (400, 150, 250, 0)
    assert json.loads((tmp_path / f"out{suffix}.manifest.json").read_bytes()) == manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [f"in{suffix}", f"out{suffix}", f"out{suffix}.manifest.json"]
    )


def test_a_finished_job_is_not_done_again(tmp_path: Path) -> None:
    wanted = request(write(tmp_path / "in.txt", "text", TEXTS), tmp_path / "out.txt", "text")
    first, engine = job(wanted), Instant()
    assert job(wanted, model(engine)) == first
    assert engine.asked == 0


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("chunk_blocks", [1, 3, 100])
def test_output_depends_on_neither_workers_nor_chunks_when_the_engine_depends_on_the_batch(
    tmp_path: Path, workers: int, chunk_blocks: int
) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "plain.txt", "text"), model(Neighbourly()))
    pace = Pace(workers=workers, chunk_blocks=chunk_blocks)
    job(request(given, tmp_path / "paced.txt", "text", pace=pace), model(Neighbourly()))
    assert output_bytes(tmp_path, "paced.txt") == output_bytes(tmp_path, "plain.txt")


@pytest.mark.parametrize("after", [10, 100, 149])
def test_a_job_that_failed_goes_on_and_ends_as_one_that_did_not(tmp_path: Path, after: int) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "whole.txt", "text"), model(Neighbourly()))
    wanted = request(given, tmp_path / "broken.txt", "text", pace=Pace(workers=3))
    with pytest.raises(OSError, match="No space left"):
        job(wanted, model(Failing(Neighbourly(), after)))
    assert not (tmp_path / "broken.txt").exists()
    again = job(wanted, model(Neighbourly()))
    assert output_bytes(tmp_path, "broken.txt") == output_bytes(tmp_path, "whole.txt")
    assert again["counts"]["sentences_by_engine"] == 150


def test_a_job_that_goes_on_asks_the_engine_for_the_rest_alone(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", [f"number {n}" for n in range(640)])
    wanted = request(given, tmp_path / "out.txt", "text", pace=Pace(workers=1))
    with pytest.raises(OSError, match="No space left"):
        job(wanted, model(Failing(Instant(), 400)))
    engine = Instant()
    job(wanted, model(engine))
    assert engine.asked == 640 - 384  # six whole blocks of 64 were finished


def test_what_a_kill_left_of_a_finished_job_is_removed(tmp_path: Path) -> None:
    wanted = request(write(tmp_path / "in.txt", "text", TEXTS), tmp_path / "out.txt", "text")
    first = job(wanted)
    (tmp_path / ".out.txt.job").mkdir()
    (tmp_path / ".out.txt.job" / "chunk-0000000").write_bytes(b"left")
    assert job(wanted) == first
    assert not (tmp_path / ".out.txt.job").exists()


def test_another_input_or_model_is_refused_and_the_difference_named_when_a_job_was_begun(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", [f"number {n}" for n in range(640)])
    wanted = request(given, tmp_path / "out.txt", "text", pace=Pace(workers=1))
    with pytest.raises(OSError, match="No space left"):
        job(wanted, model(Failing(Instant(), 400)))
    with pytest.raises(InputError, match=r"export id is other \(before: instant\)"):
        job(wanted, model(export_id="other"))
    write(given, "text", ["changed"])
    with pytest.raises(InputError, match=r"input 1, .*in\.txt, has sha256 .* \(before: "):
        job(wanted)
    job(request(given, tmp_path / "out.txt", "text", restart=True))
    assert read(tmp_path / "out.txt", "text") == [(translated("changed"), 0)]


def test_another_job_is_refused_when_the_output_is_complete(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "out.txt", "text"))
    with pytest.raises(InputError, match=r"max characters is 5 \(before: 100000\)"):
        job(request(given, tmp_path / "out.txt", "text", max_characters=5))
    (tmp_path / "out.txt").write_text("mine")
    with pytest.raises(InputError, match="was changed or removed"):
        job(request(given, tmp_path / "out.txt", "text"))
    job(request(given, tmp_path / "out.txt", "text", restart=True))
    assert len(read(tmp_path / "out.txt", "text")) == 400


def test_a_job_that_was_started_over_goes_on_without_being_started_over_again(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "out.txt", "text"))
    write(given, "text", [f"number {n}" for n in range(640)])
    with pytest.raises(OSError, match="No space left"):
        over = request(given, tmp_path / "out.txt", "text", restart=True, pace=Pace(workers=1))
        job(over, model(Failing(Instant(), 400)))
    assert len(read(tmp_path / "out.txt", "text")) == 400  # the old output, until the new one is complete
    engine = Instant()
    job(request(given, tmp_path / "out.txt", "text"), model(engine))
    assert engine.asked == 640 - 384
    assert len(read(tmp_path / "out.txt", "text")) == 640


def test_a_file_that_no_job_wrote_is_not_replaced(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    (tmp_path / "out.txt").write_text("mine")
    with pytest.raises(InputError, match="exists and there is no out.txt.manifest.json"):
        job(request(given, tmp_path / "out.txt", "text"))
    assert (tmp_path / "out.txt").read_text() == "mine"


def test_a_second_process_on_one_output_is_refused(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    with job_folder(str(tmp_path / "out.txt"), False, []):
        with pytest.raises(InputError, match="one process at a time must write an output, and process"):
            job(request(given, tmp_path / "out.txt", "text"))


def test_a_chunk_that_something_changed_is_noticed(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", [f"number {n}" for n in range(640)])
    wanted = request(given, tmp_path / "out.txt", "text", pace=Pace(workers=1))
    with pytest.raises(OSError, match="No space left"):
        job(wanted, model(Failing(Instant(), 400)))
    chunk = tmp_path / ".out.txt.job" / "chunk-0000002"
    chunk.write_bytes(chunk.read_bytes().replace(b"r", b"R", 1))
    with pytest.raises(WorkError, match="chunk-0000002 must be what the job wrote"):
        job(wanted)


def test_shards_hold_all_records_in_order(tmp_path: Path) -> None:
    given = write(tmp_path / "in.csv", "csv", TEXTS)
    manifest = job(request(given, tmp_path / "out", "csv", shard_records=100))
    names = [each["name"] for each in manifest["files"]]
    assert names == ["part-00000.csv", "part-00001.csv", "part-00002.csv", "part-00003.csv"]
    assert [each["records"] for each in manifest["files"]] == [128, 128, 128, 16]
    got = [record for name in names for record in read(tmp_path / "out" / name, "csv")]
    assert got == [(translated(text), n) for n, text in enumerate(TEXTS)]
    write(given, "csv", TEXTS[:100])
    job(request(given, tmp_path / "out", "csv", shard_records=100, restart=True))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "part-00000.csv"]


def test_several_inputs_are_one_job_in_the_order_given(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.txt", "text", [name]) for name in ("b", "a")]
    job(request(paths, tmp_path / "out", "text"))
    assert [text for text, _ in read(tmp_path / "out", "text")] == [translated("b"), translated("a")]


def test_standard_input_is_a_job_like_any_other(tmp_path: Path) -> None:
    wanted = request([Path("-")], tmp_path / "out.txt", "text")
    manifest = job(wanted, given=b"one\ntwo\none")
    assert [text for text, _ in read(tmp_path / "out.txt", "text")] == [translated(t) for t in ("one", "two", "one")]
    assert manifest["counts"]["reused"] == 1


def test_the_store_saves_the_engine_the_sentences_of_other_jobs(tmp_path: Path) -> None:
    given, more = write(tmp_path / "in.txt", "text", TEXTS), write(tmp_path / "more.txt", "text", [*TEXTS, "new"])
    store = tmp_path / "store" / "translations.sqlite"
    job(request(given, tmp_path / "out.txt", "text", store=store))
    assert store.stat().st_mode & 0o777 == 0o600
    engine = Instant()
    manifest = job(request(more, tmp_path / "more.out", "text", store=store), model(engine))
    assert (engine.asked, manifest["counts"]["sentences_from_store"]) == (1, 150)
    assert read(tmp_path / "more.out", "text")[:400] == read(tmp_path / "out.txt", "text")
    other = Instant()
    job(request(given, tmp_path / "other.out", "text", store=store), model(other, export_id="another"))
    assert other.asked == 150


def test_scores_are_a_column_when_asked_for(tmp_path: Path) -> None:
    given = write(tmp_path / "in.tsv", "tsv", ["12345678"])
    job(request(given, tmp_path / "out.tsv", "tsv", columns=Columns(0, score="score")))
    assert (tmp_path / "out.tsv").read_text() == "12345678\t0\t<87654321>\t-1\n"


def test_a_strict_job_stops_at_the_first_dead_record(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"fine\ncaf\xe9\n")
    with pytest.raises(InputError, match=r"in\.txt, line 2: byte 0xe9 at position 4 of the line is not UTF-8"):
        job(request(tmp_path / "in.txt", tmp_path / "out.txt", "text", pace=Pace(strict=True)))
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


def test_no_thread_is_left_when_a_job_failed(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    with pytest.raises(OSError, match="No space left"):
        job(request(given, tmp_path / "out.txt", "text"), model(Failing(Instant(), 10)))
    assert threading.active_count() == 1


def test_a_translation_that_was_cut_is_named_beside_the_output_whether_translated_or_stored(tmp_path: Path) -> None:
    texts = [
        "short",
        "much too long to say",
        "short",
        "short\nmuch too long to say",
        "old",
        "old\nmuch too long to say",
        "",
    ]
    given, store = write(tmp_path / "in.csv", "csv", texts), tmp_path / "store.sqlite"
    for name, asked in (("first.csv", 4), ("second.csv", 0)):
        engine = Short()
        manifest = job(request(given, tmp_path / name, "csv", store=store), model(engine))
        assert (engine.asked, manifest["counts"]["truncated"], manifest["counts"]["split"]) == (asked, 3, 0)
        flags = [json.loads(line) for line in (tmp_path / f"{name}.flags.jsonl").read_text().splitlines()]
        assert [(flag["record"], flag["kind"]) for flag in flags] == [(n, "truncated") for n in (1, 3, 5)]
        assert all("its end is missing" in flag["reason"] for flag in flags)


def test_a_text_that_was_split_and_cut_has_both_flags(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", ["This is one sentence. And this is another of them."])
    counts = job(request(given, tmp_path / "out.txt", "text"), model(Short()))["counts"]
    assert (counts["split"], counts["truncated"]) == (1, 1)
    flags = [json.loads(line) for line in (tmp_path / "out.txt.flags.jsonl").read_text().splitlines()]
    assert [(flag["record"], flag["kind"]) for flag in flags] == [(0, "split"), (0, "truncated")]
