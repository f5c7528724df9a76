"""Times Beam jobs on the Flink cluster that `deploy/flink/cluster.sh start` made, beside this machine's local runner.

Usage: python benchmarks/distributed.py [--only startup|quickstart|ingestion]... [--pairs N] [--jars FOLDER]

startup: a job without any work, with Beam's own worker pool (a new Python for each worker) and with the project's.
quickstart: the whole pipeline, stage by stage, with the local runner and with both pools; what of it is start-up
follows from the number of jobs that Flink counts in a stage, and from what a job without work takes.
With --jars, Beam's pool goes with a job server as Beam's documentation starts it, from many jars: those that
`mvn -f deploy/flink/pom.xml dependency:copy-dependencies -DoutputDirectory=FOLDER` copies.
ingestion: the corpus stage alone on generated pairs, with the local runner and with parallelism 1 and 2.

Nothing else may run on the machine, and no other job on the cluster.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.request import ProxyHandler, build_opener

import ingestion
import yaml

SEQ2SEQ: Final = ingestion.SEQ2SEQ
FLINK: Final = {"runner": "flink", "job_endpoint": "localhost:8099", "flink_rest": "localhost:8081"}
BEAM_POOL, BEAM_JOBS, BEAM_ARTIFACTS = 50_010, 8_097, 8_096
OWN_POOL: Final = 50_000
"""The cluster's."""
PROBES: Final = 3
STAGES: Final = ("corpus", "statistics", "transform", "evaluation")
"""Those that are Beam jobs."""


class Stage(NamedTuple):
    """One stage of a run."""

    seconds: float
    jobs: int
    """Of Flink's."""


def main() -> int:
    """Run the parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = {"startup": startup, "quickstart": quickstart, "ingestion": ingest}
    parser.add_argument("--only", action="append", choices=list(parts))
    parser.add_argument("--pairs", type=int, default=1_000_000, help="for ingestion")
    parser.add_argument("--jars", type=Path)
    arguments = parser.parse_args()
    for name in arguments.only or parts:
        print(f"{name}:", flush=True)
        parts[name](arguments)
    return 0


def startup(arguments: argparse.Namespace) -> dict[str, float]:
    """Seconds of a job without work, for each pool."""
    found: dict[str, float] = {}
    with beam_services(arguments.jars) as beams:
        for title, section in (("Beam's", beams), ("the project's", own_services())):
            seconds = [probe_seconds(section) for _ in range(PROBES)]
            found[title] = statistics.median(seconds)
            every = ", ".join(f"{each:.1f}" for each in seconds)
            print(f"  {title} pool: {found[title]:.1f} s a job, median of {every}", flush=True)
    return found


def own_services() -> dict[str, Any]:
    """A section that leads to the cluster's."""
    return {**FLINK, "worker_pool": f"localhost:{OWN_POOL}", "parallelism": 1}


