"""Which folder a user's MODEL means."""

from pathlib import Path

import pytest

from seq2seq_tfx.components.translation.locating import find_export, read_export_record, translation_settings
from seq2seq_tfx.schemas.config.translation import TranslationConfig
from seq2seq_tfx.schemas.errors import InputError


def export(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    return folder


def test_a_version_an_export_and_an_artifact_are_found(tmp_path: Path) -> None:
    version = export(tmp_path / "pushed/1")
    serving = export(tmp_path / "artifact/Format-Serving")
    assert find_export(version) == version
    assert find_export(serving) == serving
    assert find_export(tmp_path / "artifact") == serving


def test_the_folder_of_versions_means_the_version_in_use(tmp_path: Path) -> None:
    export(tmp_path / "1")
    version = export(tmp_path / "2")
    export(tmp_path / "10")
    (tmp_path / "current").write_text("2\n")
    assert find_export(tmp_path) == version


@pytest.mark.parametrize(
    ("current", "message"), [("3", "got 3, which is not there"), ("x", "number of a version"), (None, "holds neither")]
)
def test_a_folder_without_a_version_in_use_is_refused(tmp_path: Path, current: str | None, message: str) -> None:
    export(tmp_path / "1")
    if current is not None:
        (tmp_path / "current").write_text(current)
    with pytest.raises(InputError, match=message):
        find_export(tmp_path)


def test_what_does_not_exist_or_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for name in ("file", "nothing"):
        with pytest.raises(InputError, match=f"{name} is no folder"):
            find_export(tmp_path / name)


def test_a_missing_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="export.json must say what the export was made of"):
        read_export_record(tmp_path)


def test_a_pushed_version_says_how_it_translates_and_a_bare_export_has_the_defaults(tmp_path: Path) -> None:
    assert translation_settings(tmp_path) == TranslationConfig()
    provenance = tmp_path / "provenance.json"
    provenance.write_text('{"config": {"translation": {"engine": "saved_model", "batch_size": 7}}}')
    assert translation_settings(tmp_path) == TranslationConfig(engine="saved_model", batch_size=7)
    provenance.write_text('{"config": {}}')
    assert translation_settings(tmp_path) == TranslationConfig()


@pytest.mark.parametrize("content", ["", "[]", '{"config": {"translation": {"later": 1}}}'])
def test_a_version_that_does_not_say_how_it_translates_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "provenance.json").write_text(content)
    with pytest.raises(InputError, match="provenance.json must say how the version translates"):
        translation_settings(tmp_path)
