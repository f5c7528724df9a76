"""The stages from corpus files to transformed examples as a TFX pipeline, on invented sentences."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.pipeline import Pipeline

import seq2seq_tfx.schemas
from seq2seq_tfx.components.corpus.component import ParallelCorpusExampleGen
from seq2seq_tfx.components.corpus.fingerprints import fingerprint_files
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.files import sha256_of_file
from seq2seq_tfx.components.preprocessing.component import SubwordTransform
from seq2seq_tfx.components.preprocessing.settings import TransformSettings
from seq2seq_tfx.components.schema.component import SCHEMA_FILE, SchemaImport
from seq2seq_tfx.components.schema.settings import SchemaSettings
from seq2seq_tfx.components.statistics.component import CorpusStatistics
from seq2seq_tfx.components.statistics.settings import StatisticsSettings
from seq2seq_tfx.components.validation.component import ExampleValidation
from seq2seq_tfx.components.validation.settings import ValidationSettings
from seq2seq_tfx.components.vocabulary.component import VocabularyBuilder
from seq2seq_tfx.components.vocabulary.settings import VocabularySettings
from seq2seq_tfx.schemas.config.cleaning import CleaningConfig
from seq2seq_tfx.schemas.config.corpora import Corpus
from seq2seq_tfx.schemas.config.languages import Languages
from seq2seq_tfx.schemas.config.normalisation import NormalisationConfig
from seq2seq_tfx.schemas.config.splits import SplitsConfig
from seq2seq_tfx.schemas.config.validation import ValidationConfig
from seq2seq_tfx.schemas.config.vocabulary import VocabularyConfig

LANGUAGES = Languages(source="de", target="en")
NORMALISATION = NormalisationConfig()
SCHEMA_PATH = Path(seq2seq_tfx.schemas.__path__[0]) / SCHEMA_FILE
NAME = "data_chain"
STAGES = ("corpus", "vocabulary", "statistics", "schema", "validation", "transform")
COLOURS = (("rote", "red"), ("blaue", "blue"), ("grüne", "green"), ("kleine", "small"), ("große", "big"))
THINGS = (("Katze", "cat"), ("Straße", "street"), ("Tür", "door"), ("Maus", "mouse"), ("Blume", "flower"))


@dataclass
class DataChain:
    """A pipeline of the data stages in a folder of its own."""

    directory: Path
    stages: tuple[str, ...] = STAGES
    code_versions: dict[str, str] = field(default_factory=lambda: dict.fromkeys(STAGES, "1"))

    def write_corpora(self) -> None:
        """Train: 500 pairs, 29 of them in eval or test, and one duplicate. Eval: 20 pairs. Test: 10, two references.

        Twelve sentences of the target: one in eval, one empty.
        """
        numbers = [f"{number}" for number in range(20)]
        rows = [
            (
                f"die {c[0]} {t[0]} hat die Nummer {n}",
                f"the {c[1]} {t[1]} has number {n}",
                f"number {n}: a {c[1]} {t[1]}",
            )
            for n in numbers
            for c in COLOURS
            for t in THINGS
        ]
        self._write("train", rows[:500] + rows[30:31], 2)
        self._write("val", [(row[0].upper(), row[1].upper()) for row in rows[:20]], 2)
        self._write(
            "talk", [(f"we have seen {thing[1]} {n}",) for thing in THINGS for n in "12"] + [("",), rows[0][1:]], 1
        )
        self._write("exam", [(f"{row[0]} \u00a0!", row[1], row[2]) for row in rows[::50]], 3)

    def _write(self, name: str, rows: list[Any], sides: int) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        for side in range(sides):
            path = self.directory / f"{name}.{side}"
            path.write_text("".join(f"{row[side]}\n" for row in rows), encoding="utf-8")

    def corpus_settings(self) -> CorpusSettings:
        """Settings of the corpora as they lie in the folder."""
        corpora = (
            Corpus(name="drill", split="train", source="train.0", target="train.1", domain="numbers"),
            Corpus(name="val", split="eval", source="val.0", target="val.1"),
            Corpus(name="exam", split="test", source="exam.0", target=("exam.1", "exam.2")),
            Corpus(name="talk", kind="monolingual", side="target", split="train", path="talk.0"),
        )
        files = fingerprint_files(corpora, self.directory, self.directory / "memory.json")
        return CorpusSettings(
            languages=LANGUAGES, corpora=corpora, cleaning=CleaningConfig(), splits=SplitsConfig(), files=files
        )

    def pipeline(self) -> Pipeline:
        """The stages, wired."""
        vocabulary_settings = VocabularySettings(
            vocabulary=VocabularyConfig(size=60, monolingual=True), languages=LANGUAGES, normalisation=NORMALISATION
        )
        corpus = ParallelCorpusExampleGen(**self._parameters("corpus", self.corpus_settings()))
        examples = corpus.outputs["examples"]
        vocabulary = VocabularyBuilder(
            examples,
            monolingual=corpus.outputs["monolingual"],
            **self._parameters("vocabulary", vocabulary_settings),
        )
        statistics = CorpusStatistics(examples, **self._parameters("statistics", StatisticsSettings()))
        schema_settings = SchemaSettings(schema_sha256=sha256_of_file(SCHEMA_PATH))
        schema = SchemaImport(**self._parameters("schema", schema_settings))
        validation = ExampleValidation(
            statistics.outputs["statistics"],
            schema.outputs["schema"],
            **self._parameters("validation", ValidationSettings(validation=ValidationConfig())),
        )
        transform = SubwordTransform(
            examples,
            schema.outputs["schema"],
            vocabulary.outputs["vocabulary"],
            **self._parameters("transform", TransformSettings(languages=LANGUAGES, normalisation=NORMALISATION)),
        )
        nodes: Any = zip(STAGES, (corpus, vocabulary, statistics, schema, validation, transform), strict=True)
        return Pipeline(
            pipeline_name=NAME,
            pipeline_root=str(self.directory / "artifacts"),
            metadata_connection_config=metadata.sqlite_metadata_connection_config(str(self.directory / "metadata.db")),
            components=[node.with_id(name) for name, node in nodes if name in self.stages],
            enable_cache=True,
            beam_pipeline_args=[
                "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner",
                "--sdk_container_image=unused",
            ],
        )

    def _parameters(self, stage: str, settings: Any) -> dict[str, str]:
        return {"settings": settings.to_json(), "code_version": self.code_versions[stage]}

    def run(self) -> set[str]:
        """Run it; returns the stages that were executed rather than taken from the cache."""
        before = self._completed()
        LocalDagRunner().run(self.pipeline())
        store = self.store()
        contexts = [each for key in self._completed() - before for each in store.get_contexts_by_execution(key)]
        return {stage for stage in STAGES for each in contexts if each.name == f"{NAME}.{stage}"}

    def _completed(self) -> set[int]:
        complete = metadata_store_pb2.Execution.COMPLETE
        return {each.id for each in self.store().get_executions() if each.last_known_state == complete}

    def store(self) -> metadata_store.MetadataStore:
        """Its ML Metadata."""
        config = metadata.sqlite_metadata_connection_config(str(self.directory / "metadata.db"))
        return metadata_store.MetadataStore(config)

    def artifact(self, type_name: str, stage: str) -> Any:
        """The newest artifact of a type that a stage wrote."""
        made = [each for each in self.store().get_artifacts_by_type(type_name) if f"/{stage}/" in each.uri]
        return max(made, key=lambda each: each.id)
