"""How fast batch translation is beside CTranslate2 itself and OpenNMT-tf, on the same sentences and sizes.

    python benchmarks/batch_translation.py --model DIR/work/pushed --input A.en.gz B.en.gz [--sentences 200000]
                                           [--only PART...] [--work DIR]

The sentences are the distinct lines of the inputs; if there are too few, two neighbours of them are joined until there
are enough. The parts, in order:

  grid        `translate_batch` on every so many-th sentence (`--sample`), tokenised and sorted by length before the
              clock starts, with each setting of batch size and type, inter and intra threads
  peer        all sentences with the setting that was fastest there
  job         `seq2seq translate` of a gz file into a gz file, flags off: starting, segmentation, reading, writing count
  duplicates  the same number of records, of which three tenths stand there twice
  flags       the job when it looks for faults
  opennmt     OpenNMT-tf's `infer` on some of the sentences (`opennmt_inference.py`), in an environment of its own
  batchings   how many sentences CTranslate2 translates otherwise in other batches, and what `--invariant` costs

At the end every ratio is printed beside its bound. The whole takes an hour or more on two processors: with --work the
figures of each part are kept, a further run does what is missing (or what `--only` names, once more) and says when each
part was measured. Ratios of parts that were measured on different occasions are worth less.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, final

from bounds import bounded
from opennmt_inference import Search, every, fastest, opennmt_python, opennmt_speeds, show, write_pieces

from seq2seq_tfx.components.files import sha256_of_texts, write_atomically
from seq2seq_tfx.components.translation.ctranslate2_engine import CTranslate2Engine, Reading, pieces_of, reading_of
from seq2seq_tfx.components.translation.engine import CTRANSLATE2_FOLDER, choose_engine
from seq2seq_tfx.components.translation.lines import read_lines
from seq2seq_tfx.components.translation.locating import find_export, read_export_record
from seq2seq_tfx.components.translation.manner import Manner
from seq2seq_tfx.components.vocabulary.files import find_models

PEER_SHARE, OPENNMT_TIMES, DUPLICATES_TIMES = 0.9, 5.0, 1.3
"""The bounds."""
TENTHS_TWICE: Final = 3
BATCHINGS: Final = (("examples", 32), ("examples", 64), ("tokens", 1024), ("tokens", 4096))
GRID: Final = (*BATCHINGS, ("examples", 128), ("tokens", 2048))
INTRA_THREADS: Final = (1, 2)
WARM_UP: Final = 64
"""Sentences that are translated before the clock starts."""
FIGURES_FILE: Final = "figures.json"

Figures = dict[str, Any]


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


def with_duplicates(sentences: Sequence[str]) -> list[str]:
    """As many records: seven of each ten sentences, then three of these seven again. No longer and no shorter ones:
    both are taken from all places."""
    kept = [text for place, text in enumerate(sentences) if place % 10 < 10 - TENTHS_TWICE]
    again = [text for place, text in enumerate(sentences) if place % 10 < TENTHS_TWICE]
    return [*kept, *again]


def settings_of(processors: int) -> Iterator[dict[str, Any]]:
    """The grid that CTranslate2 is at its best in."""
    for (kind, size), intra in itertools.product(GRID, INTRA_THREADS):
        if intra <= processors:
            yield {"batch_type": kind, "max_batch_size": size, "intra": intra, "inter": max(1, processors // intra)}


class Subject(NamedTuple):
    """What is measured."""

    model: str
    record: dict[str, Any]
    """`export.json`."""
    folder: Path
    """Of the CTranslate2 export that the job takes."""
    compute_type: str
    sentences: list[str]
    sample: list[str]
    peer_sample: list[str]
    """Fewer: for OpenNMT-tf."""
    work: Path

    @property
    def reading(self) -> Reading:
        """How it is decoded."""
        return reading_of(self.record)


@final
class Peer:
    """CTranslate2's own `translate_batch`, with the search that the export has.

    Args:
        subject: Its folder and record are used.
    """

    def __init__(self, subject: Subject) -> None:
        import sentencepiece

        self._folder, self._reading = subject.folder, subject.reading
        self._engine = CTranslate2Engine(subject.folder, subject.reading)
        models = find_models(subject.folder)
        self._pieces = pieces_of(sentencepiece.SentencePieceProcessor(model_file=str(models.source)))

    def tokens(self, sentences: Sequence[str]) -> list[list[str]]:
        """Subwords, the longest sentence first."""
        found = ([self._pieces[i] for i in self._engine.encode(text)] for text in sentences)
        return sorted(filter(None, found), key=len, reverse=True)

    def translated(self, tokens: Sequence[list[str]], setting: Mapping[str, Any]) -> tuple[list[list[str]], float]:
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


def measure_grid(subject: Subject, figures: Figures) -> Figures:
    """Sentences of the sample a second with each setting."""
    peer = Peer(subject)
    few, rates = peer.tokens(subject.sample), {}
    for setting in settings_of(len(os.sched_getaffinity(0))):
        _, seconds = peer.translated(few, setting)
        rates[json.dumps(setting)] = len(few) / seconds
        print(f"translate_batch {json.dumps(setting)}: {len(few) / seconds:,.1f} of the sample/s", flush=True)
    return {"rates": rates}


def measure_peer(subject: Subject, figures: Figures) -> Figures:
    """Sentences a second of all, with the setting that was best on some."""
    rates = needed(figures, "grid")["rates"]
    setting = max(rates, key=lambda name: rates[name])
    tokens = (peer := Peer(subject)).tokens(subject.sentences)
    rate = len(tokens) / peer.translated(tokens, json.loads(setting))[1]
    print(f"translate_batch at its best, {setting}, all sentences: {rate:,.1f} sentences/s", flush=True)
    return {"rate": rate, "setting": setting}


def measure_job(subject: Subject, figures: Figures) -> Figures:
    """The job, plainly."""
    found = job_rate(subject, subject.sentences, "--flags", "none")
    print(f"seq2seq translate: {found['rate']:,.1f} records/s", flush=True)
    print(f"peak memory: {found['manifest']['receipts']['peak_memory_bytes'] / 2**20:,.0f} MiB", flush=True)
    return found


def measure_duplicates(subject: Subject, figures: Figures) -> Figures:
    """The job on as many records, of which some stand there twice."""
    found = job_rate(subject, with_duplicates(subject.sentences), "--flags", "none")
    print(f"with {TENTHS_TWICE / 10:.0%} duplicates: {found['rate']:,.1f} records/s", flush=True)
    return found


def measure_flags(subject: Subject, figures: Figures) -> Figures:
    """The job when it looks for faults."""
    found = job_rate(subject, subject.sentences)
    print(f"looking for faults: {found['rate']:,.1f} records/s; {found['manifest']['counts']['flags']}", flush=True)
    return found


def job_rate(subject: Subject, sentences: Sequence[str], *more: str) -> Figures:
    """Records a second of the whole job, started anew, and its manifest; gz in and out."""
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=subject.work))
    try:
        given = folder / "in.txt.gz"
        given.write_bytes(gzip.compress("".join(f"{text}\n" for text in sentences).encode(), 1))
        words = ["translate", "--model", subject.model, "--input", str(given), "--output", str(folder / "out.txt.gz")]
        command = [sys.executable, "-m", "seq2seq_tfx.pipeline.cli", *words, *more, "--no-store", "--json", "--quiet"]
        started = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
        if done.returncode:
            raise SystemExit(done.stderr)
        manifest = json.loads(done.stdout)
        _require_same_work(manifest, subject, len(sentences), len(set(sentences)))
        return {"rate": len(sentences) / seconds, "manifest": {name: manifest[name] for name in ("counts", "receipts")}}
    finally:
        shutil.rmtree(folder)


def _require_same_work(manifest: dict[str, Any], subject: Subject, records: int, distinct: int) -> None:
    """Refuse to compare a job that did something else than its peers."""
    engine, counts = manifest["job"]["making"]["engine"], manifest["counts"]
    if engine != f"{CTRANSLATE2_FOLDER} {subject.compute_type}":
        raise SystemExit(
            f"the job must compute with ctranslate2 {subject.compute_type} as its peer, but did with {engine}"
        )
    if (counts["read"], counts["dead"], counts["sentences_by_engine"]) != (records, 0, distinct):
        raise SystemExit(f"the job must translate {records:,} records of {distinct:,} sentences, but did {counts}")


def measure_opennmt(subject: Subject, figures: Figures) -> Figures:
    """OpenNMT-tf at its best: a model of the same sizes, on some of the sentences."""
    model, decoding = subject.record["model"], subject.reading.decoding
    if model["family"] != "transformer":
        raise SystemExit(f"OpenNMT-tf's peer must be a transformer, got {model['family']}; leave the part out")
    sizes = {name: model[name] for name in ("layers", "width", "feedforward", "heads", "dropout")}
    work = subject.work / "opennmt"
    work.mkdir(exist_ok=True)
    sample = subject.peer_sample
    write_pieces(find_models(subject.folder).source, {"en": sample, "de": sample}, sample, work)
    beams = 1 if decoding.strategy == "greedy" else decoding.beam_size
    search = Search(beams, lengths_of(subject, sample))
    speeds = opennmt_speeds(opennmt_python(), {"kind": "transformer", **sizes}, search, work)
    for speed in speeds:
        show(speed)
    best = fastest(speeds)
    return {"rate": best.sentences_per_second, "name": best.name, "tokens": best.tokens_per_sentence}


def lengths_of(subject: Subject, sentences: Sequence[str]) -> list[int]:
    """Of our translations, in subwords."""
    import sentencepiece

    engine = CTranslate2Engine(subject.folder, subject.reading)
    texts = [translation.text for translation in engine.translate(sentences)]
    subwords = sentencepiece.SentencePieceProcessor(model_file=str(find_models(subject.folder).target))
    return [len(ids) for ids in subwords.encode(texts)]


def measure_batchings(subject: Subject, figures: Figures) -> Figures:
    """How many sentences differ over four batchings; what it costs that none does."""
    peer = Peer(subject)
    tokens = peer.tokens(subject.sample)
    threads = {"intra": 1, "inter": len(os.sched_getaffinity(0))}
    said = [
        peer.translated(tokens, {"batch_type": kind, "max_batch_size": size, **threads})[0] for kind, size in BATCHINGS
    ]
    different = sum(len({tuple(text) for text in texts}) > 1 for texts in zip(*said, strict=True))
    print(f"over {len(BATCHINGS)} batchings, {different:,} of {len(tokens):,} sentences have more than one translation")
    seconds = {}
    for name, manner in (("together", Manner()), ("alone", Manner(invariant=True))):
        engine = CTranslate2Engine(subject.folder, subject.reading, manner)
        list(engine.translate(subject.sample[:WARM_UP]))
        started = time.monotonic()
        forth = list(engine.translate(subject.sample))
        seconds[name] = time.monotonic() - started
        back = list(engine.translate(subject.sample[::-1]))[::-1]
        other = sum(one != another for one, another in zip(forth, back, strict=True))
        print(f"{name}: {len(forth) / seconds[name]:,.1f} sentences/s, {other:,} differ in the reverse order")
    print(f"--invariant takes {seconds['alone'] / seconds['together']:.2f} times as long", flush=True)
    return {"different": different, "invariant_times": seconds["alone"] / seconds["together"]}


PARTS: Final[dict[str, Callable[[Subject, Figures], Figures]]] = {
    "grid": measure_grid,
    "peer": measure_peer,
    "job": measure_job,
    "duplicates": measure_duplicates,
    "flags": measure_flags,
    "opennmt": measure_opennmt,
    "batchings": measure_batchings,
}


def needed(figures: Figures, part: str) -> Figures:
    """What another part found."""
    if part not in figures:
        raise SystemExit(f"part {part} must be measured before; name it by --only too, or give the same --work")
    found: Figures = figures[part]
    return found


def ratios(figures: Figures) -> Iterator[str]:
    """What follows from the parts that there are."""
    rate = {name: found["rate"] for name, found in figures.items() if isinstance(found, dict) and "rate" in found}
    if "job" in rate and "peer" in rate:
        yield bounded("job beside translate_batch at its best", rate["job"] / rate["peer"], PEER_SHARE, unit="times")
    if "job" in rate and "opennmt" in rate:
        name = f"job beside {figures['opennmt']['name']}"
        yield bounded(name, rate["job"] / rate["opennmt"], OPENNMT_TIMES, unit="times")
    if "duplicates" in rate and "job" in rate:
        yield bounded("job with duplicates", rate["duplicates"] / rate["job"], DUPLICATES_TIMES, unit="times")
    if "flags" in rate and "job" in rate:
        yield f"looking for faults: {rate['flags'] / rate['job']:.2f} of the job without"


def measure(subject: Subject, key: str, only: Sequence[str], again: bool) -> None:
    """Measure what is wanted, keep it, and print what follows."""
    kept = subject.work / FIGURES_FILE
    figures: Figures = json.loads(kept.read_text()) if kept.exists() else {"of": key}
    if figures["of"] != key:
        raise SystemExit(
            f"{kept} is of another model, other sentences or another machine; name another folder by --work"
        )
    for part in PARTS:
        if part in only and (again or part not in figures):
            figures[part] = {**PARTS[part](subject, figures), "measured": time.strftime("%Y-%m-%d %H:%M")}
            write_atomically(kept, json.dumps(figures, indent=1).encode())
    print(", ".join(f"{part} of {figures[part]['measured']}" for part in PARTS if part in figures))
    print("\n".join(ratios(figures)), flush=True)


def subject_of(arguments: argparse.Namespace, work: Path) -> Subject:
    """Find the model and the sentences."""
    export = find_export(Path(arguments.model))
    record = read_export_record(export)
    compute_type = choose_engine(record, "ctranslate2").split()[1]
    sentences = sentences_of(arguments.input, arguments.sentences)
    return Subject(
        model=arguments.model,
        record=record,
        folder=export / CTRANSLATE2_FOLDER / compute_type,
        compute_type=compute_type,
        sentences=sentences,
        sample=every(sentences, arguments.sample),
        peer_sample=every(sentences, arguments.peer_sample),
        work=work,
    )


def main() -> None:
    """Print figures and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--input", required=True, nargs="+")
    parser.add_argument("--sentences", type=int, default=200_000)
    parser.add_argument("--sample", type=int, default=10_000, help="sentences of the grid, and of the batchings")
    parser.add_argument("--peer-sample", type=int, default=2_000, help="sentences that OpenNMT-tf translates")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=None)
    parser.add_argument("--work", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="batch-translation-") as folder:
        work = (arguments.work or Path(folder)).absolute()
        work.mkdir(parents=True, exist_ok=True)
        subject = subject_of(arguments, work)
        processors = len(os.sched_getaffinity(0))
        count = f"{len(subject.sentences):,} distinct sentences"
        print(f"{count}, CTranslate2 {subject.compute_type}, {processors} processors", flush=True)
        samples = f"{len(subject.sample)} {len(subject.peer_sample)} {processors}"
        key = sha256_of_texts(subject.record["export_id"], subject.compute_type, samples, *subject.sentences)
        measure(subject, key, arguments.only or list(PARTS), again=arguments.only is not None)


if __name__ == "__main__":
    main()
