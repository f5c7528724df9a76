"""Duplicates over all corpora, with bounded memory: keys lie in files, and one file at a time is sorted."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Self

from seq2seq_tfx.schemas.records import KEY_BYTES

KEYS_AT_ONCE: Final = 4_000_000
"""Keys sorted at a time: 200 MiB of memory, whatever the number of pairs."""
_ENTRY: Final = np.dtype([("key", f"S{KEY_BYTES}"), ("position", "<i8")])


@final
class Repeats:
    """Finds every key that was added before, the first one by position being the one that is kept.

    Args:
        directory: Where temporary files lie; they take 24 bytes a key.
        expected: How many keys will come, about.
    """

    def __init__(self, directory: Path, expected: int) -> None:
        count = max(1, -(-expected // KEYS_AT_ONCE))
        self._paths = [directory / f"keys-{number:05d}.bin" for number in range(count)]
        self._files = ExitStack()
        self._streams = [self._files.enter_context(path.open("wb")) for path in self._paths]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def add(self, keys: NDArray[Any], positions: NDArray[Any]) -> None:
        """Add keys, positions rising from call to call.

        Raises:
            OSError: If the disk is full.
        """
        entries = np.empty(len(keys), dtype=_ENTRY)
        entries["key"], entries["position"] = keys, positions
        if len(self._streams) == 1:
            self._streams[0].write(entries.tobytes())
            return
        # The first four bytes of a digest are a number that is spread evenly.
        leading = np.ascontiguousarray(keys).view(">u4").reshape(len(keys), -1)[:, 0].astype(np.uint64)
        places = leading * len(self._streams) >> np.uint64(32)
        for place in np.unique(places).tolist():
            self._streams[place].write(entries[places == place].tobytes())

    def positions(self) -> Iterator[NDArray[Any]]:
        """The positions of the keys that were added before, in groups, in no particular order."""
        self._files.close()
        for path in self._paths:
            entries = np.fromfile(path, dtype=_ENTRY)
            order = np.argsort(entries["key"], kind="stable")
            keys, positions = entries["key"][order], entries["position"][order]
            yield positions[1:][keys[1:] == keys[:-1]]
