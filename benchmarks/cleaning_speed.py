"""Times the same cleaning rules in ours and in OpusFilter: one file, one core, language identification off and on.

Usage: python benchmarks/cleaning_speed.py FILE.tsv.gz SOURCE TARGET [PAIRS]     (as in pairs.tsv.gz en es 50000)

Both read the file, split its lines and judge every pair; the figures are processor seconds, models loaded before. A few
verdicts differ, as `tests/component/corpus/test_opusfilter_agreement.py` says; the pairs kept are printed for both.
"""

import gzip
import itertools
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from seq2seq_tfx.components.corpus.readers.input_file import InputFile
from seq2seq_tfx.components.corpus.readers.reading import read_rows
from seq2seq_tfx.components.corpus.readers.rows import Row
from seq2seq_tfx.components.corpus.rules.rule_set import RuleSet
from seq2seq_tfx.components.corpus.settings import CorpusFile
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages

REPOSITORY = Path(__file__).parents[1]
PEER = Path(__file__).with_name("opusfilter_filters.py")
BATCH = 10_000
CONFIDENCE = 0.1
OURS: dict[str, Any] = {
    "preset": "none",
    "empty": True,
    "max_characters": 1000,
    "max_words": 100,
    "max_character_ratio": 3.0,
    "max_word_ratio": 3.0,
    "max_word_length": 40,
    "max_mean_word_length": 20.0,
    "markup": True,
    "min_script_share": 0.9,
    "max_punctuation_penalty": 6,
    "min_numeral_similarity": 0.5,
    "max_repetitions": 1,
    "max_similarity": 0.75,
}


def theirs() -> list[dict[str, Any]]:
    """The same rules as OpusFilter's filters, in the same order; its limits are themselves out."""
    return [
        {"LengthFilter": {"min_length": 1, "max_length": 1000, "unit": "char"}},
        {"LengthFilter": {"min_length": 1, "max_length": 100}},
        {"LengthRatioFilter": {"threshold": math.nextafter(3.0, math.inf), "unit": "char"}},
        {"LengthRatioFilter": {"threshold": math.nextafter(3.0, math.inf)}},
        {"LongWordFilter": {"threshold": 41}},
        {"AverageWordLengthFilter": {"min_length": 0, "max_length": 20.0}},
        {"HtmlTagFilter": {}},
        {"CharacterScoreFilter": {"scripts": ["Latin", "Latin"], "thresholds": [0.9, 0.9]}},
        {"TerminalPunctuationFilter": {"threshold": -math.log(7.5)}},
        {"NonZeroNumeralsFilter": {"threshold": 0.5}},
        {"RepetitionFilter": {"threshold": 2}},
        {"SimilarityFilter": {"threshold": math.nextafter(0.75, math.inf)}},
    ]


def main() -> int:
    """Compare without language identification, then with it."""
    if len(sys.argv) not in (4, 5):
        print(__doc__, file=sys.stderr)
        return 2
    languages = Languages(source=sys.argv[2], target=sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.tsv.gz"
        count = beginning_of(Path(sys.argv[1]), path, int(sys.argv[4]) if len(sys.argv) == 5 else None)
        others = CleaningConfig().other_languages
        identified = dict.fromkeys([languages.source, languages.target, *others])
        identification = {
            "languages": [languages.source, languages.target],
            "thresholds": [CONFIDENCE, CONFIDENCE],
            "langid_languages": list(identified),
            "lingua_mode": "high",
        }
        compare("without language identification", path, count, (OURS, theirs(), languages))
        with_it = [*theirs(), {"lid.LinguaFilter": identification}]
        compare(
            "with language identification",
            path,
            count,
            (OURS | {"min_language_confidence": CONFIDENCE}, with_it, languages),
        )
    return 0


def beginning_of(given: Path, path: Path, pairs: int | None) -> int:
    """Copy the first lines; returns how many there are."""
    with gzip.open(given, "rb") as lines, gzip.open(path, "wb") as copy:
        count = 0
        for line in itertools.islice(lines, pairs):
            copy.write(line)
            count += 1
    return count


def compare(title: str, path: Path, count: int, rules: tuple[dict[str, Any], list[dict[str, Any]], Languages]) -> None:
    """Run both and print the ratio."""
    given, filters, languages = rules
    seconds, kept = ours(path, CleaningConfig.model_validate(given), languages)
    peer = opusfilter(path, filters)
    print(f"{title}, {count:,} pairs:")
    print(f"  ours        {seconds:8.2f} s  {count / seconds:10,.0f} pairs/s  {kept:,} kept")
    print(f"  OpusFilter  {peer['seconds']:8.2f} s  {count / peer['seconds']:10,.0f} pairs/s  {peer['kept']:,} kept")
    print(f"  ratio       {peer['seconds'] / seconds:8.2f}", flush=True)


def ours(path: Path, config: CleaningConfig, languages: Languages) -> tuple[float, int]:
    """Processor seconds, and pairs kept."""
    rules = RuleSet.of(config, languages)
    rules.first_broken("A dog sleeps.", "A dog sleeps here.")  # loads what is loaded at first use
    corpus = Corpus(name="pairs", split="train", path=str(path))
    file = CorpusFile(corpus="pairs", side="pairs", path=str(path), sha256=sha256_of_file(path))
    started, kept = time.process_time(), 0
    rows = (row for row in read_rows(corpus, [InputFile(file)]) if isinstance(row, Row))
    while batch := list(itertools.islice(rows, BATCH)):
        verdicts = rules.broken_rows([row.source for row in batch], [row.targets[0] for row in batch])
        kept += verdicts.count(None)
    return time.process_time() - started, kept


def opusfilter(path: Path, filters: list[dict[str, Any]]) -> dict[str, Any]:
    """The same by the peer, in its own environment."""
    made = subprocess.run([REPOSITORY / "scripts/peer.sh", "opusfilter"], check=True, capture_output=True, text=True)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as stream:
        json.dump(filters, stream)
        stream.flush()
        command = [made.stdout.strip(), str(PEER), str(path), stream.name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


if __name__ == "__main__":
    sys.exit(main())
