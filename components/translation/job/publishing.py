"""Puts the finished chunks together to the output, and says in its manifest what it is."""

import itertools
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from seq2seq_tfx.components.files import sha256_of_file, write_atomically
from seq2seq_tfx.components.translation.formats.record import Format
from seq2seq_tfx.components.translation.job.folder import DEAD_FILE, FLAGS_FILE, JobFolder
from seq2seq_tfx.components.translation.job.identity import JobIdentity
from seq2seq_tfx.components.translation.job.index import BlockCount, Index
from seq2seq_tfx.schemas.errors import InputError, WorkError

_SIDE_FILES: Final = {True: DEAD_FILE, False: FLAGS_FILE}
"""Whether a record is dead, to the file beside the output that says why."""
_SHARD_NAME: Final = re.compile(r"part-\d{5,}\.(txt|tsv|csv|jsonl|parquet)(\.(gz|bz2|xz|zst))?")
_PRIVATE: Final = 0o600
_AS_ALLOWED: Final = 0o666
"""Readable by whom the user's umask lets."""


class OutputFile(NamedTuple):
    """One file of the output."""

    name: str
    records: int
    bytes: int
    sha256: str


def publish(folder: JobFolder, index: Index, format_: Format, identity: JobIdentity) -> list[OutputFile]:
    """Write the output's files, each of which appears complete, and the files beside them.

    Args:
        folder: The job's folder, with all chunks.
        index: Which chunks there are.
        format_: What the inputs were read with.
        identity: The job's identity.

    Raises:
        WorkError: If a chunk is not what was written.
        OSError: If the disk is full; the same command goes on.
    """
    assert folder.output is not None
    counts = list(index.counts())
    check_chunks(folder, index)
    if not identity.shard_records:
        files = [_write(folder, format_, folder.output, counts)]
    else:
        folder.output.mkdir(exist_ok=True)
        suffix = f".{identity.format}".replace(".text", ".txt") + identity.compression
        groups = list(_shards(counts, identity.shard_records))
        files = [
            _write(folder, format_, folder.output / f"part-{number:05d}{suffix}", group)
            for number, group in enumerate(groups)
        ]
        _remove_others(folder.output, {each.name for each in files})
    for dead, name in _SIDE_FILES.items():
        _write_notes(folder, index, dead, name)
    return files


def shards_in(folder: Path) -> list[Path]:
    """The files of a folder that are named as shards; none where there is no folder."""
    return sorted(path for path in folder.glob("part-*") if _SHARD_NAME.fullmatch(path.name))


def _remove_others(folder: Path, kept: set[str]) -> None:
    """Remove the shards of jobs that this one replaces, finished or not, and what was half written."""
    for path in shards_in(folder):
        if path.name not in kept:
            path.unlink()
    for path in folder.glob(".part-*.partial"):
        path.unlink()


def stream_out(folder: JobFolder, index: Index, format_: Format, stream: BinaryIO) -> None:
    """Write the whole output to a stream.

    Raises:
        WorkError: If a chunk is not what was written.
        OSError: If the stream takes no more.
    """
    check_chunks(folder, index)
    format_.assemble(_contents(folder, list(index.counts())), stream)
    stream.flush()


def totals(index: Index, read: int, checks: Sequence[str] = ()) -> dict[str, Any]:
    """The job's counts.

    Args:
        index: What the job knows.
        read: Records that the readers of the inputs counted.
        checks: What was looked for in translations.

    Raises:
        WorkError: If they do not add up.
    """
    names = ("records", "translated", "reused", "dead", "split", "truncated", "engine", "store")
    sums = dict.fromkeys(names, 0)
    sentences = 0
    for count in index.counts():
        sentences = count.sentences
        for name in names:
            sums[name] += getattr(count, name)
    kinds = index.kinds()
    accounted, letters = sums["translated"] + sums["reused"] + sums["dead"], kinds.get("dead", 0)
    if not read == sums["records"] == accounted or sums["dead"] != letters:
        raise WorkError(
            f"every record must be translated, reused or dead, but {read:,} were read, {sums['records']:,} written, "
            f"{accounted:,} accounted for, and of {sums['dead']:,} dead ones {letters:,} noted; this is a defect of "
            "seq2seq-tfx, please report it"
        )
    if sentences != sums["engine"] + sums["store"]:
        raise WorkError(
            f"every sentence must come from the engine or the store, but {sums['engine'] + sums['store']:,} did of "
            f"{sentences:,}; this is a defect of seq2seq-tfx, please report it"
        )
    return {
        "read": read,
        "translated": sums["translated"],
        "reused": sums["reused"],
        "dead": sums["dead"],
        "split": sums["split"],
        "truncated": sums["truncated"],
        "distinct_sentences": sentences,
        "sentences_by_engine": sums["engine"],
        "sentences_from_store": sums["store"],
        "flags": {check: kinds.get(check, 0) for check in checks},
    }


