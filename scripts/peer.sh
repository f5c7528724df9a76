#!/bin/sh
# Makes .build/NAME, a virtual environment of what requirements/NAME.txt lists and nothing else, for a program that ours is
# compared with; does nothing where that is done; prints the environment's Python. Usage: peer.sh opusfilter|opennmt|flink|moto
set -eu
cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
UV_PYTHON_DOWNLOADS=never
export UV_PYTHON_DOWNLOADS

LOCK=requirements/$1.txt
HOME_OF_IT=.build/$1
STAMP=$HOME_OF_IT/.seq2seq-stamp

wanted=$({ cat "$LOCK"; pwd; } | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d' ' -f1)
if [ "$(cat "$STAMP" 2>/dev/null)" != "$wanted" ]; then
    uv=$(command -v uv || echo .build/uv/bin/uv)
    python=$(.venv/bin/python -c 'import sys; print(getattr(sys, "_base_executable", "") or sys.executable)')
    "$uv" venv --quiet --clear --python "$python" "$HOME_OF_IT" >&2
    "$uv" pip sync --quiet --python "$HOME_OF_IT/bin/python" --require-hashes "$LOCK" >&2
    printf '%s\n' "$wanted" > "$STAMP"
fi
printf '%s\n' "$PWD/$HOME_OF_IT/bin/python"
