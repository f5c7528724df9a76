"""The corpus stage's TFX executor: parse, call, write."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from apache_beam.options.pipeline_options import DirectOptions, StandardOptions
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact
from typing_extensions import override

from seq2seq_tfx.components.corpus.beam_workers import BeamWorkers
from seq2seq_tfx.components.corpus.ledger import DEAD_LETTERS_FILE, LEDGER_FILE
from seq2seq_tfx.components.corpus.settings import CorpusSettings
from seq2seq_tfx.components.corpus.stage import ingest
from seq2seq_tfx.components.corpus.workers import ProcessWorkers, Workers
from seq2seq_tfx.components.files import work_directory, write_atomically
from seq2seq_tfx.schemas.features import SPLITS

_LOCAL_RUNNER: Final = "FnApiRunner"
_IN_MEMORY: Final = "in_memory"


class Executor(BaseBeamExecutor):
    """Ingests the corpora of `settings`."""

    @override
    def Do(
        self,
        input_dict: Mapping[str, Sequence[Artifact]],
        output_dict: Mapping[str, Sequence[Artifact]],
        exec_properties: Mapping[str, Any],
    ) -> None:
        """Write `examples`, `monolingual` and `ledger`.

        Raises:
            CorpusError: If a corpus cannot be used.
        """
        given, code_version = exec_properties["settings"], exec_properties["code_version"]
        examples = artifact_utils.get_single_instance(list(output_dict["examples"]))
        monolingual, ledger_uri = (
            artifact_utils.get_single_uri(list(output_dict[key])) for key in ("monolingual", "ledger")
        )
        directory = Path(ledger_uri)
        work = work_directory(examples.uri, given, code_version)
        with self._workers() as workers:
            ledger = ingest(CorpusSettings.from_json(given), examples.uri, work, workers, monolingual)
        directory.mkdir(parents=True, exist_ok=True)
        write_atomically(directory / LEDGER_FILE, ledger.to_json().encode(), mode=0o600)
        _finish(work, directory)
        examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
        examples_utils.set_payload_format(examples, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
        examples_utils.set_file_format(examples, "tfrecords_gzip")

    @contextmanager
    def _workers(self) -> Iterator[Workers]:
        """Beam's, unless its runner would do everything in this process: then one process a core."""
        options = self._make_beam_pipeline().options
        runner = options.view_as(StandardOptions).runner or ""
        if runner.endswith(_LOCAL_RUNNER) and options.view_as(DirectOptions).direct_running_mode == _IN_MEMORY:
            with ProcessWorkers(len(os.sched_getaffinity(0))) as processes:
                yield processes
        else:
            yield BeamWorkers(self._make_beam_pipeline)


def _finish(work: Path, directory: Path) -> None:
    """Keep the dead letters, and remove the rest of the work.

    The folder loses its name first: what a kill leaves of it is nothing that another run would go on from.
    """
    finished = work.with_name(f"{work.name}.finished")
    shutil.rmtree(finished, ignore_errors=True)
    work.rename(finished)
    if (finished / DEAD_LETTERS_FILE).stat().st_size:
        os.replace(finished / DEAD_LETTERS_FILE, directory / DEAD_LETTERS_FILE)
    shutil.rmtree(finished)
