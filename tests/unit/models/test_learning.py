"""One task for each kind of model, learned with the real update; `tests/soak` learns all of them."""

import numpy as np
import pytest
from learning.learn import BATCH, learn
from learning.table import ARCHITECTURES, TASKS, plan_of
from learning.tasks import FIRST_DIGIT, Name, Task

from seq2seq_tfx.schemas.features import EOS_ID, PAD_ID

QUICK: tuple[tuple[str, Name], ...] = (
    ("transformer", "reverse"),
    ("bert", "copy"),
    ("gpt, bidirectional source", "reverse"),
    ("gru, none", "copy"),
    ("gru, bahdanau", "reverse"),
    ("lstm, luong_general, input feeding, 2 residual layers", "copy"),
)


@pytest.mark.parametrize(("architecture", "task"), QUICK)
def test_task_is_learned_to_99_percent_of_unseen_answers(architecture: str, task: Name) -> None:
    learned = learn(plan_of(architecture, task))
    assert learned.token_accuracy > 0.99, learned


@pytest.mark.parametrize(
    ("task", "answer"),
    [("copy", [3, 9, 8]), ("reverse", [8, 9, 3]), ("digit sum", [2, 0])],
)
def test_answers_are_right(task: Name, answer: list[int]) -> None:
    pairs = Task(task, 3, 3).pairs(np.random.default_rng(1), 5000, held_out=False)
    (place, *_) = np.flatnonzero((pairs.source_BS == np.array([9, 15, 14, EOS_ID])).all(axis=1))
    digits = [token - FIRST_DIGIT for token in pairs.target_BT[place] if token not in (EOS_ID, PAD_ID)]
    assert digits == answer


def test_what_is_held_out_is_never_trained_on() -> None:
    task, generator = Task("copy", 2, 3), np.random.default_rng(1)
    seen, unseen = (
        {tuple(row) for row in task.pairs(generator, 5000, held_out=held_out).source_BS} for held_out in (False, True)
    )
    assert seen and unseen and not seen & unseen


def test_every_architecture_has_a_plan_for_every_task() -> None:
    for architecture in ARCHITECTURES:
        for task in TASKS:
            plan = plan_of(architecture, task)
            assert plan.task.longest >= 4 and plan.steps * BATCH < 200_000
