# Two commands do everything: `make demo` and `make test`. They need Python 3.11 or newer, pip, make.
PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
BIN    := $(VENV)/bin

.PHONY: demo test lint bench picture clean

demo: $(VENV)/.app
	@$(BIN)/citytwin demo $(ARGS)

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -q $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=apps $(BIN)/mypy --explicit-package-bases apps
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python bench/flood_kernel.py

picture: $(VENV)/.dev
	$(BIN)/python apps/screenshot.py $(ARGS)

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "citytwin needs Python 3.11 or newer: set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.app: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install -q -e '.[app]'
	touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install -q -e '.[dev]'
	touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) citytwin-workspace dist .pytest_cache .mypy_cache .ruff_cache