def probe_seconds(section: dict[str, Any]) -> float:
    """The doctor's job, within a process that has imported Beam before."""
    program = (
        "import json, sys, time\n"
        "from seq2seq_tfx.pipeline.beam_arguments import beam_arguments\n"
        "from seq2seq_tfx.pipeline.cluster_probe import probe\n"
        "from seq2seq_tfx.schemas.config.running import BeamConfig\n"
        "section = BeamConfig.model_validate(json.loads(sys.argv[1]))\n"
        "started = time.monotonic()\n"
        "probe(list(beam_arguments(section, 1)), '/dev/null', 1)\n"
        "print(time.monotonic() - started)\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program, json.dumps(section)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def quickstart(arguments: argparse.Namespace) -> None:
    """Local, then Flink with each pool."""
    start_up = startup(arguments)
    with tempfile.TemporaryDirectory(prefix="distributed-") as folder:
        local = run_quickstart(Path(folder) / "local", {"runner": "local"})
        show("local", local, local, 0.0)
        with beam_services(arguments.jars) as section:
            before = run_quickstart(Path(folder) / "before", section)
        show("Flink, Beam's pool", before, local, start_up["Beam's"])
        after = run_quickstart(Path(folder) / "after", own_services())
        show("Flink, the project's pool", after, local, start_up["the project's"])


def run_quickstart(folder: Path, section: dict[str, Any]) -> dict[str, Stage]:
    """Each stage of the pipeline in a new folder; `all` is the command from start to end."""
    subprocess.run([SEQ2SEQ, "init", str(folder)], check=True, capture_output=True)
    config = folder / "pipeline.yaml"
    document = yaml.safe_load(config.read_text(encoding="utf-8"))
    config.write_text(yaml.safe_dump({**document, "beam": section}), encoding="utf-8")
    counted = flink_jobs if section["runner"] == "flink" else lambda: 0
    started, jobs, found = time.monotonic(), counted(), {}
    command = [SEQ2SEQ, "run", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            ended = re.match(r"(\w+) +done in ", line)
            if ended:
                found[ended[1]], jobs = counted() - jobs, counted()
    if process.returncode:
        sys.exit("".join(said))
    whole, seconds = Stage(time.monotonic() - started, 0), ingestion.stage_seconds(config)
    return {"all": whole, **{name: Stage(seconds[name], found[name]) for name in STAGES}}


def flink_jobs() -> int:
    """How many there were so far."""
    with build_opener(ProxyHandler({})).open(f"http://{FLINK['flink_rest']}/jobs/overview", timeout=10) as answer:
        return len(json.load(answer)["jobs"])


def show(title: str, stages: dict[str, Stage], local: dict[str, Stage], start_up: float) -> None:
    """A line for each stage on Beam, and one for all."""
    for name in STAGES:
        stage = stages[name]
        share = f", {stage.jobs} jobs, start-up {stage.jobs * start_up / stage.seconds:.0%}" if stage.jobs else ""
        print(f"  {title}: {name} {stage.seconds:.1f} s{share}")
    whole = stages["all"].seconds
    print(f"  {title}: the whole run {whole:.1f} s, {whole / local['all'].seconds:.2f} times local", flush=True)


def ingest(arguments: argparse.Namespace) -> None:
    """Pairs a second of the corpus stage."""
    section, pairs = own_services(), arguments.pairs
    ways: dict[str, dict[str, Any]] = {
        "local": {"runner": "local"},
        "Flink, parallelism 1": {**section, "parallelism": 1},
        "Flink, parallelism 2": {**section, "parallelism": 2},
    }
    with tempfile.TemporaryDirectory(prefix="distributed-") as folder:
        ingestion.generate(Path(folder), pairs)
        for number, (title, beam) in enumerate(ways.items()):
            config = Path(folder) / f"pipeline-{number}.yaml"
            text = ingestion.CONFIG.replace("root: work", f"root: work-{number}")
            config.write_text(f"{text}beam: {json.dumps(beam)}\n", encoding="utf-8")
            subprocess.run([SEQ2SEQ, "run", str(config), "--to", "corpus"], check=True, capture_output=True)
            seconds = ingestion.stage_seconds(config)["corpus"]
            print(f"  {title}: {seconds:.1f} s, {pairs / seconds:,.0f} pairs/s", flush=True)


@contextmanager
def beam_services(jars: Path | None) -> Iterator[dict[str, Any]]:
    """Beam's own pool beside the cluster's, and a job server from many jars, if they are given."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    pool = "apache_beam.runners.worker.worker_pool_main"
    commands = [[sys.executable, "-m", pool, f"--service_port={BEAM_POOL}"]]
    section = {**own_services(), "worker_pool": f"localhost:{BEAM_POOL}"}
    if jars is not None:
        driver = "org.apache.beam.runners.flink.FlinkJobServerDriver"
        cluster = (f"--flink-master={FLINK['flink_rest']}", "--job-host=localhost")
        ports = (f"--job-port={BEAM_JOBS}", f"--artifact-port={BEAM_ARTIFACTS}", "--expansion-port=0")
        commands.append(["java", "-cp", f"{jars}/*", driver, *cluster, *ports])
        section["job_endpoint"] = f"localhost:{BEAM_JOBS}"
    quiet, environment = subprocess.DEVNULL, {**os.environ, "PATH": path}
    processes = [
        subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment, start_new_session=True)
        for command in commands
    ]
    try:
        time.sleep(15)  # their own start
        yield section
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
