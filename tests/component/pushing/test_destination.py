"""The version in use is copied to an object store: objects first, pointer last; against a local S3 server."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pushed_models import record, write_export
from pyarrow import fs
from s3_server import KEYS, s3_server

from seq2seq_tfx.components.pushing import destination as destination_module
from seq2seq_tfx.components.pushing.destination import copy_to_destination
from seq2seq_tfx.components.pushing.in_use import put_in_use
from seq2seq_tfx.components.pushing.push import push_version
from seq2seq_tfx.pipeline.checks import check_destination
from seq2seq_tfx.pipeline.cli import main
from seq2seq_tfx.schemas.errors import InputError, WorkError

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3") / "server.log") as options:
        yield options


class Remote:
    """A folder of a fresh bucket, and what is in it."""

    def __init__(self, options: str) -> None:
        self._bucket = f"bucket-{next(_NUMBERS)}"
        self.address = f"s3://{self._bucket}/models{options}"
        creating, _ = fs.FileSystem.from_uri(f"s3://{self._bucket}{options}&allow_bucket_creation=true")
        creating.create_dir(self._bucket)
        self._files = creating

    def objects(self) -> dict[str, str]:
        """Name below the folder to content."""
        found = self._files.get_file_info(fs.FileSelector(self._bucket, recursive=True))
        names = [each.path for each in found if each.type == fs.FileType.File]
        return {name.removeprefix(f"{self._bucket}/models/"): self._read(name) for name in names}

    def _read(self, name: str) -> str:
        with self._files.open_input_stream(name) as stream:
            return bytes(stream.read()).decode()


@pytest.fixture
def remote(server: str, monkeypatch: pytest.MonkeyPatch) -> Remote:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return Remote(server)


@pytest.fixture
def pushed(tmp_path: Path) -> Path:
    """A push directory with the models a and b; b is in use."""
    for name in "ab":
        push_version(write_export(tmp_path / name, text=f"model {name}"), tmp_path / "work/pushed", record(name))
    return tmp_path / "work/pushed"


def test_version_in_use_is_copied_with_all_its_objects(pushed: Path, remote: Remote) -> None:
    copy_to_destination(pushed, remote.address, "demo")
    objects = remote.objects()
    files = {str(path.relative_to(pushed)): path.read_text() for path in (pushed / "2").rglob("*") if path.is_file()}
    assert {name: text for name, text in objects.items() if name.startswith("2/")} == files
    assert objects["current"] == "2\n"
    assert "specific { versions: 2 }" in objects["tensorflow_serving.config"]
    assert f'base_path: "{remote.address.partition("?")[0]}"' in objects["tensorflow_serving.config"]
    assert not [name for name in objects if name.startswith("1/")]


def test_pointer_stays_with_the_complete_version_when_the_copy_is_interrupted(
    pushed: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_use(pushed, 1, "demo")
    copy_to_destination(pushed, remote.address, "demo")
    before = remote.objects()
    put_in_use(pushed, 2, "demo")
    files = len([path for path in (pushed / "2").rglob("*") if path.is_file()])
    for done in range(files):
        with monkeypatch.context() as patch:
            patch.setattr(destination_module._Store, "copy", _failing_after(done))
            with pytest.raises(WorkError, match=r"version 2, which is in use .* must be copied to .*network is down"):
                copy_to_destination(pushed, remote.address, "demo")
        now = remote.objects()
        assert {name: now[name] for name in before} == before
        assert "2/provenance.json" not in now
    copy_to_destination(pushed, remote.address, "demo")
    assert remote.objects()["current"] == "2\n"
    assert len([name for name in remote.objects() if name.startswith("2/")]) == files


def _failing_after(calls: int) -> Any:
    copy, done = destination_module._Store.copy, count()

    def failing(self: Any, path: Path, name: str) -> None:
        if next(done) >= calls:
            raise OSError("the network is down")
        copy(self, path, name)

    return failing


def test_nothing_is_copied_twice(pushed: Path, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_to_destination(pushed, remote.address, "demo")
    monkeypatch.setattr(destination_module._Store, "copy", _failing_after(0))
    copy_to_destination(pushed, remote.address, "demo")


def test_roll_back_reaches_the_store(
    pushed: Path, remote: Remote, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "pipeline.yaml"
    config.write_text(
        "name: demo\nlanguages: {source: en, target: de}\ncorpora: [{name: all, split: auto, path: all.tsv}]\n"
        f"push: {{destination: '{remote.address}'}}\n"
    )
    assert main(["models", str(config), "use", "2"]) == 0
    assert main(["models", str(config), "rollback"]) == 0
    objects = remote.objects()
    assert (objects["current"], objects["1/saved_model.pb"], objects["2/saved_model.pb"]) == (
        "1\n",
        "model a",
        "model b",
    )


def test_another_models_version_is_not_overwritten(pushed: Path, remote: Remote, tmp_path: Path) -> None:
    copy_to_destination(pushed, remote.address, "demo")
    other = tmp_path / "other"
    for name in "cd":
        push_version(write_export(tmp_path / name), other, record(name))
    with pytest.raises(InputError, match=r"/2 must be the model of .*, but it is another \(b\)"):
        copy_to_destination(other, remote.address, "demo")
    assert remote.objects()["2/saved_model.pb"] == "model b"


def test_store_that_is_not_there_is_named(pushed: Path, remote: Remote) -> None:
    elsewhere = remote.address.replace("s3://bucket", "s3://nobucket")
    with pytest.raises(WorkError, match=r"must be copied to s3://nobucket.*put that right and repeat the command"):
        copy_to_destination(pushed, elsewhere, "demo")


def test_doctor_says_whether_the_store_can_be_reached(remote: Remote) -> None:
    assert check_destination(remote.address).ok
    elsewhere = check_destination(remote.address.replace("s3://bucket", "s3://nobucket"))
    assert (elsewhere.found.endswith("there is no such bucket"), elsewhere.ok) == (True, False)


def test_no_message_repeats_keys_that_stand_in_an_address(pushed: Path) -> None:
    address = "s3://bucket/models?secret_key=hunter2"
    with pytest.raises(WorkError, match=r"must be copied to s3://bucket/models\?secret_key=\*\*\*") as caught:
        copy_to_destination(pushed, address, "demo")
    found = check_destination(address)
    assert "Unexpected query parameter" in str(caught.value) and "Unexpected query parameter" in found.found
    assert "hunter2" not in str(caught.value) + found.found


def test_nothing_is_copied_when_nothing_was_pushed(tmp_path: Path, remote: Remote) -> None:
    copy_to_destination(tmp_path, remote.address, "demo")
    assert remote.objects() == {}
