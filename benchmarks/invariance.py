"""What it costs that a translation does not depend on its neighbours: the SavedModel's fixed shapes beside free ones.

Usage: python benchmarks/invariance.py --model DIR/work/pushed --input A.en.gz [--sentences 20000] [--sample 2000]

The same search over the same weights, in calls of 2,048 sentences, each setting in a process of its own. *Fixed* are
the shapes of `components/decoding/layout.py`. *Free* is what other decoders do: any number of rows a step, sources
padded to few tokens more than they have, whatever is fastest in a grid that is tried on every so many-th sentence; its
translations may change with their neighbours. Loading and a first call are not counted. The bound: free batching is at
most 1.3 times as fast.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from bounds import bounded
from opennmt_inference import every

MOST_TIMES: Final = 1.3
CALL: Final = 2048


class Shapes(NamedTuple):
    """What free batching is tried with."""

    rows: int
    """Of a step, about."""
    widths: int
    """Sources are padded to a multiple of it."""


GRID: Final = tuple(Shapes(*each) for each in itertools.product((64, 96, 128, 192, 256, 384), (4, 16)))


def main() -> int:
    """Try, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--input", nargs="+", required=True)
    parser.add_argument("--sentences", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--shapes", type=int, nargs="*", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.shapes is not None:
        print(json.dumps(rate_of(arguments, Shapes(*arguments.shapes) if arguments.shapes else None)))
        return 0
    rates = {}
    for shapes in GRID:
        rates[shapes] = measured(arguments, shapes, arguments.sample)
        print(f"free, {shapes}: {rates[shapes]:,.1f} of the sample/s", flush=True)
    best = max(GRID, key=lambda shapes: rates[shapes])
    fixed, free = (measured(arguments, shapes, arguments.sentences) for shapes in (None, best))
    print(f"fixed: {fixed:,.1f} sentences/s; free, {best}: {free:,.1f} sentences/s")
    print(bounded("free beside fixed", free / fixed, MOST_TIMES, most=True, unit="times"))
    return 0


def measured(arguments: argparse.Namespace, shapes: Shapes | None, sentences: int) -> float:
    """Sentences a second, in a process of its own; None for the fixed shapes."""
    command = [sys.executable, __file__, "--model", str(arguments.model), "--input", *arguments.input]
    more = ["--sentences", str(arguments.sentences), "--sample", str(sentences)]
    wanted = ["--shapes", *map(str, shapes or ())]
    done = subprocess.run([*command, *more, *wanted], check=True, stdout=subprocess.PIPE)
    rate: float = json.loads(done.stdout)
    return rate


def make_free(shapes: Shapes) -> None:
    """Change the layout, before what computes with it is imported."""
    from seq2seq_tfx.components.decoding import layout

    changes = {
        "ROW_UNIT": 1,
        "SENTENCE_UNIT": 1,
        "WANTED_ROWS": shapes.rows,
        "WIDTHS": tuple(range(shapes.widths, layout.MAX_TOKENS + 1, shapes.widths)),
        "_BLOCK_ROWS": layout._MAX_GROUPS * shapes.rows,
        "_MAX_SENTENCES": shapes.rows,
    }
    for name, value in changes.items():
        setattr(layout, name, value)


def rate_of(arguments: argparse.Namespace, shapes: Shapes | None) -> float:
    """Sentences a second with weights, vocabulary and settings of an export, in this process."""
    if shapes is not None:
        make_free(shapes)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    from seq2seq_tfx.components.exporting.serving import ServedModel
    from seq2seq_tfx.components.exporting.settings import ExportSettings
    from seq2seq_tfx.components.models.build import build_described
    from seq2seq_tfx.components.models.description import ModelDescription
    from seq2seq_tfx.components.models.weights import load_weights
    from seq2seq_tfx.components.translation.lines import read_lines
    from seq2seq_tfx.components.translation.locating import find_export, read_export_record
    from seq2seq_tfx.components.vocabulary.files import find_models

    export = find_export(arguments.model)
    description = ModelDescription.from_json((export / "weights/settings.json").read_bytes())
    model = build_described(description, seed=0, compute_dtype="float32")
    load_weights(model, export / description.exported_weights)
    record = read_export_record(export)
    settings = ExportSettings.model_validate({name: record[name] for name in ExportSettings.model_fields})
    served = ServedModel(model, find_models(export), settings)
    lines = list(dict.fromkeys(line for line in read_lines(arguments.input) if line.strip()))[: arguments.sentences]
    texts = [text.encode() for text in every(lines, arguments.sample)]
    served.translate(tf.constant(texts[:64]))
    started = time.perf_counter()
    for start in range(0, len(texts), CALL):
        served.translate(tf.constant(texts[start : start + CALL]))
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
