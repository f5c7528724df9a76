"""What must hold in the section `beam`: each runner needs some keys, and has no use for others."""

import re
from collections.abc import Iterator
from typing import Any, Final

from seq2seq_tfx.schemas.config.describing import listed, shown
from seq2seq_tfx.schemas.config.format_rules import Finding
from seq2seq_tfx.schemas.config.running import BeamConfig

_SERVICES: Final = frozenset({"job_endpoint", "worker_pool"})
_NEEDED: Final[dict[str, frozenset[str]]] = {
    "local": frozenset(),
    "multi_processing": frozenset(),
    "portable": _SERVICES,
    "flink": _SERVICES | {"flink_rest"},
    "spark": _SERVICES,
    "dataflow": frozenset(),
}
_USED: Final[dict[str, frozenset[str]]] = {
    "multi_processing": frozenset({"parallelism"}),
    "portable": frozenset({"parallelism", "stall_minutes"}),
    "flink": frozenset({"parallelism", "stall_minutes"}),
    "spark": frozenset({"stall_minutes"}),
}
"""Keys beside the needed ones that a runner reads; `options` go with all."""

_MEANT_BY: Final = {
    "job_endpoint": "the job service's HOST:PORT",
    "worker_pool": "the worker pool's HOST:PORT",
    "flink_rest": "the HOST:PORT of Flink's REST interface",
}
_DATAFLOW_OPTIONS: Final = ("project", "region", "temp_location", "sdk_container_image")

_SAID_BY: Final = {
    "runner": "beam.runner says",
    "job_endpoint": "beam.job_endpoint says",
    "job_server_timeout": "must be long, so that what a job tells is read to its end",
    "environment_type": "follows from beam.runner",
    "environment_config": "beam.worker_pool says",
    "environment_options": "beam.worker_pool says",
    "parallelism": "beam.parallelism says",
    "direct_num_workers": "beam.parallelism says",
    "direct_running_mode": "follows from beam.runner",
    "stall_minutes": "beam.stall_minutes says",
    "flink_rest": "beam.flink_rest says",
    "sdk_container_image": "belongs to dataflow alone",
}
"""Options that are set here, whatever the runner, and what decides them."""


def beam_findings(values: dict[str, Any]) -> Iterator[Finding]:
    """Every rule about the runner that the given values break."""
    beam = values.get("beam")
    if not isinstance(beam, dict):
        return
    default = BeamConfig()
    runner = beam.get("runner", default.runner)
    if runner not in _NEEDED:
        return  # what is wrong there has its own message
    given = {key for key, value in beam.items() if value != getattr(default, key, None)}
    yield from _keys(runner, beam, given)
    options = beam.get("options")
    names = [_name(option) for option in options] if isinstance(options, list) else []
    yield from _options_of_ours(runner, options, names)
    if runner == "dataflow":
        yield from _dataflow(names)


def _keys(runner: str, beam: dict[str, Any], given: set[str]) -> Iterator[Finding]:
    for key in sorted(_NEEDED[runner] - given):
        yield ("beam",), f"must name {key} for runner {runner} ({_MEANT_BY[key]}), got nothing; add it"
    used = _NEEDED[runner] | _USED.get(runner, frozenset())
    for key in sorted(given - used):
        owners = [name for name, needed in _NEEDED.items() if key in needed | _USED.get(name, frozenset())]
        if owners:
            sentence = f"must be left out for runner {runner} (it belongs to {listed(owners, 'and')})"
            yield ("beam", key), f"{sentence}, got {shown(beam[key])}"


def _options_of_ours(runner: str, options: Any, names: list[str]) -> Iterator[Finding]:
    """None may say what the other keys say; Beam takes the beginning of an option's name for the option."""
    for index, name in enumerate(names):
        allowed = {"sdk_container_image"} if runner == "dataflow" else set()
        meant = next((ours for ours in _SAID_BY if name and ours.startswith(name) and ours not in allowed), None)
        if meant is not None:
            sentence = f"must not set --{meant}, which {_SAID_BY[meant]}, got {shown(options[index])}; leave it out"
            yield ("beam", "options", index), sentence


def _dataflow(names: list[str]) -> Iterator[Finding]:
    lacking = [f"--{name}=..." for name in _DATAFLOW_OPTIONS if name not in names]
    if lacking:
        sentence = f"must name {listed(lacking, 'and')} for runner dataflow, got no such option; add what is missing"
        yield ("beam", "options"), sentence


def _name(option: Any) -> str:
    """`job_endpoint` of `--job_endpoint=localhost:8099`; empty where it has no name."""
    found = re.match(r"--([a-z][a-z0-9_]*)", option) if isinstance(option, str) else None
    return found[1] if found else ""
