"""What the statistics stage receives: nothing of the configuration."""

from seq2seq_tfx.schemas.config.section import Section


class StatisticsSettings(Section):
    """The declared settings of StatisticsGen: none."""
