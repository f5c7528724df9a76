"""The examples load, and name the files that their READMEs tell people to get."""

import os
import re
from pathlib import Path

import pytest
from rules.source import REPOSITORY

from seq2seq_tfx.schemas.config.loading import corpus_files, load_config, missing_files

EXAMPLES = sorted(path.parent for path in (REPOSITORY / "examples").glob("*/pipeline.yaml"))
DATA = Path(os.environ.get("SEQ2SEQ_DATA", REPOSITORY / "../shared/data"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_loads_and_its_readme_names_its_files(folder: Path) -> None:
    loaded = load_config(folder / "pipeline.yaml")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for corpus in loaded.config.corpora:
        for _, name in corpus_files(corpus):
            assert re.search(rf"(?<![\w./]){re.escape(name)}(?![\w/])", readme), name
    assert loaded.root == folder / "work"


def test_the_examples_are_there() -> None:
    assert [folder.name for folder in EXAMPLES] == ["multi30k_en_de", "multilingual", "tatoeba_en_es"]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data in {DATA} (SEQ2SEQ_DATA)")
def test_the_multi30k_example_finds_all_files_when_they_are_beside_it(tmp_path: Path) -> None:
    config = tmp_path / "pipeline.yaml"
    config.write_bytes((REPOSITORY / "examples/multi30k_en_de/pipeline.yaml").read_bytes())
    for path in (DATA / "multi30k").iterdir():
        (tmp_path / path.name).symlink_to(path.resolve())
    assert missing_files(load_config(config)) == ()
