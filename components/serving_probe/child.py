"""Runs in a process of its own, as a server would: only an export, the libraries that it needs, and strings.

Usage: python child.py EXPORT JOB.json ANSWER.json. EXPORT is the folder of a SavedModel, or, if the job has `search`,
of CTranslate2. It imports nothing of this project.
"""

import json
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

Said = tuple[str, float]
Ask = Callable[[Sequence[str], int], list[Said]]
"""From sentences, and how many of them may be computed together, to translations and scores."""


def main() -> None:
    """Load; translate all sentences, then all in the opposite order, then one at a time again and again.

    The job holds `sentences`; `ordinary`, how many of them, counted from the end, are asked one at a time; `rounds`,
    how often; `round_calls` and `round_seconds`, how many calls a round has at most, and how long it may take. For
    CTranslate2 it holds `search`, and all sentences are asked once more, together: what is computed beside others may
    differ there in its last digits, so what must not change is asked alone.
    """
    export, job_file, answer_file = sys.argv[1:]
    with open(job_file, encoding="utf-8") as stream:
        job = json.load(stream)
    sentences: list[str] = job["sentences"]
    started = time.perf_counter()
    ask = _ctranslate2(Path(export), job["search"]) if "search" in job else _saved_model(export)
    load_seconds = time.perf_counter() - started
    passes = [_timed(ask, given, 1) for given in (sentences, sentences[::-1], sentences[-1:])]
    together = {"together": _timed(ask, sentences, job["search"]["batch"])} if "search" in job else {}
    calls, resident = _rounds(ask, job, alone_seconds=passes[-1]["seconds"])
    answer = {
        "load_seconds": load_seconds,
        "passes": passes,
        **together,
        "calls": calls,
        "resident_mib": resident,
        "peak_memory_mib": _peak_memory_mib(),
    }
    with open(answer_file, "w", encoding="utf-8") as stream:
        json.dump(answer, stream, ensure_ascii=False)


def _peak_memory_mib() -> float:
    """Of this program alone: what `getrusage` says begins with the memory of the process that started it."""
    with open("/proc/self/status", encoding="ascii") as stream:
        (peak,) = (line.split() for line in stream if line.startswith("VmHWM:"))
    return int(peak[1]) / 1024


def _timed(ask: Ask, given: Sequence[str], batch: int) -> dict[str, Any]:
    began = time.perf_counter()
    said = ask(given, batch)
    seconds = time.perf_counter() - began
    return {"translations": [text for text, _ in said], "scores": [score for _, score in said], "seconds": seconds}


def _rounds(ask: Ask, job: dict[str, Any], alone_seconds: float) -> tuple[list[dict[str, Any]], list[float]]:
    """The same calls in every round, and the resident memory (MiB) after each."""
    ordinary = job["sentences"][-job["ordinary"] :]
    count = max(1, min(job["round_calls"], int(job["round_seconds"] / alone_seconds)))
    asked = [ordinary[place % len(ordinary)] for place in range(count)]
    calls, resident = [], []
    for _ in range(job["rounds"]):
        calls += [{"source": sentence, **_timed(ask, [sentence], 1)} for sentence in asked]
        resident.append(psutil.Process().memory_info().rss / 2**20)
    return calls, resident


def _saved_model(export: str) -> Ask:
    """The graph splits a call by itself, and a translation does not depend on its neighbours."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  (registers the SentencePiece operations)

    loaded = tf.saved_model.load(export)

    def ask(given: Sequence[str], _: int) -> list[Said]:
        result = loaded.signatures["serving_default"](source=tf.constant(given))
        texts = [text.decode("utf-8", "replace") for text in result["translation"].numpy()]
        return list(zip(texts, map(float, result["score"].numpy()), strict=False))

    return ask


def _ctranslate2(folder: Path, search: dict[str, Any]) -> Ask:
    """A translator, or a language model whose prompt ends as `config.json` says.

    Args:
        folder: As CTranslate2 loads it, with the SentencePiece models.
        search: `beam_size`, `length_penalty`, `max_length`, `max_source_tokens`, `unicode` (a form, or `none`).
    """
    import sentencepiece

    sides = [folder / f"vocabulary.{side}model" for side in ("source.", "target.", "")]
    names = sides[:2] if sides[0].exists() else [sides[2]] * 2
    source, target = (sentencepiece.SentencePieceProcessor(model_file=str(path)) for path in names)
    prompt_end = json.loads((folder / "config.json").read_bytes()).get("prompt_end")
    find = _searching(folder, search, prompt_end)

    def tokens_of(text: str) -> list[str]:
        plain = text if search["unicode"] == "none" else unicodedata.normalize(search["unicode"].upper(), text)
        tokens: list[str] = source.encode(" ".join(plain.split()), out_type=str)
        return tokens[: search["max_source_tokens"] - 1]

    def ask(given: Sequence[str], batch: int) -> list[Said]:
        tokens = [tokens_of(text) for text in given]
        said = [("", 0.0)] * len(given)
        for places in _batches(tokens, batch, alike=prompt_end is not None):
            for place, (pieces, score) in zip(places, find([tokens[place] for place in places]), strict=True):
                said[place] = (target.decode(pieces), score)
        return said

    return ask


def _searching(
    folder: Path, search: dict[str, Any], prompt_end: list[str] | None
) -> Callable[[list[list[str]]], list[tuple[list[str], float]]]:
    """From sources as tokens to the best translations of each, computed together by one thread."""
    import ctranslate2

    threads = {"device": "cpu", "inter_threads": 1, "intra_threads": 1}
    options = {"beam_size": search["beam_size"], "length_penalty": search["length_penalty"], "return_scores": True}
    if prompt_end is None:
        translator = ctranslate2.Translator(str(folder), **threads)
        lengths = {"min_decoding_length": 1, "max_decoding_length": search["max_length"], "max_input_length": 0}
        return lambda sources: [
            (each.hypotheses[0], each.scores[0]) for each in translator.translate_batch(sources, **lengths, **options)
        ]
    generator = ctranslate2.Generator(str(folder), **threads)
    lengths = {"min_length": 1, "max_length": search["max_length"], "include_prompt_in_result": False}
    return lambda sources: [
        (each.sequences[0], each.scores[0])
        for each in generator.generate_batch([[*source, *prompt_end] for source in sources], **lengths, **options)
    ]


def _batches(tokens: Sequence[Sequence[str]], size: int, *, alike: bool) -> Iterator[list[int]]:
    """Places of what has tokens, the longest first, so many at a time; of one length each, if `alike`."""
    batch: list[int] = []
    for place in sorted((i for i, each in enumerate(tokens) if each), key=lambda i: -len(tokens[i])):
        if batch and (len(batch) == size or (alike and len(tokens[place]) != len(tokens[batch[0]]))):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


if __name__ == "__main__":
    main()
