"""What the evaluation stage receives of the configuration."""

from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section


class EvaluationSettings(Section):
    """How translations are scored, and the language that decides how they are tokenised."""

    evaluation: EvaluationConfig
    languages: Languages
