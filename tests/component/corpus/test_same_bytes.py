"""Ledger and examples are the same bytes wherever the parallel phases run."""

import multiprocessing
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from beam_services import portable_runner
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types.standard_artifacts import Examples

from seq2seq_tfx.components.artifacts import CorpusLedger, MonolingualSentences
from seq2seq_tfx.components.corpus import chunks
from seq2seq_tfx.components.corpus.beam_workers import BeamWorkers
from seq2seq_tfx.components.corpus.executor import Executor
from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.ledger import DEAD_LETTERS_FILE, LEDGER_FILE, Ledger
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.components.corpus.workers import OneWorker, ProcessWorkers
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.splits import DecontaminationConfig, SplitsConfig

IN_MEMORY = ["--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner", "--sdk_container_image=unused"]
TWO_PROCESSES = [*IN_MEMORY, "--direct_running_mode=multi_processing", "--direct_num_workers=2"]
CHUNK_ROWS = 400
Files = dict[str, bytes]


@pytest.fixture(scope="module", autouse=True)
def small_chunks() -> Iterator[None]:
    """Many chunks of little text; chunks are cut in this process."""
    patch = pytest.MonkeyPatch()
    patch.setattr(chunks, "CHUNK_ROWS", CHUNK_ROWS)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> CorpusSettings:
    """For training, divided, eval, test, monolingual: with duplicates, leaks, bad rows, several references."""
    directory = tmp_path_factory.mktemp("corpora")
    draw = random.Random(3)
    words = [f"wort{number}" for number in range(300)] + ["Straße", "e\u0301tat", "12", "!"]

    def text() -> str:
        return " ".join(draw.choices(words, k=draw.randrange(1, 12)))

    rows = [f"{text()}\t{text()}\t{text()}" for _ in range(3000)]
    rows += [row.upper() for row in draw.choices(rows, k=200)] + draw.choices(rows, k=300) + ["\tempty\t", "a\t\t"]
    draw.shuffle(rows)
    (directory / "a.tsv").write_bytes("".join(f"{row}\n" for row in rows[:1700]).encode() + b"no \xff\t\t\n")
    (directory / "b.tsv").write_text("".join(f"{row}\n" for row in rows[1700:]))
    for name in ("val", "exam"):
        held_out = [f"{text()}\t{text()}\t" for _ in range(500)] + draw.choices(rows, k=40)
        held_out += [row.replace("\t", " und\t") for row in draw.choices(rows, k=40)]
        chosen = [row.split("\t") for row in held_out]
        for side in range(3):
            (directory / f"{name}.{side}").write_text("".join(f"{row[side]}\n" for row in chosen))
    sentences = [text() for _ in range(900)] + [row.split("\t")[1] for row in draw.choices(rows, k=60)]
    for name in ("moor", "moss"):
        (directory / name).write_text("".join(f"{line}\n" for line in [*sentences, *draw.choices(sentences, k=90), ""]))
    corpora = (
        Corpus(name="moss", kind="monolingual", side="target", split="train", path="moss"),
        Corpus(name="moor", kind="monolingual", side="source", split="train", path="moor", domain="bogs"),
        Corpus(name="zoo", split="train", path="a.tsv", tag="<BT>", domain="animals"),
        Corpus(name="ark", split="auto", path="b.tsv"),
        Corpus(name="val", split="eval", source="val.0", target=("val.1", "val.2")),
        Corpus(name="exam", split="test", source="exam.0", target="exam.1"),
    )
    return CorpusSettings(
        languages=Languages(source="de", target="en"),
        corpora=corpora,
        cleaning=CleaningConfig(unreadable="reject", duplicates="near"),
        splits=SplitsConfig(
            eval_share=0.1,
            test_share=0.1,
            decontamination=DecontaminationConfig(near=True, near_words=3, near_share=0.5, max_share=0.9),
        ),
        files=fingerprint_files(corpora, directory, directory / "memory.json"),
    )


