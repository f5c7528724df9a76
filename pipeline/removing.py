"""Finds what a root and its push directory hold beyond what is kept, and removes it.

What ML Metadata knows is marked there before its folder goes, and a version is renamed before its files go: so a kill
in between leaves nothing that looks whole and is not, and the next `clean` finds what is left.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from seq2seq_tfx.components.files import EXECUTION_FILE, WORK_FOLDER
from seq2seq_tfx.components.pushing.in_use import changing, flush, half_written
from seq2seq_tfx.components.versions import ADOPTED_FOLDER, INCOMING, REMOVED, list_versions
from seq2seq_tfx.pipeline.history import History, Recorded
from seq2seq_tfx.pipeline.keeping import Executions, Kept, kept_versions
from seq2seq_tfx.pipeline.root import Root
from seq2seq_tfx.pipeline.stages import NAMES
from seq2seq_tfx.schemas.errors import InputError

Kind = Literal["artifact", "work folder", "translations", "log", "version", "unfinished version"]

_SYSTEM_FOLDER: Final = ".system"
"""Where TFX's launcher keeps its notes while a node runs, an empty folder an execution afterwards."""
_PUSHED: Final = ("version", "unfinished version")
_TRANSLATING: Final = ("translations", "baseline_translations")
_CLOCK_SECONDS: Final = 2.0
"""How far a file's time and ML Metadata's may be apart."""


class LeftOver(NamedTuple):
    """Something that nobody needs."""

    kind: Kind
    path: Path
    size_bytes: int
    """Of all files in it."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where to look."""

    root: Root
    push_directory: Path
    """The folder of the versions."""


def find_left_overs(history: History, places: Places, kept: Kept, newest: int) -> list[LeftOver]:
    """Everything that is not kept; nothing outside the root and the push directory.

    Args:
        history: The metadata of the root.
        places: The root and the push directory.
        kept: What stays.
        newest: How many logs stay.

    Raises:
        InputError: If the metadata is that of another folder.
    """
    executions = Executions(history)
    _require_same_place(history, places.root, executions)
    found = [
        *_left_over_outputs(history, places.root, kept, executions),
        *_left_over_work(places.root, kept, executions),
        *_left_over_translations(places.root, kept, executions),
        *(("log", path) for path in sorted(places.root.logs.glob("run-*.log"))[:-newest]),
        *_left_over_versions(places.push_directory, kept),
    ]
    return [LeftOver(kind, path, _size_bytes(path)) for kind, path in found]


def remove(history: History, places: Places, kept: Kept, left_overs: Sequence[LeftOver]) -> list[LeftOver]:
    """Remove what `find_left_overs` found, but no version that was put in use since, nor what a push works on.

    Args:
        history: The metadata of the root; the artifacts that go are marked as deleted there.
        places: The root and the push directory.
        kept: What stays.
        left_overs: What goes.

    Returns:
        What went.
    """
    history.mark_deleted(_forgotten(history, places, kept, Executions(history)))
    pushed = [each for each in left_overs if each.kind in _PUSHED]
    others = [each for each in left_overs if each.kind not in _PUSHED]
    for each in others:
        _remove_path(each.path)
    for node in NAMES:
        for notes in _visible_folders(places.root.artifacts / node / _SYSTEM_FOLDER):
            for folder in _visible_folders(notes):
                shutil.rmtree(folder)
    return [*others, *(_remove_pushed(places.push_directory, pushed) if pushed else ())]


def _remove_pushed(push_directory: Path, left_overs: Iterable[LeftOver]) -> Iterator[LeftOver]:
    """Nobody pushes or changes what is in use meanwhile; what was pushed or put in use before stays."""
    with changing(push_directory):
        needed = {str(version.number) for version in kept_versions(push_directory, 1)}
        for each in left_overs:
            if each.path.name in needed or not os.path.lexists(each.path):
                continue
            if each.kind == "version":
                _remove_version(each.path)
            else:
                _remove_path(each.path)
            yield each


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _require_same_place(history: History, root: Root, executions: Executions) -> None:
    """A root that was moved has metadata of folders elsewhere: everything in it would look like a left-over."""
    here = root.artifacts.resolve()
    elsewhere = [
        path for i, path in history.uris().items() if i in executions.made and here not in path.resolve().parents
    ]
    if elsewhere:
        raise InputError(
            f"the artifacts of a root must be in it, but {root.metadata} says that {elsewhere[0]} is one; "
            "move the root back to where it was made, or start a new one"
        )


