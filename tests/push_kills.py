"""Pushes models one after the other in a process that is killed again and again, while others read what is in use.

Run as a program, it is that process (`push`) or one of the readers (`read`).
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from pushed_models import record

from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.components.translation.locating import find_export
from seq2seq_tfx.components.versions import SERVING_FILE, Version, current_version, list_versions

MODELS = ("one", "two")
"""Two exports in turn, so that no two versions that follow each other are the same."""
_PAPERS = ("model_card.md", "provenance.json", "export.json", "saved_model.pb", "ballast/19")


class Tally(NamedTuple):
    """What was seen."""

    kills: int
    versions: int
    """Pushed in all."""
    half_done: int
    """Kills after which a copy was lying about that was no version yet."""
    finished_later: int
    """Kills between a version's appearance and its use."""
    readings: int
    """Translations by the readers."""
    read_versions: int
    """How many different versions these came from."""


@dataclass(frozen=True)
class Scene:
    """The folders of one trial."""

    folder: Path

    @property
    def pushed(self) -> Path:
        """The push directory."""
        return self.folder / "pushed"

    def export(self, name: str) -> Path:
        """A model that says its name twice: once from its graph, once from its variables."""
        return self.folder / f"export-{name}"


def kill_again_and_again(folder: Path, kills: int, seed: int = 1) -> Tally:
    """Kill the pushing process at random moments; check after each that what is there is whole.

    Raises:
        AssertionError: If a version is incomplete, `current` names none, or a reader saw two models in one.
    """
    scene, moments = Scene(folder), random.Random(seed)
    write_exports(scene)
    half_done = finished_later = 0
    with _reading(scene) as readers:
        for _ in range(kills):
            _push_for(scene, moments.uniform(0.0, 0.25))
            half_done += bool(list(scene.pushed.glob(".incoming-*")))
            finished_later += (scene.pushed / ".pending").exists()
            for version in list_versions(scene.pushed):
                check_whole(version)
            assert current_version(scene.pushed) is not None or not list_versions(scene.pushed)
    versions = list_versions(scene.pushed)
    push_next(scene)
    in_use = current_version(scene.pushed)
    assert in_use is not None and f"versions: {in_use.number} }}" in (scene.pushed / SERVING_FILE).read_text()
    assert sorted(path.name for path in scene.pushed.iterdir() if path.name.startswith(".")) == []
    seen = [reading for reader in readers for reading in reader]
    assert [reading for reading in seen if "fault" in reading] == []
    read = {reading["version"] for reading in seen}
    return Tally(kills, len(versions), half_done, finished_later, len(seen), len(read))


def write_exports(scene: Scene) -> None:
    """Save both models, each with enough files that copying it takes a while."""
    import tensorflow as tf
    from echo_model import NamedModel

    for name in MODELS:
        module, folder = NamedModel(name), scene.export(name)
        tf.saved_model.save(module, str(folder), signatures={"serving_default": module.translate})
        (folder / "export.json").write_text(json.dumps({"export_id": name}))
        (folder / "ballast").mkdir()
        for number in range(20):
            (folder / f"ballast/{number}").write_text(f"{name} " * 20_000)


def push_next(scene: Scene) -> None:
    """Push the model that comes next, which may be one whose push was interrupted."""
    numbers = [version.number for version in list_versions(scene.pushed)]
    in_use = current_version(scene.pushed)
    number = max(numbers, default=0)
    if number == 0 or (in_use is not None and in_use.number == number):
        number += 1
    name = MODELS[number % len(MODELS)]
    push_version(scene.export(name), scene.pushed, record(f"{name}-{number}"))


def check_whole(version: Version) -> None:
    """All files of a version are there, and are those of its model."""
    name, _, number = version.identity.export_id.partition("-")
    assert int(number) == version.number
    assert [paper for paper in _PAPERS if not (version.path / paper).is_file()] == []
    ballast = [(version.path / f"ballast/{number}").read_text() for number in range(20)]
    assert set(ballast) == {f"{name} " * 20_000}


def _push_for(scene: Scene, seconds: float) -> None:
    """Let a process push, and kill it so many seconds after its first push began."""
    process = _start("push", scene)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    assert process.poll() is None, "the pushing process ended by itself; what it said stands above"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


@contextmanager
def _reading(scene: Scene) -> Iterator[list[list[dict[str, Any]]]]:
    """Two readers, which translate with whatever is in use; their readings are there at the end."""
    push_next(scene)
    readers = [_start("read", scene) for _ in range(2)]
    readings: list[list[dict[str, Any]]] = []
    try:
        for reader in readers:
            assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
        yield readings
    finally:
        (scene.folder / "stop").touch()
        for reader in readers:
            output, _ = reader.communicate(timeout=60)
            readings.append([json.loads(line) for line in output.splitlines()])
            assert reader.returncode == 0


def _start(action: str, scene: Scene) -> "subprocess.Popen[str]":
    command = [sys.executable, __file__, action, str(scene.folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _push_forever(scene: Scene) -> None:
    print("ready", flush=True)
    for _ in count():
        push_next(scene)


def _read_until_stopped(scene: Scene) -> None:
    _reading_of(scene)  # the first loads TensorFlow
    print("ready", flush=True)
    while not (scene.folder / "stop").exists():
        print(json.dumps(_reading_of(scene)), flush=True)


def _reading_of(scene: Scene) -> dict[str, str]:
    """Translate with the version in use, as a user does."""
    from seq2seq_tfx.components.translation.saved_model_engine import SavedModelEngine

    export = find_export(scene.pushed)
    (translation,) = SavedModelEngine(export, 1).translate(["hello"])
    identity = json.loads((export / "provenance.json").read_text())["export_id"]
    name = identity.partition("-")[0]
    fault = {} if translation.text == f"hello {name} {name}" else {"fault": translation.text}
    return {"version": export.name, **fault}


if __name__ == "__main__":
    {"push": _push_forever, "read": _read_until_stopped}[sys.argv[1]](Scene(Path(sys.argv[2])))
