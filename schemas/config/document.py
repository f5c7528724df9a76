"""YAML text as plain values that remember where each was written.

The values are those of `yaml.safe_load`, with three differences that spare people puzzles: `1e-3` is a number, a date
is text, and a key given twice is an error. Problems are collected, not raised one by one.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

KeyPath = tuple[str | int, ...]
"""Where a value stands: keys and list indexes from the top."""

_LARGEST_TEXT_BYTES: Final = 1 << 20
_MOST_VALUES: Final = 100_000
_DEEPEST: Final = 20
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")
_PLAIN_TAGS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_TIMESTAMP_TAG: Final = "tag:yaml.org,2002:timestamp"
_AFTER_ALL_LINES: Final = 1 << 30


class Origin(NamedTuple):
    """What gave a value: a line of a file, or an argument of the command line."""

    name: str
    line: int = 0
    """Counted from 1; 0 for an argument."""

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


class Problem(NamedTuple):
    """Something wrong, and where; `str` is the line that people read."""

    origin: Origin
    path: KeyPath
    sentence: str

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.origin), dotted(self.path), self.sentence)))


@dataclass
class Document:
    """Values as plain Python data, where each was given, and what is wrong so far."""

    values: Any
    origins: dict[KeyPath, Origin]
    """Holds `()` and every path that was written out."""
    written: dict[KeyPath, str] = field(default_factory=dict)
    """What stands there for a true or false that is spelled otherwise, as `no` is."""
    problems: list[Problem] = field(default_factory=list)

    def origin(self, path: KeyPath) -> Origin:
        """Where the value at a path was given, or the nearest thing around it that was."""
        return next(self.origins[path[:size]] for size in range(len(path), -1, -1) if path[:size] in self.origins)

    def report(self, path: KeyPath, sentence: str) -> None:
        """Add a problem with the value at a path."""
        self.problems.append(Problem(self.origin(path), path, sentence))

    def sorted_problems(self) -> tuple[str, ...]:
        """The problems as people read them: by line, the command line's last, each once."""
        ordered = sorted(self.problems, key=lambda problem: problem.origin.line or _AFTER_ALL_LINES)
        return tuple(dict.fromkeys(str(problem) for problem in ordered))


def dotted(path: KeyPath) -> str:
    """A path as people type it.

    Example:
        >>> dotted(("corpora", 0, "split"))
        'corpora.0.split'
    """
    return ".".join(str(part) for part in path)


def read_document(text: str, name: str) -> Document:
    """Parse a YAML text; its values are None where the text itself is wrong.

    Args:
        text: The file's content.
        name: What messages call the file.
    """
    document = Document(values=None, origins={(): Origin(name, 1)})
    document.values = _Reader(document, Origin(name, 1)).read(text, ())
    return document


def read_value(document: Document, path: KeyPath, text: str, argument: Origin) -> Any:
    """Parse the value of a `--set` argument and note in the document that it was given there.

    Args:
        document: The configuration that the value will be put into.
        path: Where it goes.
        text: The value as YAML, as in `3`, `true` or `[bleu, ter]`.
        argument: What messages call the argument.
    """
    for known in [known for known in document.origins if known[: len(path)] == path]:
        del document.origins[known]
        document.written.pop(known, None)
    document.origins[path] = argument
    return _Reader(document, argument).read(text, path)


class _TooMuchError(Exception):
    """Aliases blow the document up, or it contains itself."""


class _Reader:
    """Composes YAML nodes and builds plain values of them, aliases written out."""

    def __init__(self, document: Document, origin: Origin) -> None:
        self._document, self._origin = document, origin
        self._constructor = yaml.SafeLoader("")
        self._count = 0

    def read(self, text: str, path: KeyPath) -> Any:
        """The value of a text that stands at `path`; None, and a problem, where it cannot be read."""
        if not _is_unicode(text):
            self._report(0, path, "must be UTF-8, got bytes that are not; save the file, or set the terminal, as UTF-8")
            return None
        size = len(text.encode())
        if size > _LARGEST_TEXT_BYTES:
            self._report(0, path, f"must be at most {_LARGEST_TEXT_BYTES:,} bytes, got {size:,}")
            return None
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            return None if node is None else self._value(node, path)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = ", ".join(filter(None, (error.context, error.problem)))
            self._report(mark.line if mark else 0, path, f"must be YAML, got what cannot be read: {what}")
        except yaml.YAMLError as error:
            self._report(0, path, f"must be YAML, got what cannot be read: {_first_line(error)}")
        except (_TooMuchError, RecursionError):
            self._report(0, path, f"must hold at most {_MOST_VALUES:,} values, {_DEEPEST} deep, got more")
        return None

    def _at(self, line: int) -> Origin:
        """Where the line (from 0) of the text is."""
        return Origin(self._origin.name, self._origin.line + line) if self._origin.line else self._origin

    def _report(self, line: int, path: KeyPath, sentence: str) -> None:
        self._document.problems.append(Problem(self._at(line), path, sentence))

    def _value(self, node: Node, path: KeyPath) -> Any:
        self._count += 1
        if self._count > _MOST_VALUES or len(path) > _DEEPEST:
            raise _TooMuchError
        self._document.origins.setdefault(path, self._at(node.start_mark.line))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, MappingNode):
            return dict(self._items(node, path))
        raise TypeError(f"a YAML node must be a scalar, a sequence or a mapping, got {node!r}")

    def _items(self, node: MappingNode, path: KeyPath) -> Iterator[tuple[str, Any]]:
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line
            if not isinstance(key_node, ScalarNode) or key_node.tag == _MERGE_TAG:
                self._report(
                    line, path, "keys must be plain words, got a merge (<<), a list or a mapping; write them out"
                )
                continue
            if not _is_unicode(str(key_node.value)):
                self._report(line, path, f"keys must be text, got half of a surrogate pair in {key_node.value!r}")
                continue
            inner = (*path, str(key_node.value))
            if key_node.value in lines:
                self._report(line, inner, f"must be given once, got it on line {lines[key_node.value] + 1} too")
                continue
            lines[key_node.value] = line
            self._document.origins[inner] = self._at(line)
            yield key_node.value, self._value(value_node, inner)

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        text = str(node.value)
        if not _is_unicode(text):
            self._report(node.start_mark.line, path, f"must be text, got half of a surrogate pair in {text!r}")
            return None
        if node.style is None and _FLOAT.fullmatch(text):
            node = ScalarNode("tag:yaml.org,2002:float", text, node.start_mark, node.end_mark)
        if node.tag == _TIMESTAMP_TAG:
            return text
        if node.tag not in _PLAIN_TAGS:
            self._report(node.start_mark.line, path, f"must be a plain value, got the YAML tag {node.tag}")
            return None
        try:
            value = self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError, KeyError, IndexError) as error:
            self._report(node.start_mark.line, path, f"must be a plain value, got {text!r} ({_first_line(error)})")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._report(node.start_mark.line, path, f"must be a finite number, got {text}")
            return None
        if isinstance(value, bool) and text not in ("true", "false"):
            self._document.written[path] = text
        return value


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold it: bytes that are not, and escapes in quotes, make surrogates of their own."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
