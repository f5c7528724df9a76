#!/bin/sh
# Makes .venv from requirements/compat.txt, hashes checked, and installs the project in it. Does nothing where that is done.
# Needs Python 3.10 with headers and a C++ compiler; gets uv into .build if it is missing; changes nothing outside the clone.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
UV_PYTHON_DOWNLOADS=never
export UV_PYTHON_DOWNLOADS

LOCK=requirements/compat.txt
STAMP=.venv/.seq2seq-stamp
EDITABLE_PARTS="setup.py pipeline/_package/__init__.py"

say() { printf '%s\n' "set-up: $*" >&2; }
stop() { say "$*"; exit 1; }

fingerprint() {
    # The clone's own path counts: a clone that was moved must be installed again.
    { cat "$LOCK" $EDITABLE_PARTS; pwd; } | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d' ' -f1
}

is_python_310() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

has_headers() {
    is_python_310 "$1" && "$1" -c 'import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())'
}

find_python() {
    # One with headers, or else any 3.10.
    for fits in has_headers is_python_310; do
        for candidate in "${SEQ2SEQ_PYTHON:-}" python3.10 python3 "$HOME"/.pyenv/versions/3.10*/bin/python3.10 \
            "$HOME"/.local/share/uv/python/cpython-3.10*/bin/python3.10 "$(uv python find --no-project 3.10 2>/dev/null)"; do
            if [ -n "$candidate" ] && "$fits" "$candidate"; then
                "$candidate" -c 'import sys; print(getattr(sys, "_base_executable", "") or sys.executable)'
                return 0
            fi
        done
    done
}

check_machine() {
    compiler='a C++ compiler (`apt-get install g++`)'
    command -v g++ >/dev/null 2>&1 && compiler=
    python=$(find_python)
    if [ -z "$python" ]; then
        missing='Python 3.10 with its headers (`uv python install 3.10`, `pyenv install 3.10`, or `apt-get install python3.10-dev`)'
    elif ! has_headers "$python"; then
        missing="the headers of $python, Python.h (\`apt-get install python3.10-dev\`)"
    else
        missing=
    fi
    [ -z "$missing$compiler" ] || stop "this needs $missing${missing:+${compiler:+ and }}$compiler; install and try again."
}

find_uv() {
    # A private copy, because Debian's pip refuses to install into the system.
    for candidate in "$(command -v uv || true)" .build/uv/bin/uv; do
        if [ -n "$candidate" ] && "$candidate" --version >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    say 'getting uv into .build/uv'
    for with_pip in "$python" python3 .build/pip/bin/python; do
        if [ "$with_pip" = .build/pip/bin/python ]; then
            "$python" -m venv --clear .build/pip >&2 || return 1
        fi
        if "$with_pip" -m pip --version >/dev/null 2>&1; then
            "$with_pip" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade \
                --require-hashes --requirement requirements/uv.txt --target .build/uv >&2 || return 1
            printf '%s\n' .build/uv/bin/uv
            return 0
        fi
    done
    return 1
}

install() {
    # Called as a condition, where `set -e` does not hold: each step must ask for the one before.
    rm -f "$STAMP" &&
        { is_python_310 .venv/bin/python || "$uv" venv --quiet --clear --python "$python" .venv; } &&
        "$uv" pip sync --quiet --python .venv/bin/python --require-hashes --build-constraints "$LOCK" "$LOCK" &&
        "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
}

wanted=$(fingerprint)
if [ -x .venv/bin/python ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi
check_machine
uv=$(find_uv) || stop 'uv, the installer, could not be fetched by pip: install pip (`apt-get install python3-pip`) or uv and try again.'
say "installing the packages of $LOCK into .venv (several minutes the first time)"
install || stop 'the packages could not be installed; see above.'
printf '%s\n' "$wanted" > "$STAMP"
say 'done'
