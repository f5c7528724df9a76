"""Asks the stock Pusher whether the model is blessed, and publishes it our way."""

import json
import logging
from pathlib import Path
from typing import Any, final

from tfx.components.pusher import executor as stock
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import path_utils
from typing_extensions import override

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.pushing.destination import copy_to_destination
from seq2seq_tfx.components.pushing.in_use import changing
from seq2seq_tfx.components.pushing.model_card import TRAINING_FILE
from seq2seq_tfx.components.pushing.push import Pushed, PushRecord, push_version
from seq2seq_tfx.components.pushing.settings import PushSettings

logger = logging.getLogger(__name__)


@final
class Executor(stock.Executor):
    """Reads `model`, both blessings, `decision`, `ledger` and `trained`; writes `pushed_model`."""

    @override
    def Do(
        self,
        input_dict: dict[str, list[Artifact]],
        output_dict: dict[str, list[Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Push one model if both blessings allow it.

        Args:
            input_dict: `model`, `model_blessing`, `infra_blessing`, `decision`; `ledger`, `trained` (may be absent).
            output_dict: `pushed_model`.
            exec_properties: `settings`, `push_directory`, `provenance`.

        Raises:
            WorkError: If the version cannot be written, here or at its destination.
            InputError: If the destination holds another model's version of the same number.
        """
        pushed_model = artifact_utils.get_single_instance(output_dict["pushed_model"])
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed_model)
            logger.warning("the model is not pushed: the gate or the probe refused it")
            return
        push_directory = Path(exec_properties["push_directory"])
        record = _record(input_dict, exec_properties)
        pushed = push_version(Path(self.GetModelPath(input_dict)), push_directory, record)
        destination = PushSettings.from_json(exec_properties["settings"]).push.destination
        if destination is not None:
            with changing(push_directory):
                copy_to_destination(push_directory, destination, record.name)
        self._MarkPushed(pushed_model, pushed_destination=str(pushed.path), pushed_version=str(pushed.version))
        pushed_model.set_int_custom_property("already", int(pushed.already))
        _write_receipt(Path(pushed_model.uri), pushed)
        if pushed.already:
            logger.info("this model was pushed before, as version %d: nothing is changed", pushed.version)
        else:
            logger.info("pushed as version %d, now in use: %s", pushed.version, pushed.path)


def _record(input_dict: dict[str, list[Artifact]], exec_properties: dict[str, Any]) -> PushRecord:
    model = artifact_utils.get_single_instance(input_dict["model"])
    decision = Path(artifact_utils.get_single_uri(input_dict["decision"])) / "decision.json"
    ledgers = [Path(artifact.uri) / "ledger.json" for artifact in input_dict.get("ledger", [])]
    return PushRecord(
        name=PushSettings.from_json(exec_properties["settings"]).name,
        export_id=model.get_string_custom_property("export_id"),
        compute_type=model.get_string_custom_property("compute_type"),
        provenance=json.loads(exec_properties["provenance"]),
        decision=json.loads(decision.read_text(encoding="utf-8")),
        pairs=_pairs(ledgers[0]) if ledgers else None,
        training=_training(input_dict.get("trained", [])),
    )


def _training(trained: list[Artifact]) -> dict[str, Any] | None:
    """What training says of itself: precision, threads, steps, times, sizes; None where it is not at hand."""
    paths = [Path(path_utils.serving_model_path(artifact.uri)) / TRAINING_FILE for artifact in trained]
    record: dict[str, Any] | None = json.loads(paths[0].read_text(encoding="utf-8")) if paths else None
    return record


def _pairs(ledger: Path) -> dict[str, Any]:
    """How many pairs of each corpus were read and kept: its samples of text do not belong into a published model."""
    corpora = json.loads(ledger.read_text(encoding="utf-8"))["corpora"]
    return {each["corpus"]: {"read": each["read"], "kept": each["kept"]} for each in corpora}


def _write_receipt(folder: Path, pushed: Pushed) -> None:
    receipt = {"version": pushed.version, "path": str(pushed.path), "already": pushed.already}
    write_atomically(folder / "pushed.json", f"{json.dumps(receipt, indent=1)}\n".encode())