def write_manifest(
    path: Path | None, identity: JobIdentity, files: Sequence[OutputFile], more: dict[str, Any]
) -> dict[str, Any]:
    """Write the manifest, the last file of a job.

    Args:
        path: Where; None to write none.
        identity: What the job is.
        files: Its output.
        more: Counts, versions and receipts.

    Returns:
        Its content.
    """
    shown = [each._asdict() for each in files]
    document = {"job": identity.model_dump(mode="json"), "files": shown, **more}
    if path is not None:
        write_atomically(path, json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n")
    return document


def read_manifest(path: Path) -> dict[str, Any] | None:
    """What an earlier job wrote; None if there is none.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        JobIdentity.model_validate(document["job"])
        [OutputFile(**each) for each in document["files"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} must be the manifest of a job of this version, and cannot be read ({type(error).__name__}: "
            f"{error}); give --restart to translate again"
        ) from error
    return document


def altered_file(manifest: dict[str, Any], folder: Path) -> str | None:
    """The name of the first output file that is no longer what the manifest says; None if all are."""
    for each in (OutputFile(**entry) for entry in manifest["files"]):
        path = folder / each.name
        if not path.is_file() or path.stat().st_size != each.bytes or sha256_of_file(path) != each.sha256:
            return each.name
    return None


def check_chunks(folder: JobFolder, index: Index) -> None:
    """Hold the finished chunks to what was written.

    Raises:
        WorkError: If one is not what was written.
    """
    for number, sha256 in index.chunks():
        path = folder.chunk(number)
        if not path.is_file() or sha256_of_file(path) != sha256:
            raise WorkError(
                f"{path} must be what the job wrote, but its sha256 is another; something else changed it, or the disk "
                "is damaged; give --restart to translate again"
            )


def _shards(counts: Sequence[BlockCount], records: int) -> Iterator[list[BlockCount]]:
    """Blocks shard by shard: a shard ends with the block in which it reaches the number of records."""
    shard: list[BlockCount] = []
    held = 0
    for count in counts:
        shard.append(count)
        held += count.records
        if held >= records:
            yield shard
            shard, held = [], 0
    if shard or not counts:
        yield shard


def _contents(folder: JobFolder, counts: Sequence[BlockCount]) -> Iterator[bytes]:
    """The blocks' bytes, read from their chunks."""
    for count in counts:
        with folder.chunk(count.chunk).open("rb") as stream:
            stream.seek(count.start)
            yield stream.read(count.bytes)


@contextmanager
def _appearing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """A stream to a file that appears under its name when it is complete; what a kill leaves is written over later."""
    temporary = path.with_name(f".{path.name}.partial")
    temporary.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write(folder: JobFolder, format_: Format, path: Path, counts: Sequence[BlockCount]) -> OutputFile:
    with _appearing(path, _AS_ALLOWED) as stream:
        format_.assemble(_contents(folder, counts), stream)
    return OutputFile(path.name, sum(each.records for each in counts), path.stat().st_size, sha256_of_file(path))


def _write_notes(folder: JobFolder, index: Index, dead: bool, name: str) -> None:
    """A JSON object a note; no file where there is none."""
    path = folder.beside(name)
    assert path is not None
    notes = index.notes(dead)
    first = next(notes, None)
    if first is None:
        path.unlink(missing_ok=True)
        return
    with _appearing(path, _PRIVATE) as stream:
        for note in itertools.chain((first,), notes):
            stream.write(json.dumps(note._asdict(), ensure_ascii=False).encode() + b"\n")
