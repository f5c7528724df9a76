"""The probe stage's TFX executor: parse, call, write."""

import logging
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import tensorflow as tf
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from tfx.utils import path_utils
from typing_extensions import override

from seq2seq_tfx.components.example_files import example_files
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.serving_probe.settings import ProbeSettings
from seq2seq_tfx.components.serving_probe.stage import probe
from seq2seq_tfx.schemas.features import SOURCE

logger = logging.getLogger(__name__)


class Executor(BaseExecutor):
    """Tries every export in `model` with hard cases and sentences of the eval split of `examples`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `blessing` with `probe.json`; a refusal is written, not raised, so that it is remembered."""
        config = ProbeSettings.from_json(exec_properties["settings"]).serving_probe
        export = Path(path_utils.serving_model_path(artifact_utils.get_single_uri(list(input_dict["model"]))))
        sentences = _eval_sentences(artifact_utils.get_single_uri(list(input_dict["examples"])), config.sentences)
        report = probe(export, sentences, config)
        blessing = artifact_utils.get_single_instance(list(output_dict["blessing"]))
        write_atomically(Path(blessing.uri) / "probe.json", report.to_json().encode())
        write_atomically(Path(blessing.uri) / ("INFRA_BLESSED" if report.blessed else "INFRA_NOT_BLESSED"), b"")
        blessing.set_int_custom_property("blessed", int(report.blessed))
        if report.blessed:
            logger.info(
                "probe: passed; one sentence takes %.2f s, all together %.1f a second, peak memory %.0f MiB",
                report.latency_seconds,
                report.sentences_per_second,
                report.peak_memory_mib,
            )
            for name, tried in report.ctranslate2.items():
                logger.info(
                    "probe: CTranslate2's %s: one sentence takes %.3f s, all together %.1f a second, peak memory "
                    "%.0f MiB",
                    name,
                    tried.latency_seconds,
                    tried.sentences_per_second,
                    tried.peak_memory_mib,
                )
        else:
            logger.warning("probe: refused: %s", "; ".join(report.reasons))


def _eval_sentences(examples_uri: str, count: int) -> list[str]:
    records = tf.data.TFRecordDataset(example_files(examples_uri, "eval"), compression_type="GZIP")
    sources = (
        tf.train.Example.FromString(record).features.feature[SOURCE.name].bytes_list.value[0].decode()
        for record in records.as_numpy_iterator()
    )
    return list(islice((source for source in sources if source.strip()), count))
