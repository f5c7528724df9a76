"""The project's own files, as the rules look at them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
LAYERS = ("schemas", "components", "pipeline")
PROJECT = "seq2seq_tfx"


class Import(NamedTuple):
    """One imported name and where it is."""

    path: Path
    line: int
    name: str
    """Dotted; `from a.b import c` gives `a.b.c`."""
    at_module_level: bool
    """Whether importing the file runs it (imports for type checkers alone do not count)."""

    def __str__(self) -> str:
        return f"{self.path.relative_to(REPOSITORY)}:{self.line} imports {self.name}"


def layer_files(*layers: str) -> list[Path]:
    """The Python files of some layers."""
    return sorted(path for layer in layers for path in (REPOSITORY / layer).rglob("*.py"))


def python_files() -> list[Path]:
    """Every Python file of the project."""
    return [path for path in kept_files() if path.suffix == ".py"]


@cache
def kept_files() -> tuple[Path, ...]:
    """What version control keeps, or would keep if it were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return tuple(path for path in (REPOSITORY / name for name in listed.splitlines()) if path.is_file())


@cache
def syntax(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports(path: Path) -> tuple[Import, ...]:
    """Everything that a file imports, inside functions too."""
    return tuple(_imports(path, syntax(path).body, at_module_level=True))


def _imports(path: Path, nodes: list[ast.AST] | list[ast.stmt], at_module_level: bool) -> Iterator[Import]:
    for node in nodes:
        inside = at_module_level and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            inside = False
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name, at_module_level) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = f"{'.' * node.level}{node.module or ''}"
            yield from (Import(path, node.lineno, f"{base}.{alias.name}", at_module_level) for alias in node.names)
        else:
            yield from _imports(path, list(ast.iter_child_nodes(node)), inside)


def module_file(name: str) -> Path | None:
    """The file of a dotted name of the project, or of the module that it is in."""
    parts = name.split(".")
    if parts[0] != PROJECT or len(parts) < 2 or parts[1] not in LAYERS:
        return None
    place = REPOSITORY.joinpath(*parts[1:])
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    found = next((path for path in candidates if path.is_file()), None)
    return found or module_file(".".join(parts[:-1]))


def reachable(start: Path, *, at_module_level: bool) -> Iterator[Import]:
    """Everything imported by a file and by the project's files that it imports, transitively."""
    waiting, seen = [start], {start}
    while waiting:
        for each in imports(waiting.pop()):
            if at_module_level and not each.at_module_level:
                continue
            yield each
            path = module_file(each.name)
            if path is not None and path not in seen:
                seen.add(path)
                waiting.append(path)
