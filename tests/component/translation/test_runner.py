"""A job whose blocks a Beam runner translates has the bytes of one that this process does alone."""

import argparse
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from beam_services import portable_runner
from proven_export import proven_export
from tiny_export import SENTENCES
from translation_jobs import Around, InstantModel, Neighbourly, job, model, request, write
from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.job.distributing import Runner
from seq2seq_tfx.components.translation.job.model import open_model
from seq2seq_tfx.pipeline.commands.translate import _runner
from seq2seq_tfx.schemas.errors import InputError, WorkError

FN_API = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
TEXTS = [f"sentence {number % 300}" for number in range(900)]


class Logged(Around):
    """Says what `Neighbourly` says; writes down when it is loaded and what it is asked, and may fail once."""

    def __init__(self, log: Path) -> None:
        super().__init__(Neighbourly())
        self._log = log
        self._note("loaded")

    def _note(self, line: str) -> None:
        with self._log.open("a") as stream:
            stream.write(f"{line}\n")

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        broken = self._log.with_name("broken")
        if broken.exists() and "sentence 200" in sentences:
            broken.unlink()
            raise MemoryError("no memory left")
        self._note(f"asked {len(sentences)}")
        yield from self._inner.translate(sentences)


@dataclass(frozen=True)
class LoggedModel(InstantModel):
    """A model whose engine is loaded where it translates."""

    log: Path = Path("log")

    @property
    @override
    def loader(self) -> Callable[[], Engine]:
        return functools.partial(Logged, self.log)


def logged(log: Path) -> LoggedModel:
    """The model of `translation_jobs` with that engine."""
    plain = model()
    return LoggedModel(plain.export, plain.record, plain.config, plain.making, plain.segmenter, log=log)


def test_a_beam_runner_writes_the_same_bytes_and_loads_the_engine_once(tmp_path: Path) -> None:
    given = write(tmp_path / "in.csv", "csv", TEXTS)
    alone = job(request(given, tmp_path / "alone.csv", "csv"), model(Neighbourly()))
    wanted = request(given, tmp_path / "beam.csv", "csv", runner=Runner(FN_API))
    manifest = job(wanted, logged(tmp_path / "log"))
    assert (tmp_path / "beam.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()
    assert manifest["counts"] == alone["counts"]
    assert not (tmp_path / ".beam.csv.job").exists()
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines.count("loaded") == 1
    assert sum(int(line.split()[1]) for line in lines if line != "loaded") == 300


def test_workers_of_a_job_service_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [word for sentence in SENTENCES for word in sentence.split()]
    texts = [" ".join(words[(7 * n + k) % len(words)] for k in range(1 + n % 9)) for n in range(200)]
    given = write(tmp_path / "in.jsonl", "jsonl", texts)
    export = proven_export()
    monkeypatch.chdir(export.parent)  # the workers stand elsewhere
    translator = open_model(Path(export.name), "code", "")
    job(request(given, tmp_path / "alone.jsonl", "jsonl"), translator)
    with portable_runner(tmp_path) as arguments:
        wanted = request(given, tmp_path / "beam.jsonl", "jsonl", runner=Runner("PortableRunner", tuple(arguments[1:])))
        job(wanted, translator)
    assert (tmp_path / "beam.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()


def test_what_was_answered_before_a_failure_is_not_asked_again(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", TEXTS)
    job(request(given, tmp_path / "alone.txt", "text"), model(Neighbourly()))
    wanted = request(given, tmp_path / "beam.txt", "text", runner=Runner(FN_API))
    (tmp_path / "broken").touch()
    with pytest.raises(WorkError, match="the Beam job must end well"):
        job(wanted, logged(tmp_path / "log"))
    assert not (tmp_path / "beam.txt").exists()
    answered = len(list((tmp_path / ".beam.txt.job").glob("answer-*")))
    job(wanted, logged(tmp_path / "log"))
    assert (tmp_path / "beam.txt").read_bytes() == (tmp_path / "alone.txt").read_bytes()
    asked = [line for line in (tmp_path / "log").read_text().splitlines() if line != "loaded"]
    assert len(asked) == 5  # 300 sentences are new in the first five blocks of 64 records
    assert answered < 5


def test_a_runner_that_is_none_is_refused(tmp_path: Path) -> None:
    given = write(tmp_path / "in.txt", "text", ["one"])
    with pytest.raises(InputError, match="--runner must name a Beam runner in full.* got no.such.Runner"):
        job(request(given, tmp_path / "out.txt", "text", runner=Runner("no.such.Runner")), model())
    for name, options in (("DirectRunner", []), (None, ["--direct_num_workers=2"])):
        with pytest.raises(InputError, match=f"--runner must name a runner in full.* got {name}"):
            _runner(asked(runner=name, runner_option=options))
    with pytest.raises(InputError, match="--runner must not go with --store"):
        _runner(asked(runner=FN_API, store="s.sqlite"))


def test_the_section_beam_of_a_configuration_names_the_runner(tmp_path: Path) -> None:
    services = {"job_endpoint": "jobs:1", "worker_pool": "pool:2", "flink_rest": "rest:3", "parallelism": 2}
    flink = configured(tmp_path / "flink.yaml", runner="flink", **services)
    runner = _runner(asked(beam=flink))
    assert runner is not None and runner.name.endswith(".WatchedRunner")
    assert {"--job_endpoint=jobs:1", "--environment_config=pool:2", "--parallelism=2"} <= {*runner.options}
    assert _runner(asked(beam=configured(tmp_path / "local.yaml", runner="local"), store="s.sqlite")) is None
    with pytest.raises(InputError, match="--beam must not go with --store"):
        _runner(asked(beam=flink, store="s.sqlite"))
    with pytest.raises(InputError, match="--beam must not go with --runner"):
        _runner(asked(beam=flink, runner=FN_API))


def asked(**given: Any) -> argparse.Namespace:
    """What a command line says of the runner."""
    return argparse.Namespace(**{"beam": None, "runner": None, "runner_option": [], "store": None, **given})


def configured(path: Path, **section: Any) -> str:
    """A configuration with that section `beam`."""
    (path.parent / "pairs.tsv").write_text("one\teins\n")
    corpora = [{"name": "a", "split": "auto", "path": "pairs.tsv"}]
    languages = {"source": "en", "target": "de"}
    path.write_text(json.dumps({"name": "demo", "languages": languages, "corpora": corpora, "beam": section}))
    return str(path)
