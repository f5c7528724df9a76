"""One training run of this project, or the machine's matrix peak.

A child process of `training_speed.py` and `quality_in_time.py`.

Usage: python benchmarks/training_speed_ours.py (peak | (train | quality) < request.json)     (prints one line of JSON)
"""

import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import sentencepiece
import tensorflow as tf

from seq2seq_tfx.components.models.build import build_model
from seq2seq_tfx.components.models.interface import Seq2SeqModel
from seq2seq_tfx.components.preprocessing.evaluation_sentences import EvaluationSentence
from seq2seq_tfx.components.training.loop import Folders, TrainingData, TrainingLoop
from seq2seq_tfx.components.training.precision import compute_dtype, prepare_process
from seq2seq_tfx.components.training.settings import TrainingSettings
from seq2seq_tfx.components.training.subwords import SideSamplers, SubwordSampler, make_resplit
from seq2seq_tfx.components.training.token_store import TokenStore, open_token_store
from seq2seq_tfx.components.training.validation import detokenizer, make_score
from seq2seq_tfx.schemas.config.training import TrainingValidationConfig
from seq2seq_tfx.schemas.errors import WorkError
from seq2seq_tfx.schemas.features import EOS_ID, PAIR_ID, SOURCE_IDS, TARGET_IDS, pair_id

STARTED: Final = time.monotonic()
WARM_UP: Final = 20
BEAM: Final = 4
LARGE: Final = 2048


def main() -> int:
    """Answer one request."""
    answers = {"peak": peak, "train": lambda: train(_request()), "quality": lambda: quality(_request())}
    print(json.dumps(answers[sys.argv[1]]()))
    return 0


def peak() -> dict[str, float]:
    """The best of many products of two large matrices, in GFLOP/s."""
    found = {}
    for name in ("float32", "bfloat16"):
        a = tf.cast(tf.random.normal([LARGE, LARGE]), name)
        multiply = tf.function(lambda a: tf.matmul(a, a))
        multiply(a)
        found[name] = 2 * LARGE**3 / min(_seconds(multiply, a) for _ in range(20)) / 1e9
    return found


def train(request: dict[str, Any]) -> dict[str, Any]:
    """Train for `steps` updates after the warm-up, with dropout, checkpoints and exact resume on."""
    prepare_process()
    work = Path(request["work"])
    settings = TrainingSettings.model_validate(
        {
            "languages": {"source": "en", "target": "de"},
            "model": request["model"],
            "training": {
                "max_steps": WARM_UP + request["steps"],
                "batch_tokens": request["batch_tokens"],
                "subword_sampling": {"sides": "both" if request.get("sampling") else "none"},
            },
            "seed": 1,
        }
    )
    store, empty = open_stores(work)
    dtype = compute_dtype("auto")
    vocabulary = (work / "vocabulary.model").read_bytes()
    size = sentencepiece.SentencePieceProcessor(model_proto=vocabulary).get_piece_size()
    model = build_model(settings.model, size, seed=1, compute_dtype=dtype)
    resplit = None
    if request.get("sampling"):
        sampler = SubwordSampler(vocabulary, settings.training.subword_sampling)
        resplit = make_resplit(SideSamplers(sampler, sampler), settings.seed, settings.training.max_length)
    run = Path(request["work"]) / f"ours-{time.time_ns()}"
    data = TrainingData(store, empty, resplit=resplit)
    loop = TrainingLoop(model, data, settings, Folders(work=run, logs=run / "logs"))
    marks: list[tuple[float, float, int, int]] = []

    def note() -> bool:
        progress = loop.progress
        source_tokens = progress.real_tokens - progress.target_tokens
        marks.append((progress.seconds, progress.waited_seconds, progress.target_tokens, source_tokens))
        return False

    loop.run(note)
    seconds, waited, target, source = (b - a for a, b in zip(marks[WARM_UP - 1], marks[-1], strict=True))
    return {
        "target_tokens_per_second": target / seconds,
        "input_wait_share": waited / seconds,
        "gigaflops_per_second": work_of(model, source, target) / seconds / 1e9,
        "precision": dtype,
    }


