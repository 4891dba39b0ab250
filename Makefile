# `make report` and `make test` do all the set-up. They need make and some Python 3 (or uv), nothing else.
# On Windows use plain uv; README shows the four lines.

PYTHON ?= python3
WORKERS ?= 2
CASES ?= 4000
MUTANTS ?= 300
UV := .uv/bin/uv
READY := .venv/ready
# Each worker takes whole files, in the order that tests/conftest.py gives them.
PYTEST = .venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# PyMC takes long to byte-compile on a slow disk; uv would give up after a minute.
export UV_COMPILE_BYTECODE_TIMEOUT ?= 600
# An active environment or a uv project setting of the user's own is not ours to touch.
unexport VIRTUAL_ENV
unexport UV_PROJECT_ENVIRONMENT

.PHONY: help report readme evaluate fits fingerprints notebooks docs test test-slow fast fuzz mutate benchmarks lint types layers setup lock clean distclean

help:
	@echo 'make report     the baseline forecast: out/report.html, out/forecast.json, the sentence'
	@echo 'make readme     the sentence and the figure of README.md, from a new report'
	@echo 'make evaluate   what takes long (variants and the like), computed again into data/results/'
	@echo 'make fits       the fits that travel with the package: those that the baseline uses now'
	@echo 'make fingerprints  record what versions promise; refused if a part changed without a new version'
	@echo 'make notebooks  run notebooks/ again, with kept fits'
	@echo 'make docs       the documentation as a site, build/site/index.html; a warning is an error'
	@echo 'make test       fast tests, ruff, types, layers'
	@echo 'make test-slow  tests that sample long, build the wheel or start a browser'
	@echo 'make fuzz       4,000 random attacks on what comes from outside; SEED=7 tries others, CASES=400 fewer'
	@echo 'make mutate    small faults put into what decides the answer: do tests notice? SEED=7, MUTANTS=300, MODULES=passage'
	@echo 'make benchmarks how long the commands take, measured on this machine'
	@echo 'make setup      only the environment (.venv), which every other target makes when needed'
	@echo 'make lock       resolve requirements.lock again; UPGRADE=--upgrade takes the newest versions'
	@echo 'make clean      remove out/ and caches; make distclean removes the environment too'

report: setup
	@.venv/bin/forecast report --out out

readme: report
	@.venv/bin/python -m forecast.report.readme out

evaluate: setup
	@.venv/bin/python -m forecast.evaluate $(NAMES)

fits: setup
	@.venv/bin/python -m forecast.evaluate.shipped_fits

fingerprints: setup
	@.venv/bin/python -m forecast.evaluate.fingerprints

notebooks: setup
	@.venv/bin/python tests/make_notebooks.py $(NAMES)

docs: setup
	@rm -rf build/site
	@.venv/bin/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env -c notebooks/site -d build/doctrees . build/site
	@echo 'build/site/index.html'

test: setup
	@$(MAKE) --no-print-directory --keep-going --jobs 2 lint types layers fast

test-slow: setup
	@$(PYTEST) -m slow || [ $$? -eq 5 ]  # 5: there are none

fast: setup
	@$(PYTEST)

fuzz: setup
	@FORECAST_FUZZ_CASES=$(CASES) $(if $(SEED),FORECAST_FUZZ_SEED=$(SEED)) .venv/bin/pytest tests/fuzz -q -n $(WORKERS)

mutate: setup
	@.venv/bin/python tests/mutation/mutate.py --workers $(WORKERS) --mutants $(MUTANTS) $(if $(SEED),--seed $(SEED)) $(MODULES)

benchmarks: setup
	@broken=0; for what in speed first_passage workers engines; do \
	  .venv/bin/python tests/benchmarks/$$what.py || broken=1; done; exit $$broken

lint: setup
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet . || { echo 'not formatted: .venv/bin/ruff format --diff .' >&2; exit 1; }

types: setup
	@.venv/bin/mypy

layers: setup
	@.venv/bin/lint-imports --no-logo --no-cache  # its cache overlooks modules that are new

# Our own modules are compiled here too: with PYTHONDONTWRITEBYTECODE set nobody else would, and a read-only clone is no fault.
setup: $(READY)
	@.venv/bin/python -m compileall -q forecast >/dev/null 2>&1 || true

# `sync` also removes what the lock no longer names. The stamp comes last: an interrupted set-up starts again.
$(READY): requirements.lock pyproject.toml .venv/pyvenv.cfg
	@echo 'Installing the locked packages into .venv (once, 1-3 minutes) ...' >&2
	@$(UV) pip sync --quiet --python .venv --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@

.venv/pyvenv.cfg: .python-version | $(UV)
	@echo 'Making .venv ...' >&2
	@$(UV) venv --quiet --clear --no-project .venv || { \
		echo 'No Python of the version in .python-version; taking another one that will do ...' >&2; \
		here="$$PWD"; cd / && "$$here/$(UV)" venv --quiet --clear --no-project --python '>=3.12,<3.15' "$$here/.venv"; }
	@touch $@

# From /, because a version manager that reads .python-version would look for exactly that version; any Python 3 will do.
$(UV):
	@echo 'Fetching uv into .uv (once) ...' >&2
	@here="$$PWD"; cd / && if $(PYTHON) -m venv --clear "$$here/.uv" >&2; then \
		"$$here/.uv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input 'uv==0.13.9' >&2; \
	elif command -v uv >/dev/null; then mkdir -p "$$here/.uv/bin" && ln -sf "$$(command -v uv)" "$$here/$@"; \
	else echo 'error: got a Python without venv and no uv, expected one of them: install uv or python3-venv' >&2; exit 1; fi

lock: | $(UV)
	@$(UV) pip compile --quiet --universal --generate-hashes --python-version 3.12 --extra dev $(UPGRADE) \
		--custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml

clean:
	@rm -rf out dist build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find forecast tests -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean
	@rm -rf .venv .uv
