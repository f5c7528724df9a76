"""Where models may be copied to."""

from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: demo\nlanguages: {source: en, target: es}\ncorpora: [{name: a, split: auto, path: pairs.tsv}]\n"


def load(folder: Path, destination: str) -> str | None:
    path = folder / "pipeline.yaml"
    path.write_text(f"{HEAD}push: {{destination: '{destination}'}}\n")
    return load_config(path).config.push.destination


@pytest.mark.parametrize(
    "address", ["s3://bucket", "s3://bucket/a/b", "s3://bucket/a?endpoint_override=127.0.0.1:5000&scheme=http"]
)
def test_a_folder_of_a_bucket_is_a_destination(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, address) == address


@pytest.mark.parametrize(
    "address",
    ["/models", "gs://bucket/a", "s3://", "s3://key:secret@bucket/a", "s3://key@bucket", "s3://bucket?access_key=a"],
)
def test_anything_else_and_keys_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, address)
    (problem,) = caught.value.problems
    assert "push.destination: must be an address like s3://bucket/folder, without keys" in problem


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIA:hunter2@bucket/a",
        "s3://AKIA:hun/ter2+hunter2@bucket",
        "s3://AKIA:hunter2/folder",
        "AKIA:hunter2@bucket/a",
        "s3://bucket/a-rather-long-folder-so-that-a-message-cuts-it?secret_key=hunter2",
    ],
)
def test_a_refused_address_is_shown_without_its_keys(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, address)
    assert "hunter2" not in str(caught.value) and "got '" in str(caught.value)
    path = tmp_path / "pipeline.yaml"
    path.write_text(HEAD)
    with pytest.raises(ConfigError) as caught:
        load_config(path, [f"push.destination={address}"])
    assert "hunter2" not in str(caught.value) and "--set push.destination=" in str(caught.value)
