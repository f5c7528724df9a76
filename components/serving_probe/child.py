"""Runs in a process of its own, as a server would: only TensorFlow and TensorFlow Text, the export, and strings.

Usage: python child.py EXPORT JOB.json ANSWER.json. It imports nothing of this project.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import psutil
import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

Translate = Callable[[Sequence[str]], dict[str, Any]]


def main() -> None:
    """Load; translate all sentences, then all in the opposite order, then one at a time again and again.

    The job holds `sentences`; `ordinary`, how many of them, counted from the end, are asked one at a time; `rounds`,
    how often; `round_calls` and `round_seconds`, how many calls a round has at most, and how long it may take.
    """
    export, job_file, answer_file = sys.argv[1:]
    with open(job_file, encoding="utf-8") as stream:
        job = json.load(stream)
    sentences: list[str] = job["sentences"]
    started = time.perf_counter()
    loaded = tf.saved_model.load(export)
    translate = _asking(loaded.signatures["serving_default"])
    load_seconds = time.perf_counter() - started
    passes = [translate(given) for given in (sentences, sentences[::-1], sentences[-1:])]
    calls, resident = _rounds(translate, job, alone_seconds=passes[-1]["seconds"])
    answer = {
        "load_seconds": load_seconds,
        "passes": passes,
        "calls": calls,
        "resident_mib": resident,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with open(answer_file, "w", encoding="utf-8") as stream:
        json.dump(answer, stream, ensure_ascii=False)


def _asking(serve: Callable[..., Any]) -> Translate:
    def translate(given: Sequence[str]) -> dict[str, Any]:
        began = time.perf_counter()
        result = serve(source=tf.constant(given))
        return {
            "translations": [text.decode("utf-8", "replace") for text in result["translation"].numpy()],
            "scores": [float(score) for score in result["score"].numpy()],
            "seconds": time.perf_counter() - began,
        }

    return translate


def _rounds(
    translate: Translate, job: dict[str, Any], alone_seconds: float
) -> tuple[list[dict[str, Any]], list[float]]:
    """The same calls in every round, and the resident memory (MiB) after each."""
    ordinary = job["sentences"][-job["ordinary"] :]
    count = max(1, min(job["round_calls"], int(job["round_seconds"] / alone_seconds)))
    asked = [ordinary[place % len(ordinary)] for place in range(count)]
    calls, resident = [], []
    for _ in range(job["rounds"]):
        calls += [{"source": sentence, **translate([sentence])} for sentence in asked]
        resident.append(psutil.Process().memory_info().rss / 2**20)
    return calls, resident


if __name__ == "__main__":
    main()
