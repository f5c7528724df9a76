"""Which model a candidate is judged against: the one in use, never the candidate itself. Light: no TFX."""

from pathlib import Path

from seq2seq_tfx.components.versions import Identity, current_version, find_version


def baseline_of(push_directory: Path, candidate_export_id: str) -> Identity | None:
    """The model that a candidate must not be worse than.

    That is the version in use. If the candidate was pushed before, in use or not, it is the one that the candidate
    replaced: so a run that is repeated after a push, a roll back or `models use` finds the baseline that its push
    found, and has nothing to do.

    Args:
        push_directory: The folder of the pushed versions.
        candidate_export_id: The candidate's identity.

    Returns:
        The baseline; None for a first model.

    Raises:
        WorkError: If the version in use is not there, or its record cannot be read.
    """
    in_use = current_version(push_directory)
    if in_use is None:
        return None
    pushed = find_version(push_directory, candidate_export_id)
    if pushed is None:
        return in_use.identity
    replaced = pushed.replaced
    is_gone = replaced is not None and not (push_directory / str(replaced.number)).is_dir()
    return in_use.identity if is_gone and not pushed.current else replaced


def baseline_export_id(push_directory: Path, candidate_export_id: str) -> str | None:
    """The `export_id` of the model that a candidate must not be worse than; None for a first model.

    Args:
        push_directory: The folder of the pushed versions.
        candidate_export_id: The candidate's identity.

    Raises:
        WorkError: If the version in use is not there, or its record cannot be read.
    """
    baseline = baseline_of(push_directory, candidate_export_id)
    return None if baseline is None else baseline.export_id
