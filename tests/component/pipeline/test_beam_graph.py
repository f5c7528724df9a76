"""The Beam runner reaches the stages, and is no part of what TFX's cache and the plan compare."""

import pytest
from tfx.dsl.compiler.compiler import Compiler
from tfx.dsl.compiler.placeholder_utils import ResolutionContext, resolve_placeholder_expression
from tfx.orchestration.portable.data_types import ExecutionInfo
from tfx.orchestration.portable.runtime_parameter_utils import substitute_runtime_parameter
from tfx.proto.orchestration import executable_spec_pb2, pipeline_pb2

from seq2seq_tfx.pipeline.beam_arguments import argument_environment, beam_arguments
from seq2seq_tfx.pipeline.composition import Composition, compose
from seq2seq_tfx.pipeline.graph import create_pipeline
from seq2seq_tfx.schemas.config.loading import load_config

CONFIG = """\
name: moved
languages: {source: en, target: es}
corpora: [{name: a, split: auto, path: pairs.tsv}]
beam: """
SERVICES = "job_endpoint: 'jobs:1', worker_pool: 'pool:2'"
SECTIONS = [
    "{}",
    f"{{runner: portable, {SERVICES}, parallelism: 2, options: ['--experiments=a', '--b=c d']}}",
    f"{{runner: flink, {SERVICES}, flink_rest: 'flink:3', stall_minutes: 1}}",
]
ON_BEAM = {"corpus", "statistics", "transform", "evaluation"}


@pytest.fixture(scope="module")
def compositions(tmp_path_factory: pytest.TempPathFactory) -> list[Composition]:
    """One configuration file, with another section `beam` each time."""
    folder = tmp_path_factory.mktemp("moved")
    (folder / "pairs.tsv").write_text("a\tb\n")
    composed = []
    for section in SECTIONS:
        (folder / "pipeline.yaml").write_text(f"{CONFIG}{section}\n")
        composed.append(compose(load_config(folder / "pipeline.yaml")))
    return composed


@pytest.fixture(scope="module")
def compiled(compositions: list[Composition]) -> list[pipeline_pb2.Pipeline]:
    """The pipelines as TFX runs and hashes them."""
    made = [Compiler().compile(create_pipeline(composition)) for composition in compositions]
    for each in made:
        substitute_runtime_parameter(each, {"pipeline-run-id": "1"})
    return made


def deployment(pipeline: pipeline_pb2.Pipeline) -> pipeline_pb2.IntermediateDeploymentConfig:
    """What runs each node, and where; its serialized form has no fixed order."""
    config = pipeline_pb2.IntermediateDeploymentConfig()
    pipeline.deployment_config.Unpack(config)
    return config


def beam_specs(pipeline: pipeline_pb2.Pipeline) -> dict[str, executable_spec_pb2.BeamExecutableSpec]:
    """Of the stages that TFX hands Beam arguments to."""
    specs = {}
    for node, packed in deployment(pipeline).executor_specs.items():
        spec = executable_spec_pb2.BeamExecutableSpec()
        if packed.Unpack(spec):
            specs[node] = spec
    return specs


def test_nothing_that_is_hashed_changes_when_only_the_runner_does(
    compositions: list[Composition], compiled: list[pipeline_pb2.Pipeline]
) -> None:
    assert len({composition.beam.to_json() for composition in compositions}) == len(SECTIONS)
    local, *others = compositions
    assert [each.parameters for each in others] == [local.parameters] * len(others)
    for each in compiled[1:]:
        assert (each.pipeline_info, list(each.nodes)) == (compiled[0].pipeline_info, list(compiled[0].nodes))
        assert deployment(each) == deployment(compiled[0])


def test_every_stage_with_beam_jobs_gets_the_runner_s_arguments(
    compositions: list[Composition], compiled: list[pipeline_pb2.Pipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = beam_specs(compiled[0])
    assert set(specs) >= ON_BEAM
    for composition in compositions:
        arguments = beam_arguments(composition.beam, processors=1)
        for name, value in argument_environment(arguments).items():
            monkeypatch.setenv(name, value)
        for spec in specs.values():
            context = ResolutionContext(exec_info=ExecutionInfo(), executor_spec=spec)
            given = [resolve_placeholder_expression(each, context) for each in spec.beam_pipeline_args_placeholders]
            assert given[: len(arguments)] == list(arguments)
            assert set(given) == set(arguments)
