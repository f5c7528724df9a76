"""What a stage's code is, as one hash: part of TFX's cache key, so that a change of code re-runs the stage.

TFX's key knows an executor by its class path only. The hash covers the stage's own folder, the project's modules that
it imports (transitively), and the versions of the libraries that it computes with. Comments, docstrings and formatting
do not count, and nothing in `pipeline/` does: composition computes nothing.
"""

import ast
import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from seq2seq_tfx import components, schemas
from seq2seq_tfx.components.files import sha256_of_texts

_PROJECT: Final = "seq2seq_tfx"
_COMPONENTS: Final = f"{_PROJECT}.components"
_SCHEMAS: Final = f"{_PROJECT}.schemas"

DISTRIBUTIONS: Final[dict[str, tuple[str, ...]]] = {
    "apache_beam": ("apache-beam",),
    "ctranslate2": ("ctranslate2",),
    "keras": ("keras",),
    "lingua": ("lingua-language-detector",),
    "numpy": ("numpy",),
    "orjson": ("orjson",),
    "pyarrow": ("pyarrow",),
    "pysbd": ("pysbd",),
    "re2": ("google-re2",),
    "regex": ("regex",),
    "sacrebleu": ("sacrebleu",),
    "sentencepiece": ("sentencepiece",),
    "tensorflow": ("tensorflow", "keras"),
    "tensorflow_data_validation": ("tensorflow-data-validation",),
    "tensorflow_metadata": ("tensorflow-metadata",),
    "tensorflow_model_analysis": ("tensorflow-model-analysis",),
    "tensorflow_text": ("tensorflow-text",),
    "tensorflow_transform": ("tensorflow-transform",),
    "tfx": ("tfx",),
    "tfx.components.evaluator": ("tensorflow-model-analysis",),
    "tfx.components.example_validator": ("tensorflow-data-validation",),
    "tfx.components.schema_gen": ("tensorflow-data-validation",),
    "tfx.components.statistics_gen": ("tensorflow-data-validation",),
    "tfx.components.transform": ("tensorflow-transform", "tensorflow-data-validation"),
    "tfx_bsl": ("tfx-bsl",),
    "zstandard": ("zstandard",),
}
"""Which installed distributions an imported name stands for; a stock component computes with more than TFX itself."""


@dataclass(frozen=True)
class SourceTree:
    """Where the project's layers lie: the installed ones, or a copy."""

    schemas: Path
    components: Path

    def file_of(self, module: str) -> Path | None:
        """The file of a module or package of the project; None if it has none in these two layers."""
        for prefix, folder in ((_SCHEMAS, self.schemas), (_COMPONENTS, self.components)):
            if module == prefix or module.startswith(prefix + "."):
                place = folder.joinpath(*module[len(prefix) :].split(".")[1:])
                candidates = (place / "__init__.py", place.parent / f"{place.name}.py")
                return next((path for path in candidates if path.is_file()), None)
        return None


@dataclass(frozen=True)
class _Module:
    """What one file contributes: its code without comments and docstrings, and every dotted name that it refers to."""

    code: str
    names: frozenset[str]


def code_version(stage_folder: str, tree: SourceTree | None = None) -> str:
    """The hash of everything that decides what a stage computes, its inputs and settings apart.

    Args:
        stage_folder: A folder of `components/`, as in `"vocabulary"`.
        tree: The sources to look at; by default those that are installed.

    Returns:
        A hex sha256, computed once in a process.

    Raises:
        ValueError: If there is no such folder.

    Example:
        >>> len(code_version("vocabulary"))
        64
    """
    return _code_version(stage_folder, tree or installed_tree())


def installed_tree() -> SourceTree:
    """The sources of the package that this process runs."""
    return SourceTree(schemas=Path(schemas.__path__[0]), components=Path(components.__path__[0]))


def modules_of(stage_folder: str, tree: SourceTree | None = None) -> tuple[str, ...]:
    """The dotted names of the project's modules whose code counts for a stage, sorted.

    Raises:
        ValueError: If there is no such folder.
    """
    return tuple(sorted(_reachable(stage_folder, tree or installed_tree())))


def libraries_of(stage_folder: str, tree: SourceTree | None = None) -> dict[str, str]:
    """The distributions that a stage computes with, and their installed versions (`absent` if not installed)."""
    modules = _reachable(stage_folder, tree or installed_tree()).values()
    names = {prefix for module in modules for name in module.names for prefix in _prefixes(name)}
    found = {distribution for name in names for distribution in DISTRIBUTIONS.get(name, ())}
    return {distribution: _installed_version(distribution) for distribution in sorted(found)}


@functools.cache
def _code_version(stage_folder: str, tree: SourceTree) -> str:
    modules = _reachable(stage_folder, tree)
    libraries = libraries_of(stage_folder, tree)
    return sha256_of_texts(
        f"python {sys.version_info.major}.{sys.version_info.minor}",
        *(f"{name}=={version}" for name, version in libraries.items()),
        *(text for name in sorted(modules) for text in (name, modules[name].code)),
    )


@functools.cache
def _reachable(stage_folder: str, tree: SourceTree) -> dict[str, _Module]:
    folder = tree.components / stage_folder
    if not stage_folder.isidentifier() or not folder.is_dir():
        raise ValueError(f"a stage's folder must stand in components/, got {stage_folder!r}")
    found: dict[str, _Module] = {}
    waiting = [
        ".".join((_COMPONENTS, *path.relative_to(tree.components).with_suffix("").parts)).removesuffix(".__init__")
        for path in folder.rglob("*.py")
    ]
    while waiting:
        name = waiting.pop()
        path = tree.file_of(name)
        if name in found or path is None:
            continue
        found[name] = _parsed(path, name)
        # A name may be a module, something in it, or a function in it given as text: each prefix that is a file counts,
        # parent packages too, because importing a module runs them.
        waiting.extend({prefix for reference in found[name].names for prefix in _prefixes(reference)} - found.keys())
        waiting.extend(_prefixes(name))
    return found


@functools.cache
def _parsed(path: Path, name: str) -> _Module:
    syntax = ast.parse(path.read_bytes(), filename=str(path))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(syntax):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [statement for statement in body if not _is_docstring(statement)]  # type: ignore[attr-defined]
    names = frozenset(reference for node in ast.walk(syntax) for reference in _references(node, package))
    return _Module(code=ast.dump(syntax, annotate_fields=False), names=names)


def _is_docstring(statement: ast.stmt) -> bool:
    """Docstrings of modules, classes and functions, and those below settings' fields."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        return False
    return isinstance(statement.value.value, str)


def _references(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")
            base = ".".join((*parents[: len(parents) - node.level + 1], *filter(None, (node.module,))))
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(f"{_PROJECT}."):
        yield node.value  # `seq2seq_tfx.components.training.entry.run_fn`, as TFX takes it


def _prefixes(dotted: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c` of `a.b.c`."""
    parts = dotted.split(".")
    yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


@functools.cache
def _installed_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "absent"
