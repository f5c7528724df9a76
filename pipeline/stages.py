"""The stages: their names, order, folders, declared settings, and which output feeds which input.

The table is what `plan` reads without importing TFX; a test holds it against the compiled pipeline.
"""

from dataclasses import dataclass, field, replace

from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.exporting.settings import ExportSettings
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.preprocessing.settings import TransformSettings
from seq2seq_tfx.components.pretraining.settings import PretrainingSettings
from seq2seq_tfx.components.pushing.settings import PushSettings
from seq2seq_tfx.components.schema.settings import SchemaSettings
from seq2seq_tfx.components.serving_probe.settings import ProbeSettings
from seq2seq_tfx.components.statistics.settings import StatisticsSettings
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.translation.settings import TranslationSettings
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.schemas.config.pipeline import PipelineConfig
from seq2seq_tfx.schemas.config.section import Section


@dataclass(frozen=True)
class Stage:
    """One node of the pipeline that does work."""

    name: str
    """Node id, and name on the command line."""
    folder: str
    """Its folder under `components/`."""
    settings: type[Section]
    """The declared part of the configuration that it receives."""
    inputs: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Input key to (producing node, its output key)."""


BASELINE = "baseline"
"""The Resolver node that names the model in use; it runs every time and computes nothing."""

DRIFT_BASELINE = "drift_baseline"
"""The Resolver node that names the data of the model in use; the same."""

RESOLVERS = (BASELINE, DRIFT_BASELINE)

PRETRAINING = "pretraining"
"""The stage that is in the pipeline where the configuration says so."""

EXAMPLES, SENTENCES = ("corpus", "examples"), ("corpus", "monolingual")
STATISTICS, MODEL = ("statistics", "statistics"), ("export", "exported_model")

STAGES = (
    Stage("corpus", "corpus", CorpusSettings),
    Stage("vocabulary", "vocabulary", VocabularySettings, {"examples": EXAMPLES, "monolingual": SENTENCES}),
    Stage("statistics", "statistics", StatisticsSettings, {"examples": EXAMPLES}),
    Stage("schema", "schema", SchemaSettings),
    Stage(
        "validation",
        "validation",
        ValidationSettings,
        {
            "statistics": STATISTICS,
            "schema": ("schema", "schema"),
            "baseline_statistics": (DRIFT_BASELINE, "statistics"),
        },
    ),
    Stage(
        "transform",
        "preprocessing",
        TransformSettings,
        {"examples": EXAMPLES, "schema": ("schema", "schema"), "vocabulary": ("vocabulary", "vocabulary")},
    ),
    Stage(
        PRETRAINING,
        "pretraining",
        PretrainingSettings,
        {
            "examples": ("transform", "transformed_examples"),
            "monolingual": SENTENCES,
            "vocabulary": ("vocabulary", "vocabulary"),
        },
    ),
    Stage(
        "training",
        "training",
        TrainingSettings,
        {
            "examples": ("transform", "transformed_examples"),
            "transform_graph": ("transform", "transform_graph"),
            "vocabulary": ("vocabulary", "vocabulary"),
            "pretrained": (PRETRAINING, "pretrained_encoder"),
        },
    ),
    Stage(
        "export",
        "exporting",
        ExportSettings,
        {"model": ("training", "model"), "examples": ("transform", "transformed_examples")},
    ),
    Stage("probe", "serving_probe", ProbeSettings, {"model": MODEL, "examples": EXAMPLES}),
    Stage("translations", "translation", TranslationSettings, {"examples": EXAMPLES, "model": MODEL}),
    Stage(
        "evaluation",
        "evaluation",
        EvaluationSettings,
        {"examples": ("translations", "translations"), "training_examples": EXAMPLES},
    ),
    Stage(
        "baseline_translations",
        "translation",
        TranslationSettings,
        {"examples": EXAMPLES, "model": (BASELINE, "model")},
    ),
    Stage(
        "gate",
        "gate",
        GateSettings,
        {
            "evaluation": ("evaluation", "evaluation"),
            "translations": ("translations", "translations"),
            "baseline_translations": ("baseline_translations", "translations"),
            "model": MODEL,
        },
    ),
    Stage(
        "push",
        "pushing",
        PushSettings,
        {
            "model": MODEL,
            "model_blessing": ("gate", "blessing"),
            "infra_blessing": ("probe", "blessing"),
            "decision": ("gate", "decision"),
            "ledger": ("corpus", "ledger"),
            "trained": ("training", "model"),
        },
    ),
)
"""Every stage that there can be, in the order it runs."""


def stages_of(config: PipelineConfig) -> tuple[Stage, ...]:
    """The stages of a pipeline with this configuration, each with the inputs that it then reads."""
    pretraining = config.pretraining
    pretrains = pretraining.objective != "none" and pretraining.take_from is None
    present = [stage for stage in STAGES if stage.name != PRETRAINING or pretrains]
    names, readers = {*(stage.name for stage in present), *RESOLVERS}, _readers_of_sentences(config)
    return tuple(
        replace(
            stage,
            inputs={
                key: origin
                for key, origin in stage.inputs.items()
                if origin[0] in names and (origin != SENTENCES or stage.name in readers)
            },
        )
        for stage in present
    )


def _readers_of_sentences(config: PipelineConfig) -> tuple[str, ...]:
    """The stages that monolingual corpora are for."""
    if all(corpus.side is None for corpus in config.corpora):
        return ()
    return ("vocabulary", PRETRAINING) if config.vocabulary.monolingual else (PRETRAINING,)


NAMES = tuple(stage.name for stage in STAGES)
GATE = "gate"
VERDICTS = {"probe": "blessing", GATE: "blessing"}
"""Stages that may refuse a model, and the output that says so."""
