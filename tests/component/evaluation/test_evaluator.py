"""The real TFX Evaluator over stored translations scores as sacreBLEU does, slice by slice."""

import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import sacrebleu
import tensorflow as tf
import tensorflow_model_analysis as tfma
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata
from tfx.orchestration.local import local_dag_runner
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from seq2seq_tfx.components.evaluation.component import TranslationEvaluator
from seq2seq_tfx.components.evaluation.judging import read_judged
from seq2seq_tfx.components.evaluation.plain import evaluate_texts
from seq2seq_tfx.components.evaluation.scores import pooled, read_failures, read_scores
from seq2seq_tfx.components.evaluation.scoring import reference_streams
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.translations import read_translations
from seq2seq_tfx.schemas.errors import WorkError

Pair = tuple[str, str, list[str], str]
"""Corpus, domain, references, translation."""

SETTINGS = EvaluationSettings.model_validate(
    {
        "evaluation": {
            "slices": ["corpus", "domain", "source_length", "rare_words"],
            "source_length_bounds": [8],
            "patterns": {"tens": "0$", "sevens": "7$"},
            "learned": {"length": "seq2seq_tfx_test_metric.Length"},
        },
        "languages": {"source": "en", "target": "de"},
    }
)
WORDS = "der die das Hund Katze Haus läuft schläft sieht rot grün und nicht 3,5 „so“ .".split()
PUBLIC = {"bleu": sacrebleu.corpus_bleu, "chrf": sacrebleu.corpus_chrf, "ter": sacrebleu.corpus_ter}
METRICS = ["bleu", "chrf", "chrf++", "ter", "exact_match", "length_ratio", "length"]


class Length:
    """A learned metric that has learned little."""

    def signature(self) -> str:
        """Its name."""
        return "length|1"

    def scores(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[Sequence[str]]
    ) -> list[float]:
        """The translations' lengths."""
        return [float(len(each)) for each in translations]


@pytest.fixture(scope="module", autouse=True)
def learned_metric() -> Iterator[None]:
    """Makes the class importable by the name in the settings."""
    module = types.ModuleType("seq2seq_tfx_test_metric")
    module.Length = Length  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    yield
    del sys.modules[module.__name__]


def sentence(number: int, length: int) -> str:
    return " ".join(WORDS[(number * 7 + 3 * n * n + number * n) % len(WORDS)] for n in range(length))


def invented_pairs() -> list[Pair]:
    """Two corpora: `news` with one reference a sentence, `talks` with one to three and no domain; one is empty."""
    pairs = []
    for number in range(60):
        corpus, domain = ("news", "press") if number % 3 else ("talks", "")
        count = 1 if corpus == "news" else 1 + number % 4 % 3
        references = [sentence(number + n, 5 + number % 9) for n in range(count)]
        pairs.append((corpus, domain, references, "" if number == 5 else sentence(number, 4 + number % 11)))
    return pairs


def write_examples(folder: Path, splits: Mapping[str, list[Pair]]) -> None:
    for split, pairs in splits.items():
        (folder / f"Split-{split}").mkdir(parents=True)
        path = folder / f"Split-{split}/data_tfrecord-00000-of-00001.gz"
        with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
            for number, pair in enumerate(pairs):
                writer.write(serialised(number, pair))


