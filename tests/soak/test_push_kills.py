"""`make soak`: fifty times `kill -9` while pushing, with readers reading; what was seen goes to docs/results."""

import subprocess
import time
from pathlib import Path

from push_kills import Tally, kill_again_and_again

RESULTS = Path(__file__).parents[2] / "docs" / "results" / "push_kills.md"


def test_every_version_is_whole_and_every_translation_is_of_one_when_pushes_are_killed_fifty_times(
    tmp_path: Path,
) -> None:
    started = time.monotonic()
    seen = kill_again_and_again(tmp_path, kills=50)
    assert seen.half_done > 5, "the kills must come in the middle of copying"
    assert seen.read_versions > 5, "the readers must see several versions"
    _write_results(seen, time.monotonic() - started)


def _write_results(seen: Tally, seconds: float) -> None:
    revision = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    RESULTS.write_text(
        "# Killed while pushing\n\n"
        f"Measured on commit `{revision}`, by `make soak`, in {seconds / 60:.1f} minutes.\n\n"
        "A process that pushed one model after the other was killed with `kill -9` at random moments, while two\n"
        "others translated with the version in use. After each kill every version was whole, and `current` named one\n"
        "of them; every translation came from one version alone.\n\n"
        f"- kills: {seen.kills}, {seen.half_done} of them while a version was being copied, {seen.finished_later} "
        "between its\n  appearance and its use\n"
        f"- versions pushed: {seen.versions}\n"
        f"- translations by the readers: {seen.readings}, with {seen.read_versions} different versions\n"
    )
