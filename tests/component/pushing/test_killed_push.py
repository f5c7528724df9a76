"""`kill -9` while pushing, with readers reading."""

from pathlib import Path

from push_kills import kill_again_and_again


def test_every_version_is_whole_and_every_translation_is_of_one_when_pushes_are_killed(tmp_path: Path) -> None:
    seen = kill_again_and_again(tmp_path, kills=5)
    assert seen.kills == 5 and seen.versions > 1
    assert seen.readings > 5
