#!/bin/sh
# Style, formatting and types. mypy sees the installed package's shape through links, because setup.py maps the folders.
set -eu
cd "$(dirname "$0")/.."
tree=.build/mypy/seq2seq_tfx
rm -rf "$tree"
mkdir -p "$tree"
for part in pipeline/_package/__init__.py pipeline/_package/py.typed schemas components pipeline; do
    ln -s "$PWD/$part" "$tree/$(basename "$part")"
done
status=0
.venv/bin/ruff check . || status=1
.venv/bin/ruff format --check . || status=1
.venv/bin/mypy -p seq2seq_tfx || status=1
.venv/bin/mypy tests benchmarks scripts || status=1
exit $status
