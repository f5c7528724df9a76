"""What a job must not lose or replace: kills while it publishes, inputs that change, files that are not its own."""

import hashlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from translation_jobs import Around, Instant, job, model, read, request, translated, write
from typing_extensions import override

from seq2seq_tfx.components.corpus.readers import csv, rows, text_lines
from seq2seq_tfx.components.translation.corpus_job import CorpusJob
from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.record import Record
from seq2seq_tfx.components.translation.job import model as job_model
from seq2seq_tfx.components.translation.job import publishing
from seq2seq_tfx.components.translation.job.blocks import BLOCK_CHARACTERS, cut
from seq2seq_tfx.components.translation.job.index import BlockCount, Index, Note
from seq2seq_tfx.components.translation.job.publishing import totals
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.pipeline.cli import main
from seq2seq_tfx.schemas.errors import CorpusError, InputError, WorkError

TEXTS = [f"sentence {number}" for number in range(400)]


class Doing(Around):
    """Does something when it is asked first."""

    def __init__(self, inner: Engine, act: Callable[[], None]) -> None:
        super().__init__(inner)
        self._act: Callable[[], None] | None = act

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        act, self._act = self._act, None
        if act is not None:
            act()
        return self._inner.translate(sentences)


def fail() -> None:
    raise OSError(28, "No space left on device")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_no_shard_of_an_unfinished_job_is_left_when_another_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    with monkeypatch.context() as patched:
        patched.setattr(publishing, "_write_notes", lambda *_: fail())  # its shards are written, its manifest is not
        with pytest.raises(OSError, match="No space left"):
            job(request(given, tmp_path / "out", "text", shard_records=100))
    assert names(tmp_path / "out") == [f"part-0000{n}.txt" for n in range(4)]
    (tmp_path / "out" / ".part-00004.txt.partial").write_bytes(b"as a kill leaves it")
    job(request(given, tmp_path / "out", "text", shard_records=200, restart=True))
    assert names(tmp_path / "out") == ["manifest.json", "part-00000.txt", "part-00001.txt"]


def test_no_shard_is_left_of_a_finished_job_that_was_started_over_twice(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "out", "text", shard_records=100))
    over = request(given, tmp_path / "out", "text", shard_records=200, restart=True)
    with pytest.raises(OSError, match="No space left"):
        job(over, model(Doing(Instant(), fail)))
    job(over)
    assert names(tmp_path / "out") == ["manifest.json", "part-00000.txt", "part-00001.txt"]


