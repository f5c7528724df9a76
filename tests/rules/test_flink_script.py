"""The Flink cluster's script says in one sentence what is missing, and is set up as the checks of a cluster demand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from rules.source import REPOSITORY

from seq2seq_tfx.pipeline.cluster_checks import FLINK_VERSION, NETWORK_BYTES

TOOLS = ("sh", "dirname", "readlink", "sed", "head")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the script alone, and a folder `bin` of the most ordinary tools only."""
    script = tmp_path / "clone/deploy/flink/cluster.sh"
    script.parent.mkdir(parents=True)
    shutil.copy(REPOSITORY / "deploy/flink/cluster.sh", script)
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path / "clone"


def cluster(clone: Path, verb: str) -> str:
    """What the script says when it fails."""
    command = [str(clone / "deploy/flink/cluster.sh"), verb]
    environment = {"PATH": str(clone.parent / "bin")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def add_java(clone: Path, version: str) -> None:
    """A `java` that says that it is of a version."""
    script = clone.parent / "bin/java"
    script.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2024-01-01' >&2\n")
    script.chmod(0o755)


def add_project(clone: Path) -> None:
    """A `.venv` with the command."""
    command = clone / ".venv/bin/seq2seq"
    command.parent.mkdir(parents=True)
    command.symlink_to("/bin/true")


@pytest.mark.parametrize("verb", ["install", "start"])
def test_one_sentence_names_java_when_there_is_none_or_an_old_one(clone: Path, verb: str) -> None:
    assert "this needs Java 11 or 17, and there is no `java`" in cluster(clone, verb)
    add_java(clone, "1.8.0_292")
    assert re.fullmatch(r"flink: this needs Java 11 or 17, and \S+ is 1; set JAVA_HOME .*\n", cluster(clone, verb))


def test_one_sentence_names_the_project_then_maven_when_they_are_missing(clone: Path) -> None:
    add_java(clone, "17.0.15")
    assert cluster(clone, "install") == "flink: this needs the project in .venv; run `make setup` first.\n"
    add_project(clone)
    assert cluster(clone, "install").startswith("flink: this needs Maven, and there is no `mvn` in PATH")


def test_one_sentence_says_to_install_when_that_was_not_done(clone: Path) -> None:
    add_java(clone, "11.0.2")
    add_project(clone)
    assert "run `deploy/flink/cluster.sh install` first" in cluster(clone, "start")


def test_the_verbs_are_named_when_another_is_given(clone: Path) -> None:
    assert (
        cluster(clone, "restart") == "flink: usage: deploy/flink/cluster.sh install | start | check | replace | stop\n"
    )


def test_versions_and_memory_are_those_that_doctor_asks_for() -> None:
    folder = REPOSITORY / "deploy/flink"
    memory = yaml.safe_load((folder / "config.yaml").read_text())["taskmanager"]["memory"]
    assert memory["network"] == {"min": f"{NETWORK_BYTES >> 30}g", "max": f"{NETWORK_BYTES >> 30}g"}
    beam = re.search(r"^apache-beam\S*==(\S+)", (REPOSITORY / "requirements/compat.txt").read_text(), re.MULTILINE)
    assert beam is not None
    pom = (folder / "pom.xml").read_text()
    assert f"<artifactId>beam-runners-flink-{FLINK_VERSION}</artifactId>\n      <version>{beam[1]}</version>" in pom
    pins = re.findall(r"==(\S+)", (REPOSITORY / "requirements/flink.in").read_text())
    assert len(pins) == 2 and all(pin.startswith(f"{FLINK_VERSION}.") for pin in pins)
