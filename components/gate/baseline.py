"""Which model a candidate is judged against: the one in use, never the candidate itself. Light: no TFX."""

from pathlib import Path

from seq2seq_tfx.components.versions import Identity, current_version


def baseline_of(push_directory: Path, candidate_export_id: str) -> Identity | None:
    """The model that a candidate must not be worse than.

    That is the version in use. If the candidate is in use itself, it is the one that the candidate replaced: so the run
    after a push finds the baseline that the push found, and has nothing to do.

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
    return in_use.replaced if in_use.identity.export_id == candidate_export_id else in_use.identity


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