def test_a_finished_job_stays_finished_when_starting_over_fails_before_anything_is_translated(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    first = job(request(given, tmp_path / "out.txt", "text"))
    with pytest.raises(OSError, match="No space left"):
        job(request(given, tmp_path / "out.txt", "text", restart=True), model(Doing(Instant(), fail), export_id="new"))
    engine = Instant()
    assert job(request(given, tmp_path / "out.txt", "text"), model(engine)) == first
    assert engine.asked == 0


@pytest.mark.parametrize("name", ["out/part-00002.txt", "out/flags.jsonl", "out.txt.dead_letters.jsonl"])
def test_a_file_that_no_job_wrote_is_neither_replaced_nor_removed(tmp_path: Path, name: str) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    (tmp_path / "out").mkdir()
    (tmp_path / name).write_text("mine")
    wanted = request(given, tmp_path / "out", "text", shard_records=100)
    if name.startswith("out.txt"):
        wanted = request(given, tmp_path / "out.txt", "text")
    with pytest.raises(InputError, match=rf"{name} exists and there is no .*manifest\.json"):
        job(wanted)
    assert (tmp_path / name).read_text() == "mine"


def test_an_input_that_would_be_replaced_by_a_file_beside_the_output_is_refused(tmp_path: Path) -> None:
    given = write(tmp_path / "out.jsonl.flags.jsonl", "jsonl", TEXTS)
    with pytest.raises(InputError, match=r"must be others than the input, got .*out\.jsonl\.flags\.jsonl"):
        job(request(given, tmp_path / "out.jsonl", "jsonl", restart=True))
    assert given.stat().st_size > 0


def test_what_a_kill_while_publishing_left_is_gone_when_the_job_is_done(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    (tmp_path / ".out.txt.partial").write_bytes(b"half of the output")
    job(request(given, tmp_path / "out.txt", "text"))
    assert names(tmp_path) == ["in.txt", "out.txt", "out.txt.manifest.json"]
    assert len(read(tmp_path / "out.txt", "text")) == 400


def test_others_may_read_the_output_as_far_as_the_users_umask_lets_them(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    before = os.umask(0o077)
    try:
        job(request(given, tmp_path / "out.txt", "text"))
    finally:
        os.umask(before)
    assert (tmp_path / "out.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["other", "more"])
def test_what_was_read_of_an_input_that_changed_meanwhile_is_not_gone_on_from(tmp_path: Path, change: str) -> None:
    given = tmp_path / "in.txt"
    lines = [f"sentence number {number:08d}\n" for number in range(4 * 8192)]  # more than is read at once

    def alter() -> None:
        with given.open("r+") as stream:  # in place, as a program that writes on would
            if change == "other":
                stream.write("".join(line.replace("sentence", "Sentence") for line in lines))
            else:
                stream.seek(0, os.SEEK_END)
                stream.write("one line more\n")

    given.write_text("".join(lines))
    wanted = request(given, tmp_path / "out.txt", "text", block_records=4096)
    with pytest.raises(CorpusError, match="must not change during a run"):
        job(wanted, model(Doing(Instant(), alter)))
    (tmp_path / "in.txt").write_text("".join(lines))
    if change == "more":  # as a kill would leave it that comes before the end of the input is looked at
        with closing(Index(tmp_path / ".out.txt.job" / "index.sqlite")) as index:
            _finish_up_to_nine(index, tmp_path / ".out.txt.job")
    with pytest.raises(WorkError, match="they changed while the job ran; give --restart"):
        job(wanted)
    job(request(given, tmp_path / "out.txt", "text", block_records=4096, restart=True))
    assert [text for text, _ in read(tmp_path / "out.txt", "text")] == [translated(line[:-1]) for line in lines]


def _finish_up_to_nine(index: Index, folder: Path) -> None:
    """Have one block more than the input has; those that were under way are empty."""
    *_, last = index.counts()
    more = [
        last._replace(number=number, chunk=last.chunk + 1, start=0, bytes=0) for number in range(last.number + 1, 9)
    ]
    (folder / f"chunk-{last.chunk + 1:07d}").write_bytes(b"")
    index.finish_chunk(last.chunk + 1, hashlib.sha256().hexdigest(), more, [])


def test_a_signal_is_heeded_while_what_is_finished_is_read_again(tmp_path: Path) -> None:
    sentences = [f"sentence {number}" for number in range(3 * 8192)]
    segmenter, left = Segmenter(len, 40, ("en", "de")), Instant()

    class FailingLater(Around):
        def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
            if "sentence 16384" in sentences:
                fail()
            return self._inner.translate(sentences)

    def signalled() -> Iterator[str]:
        yield sentences[0]
        os.kill(os.getpid(), signal.SIGTERM)
        yield from sentences[1:]

    with pytest.raises(OSError, match="No space left"):
        CorpusJob(tmp_path / "job", segmenter, lambda: FailingLater(Instant())).run(iter(sentences), lambda _: None)
    resumed = CorpusJob(tmp_path / "job", segmenter, lambda: left)
    assert resumed.sentences > 0
    with pytest.raises(WorkError, match="stopped by a signal"):
        resumed.run(signalled(), lambda _: None)
    assert left.asked == 0


def test_a_job_that_is_terminated_while_it_publishes_tells_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, told = write(tmp_path / "in.txt", "text", TEXTS), tmp_path / "told"
    monkeypatch.setattr(job_model, "open_model", lambda *_, **__: model())
    words = ["translate", "--model", "any", "--input", str(given), "--output", str(tmp_path / "out.txt"), "--no-store"]
    words += [
        "--flags",
        "none",
        "--on-failure",
        f'echo "$SEQ2SEQ_ERROR" > {told}',
        "--events",
        str(tmp_path / "events"),
    ]
    before = signal.getsignal(signal.SIGTERM)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(publishing, "sha256_of_file", lambda _: os.kill(os.getpid(), signal.SIGTERM))
            assert main(words) == 1
        assert told.read_text() == "KeyboardInterrupt\n"
        assert '"event": "failed"' in (tmp_path / "events").read_text()
        assert main(words) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(read(tmp_path / "out.txt", "text")) == 400
    assert names(tmp_path) == ["events", "in.txt", "out.txt", "out.txt.manifest.json", "told"]


def test_a_block_ends_early_where_columns_that_are_not_translated_are_large() -> None:
    html = "x" * (BLOCK_CHARACTERS // 4)
    tsv = (Record([str(number), html], str(number), "in.tsv", number + 1) for number in range(10))
    assert [len(block.records) for block in cut(tsv)] == [4, 4, 2]
    json = (Record(f'{{"source": "a", "html": "{html}"}}', "a", "in.jsonl", number + 1) for number in range(10))
    assert [len(block.records) for block in cut(json)] == [4, 4, 2]


@pytest.mark.parametrize(("read_records", "dead"), [(9, 2), (11, 2), (10, 1)])
def test_counts_that_do_not_add_up_end_the_job(tmp_path: Path, read_records: int, dead: int) -> None:
    count = BlockCount(0, 0, 10, 5, 5, 0, 5, 3, 2, 0, 0, 0, 0, "digest")
    with closing(Index(tmp_path / "index.sqlite")) as index:
        notes = [Note(number, "dead", "in.txt", number + 1, "reason") for number in range(dead)]
        index.finish_chunk(0, "sha256", [count], notes)
        with pytest.raises(WorkError, match=f"but {read_records} were read, 10 written, 10 accounted for, and of 2"):
            totals(index, read_records)


def test_an_input_whose_name_is_not_utf8_is_one_error(tmp_path: Path) -> None:
    given = tmp_path / os.fsdecode(b"caf\xe9.txt")
    given.write_bytes(b"one\n")
    with pytest.raises(InputError, match=r"must be UTF-8, but .*caf\\udce9.txt is not; rename"):
        job(request(given, tmp_path / "out.txt", "text"))


def test_shards_can_be_written_into_the_folder_that_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    (tmp_path / "in.txt").write_text("one\n")
    assert job(request(tmp_path / "in.txt", ".", "text", shard_records=64))["counts"]["read"] == 1
    assert any((tmp_path / "out").glob("*.txt"))
    with pytest.raises(InputError, match="the output must be a file or folder with a name, got /"):
        job(request(tmp_path / "in.txt", "/", "text", shard_records=64))


@pytest.mark.parametrize("words", [["--output", ""], ["--output", "", "--estimate"], []])
def test_an_output_that_is_empty_is_not_standard_output(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["translate", "--model", "nowhere", "--input", "in.txt", *words]) == 2
    assert "--output must name a file, a folder or -, got none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "suffix"), [("text", ".txt.gz"), ("tsv", ".tsv"), ("csv", ".csv"), ("jsonl", ".jsonl")]
)
def test_a_line_longer_than_a_record_may_be_is_dead_and_the_job_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    for module in (rows, text_lines, csv):
        monkeypatch.setattr(module, "LONGEST_RECORD_BYTES", 1000)
    texts = ["one", "much " * 200_000, "two", "too long " * 100_000]
    wanted = request(write(tmp_path / f"in{suffix}", kind, texts), tmp_path / f"out{suffix}", kind)
    counts = job(wanted)["counts"]
    assert (counts["read"], counts["dead"]) == (4, 2)
    nothing = None if kind == "jsonl" else ""
    assert [text for text, _ in read(tmp_path / f"out{suffix}", kind)] == [
        translated("one"), nothing, translated("two"), nothing
    ]  # fmt: skip
    assert "a line may have 1,000 bytes, it has more" in (tmp_path / f"out{suffix}.dead_letters.jsonl").read_text()
