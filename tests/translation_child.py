"""A process that does a job with an engine that takes its time, so that it can be killed in the middle.

python translation_child.py KIND INPUT OUTPUT WORKERS ENGINE
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from translation_jobs import Around, Instant, Neighbourly, job, model, request
from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.job.running import Pace

ENGINES: dict[str, type[Engine]] = {"instant": Instant, "neighbourly": Neighbourly}
SECONDS_A_BLOCK = 0.01


class Slow(Around):
    """Another engine, which waits before each of its blocks."""

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        for number, translation in enumerate(self._inner.translate(sentences)):
            if number % self.block == 0:
                time.sleep(SECONDS_A_BLOCK)
            yield translation


def main() -> None:
    """Do the job of the command line."""
    kind, given, output, workers, engine = sys.argv[1:]
    wanted = request(Path(given), Path(output), kind, pace=Pace(workers=int(workers)))
    job(wanted, model(Slow(ENGINES[engine]())))


if __name__ == "__main__":
    main()
