"""Translates text files line by line: streamed, in order, a line out for a line in."""

import contextlib
import gzip
import os
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from seq2seq_tfx.components.progress import Progress
from seq2seq_tfx.components.translation.engine import Engine
from seq2seq_tfx.schemas.errors import InputError

STANDARD = "-"
"""Names standard input or standard output."""


def read_lines(paths: Sequence[str]) -> Iterator[str]:
    """The lines of several files, one after the other.

    A line ends at `\\n` only; one `\\r` before it is dropped. A last line without an end counts.

    Args:
        paths: Files, plain or .gz; `-` is standard input.

    Raises:
        InputError: If a file is missing, damaged or not UTF-8; names file, line and byte.
    """
    for path in paths:
        number = 0
        try:
            with _opened(path) as stream:
                for number, raw in enumerate(stream, start=1):
                    yield _decoded(raw.removesuffix(b"\n").removesuffix(b"\r"), path, number)
        except (EOFError, zlib.error) as error:
            raise InputError(f"{path} must be a whole gzip file, but it is damaged after line {number}") from error
        except OSError as error:
            raise InputError(f"{path} must be a readable text file, but after line {number}: {error}") from error


def _opened(path: str) -> contextlib.AbstractContextManager[BinaryIO]:
    if path == STANDARD:
        return contextlib.nullcontext(sys.stdin.buffer)
    return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def _decoded(line: bytes, path: str, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} must be UTF-8, but line {number} is not, at byte {error.start + 1} "
            f"(0x{line[error.start]:02x}); convert the file, for instance with iconv"
        ) from error


def count_lines(paths: Sequence[str]) -> int | None:
    """How many lines the files hold; None where standard input is among them.

    Raises:
        InputError: If a file is missing, damaged or not UTF-8: found before anything is translated.
    """
    if STANDARD in paths:
        return None
    return sum(1 for _ in read_lines(paths))


def translate_lines(engine: Engine, lines: Iterable[str], batch_size: int, progress: Progress) -> Iterator[str]:
    """Translate a stream, `batch_size` lines at a time, so that memory does not grow with it."""
    iterator, done = iter(lines), 0
    while batch := list(islice(iterator, batch_size)):
        for translation in engine.translate(batch):
            yield translation.text
        done += len(batch)
        progress.advance_to(done)


@contextlib.contextmanager
def writing(path: str, inputs: Sequence[str] = ()) -> Iterator[BinaryIO]:
    """A stream whose file appears complete, under its name, when all went well; `-` is standard output.

    Args:
        path: The file, plain or .gz.
        inputs: Files that it must not replace.

    Raises:
        InputError: If the folder does not exist, or the name is that of a folder or of an input.
    """
    if path == STANDARD:
        # A descriptor of its own: what libraries print to theirs can be sent elsewhere.
        with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stream:
            yield stream
        return
    target = Path(path)
    _check_target(target, inputs)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as raw:
            with _compressed(raw, path) as stream:
                yield stream
            raw.flush()
            os.fsync(raw.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _check_target(target: Path, inputs: Sequence[str]) -> None:
    if not target.parent.is_dir():
        raise InputError(f"the output's folder must exist, got {target}; make {target.parent} first")
    if target.is_dir():
        raise InputError(f"the output must be a file, but {target} is a folder; name a file in it")
    if any(path != STANDARD and target.exists() and target.samefile(path) for path in inputs):
        raise InputError(f"the output must be another file than the input, got {target} for both")


def _compressed(raw: BinaryIO, path: str) -> contextlib.AbstractContextManager[BinaryIO]:
    if path.endswith(".gz"):
        return cast("contextlib.AbstractContextManager[BinaryIO]", gzip.GzipFile("", "wb", fileobj=raw, mtime=0))
    return contextlib.nullcontext(raw)
