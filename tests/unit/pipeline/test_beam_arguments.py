"""What Beam is given for each runner, and how many variables carry it."""

import pytest

from seq2seq_tfx.pipeline.beam_arguments import ARGUMENT_VARIABLES, argument_environment, beam_arguments
from seq2seq_tfx.schemas.config.running import MOST_OPTIONS, BeamConfig

LOCAL = "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"
SERVICES = {"job_endpoint": "jobs:1", "worker_pool": "pool:2"}
WATCHED = [
    "--runner=seq2seq_tfx.pipeline.watched_runner.WatchedRunner",
    "--job_endpoint=jobs:1",
    "--environment_type=EXTERNAL",
    "--environment_config=pool:2",
    "--stall_minutes=30.0",
    "--sdk_container_image=unused",
]
PROCESSES = "--direct_running_mode=multi_processing"


@pytest.mark.parametrize(
    ("section", "arguments"),
    [
        ({}, [LOCAL, "--sdk_container_image=unused"]),
        ({"options": ["--a=b"]}, [LOCAL, "--sdk_container_image=unused", "--a=b"]),
        ({"runner": "multi_processing"}, [LOCAL, "--sdk_container_image=unused", PROCESSES, "--direct_num_workers=7"]),
        (
            {"runner": "multi_processing", "parallelism": 3},
            [LOCAL, "--sdk_container_image=unused", PROCESSES, "--direct_num_workers=3"],
        ),
        ({"runner": "portable", **SERVICES}, WATCHED),
        ({"runner": "spark", **SERVICES, "options": ["--a"]}, [*WATCHED, "--a"]),
        (
            {"runner": "flink", **SERVICES, "flink_rest": "flink:3", "parallelism": 4},
            [*WATCHED, "--flink_rest=flink:3", "--parallelism=4", "--sdk_worker_parallelism=4"],
        ),
        (
            {"runner": "portable", **SERVICES, "parallelism": 64},
            [*WATCHED, "--parallelism=64", "--sdk_worker_parallelism=7"],
        ),
        (
            {"runner": "dataflow", "options": ["--project=p", "--sdk_container_image=i"]},
            [
                "--runner=apache_beam.runners.dataflow.dataflow_runner.DataflowRunner",
                "--project=p",
                "--sdk_container_image=i",
            ],
        ),
    ],
)
def test_the_arguments_are_those_of_the_runner(section: dict[str, object], arguments: list[str]) -> None:
    assert list(beam_arguments(BeamConfig.model_validate(section), processors=7)) == arguments


def test_every_variable_has_a_value_that_changes_nothing_when_there_are_few_arguments() -> None:
    environment = argument_environment(["--runner=a", "--b=c"])
    assert tuple(environment) == ARGUMENT_VARIABLES
    assert [environment[name] for name in ARGUMENT_VARIABLES[:3]] == ["--runner=a", "--b=c", "--runner=a"]
    assert set(environment.values()) == {"--runner=a", "--b=c"}


def test_the_longest_section_fits_into_the_variables() -> None:
    most = {"flink_rest": "flink:3", "parallelism": 4, "options": [f"--o{number}" for number in range(MOST_OPTIONS)]}
    section = BeamConfig.model_validate({"runner": "flink", **SERVICES, **most})
    arguments = beam_arguments(section, processors=1)
    assert list(argument_environment(arguments).values())[: len(arguments)] == list(arguments)
