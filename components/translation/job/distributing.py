"""Blocks that other processes translate: what is asked of the engine lies in files that all see, and its answers.

A first pass over the records finds, as the job itself will, which sentences are new in each block, and writes those of
a block as one task, named after them. Whoever translates it writes an answer of the same name, whole or not at all.
The job then runs as always, with an engine that reads answers: neither the processes nor their number change a byte.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, final

import orjson
from typing_extensions import override

from seq2seq_tfx.components.files import write_atomically
from seq2seq_tfx.components.translation.engine import Engine, Translation, require_all_answered
from seq2seq_tfx.components.translation.job.blocks import BLOCK_RECORDS, Block
from seq2seq_tfx.components.translation.job.planning import Planner
from seq2seq_tfx.components.translation.job.remembering import packed, unpacked
from seq2seq_tfx.schemas.errors import WorkError

_PRIVATE: Final = 0o600


class Runner(NamedTuple):
    """What translates in place of this process."""

    name: str
    """Full name of a Beam runner's class, or a short one that Beam knows."""
    options: tuple[str, ...] = ()
    """Beam's pipeline options, as on a command line."""


def write_tasks(folder: Path, blocks: Iterable[Block], planner: Planner, done: int, strict: bool) -> list[str]:
    """Write what is still to be translated.

    Args:
        folder: Of the job, in which all workers write.
        blocks: All of the job, from the first.
        planner: Plans them; its index is used for nothing else.
        done: How many of the first blocks are finished.
        strict: Whether a record that cannot be translated ends the job.

    Returns:
        The tasks without an answer, by name.

    Raises:
        InputError: If an input is wrong, or, where the job is strict, a record.
        OSError: If the disk is full.
    """
    waiting: list[str] = []
    for block in blocks:
        plan = planner.plan(block)
        if strict:
            planner.refuse_dead(plan)
        if block.number < done or not plan.new:
            continue
        name = _name(plan.new)
        if not _answer(folder, name).exists():
            write_atomically(_task(folder, name), orjson.dumps(plan.new), mode=_PRIVATE)
            waiting.append(name)
    return waiting


def answer_task(folder: Path, name: str, engine: Engine) -> None:
    """Translate one task, unless that is done already.

    Raises:
        WorkError: If the engine does not answer every sentence.
        OSError: If the task cannot be read, or the answer not be written.
    """
    if _answer(folder, name).exists():
        return
    sentences: list[str] = orjson.loads(_task(folder, name).read_bytes())
    answers = [[each.text, each.score, each.truncated, packed(each)] for each in engine.translate(sentences)]
    require_all_answered(sentences, answers)
    write_atomically(_answer(folder, name), orjson.dumps(answers), mode=_PRIVATE)


@final
class Answered(Engine):
    """Says what others translated.

    Args:
        folder: Of the job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    @override
    def block(self) -> int:
        return BLOCK_RECORDS

    @override
    def translate(self, sentences: Sequence[str]) -> Iterator[Translation]:
        """What stands in the answer to exactly these sentences.

        Raises:
            WorkError: If there is none.
        """
        path = _answer(self._folder, _name(sentences))
        try:
            answers = orjson.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise WorkError(
                f"{path} must hold the answer of a worker, but cannot be read ({error}); the workers must see the "
                "job's folder under the same name as this process: put the output where all of them can write"
            ) from error
        for text, score, truncated, more in answers:
            yield unpacked(text, score, truncated, more)


def _name(sentences: Sequence[str]) -> str:
    return hashlib.sha256(orjson.dumps(list(sentences))).hexdigest()[:32]


def _task(folder: Path, name: str) -> Path:
    return folder / f"task-{name}"


def _answer(folder: Path, name: str) -> Path:
    return folder / f"answer-{name}"
