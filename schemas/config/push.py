"""Section `push`: where proven models go."""

from seq2seq_tfx.schemas.config.section import Section


class PushConfig(Section):
    """Where proven models go."""

    directory: str = "pushed"
    """Folder of the versions, relative to `root`."""
