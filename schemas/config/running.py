"""Sections `beam` and `metadata`: where the work runs and is recorded."""

from typing import Literal

from seq2seq_tfx.schemas.config.section import Section


class BeamConfig(Section):
    """Where Beam jobs run."""

    runner: Literal["local"] = "local"
    """`local` is Beam's in-process runner."""


class MetadataConfig(Section):
    """Where ML Metadata lives."""

    backend: Literal["sqlite"] = "sqlite"
    """A SQLite file under `root`."""
