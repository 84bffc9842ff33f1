# Two commands: `make demo` and `make test`. Both set up what they need in .venv; the second `make demo` shows what the first
# has made.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Packages come from the lock, each file held to its hash; wheels, so that no compiler is needed. The one exception has
# no wheel: it is of pure Python, and only tests use it.
LOCKED := $(PIP) install --require-hashes --only-binary :all: --no-binary autograd-gamma
OURS := $(PIP) install --no-deps --no-build-isolation --editable . && $(BIN)/python -m compileall -q src
WORKERS ?= 2
SOURCES := $(shell find src -type f ! -name '*.pyc')
# Text that is bound to a model before it runs: it cannot be imported, so it has no examples to test.
TEMPLATE := src/bonecast/engine/loop.py

# A command that is started again does not compile its own source again: tests start hundreds, and `make demo` one.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test types-and-site suite quick bench calibrate lock sbom licences wheel-test checksums clean packages

demo: demo/table.txt
	@cat demo/table.txt

# Made again where the record, the program or a package has changed since.
demo/table.txt: $(VENV)/installed examples/late-dose.toml $(SOURCES)
	@mkdir -p demo
	$(BIN)/bonecast forecast examples/late-dose.toml --out demo > $@.part
	@mv $@.part $@

test: $(VENV)/installed-dev packages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 types-and-site suite

# Side by side with the suite, whose workers wait for browsers and servers now and then.
types-and-site:
	$(BIN)/pyright
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir $(VENV)/site

suite:
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --doctest-modules --ignore=$(TEMPLATE) src/bonecast tests

# What a change breaks most often, while it is written: `make test` decides.
quick: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q -p no:schemathesis -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow" tests/unit tests/contract tests/test_tests_can_fail.py

calibrate: $(VENV)/installed
	$(BIN)/python -m bonecast.calibration

bench: $(VENV)/installed-bench
	$(BIN)/bonecast bench

# Renews requirements/ after a change of pyproject.toml; `make lock NEWEST=1` takes the newest of everything.
lock: $(VENV)/installed-release
	.ci/lock $(if $(NEWEST),--upgrade)

# Builds the wheel and runs it from an empty folder, on every Python from 3.11 to 3.13 that is here.
wheel-test: $(VENV)/installed-dev
	.ci/wheel

# The wheel with its checksums, signed by SIGNING_KEY=FILE: docs/upgrade.md says how they are checked.
checksums: $(VENV)/installed
	.ci/checksums

sbom: $(VENV)/installed-release
	.ci/sbom

licences: $(VENV)/installed-release
	$(BIN)/python .ci/licences.py

packages:
	@bash .ci/packages

clean:
	rm -rf $(VENV) dist demo .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps carry what was asked for: a change of the lock or of pyproject.toml installs anew.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Bonecast needs Python 3.11 or newer; set one with: make demo PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "This Python cannot make an environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/installed: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(LOCKED) -r requirements/run.txt -r requirements/build.txt
	$(OURS)
	@touch $@

$(VENV)/installed-%: requirements/%.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(LOCKED) -r requirements/$*.txt -r requirements/build.txt
	$(OURS)
	@touch $(VENV)/installed $@
