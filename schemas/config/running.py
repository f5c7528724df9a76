"""Sections `beam` and `metadata`: where the work runs and is recorded."""

from typing import Annotated, Final, Literal

from pydantic import Field

from seq2seq_tfx.schemas.config.section import Section

MOST_OPTIONS: Final = 16

_PORT: Final = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
Address = Annotated[
    str,
    Field(
        pattern=rf"^[A-Za-z0-9][A-Za-z0-9_.-]*:{_PORT}$",
        json_schema_extra={"words": "an address HOST:PORT such as localhost:8099"},
    ),
]
"""Where a service listens."""

BeamOption = Annotated[
    str,
    Field(
        pattern=r"^--[a-z][a-z0-9_]*(=.+)?$",
        json_schema_extra={"words": "an option of Beam such as --name=value"},
    ),
]
"""One argument, name and value in one text."""


class BeamConfig(Section):
    """Where Beam jobs run. Another runner gives the same results: what is done stays done."""

    runner: Literal["local", "multi_processing", "portable", "flink", "spark", "dataflow"] = "local"
    """`local` is Beam's in-process runner, `multi_processing` the same with processes of this machine; `portable` is
    any Beam job service, `flink` and `spark` are clusters behind theirs, `dataflow` is Google Cloud's."""
    parallelism: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """For multi_processing: how many processes, by default one for each processor. For portable and flink: into how
    many parts a step is divided, by default what the cluster is set to."""
    job_endpoint: Address | None = None
    """For portable, flink and spark: where Beam's job service listens."""
    worker_pool: Address | None = None
    """For portable, flink and spark: where Beam's worker pool listens, as seen from the machines of the cluster; each
    of them must have one, with this package installed."""
    flink_rest: Address | None = None
    """For flink: where its REST interface listens; `seq2seq doctor` looks there, and so does a run for progress."""
    stall_minutes: Annotated[float, Field(gt=0, le=10_080)] = 30.0
    """For portable, flink and spark: a job in which nothing has been seen to change for so long is stopped."""
    options: Annotated[
        tuple[BeamOption, ...],
        Field(
            max_length=MOST_OPTIONS,
            json_schema_extra={"words": f"a list of at most {MOST_OPTIONS} options of Beam such as --name=value"},
        ),
    ] = ()
    """Further options of Beam and of the runner, each as `--name=value`."""


class MetadataConfig(Section):
    """Where ML Metadata lives."""

    backend: Literal["sqlite"] = "sqlite"
    """A SQLite file under `root`."""
