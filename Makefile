# Each target sets up what it needs under .venv and says so. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check format lint types arrows bench build test-install test-devices golden clean
# What another project left in the environment must not decide what is imported or tested here.
unexport PYTHONPATH PYTHONHOME PYTEST_ADDOPTS

ARGS ?=
NDC ?=

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: .venv/run.stamp ## the kiosk on a throwaway sample hospital
	@.venv/bin/python -m kiosk demo

test: .venv/dev.stamp ## every test; ARGS="tests/test_house.py -k arrows" for some of them
	@.venv/bin/python -m pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

test-slow: .venv/dev.stamp ## the proofs that take minutes: 200 power cuts, and one at every fsync
	@.venv/bin/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m slow $(ARGS)

check: format lint types arrows test ## the whole gate: format, lint, types, import contracts, tests

format: .venv/dev.stamp ## is every file laid out as the formatter would
	@echo "format"; .venv/bin/ruff format --check --quiet .

lint: .venv/dev.stamp ## every rule of the linter
	@echo "lint"; .venv/bin/ruff check --quiet .

types: .venv/dev.stamp ## every type, strictly
	@echo "types"; .venv/bin/python -m mypy

arrows: .venv/dev.stamp ## which room may import which
	@echo "arrows"; .venv/bin/lint-imports --no-logo

bench: .venv/dev.stamp ## the performance table; NDC=DIR reads real FDA directory files
	@.venv/bin/python -m tests.bench $(if $(NDC),--ndc "$(NDC)")

golden: .venv/dev.stamp ## draw the labels again that the tests compare with; look at each before it is committed
	@.venv/bin/python tests/golden_labels.py

build: .venv/run.stamp ## the wheel, in dist/
	@.venv/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist . && ls dist

test-install: .venv/run.stamp ## the wheel in fresh environments, without a compiler and with one; slow
	@.ci/test-install

test-devices: .venv/dev.stamp ## scanners and printers on real kernel devices, in an emulated machine; ten minutes
	@.venv/bin/python -m pytest -m devices tests/devices $(ARGS)

clean: ## away with everything that can be made again
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The libraries come again only when pyproject.toml has changed. The tools of the tests stand on top of them.
.venv/run.stamp: pyproject.toml
	@.ci/environment run
	@touch $@

.venv/dev.stamp: .venv/run.stamp
	@.ci/environment dev
	@touch $@
