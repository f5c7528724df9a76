"""What a job costs besides its engine: records a second, memory and a restart, with an engine that answers at once.

    python benchmarks/batch_records.py [--records 10000000] [--folder DIR]     (takes some GiB of disk in DIR)

The texts are generated, three tenths of them are duplicates, nothing is flagged. The same is done with a tenth of the
records, so that the memory of both can be compared; that finished job's command is then given again. Memory is what a
job's process takes more than before it, with everything imported: the engine has none of its own. Each figure is
printed beside its bound, which is for ten million records, and a million.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from bounds import bounded
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
RECORDS_PER_SECOND, MEMORY_MEBIBYTES, GROWTH_MEBIBYTES, RESTART_SECONDS = 20_000, 2048, 128, 10
"""The bounds; memory is flat where ten times the records take no more than so much more."""


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
    """The job, in this process; prints records, seconds and peak memory as JSON."""
    making = Making(export_id="instant", engine="saved_model", engine_version="1", instruction_set="", code_version="")
    model = InstantModel(Path(), {}, TranslationConfig(), making, Segmenter(len, 512, ("en", "de")))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    request = Request([str(given)], str(output), "text", Columns(0))
    counts = translate_job(request, model, Events(None), BytesIO(), BytesIO())["counts"]
    seconds, peak = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"records": counts["read"], "dead": counts["dead"], "seconds": seconds}
    print(json.dumps({**found, "mebibytes": (peak - before) / 1024, "mebibytes_in_all": peak / 1024}))


def job_of(given: Path, output: Path, records: int) -> dict[str, Any]:
    """A job in a process of its own, so that one's memory is not the other's; it must have translated all records."""
    command = [sys.executable, __file__, "--job", str(given), str(output)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if (found["records"], found["dead"]) != (records, 0):
        raise SystemExit(f"the job must translate {records:,} records, but: {found}")
    return found


def measure(folder: Path, records: int) -> None:
    """Jobs of a tenth of the records and of all, and their figures."""
    found = {}
    for name, count in (("few", records // 10), ("many", records)):
        given, output = folder / f"{name}.txt", folder / f"{name}.out"
        write_texts(given, count)
        found[name] = job_of(given, output, count)
        with output.open("rb") as stream:
            lines = sum(1 for _ in stream)
        print(f"{count:,} records: {found[name]['seconds']:,.1f} s, {lines:,} lines of output, ", end="")
        print(f"{found[name]['mebibytes']:,.0f} MiB ({found[name]['mebibytes_in_all']:,.0f} MiB in all)", flush=True)
        if name == "few":
            started = time.monotonic()
            job_of(given, output, count)
            seconds = time.monotonic() - started
            print(bounded(f"restart when {count:,} are done", seconds, RESTART_SECONDS, most=True, unit="s"))
    many, growth = found["many"], found["many"]["mebibytes"] - found["few"]["mebibytes"]
    print(bounded("speed", many["records"] / many["seconds"], RECORDS_PER_SECOND, unit="records/s"))
    print(bounded("memory", many["mebibytes"], MEMORY_MEBIBYTES, most=True, unit="MiB"))
    print(bounded("memory more than with a tenth", growth, GROWTH_MEBIBYTES, most=True, unit="MiB"), flush=True)


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
        measure(folder, arguments.records)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
