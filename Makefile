# `make report` and `make test` do everything on a machine with Python 3.11 to 3.13, git and make.
SUPPORTED = import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c '$(SUPPORTED)' 2> /dev/null && echo $$python && break; done)
CORES ?= all
ACTIVATE = . .venv/bin/activate

.PHONY: report status baseline undo check test test-system test-gpu real pictures benchmark environment

report: environment
	$(ACTIVATE) && snakemake --cores $(CORES) results/report.pdf
	@echo "The report is results/report.pdf."

# Lint, layers of imports, unit tests: the loop to work in.
check: environment
	$(ACTIVATE) && ruff check . && ruff format --check . && snakefmt --check .
	$(ACTIVATE) && lint-imports --no-cache
	$(ACTIVATE) && pytest -n 2 tests/unit

# The same, and both engines from end to end.
test: environment
	$(ACTIVATE) && ruff check . && ruff format --check . && snakefmt --check .
	$(ACTIVATE) && lint-imports --no-cache
	$(ACTIVATE) && pytest -n 2 --dist loadfile --no-loadscope-reorder

# What needs root, servers or minutes; three at a time, since a cluster's jobs are mostly waited for.
test-system: environment
	$(ACTIVATE) && pytest -n 3 --dist loadfile --no-loadscope-reorder tests/system

# What needs a CUDA device, and torch's build for it in .venv.
test-gpu: environment
	$(ACTIVATE) && pytest tests/gpu

# Where both engines stand, and what to type next.
status: environment
	@$(ACTIVATE) && python workflow/bridge/status.py

# The state to come back to and to compare with: dvc.lock and the metrics as they are now.
baseline: environment
	$(ACTIVATE) && python workflow/bridge/baseline.py

# Back to the last commit: params.yaml, and the results from DVC's cache.
undo: environment
	$(ACTIVATE) && python workflow/bridge/undo.py

# The tables of published numbers, on real data in the folder DATA, in copies of the project: hours.
real: environment
	@test -n '$(DATA)' || { echo "error: say where the data lie: make real DATA=folder" >&2; exit 1; }
	$(ACTIVATE) && python benchmarks/real.py '$(DATA)' $(ONLY)

# The pictures of README and docs/, from the results that lie here.
pictures:
	cp results/letters/comparison/reconstructions.svg docs/pictures/letters.svg
	cp results/letters/comparison/kl_per_latent.svg docs/pictures/letters_kl.svg
	cp results/digits/figures/cvae_2/grid.svg docs/pictures/digits.svg
	cp results/objects/comparison/reconstructions.svg docs/pictures/objects.svg
	cp results/denoise/comparison/denoised.svg docs/pictures/denoise.svg
	cp results/cartoons/comparison/reconstructions.svg docs/pictures/cartoons.svg
	cp results/faces/comparison/reconstructions.svg docs/pictures/faces.svg

# How both engines grow with the number of variants: minutes.
benchmark: environment
	$(ACTIVATE) && python benchmarks/scale.py

environment: .venv/installed

.venv/installed: requirements.txt pyproject.toml
	@test -n '$(PYTHON)' && $(PYTHON) -c '$(SUPPORTED)' || { echo "error: there is no Python 3.11, 3.12 or 3.13 here." \
		"Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(ACTIVATE) && pip install --disable-pip-version-check -r requirements.txt
	$(ACTIVATE) && pip install --disable-pip-version-check --no-deps --editable .
	touch $@
