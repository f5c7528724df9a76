"""What `seq2seq doctor` says of a cluster, with a stand-in for Flink's REST interface."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from seq2seq_tfx.pipeline.checks import Check
from seq2seq_tfx.pipeline.cluster_checks import check_flink, check_runner, check_services, check_worker
from seq2seq_tfx.pipeline.flink_rest import job_progress
from seq2seq_tfx.pipeline.worker_report import WorkerReport, report
from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.config.running import BeamConfig

GIB = 1 << 30
OWN = WorkerReport(host="here", python="3.10.4", package="1.0", code="c0de", read="secret")


class Flink(BaseHTTPRequestHandler):
    """Answers as Flink 1.19 does, or with nothing where `answers` has none."""

    answers: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        found = self.answers.get(self.path)
        self.send_response(200 if found is not None else 404)
        self.end_headers()
        self.wfile.write(found if isinstance(found, bytes) else json.dumps(found).encode())

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def flink() -> Iterator[str]:
    """The address of a cluster of two TaskManagers with two slots each, one of them in use."""
    Flink.answers = {
        "/overview": {"taskmanagers": 2, "slots-total": 4, "slots-available": 3, "flink-version": "1.19.3"},
        "/taskmanagers": {
            "taskmanagers": [{"memoryConfiguration": {"networkMemory": size}} for size in (2 * GIB, GIB)]
        },
    }
    server = HTTPServer(("localhost", 0), Flink)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def advice_of(checks: Iterator[Check]) -> dict[str, str]:
    """Name to advice, of what is wrong."""
    return {check.name: check.advice for check in checks if not check.ok}


def test_all_is_well_when_the_cluster_is_large_enough(flink: str) -> None:
    assert [(check.name, check.found, check.advice) for check in check_flink(flink, 3)] == [
        ("flink", f"version 1.19.3 at {flink}", ""),
        ("flink slots", "3 of 4 free, 3 needed", ""),
        ("flink memory", "2 TaskManagers, with 1024 MiB for network buffers or more", ""),
    ]


def test_what_to_change_is_said_when_the_cluster_is_too_small(flink: str) -> None:
    assert advice_of(check_flink(flink, 5)) == {
        "flink slots": "start more TaskManagers, raise taskmanager.numberOfTaskSlots, or set beam.parallelism: 4"
    }
    assert advice_of(check_flink(flink, 4)) == {
        "flink slots": "wait for the cluster's other jobs, or cancel those that are left over"
    }
    Flink.answers["/taskmanagers"]["taskmanagers"][1]["memoryConfiguration"]["networkMemory"] = GIB - 1
    assert "taskmanager.memory.network.min and .max to 1024m" in advice_of(check_flink(flink, 1))["flink memory"]
    Flink.answers["/taskmanagers"] = {"taskmanagers": []}
    assert "flink memory" in advice_of(check_flink(flink, 1))


def test_the_version_is_named_when_it_is_another(flink: str) -> None:
    Flink.answers["/overview"]["flink-version"] = "1.190.1"
    assert "use Flink 1.19" in advice_of(check_flink(flink, 1))["flink"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "got HTTP Error 404"),
        ({}, "got an answer without 'flink-version'"),
        ([], "got an answer without list indices"),
        (b"<html>", "got Expecting value"),
    ],
)
def test_one_line_is_enough_when_what_answers_is_not_flink(flink: str, answer: Any, words: str) -> None:
    Flink.answers["/overview"] = answer
    (check,) = check_flink(flink, 1)
    assert words in check.found and "correct beam.flink_rest" in check.advice


def test_progress_is_another_text_only_when_a_step_of_the_job_did_something(flink: str) -> None:
    metrics = {"read-records": 1, "write-records": 0, "read-bytes": 5, "write-bytes": 0, "accumulated-idle-time": 7}
    step = {"status": "RUNNING", "tasks": {"RUNNING": 1}, "metrics": metrics, "duration": 3}
    other = {"jid": "2", "name": "other", "state": "RUNNING", "tasks": {"total": 1}}
    Flink.answers |= {
        "/jobs/overview": {"jobs": [{"jid": "1", "name": "ours", "state": "RUNNING", "tasks": {"total": 2}}, other]},
        "/jobs/1": {"vertices": [step]},
    }
    before = job_progress(flink, "ours")
    step["duration"], metrics["accumulated-idle-time"], other["state"] = 4, 8, "FINISHED"
    assert job_progress(flink, "ours") == before
    metrics["read-records"] = 2
    assert job_progress(flink, "ours") != before


def test_each_service_is_a_problem_when_nothing_listens() -> None:
    with socket.create_server(("localhost", 0)) as listening, socket.create_server(("localhost", 0)) as closed:
        jobs, pool = (f"localhost:{each.getsockname()[1]}" for each in (listening, closed))
        closed.close()
        section = {"runner": "portable", "job_endpoint": jobs, "worker_pool": pool}
        checks = list(check_services(BeamConfig.model_validate(section)))
    assert [(check.name, check.ok) for check in checks] == [("job service", True), ("worker pool", False)]
    assert f"--port {pool.rpartition(':')[2]}" in checks[1].advice


@pytest.mark.parametrize("elsewhere", [{"job_endpoint": "jobs.invalid:1"}, {"flink_rest": "flink.invalid:1"}])
def test_a_pool_that_only_the_cluster_can_reach_is_no_problem(elsewhere: dict[str, str]) -> None:
    section = {"runner": "flink", "job_endpoint": "localhost:1", "worker_pool": "localhost:1", **elsewhere}
    jobs, pool = check_services(BeamConfig.model_validate(section))
    assert not jobs.ok and pool.ok and "of each machine of the cluster" in pool.found


def test_no_job_is_tried_when_a_service_does_not_answer(tmp_path: Path, flink: str) -> None:
    (tmp_path / "pipeline.yaml").write_text(
        "name: a\nlanguages: {source: en, target: es}\ncorpora: [{name: a, split: auto, path: a.tsv}]\n"
        f"beam: {{runner: flink, job_endpoint: 'localhost:1', worker_pool: 'localhost:1', flink_rest: '{flink}'}}\n"
    )
    checks = list(check_runner(load_config(tmp_path / "pipeline.yaml")))
    assert [check.name for check in checks if check.ok] == ["beam runner", "flink", "flink slots", "flink memory"]
    assert [check.name for check in checks if not check.ok] == ["job service", "worker pool"]
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("worker", "advice"),
    [
        ({"host": "there", "python": "3.10.9"}, ""),
        ({"python": "3.11.4"}, "start its worker pool with Python 3.10.4"),
        ({"package": "0.9"}, "install seq2seq-tfx 1.0 there"),
        ({"code": "other"}, "install the same wheel"),
        ({"read": ""}, "put root on a file system that every machine sees"),
    ],
)
def test_a_worker_is_a_problem_when_it_differs_from_the_run(
    tmp_path: Path, worker: dict[str, str], advice: str
) -> None:
    check = check_worker(replace(OWN, **worker), OWN, tmp_path)
    assert check.ok == (not advice)
    assert advice in check.advice


def test_a_process_reports_what_it_reads_and_what_it_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "probe").write_text("secret", encoding="utf-8")
    own = report(str(tmp_path / "probe"))
    assert (own.host, own.read, len(own.code)) == (socket.gethostname(), "secret", 64)
    assert report(str(tmp_path / "none")) == replace(own, read="")
