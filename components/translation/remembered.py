"""Translations in a file that grows as they are made, so that none is made twice: after a kill, or by another node."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import final

from seq2seq_tfx.components.translation.engine import Translation

_PRIVATE = 0o600
"""The file holds users' text."""


@final
class RememberedTranslations:
    """One JSON line a translation, in the order of the sentences.

    Args:
        path: The file; its name stands for the sentences and for what translates them. A line that a kill left
            unfinished is removed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, _PRIVATE))
        self.count = 0
        """How many there are."""
        whole_bytes = 0
        with path.open("r+b") as stream:
            for line in stream:
                if not _is_whole(line):
                    break
                self.count += 1
                whole_bytes += len(line)
            stream.truncate(whole_bytes)

    def extend(self, translations: Iterable[Translation]) -> Iterator[int]:
        """Write further ones as they come.

        Yields:
            How many there are, after each.
        """
        with self._path.open("ab") as stream:
            for translation in translations:
                stream.write(json.dumps(translation, ensure_ascii=False).encode() + b"\n")
                self.count += 1
                yield self.count
            stream.flush()
            os.fsync(stream.fileno())

    def __iter__(self) -> Iterator[Translation]:
        with self._path.open("rb") as stream:
            for line in stream:
                yield Translation(*json.loads(line))


def _is_whole(line: bytes) -> bool:
    try:
        Translation(*json.loads(line))
    except (ValueError, TypeError):
        return False
    return line.endswith(b"\n")
