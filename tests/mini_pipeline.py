"""A TFX pipeline without a model: stand-ins for export, probe and translations around the real resolver, gate and push.

Its components stand in a module of their own because TFX imports executors by name.
"""

import json
from pathlib import Path
from typing import Any, final

import tensorflow as tf
from pushed_models import write_export
from tfx.dsl.components.base import base_component, base_executor, executor_spec
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.resolver import Resolver
from tfx.orchestration import metadata
from tfx.orchestration.local import local_dag_runner
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts
from tfx.types.artifact import Artifact
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from typing_extensions import override

from seq2seq_tfx.components.evaluation.judging import write_judged
from seq2seq_tfx.components.evaluation.plain import Report, evaluate_texts
from seq2seq_tfx.components.evaluation.scores import write_scores
from seq2seq_tfx.components.evaluation.settings import EvaluationSettings
from seq2seq_tfx.components.evaluation.translated import Translated
from seq2seq_tfx.components.gate.component import ReleaseGate
from seq2seq_tfx.components.gate.resolver import ModelInUseStrategy
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.pushing.component import ModelPusher
from seq2seq_tfx.components.pushing.settings import PushSettings
from seq2seq_tfx.components.versions import TRANSLATED_BY

REFERENCES = [f"the {thing} is very {quality} today" for thing in ("cat", "dog", "sun") for quality in ("big", "old")]
GATE = {
    "gate": {"max_loss": {"chrf": 1.0}},
    "evaluation": {"metrics": ["bleu", "chrf"]},
    "languages": {"source": "de", "target": "en"},
}
SETTINGS = GateSettings.model_validate(GATE)
EVALUATION = EvaluationSettings(evaluation=SETTINGS.evaluation, languages=SETTINGS.languages)
Artifacts = dict[str, list[Artifact]]


def translations_by(model: str) -> list[str]:
    """What a stand-in model says: `bad...` forgets a word."""
    return [each.replace("very ", "") if model.startswith("bad") else each for each in REFERENCES]


def write_translations(uri: str, model: str | None, references: list[str] | None = None) -> None:
    """Write the test split of translations; without a model, none."""
    if model is None:
        return
    folder = Path(uri) / "Split-test"
    folder.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(folder / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
        for number, (translation, reference) in enumerate(
            zip(translations_by(model), references or REFERENCES, strict=True)
        ):
            values = {"pair_id": f"demo/{number:010d}", "translation": translation, "target": reference}
            feature = {
                key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
                for key, text in values.items()
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def write_evaluation(uri: str, model: str) -> None:
    """Write what the Evaluator finds of a stand-in model's translations."""
    sentences = [
        Translated(f"demo/{number:010d}", translation, (reference,), "", {"corpus": "demo"})
        for number, (translation, reference) in enumerate(zip(translations_by(model), REFERENCES, strict=True))
    ]
    store_report(Path(uri), evaluate_texts(sentences, EVALUATION))


def store_report(folder: Path, report: Report) -> None:
    """Write a report as the evaluation's artifact holds it."""
    write_scores(folder, report.scores, report.failures)
    write_judged(folder, report.judged)


class MakeExecutor(base_executor.BaseExecutor):
    """Writes every artifact that a stand-in model needs."""

    @override
    def Do(self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]) -> None:
        name = exec_properties["name"]
        (model,), (translations,), (evaluation,), (infra_blessing,) = (
            output_dict[key] for key in ("model", "translations", "evaluation", "infra_blessing")
        )
        write_export(Path(model.uri) / "Format-Serving", text=name)
        model.set_string_custom_property("export_id", name)
        translations.split_names = json.dumps(["test"])
        write_translations(translations.uri, name)
        write_evaluation(evaluation.uri, name)
        infra_blessing.set_int_custom_property("blessed", 1)


class MakeSpec(ComponentSpec):
    """A model's name in, everything that follows from it out."""

    PARAMETERS = {"name": ExecutionParameter(type=str)}
    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {
        "model": ChannelParameter(type=standard_artifacts.Model),
        "translations": ChannelParameter(type=standard_artifacts.Examples),
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "infra_blessing": ChannelParameter(type=standard_artifacts.InfraBlessing),
    }


@final
class Make(base_component.BaseComponent):
    """Stands for all stages up to the gate."""

    SPEC_CLASS = MakeSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(MakeExecutor)

    def __init__(self, name: str) -> None:
        outputs = {key: Channel(type=parameter.type) for key, parameter in MakeSpec.OUTPUTS.items()}
        super().__init__(MakeSpec(name=name, **outputs))


class TranslateExecutor(base_executor.BaseExecutor):
    """Translates with the model in use; writes no files if there is none."""

    @override
    def Do(self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]) -> None:
        (translations,) = output_dict["translations"]
        translations.split_names = json.dumps(["test"])
        models = input_dict.get("model", [])
        name = (Path(models[0].uri) / "Format-Serving/saved_model.pb").read_text() if models else None
        write_translations(translations.uri, name)
        if name is not None:
            translations.set_string_custom_property(TRANSLATED_BY, name)


