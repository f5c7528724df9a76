"""`seq2seq init`: writes a commented configuration that runs as it is; without a corpus, the quickstart's."""

import argparse
import logging
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seq2seq_tfx.pipeline.templates import Settings

logger = logging.getLogger(__name__)

FILE_NAME = "pipeline.yaml"
_SGM = re.compile(r"\.sgml?$")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("init", help="write a commented pipeline.yaml that runs as it is")
    parser.add_argument("directory", metavar="DIR", help="where to write it; made if it is not there")
    parser.add_argument("--preset", metavar="P", help="the model's sizes, as in transformer_small or gru_luong_tiny")
    parser.add_argument("--source", metavar="CODE", help="language of the source side, as in en (with --corpus)")
    parser.add_argument("--target", metavar="CODE", help="language of the target side, as in de (with --corpus)")
    parser.add_argument(
        "--corpus",
        metavar="PATH",
        nargs="+",
        default=[],
        help="files of both sides (.tsv, .csv, .tmx, .jsonl, .parquet, WMT's .xml), or pairs of files that end in the "
        "languages (train.en train.de, test-src.en.sgm test-ref.de.sgm), plain or .gz, .bz2, .xz, .zst; without it, "
        "the quickstart: a generated English-Spanish corpus",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the configuration, and the quickstart's corpus if none is given."""
    from seq2seq_tfx.components.files import write_atomically
    from seq2seq_tfx.pipeline.templates import QUICKSTART_PRESET, commented_yaml, quickstart_settings

    directory = Path(arguments.directory)
    preset = _checked_preset(arguments.preset or QUICKSTART_PRESET)
    _refuse_to_overwrite(directory / FILE_NAME)
    if arguments.corpus:
        settings = _own(arguments, directory, preset)
        directory.mkdir(parents=True, exist_ok=True)
    else:
        _refuse_languages(arguments)
        settings = quickstart_settings(preset)
        _write_quickstart_corpus(directory)
    write_atomically(directory / FILE_NAME, commented_yaml(settings).encode())
    print(f"wrote {directory / FILE_NAME}\nnext: seq2seq run {directory / FILE_NAME}")
    return 0


def _checked_preset(preset: str) -> str:
    from seq2seq_tfx.schemas.config.describing import listed, nearest
    from seq2seq_tfx.schemas.config.model import PRESETS
    from seq2seq_tfx.schemas.errors import InputError

    if preset not in PRESETS:
        meant = nearest(preset, PRESETS)
        advice = f"; did you mean {meant}?" if meant else ""
        raise InputError(f"--preset must be {listed(PRESETS, 'or')}, got {preset!r}{advice}")
    return preset


def _refuse_to_overwrite(path: Path) -> None:
    from seq2seq_tfx.schemas.errors import InputError

    if path.exists():
        raise InputError(f"{path} must not exist yet, but it does; choose another folder or move the file away")
    if path.parent.exists() and not path.parent.is_dir():
        raise InputError(f"{path.parent} must be a folder, got a file; choose another name")


def _refuse_languages(arguments: argparse.Namespace) -> None:
    from seq2seq_tfx.schemas.errors import InputError

    if arguments.source or arguments.target:
        raise InputError("--source and --target must come with --corpus PATH...; the quickstart is English to Spanish")


def _write_quickstart_corpus(directory: Path) -> None:
    """Appears whole or not at all, and never over files that are there."""
    from seq2seq_tfx.components.quickstart.corpus import write_corpus
    from seq2seq_tfx.pipeline.templates import CORPUS_FOLDER, QUICKSTART_SEED
    from seq2seq_tfx.schemas.errors import InputError

    final = directory / CORPUS_FOLDER
    if final.exists():
        raise InputError(
            f"{final} must not exist yet, but it does; choose another folder, or name its files by --corpus"
        )
    logger.info("generating the quickstart corpus, English to Spanish; this takes some seconds")
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".corpus.") as folder:
        whole = Path(folder) / CORPUS_FOLDER
        whole.mkdir()
        write_corpus(whole, QUICKSTART_SEED)
        whole.rename(final)


