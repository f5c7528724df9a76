"""What changes a stage's code version, tried on a small copy of the project's shape."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from seq2seq_tfx.pipeline.code_version import SourceTree, code_version, installed_tree, libraries_of, modules_of

FILES = {
    "schemas/__init__.py": '"""Contracts."""\n',
    "schemas/features.py": '"""Names."""\n\nPAD_ID = 0\n',
    "schemas/unrelated.py": "X = 1\n",
    "components/__init__.py": '"""Work."""\n',
    "components/files.py": "def write() -> None:\n    return None\n",
    "components/alpha/__init__.py": '"""Open `stage.py`."""\n',
    "components/alpha/stage.py": (
        '"""Stage."""\n\nimport sentencepiece\nfrom seq2seq_tfx.components import files\n\n\n'
        "def work() -> int:\n"
        '    """Work."""\n'
        "    from seq2seq_tfx.components.beta.maths import add\n\n"
        "    files.write()\n"
        "    return add(1)\n"
    ),
    "components/beta/__init__.py": '"""Open `stage.py`."""\n',
    "components/beta/maths.py": (
        "from seq2seq_tfx.schemas.features import PAD_ID\n\n\ndef add(x: int) -> int:\n    return x + PAD_ID\n"
    ),
    "components/beta/stage.py": 'from . import maths\n\nENTRY = "seq2seq_tfx.components.gamma.entry.run_fn"\n',
    "components/gamma/__init__.py": '"""Open `entry.py`."""\n',
    "components/gamma/entry.py": "import tensorflow as tf\n\n\ndef run_fn() -> object:\n    return tf\n",
    "pipeline/graph.py": "GRAPH = 1\n",
}

Plant = Callable[..., SourceTree]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes the small project with some files changed (name -> text) into a new folder."""

    def write(changes: dict[str, str] | None = None) -> SourceTree:
        root = tmp_path / f"tree{len(list(tmp_path.iterdir()))}"
        for name, text in {**FILES, **(changes or {})}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return SourceTree(schemas=root / "schemas", components=root / "components")

    return write


def changed_by(plant: Plant, name: str, old: str, new: str) -> set[str]:
    """The stages whose version an edit changes."""
    before, after = plant(), plant({name: FILES[name].replace(old, new)})
    assert old in FILES[name]
    return {stage for stage in ("alpha", "beta", "gamma") if code_version(stage, before) != code_version(stage, after)}


def test_a_version_is_a_sha256_that_does_not_depend_on_the_folder_when_the_code_is_the_same(plant: Plant) -> None:
    first, second = code_version("alpha", plant()), code_version("alpha", plant())
    assert first == second
    assert re.fullmatch("[0-9a-f]{64}", first)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("components/alpha/stage.py", '"""Work."""', '"""Do the work,\n    at length."""'),
        ("components/alpha/stage.py", '"""Stage."""', "# only a comment"),
        ("components/alpha/stage.py", "return add(1)", "return (\n        add(1)  # one\n    )"),
        ("components/alpha/__init__.py", "Open `stage.py`.", "Look into `stage.py`."),
        ("schemas/features.py", "PAD_ID = 0\n", 'PAD_ID = 0\n"""Padding."""\n'),
        ("schemas/unrelated.py", "1", "2"),
        ("pipeline/graph.py", "1", "2"),
    ],
)
def test_no_version_changes_when_only_words_layout_or_unused_code_change(
    plant: Plant, name: str, old: str, new: str
) -> None:
    assert changed_by(plant, name, old, new) == set()


@pytest.mark.parametrize(
    ("name", "old", "new", "stages"),
    [
        ("components/alpha/stage.py", "add(1)", "add(2)", {"alpha"}),
        ("components/beta/maths.py", "x + PAD_ID", "x - PAD_ID", {"alpha", "beta"}),
        ("components/beta/stage.py", "ENTRY = ", "DOOR = ", {"beta"}),
        ("components/files.py", "return None", "return print()", {"alpha"}),
        ("components/gamma/entry.py", "return tf", "return tf.constant(1)", {"beta", "gamma"}),
        ("schemas/features.py", "PAD_ID = 0", "PAD_ID = 1", {"alpha", "beta"}),
    ],
)
def test_exactly_the_stages_that_run_the_code_change_when_code_changes(
    plant: Plant, name: str, old: str, new: str, stages: set[str]
) -> None:
    assert changed_by(plant, name, old, new) == stages


def test_a_new_file_in_the_folder_changes_the_version_when_nothing_imports_it_yet(plant: Plant) -> None:
    after = plant({"components/alpha/more/deep.py": "Y = 1\n"})
    assert code_version("alpha", plant()) != code_version("alpha", after)
    assert "seq2seq_tfx.components.alpha.more.deep" in modules_of("alpha", after)


def test_libraries_are_those_of_the_imports_when_they_are_reached_through_other_modules(plant: Plant) -> None:
    tree = plant()
    assert list(libraries_of("alpha", tree)) == ["sentencepiece"]
    assert list(libraries_of("beta", tree)) == ["keras", "tensorflow"]
    assert libraries_of("gamma", tree)["tensorflow"].startswith("2.")


def test_a_stage_that_is_not_there_is_named_when_asked_for(plant: Plant) -> None:
    for name in ("delta", "../components", ""):
        with pytest.raises(ValueError, match=re.escape(repr(name))):
            code_version(name, plant())


def test_every_installed_stage_has_its_own_version_and_no_module_of_the_pipeline() -> None:
    folders = [path.name for path in installed_tree().components.iterdir() if (path / "__init__.py").is_file()]
    started = time.perf_counter()
    versions = {name: code_version(name) for name in folders}
    assert time.perf_counter() - started < 10.0
    assert len(set(versions.values())) == len(folders)
    for name in folders:
        assert not [module for module in modules_of(name) if module.startswith("seq2seq_tfx.pipeline")]
