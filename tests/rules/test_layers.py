"""Who may import whom, read from the syntax of every file."""

import subprocess
import sys
from pathlib import Path

import pytest
from rules.source import REPOSITORY, Import, imports, layer_files, module_file, python_files, reachable, syntax

SHARED = {
    "artifacts",
    "example_files",
    "files",
    "interruption",
    "progress",
    "punctuation",
    "stock",
    "text_graph",
    "text_rules",
    "versions",
}
"""Files directly in `components/` that every stage may use."""

TEXT = {"corpus", "vocabulary", "preprocessing"}
ALLOWED = {
    "vocabulary": {"corpus"},
    "preprocessing": {"corpus", "vocabulary"},
    "models": TEXT,
    "decoding": {"models", *TEXT},
    # Early stopping scores as the evaluation does.
    "training": {"decoding", "models", "evaluation", *TEXT},
    "pretraining": {"training", "decoding", "models", *TEXT},
    # What is exported is proven: translated by the engines that users get, and scored as the evaluation does.
    "exporting": {"decoding", "models", "translation", "evaluation", *TEXT},
    # Scripts of languages, and the language identifier.
    "text_checks": {"corpus"},
    # A user's files are opened and read as corpora are.
    "translation": {"text_checks", "vocabulary", "corpus"},
    "evaluation": {"text_checks"},
    # The gate scores the model in use as the evaluation scored the candidate.
    "gate": {"evaluation"},
}
"""Stage folder -> those it may import; a stage that is not here imports no other."""

SHELLS = {"component.py", "executor.py", "artifacts.py", "resolver.py", "stock.py"}
"""Files of `components/` that may import TFX; the entry functions' modules are found by what they define."""

ENTRY_FUNCTIONS = {"run_fn", "preprocessing_fn"}

LIGHT_VERBS = ("init", "doctor", "plan", "status", "models", "clean", "translate")
"""Never import TFX, however they run."""

NO_TENSORFLOW_VERBS = ("init", "doctor", "plan", "status", "models", "clean")


def top(name: str) -> str:
    """`tensorflow` of `tensorflow.keras`."""
    return name.partition(".")[0]


def layer_of(each: Import) -> str | None:
    """Which of the project's layers an import reaches into."""
    parts = each.name.split(".")
    return parts[1] if parts[0] == "seq2seq_tfx" and len(parts) > 1 else None


def stage_of(path: Path) -> str | None:
    """The stage folder of a file in `components/`; None for the shared files."""
    parts = path.relative_to(REPOSITORY / "components").parts
    return parts[0] if len(parts) > 1 else None


def offending(files: list[Path], layers: set[str]) -> list[str]:
    """Imports of other layers than those, as lines to read."""
    return [str(each) for path in files for each in imports(path) if layer_of(each) in layers]


def test_schemas_import_no_other_layer_and_no_big_library() -> None:
    assert offending(layer_files("schemas"), {"components", "pipeline"}) == []
    heavy = {"tensorflow", "tensorflow_text", "keras", "tfx", "tensorflow_transform", "apache_beam"}
    assert [str(each) for path in layer_files("schemas") for each in imports(path) if top(each.name) in heavy] == []


def test_components_do_not_import_the_pipeline() -> None:
    assert offending(layer_files("components"), {"pipeline"}) == []


def test_components_import_each_other_only_along_the_list() -> None:
    wrong = []
    for path in layer_files("components"):
        stage = stage_of(path)
        for each in imports(path):
            target = module_file(each.name) if layer_of(each) == "components" else None
            other = stage_of(target) if target else None
            if other is not None and other != stage and other not in ALLOWED.get(stage or "", set()):
                wrong.append(str(each))
    assert wrong == []


def test_shared_files_of_components_are_the_known_ones() -> None:
    assert {path.stem for path in (REPOSITORY / "components").glob("*.py")} - {"__init__"} <= SHARED


def test_only_shells_import_tfx() -> None:
    offenders = [
        str(each)
        for path in layer_files("components")
        if path.name not in SHELLS and not _is_entry_module(path)
        for each in imports(path)
        if top(each.name) in ("tfx", "tensorflow_transform", "ml_metadata")
    ]
    assert offenders == []


def _is_entry_module(path: Path) -> bool:
    return any(getattr(node, "name", None) in ENTRY_FUNCTIONS for node in syntax(path).body)


def test_settings_of_a_stage_import_pydantic_at_most() -> None:
    for path in (REPOSITORY / "components").glob("*/settings.py"):
        heavy = [str(each) for each in reachable(path, at_module_level=True) if top(each.name) in ("tensorflow", "tfx")]
        assert heavy == []


@pytest.mark.parametrize("verb", LIGHT_VERBS)
def test_a_light_verb_reaches_no_tfx_when_everything_it_may_import_is_followed(verb: str) -> None:
    path = REPOSITORY / "pipeline/commands" / f"{verb}.py"
    banned = {"tfx", "tensorflow_transform", "apache_beam"}
    assert [str(each) for each in reachable(path, at_module_level=False) if top(each.name) in banned] == []


@pytest.mark.parametrize("verb", NO_TENSORFLOW_VERBS)
def test_a_light_verb_reaches_no_tensorflow_when_it_shows_or_writes_text_only(verb: str) -> None:
    path = REPOSITORY / "pipeline/commands" / f"{verb}.py"
    banned = {"tensorflow", "tensorflow_text", "keras"}
    assert [str(each) for each in reachable(path, at_module_level=False) if top(each.name) in banned] == []


def test_the_command_line_loads_nothing_heavy_when_it_starts() -> None:
    program = (
        "import sys; import seq2seq_tfx.pipeline.cli as cli; cli._parser(['--help']);"
        "print(sorted({'tensorflow', 'tfx', 'apache_beam', 'pydantic', 'yaml', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_project_has_one_import_name() -> None:
    layers = {"schemas", "components", "pipeline"}
    assert [str(each) for path in python_files() for each in imports(path) if top(each.name) in layers] == []


def test_imports_are_absolute_between_the_project_s_files() -> None:
    files = layer_files("schemas", "components", "pipeline")
    assert [str(each) for path in files for each in imports(path) if each.name.startswith(".")] == []
