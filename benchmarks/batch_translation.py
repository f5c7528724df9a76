"""How fast batch translation is beside CTranslate2 itself, on the same sentences and weights.

    python benchmarks/batch_translation.py --model DIR/work/pushed --input A.en.gz B.en.gz [--sentences 200000]

The sentences are the distinct lines of the inputs; if there are too few, two neighbours of them are joined until there
are enough. `translate_batch` gets them tokenised and sorted by length; of a grid of batch sizes, types and threads the
setting that is fastest on every so many-th sentence (`--sample`) gets all of them. The job gets them as a gz file, and
starting, segmentation, reading and writing count. Then: what duplicates save, what looking for faults costs, how many
sentences CTranslate2 translates otherwise in other batches, and what `--invariant` costs. Ratios are of one run.

OpenNMT-tf's `infer` beside the engine is measured by `decoding_speed.py`, ten million records by `batch_records.py`.
"""

import argparse
import gzip
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, final

from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, pieces_of, reading_of
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, choose_engine
from seq2seq_tfx.components.translation.lines import read_lines
from seq2seq_tfx.components.translation.locating import find_export, read_export_record
from seq2seq_tfx.components.translation.manner import Manner
from seq2seq_tfx.components.vocabulary.files import find_models

DUPLICATES: Final = 0.3
BATCHES: Final = (("examples", 32), ("examples", 64), ("tokens", 1024), ("tokens", 4096))
INTRA_THREADS: Final = (1, 2)
WARM_UP: Final = 64
"""Sentences that are translated before the clock starts."""


def sentences_of(paths: Sequence[str], count: int) -> list[str]:
    """So many distinct sentences, always the same."""
    found = list(dict.fromkeys(line for line in read_lines(paths) if line.strip()))
    distances = range(1, len(found))
    joined = (f"{one} {other}" for distance in distances for one, other in zip(found, found[distance:], strict=False))
    distinct: dict[str, None] = {}
    for sentence in itertools.chain(found, joined):
        distinct[sentence] = None
        if len(distinct) == count:
            break
    return list(distinct)


