"""Finds the baseline's model among the artifacts, for TFX's stock Resolver."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, final

import ml_metadata
from ml_metadata.proto import metadata_store_pb2 as proto
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.types.standard_artifacts import Model
from typing_extensions import override

from seq2seq_tfx.components.gate.baseline import baseline_of
from seq2seq_tfx.components.versions import ADOPTED_FOLDER, Identity
from seq2seq_tfx.schemas.errors import WorkError

logger = logging.getLogger(__name__)

_EXPORT_ID: Final = "export_id"


@final
class ModelInUseStrategy(ResolverStrategy):
    """Resolves `model` from the candidate to the model that it is judged against, or to nothing for a first model.

    TFX turns an error in here into an empty result and a line in its log; that is why the gate looks up the baseline
    again and refuses to go on without its translations.

    Args:
        push_directory: The folder of the pushed versions, absolute.
    """

    def __init__(self, push_directory: str) -> None:
        self._push_directory = Path(push_directory)

    @override
    def resolve_artifacts(
        self, store: ml_metadata.MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Look up the baseline's `Model`.

        Args:
            store: ML Metadata.
            input_dict: `model`: the candidate's export.
        """
        (candidate,) = input_dict["model"]
        baseline = baseline_of(self._push_directory, candidate.get_string_custom_property(_EXPORT_ID))
        if baseline is None:
            return {"model": []}
        return {"model": [_oldest_usable(store, baseline.export_id) or self._adopt(store, baseline)]}

    def _adopt(self, store: ml_metadata.MetadataStore, version: Identity) -> Artifact:
        """Register a pushed version that this ML Metadata has never seen, or whose artifact was cleaned away."""
        pushed = self._push_directory / str(version.number)
        if not pushed.is_dir():
            raise WorkError(f"{pushed} must be there, because models are compared with it; bring the folder back")
        folder = self._push_directory / ADOPTED_FOLDER / str(version.number)
        folder.mkdir(parents=True, exist_ok=True)
        link = folder / "Format-Serving"
        if not link.is_symlink():
            link.symlink_to(Path("..") / ".." / str(version.number))
        logger.info("version %d is not in this root's metadata; its files are taken from %s", version.number, pushed)
        return _registered(store, str(folder), version.export_id)


def _oldest_usable(store: ml_metadata.MetadataStore, export_id: str) -> Artifact | None:
    """The first artifact of this export that is still there: a second one of the same bytes must change nothing."""
    found: Iterable[Any] = sorted(store.get_artifacts_by_type(Model.TYPE_NAME), key=lambda artifact: artifact.id)
    for each in found:
        same = each.custom_properties[_EXPORT_ID].string_value == export_id
        if same and each.state == proto.Artifact.LIVE and Path(each.uri).exists():
            return artifact_utils.deserialize_artifact(store.get_artifact_type(Model.TYPE_NAME), each)
    return None


def _registered(store: ml_metadata.MetadataStore, uri: str, export_id: str) -> Artifact:
    model = Model()
    model.uri = uri
    model.set_string_custom_property(_EXPORT_ID, export_id)
    model_type = store.get_artifact_type(Model.TYPE_NAME)
    model.mlmd_artifact.type_id = model_type.id
    model.mlmd_artifact.state = proto.Artifact.LIVE
    (identity,) = store.put_artifacts([model.mlmd_artifact])
    (stored,) = store.get_artifacts_by_id([identity])
    return artifact_utils.deserialize_artifact(model_type, stored)
