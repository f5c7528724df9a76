"""The TFX pipeline with and without pre-training has the stages and inputs that the plan reads."""

from pathlib import Path

import pytest
from tfx.orchestration.pipeline import Pipeline

from seq2seq_tfx.pipeline.composition import Composition, compose
from seq2seq_tfx.pipeline.graph import create_pipeline
from seq2seq_tfx.pipeline.stages import RESOLVERS
from seq2seq_tfx.schemas.config.loading import load_config

CONFIG = """\
name: begun
languages: {source: en, target: es}
corpora:
  - {name: a, split: auto, path: pairs.tsv}
model: {family: bert}
"""


def composed(folder: Path, pretraining: str, config: str = CONFIG) -> Composition:
    (folder / "pipeline.yaml").write_text(f"{config}pretraining: {pretraining}\n")
    (folder / "pairs.tsv").write_text("a\tb\n")
    return compose(load_config(folder / "pipeline.yaml"))


def inputs_of(pipeline: Pipeline, node: str) -> dict[str, tuple[str, str]]:
    """Input key to (producing node, its output key)."""
    (component,) = (each for each in pipeline.components if each.id == node)
    return {
        key: (channel.producer_component_id, channel.output_key)
        for key, channels in component.inputs.items()
        for channel in (channels if isinstance(channels, list) else [channels])
    }


MONOLINGUAL = "corpora:\n  - {name: news, kind: monolingual, side: target, split: train, path: pairs.tsv}"


@pytest.mark.parametrize("monolingual", [False, True])
@pytest.mark.parametrize("pretraining", ["{objective: masked}", "{}"])
def test_nodes_and_inputs_are_those_of_the_table(pretraining: str, monolingual: bool, tmp_path: Path) -> None:
    config = CONFIG.replace("corpora:", MONOLINGUAL) + "vocabulary: {monolingual: true}\n" if monolingual else CONFIG
    composition = composed(tmp_path, pretraining, config)
    pipeline = create_pipeline(composition)
    names = [stage.name for stage in composition.stages]
    assert {each.id for each in pipeline.components} - set(RESOLVERS) == set(names)
    for stage in composition.stages:
        if all(node not in RESOLVERS for node, _ in stage.inputs.values()):
            assert inputs_of(pipeline, stage.name) == stage.inputs, stage.name
    assert ("monolingual" in inputs_of(pipeline, "vocabulary")) == monolingual
    assert ("pretraining" in names) == ("pretrained" in inputs_of(pipeline, "training")) == ("masked" in pretraining)


def test_a_run_up_to_pretraining_ends_there(tmp_path: Path) -> None:
    pipeline = create_pipeline(composed(tmp_path, "{objective: masked}"), "pretraining")
    nodes = {each.id for each in pipeline.components}
    assert "pretraining" in nodes and "training" not in nodes
