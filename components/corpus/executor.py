"""The corpus stage's TFX executor: parse, call, write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.schemas.features import SPLITS

LEDGER_FILE = "ledger.json"


class Executor(BaseExecutor):
    """Ingests the corpora of `settings`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `examples` and `ledger`.

        Raises:
            CorpusError: If a corpus cannot be used.
        """
        settings = CorpusSettings.from_json(exec_properties["settings"])
        examples = artifact_utils.get_single_instance(list(output_dict["examples"]))
        directory = Path(artifact_utils.get_single_uri(list(output_dict["ledger"])))
        directory.mkdir(parents=True, exist_ok=True)
        ledger = ingest(settings, examples.uri, work=directory)
        write_atomically(directory / LEDGER_FILE, ledger.to_json().encode(), mode=0o600)
        examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
        examples_utils.set_payload_format(examples, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
        examples_utils.set_file_format(examples, "tfrecords_gzip")
