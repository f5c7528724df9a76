"""Section `export`: what the exported model computes in."""

from typing import Literal

from seq2seq_tfx.schemas.config.section import Section


class ExportConfig(Section):
    """What the exported model computes in."""

    compute_type: Literal["float32"] = "float32"
    """Arithmetic of the SavedModel."""