def _forgotten(history: History, places: Places, kept: Kept, executions: Executions) -> set[int]:
    """Ids of the artifacts that go: those of this pipeline, and those that stand for versions that go."""
    gone = executions.made - kept.artifacts
    adopted = places.push_directory / ADOPTED_FOLDER
    numbers = {str(number) for number in kept.versions}
    return {
        *gone,
        *(
            i
            for i, path in history.uris().items()
            if path.resolve().parent == adopted.resolve() and path.name not in numbers
        ),
    }


def _left_over_outputs(history: History, root: Root, kept: Kept, executions: Executions) -> Iterator[tuple[Kind, Path]]:
    """Folders of outputs, `<node>/<output>/<execution>`, that belong to nothing kept and to no other pipeline."""
    gone = executions.made - kept.artifacts
    stay = {path.resolve() for identity, path in history.uris().items() if identity not in gone}
    for node in NAMES:
        for output in _visible_folders(root.artifacts / node):
            yield from (("artifact", folder) for folder in _visible_folders(output) if folder.resolve() not in stay)


def _left_over_work(root: Root, kept: Kept, executions: Executions) -> Iterator[tuple[Kind, Path]]:
    for node in NAMES:
        for folder in sorted((root.artifacts / node / WORK_FOLDER).glob("*")):
            if _is_left_over(folder, executions.of_stage(node), kept):
                yield "work folder", folder


def _is_left_over(folder: Path, executions: tuple[Recorded, ...], kept: Kept) -> bool:
    """Whether the execution that used a work folder last is one of these, and nobody would go on with it."""
    try:
        last = int((folder / EXECUTION_FILE).read_text())
    except (OSError, ValueError):
        # Of a version of the program that did not mark it: it belongs to the newest execution or to none.
        return bool(executions) and not kept.interrupted.intersection(each.identity for each in executions)
    return last in {each.identity for each in executions} and last not in kept.interrupted


def _left_over_translations(root: Root, kept: Kept, executions: Executions) -> Iterator[tuple[Kind, Path]]:
    """Jobs that no kept translation, and none that was interrupted, has used."""
    done = [each for node in _TRANSLATING for each in executions.of_stage(node)]
    needed = [
        (each.started_seconds, _end_seconds(each, done) if each.identity in kept.interrupted else each.updated_seconds)
        for each in done
        if each.identity in kept.interrupted
        or kept.artifacts.intersection(identity for ids in each.outputs.values() for identity in ids)
    ]
    newest_seconds = max((each.updated_seconds for each in done), default=float("inf"))
    for path in sorted(root.translations.glob("*")):
        used = path.stat().st_mtime
        if used <= newest_seconds + _CLOCK_SECONDS and not any(_was_used(span, used) for span in needed):
            yield "translations", path


def _end_seconds(interrupted: Recorded, executions: Iterable[Recorded]) -> float:
    """When an execution that did not say so was over at the latest: when the next one began."""
    later = (each.started_seconds for each in executions if each.identity > interrupted.identity)
    return max(interrupted.updated_seconds, min(later, default=float("inf")))


def _was_used(span_seconds: tuple[float, float], seconds: float) -> bool:
    first, last = span_seconds
    return first - _CLOCK_SECONDS <= seconds <= last + _CLOCK_SECONDS


def _left_over_versions(push_directory: Path, kept: Kept) -> Iterator[tuple[Kind, Path]]:
    for version in list_versions(push_directory):
        if version.number not in kept.versions:
            yield "version", version.path
    for path in sorted(push_directory.glob(f"{ADOPTED_FOLDER}/*")):
        if path.name not in map(str, kept.versions):
            yield "unfinished version", path
    yield from (("unfinished version", path) for path in half_written(push_directory))
    for beginning in (INCOMING, REMOVED):
        yield from (("unfinished version", path) for path in sorted(push_directory.glob(f"{beginning}*")))


def _remove_version(path: Path) -> None:
    """Let a version disappear at once, then its files."""
    removed = path.with_name(f"{REMOVED}{path.name}")
    path.rename(removed)
    flush(path.parent)
    shutil.rmtree(removed)


def _visible_folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _size_bytes(path: Path) -> int:
    if not path.is_dir() or path.is_symlink():
        return path.lstat().st_size
    return sum((Path(parent) / name).lstat().st_size for parent, _, names in os.walk(path) for name in names)
