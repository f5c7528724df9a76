"""How long files and functions may be, and what a folder says of itself."""

import ast
import re
from pathlib import Path

import pytest
from rules.source import LAYERS, REPOSITORY, layer_files, python_files, syntax

LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def test_no_python_file_is_longer_than_400_lines() -> None:
    sizes = {
        path.relative_to(REPOSITORY): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()
    }
    assert {str(path): size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name} ({size} lines)"
        for path in layer_files(*LAYERS)
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (size := code_lines(node)) > LONGEST_FUNCTION
    ]
    assert long == []


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, its docstring not counted."""
    docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    prose = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (node.end_lineno or 0) - node.lineno + 1 - prose


def stage_folders() -> list[str]:
    """Every package folder of the work layer."""
    return sorted(
        path.parent.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "components").glob("*/__init__.py")
    )


@pytest.mark.parametrize("folder", stage_folders())
def test_a_stage_folder_names_the_file_to_open_first(folder: str) -> None:
    docstring = ast.get_docstring(syntax(REPOSITORY / folder / "__init__.py")) or ""
    named = re.findall(r"`([a-z_]+\.py)`", docstring)
    assert named, f"{folder}/__init__.py must name a file in backticks"
    assert (REPOSITORY / folder / named[0]).is_file()


def test_every_folder_of_code_is_a_package_whose_init_holds_only_a_docstring() -> None:
    for layer in LAYERS:
        for folder in {path.parent for path in layer_files(layer)}:
            init = folder / "__init__.py"
            assert init.is_file(), f"{folder.relative_to(REPOSITORY)} must have an __init__.py"
            if folder != REPOSITORY / "pipeline/_package":
                body = syntax(init).body
                assert len(body) == 1 and ast.get_docstring(syntax(init)), f"{init} must hold a docstring alone"


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "misc"])
def test_no_file_has_a_name_that_says_nothing(word: str) -> None:
    assert [str(path) for path in python_files() if word in Path(path).stem.split("_")] == []
