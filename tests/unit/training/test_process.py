"""What the process is told: precision, signals."""

import os
import signal
import threading

import pytest

from seq2seq_tfx.components.interruption import interruption
from seq2seq_tfx.components.training.precision import compute_dtype

OLD = "model name\t: x\nflags\t\t: fpu sse avx2 fma\n"
NEW = "model name\t: y\nflags\t\t: fpu sse avx2 avx512_bf16 fma\n"


@pytest.mark.parametrize(
    ("precision", "cpuinfo", "expected"),
    [
        ("auto", OLD, "float32"),
        ("auto", NEW, "bfloat16"),
        ("auto", OLD.replace("x", "avx512_bf16", 1), "float32"),
        ("float32", NEW, "float32"),
        ("bfloat16", OLD, "bfloat16"),
    ],
)
def test_precision_follows_the_processor_when_auto(precision: str, cpuinfo: str, expected: str) -> None:
    assert compute_dtype(precision, cpuinfo, gpus=()) == expected


@pytest.mark.parametrize(
    ("gpus", "expected"),
    [([(8, 0)], "bfloat16"), ([(9, 0), (8, 6)], "bfloat16"), ([(7, 5)], "float32"), ([(9, 0), (7, 0)], "float32")],
)
def test_precision_follows_the_oldest_gpu_when_there_is_one(gpus: list[tuple[int, int]], expected: str) -> None:
    for cpuinfo in (OLD, NEW):
        assert compute_dtype("auto", cpuinfo, gpus) == expected
        assert compute_dtype("float32", cpuinfo, gpus) == "float32"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_once_when_training_runs(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with interruption() as interrupted:
        assert signal.getsignal(number) is not before
        os.kill(os.getpid(), number)
        assert interrupted.wait(5)
        assert signal.getsignal(number) is before, "a second signal ends the process at once"
    assert signal.getsignal(number) is before


def test_signals_are_left_alone_when_not_in_the_main_thread() -> None:
    found = []

    def work() -> None:
        with interruption() as interrupted:
            found.append((signal.getsignal(signal.SIGTERM), interrupted.is_set()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(signal.getsignal(signal.SIGTERM), False)]
