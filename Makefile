# Everything a newcomer needs is here; `make help` lists it. Paths are relative, so that a checkout may have spaces in its.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin/python
STAMP := .venv/.complete
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo up down test lint format types bench drill

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## a virtual environment in .venv with everything, from the hashed lock file

$(STAMP): requirements-dev.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" scripts/setup
	@touch $(STAMP)

demo: $(STAMP) ## the main job end to end: seventeen stories on a real stack (KEEP=1 leaves it up)
	@$(BIN) -m commands.main demo $(if $(KEEP),--keep)

up: $(STAMP) ## start the local stack in the background: Temporal with its UI, PostgreSQL, mail catcher, worker (DEMO=1 fills it)
	@$(BIN) -m commands.main up --detach $(if $(DEMO),--demo)

down: $(STAMP) ## stop it; what it keeps stays in .tuntas
	@$(BIN) -m commands.main down

test: $(STAMP) ## all the tests, some files at a time (JOBS=0 for one after the other)
	@scripts/setup-system
	$(BIN) -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(STAMP) ## style, import rules and types
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	$(BIN) -c "from importlinter.cli import lint_imports_command; lint_imports_command()"
	$(MAKE) types

format: $(STAMP) ## put the code in order
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .

types: $(STAMP) ## mypy, strict
	$(BIN) -m mypy .

bench: $(STAMP) ## measured speed beside the plainest code, one JSON line each
	$(BIN) -m bench

drill: $(STAMP) ## a hundred conversations while services die, one drill after another (ONLY=name CASES=100 SEED=20261122)
	@$(BIN) -m tests.drills $(if $(ONLY),--only "$(ONLY)") $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))
