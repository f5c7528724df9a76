"""No source and no target stands in two splits of a real corpus, as a script finds that shares no code with ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rules.source import REPOSITORY

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.splits import SplitsConfig

TATOEBA = Path(os.environ.get("SEQ2SEQ_DATA", REPOSITORY / "../shared/data")) / "tatoeba" / "en-es.tsv.gz"


def _check(examples: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(REPOSITORY / "scripts" / "check_leaks.py"), str(examples)]
    return subprocess.run(command, capture_output=True, text=True)


def _ingest(directory: Path, corpora: tuple[Corpus, ...], splits: SplitsConfig) -> Path:
    settings = CorpusSettings(
        languages=Languages(source="en", target="es"),
        corpora=corpora,
        cleaning=CleaningConfig(),
        splits=splits,
        files=fingerprint_files(corpora, directory, directory / "memory.json"),
    )
    ingest(settings, str(directory / "examples"), directory / "work")
    return directory / "examples"


@pytest.mark.skipif(not TATOEBA.is_file(), reason=f"no {TATOEBA}: set SEQ2SEQ_DATA to a folder that holds tatoeba")
def test_nothing_is_shared_when_tatoeba_is_divided(tmp_path: Path) -> None:
    corpora = (Corpus(name="tatoeba", split="auto", path=str(TATOEBA)),)
    done = _check(_ingest(tmp_path, corpora, SplitsConfig(eval_share=0.02, test_share=0.02)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"(\d+) source keys and (\d+) target keys shared", done.stdout) == [("0", "0")] * 3
    random_share = re.search(r"random split of these pairs: (\d+\.\d+)%", done.stdout)
    assert random_share is not None and float(random_share[1]) > 10
    print(done.stdout)


def test_the_script_finds_what_given_sets_share(tmp_path: Path) -> None:
    for name, rows in (("train", "a\tb\nc\td\n"), ("eval", "A \tx\n"), ("test", "e\tX\n")):
        (tmp_path / f"{name}.tsv").write_text(rows)
    corpora = tuple(Corpus(name=name, split=name, path=f"{name}.tsv") for name in ("train", "eval", "test"))
    splits = SplitsConfig.model_validate({"decontamination": {"enabled": False}})
    done = _check(_ingest(tmp_path, corpora, splits))
    assert done.returncode == 1
    assert "train and eval: 1 source keys and 0 target keys shared" in done.stdout
    assert "eval and test: 0 source keys and 1 target keys shared" in done.stdout
    assert "stands in train: 50.00%" in done.stdout