@pytest.fixture(scope="module")
def expected(settings: CorpusSettings, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What one process writes."""
    return _ingested(settings, tmp_path_factory.mktemp("one"), OneWorker().run)


def _ingested(settings: CorpusSettings, directory: Path, run: Callable[..., None]) -> Files:
    workers = type("Workers", (), {"run": staticmethod(run)})()
    monolingual = str(directory / "monolingual")
    ledger = ingest(settings, str(directory / "examples"), directory / "work", workers, monolingual)
    files = {
        LEDGER_FILE: ledger.to_json().encode(),
        DEAD_LETTERS_FILE: (directory / "work" / DEAD_LETTERS_FILE).read_bytes(),
    }
    return files | _contents(directory / "examples") | _contents(Path(monolingual))


def _contents(directory: Path) -> Files:
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def _executed(settings: CorpusSettings, directory: Path, beam_arguments: list[str]) -> Files:
    """What the executor writes with a Beam runner."""
    outputs = {"examples": Examples(), "monolingual": MonolingualSentences(), "ledger": CorpusLedger()}
    for key, artifact in outputs.items():
        artifact.uri = str(directory / f"corpus/{key}/1")
    executor = Executor(BaseBeamExecutor.Context(beam_pipeline_args=beam_arguments, tmp_dir=str(directory / "tmp")))
    properties = {"settings": settings.to_json(), "code_version": "1"}
    executor.Do({}, {key: [artifact] for key, artifact in outputs.items()}, properties)
    assert list((directory / "corpus/.work").iterdir()) == []
    return {name: content for each in outputs.values() for name, content in _contents(Path(each.uri)).items()}


def test_every_phase_has_something_to_do(settings: CorpusSettings, expected: Files) -> None:
    ledger = Ledger.from_json(expected[LEDGER_FILE])
    wanted = {
        "unreadable",
        "empty",
        "max_character_ratio",
        "split_leak",
        "decontamination",
        "decontamination_near",
        "duplicates",
    }
    assert set(ledger.dropped()) == wanted
    assert all(sum(name.startswith(f"Split-{side}/") for name in expected) > 2 for side in ("source", "target"))
    assert sum(name.startswith("Split-train/") for name in expected) > 4
    for corpus in ledger.corpora[:2]:
        assert {"decontamination", "duplicates", "empty"} <= set(corpus.rules)
    assert any(count.rules["duplicates"].flagged for count in ledger.corpora if count.corpus in ("val", "ark"))


def test_bytes_are_the_same_when_the_end_of_an_attempt_is_interrupted(
    settings: CorpusSettings, expected: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = shutil.rmtree

    def interrupted(path: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise KeyboardInterrupt
        remove(path, ignore_errors=True)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", interrupted)
        _executed(settings, tmp_path, IN_MEMORY)
    for output in ("examples", "monolingual", "ledger"):
        remove(tmp_path / "corpus" / output)
    assert _executed(settings, tmp_path, IN_MEMORY) == expected


@pytest.mark.parametrize("processes", [2, 3])
def test_bytes_are_those_of_one_process_when_several_work(
    settings: CorpusSettings, expected: Files, tmp_path: Path, processes: int
) -> None:
    with ProcessWorkers(processes) as workers:
        assert _ingested(settings, tmp_path, workers.run) == expected
        assert len(multiprocessing.active_children()) == processes
    assert multiprocessing.active_children() == []


def test_bytes_are_those_of_one_process_in_a_beam_job_in_memory(
    settings: CorpusSettings, expected: Files, tmp_path: Path
) -> None:
    workers = BeamWorkers(lambda: beam.Pipeline(options=PipelineOptions(IN_MEMORY)))
    assert _ingested(settings, tmp_path, workers.run) == expected


@pytest.mark.parametrize("arguments", [IN_MEMORY, TWO_PROCESSES], ids=["a process a core", "multi-processing"])
def test_bytes_are_those_of_one_process_with_beam_s_local_runner(
    settings: CorpusSettings, expected: Files, tmp_path: Path, arguments: list[str]
) -> None:
    assert _executed(settings, tmp_path, arguments) == expected


def test_bytes_are_those_of_one_process_with_a_job_service_and_external_workers(
    settings: CorpusSettings, expected: Files, tmp_path: Path
) -> None:
    with portable_runner(tmp_path) as arguments:
        assert _executed(settings, tmp_path, arguments) == expected
