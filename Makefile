PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
SAMPLE ?= sample

.PHONY: help setup run test bench lint types clean

help:
	@echo "make run    the whole daily job on a sample workspace (./$(SAMPLE))"
	@echo "make test   the tests                  make lint   ruff"
	@echo "make bench  speed and quality          make types  mypy, strict"

setup: $(STAMP)

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing bidwright and its pinned dependencies into $(VENV) (once; a few minutes)."
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e .
	@$(BIN)/bidwright --version >/dev/null
	@touch $@

$(DEV_STAMP): $(STAMP)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -c "import pytest, hypothesis, ruff, mypy"
	@touch $@

run: $(STAMP)
	@$(BIN)/bidwright sample $(SAMPLE)

test: $(DEV_STAMP)
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(FAST),-m "not slow and not postgresql") $(ARGS)

bench: $(DEV_STAMP)
	@$(BIN)/python -m benchmarks $(ARGS)

lint: $(DEV_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV_STAMP)
	@$(BIN)/mypy

clean:
	rm -rf $(VENV) $(SAMPLE) .pytest_cache .mypy_cache .ruff_cache
