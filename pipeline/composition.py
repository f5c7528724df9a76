"""From a loaded configuration to what each stage receives: its settings, its code version, its folders. No TFX."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seq2seq_tfx import __version__, schemas
from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files, fingerprint_paths
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.training.initial_weights import find_initial_weights, find_pretrained
from seq2seq_tfx.components.vocabulary.settings import PretrainedFile
from seq2seq_tfx.pipeline.code_version import code_version
from seq2seq_tfx.pipeline.lock import lock_sha256
from seq2seq_tfx.pipeline.machine import instruction_set
from seq2seq_tfx.pipeline.root import Root
from seq2seq_tfx.pipeline.stages import Stage, stages_of
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.loading import LoadedConfig
from seq2seq_tfx.schemas.config.running import BeamConfig

LANE = "compat"
_LIBRARIES = (
    "tfx",
    "tensorflow",
    "tensorflow-text",
    "keras",
    "apache-beam",
    "sentencepiece",
    "ctranslate2",
    "sacrebleu",
)
_RUNNING_SECTIONS = {"root", "beam", "metadata"}


@dataclass(frozen=True)
class Composition:
    """Everything that `create_pipeline` and the planner need to know."""

    name: str
    root: Root
    push_directory: Path
    stages: tuple[Stage, ...]
    """Those of this configuration, in order."""
    parameters: Mapping[str, Mapping[str, str]]
    """Stage name to its execution properties: settings, code version, for gate and push the folder of versions."""
    beam: BeamConfig
    """Where Beam jobs run: part of no stage's parameters."""


def compose(loaded: LoadedConfig) -> Composition:
    """Give each stage its declared part of the configuration.

    Raises:
        CorpusError: If corpus files are missing; all of them are named.
        InputError: If `training.initialise_from` names no export, or `pretraining.take_from` no encoder.
    """
    config = loaded.config
    root = Root(loaded.root)
    files = fingerprint_files(config.corpora, loaded.directory, root.fingerprints)
    values = {name: getattr(config, name) for name in type(config).model_fields}
    values |= {"files": files, "schema_sha256": sha256_of_file(_schema_file()), "tags": _tags(config.corpora)}
    values["pretrained_files"] = _pretrained_files(loaded, root)
    values["initial_weights"] = find_initial_weights(config.training.initialise_from, loaded.directory)
    values["pretrained"] = find_pretrained(config.pretraining, loaded.directory)
    stages = stages_of(config)
    parameters = {
        stage.name: {
            "settings": stage.settings(**{key: values[key] for key in stage.settings.model_fields}).to_json(),
            "code_version": code_version(stage.folder),
        }
        for stage in stages
    }
    push_directory = root.directory / config.push.directory
    for name in ("gate", "push"):
        parameters[name]["push_directory"] = str(push_directory)
    parameters["push"]["provenance"] = _provenance(config.model_dump(mode="json"), files, parameters)
    return Composition(config.name, root, push_directory, stages, parameters, config.beam)


def _tags(corpora: Iterable[Corpus]) -> tuple[str, ...]:
    """Each tag once, in an order that the corpora's order does not change."""
    return tuple(sorted({corpus.tag for corpus in corpora if corpus.tag is not None}))


def _pretrained_files(loaded: LoadedConfig, root: Root) -> tuple[PretrainedFile, ...]:
    paths = [str(loaded.resolve(name)) for name in loaded.config.vocabulary.pretrained_names]
    digests = fingerprint_paths(paths, root.fingerprints)
    return tuple(PretrainedFile(path=path, sha256=sha256) for path, sha256 in zip(paths, digests, strict=True))


def _schema_file() -> Path:
    return Path(str(schemas.__file__)).parent / "parallel_corpus.pbtxt"


def _provenance(config: dict[str, Any], files: Any, parameters: Mapping[str, Mapping[str, str]]) -> str:
    training = json.loads(parameters["training"]["settings"])
    record = {
        "seq2seq_tfx": __version__,
        "lane": LANE,
        "lock_sha256": lock_sha256(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "seed": config["seed"],
        "config": {key: value for key, value in config.items() if key not in _RUNNING_SECTIONS},
        "corpus_files": [each.model_dump(mode="json") for each in files],
        "initial_weights": training["initial_weights"],
        "pretrained": training["pretrained"],
        "code_versions": {name: given["code_version"] for name, given in parameters.items()},
        "instruction_set": instruction_set(),
        "threads": len(os.sched_getaffinity(0)),
    }
    return json.dumps(record, sort_keys=True, ensure_ascii=False)
