# Two commands: `make demo` and `make test`. Both set up what they need in .venv; the second run is fast.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --editable
WORKERS ?= 2
# Text that is bound to a model before it runs: it cannot be imported, so it has no examples to test.
TEMPLATE := src/bonecast/engine/loop.py

.PHONY: demo test quick bench calibrate clean packages

demo: $(VENV)/installed
	$(BIN)/bonecast forecast examples/late-dose.toml --out demo

test: $(VENV)/installed-dev packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --doctest-modules --ignore=$(TEMPLATE) src/bonecast tests

# What a change breaks most often, while it is written: `make test` decides.
quick: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not slow" tests/unit tests/contract tests/test_tests_can_fail.py

calibrate: $(VENV)/installed
	$(BIN)/python -m bonecast.calibration

bench: $(VENV)/installed-bench
	$(BIN)/bonecast bench

packages:
	@bash .ci/packages

clean:
	rm -rf $(VENV) demo .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps carry what was asked for: a change of pyproject.toml installs anew.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Bonecast needs Python 3.11 or newer; set one with: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "This Python cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) '.[dev]'
	@touch $(VENV)/installed $@

$(VENV)/installed-bench: pyproject.toml | $(VENV)/bin/python
	$(INSTALL) '.[bench]'
	@touch $(VENV)/installed $@
