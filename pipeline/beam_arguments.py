"""What the section `beam` means to Beam, and how it reaches the stages.

TFX hashes a stage's Beam arguments into its cache key, so every pipeline has the same ones: a fixed number of
environment variables, whose values are looked up when a stage runs. So another runner leaves done what is done.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from seq2seq_tfx.schemas.config.running import MOST_OPTIONS, BeamConfig

_MOST_OF_OURS: Final = 9
ARGUMENT_VARIABLES: Final = tuple(f"SEQ2SEQ_BEAM_OPTION_{number}" for number in range(MOST_OPTIONS + _MOST_OF_OURS))
"""Part of every stage's cache key, in this order: another number of them runs every Beam stage again."""

LOCAL_RUNNER: Final = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
_WATCHED_RUNNER: Final = "seq2seq_tfx.pipeline.watched_runner.WatchedRunner"
_DATAFLOW_RUNNER: Final = "apache_beam.runners.dataflow.dataflow_runner.DataflowRunner"
"""In full: some versions of Beam take a short name for another runner."""

_NO_IMAGE: Final = "--sdk_container_image=unused"
"""Without an image, TFX would package itself anew for every stage. The workers here are no containers, or have it."""


def beam_arguments(beam: BeamConfig, processors: int) -> tuple[str, ...]:
    """The arguments of a Beam pipeline, `options` last.

    Args:
        beam: A section that the rules let pass.
        processors: Of this machine, for `multi_processing` without a number, and for clusters of such machines.

    Example:
        >>> beam_arguments(BeamConfig(), 2)[0].rpartition(".")[2]
        'FnApiRunner'
    """
    if beam.runner == "dataflow":
        return (f"--runner={_DATAFLOW_RUNNER}", *beam.options)
    if beam.runner in ("local", "multi_processing"):
        processes = beam.parallelism or processors
        several = ("--direct_running_mode=multi_processing", f"--direct_num_workers={processes}")
        return (
            f"--runner={LOCAL_RUNNER}",
            _NO_IMAGE,
            *(several if beam.runner == "multi_processing" else ()),
            *beam.options,
        )
    return (
        f"--runner={_WATCHED_RUNNER}",
        f"--job_endpoint={beam.job_endpoint}",
        "--environment_type=EXTERNAL",
        f"--environment_config={beam.worker_pool}",
        f"--stall_minutes={beam.stall_minutes}",
        _NO_IMAGE,
        *((f"--flink_rest={beam.flink_rest}",) if beam.flink_rest else ()),
        *(_in_parts(beam.parallelism, processors) if beam.parallelism else ()),
        *beam.options,
    )


def _in_parts(parallelism: int, processors: int) -> tuple[str, ...]:
    """Without the second, all slots of a machine share one Python process, which does one thing at a time."""
    return (f"--parallelism={parallelism}", f"--sdk_worker_parallelism={min(parallelism, processors)}")


def argument_environment(arguments: Sequence[str]) -> Mapping[str, str]:
    """A value for each of `ARGUMENT_VARIABLES`; those that are left over repeat the first, which changes nothing.

    Args:
        arguments: At least one, the first of the kind that may be repeated: the last one counts.
    """
    unused = len(ARGUMENT_VARIABLES) - len(arguments)
    return dict(zip(ARGUMENT_VARIABLES, (*arguments, *[arguments[0]] * unused), strict=True))
