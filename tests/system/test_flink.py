"""On a real Flink cluster, the pipeline and a batch translation have the results of one machine, whatever ends."""

import gzip
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf
from corpus_files import generated_pairs
from flink_cluster import (
    flink_cluster,
    kill_task_manager,
    on_flink,
    replace_task_manager,
    wait_until,
)
from killing import start
from small import CONFIG, InProcess, command_line, executed, versions, weights_sha256, write_corpora, write_pipeline

from seq2seq_tfx.components.files import sha256_of_file

BEAM_STAGES = {"corpus", "statistics", "transform", "evaluation"}
LEARNING = CONFIG.replace("max_steps: 60", "max_steps: 300, learning_rate: 0.01")
RECORDS = 40_000
PAIRS = 90_000


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    """For all tests here, which are run in their order."""
    with flink_cluster():
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders with the same pipeline in the same place, of which one shall run on this machine, one on Flink."""
    folder = tmp_path_factory.mktemp("flink")
    return folder / "here", folder / "there"


@pytest.fixture
def inside(capfd: pytest.CaptureFixture[str]) -> InProcess:
    return InProcess(capfd)


def test_the_doctor_finds_nothing_wrong(folders: tuple[Path, Path], inside: InProcess) -> None:
    _, there = folders
    done = inside("doctor", on_flink(write_pipeline(there, LEARNING)), "--json")
    assert done.status == 0, done.output
    names = [check["name"] for check in done.document["checks"]]
    assert {"flink", "flink slots", "flink memory", "job service", "worker pool", "beam job"} <= {*names}
    assert sum(name.startswith("worker ") for name in names) >= 2


def test_a_pipeline_on_flink_has_the_results_of_one_machine(folders: tuple[Path, Path], inside: InProcess) -> None:
    here, there = folders
    local = write_pipeline(here, LEARNING)
    for config in (local, there / "flink.yaml"):
        done = inside("run", config, "--json")
        assert done.status == 0, done.errors
        assert {*executed(done.document)} >= BEAM_STAGES
    assert versions(local) == versions(there / "pipeline.yaml") == ["1"]
    assert _ledger(inside, there / "flink.yaml") == _ledger(inside, local)
    for stage in ("corpus/examples", "transform/transformed_examples"):
        assert _examples(there, stage) == _examples(here, stage)
    assert _vocabularies(there) == _vocabularies(here)
    assert weights_sha256(there / "pipeline.yaml") == weights_sha256(local)
    scores, translations = _evaluated(here)
    assert json.loads(scores)["scores"][1]["value"] > 1  # chrF: the sentences say something
    assert _evaluated(there) == (scores, translations)


def _ledger(inside: InProcess, config: Path) -> Any:
    """As it is shown, but for the folders that corpora lie in."""
    return json.loads(inside("status", config, "--ledger", "--json").output.replace(str(config.parent), ""))["ledger"]


def _examples(folder: Path, stage: str) -> Counter[tuple[str, bytes]]:
    """Each example of each split, as often as it is there."""
    files = sorted((folder / "work/artifacts" / stage).glob("*/Split-*/*.gz"))
    assert files
    found: Counter[tuple[str, bytes]] = Counter()
    for file in files:
        for record in tf.data.TFRecordDataset(str(file), "GZIP").as_numpy_iterator():
            features = tf.train.Example.FromString(record).features.feature
            values = sorted((name, value.SerializeToString(deterministic=True)) for name, value in features.items())
            found[file.parent.name, repr(values).encode()] += 1
    return found


def _vocabularies(folder: Path) -> dict[str, str]:
    files = sorted((folder / "work/artifacts/vocabulary").rglob("*.model"))
    assert files
    return {file.name: sha256_of_file(file) for file in files}


def _evaluated(folder: Path) -> tuple[bytes, bytes]:
    """Scores; each sentence with its translation."""
    (evaluation,) = (folder / "work/artifacts/evaluation").glob("*/*/scores.json")
    return evaluation.read_bytes(), (evaluation.parent / "sentences.jsonl").read_bytes()


def test_nothing_runs_again_when_only_the_runner_changes(folders: tuple[Path, Path], inside: InProcess) -> None:
    here, there = folders
    for config in (there / "pipeline.yaml", on_flink(here / "pipeline.yaml"), there / "flink.yaml"):
        done = inside("run", config, "--json")
        assert done.status == 0, done.errors
        assert executed(done.document) == []


def test_a_translation_on_flink_has_the_same_bytes_though_a_task_manager_is_killed(
    folders: tuple[Path, Path], tmp_path: Path, inside: InProcess
) -> None:
    here, there = folders
    given = tmp_path / "given.en.gz"
    lines = "".join(f"{source}\n" for source, _ in generated_pairs(RECORDS, seed=5))
    given.write_bytes(gzip.compress(lines.encode()))
    asked = ("translate", "--quiet", "--no-store", "--model", here / "work/pushed", "--input", given, "--output")
    assert inside(*asked, tmp_path / "here.es").status == 0

    elsewhere = (*asked, tmp_path / "there.es", "--beam", there / "flink.yaml")
    process = subprocess.Popen(command_line(elsewhere), stderr=subprocess.PIPE, text=True)
    job = tmp_path / ".there.es.job"
    wait_until(lambda: [*job.glob("answer-*")] or process.poll() is not None, "the answer of a worker")
    kill_task_manager()
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1, errors
    assert "the Beam job must end well" in errors and "Flink must keep its TaskManagers" in errors

    replace_task_manager()
    done = inside(*elsewhere)
    assert done.status == 0, done.errors
    assert (tmp_path / "there.es").read_bytes() == (tmp_path / "here.es").read_bytes()


def test_ingestion_goes_on_when_its_task_manager_was_killed(
    folders: tuple[Path, Path], tmp_path: Path, inside: InProcess
) -> None:
    here = _large(tmp_path / "here")
    there = on_flink(_large(tmp_path / "there"), parallelism=2)
    assert inside("run", here, "--to", "corpus").status == 0

    process = start(there, {}, "--to", "corpus")
    summaries = there.parent / "work/artifacts/corpus"
    wait_until(lambda: [*summaries.rglob("summary-*.json")] or process.poll() is not None, "an examined chunk")
    kill_task_manager()
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1, errors
    assert "stage corpus: Flink must keep its TaskManagers" in errors

    replace_task_manager()
    done = inside("run", there, "--to", "corpus")
    assert done.status == 0, done.errors
    assert _ledger(inside, there) == _ledger(inside, here)
    assert _examples(there.parent, "corpus/examples") == _examples(here.parent, "corpus/examples")


def _large(folder: Path) -> Path:
    """Of several chunks."""
    pairs = generated_pairs(PAIRS, seed=6)
    write_corpora(folder, {"train": pairs, "eval": pairs[:20], "test": pairs[20:40]})
    path = folder / "pipeline.yaml"
    path.write_text(CONFIG)
    return path
