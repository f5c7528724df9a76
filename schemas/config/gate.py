"""Section `gate`: what a model must reach to be pushed."""

from seq2seq_tfx.schemas.config.evaluation import Metric
from seq2seq_tfx.schemas.config.section import Section

Points = dict[Metric, float]


class GateConfig(Section):
    """What a model must reach to be pushed."""

    minima: Points = {}
    """Lowest allowed score on the pooled test split (for ter: the highest allowed)."""
    max_loss: Points = {"bleu": 1.0, "chrf": 1.0}
    """Largest allowed loss in points against the model in use."""
