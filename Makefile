# Every command a developer or an operator types. `make run` and `make test` need Python 3.11, pip and make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
READY := $(VENV)/.ready

export HOST ?= 127.0.0.1
export PORT ?= 3000
# The system's certificates: a company's own authority counts for uv as it does for pip.
export UV_SYSTEM_CERTS := 1

.PHONY: help setup lock

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## the virtual environment with the locked dependencies and the project

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and f"Python 3.11 is needed; {sys.executable} is {sys.version.split()[0]}. Say make PYTHON=/path/to/python3.11")'
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.8

# Compiled here, as pip does and uv does not: where Python may not write bytecode (PYTHONDONTWRITEBYTECODE, a read-only
# folder), each start would compile its imports anew, twice as long as the start itself.
$(READY): $(UV) requirements.lock pyproject.toml
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $(READY)

lock: $(UV) ## resolve the dependencies anew into requirements.lock
	@$(UV) pip compile --quiet --upgrade --python-version 3.11 --universal --generate-hashes \
		--all-extras --group dev pyproject.toml --output-file requirements.lock

.PHONY: wheel bento

wheel: $(READY) ## the project's wheel, in wheels/
	@rm -rf wheels build && mkdir -p wheels
	@$(UV) build --quiet --wheel --python $(BIN)/python --out-dir wheels .

bento: wheel ## wheel and bento, with the plugins and versions that bentofile.yaml and requirements.lock name
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["tool"]["uv"]["override-dependencies"], sep="\n")' > wheels/overrides.txt
	@BENTOML_DO_NOT_TRACK=True UV_CONSTRAINT=$(CURDIR)/requirements.lock UV_OVERRIDE=$(CURDIR)/wheels/overrides.txt \
		$(BIN)/bentoml build --output tag

.PHONY: lint test test-slow

lint: $(READY)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=clients/python $(BIN)/lint-imports --no-logo

test: lint ## ruff, mypy and the suite, by two processes: the served instance's tests, and all others
	@$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup --no-loadscope-reorder

test-slow: $(READY) ## the long proofs: faults, the bento in a fresh environment
	@$(BIN)/pytest -m "slow and not alone" -n 2 --dist loadfile --no-loadscope-reorder --timeout 1200
	@$(BIN)/pytest -m "slow and alone" --timeout 1200

.PHONY: chaos

# What is there of them; paths, so that a part can be run alone: make chaos CHAOS=tests/faults/test_disk.py
CHAOS ?= $(wildcard tests/faults tests/intruders tests/honesty)

chaos: $(READY) ## faults, intruders and honesty of docs/reliability.md, tried for real
	@$(BIN)/pytest -m "not alone" --timeout 1200 $(CHAOS)
	@$(BIN)/pytest -m alone --timeout 1200 $(CHAOS) || [ $$? -eq 5 ] # 5: there are none in that part

.PHONY: audit

audit: $(READY) ## the locked versions against known advisories; exit code 3: no source of them can be reached
	@exec $(BIN)/python -m tests.intruders.audit

.PHONY: run mlflow

run: $(READY) ## serve on HOST:PORT with a development credential, until Ctrl-C
	@exec $(BIN)/abintel serve --development

mlflow: $(READY) ## MLflow's pages over the registry's database, on 127.0.0.1:5000
	@exec $(BIN)/mlflow ui --host 127.0.0.1 --port 5000 --backend-store-uri "$$($(BIN)/python -c 'from abintel.settings import Settings; print(Settings.from_environment().tracking_uri)')"

.PHONY: bench quality load soak overload docs client screenshots

bench: $(READY) ## every route beside the obvious implementation, into benchmarks/RESULTS.md (ROUTES=a,b measures those)
	@exec $(BIN)/python -m benchmarks.run

quality: $(READY) ## how good the answers are, into benchmarks/QUALITY.md (DATA=folder; AREAS="forecast"; QUICK=1 prints a part)
	@exec $(BIN)/python -m benchmarks.quality.run $(AREAS)

export DURATION ?= 30s
export USERS ?= 2

load: $(READY) ## locust on a server of its own (DURATION=30s USERS=2 BESIDE=0 SHAPE=smoke|ramp|spike), judged by loadtests/slo.yaml
	@exec $(BIN)/python -m loadtests.run

soak: $(READY) ## half an hour of all classes of users: no failure, memory flat
	@SHAPE=soak DURATION=30m USERS=1 BESIDE=1 exec $(BIN)/python -m loadtests.run

overload: $(READY) ## four times what the server can bear: it sheds, keeps what it accepts quick, and recovers
	@SHAPE=overload USERS=2 exec $(BIN)/python -m loadtests.run

client: $(READY) ## clients/python: its routes, anew from the endpoints
	@$(BIN)/python clients/python/generate.py

screenshots: $(READY) ## docs/console, anew from a server and the system's Chromium
	@$(BIN)/python docs/screenshots.py

docs: $(READY) ## docs/routes, anew from the endpoints
	@$(BIN)/python -m docs.generate
