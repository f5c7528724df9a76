"""Section `gate`: what a model must reach to be pushed. Every default is argued in `docs/gate.md`."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.evaluation import Metric, Quality
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.config.text_checks import TextCheck

Points = dict[Quality, Annotated[float, Field(ge=0)]]
Share = Annotated[float, Field(ge=0, le=1)]


class GateConfig(Section):
    """What a model must reach to be pushed."""

    minima: dict[Metric, float] = {}
    """Lowest allowed score on the pooled test split (for ter: the highest allowed)."""
    max_loss: Points = {"bleu": 2.5, "chrf": 2.0}
    """Largest allowed loss in points against the model in use, on the pooled test split."""
    margins: Points = {"bleu": 5.0, "chrf": 4.0}
    """The loss that must be ruled out with `confidence` on the pooled test split, in points."""
    min_slice_sentences: Annotated[int, Field(ge=1)] = 400
    """Smaller slices are shown and not judged."""
    max_slice_loss: Points = {"bleu": 2.5, "chrf": 2.0}
    """As `max_loss`, on every slice that is judged."""
    slice_margins: Points = {"bleu": 5.0, "chrf": 4.0}
    """As `margins`, on every slice that is judged."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """How sure the gate must be of all its comparisons together that no margin is crossed."""
    resamples: Annotated[int, Field(ge=100)] = 2000
    """Test sets drawn for each comparison."""
    max_failures: dict[TextCheck, Share] = {
        "empty": 0.005,
        "copied_source": 0.01,
        "loop": 0.005,
        "wrong_script": 0.01,
        "wrong_language": 0.02,
        "lost_number": 0.05,
        "lost_markup": 0.05,
        "truncated": 0.01,
    }
    """Largest share of failed translations by check, beyond the share of references that fail it."""
