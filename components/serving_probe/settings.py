"""What the probe stage receives."""

from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig


class ProbeSettings(Section):
    """Limits of the probe's process, and how many eval sentences it translates."""

    serving_probe: ServingProbeConfig
