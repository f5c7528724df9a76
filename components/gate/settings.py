"""What the gate receives of the configuration."""

from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.config.gate import GateConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.section import Section


class GateSettings(Section):
    """What a model must reach, and how the model in use is scored."""

    gate: GateConfig
    evaluation: EvaluationConfig
    languages: Languages