def _own(arguments: argparse.Namespace, directory: Path, preset: str) -> "Settings":
    from seq2seq_tfx.pipeline.templates import own_settings
    from seq2seq_tfx.schemas.errors import InputError

    if not arguments.source or not arguments.target:
        raise InputError("--corpus must come with --source CODE and --target CODE, as in --source en --target de")
    paths = [Path(name) for name in arguments.corpus]
    absent = [str(path) for path in paths if not path.is_file()]
    if absent:
        raise InputError(f"--corpus must name files that are there, got {', '.join(absent)}; correct the paths")
    languages = (arguments.source, arguments.target)
    return own_settings(languages, _corpora(paths, languages, directory), preset)


def _corpora(paths: list[Path], languages: tuple[str, str], directory: Path) -> "list[Settings]":
    """Entries of `corpora`: files whose names differ in the language alone are a pair, any other holds both sides."""
    corpora: list[Settings] = []
    sides = {path: _side(path, languages) for path in paths}
    for path in paths:
        side = sides[path]
        if side is None:
            corpora.append(
                {**_entry(_stem(path), corpora), "path": _relative(path, directory), **_columns(path, languages)}
            )
        elif side == languages[0]:
            target = _other_side(path, paths, languages)
            files = {"source": _relative(path, directory), "target": _relative(target, directory)}
            corpora.append({**_entry(_without_language(path), corpora), **files})
        else:
            _other_side(path, paths, languages[::-1])
    return corpora


def _entry(name: str, others: "list[Settings]") -> "Settings":
    """The head of an entry, its name made fit for ids and unique."""
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_.-") else "_" for letter in name)
    name = name.lstrip("_.-") or "corpus"
    taken = {other["name"] for other in others}
    unique = next(
        name + suffix for suffix in ("", *(f"-{number}" for number in range(2, 100_000))) if name + suffix not in taken
    )
    return {"name": unique, "split": "auto"}


def _other_side(path: Path, paths: list[Path], languages: tuple[str, str]) -> Path:
    from seq2seq_tfx.schemas.errors import InputError

    here, there = languages
    wanted = _without_language(path)
    for other in paths:
        if other.parent == path.parent and _side(other, (here, there)) == there and _without_language(other) == wanted:
            return other
    raise InputError(
        f"--corpus must name both sides of a pair, got {path} without {wanted}.{there}; name that file too"
    )


def _columns(path: Path, languages: tuple[str, str]) -> "Settings":
    """The columns of a file that holds both sides, where their names tell them."""
    from seq2seq_tfx.components.corpus.readers.guessing import guess_columns
    from seq2seq_tfx.schemas.config.describing import listed
    from seq2seq_tfx.schemas.config.formats import FORMATS, format_of, known_suffixes
    from seq2seq_tfx.schemas.errors import InputError

    kind = format_of("auto", [path.name], "path")
    if kind is None:
        raise InputError(
            f"--corpus must name files that end in {listed(known_suffixes(), 'or')}, or in the languages "
            f"{languages[0]} and {languages[1]}, got {path}; rename it, or write its format into the configuration"
        )
    columns = guess_columns(path, kind, languages)
    if columns is None and FORMATS[kind].needs_columns:
        raise InputError(
            f"--corpus must name {kind} files with keys such as {languages[0]} and {languages[1]}, or source and "
            f"target, in their first row, got {path}; write the corpus into the configuration, with `columns`"
        )
    return {} if columns is None else {"columns": list(columns)}


def _stem(path: Path) -> str:
    """The file's name without what says how it is stored."""
    from seq2seq_tfx.schemas.config.formats import known_suffixes

    name = _plain(path)
    return next((name.removesuffix(suffix) for suffix in known_suffixes() if name.endswith(suffix)), name)


def _side(path: Path, languages: tuple[str, str]) -> str | None:
    ending = _SGM.sub("", _plain(path)).rpartition(".")[2]
    return ending if ending in languages else None


def _without_language(path: Path) -> str:
    """What both sides of a pair have in common; the SGML of WMT says `-src` and `-ref` as well."""
    name = _plain(path)
    stem = _SGM.sub("", name).rpartition(".")[0]
    return stem if _SGM.search(name) is None else stem.removesuffix("-src").removesuffix("-ref")


def _plain(path: Path) -> str:
    from seq2seq_tfx.schemas.config.formats import plain_name

    return plain_name(path.name)


def _relative(path: Path, directory: Path) -> str:
    """As the configuration names it: relative to its folder, so that both can be moved together."""
    return os.path.relpath(path, directory)
