"""Which format inputs have, and what their names must agree in."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Final

from seq2seq_tfx.components.translation.formats.added import nested_fields
from seq2seq_tfx.components.translation.formats.csv import Csv
from seq2seq_tfx.components.translation.formats.jsonl import Jsonl
from seq2seq_tfx.components.translation.formats.record import Columns, Format
from seq2seq_tfx.components.translation.formats.text import Text
from seq2seq_tfx.components.translation.formats.tsv import Tsv
from seq2seq_tfx.schemas.config.formats import COMPRESSED_SUFFIXES, plain_name
from seq2seq_tfx.schemas.errors import InputError

_SUFFIXES: Final = {".tsv": "tsv", ".tab": "tsv", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_PARQUET: Final = "parquet"
TEXT: Final = "text"
FORMAT_NAMES: Final = (TEXT, "tsv", "csv", "jsonl", _PARQUET)


def _parquet(columns: Columns, suffix: str) -> Format:
    from seq2seq_tfx.components.translation.formats.parquet import Parquet  # only here: it takes a while

    return Parquet(columns, suffix)


_FORMATS: Final[dict[str, Callable[[Columns, str], Format]]] = {
    TEXT: Text,
    "tsv": Tsv,
    "csv": Csv,
    "jsonl": Jsonl,
    _PARQUET: _parquet,
}


def format_name(paths: Sequence[str], wanted: str | None) -> str:
    """The one format of all inputs.

    Args:
        paths: The inputs; their suffixes tell, and what has none of the known ones is text.
        wanted: The format, if the user named it.

    Raises:
        InputError: If the inputs are of several formats.
    """
    if wanted is not None:
        return wanted
    found = {_claimed(path) or TEXT: path for path in paths}
    if len(found) > 1:
        listed = ", ".join(f"{path} is {name}" for name, path in sorted(found.items()))
        raise InputError(f"all inputs must have one format, but {listed}; translate them one by one, or give --format")
    return next(iter(found), TEXT)


def output_suffix(output: str, name: str) -> str:
    """How an output file is compressed, by its name.

    Raises:
        InputError: If the name claims another format than the inputs have.
    """
    if (_claimed(output) or name) != name:
        raise InputError(f"the output must have the inputs' format, {name}, got {output}; name it accordingly")
    suffix = PurePath(output).suffix
    if name == _PARQUET:
        if suffix in COMPRESSED_SUFFIXES:
            raise InputError(f"a Parquet file must not be compressed once more, got {output}; leave {suffix} out")
        return ""
    return suffix if suffix in COMPRESSED_SUFFIXES else ""


def make_format(name: str, columns: Columns, suffix: str) -> Format:
    """A format, ready to read and write.

    Args:
        name: One of `FORMAT_NAMES`.
        columns: What is translated, and what is added.
        suffix: How the output is compressed.

    Raises:
        InputError: If more than translations is asked for where a record has no columns, or two have one name.
    """
    if name == TEXT:
        _refuse_columns(columns)
    names = [field.name for field in nested_fields(columns)]
    if len(set(names)) < len(names):
        raise InputError(
            f"each column must have a name of its own, got {columns.translation!r} for two of those that are added "
            f"({', '.join(names)}); name another by --translation-column"
        )
    return _FORMATS[name](columns, suffix)


def _refuse_columns(columns: Columns) -> None:
    wanted = {
        "--scores": columns.score,
        "--n-best": columns.n_best > 1,
        "--alignments": columns.alignments,
        "--flags column": columns.flags,
    }
    asked = [option for option, given in wanted.items() if given]
    if asked:
        raise InputError(
            f"{asked[0]} must go with a format that has columns, got text; give the input as TSV or JSON Lines"
        )


def default_column(name: str) -> int | str:
    """The column that is translated unless one is named: the first, or the one named `source`."""
    return "source" if name in ("jsonl", _PARQUET) else 0


def _claimed(path: str) -> str | None:
    suffix = PurePath(plain_name(path)).suffix.lower()
    return _PARQUET if suffix == ".parquet" else _SUFFIXES.get(suffix)
