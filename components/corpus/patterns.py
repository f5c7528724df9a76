"""The files that a corpus's names stand for: globs, and the newest `{SPAN}` and `{VERSION}` as TFX has them.

`{SPAN}` and `{VERSION}` are whole numbers, of any number of digits or, as in `{SPAN:4}`, of exactly so many. The newest
span is taken, of it the newest version, and all files of this version. All files of a corpus must come to the same span
and version: a span of which one side has not arrived yet is an error, not half a corpus.
"""

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from seq2seq_tfx.components.corpus.readers.opening import remote_files
from seq2seq_tfx.components.corpus.settings import given_files
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.formats import SPAN, is_pattern, is_remote

_SHOWN_PAIRS = 20
_ESCAPED_HYPHEN = r"\-"
_WILDCARDS = re.compile(r"(?P<any>\*\*/?)|(?P<some>\*)|(?P<one>\?)|\[(?P<class>!?\]?[^\]]*)\]|" + SPAN.pattern)


class Resolved(NamedTuple):
    """The files of a corpus."""

    files: tuple[tuple[str, str], ...]
    """Side and path, local ones absolute; side by side in the order of `given_files`, each side's files sorted."""
    problems: tuple[str, ...]
    """What is wrong, each with the side; there are no files then."""


class _Match(NamedTuple):
    path: str
    span: str = ""
    version: str = ""

    @property
    def age(self) -> tuple[int, int]:
        return int(self.span or 0), int(self.version or 0)


def resolve_files(corpus: Corpus, directory: Path, span: int | None = None) -> Resolved:
    """Find the files of a corpus. That a file named without a pattern exists is not checked.

    Args:
        corpus: Its configuration.
        directory: What relative paths start from.
        span: The span to take in place of the newest one.

    Raises:
        CorpusError: If Beam has no file system for a path.
    """
    sides: dict[str, list[_Match]] = {}
    problems = []
    for side, given in given_files(corpus):
        try:
            sides[side] = _newest(given, _matches(given, directory), span)
        except (ValueError, OSError) as error:
            problems.append(f"{side}: {error}")
    if not problems:
        problems += _disagreements(sides)
    files = [(side, match.path) for side, matches in sides.items() for match in matches]
    return Resolved(() if problems else tuple(files), tuple(problems))


def _matches(given: str, directory: Path) -> list[_Match]:
    """The files that fit a name, sorted."""
    if is_remote(given):
        if not is_pattern(given):
            return [_Match(given)]
        paths = remote_files(SPAN.sub("*", given))
    elif not is_pattern(given) or (directory / given).exists():
        return [_Match(os.path.abspath(directory / given))]
    else:
        paths = [
            path
            for path in sorted(glob.glob(SPAN.sub("*", given), root_dir=directory, recursive=True))
            if (directory / path).is_file()
        ]
    wanted = re.compile(_expression(given))
    found = [(path, match.groupdict()) for path in paths if (match := wanted.fullmatch(path))]
    return [
        _Match(
            path if is_remote(path) else os.path.abspath(directory / path),
            groups.get("span") or "",
            groups.get("version") or "",
        )
        for path, groups in found
    ]


def _expression(pattern: str) -> str:
    """A regular expression for the paths of a pattern, with the groups `span` and `version`."""
    return "".join(_parts(pattern))


def _parts(pattern: str) -> Iterator[str]:
    at = 0
    for match in _WILDCARDS.finditer(pattern):
        yield re.escape(pattern[at : match.start()])
        at = match.end()
        if match["any"]:
            yield ".*"
        elif match["some"]:
            yield "[^/]*"
        elif match["one"]:
            yield "[^/]"
        elif match["class"] is not None:
            negated = "^" if match["class"].startswith("!") else ""
            yield f"[{negated}{re.escape(match['class'].removeprefix('!')).replace(_ESCAPED_HYPHEN, '-')}]"
        else:
            name, digits = match["kind"].lower(), match["digits"]
            yield f"(?P<{name}>[0-9]{{{digits}}})" if digits else f"(?P<{name}>[0-9]+)"
    yield re.escape(pattern[at:])


def _newest(given: str, matches: list[_Match], span: int | None) -> list[_Match]:
    """Those of the newest version of the newest span, or of the given one.

    Raises:
        ValueError: If there is none, or its number is written in several ways.
    """
    if not matches:
        raise ValueError(f"no file matches {given}")
    if span is not None and SPAN.search(given):
        wanted = [match for match in matches if match.age[0] == span]
        if not wanted:
            there = ", ".join(map(str, sorted({match.age[0] for match in matches})[-_SHOWN_PAIRS:]))
            raise ValueError(f"no file of span {span} matches {given}; there are the spans {there}")
        matches = wanted
    newest = max(match.age for match in matches)
    chosen = [match for match in matches if match.age == newest]
    ways = sorted({(match.span, match.version) for match in chosen})
    if len(ways) > 1:
        raise ValueError(
            f"{given} matches the same number written in several ways: {chosen[0].path} and {chosen[-1].path}; "
            "remove one"
        )
    return chosen


def _disagreements(sides: dict[str, list[_Match]]) -> Iterator[str]:
    """Sides with other files than the first one."""
    (first, firsts), *others = sides.items()
    for side, matches in others:
        if len(matches) != len(firsts):
            yield (
                f"{first} and {side}: both must match the same number of files, but {first} matches {len(firsts)} "
                f"and {side} {len(matches)}: {_pairing(firsts, matches)}"
            )
        elif matches[0].age != firsts[0].age:
            yield (
                f"{first} and {side}: both must have the same newest span and version, but the newest files are "
                f"{firsts[-1].path} and {matches[-1].path}; wait for the missing one, or remove the half that is there"
            )


def _pairing(firsts: list[_Match], seconds: list[_Match]) -> str:
    pairs = []
    for index in range(min(_SHOWN_PAIRS, max(len(firsts), len(seconds)))):
        one, other = (os.path.basename(m[index].path) if index < len(m) else "nothing" for m in (firsts, seconds))
        pairs.append(f"{one} with {other}")
    return "; ".join(pairs) + ("; ..." if max(len(firsts), len(seconds)) > _SHOWN_PAIRS else "")
