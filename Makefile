# Every target works as the first command: it makes .venv and installs what it needs.
# Another Python:  make demo PYTHON=python3.12

FITS := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c '$(FITS)' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.NOTPARALLEL:
.PHONY: help demo lab site test bench lessons

help:
	@echo "make demo     a class of eight made-up submissions through a real nbgrader course"
	@echo "make lab      JupyterLab on your own copy of the lessons"
	@echo "make site     the lessons and the documentation as a static folder, site/"
	@echo "make test     everything CI runs"
	@echo "make lessons  rebuild lessons/*.ipynb from solutions/*.md"
	@echo "make bench    measure the speed figures here"

demo: $(VENV)/ready-grade
	$(BIN)/backproplab demo

lab: $(VENV)/ready-lab
	$(BIN)/backproplab lab

site: $(VENV)/ready-site
	$(BIN)/python -m docs.build

lessons: $(VENV)/ready-grade
	$(BIN)/python -m autograder.release

test: $(VENV)/ready-dev
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m autograder.release --check
	$(BIN)/python -m pytest -m "not alone" -n logical --maxprocesses 4 \
	  --max-worker-restart 0 --dist loadfile
	$(BIN)/python -m pytest -m alone

bench: $(VENV)/ready-bench
	@missed=; for file in tests/benchmarks/bench_*.py; do \
	  echo "== $$file"; $(BIN)/python $$file || missed="$$missed $$file"; done; \
	test -z "$$missed" || { echo "goals missed or no result in:$$missed"; exit 1; }

$(BIN)/python:
	@$(or $(PYTHON),false) -c '$(FITS)' || { \
	  echo "backproplab needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=..."; exit 2; }
	@echo "Making $(VENV) and installing into it: once, a minute or two."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

$(VENV)/ready-lab: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable ".[lab]"
	@touch $@

$(VENV)/ready-grade: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable ".[lab,grade]"
	@touch $@

$(VENV)/ready-site: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable ".[lab,grade,site]"
	@touch $@

$(VENV)/ready-dev: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable ".[lab,grade,cluster,site,dev]"
	@touch $@

$(VENV)/ready-bench: pyproject.toml | $(BIN)/python
	@$(PIP) install --editable ".[lab,grade,dev,bench]"
	@touch $@
