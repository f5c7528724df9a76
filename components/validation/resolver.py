"""Finds the data in use among the artifacts, for TFX's stock Resolver."""

import logging
from pathlib import Path
from typing import final

import ml_metadata
from tfx.dsl.components.common.resolver import ResolverStrategy
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.types.standard_artifacts import ExampleStatistics
from typing_extensions import override

from seq2seq_tfx.components.validation.baseline import STATISTICS_KEY, drift_baseline

logger = logging.getLogger(__name__)


@final
class DataInUseStrategy(ResolverStrategy):
    """Resolves `statistics` from this run's to those that they are compared with, or to nothing.

    Args:
        push_directory: The folder of the pushed versions, absolute.
        settings: The validation's `settings`.
        code_version: The validation's `code_version`.
    """

    def __init__(self, push_directory: str, settings: str, code_version: str) -> None:
        self._push_directory = Path(push_directory)
        self._parameters = {"settings": settings, "code_version": code_version}

    @override
    def resolve_artifacts(
        self, store: ml_metadata.MetadataStore, input_dict: dict[str, list[Artifact]]
    ) -> dict[str, list[Artifact]]:
        """Look up the baseline's `ExampleStatistics`.

        Args:
            store: ML Metadata.
            input_dict: `statistics`: this run's.
        """
        (statistics,) = input_dict[STATISTICS_KEY]
        found = drift_baseline(store, self._push_directory, statistics.id, self._parameters)
        if found is None:
            return {STATISTICS_KEY: []}
        if found.statistics is None:
            logger.info("drift is not looked for: %s", found.reason)
            return {STATISTICS_KEY: []}
        logger.info("drift is looked for against: %s", found.reason)
        (stored,) = store.get_artifacts_by_id([found.statistics])
        kind = store.get_artifact_type(ExampleStatistics.TYPE_NAME)
        return {STATISTICS_KEY: [artifact_utils.deserialize_artifact(kind, stored)]}
