"""Section `validation`: what the examples must satisfy before training."""

from seq2seq_tfx.schemas.config.section import Section


class ValidationConfig(Section):
    """What the examples must satisfy before training starts."""

    fail_on_anomalies: bool = True
    """Stop the run when TensorFlow Data Validation finds an anomaly against the schema."""
