"""One configuration that mixes every corpus format runs from files to a pushed model; none loses or alters a pair."""

from pathlib import Path

import pytest
import tensorflow as tf
from corpus_files import WRITERS, generated_pairs, write_mixed
from small import CONFIG, InProcess, versions

PAIRS_A_FORMAT = 150
SETTINGS = CONFIG[CONFIG.index("vocabulary:") :].replace("max_steps: 60", "max_steps: 300, learning_rate: 0.01")


def test_every_format_goes_through_the_pipeline(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pairs = list(dict.fromkeys(generated_pairs(len(WRITERS) * PAIRS_A_FORMAT + 400)))
    given = {name.replace(" ", "-"): pairs[place::10][:PAIRS_A_FORMAT] for place, name in enumerate(WRITERS)}
    config = _write(tmp_path, given)
    inside = InProcess(capfd)
    done = inside("run", config)
    assert done.status == 0, done.errors
    assert versions(config) == ["1"]

    ledger = inside("status", config, "--ledger", "--json").document["ledger"]
    assert {each["corpus"]: each["read"] for each in ledger["corpora"]} == {n: len(part) for n, part in given.items()}
    for each in ledger["corpora"]:
        assert each["read"] == sum(each["kept"].values()) + sum(rule["dropped"] for rule in each["rules"].values())
    stored = _stored(config.parent / "work")
    for name, part in given.items():
        assert stored[name] <= set(part)
        assert len(stored[name]) > 0.9 * len(part)


def _write(directory: Path, given: dict[str, list[tuple[str, str]]]) -> Path:
    head = "name: mixed\nlanguages: {source: en, target: es}\nsplits: {eval_share: 0.1, test_share: 0.1}\ncorpora:\n"
    path = directory / "pipeline.yaml"
    path.write_text(head + write_mixed(directory, given) + SETTINGS)
    return path


def _stored(root: Path) -> dict[str, set[tuple[str, str]]]:
    """What the examples of all splits hold, by corpus."""
    found: dict[str, set[tuple[str, str]]] = {}
    files = sorted(str(path) for path in root.glob("artifacts/corpus/examples/*/Split-*/*.gz"))
    for record in tf.data.TFRecordDataset(files, "GZIP").as_numpy_iterator():
        features = tf.train.Example.FromString(record).features.feature
        corpus, source, target = (
            features[name].bytes_list.value[0].decode() for name in ("corpus", "source", "target")
        )
        found.setdefault(corpus, set()).add((source, target))
    return found
