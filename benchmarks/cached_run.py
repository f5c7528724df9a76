"""Times an unchanged `seq2seq run` against importing TFX; prints both medians and their ratio.

Usage: python benchmarks/cached_run.py CONFIG     (a configuration that was run to its end before)
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 3
IMPORT_TFX = [sys.executable, "-W", "ignore", "-c", "import tfx.components"]


def main() -> int:
    """Interleave both commands and print the ratio."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    run = [str(Path(sys.executable).parent / "seq2seq"), "run", sys.argv[1]]
    seconds(run), seconds(IMPORT_TFX)
    pairs = [(seconds(run), seconds(IMPORT_TFX)) for _ in range(RUNS)]
    ours, imports = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"unchanged run       {ours:6.2f} s (median of {RUNS})")
    print(f"importing TFX       {imports:6.2f} s (median of {RUNS})")
    print(f"ratio               {ours / imports:6.2f}")
    return 0


def seconds(command: list[str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