class TranslateSpec(ComponentSpec):
    """An optional model in, its translations out."""

    PARAMETERS: dict[str, ExecutionParameter] = {}
    INPUTS = {"model": ChannelParameter(type=standard_artifacts.Model, optional=True)}
    OUTPUTS = {"translations": ChannelParameter(type=standard_artifacts.Examples)}


@final
class Translate(base_component.BaseComponent):
    """Stands for the Translator of the baseline."""

    SPEC_CLASS = TranslateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(TranslateExecutor)

    def __init__(self, model: BaseChannel) -> None:
        super().__init__(TranslateSpec(model=model, translations=Channel(type=standard_artifacts.Examples)))


def run(root: Path, model: str) -> None:
    """Run the pipeline once on `root`; versions go to `root/pushed`."""
    push_directory = str(root / "pushed")
    made = Make(model).with_id("make")
    baseline = Resolver(
        strategy_class=ModelInUseStrategy, config={"push_directory": push_directory}, model=made.outputs["model"]
    ).with_id("baseline")
    before = Translate(baseline.outputs["model"]).with_id("baseline_translations")
    gate = ReleaseGate(
        evaluation=made.outputs["evaluation"],
        translations=made.outputs["translations"],
        baseline_translations=before.outputs["translations"],
        model=made.outputs["model"],
        settings=SETTINGS.to_json(),
        code_version="1",
        push_directory=push_directory,
    ).with_id("gate")
    push = ModelPusher(
        model=made.outputs["model"],
        model_blessing=gate.outputs["blessing"],
        infra_blessing=made.outputs["infra_blessing"],
        decision=gate.outputs["decision"],
        settings=PushSettings.model_validate({"push": {}, "name": "mini"}).to_json(),
        code_version="1",
        push_directory=push_directory,
        provenance='{"lane": "test"}',
    ).with_id("push")
    nodes: list[BaseNode] = [made, baseline, before, gate, push]
    local_dag_runner.LocalDagRunner().run(
        Pipeline(
            pipeline_name="mini",
            pipeline_root=str(root / "artifacts"),
            metadata_connection_config=metadata.sqlite_metadata_connection_config(str(root / "metadata.sqlite")),
            components=nodes,
            enable_cache=True,
        )
    )


def executed(root: Path) -> list[str]:
    """Nodes that executed in the newest run, in their order; the resolver, which always does, is left out."""
    config = metadata.sqlite_metadata_connection_config(str(root / "metadata.sqlite"))
    with metadata.Metadata(config) as handle:
        store = handle.store
        newest = max(store.get_contexts_by_type("pipeline_run"), key=lambda context: int(context.id))
        found = []
        for execution in sorted(store.get_executions_by_context(newest.id), key=lambda each: int(each.id)):
            node = next(c.name for c in store.get_contexts_by_execution(execution.id) if c.name.startswith("mini."))
            if execution.last_known_state == execution.COMPLETE and node != "mini.baseline":
                found.append(node.removeprefix("mini."))
    return found


def newest_decision(root: Path) -> dict[str, Any]:
    """The last `decision.json` that was written."""
    folder = max((root / "artifacts/gate/decision").iterdir(), key=lambda path: int(path.name))
    document: dict[str, Any] = json.loads((folder / "decision.json").read_text())
    return document
