"""A tiny Beam job that tells what a cluster's workers are: `seq2seq doctor` runs it as a process of its own.

It reads a request from standard input, and prints one line of JSON last. A worker tells what it is by the name of a
counter, so that the answer comes back even where no folder is shared.
"""

import json
import sys
from dataclasses import asdict
from typing import Any, Final

import apache_beam as beam
from apache_beam.metrics import Metrics, MetricsFilter

from seq2seq_tfx.pipeline.job_errors import error_of
from seq2seq_tfx.pipeline.worker_report import report

_NAMESPACE: Final = "seq2seq-probe"


def main() -> None:
    """Do what standard input asks for: `arguments` of Beam, the `path` to read, how many `times`."""
    request = json.load(sys.stdin)
    try:
        answer: dict[str, Any] = {"workers": probe(request["arguments"], request["path"], request["times"])}
    except Exception as error:
        said = str(error_of(str(error))) if type(error) is RuntimeError else str(error)
        answer = {"error": said, "kind": type(error).__name__}
    print(f"\n{json.dumps(answer)}")


def probe(arguments: list[str], path: str, times: int) -> list[dict[str, str]]:
    """What each worker says of itself that takes part in a job.

    Args:
        arguments: Of the Beam pipeline.
        path: A file that they try to read.
        times: How often a worker is asked.

    Returns:
        The fields of a `WorkerReport` for each.

    Raises:
        Exception: Whatever Beam raises if the job fails.
    """
    pipeline = beam.Pipeline(argv=arguments)
    asked = pipeline | beam.Create([path] * times) | beam.Reshuffle()
    _ = asked | "Look" >> beam.Map(look)
    result = pipeline.run()
    result.wait_until_finish()
    counters = result.metrics().query(MetricsFilter().with_namespace(_NAMESPACE))["counters"]
    return [json.loads(name) for name in sorted({counter.key.metric.name for counter in counters})]


def look(path: str) -> None:
    """Run in a worker: tell what it is."""
    Metrics.counter(_NAMESPACE, json.dumps(asdict(report(path)), sort_keys=True)).inc()