def every(sentences: Sequence[str], count: int) -> list[str]:
    """So many of the sentences, from all places."""
    return list(sentences[:: max(1, len(sentences) // count)][:count])


def settings_of(processors: int) -> Iterator[dict[str, Any]]:
    """The grid that CTranslate2 is at its best in."""
    for (kind, size), intra in itertools.product(BATCHES, INTRA_THREADS):
        if intra <= processors:
            yield {"batch_type": kind, "max_batch_size": size, "intra": intra, "inter": max(1, processors // intra)}


@final
class Peer:
    """CTranslate2's own `translate_batch`, with the search that the export has.

    Args:
        folder: The CTranslate2 folder.
        record: `export.json`.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        import sentencepiece

        self._folder, self._reading = folder, reading_of(record)
        self._engine = CTranslate2Engine(folder, self._reading)
        self._pieces = pieces_of(sentencepiece.SentencePieceProcessor(model_file=str(find_models(folder).source)))

    def tokens(self, sentences: Sequence[str]) -> list[list[str]]:
        """Subwords, the longest sentence first."""
        found = ([self._pieces[i] for i in self._engine.encode(text)] for text in sentences)
        return sorted(filter(None, found), key=len, reverse=True)

    def translated(self, tokens: Sequence[list[str]], setting: dict[str, Any]) -> tuple[list[list[str]], float]:
        """Translations in subwords, and seconds; loading and a first call are not counted."""
        import ctranslate2

        translator = ctranslate2.Translator(
            str(self._folder), inter_threads=setting["inter"], intra_threads=setting["intra"], compute_type="default"
        )
        decoding = self._reading.decoding
        how = {
            "batch_type": setting["batch_type"],
            "max_batch_size": setting["max_batch_size"],
            "beam_size": 1 if decoding.strategy == "greedy" else decoding.beam_size,
            "length_penalty": decoding.length_penalty,
            "max_decoding_length": decoding.max_length,
            "max_input_length": 0,
        }
        translator.translate_batch(tokens[-WARM_UP:], **how)
        started = time.monotonic()
        results = translator.translate_batch(tokens, **how)
        return [result.hypotheses[0] for result in results], time.monotonic() - started


def job_rate(model: str, sentences: Sequence[str], folder: Path, name: str, *more: str) -> tuple[float, dict[str, Any]]:
    """Records a second of the whole job, started anew, and its manifest."""
    given = folder / f"{name}.txt.gz"
    given.write_bytes(gzip.compress("".join(f"{text}\n" for text in sentences).encode(), 1))
    words = ["translate", "--model", model, "--input", str(given), "--output", str(folder / f"{name}.out.gz")]
    command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", *words, *more, "--no-store", "--json", "--quiet"]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return len(sentences) / (time.monotonic() - started), json.loads(done.stdout)


def best_of_peer(peer: Peer, sentences: Sequence[str], sample: int) -> float:
    """CTranslate2's sentences a second on all sentences, with the setting that is best on some."""
    few, rates = peer.tokens(every(sentences, sample)), {}
    for setting in settings_of(len(os.sched_getaffinity(0))):
        rates[json.dumps(setting)] = len(few) / peer.translated(few, setting)[1]
        print(f"translate_batch {json.dumps(setting)}: {rates[json.dumps(setting)]:,.1f} of the sample/s", flush=True)
    best = json.loads(max(rates, key=lambda name: rates[name]))
    tokens = peer.tokens(sentences)
    rate = len(tokens) / peer.translated(tokens, best)[1]
    print(f"translate_batch at its best, all sentences: {rate:,.1f} sentences/s", flush=True)
    return rate


def compare_jobs(model: str, sentences: Sequence[str], peer_rate: float) -> None:
    """Run the job, plainly, with duplicates, and looking for faults."""
    folder = Path(tempfile.mkdtemp(prefix="batch-translation-"))
    try:
        rate, manifest = job_rate(model, sentences, folder, "distinct", "--flags", "none")
        print(f"seq2seq translate: {rate:,.1f} records/s, {rate / peer_rate:.2f} of translate_batch at its best")
        print(f"peak memory: {manifest['receipts']['peak_memory_bytes'] / 2**20:,.0f} MiB", flush=True)
        kept = list(sentences[: round(len(sentences) * (1 - DUPLICATES))])
        repeated, _ = job_rate(
            model, [*kept, *kept[: len(sentences) - len(kept)]], folder, "repeated", "--flags", "none"
        )
        print(f"with {DUPLICATES:.0%} duplicates: {repeated:,.1f} records/s, {repeated / rate:.2f} of the job without")
        flagged, manifest = job_rate(model, sentences, folder, "flagged")
        print(f"looking for faults: {flagged:,.1f} records/s, {flagged / rate:.2f}; {manifest['counts']['flags']}")
    finally:
        shutil.rmtree(folder)


def show_batch_dependence(peer: Peer, sentences: Sequence[str], folder: Path, record: dict[str, Any]) -> None:
    """How many sentences differ over four batchings; what it costs that none does."""
    tokens = peer.tokens(sentences)
    threads = {"intra": 1, "inter": len(os.sched_getaffinity(0))}
    said = [
        peer.translated(tokens, {"batch_type": kind, "max_batch_size": size, **threads})[0] for kind, size in BATCHES
    ]
    different = sum(len({tuple(text) for text in texts}) > 1 for texts in zip(*said, strict=True))
    print(f"over {len(BATCHES)} batchings, {different:,} of {len(tokens):,} sentences have more than one translation")
    seconds = {}
    for name, manner in (("together", Manner()), ("alone", Manner(invariant=True))):
        engine = CTranslate2Engine(folder, reading_of(record), manner)
        list(engine.translate(sentences[:WARM_UP]))
        started = time.monotonic()
        forth = dict(zip(sentences, engine.translate(sentences), strict=True))
        seconds[name] = time.monotonic() - started
        back = dict(zip(reversed(sentences), engine.translate(list(reversed(sentences))), strict=True))
        other = sum(forth[sentence] != back[sentence] for sentence in sentences)
        print(f"{name}: {len(sentences) / seconds[name]:,.1f} sentences/s, {other:,} differ in the reverse order")
    print(f"--invariant takes {seconds['alone'] / seconds['together']:.2f} times as long")


def main() -> None:
    """Print figures and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--input", required=True, nargs="+")
    parser.add_argument("--sentences", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=10_000, help="sentences of the grid, and of the batchings")
    arguments = parser.parse_args()
    export = find_export(Path(arguments.model))
    record = read_export_record(export)
    compute_type = choose_engine(record, "ctranslate2").split()[1]
    folder = export / CTRANSLATE2_FOLDER / compute_type
    sentences = sentences_of(arguments.input, arguments.sentences)
    processors = len(os.sched_getaffinity(0))
    print(f"{len(sentences):,} distinct sentences, CTranslate2 {compute_type}, {processors} processors", flush=True)
    peer = Peer(folder, record)
    compare_jobs(arguments.model, sentences, best_of_peer(peer, sentences, arguments.sample))
    show_batch_dependence(peer, every(sentences, arguments.sample), folder, record)


if __name__ == "__main__":
    main()
