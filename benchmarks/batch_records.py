"""What a job costs besides its engine: records a second, memory and a restart, with an engine that answers at once.

    python benchmarks/batch_records.py [--records 10000000] [--folder DIR]     (takes some GiB of disk in DIR)

The texts are generated, three tenths of them are duplicates, nothing is flagged. The same is done with a tenth of the
records, so that the memory of both can be compared; that finished job's command is then given again.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from typing_extensions import override

from seq2seq_tfx.components.translation.engine import Engine, Translation
from seq2seq_tfx.components.translation.formats.record import Columns
from seq2seq_tfx.components.translation.job.events import Events
from seq2seq_tfx.components.translation.job.identity import Making
from seq2seq_tfx.components.translation.job.segments import Segmenter
from seq2seq_tfx.components.translation.job.translating import Model, Request, translate_job
from seq2seq_tfx.schemas.config.translation import TranslationConfig

WORDS: Final = "the a old red small house dog river garden sleeps reads stands sees and near in of under by".split()
DISTINCT: Final = 0.7
BLOCK: Final = 1024


class Instant(Engine):
    """Says a sentence backwards."""

    @property
    @override
    def block(self) -> int:
        return BLOCK

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        return (Translation(sentence[::-1], -1.0) for sentence in sentences)


class InstantModel(Model):
    """A model with that engine."""

    @override
    def load(self) -> Engine:
        return Instant()


def sentence(number: int) -> str:
    """A sentence of its own for each number, of nine words about."""
    words: list[str] = []
    rest = number
    while rest or len(words) < 8:
        rest, word = divmod(rest, len(WORDS))
        words.append(WORDS[word])
    return f"{' '.join(words)} {number}."


def write_texts(path: Path, records: int) -> None:
    """As many lines, of which every so many-th stood before."""
    distinct = round(records * DISTINCT)
    with path.open("w", encoding="utf-8") as stream:
        for number in range(records):
            stream.write(f"{sentence(number * 7919 % distinct)}\n")


def do_job(given: Path, output: Path) -> None:
    """The job, in this process; prints seconds and peak memory."""
    making = Making(export_id="instant", engine="saved_model", engine_version="1", instruction_set="", code_version="")
    model = InstantModel(Path(), {}, TranslationConfig(), making, Segmenter(len, 512, ("en", "de")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    request = Request([str(given)], str(output), "text", Columns(0))
    counts = translate_job(request, model, Events(None), BytesIO(), BytesIO())["counts"]
    seconds, peak = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{counts['read']:,} records in {seconds:,.1f} s: {counts['read'] / seconds:,.0f} records/s, at most "
        f"{(peak - before) / 1024:,.0f} MiB more than before ({peak / 1024:,.0f} MiB in all)",
        flush=True,
    )


def main() -> None:
    """Print figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--job", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.job:
        do_job(*arguments.job)
        return
    folder = Path(tempfile.mkdtemp(prefix="batch-records-", dir=arguments.folder))
    try:
        for name, records in (("few", arguments.records // 10), ("many", arguments.records)):
            write_texts(folder / f"{name}.txt", records)
            # A process each, so that one's memory is not the other's.
            command = [sys.executable, __file__, "--job", str(folder / f"{name}.txt"), str(folder / f"{name}.out")]
            subprocess.run(command, check=True)
            if name == "few":
                print("the same command, when the job is finished:", flush=True)
                started = time.monotonic()
                subprocess.run(command, check=True)
                print(f"{time.monotonic() - started:,.1f} s, starting Python included", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
