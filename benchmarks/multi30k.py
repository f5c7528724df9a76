"""Multi30k en-de from raw text to a pushed model: prints the wall time and the scores on test_2016_flickr.

Usage: python benchmarks/multi30k.py FOLDER     (the raw files: train, val, test_2016_flickr as .en.gz and .de.gz)
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "multi30k_en_de" / "pipeline.yaml"
SEQ2SEQ = Path(sys.executable).parent / "seq2seq"


def main() -> int:
    """Copy the example beside the data, run it from nothing, print the figures."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for path in Path(sys.argv[1]).glob("*.gz"):
            shutil.copy(path, folder)
        config = shutil.copy(EXAMPLE, folder)
        started = time.perf_counter()
        finished = subprocess.run([str(SEQ2SEQ), "run", config, "--json"], stdout=subprocess.PIPE, check=True)
        minutes = (time.perf_counter() - started) / 60
    result = json.loads(finished.stdout)
    print(f"raw text to pushed model: {minutes:.1f} minutes")
    for stage in result["stages"]:
        print(f"  {stage['name']:<22} {stage['seconds']:8.1f} s")
    for row in result["scores"]:
        print(f"{row['slice'] or 'all':<28} {row['metric']:<5} {row['value']:6.2f}  {row['signature']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
