"""Section `serving_probe`: how the export is tried in a fresh process."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class ServingProbeConfig(Section):
    """How the export is tried in a fresh process."""

    timeout_seconds: Annotated[int, Field(ge=1)] = 300
    """The probe's process is stopped after so long."""
    max_memory_mib: Annotated[int, Field(ge=256)] = 4096
    """Largest resident memory of the probe's process."""
    sentences: Annotated[int, Field(ge=1, le=1000)] = 16
    """How many eval sentences are translated beside the fixed hard cases."""
    rounds: Annotated[int, Field(ge=2, le=1000)] = 6
    """How often the eval sentences are asked one at a time, to see whether memory grows."""
    max_growth_mib: Annotated[int, Field(ge=1)] = 32
    """How much the resident memory may grow from the first of these rounds to the last."""
    max_latency_seconds: Annotated[float, Field(gt=0)] | None = None
    """Longest time of a sentence asked alone, the median of all; no limit by default, since machines differ."""
