"""Run by OpusFilter's own Python: filters a TSV.gz as its `FilterPipeline` does; prints seconds and pairs kept as JSON.

Usage: python opusfilter_filters.py FILE.tsv.gz FILTERS.json
"""

import gzip
import importlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any


def main() -> None:
    """Read, filter, count; the clock starts when filters and their models are there."""
    path, filters_file = sys.argv[1:]
    with open(filters_file, encoding="utf-8") as stream:
        filters = json.load(stream)
    made = [made_filter(name, arguments) for each in filters for name, arguments in each.items()]
    started = time.process_time()
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        pairs: Iterator[tuple[str, ...]] = (tuple(line.rstrip("\n").split("\t")[:2]) for line in lines)
        for each in made:  # the pipeline's own module imports more than filters need
            pairs = each.filter(pairs)
        kept = sum(1 for _ in pairs)
    json.dump({"seconds": time.process_time() - started, "kept": kept}, sys.stdout)


def made_filter(name: str, arguments: dict[str, Any]) -> Any:
    """A filter by its name in OpusFilter's configuration, such as `LengthFilter` or `lid.LinguaFilter`."""
    module, _, kind = name.rpartition(".")
    return getattr(importlib.import_module(f"opusfilter.{module or 'filters'}"), kind)(**arguments)


if __name__ == "__main__":
    main()
