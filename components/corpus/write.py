"""The last parallel phase: the kept candidates of one chunk become examples, in `pair_id` order."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from seq2seq_tfx.components.corpus.chunks import Chunk, TextRows, load_rows
from seq2seq_tfx.components.corpus.columns import load_columns
from seq2seq_tfx.components.corpus.decide import DECISIONS_FILE, FLAGGED
from seq2seq_tfx.components.corpus.examine import TRAIN
from seq2seq_tfx.components.corpus.measures import measure
from seq2seq_tfx.components.example_files import ExampleShards, serialised_example, split_directory
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.section import Section
from seq2seq_tfx.schemas.features import (
    CORPUS,
    DIGIT_SHARE,
    DOMAIN,
    LENGTH_RATIO,
    PAIR_ID,
    SOURCE,
    SOURCE_LATIN_SHARE,
    SOURCE_LENGTH,
    SPLITS,
    TARGET,
    TARGET_LATIN_SHARE,
    TARGET_LENGTH,
    TEXT,
    pair_id,
)


class WriteTask(Section):
    """The writing of one chunk."""

    chunk: Chunk
    offset: int
    """Place of its first candidate among all."""
    candidates: int
    examples_uri: str
    """Where the splits lie; of a monolingual corpus, the sides."""
    part: int
    """Its place among all chunks by pair_id."""


def write_examples(task: str) -> None:
    """Write the kept candidates of a chunk, a file a split or one for all sentences of a side, and how many they were.

    Args:
        task: `WriteTask` as JSON.

    Raises:
        OSError: If the disk is full.
    """
    given = WriteTask.from_json(task)
    file = Path(given.chunk.work) / DECISIONS_FILE
    decisions = np.fromfile(file, dtype=np.uint8, count=given.candidates, offset=given.offset)
    kept = (decisions == 0) | (decisions & FLAGGED != 0)
    rows = load_rows(given.chunk.candidates_file)
    splits = load_columns(given.chunk.candidates_file, "split")["split"]
    corpus, written = given.chunk.given, {}
    folders: Iterable[tuple[int, str]] = enumerate(SPLITS) if corpus.side is None else ((TRAIN, corpus.side),)
    for place, folder in folders:
        chosen = _select(rows, np.flatnonzero(kept & (splits == place)).tolist())
        with ExampleShards(split_directory(given.examples_uri, folder), given.part) as shards:
            for example in _examples(corpus, chosen) if corpus.side is None else _sentences(corpus, chosen):
                shards.write(example)
        written[given.chunk.split_name(place)] = shards.written
    write_atomically(given.chunk.written_file, json.dumps(written).encode())


def _select(rows: TextRows, places: list[int]) -> TextRows:
    return TextRows(
        [rows.numbers[place] for place in places],
        [rows.sources[place] for place in places],
        [rows.targets[place] for place in places],
    )


def _sentences(corpus: Corpus, rows: TextRows) -> Iterator[bytes]:
    same = {CORPUS.name: [corpus.name.encode()], DOMAIN.name: [corpus.domain.encode()]}
    for number, text in zip(rows.numbers, rows.sources, strict=True):
        identity = pair_id(corpus.name, number).encode()
        yield serialised_example({**same, TEXT.name: [text.encode()], PAIR_ID.name: [identity]})


def _examples(corpus: Corpus, rows: TextRows) -> Iterator[bytes]:
    source, target = measure(rows.sources), measure([targets[0] for targets in rows.targets])
    numbers = zip(
        source.characters.tolist(),
        target.characters.tolist(),
        ((source.characters + 1) / (target.characters + 1)).tolist(),
        ((source.digits + target.digits) / np.maximum(source.characters + target.characters, 1)).tolist(),
        source.latin_share.tolist(),
        target.latin_share.tolist(),
        strict=True,
    )
    prefix = "" if corpus.tag is None else f"{corpus.tag} "
    same = {CORPUS.name: [corpus.name.encode()], DOMAIN.name: [corpus.domain.encode()]}
    for number, text, targets, measured in zip(*rows, numbers, strict=True):
        yield serialised_example(
            {
                **same,
                SOURCE.name: [f"{prefix}{text}".encode()],
                TARGET.name: [each.encode() for each in targets],
                PAIR_ID.name: [pair_id(corpus.name, number).encode()],
                SOURCE_LENGTH.name: measured[0:1],
                TARGET_LENGTH.name: measured[1:2],
                LENGTH_RATIO.name: measured[2:3],
                DIGIT_SHARE.name: measured[3:4],
                SOURCE_LATIN_SHARE.name: measured[4:5],
                TARGET_LATIN_SHARE.name: measured[5:6],
            }
        )
