"""What a job is: everything that its output depends on. Two jobs with the same identity have the same output bytes."""

from collections.abc import Iterator
from typing import Any

from seq2seq_tfx.components.files import sha256_of_texts
from seq2seq_tfx.components.text_checks.checking import TextCheckSettings
from seq2seq_tfx.schemas.config.section import Section


class JobInput(Section):
    """One file."""

    path: str
    """As messages name it; it has no influence."""
    sha256: str


class Making(Section):
    """What decides how one sentence is translated."""

    export_id: str
    """The model, its vocabulary and its search settings."""
    engine: str
    """`saved_model`, or `ctranslate2` and a compute type."""
    engine_version: str
    """Version of the library that computes."""
    instruction_set: str
    """Widest vector instructions of the processor: sums differ between them."""
    code_version: str
    """Hash of this program's code of translation, and of the libraries that it uses."""
    device: str = "cpu"
    """`cpu` or `cuda`."""
    invariant: bool = False
    """Whether CTranslate2 computes each sentence alone."""
    n_best: int = 1
    """Translations of each sentence."""
    alignments: bool = False
    """Whether alignments go with them."""

    @property
    def batch_invariant(self) -> bool:
        """Whether a sentence's translation does not depend on those that are computed with it."""
        return self.engine == "saved_model" or self.invariant

    @property
    def key(self) -> str:
        """Stands for it in the store."""
        return sha256_of_texts(self.to_json())


class JobIdentity(Section):
    """One job."""

    inputs: tuple[JobInput, ...]
    making: Making
    format: str
    column: int | str
    translation_column: str
    score_column: str
    """Empty where no scores are written."""
    compression: str
    """Suffix of the output; empty where it is plain."""
    block_records: int
    max_characters: int
    shard_records: int
    """0 where the output is one file."""
    store: bool
    """Whether translations of other jobs are used by an engine whose sums depend on the batch."""
    flag_column: str = ""
    """Empty where flags stand beside the output alone, or nowhere."""
    checks: TextCheckSettings | None = None
    """What is looked for in the translations; None where nothing is."""

    def differences(self, before: "JobIdentity") -> list[str]:
        """In words, what is not as it was; empty where all is."""
        return [*self._input_differences(before), *_differences(self._settings(), before._settings())]

    def _input_differences(self, before: "JobIdentity") -> Iterator[str]:
        if len(self.inputs) != len(before.inputs):
            yield f"there are {len(self.inputs)} inputs (before: {len(before.inputs)})"
            return
        for place, (new, old) in enumerate(zip(self.inputs, before.inputs, strict=True), start=1):
            if new.sha256 != old.sha256:
                yield f"input {place}, {new.path}, has sha256 {new.sha256[:12]} (before: {old.path}, {old.sha256[:12]})"

    def _settings(self) -> dict[str, Any]:
        given = self.model_dump(mode="json", exclude={"inputs", "making"})
        return {**given, **self.making.model_dump(mode="json")}


def _differences(new: dict[str, Any], old: dict[str, Any]) -> Iterator[str]:
    for name, value in new.items():
        before = old[name]
        if isinstance(value, dict) and isinstance(before, dict):
            yield from _differences(value, before)
        elif value != before:
            yield f"{name.replace('_', ' ')} is {str(value)[:60]} (before: {str(before)[:60]})"
