"""Section `validation`: what the examples must satisfy before training."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section


class ValidationConfig(Section):
    """What the examples must satisfy before training starts."""

    fail_on_anomalies: bool = True
    """Stop the run when TensorFlow Data Validation finds an anomaly against the schema."""
    max_skew: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Stop the run, too, when lengths or shares (digits, Latin letters) of eval or test are spread otherwise than in
    train: the largest Jensen-Shannon divergence allowed. 1,000 pairs of the same kind reach 0.01; another kind, 0.5."""
    max_drift: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Stop the run, too, when they are spread in train otherwise than in the data of the model in use: the largest
    Jensen-Shannon divergence allowed, for instance 0.1. Without a model in use there is nothing to compare with."""
