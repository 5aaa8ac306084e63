# `make report` and `make test` do everything on a machine with Python 3.11, git and make.
PYTHON ?= python3.11
CORES ?= all
ACTIVATE = . .venv/bin/activate

.PHONY: report test test-system benchmark environment

report: environment
	$(ACTIVATE) && snakemake --cores $(CORES) results/report.pdf

test: environment
	$(ACTIVATE) && ruff check . && ruff format --check . && snakefmt --check . && pytest -n 2 --dist loadfile --no-loadscope-reorder

# What needs root, servers or minutes.
test-system: environment
	$(ACTIVATE) && pytest tests/system

# How both engines grow with the number of variants: minutes.
benchmark: environment
	$(ACTIVATE) && python benchmarks/scale.py

environment: .venv/installed

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(ACTIVATE) && pip install --quiet --disable-pip-version-check -r requirements.txt
	$(ACTIVATE) && pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
