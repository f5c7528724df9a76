"""How fast batch translation is beside CTranslate2 itself, on the same sentences and weights.

    python benchmarks/batch_translation.py --model DIR/work/pushed --input A.en.gz B.en.gz [--sentences 200000]

The sentences are the distinct lines of the inputs; if there are too few, two of them are joined until there are enough.
`translate_batch` gets them tokenised and sorted by length, and the best of a grid of batch sizes, types and threads
counts; the job gets them as a gz file, and segmentation, reading and writing count. Ratios are of one run.
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
from typing import Any

from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, pieces_of, reading_of
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, choose_engine
from seq2seq_tfx.components.translation.lines import read_lines
from seq2seq_tfx.components.translation.locating import find_export, read_export_record
from seq2seq_tfx.components.vocabulary.files import find_models

DUPLICATES = 0.3
BATCHES = (("examples", 32), ("examples", 64), ("tokens", 1024), ("tokens", 4096))
INTRA_THREADS = (1, 2)


def sentences_of(paths: Sequence[str], count: int) -> list[str]:
    """So many distinct sentences, always the same."""
    found = list(dict.fromkeys(line for line in read_lines(paths) if line.strip()))
    joined = (f"{one} {two}" for one, two in itertools.combinations(found, 2))
    return list(dict.fromkeys(itertools.islice(itertools.chain(found, joined), count)))


def peer_settings(processors: int) -> Iterator[dict[str, Any]]:
    """The grid that CTranslate2 is at its best in."""
    for (kind, size), intra in itertools.product(BATCHES, INTRA_THREADS):
        if intra <= processors:
            yield {"batch_type": kind, "max_batch_size": size, "intra": intra, "inter": max(1, processors // intra)}


def peer_rate(folder: Path, record: dict[str, Any], sentences: Sequence[str], setting: dict[str, Any]) -> float:
    """Sentences a second of `translate_batch`, loading and tokenising not counted."""
    import ctranslate2
    import sentencepiece

    reading = reading_of(record)
    engine = CTranslate2Engine(folder, reading)
    pieces = pieces_of(sentencepiece.SentencePieceProcessor(model_file=str(find_models(folder).source)))
    tokens = sorted(([pieces[i] for i in engine.encode(text)] for text in sentences), key=len, reverse=True)
    translator = ctranslate2.Translator(
        str(folder), inter_threads=setting["inter"], intra_threads=setting["intra"], compute_type="default"
    )
    decoding = reading.decoding
    started = time.monotonic()
    translator.translate_batch(
        tokens,
        batch_type=setting["batch_type"],
        max_batch_size=setting["max_batch_size"],
        beam_size=1 if decoding.strategy == "greedy" else decoding.beam_size,
        length_penalty=decoding.length_penalty,
        max_decoding_length=decoding.max_length,
        max_input_length=0,
    )
    return len(sentences) / (time.monotonic() - started)


def job_rate(model: str, sentences: Sequence[str], folder: Path, name: str) -> tuple[float, dict[str, Any]]:
    """Records a second of the whole job, started anew, and its manifest."""
    given = folder / f"{name}.txt.gz"
    given.write_bytes(gzip.compress("".join(f"{text}\n" for text in sentences).encode(), 1))
    words = ["translate", "--model", model, "--input", str(given), "--output", str(folder / f"{name}.out.gz")]
    command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", *words, "--no-store", "--json", "--quiet"]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return len(sentences) / (time.monotonic() - started), json.loads(done.stdout)


def main() -> None:
    """Print figures and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--input", required=True, nargs="+")
    parser.add_argument("--sentences", type=int, default=200_000)
    arguments = parser.parse_args()
    export = find_export(Path(arguments.model))
    record = read_export_record(export)
    compute_type = choose_engine(record, "ctranslate2").split()[1]
    sentences = sentences_of(arguments.input, arguments.sentences)
    processors = len(os.sched_getaffinity(0))
    print(f"{len(sentences):,} distinct sentences, CTranslate2 {compute_type}, {processors} processors")

    rates = {}
    for setting in peer_settings(processors):
        rate = peer_rate(export / CTRANSLATE2_FOLDER / compute_type, record, sentences, setting)
        rates[json.dumps(setting)] = rate
        print(f"translate_batch {json.dumps(setting)}: {rate:,.1f} sentences/s")
    best = max(rates.values())
    folder = Path(tempfile.mkdtemp(prefix="batch-translation-"))
    try:
        rate, manifest = job_rate(arguments.model, sentences, folder, "distinct")
        print(f"seq2seq translate: {rate:,.1f} records/s, {rate / best:.2f} of translate_batch at its best")
        print(f"peak memory: {manifest['receipts']['peak_memory_bytes'] / 2**20:,.0f} MiB")
        kept = sentences[: round(len(sentences) * (1 - DUPLICATES))]
        repeated, _ = job_rate(arguments.model, [*kept, *kept[: len(sentences) - len(kept)]], folder, "repeated")
        print(f"with {DUPLICATES:.0%} duplicates: {repeated:,.1f} records/s, {repeated / rate:.2f} of the job without")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
