"""Run by OpusFilter's own Python: JSON in (filters, pairs), JSON out (for each filter, which pairs it accepts)."""

import importlib
import json
import sys


def main() -> None:
    request = json.load(sys.stdin)
    filters = importlib.import_module("opusfilter.filters")
    verdicts = []
    for name, arguments in request["filters"]:
        made = getattr(filters, name)(**arguments)
        verdicts.append([bool(accepted) for accepted in made.decisions(request["pairs"])])
    json.dump(verdicts, sys.stdout)


if __name__ == "__main__":
    main()
