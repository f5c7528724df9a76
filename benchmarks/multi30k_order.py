"""How much better one line of the family's table is than another, sentence by sentence (paired bootstrap, Koehn 2004).

Usage: python benchmarks/multi30k_order.py FOLDER --work DIR    (after `multi30k_quality.py` with the same arguments)

Prints a Markdown table: BLEU as the literature counts it, the gain, its 95% confidence interval from 1,000 drawn test
sets, and sacreBLEU's p-value.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

from multi30k_quality import LINES, TEST, TRANSLATIONS, as_literature, lines_of

from seq2seq_tfx.components.evaluation.scoring import Scorer
from seq2seq_tfx.components.evaluation.significance import paired_bootstrap

PAIRS: Final = (
    ("lstm", "lstm-luong"),
    ("gru", "gru-bahdanau"),
    ("gru-bahdanau", "lstm-luong"),
    ("gru-bahdanau", "transformer-1"),
    ("lstm-luong", "transformer-1"),
    ("transformer-1", "transformer-2"),
    ("transformer-1", "transformer-3"),
    ("transformer-1", "bert"),
    ("transformer-2", "bert"),
    ("transformer-3", "bert"),
    ("transformer-1", "gpt"),
)
"""The second is compared with the first."""


def main() -> int:
    """Print the pairs whose translations are both there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    files = {name: arguments.work / name / TRANSLATIONS for name in LINES}
    print("| line | beside | gain | 95% interval | p |\n|---|---|---|---|---|")
    for first, second in PAIRS:
        if files[first].exists() and files[second].exists():
            print(f"| {second} | {first} | {gain(arguments.folder, files[first], files[second])} |", flush=True)
    return 0


def gain(folder: Path, first: Path, second: Path) -> str:
    """The last three cells."""
    scorer = Scorer("bleu", "none")
    references = [[as_literature(text)] for text in lines_of(folder / f"{TEST}.de.gz")]
    texts = (
        [as_literature(text) for text in path.read_text(encoding="utf-8").splitlines()] for path in (first, second)
    )
    before, after = (scorer.rows(each, references) for each in texts)
    found = paired_bootstrap(scorer, before, after)
    low, high = found.interval(0.95)
    return f"{found.difference:+.2f} | {low:+.2f} to {high:+.2f} | {found.p_value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
