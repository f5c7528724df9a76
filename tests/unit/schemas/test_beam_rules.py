"""The section `beam`: what each runner needs, and what it has no use for."""

import os
from pathlib import Path

import pytest

from seq2seq_tfx.schemas.config.loading import load_config
from seq2seq_tfx.schemas.config.running import BeamConfig
from seq2seq_tfx.schemas.errors import ConfigError

HEAD = "name: demo\nlanguages: {source: en, target: es}\ncorpora: [{name: a, split: auto, path: pairs.tsv}]\n"
SERVICES = "job_endpoint: 'localhost:8099', worker_pool: 'localhost:50000'"
DATAFLOW = "'--project=p', '--region=r', '--temp_location=gs://b/t', '--sdk_container_image=i'"


def load(folder: Path, beam: str) -> BeamConfig:
    """The section of a configuration."""
    path = folder / "pipeline.yaml"
    path.write_text(f"{HEAD}beam: {beam}\n")
    return load_config(path).config.beam


@pytest.mark.parametrize(
    "beam",
    [
        "{}",
        "{runner: local, options: ['--direct_runner_bundle_repeat=2']}",
        "{runner: multi_processing, parallelism: 3}",
        f"{{runner: portable, {SERVICES}, parallelism: null}}",
        f"{{runner: flink, {SERVICES}, flink_rest: 'flink-jobmanager:8081', parallelism: 2, stall_minutes: 5}}",
        f"{{runner: spark, {SERVICES}, options: ['--spark_version=3', '--experiments=beam_fn_api']}}",
        f"{{runner: dataflow, options: [{DATAFLOW}]}}",
    ],
)
def test_a_section_is_taken_when_its_runner_has_what_it_needs(tmp_path: Path, beam: str) -> None:
    load(tmp_path, beam)


@pytest.mark.parametrize(
    ("beam", "problems"),
    [
        ("{runner: flnk}", ["beam.runner: must be local, multi_processing, portable, flink, spark or dataflow, "
                            "got 'flnk'; did you mean flink?"]),
        ("{runner: flink, job_endpoint: 'localhost:8099'}", [
            "beam: must name flink_rest for runner flink (the HOST:PORT of Flink's REST interface), "
            "got nothing; add it",
            "beam: must name worker_pool for runner flink (the worker pool's HOST:PORT), got nothing; add it",
        ]),
        ("{parallelism: 2}", ["beam.parallelism: must be left out for runner local (it belongs to multi_processing, "
                              "portable and flink), got 2"]),
        (f"{{runner: spark, {SERVICES}, flink_rest: 'a:1'}}", [
            "beam.flink_rest: must be left out for runner spark (it belongs to flink), got 'a:1'"]),
        ("{runner: multi_processing, stall_minutes: 2}", [
            "beam.stall_minutes: must be left out for runner multi_processing (it belongs to portable, flink and "
            "spark), got 2"]),
        ("{runner: multi_processing, parallelism: 0}", [
            "beam.parallelism: must be a whole number from 1 to 10,000, got 0"]),
        (f"{{runner: portable, {SERVICES.replace('50000', '65536')}}}", [
            "beam.worker_pool: must be an address HOST:PORT such as localhost:8099, got 'localhost:65536'"]),
        (f"{{runner: portable, {SERVICES.replace('localhost:8099', 'http://a:1')}}}", [
            "beam.job_endpoint: must be an address HOST:PORT such as localhost:8099, got 'http://a:1'"]),
        ("{options: [parallelism=2]}", [
            "beam.options.0: must be an option of Beam such as --name=value, got 'parallelism=2'"]),
        ("{options: ['--verbose x']}", [
            "beam.options.0: must be an option of Beam such as --name=value, got '--verbose x'"]),
        (f"{{options: {['--a=b'] * 17}}}", [
            "beam.options: must be a list of at most 16 options of Beam such as --name=value, got a list; "
            "leave it out for the default, []"]),
        ("{options: ['--a=b', '--runner=X']}", [
            "beam.options.1: must not set --runner, which beam.runner says, got '--runner=X'; leave it out"]),
        ("{options: ['--sdk_container_image=i']}", [
            "beam.options.0: must not set --sdk_container_image, which belongs to dataflow alone, "
            "got '--sdk_container_image=i'; leave it out"]),
        ("{runner: dataflow, options: ['--project=p', '--region=r']}", [
            "beam.options: must name --temp_location=... and --sdk_container_image=... for runner dataflow, "
            "got no such option; add what is missing"]),
        ("{runner: dataflow}", [
            "beam.options: must name --project=..., --region=..., --temp_location=... and --sdk_container_image=... "
            "for runner dataflow, got no such option; add what is missing"]),
    ],
)  # fmt: skip
def test_each_problem_is_a_sentence_when_a_section_has_some(tmp_path: Path, beam: str, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, beam)
    assert [each.replace(f"{tmp_path}{os.sep}pipeline.yaml:4: ", "") for each in caught.value.problems] == problems


@pytest.mark.parametrize("option", ["--par=3", "--job=a:1", "--direct_num=2", "--environment_option=a=b", "--stall=1"])
def test_the_beginning_of_a_name_is_refused_when_beam_would_take_it_for_one_of_ours(
    tmp_path: Path, option: str
) -> None:
    with pytest.raises(ConfigError, match="must not set --"):
        load(tmp_path, f"{{options: ['{option}']}}")
