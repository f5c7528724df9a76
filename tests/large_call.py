"""A fresh process that translates many sentences in one call, with TensorFlow and TensorFlow Text alone.

Usage: python large_call.py EXPORT COUNT. Prints its peak memory in MiB.
"""

import resource
import sys

import tensorflow as tf
import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

WORDS = "the old red house dog sleeps river long near three books She reads".split()


def main() -> None:
    """Load, translate, and count what came back."""
    serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
    count = int(sys.argv[2])
    sentences = [" ".join(WORDS[(n * k + k) % len(WORDS)] for k in range(1, 3 + n % 13)) for n in range(count)]
    result = serve(source=tf.constant(sentences))
    assert result["translation"].shape == (count,)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
