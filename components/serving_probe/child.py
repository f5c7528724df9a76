"""Runs in a process of its own, as a server would: only TensorFlow and TensorFlow Text, the export, and strings.

Usage: python child.py EXPORT SENTENCES.json ANSWER.json. It imports nothing of this project.
"""

import json
import resource
import sys
import time

import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)


def main() -> None:
    """Load; translate all sentences, then all in the opposite order, then the last alone; write what came out."""
    export, sentences_file, answer_file = sys.argv[1:]
    with open(sentences_file, encoding="utf-8") as stream:
        sentences: list[str] = json.load(stream)
    started = time.perf_counter()
    serve = tf.saved_model.load(export).signatures["serving_default"]
    load_seconds = time.perf_counter() - started
    passes = []
    for given in (sentences, sentences[::-1], sentences[-1:]):
        began = time.perf_counter()
        result = serve(source=tf.constant(given))
        passes.append(
            {
                "translations": [text.decode("utf-8", "replace") for text in result["translation"].numpy()],
                "scores": [float(score) for score in result["score"].numpy()],
                "seconds": time.perf_counter() - began,
            }
        )
    answer = {
        "load_seconds": load_seconds,
        "passes": passes,
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    with open(answer_file, "w", encoding="utf-8") as stream:
        json.dump(answer, stream, ensure_ascii=False)


if __name__ == "__main__":
    main()