def serialised(number: int, pair: Pair) -> bytes:
    corpus, domain, references, translation = pair
    texts = {
        "source": [f"source {number}"],
        "target": references,
        "corpus": [corpus],
        "domain": [domain],
        "pair_id": [f"{corpus}/{number:010d}"],
        "translation": [translation],
    }
    feature = {
        key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[each.encode() for each in values]))
        for key, values in texts.items()
    }
    feature["score"] = tf.train.Feature(float_list=tf.train.FloatList(value=[-0.5]))
    return bytes(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def evaluate(folder: Path, splits: Mapping[str, list[Pair]]) -> Path:
    """Run a TFX pipeline of the Evaluator alone; returns the folder of its results."""
    write_examples(folder / "examples", splits)
    examples = Importer(
        source_uri=str(folder / "examples"),
        artifact_type=standard_artifacts.Examples,
        properties={"split_names": json.dumps(list(splits))},
    ).with_id("examples")
    translated = examples.outputs["result"]
    evaluation = TranslationEvaluator(translated, SETTINGS.to_json(), "1", translated).with_id("evaluation")
    assert list(evaluation.outputs) == ["evaluation"]
    runner = "--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"
    local_dag_runner.LocalDagRunner().run(
        Pipeline(
            pipeline_name="evaluator",
            pipeline_root=str(folder / "artifacts"),
            metadata_connection_config=metadata.sqlite_metadata_connection_config(str(folder / "metadata.sqlite")),
            components=[examples, evaluation],
            beam_pipeline_args=[runner, "--sdk_container_image=unused"],
        )
    )
    (results,) = (folder / "artifacts/evaluation/evaluation").iterdir()
    return results


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of the invented pairs; its eval split holds perfect translations that must not count."""
    perfect = [(corpus, domain, references, references[0]) for corpus, domain, references, _ in invented_pairs()]
    splits = {"train": invented_pairs()[:20] * 3, "eval": perfect, "test": invented_pairs()}
    return evaluate(tmp_path_factory.mktemp("evaluator"), splits)


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("all", lambda corpus, domain: True),
        ("corpus=news", lambda corpus, domain: corpus == "news"),
        ("corpus=talks", lambda corpus, domain: corpus == "talks"),
        ("domain=press", lambda corpus, domain: domain == "press"),
    ],
)
def test_scores_equal_sacrebleu_on_every_slice(
    evaluation: Path, name: str, belongs: Callable[[str, str], bool]
) -> None:
    chosen = [pair for pair in invented_pairs() if belongs(pair[0], pair[1])]
    streams = reference_streams([references for _, _, references, _ in chosen])
    scores = {score.metric: score for score in read_scores(evaluation) if score.slice == name}
    assert list(scores) == METRICS
    for metric in PUBLIC:
        score = scores[metric]
        expected = PUBLIC[metric]([translation for *_, translation in chosen], streams).score
        # Averages over three references are rounded by sacreBLEU sentence by sentence, by us once.
        assert score.value == pytest.approx(expected, rel=1e-14)
        assert (score.split, score.sentences) == ("test", len(chosen))
        assert score.signature.startswith("nrefs:1|" if name in ("corpus=news", "domain=press") else "nrefs:var|")


def test_only_slices_with_a_name_are_listed(evaluation: Path) -> None:
    slices = list(dict.fromkeys(score.slice for score in read_scores(evaluation)))
    assert slices == [
        "all",
        "corpus=news",
        "corpus=talks",
        "domain=press",
        "pattern=sevens",
        "pattern=tens",
        "rare_words=none",
        "source_length=1-8",
        "source_length=9-",
    ]


def test_tfma_finds_what_is_found_without_it(evaluation: Path) -> None:
    sentences = read_translations(str(evaluation.parents[3] / "examples"), "test")
    report = evaluate_texts(sentences, SETTINGS, rare=frozenset())
    found = read_scores(evaluation)
    assert [(each.slice, each.metric, each.sentences, each.signature) for each in found] == [
        (each.slice, each.metric, each.sentences, each.signature) for each in report.scores
    ]
    assert [each.value for each in found] == pytest.approx([each.value for each in report.scores], rel=1e-6)
    failures = read_failures(evaluation)
    assert [replace(each, references_failed=0.0) for each in failures] == [
        replace(each, references_failed=0.0) for each in report.failures
    ]
    assert [each.references_failed for each in failures] == pytest.approx(
        [each.references_failed for each in report.failures], rel=1e-6
    )
    assert tuple(read_judged(evaluation)) == report.judged
    (empty,) = (each for each in report.failures if each.slice == "all" and each.check == "empty")
    assert (empty.failed, empty.sentences, empty.references_failed) == (1, 60, 0.0)


def test_tfma_reads_the_same_values(evaluation: Path) -> None:
    result = tfma.load_eval_result(str(evaluation))
    by_slice = dict(result.slicing_metrics)
    assert by_slice[()][""][""]["bleu"] == {"doubleValue": pooled(read_scores(evaluation))["bleu"].value}


def test_empty_split_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="test split must hold a sentence"):
        evaluate(tmp_path, {"eval": invented_pairs(), "test": []})
