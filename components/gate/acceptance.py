"""A person's word that a refused model may go out: a record keyed by the model and by what it was judged against."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from seq2seq_tfx.components.files import sha256_of_texts, write_atomically
from seq2seq_tfx.schemas.errors import InputError, WorkError

_FOLDER: Final = ".acceptances"
_LONGEST_REASON: Final = 2_000


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """One refusal that does not count."""

    candidate: str
    """The accepted model's `export_id`."""
    baseline: str | None
    """That of the model it was judged against; None for a first model."""
    reason: str
    accepted_at: str
    """UTC, ISO 8601."""


def accept(
    push_directory: Path,
    candidate: str,
    baseline: str | None,
    reason: str,
    clock: Callable[[], float] | None = None,
) -> Acceptance:
    """Record that a model may be pushed although the gate refuses it; an earlier record of the same is replaced.

    Args:
        push_directory: The folder of the pushed versions; made if missing.
        candidate: The model's `export_id`.
        baseline: That of the model it is judged against; None for a first model.
        reason: Why, in a person's words.
        clock: Seconds since 1970; replaced in tests.

    Raises:
        InputError: If no reason is given, or a very long one.
    """
    words = checked_reason(reason)
    now = datetime.fromtimestamp(clock(), timezone.utc) if clock else datetime.now(timezone.utc)
    made = Acceptance(
        candidate=candidate, baseline=baseline, reason=words, accepted_at=now.isoformat(timespec="seconds")
    )
    text = json.dumps(asdict(made), indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(_path(push_directory, candidate, baseline), f"{text}\n".encode())
    return made


def checked_reason(reason: str) -> str:
    """A reason as it is recorded, on one line.

    Raises:
        InputError: If it is empty, or very long.
    """
    words = " ".join(reason.split())
    if not 0 < len(words) <= _LONGEST_REASON:
        raise InputError(
            f"--accept must give a reason of at most {_LONGEST_REASON:,} characters, got {len(words):,}; "
            "say why this model may go out: it stands in the model card"
        )
    return words


def acceptance_of(push_directory: Path, candidate: str, baseline: str | None) -> Acceptance | None:
    """The record for a model and what it is judged against; None if there is none.

    Raises:
        WorkError: If it cannot be read.
    """
    path = _path(push_directory, candidate, baseline)
    try:
        return Acceptance(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise WorkError(
            f"{path} must be the record that --accept wrote, and cannot be read ({error}); delete it, and accept again"
        ) from error


def _path(push_directory: Path, candidate: str, baseline: str | None) -> Path:
    return push_directory / _FOLDER / f"{sha256_of_texts(candidate, baseline or '')[:32]}.json"
