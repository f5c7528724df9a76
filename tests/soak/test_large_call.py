"""`make soak`: 100,000 strings in one call of an export, memory and answers."""

import subprocess
import sys
from pathlib import Path

from tiny_export import tiny_export

CALLS = Path(__file__).parents[1] / "large_call.py"
FEW, MANY = 1_000, 100_000
MOST_MIB = 300
"""More than for few sentences: 3 KiB for each string, its ids and its translation."""


def test_a_hundred_thousand_strings_in_one_call_stay_within_the_stated_memory() -> None:
    peaks = []
    for count in (FEW, MANY):
        command = [sys.executable, str(CALLS), str(tiny_export()), str(count)]
        peaks.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    print(f"peak memory: {peaks[0]:.0f} MiB for {FEW:,} strings, {peaks[1]:.0f} MiB for {MANY:,}")
    assert peaks[1] < peaks[0] + MOST_MIB
