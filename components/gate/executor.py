"""Reads both models' results, has them judged, writes blessing and decision."""

import json
import logging
from pathlib import Path
from typing import Any, final

from tfx.components.evaluator import constants
from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.evaluation.judging import read_judged
from seq2seq_tfx.components.evaluation.scores import read_failures, read_scores
from seq2seq_tfx.components.evaluation.translations import read_translations
from seq2seq_tfx.components.example_files import split_directory
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.gate.acceptance import Acceptance, acceptance_of
from seq2seq_tfx.components.gate.baseline import baseline_of
from seq2seq_tfx.components.gate.decide import Decision
from seq2seq_tfx.components.gate.settings import GateSettings
from seq2seq_tfx.components.gate.stage import Baseline, Candidate, judge
from seq2seq_tfx.components.versions import TRANSLATED_BY
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

DECISION_FILE = "decision.json"
ACCEPTED_PROPERTY = "accepted"
"""Of the blessing in ML Metadata: the reason that a person gave for a model that the gate refuses."""


@final
class Executor(base_executor.BaseExecutor):
    """Reads `evaluation`, `translations`, `baseline_translations`, `model`; writes `blessing`, `decision`."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Judge one model.

        Args:
            input_dict: `evaluation`, `translations`, `model` of the candidate; `baseline_translations`.
            output_dict: `blessing`, `decision`.
            exec_properties: `settings`, `push_directory`.

        Raises:
            WorkError: If a model is in use and its translations are missing, or are not those of the same sentences.
            InputError: If a bound is set for a metric that was not computed.
        """
        model = artifact_utils.get_single_instance(input_dict["model"])
        evaluation = Path(artifact_utils.get_single_uri(input_dict["evaluation"]))
        scores = read_scores(evaluation)
        candidate = Candidate(
            export_id=model.get_string_custom_property("export_id"),
            scores=scores,
            failures=read_failures(evaluation),
            judged=read_judged(evaluation),
            translations=read_translations(artifact_utils.get_single_uri(input_dict["translations"]), scores[0].split),
        )
        push_directory = exec_properties["push_directory"]
        baseline = _baseline(input_dict.get("baseline_translations", []), candidate, push_directory)
        against = None if baseline is None else baseline.identity.export_id
        acceptance = acceptance_of(Path(push_directory), candidate.export_id, against)
        decision, record = judge(candidate, baseline, GateSettings.from_json(exec_properties["settings"]), acceptance)
        text = json.dumps(record, indent=1, ensure_ascii=False)
        folder = Path(artifact_utils.get_single_uri(output_dict["decision"]))
        write_atomically(folder / DECISION_FILE, f"{text}\n".encode())
        accepted = acceptance if record["acceptance"] else None
        _bless(artifact_utils.get_single_instance(output_dict["blessing"]), model, decision, accepted)


def _baseline(artifacts: list[Artifact], candidate: Candidate, push_directory: str) -> Baseline | None:
    identity = baseline_of(Path(push_directory), candidate.export_id)
    split = candidate.scores[0].split
    sets = [each for each in artifacts if any(split_directory(each.uri, split).glob("data_tfrecord-*"))]
    if identity is None and not sets:
        return None
    if identity is None or len(sets) != 1:
        found = "none is in use" if identity is None else f"version {identity.number} is in use"
        raise WorkError(
            f"the gate must have the translations of the model in use and no others: {found}, "
            f"and there are {len(sets)} sets of them; run again, and look into the log if that does not help"
        )
    (theirs,) = sets
    if theirs.get_string_custom_property(TRANSLATED_BY) != identity.export_id:
        raise WorkError(
            f"the gate must have the translations of version {identity.number}, and has those of another model: "
            "the version in use was changed during the run; run again"
        )
    return Baseline(identity=identity, translations=read_translations(theirs.uri, split))


def _bless(blessing: Artifact, model: Artifact, decision: Decision, accepted: Acceptance | None) -> None:
    blessing.set_string_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_URI_KEY, model.uri)
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_CURRENT_MODEL_ID_KEY, model.id)
    blessing.set_int_custom_property(constants.ARTIFACT_PROPERTY_BLESSED_KEY, int(decision.blessed))
    blessing.set_string_custom_property(constants.ARTIFACT_PROPERTY_BLESSING_MESSAGE_KEY, "; ".join(decision.reasons))
    if accepted is not None:
        blessing.set_string_custom_property(ACCEPTED_PROPERTY, accepted.reason)
    name = constants.BLESSED_FILE_NAME if decision.blessed else constants.NOT_BLESSED_FILE_NAME
    write_atomically(Path(blessing.uri) / name, b"")
    verdict = "the gate lets the model pass" if decision.blessed else "the gate refuses the model"
    logger.info("%s: %s", verdict, "; ".join(decision.reasons))
