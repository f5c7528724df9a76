"""What the export stage receives."""

from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.export import ExportConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.section import Section


class ExportSettings(Section):
    """What is joined with the weights."""

    decoding: DecodingConfig
    export: ExportConfig
    languages: Languages
    normalisation: NormalisationConfig
