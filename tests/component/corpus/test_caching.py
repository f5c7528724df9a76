"""What runs again when something changes, for the stages from corpus to validation."""

import os
from pathlib import Path

import pytest
from data_chain import DataChain

RUN = ("corpus", "vocabulary", "statistics", "schema", "validation")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> DataChain:
    """A chain of this module's own, already run."""
    chain = DataChain(tmp_path_factory.mktemp("caching"), stages=RUN)
    chain.write_corpora()
    assert chain.run() == set(RUN)
    return chain


def _corpus_file(chain: DataChain) -> Path:
    return chain.directory / "train.1"


def test_no_stage_runs_when_nothing_changed_or_a_file_was_touched(chain: DataChain) -> None:
    assert chain.run() == set()
    _corpus_file(chain).touch()
    assert chain.run() == set()


def test_a_stock_stage_and_those_after_it_run_when_its_code_version_changes(chain: DataChain) -> None:
    chain.code_versions["statistics"] = "2"
    assert chain.run() == {"statistics", "validation"}


def test_only_validation_runs_when_its_code_version_changes(chain: DataChain) -> None:
    chain.code_versions["validation"] = "2"
    assert chain.run() == {"validation"}


def test_corpus_and_vocabulary_run_when_a_byte_changes_and_size_and_time_are_kept(chain: DataChain) -> None:
    path = _corpus_file(chain)
    status = path.stat()
    with path.open("r+b") as stream:
        stream.write(b"T")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    chain.stages = ("corpus", "vocabulary", "schema")
    assert chain.run() == {"corpus", "vocabulary"}
