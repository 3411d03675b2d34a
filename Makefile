# Every target does its own set-up: a supported Python and make are all that a machine needs.

# requires-python in pyproject.toml says which are supported: PYTHONS is 3.11 3.12 … of ">=3.11,<3.15".
MINORS := $(shell sed -n 's/^requires-python = ">=3\.\([0-9]*\),<3\.\([0-9]*\)"$$/\1 \2/p' pyproject.toml)
PYTHONS := $(shell seq -f '3.%g' $(firstword $(MINORS)) $$(($(lastword $(MINORS)) - 1)))
OLDEST := $(firstword $(PYTHONS))
NEWEST := $(lastword $(PYTHONS))
IS_SUPPORTED := -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv)' $(PYTHONS)
PYTHON ?= $(shell for p in $(PYTHONS:%=python%) python3; do \
	$$p $(IS_SUPPORTED) 2>/dev/null && echo $$p && break; done)
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps
LOCKS := $(addprefix requirements/,build.txt dev.txt turbo.txt demo.txt)
READY := $(VENV)/.ready
KERNEL := $(VENV)/.kernel

.PHONY: setup demo demo-compose test test-fast fuzz check audit format bench bench-search lock python-versions clean

setup: $(KERNEL)

$(READY): $(LOCKS) pyproject.toml
	@$(or $(PYTHON),false) $(IS_SUPPORTED) || { echo 'facegate needs Python $(OLDEST) to $(NEWEST); say which: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'facegate: setting up .venv with $(PYTHON), about a minute the first time'
	@$(PYTHON) -m venv $(VENV) || { echo 'facegate: on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@$(PIP) -r requirements/build.txt
	@$(PIP) --no-build-isolation -r requirements/dev.txt
	@$(PIP) --only-binary :all: -r requirements/turbo.txt \
		|| echo 'facegate: no wheels of numba for this machine: pictures are encoded at about half the speed'
	@$(PY) -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@$(PY) -m pip --disable-pip-version-check --quiet download --require-hashes --no-deps --no-build-isolation \
		--no-binary face-recognition --dest $(VENV)/demo-packages -r requirements/demo.txt
	@$(PY) -m encoder.prepare
	@touch $@

# Detector and network are compiled here, once a release, and never while a camera waits.
$(KERNEL): $(READY) $(wildcard encoder/*.py encoder/*/*.py encoder/turbo/*/*.py encoder/turbo/*/kernel/*.py)
	@if $(PY) -c 'import numba' 2>/dev/null; then $(PY) -m encoder.compile; fi
	@touch $@

# make demo [ONCE=1] [GALLERY=folder with a folder per store] [PORT=8000]
DEMO := $(VENV)/bin/facegate demo $(if $(filter-out 0,$(ONCE)),--once) $(if $(GALLERY),--gallery '$(GALLERY)')

demo: setup
	@$(DEMO) $(if $(PORT),--port $(PORT))

# The same demo against the containers; they go on running until `docker compose down`.
FACEGATE_HTTP_PORT ?= 8080
demo-compose: setup
	FACEGATE_HTTP_PORT=$(FACEGATE_HTTP_PORT) docker compose up --detach --build --wait
	@$(DEMO) --url http://127.0.0.1:$(FACEGATE_HTTP_PORT)

check: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# What looks for weaknesses in the code and in the packages: it has an environment of its own. The
# rules of bandit that ruff has are part of `make check`.
AUDIT_VENV := .venv-audit
PACKAGES := contract encoder scoring service shard gateway facegate

audit: $(AUDIT_VENV)/.ready
	$(AUDIT_VENV)/bin/bandit --quiet --severity-level medium --confidence-level medium -r $(PACKAGES)
	$(AUDIT_VENV)/bin/python .ci/known-vulnerabilities $(wildcard requirements/*.txt)

$(AUDIT_VENV)/.ready: requirements/audit.txt
	@$(PYTHON) -m venv $(AUDIT_VENV)
	@$(AUDIT_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements/audit.txt
	@touch $@

format: setup
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

# Tests start hundreds of processes, which would all compile facegate's modules for themselves.
test test-fast fuzz: export PYTHONDONTWRITEBYTECODE :=

# Three tests on two cores: with four, each second of CPU takes a quarter longer, and nothing is won.
TOGETHER := -n $(shell expr 3 \* $$(getconf _NPROCESSORS_ONLN) / 2) --dist loadfile --no-loadscope-reorder

test: setup
	$(PY) -m pytest $(TOGETHER)

# What starts no process, browser or database server and is done soon: while one works on something.
test-fast: setup
	$(PY) -m pytest $(TOGETHER) -m 'not processes and not slow'

# Any bytes at the doors where those of strangers come in, this many times as many as in the suite.
TIMES ?= 50

fuzz: setup
	FACEGATE_FUZZ_TIMES=$(TIMES) $(PY) -m pytest $(TOGETHER) --timeout=0 -m fuzz

# Each ends with 1 when a bar is missed: the others run in any case.
bench: setup
	@missed=0; for what in encode fanout service; do $(PY) -m bench.$$what || missed=1; done; exit $$missed

# Beside vector stores, which have an environment of their own: they bring 90 packages along.
BENCH_VENV := .venv-bench

bench-search: setup $(BENCH_VENV)/.ready
	$(PY) -m bench.search $(if $(filter-out 0,$(QUICK)),--quick)

$(BENCH_VENV)/.ready: requirements/bench.txt
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r requirements/bench.txt
	@touch $@

lock:
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip -q install uv; }
	@for what in 'pyproject.toml --extra mqtt -o requirements/base.txt' \
		'pyproject.toml --group dev --extra reference --extra mqtt -c requirements/base.txt -o requirements/dev.txt' \
		'requirements/build.in -o requirements/build.txt' \
		'requirements/turbo.in -c requirements/dev.txt -o requirements/turbo.txt' \
		'--group service -c requirements/base.txt -o requirements/service.txt' \
		'--group kernels -c requirements/dev.txt -c requirements/turbo.txt -c requirements/build.txt -o requirements/kernels.txt' \
		'requirements/bench.in -c requirements/dev.txt -o requirements/bench.txt' \
		'requirements/audit.in -o requirements/audit.txt' \
		'--no-deps requirements/demo.in -o requirements/demo.txt'; do \
		.venv-lock/bin/uv pip compile --quiet --universal --python-version $(OLDEST) --generate-hashes \
			--no-header --no-annotate --no-emit-index-url --no-emit-find-links $$what >/dev/null || exit 1; done

python-versions:
	@echo $(PYTHONS)

clean:
	rm -rf .venv .venv-lock .venv-bench .venv-audit demo-data
