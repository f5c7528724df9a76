# The project's commands. Each sets .venv up first, which takes no time once it is done.

PYTHON := .venv/bin/python
DATA ?= $(abspath $(if $(SEQ2SEQ_DATA),$(SEQ2SEQ_DATA),../shared/data))
UV := $(shell command -v uv 2>/dev/null || echo .build/uv/bin/uv)
PARALLEL := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
LOCK := --python-version 3.10 --generate-hashes --no-emit-index-url --no-header

.PHONY: demo test lint system soak lock wheel setup clean

demo: setup ## from a generated corpus to a pushed model and five translations
	$(PYTHON) scripts/demo.py

test: setup lint ## style, types, unit, component and rule tests
	SEQ2SEQ_DATA=$(DATA) $(PYTHON) -m pytest $(PARALLEL) tests/unit tests/component tests/rules

lint: setup ## style and types alone
	scripts/lint.sh

system: setup ## the demo, the cached run, kills and errors, with real processes
	SEQ2SEQ_DATA=$(DATA) $(PYTHON) -m pytest $(PARALLEL) tests/system

soak: setup ## what takes long: many kills, what each architecture learns; results go to docs/results
	SEQ2SEQ_DATA=$(DATA) $(PYTHON) -m pytest tests/soak

lock: setup ## resolve requirements/compat.in again
	$(UV) pip compile --quiet $(LOCK) requirements/compat.in --upgrade --output-file requirements/compat.txt
	echo uv | $(UV) pip compile --quiet $(LOCK) --universal - --upgrade --output-file requirements/uv.txt

wheel: setup ## build dist/*.whl
	rm -rf build/lib
	$(UV) build --quiet --wheel --no-build-isolation --python $(PYTHON) --out-dir dist .

setup: ## make .venv
	@scripts/setup.sh

clean: ## remove .venv and everything that was built
	rm -rf .venv .build build dist *.egg-info
