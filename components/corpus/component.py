"""The corpus stage as a TFX component."""

from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec
from tfx.types.channel import Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter
from tfx.types.standard_artifacts import Examples

from seq2seq_tfx.components.artifacts import CorpusLedger, MonolingualSentences
from seq2seq_tfx.components.corpus.executor import Executor


class ParallelCorpusSpec(ComponentSpec):
    """Corpora in, three splits, monolingual sentences and a ledger out."""

    PARAMETERS = {"settings": ExecutionParameter(type=str), "code_version": ExecutionParameter(type=str)}
    INPUTS: dict[str, ChannelParameter] = {}
    OUTPUTS = {
        "examples": ChannelParameter(type=Examples),
        "monolingual": ChannelParameter(type=MonolingualSentences),
        "ledger": ChannelParameter(type=CorpusLedger),
    }


class ParallelCorpusExampleGen(BaseBeamComponent):
    """Reads, cleans and splits the parallel corpora, and cleans the monolingual ones.

    Outputs:
        examples: `Examples` with the splits train, eval, test and the features of `schemas.features.RAW_FEATURES`.
        monolingual: `MonolingualSentences`, none where no corpus is monolingual.
        ledger: `CorpusLedger`.

    Args:
        settings: `CorpusSettings` as JSON; names every file by its sha256.
        code_version: Hash of what the stage computes with.
    """

    SPEC_CLASS = ParallelCorpusSpec
    EXECUTOR_SPEC = BeamExecutorSpec(Executor)

    def __init__(self, settings: str, code_version: str) -> None:
        super().__init__(
            spec=ParallelCorpusSpec(
                settings=settings,
                code_version=code_version,
                examples=Channel(type=Examples),
                monolingual=Channel(type=MonolingualSentences),
                ledger=Channel(type=CorpusLedger),
            )
        )
