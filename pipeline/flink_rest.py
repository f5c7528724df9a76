"""What Flink's REST interface says of the cluster and of a job. No Beam."""

import json
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

from seq2seq_tfx.schemas.errors import WorkError

_ANSWER_SECONDS: Final = 10.0
_ENDED: Final = {"FINISHED", "CANCELED", "FAILED"}
_COUNTS: Final = ("read-bytes", "read-records", "write-bytes", "write-records")
"""Of a step's metrics, those that change only when it does something; others are clocks."""


@dataclass(frozen=True)
class FlinkCluster:
    """What it is and has."""

    version: str
    slots: int
    free_slots: int
    network_bytes: tuple[int, ...]
    """Memory for network buffers, a number for each TaskManager."""


def read_cluster(address: str) -> FlinkCluster:
    """Ask for version, slots and memory.

    Args:
        address: HOST:PORT.

    Raises:
        WorkError: If nothing answers there, or something else than Flink.
    """
    try:
        overview = _get(address, "/overview")
        managers = _get(address, "/taskmanagers")["taskmanagers"]
        return FlinkCluster(
            version=str(overview["flink-version"]),
            slots=int(overview["slots-total"]),
            free_slots=int(overview["slots-available"]),
            network_bytes=tuple(int(each["memoryConfiguration"]["networkMemory"]) for each in managers),
        )
    except (OSError, HTTPException, ValueError) as error:
        raise WorkError(f"Flink's REST interface must answer at {address}, got {error}") from error
    except (KeyError, TypeError) as error:
        raise WorkError(f"Flink's REST interface must answer at {address}, got an answer without {error}") from error


def job_progress(address: str, name: str) -> str:
    """What changes while a job does something: the states and counts of its steps, as text to compare.

    Args:
        address: HOST:PORT.
        name: Of the job.

    Raises:
        OSError: If nothing answers.
        ValueError: If the answer is none of Flink's.
    """
    try:
        jobs = [each for each in _get(address, "/jobs/overview")["jobs"] if each["name"] == name]
        steps = [_get(address, f"/jobs/{each['jid']}")["vertices"] for each in jobs if each["state"] not in _ENDED]
        states = [(each["jid"], each["state"], each["tasks"]) for each in jobs]
        counts = [
            [step["status"], step["tasks"], *(step["metrics"].get(count) for count in _COUNTS)]
            for vertices in steps
            for step in vertices
        ]
    except (KeyError, TypeError, HTTPException) as error:
        raise ValueError(f"an answer without {error}") from error
    return json.dumps([states, counts], sort_keys=True)


def _get(address: str, path: str) -> Any:
    """The answer as JSON. Never through a proxy: a cluster is near."""
    with build_opener(ProxyHandler({})).open(f"http://{address}{path}", timeout=_ANSWER_SECONDS) as answer:
        return json.load(answer)
