"""The pipeline, in TFX's own terms: every stage, and what flows between them. A pure function of the composition."""

from collections.abc import Mapping
from typing import Any

from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.resolver import Resolver
from tfx.dsl.placeholder import placeholder
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline

from seq2seq_tfx.components.corpus.component import ParallelCorpusExampleGen
from seq2seq_tfx.components.evaluation.component import TranslationEvaluator
from seq2seq_tfx.components.exporting.component import Exporter
from seq2seq_tfx.components.gate.component import ReleaseGate
from seq2seq_tfx.components.gate.resolver import ModelInUseStrategy
from seq2seq_tfx.components.preprocessing.component import SubwordTransform
from seq2seq_tfx.components.pretraining.component import Pretrainer
from seq2seq_tfx.components.pushing.component import ModelPusher
from seq2seq_tfx.components.schema.component import SchemaImport
from seq2seq_tfx.components.serving_probe.component import ServingProbe
from seq2seq_tfx.components.statistics.component import CorpusStatistics
from seq2seq_tfx.components.training.component import ModelTrainer
from seq2seq_tfx.components.translation.component import Translator
from seq2seq_tfx.components.validation.component import ExampleValidation
from seq2seq_tfx.components.validation.resolver import DataInUseStrategy
from seq2seq_tfx.components.vocabulary.component import VocabularyBuilder
from seq2seq_tfx.pipeline.beam_arguments import ARGUMENT_VARIABLES
from seq2seq_tfx.pipeline.composition import Composition
from seq2seq_tfx.pipeline.stages import BASELINE, DRIFT_BASELINE, PRETRAINING, Stage

COMPONENTS: Mapping[str, Any] = {
    "corpus": ParallelCorpusExampleGen,
    "vocabulary": VocabularyBuilder,
    "statistics": CorpusStatistics,
    "schema": SchemaImport,
    "validation": ExampleValidation,
    "transform": SubwordTransform,
    PRETRAINING: Pretrainer,
    "training": ModelTrainer,
    "export": Exporter,
    "probe": ServingProbe,
    "translations": Translator,
    "evaluation": TranslationEvaluator,
    "baseline_translations": Translator,
    "gate": ReleaseGate,
    "push": ModelPusher,
}


def create_pipeline(composition: Composition, until: str | None = None) -> Pipeline:
    """Wire the composition's stages into a TFX pipeline.

    Args:
        composition: What each stage receives.
        until: The last stage wanted; all by default.
    """
    nodes: dict[str, BaseNode] = {}
    for stage in composition.stages:
        _add_stage(nodes, stage, composition)
        if stage.name == until:
            break
    return Pipeline(
        pipeline_name=composition.name,
        pipeline_root=str(composition.root.artifacts),
        metadata_connection_config=metadata.sqlite_metadata_connection_config(str(composition.root.metadata)),
        components=list(nodes.values()),
        enable_cache=True,
        beam_pipeline_args=[placeholder.environment_variable(name) for name in ARGUMENT_VARIABLES],
    )


def _add_stage(nodes: dict[str, BaseNode], stage: Stage, composition: Composition) -> None:
    for name, resolver in (BASELINE, _baseline), (DRIFT_BASELINE, _drift_baseline):
        if any(node == name for node, _ in stage.inputs.values()):
            _append(nodes, name, resolver(nodes, composition))
    channels = {key: nodes[node].outputs[output] for key, (node, output) in stage.inputs.items()}
    component = COMPONENTS[stage.name](**channels, **composition.parameters[stage.name])
    _append(nodes, stage.name, component.with_id(stage.name))


def _baseline(nodes: dict[str, BaseNode], composition: Composition) -> BaseNode:
    return Resolver(
        strategy_class=ModelInUseStrategy,
        config={"push_directory": str(composition.push_directory)},
        model=nodes["export"].outputs["exported_model"],
    ).with_id(BASELINE)


def _drift_baseline(nodes: dict[str, BaseNode], composition: Composition) -> BaseNode:
    return Resolver(
        strategy_class=DataInUseStrategy,
        config={"push_directory": str(composition.push_directory), **composition.parameters["validation"]},
        statistics=nodes["statistics"].outputs["statistics"],
    ).with_id(DRIFT_BASELINE)


def _append(nodes: dict[str, BaseNode], name: str, node: BaseNode) -> None:
    """Keep the stages in the order of the table: a failed validation must stop the run before training."""
    if nodes:
        node.add_upstream_node(list(nodes.values())[-1])
    nodes[name] = node
