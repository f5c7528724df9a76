"""The whole configuration file, section by section."""

from typing import Annotated

from pydantic import Field

from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.decoding import DecodingConfig
from seq2seq_tfx.schemas.config.evaluation import EvaluationConfig
from seq2seq_tfx.schemas.config.export import ExportConfig
from seq2seq_tfx.schemas.config.gate import GateConfig
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.model import ModelConfig
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.pretraining import PretrainingConfig
from seq2seq_tfx.schemas.config.push import PushConfig
from seq2seq_tfx.schemas.config.running import BeamConfig, MetadataConfig
from seq2seq_tfx.schemas.config.section import Name, Section
from seq2seq_tfx.schemas.config.serving_probe import ServingProbeConfig
from seq2seq_tfx.schemas.config.splits import SplitsConfig
from seq2seq_tfx.schemas.config.training import TrainingConfig
from seq2seq_tfx.schemas.config.translation import TranslationConfig
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig


class PipelineConfig(Section):
    """Everything a run needs to know."""

    name: Name
    """Name of the pipeline."""
    languages: Languages
    """The two languages."""
    root: str = "work"
    """Folder of metadata, artifacts, checkpoints and pushed models, relative to this file."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Same seed, code, data and machine: same weights."""
    corpora: Annotated[tuple[Corpus, ...], Field(min_length=1)]
    """The corpora: parallel ones, and monolingual ones for `pretraining` and the vocabulary."""
    normalisation: NormalisationConfig = NormalisationConfig()
    cleaning: CleaningConfig = CleaningConfig()
    validation: ValidationConfig = ValidationConfig()
    splits: SplitsConfig = SplitsConfig()
    vocabulary: VocabularyConfig = VocabularyConfig()
    model: ModelConfig = ModelConfig()
    pretraining: PretrainingConfig = PretrainingConfig()
    training: TrainingConfig = TrainingConfig()
    decoding: DecodingConfig = DecodingConfig()
    export: ExportConfig = ExportConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    gate: GateConfig = GateConfig()
    serving_probe: ServingProbeConfig = ServingProbeConfig()
    push: PushConfig = PushConfig()
    translation: TranslationConfig = TranslationConfig()
    beam: BeamConfig = BeamConfig()
    metadata: MetadataConfig = MetadataConfig()
