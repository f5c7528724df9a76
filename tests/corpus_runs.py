"""Small corpora through ingestion, and what is stored of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.ledger import Ledger
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.splits import SplitsConfig

Lines = Sequence[tuple[str, ...]]
Corpora = dict[str, tuple[str, Lines]]
HELD_OUT: Corpora = {"val": ("eval", [("eins", "one")]), "exam": ("test", [("zwei", "two")])}


def corpus_settings(directory: Path, corpora: Corpora, **sections: Any) -> CorpusSettings:
    """A corpus for each name: its split and its rows, one file a side."""
    configured = []
    for name, (split, rows) in corpora.items():
        sides = [f"{name}.{number}" for number in range(len(rows[0]))]
        for number, side in enumerate(sides):
            (directory / side).write_text("".join(f"{row[number]}\n" for row in rows), encoding="utf-8", newline="")
        target: Any = sides[1] if len(sides) == 2 else tuple(sides[1:])
        tag = sections.get("tags", {}).get(name)
        configured.append(
            Corpus(name=name, split=split, source=sides[0], target=target, domain=f"{name} texts", tag=tag)
        )
    return CorpusSettings(
        languages=Languages(source="de", target="en"),
        corpora=tuple(configured),
        cleaning=sections.get("cleaning", CleaningConfig()),
        splits=sections.get("splits", SplitsConfig()),
        files=fingerprint_files(configured, directory, directory / "memory.json"),
    )


def ingest_into(directory: Path, corpora: Corpora, **sections: Any) -> tuple[Ledger, Path]:
    """Ingest corpora; the ledger, and where the examples are."""
    output = directory / "examples"
    return ingest(corpus_settings(directory, corpora, **sections), str(output), work=directory / "work"), output


def stored(output: Path, split: str) -> list[dict[str, list[str]]]:
    """The texts of a split's examples, in order."""
    files = tf.data.TFRecordDataset(example_files(str(output), split), compression_type="GZIP")
    return [
        {
            name: [value.decode() for value in feature.bytes_list.value]
            for name, feature in tf.train.Example.FromString(record).features.feature.items()
            if feature.bytes_list.value
        }
        for record in files.as_numpy_iterator()
    ]