def quality(request: dict[str, Any]) -> dict[str, Any]:
    """Train until `seconds` have passed since this process began, then score the last weights on the test set."""
    deadline = STARTED + request["seconds"]
    prepare_process()
    work = Path(request["work"])
    training = {"max_steps": 1_000_000, "validation_steps": 1_000_000, **request["training"]}
    settings = TrainingSettings.model_validate(
        {"languages": {"source": "en", "target": "de"}, "model": request["model"], "training": training, "seed": 1}
    )
    store, empty = open_stores(work)
    vocabulary = (work / "vocabulary.model").read_bytes()
    processor = sentencepiece.SentencePieceProcessor(model_proto=vocabulary)
    dtype = compute_dtype("auto")
    model = build_model(settings.model, processor.get_piece_size(), seed=1, compute_dtype=dtype)
    loop = TrainingLoop(model, TrainingData(store, empty), settings, Folders(work=work / "ours", logs=work / "logs"))
    try:
        loop.run(lambda: time.monotonic() >= deadline)
    except WorkError:  # how the loop ends when it is interrupted
        trained = time.monotonic() - STARTED
    sources = (work / "test.en").read_text(encoding="utf-8").splitlines()
    references = (work / "test.raw.de").read_text(encoding="utf-8").splitlines()
    sentences = [
        EvaluationSentence(b"", source, [*processor.piece_to_id(source.split(" ")), EOS_ID], [EOS_ID], [reference])
        for source, reference in zip(sources, references, strict=True)
    ]
    search = TrainingValidationConfig(metric="bleu", strategy="beam", beam_size=BEAM, max_length=100)
    score = make_score(model, sentences, detokenizer(vocabulary), search, "de")
    return {"bleu": score(), "steps": loop.progress.step, "seconds": trained, "precision": dtype}


def work_of(model: Seq2SeqModel, source_tokens: float, target_tokens: float) -> float:
    """Operations of the matrix products with weights: 2 forward and 4 backward for each weight and token.

    Encoder weights meet source tokens, all others target tokens (the shared embedding as the output's projection);
    products without weights, as in attention, are not counted, nor is padding.
    """
    total = 0.0
    for variable in model.trainable_variables:
        if len(variable.shape) == 2:
            tokens = source_tokens if variable.path.startswith("encoder") else target_tokens
            total += 6.0 * float(variable.shape[0] * variable.shape[1]) * tokens
    return total


def _request() -> dict[str, Any]:
    request: dict[str, Any] = json.load(sys.stdin)
    return request


def open_stores(work: Path) -> tuple[TokenStore, TokenStore]:
    """Stores of what `training_speed.prepare` left, and of nothing; the examples: `train.gz` and `nothing.gz`."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(work / "vocabulary.model"))
    file, nothing = work / "train.gz", work / "nothing.gz"
    if not (work / "store").exists():
        sides = [(work / f"train.{side}").read_text(encoding="utf-8").splitlines() for side in ("en", "de")]
        with tf.io.TFRecordWriter(str(file), "GZIP") as writer:
            for number, pieces in enumerate(zip(*sides, strict=True)):
                ids = [[*processor.piece_to_id(each.split(" ")), EOS_ID] for each in pieces]
                writer.write(_example(number, ids[0], ids[1]).SerializeToString())
        with tf.io.TFRecordWriter(str(nothing), "GZIP"):
            pass
    return open_token_store(work / "store", [str(file)], 256, "train"), open_token_store(
        work / "empty", [str(nothing)], 256, "eval"
    )


def _example(number: int, source: list[int], target: list[int]) -> tf.train.Example:
    identity = tf.train.BytesList(value=[pair_id("train", number).encode()])
    sides = {SOURCE_IDS.name: source, TARGET_IDS.name: target}
    features = {
        f"{name}$ragged_values": tf.train.Feature(int64_list=tf.train.Int64List(value=ids))
        for name, ids in sides.items()
    }
    features[PAIR_ID.name] = tf.train.Feature(bytes_list=identity)
    return tf.train.Example(features=tf.train.Features(feature=features))


def _seconds(function: Any, argument: tf.Tensor) -> float:
    started = time.perf_counter()
    function(argument).numpy()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
