# `make help` lists what can be done. Everything is installed in .venv and node_modules, and only
# when the pinned requirements have changed since last time.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run ask test test-faults bench fix lock audit sbom dev

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
NODE := node_modules/.package-lock.json
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

help:  ## vis denne listen
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(RUNTIME) $(NODE)  ## installer det boten trenger
	@:

run: setup  ## start boten og chatvinduet, og si hvilken adresse som skal åpnes
	@$(BIN)/python app.py run

ask: $(RUNTIME)  ## spør i terminalen: make ask Q="Hva er PRUVA?"
	@$(BIN)/python app.py ask "$$Q"

test: dev  ## kjør alle kontroller og tester
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile

test-faults: dev  ## kjør de lange feilprøvene
	$(BIN)/python -m pytest -m faults

bench: dev  ## mål hvor raske og treffsikre svarene er
	$(BIN)/python -m bench

fix: dev  ## rett det som kan rettes av seg selv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: dev  ## finn nyeste versjoner og skriv requirements*.txt og package-lock.json på nytt
	$(LOCK) --upgrade requirements.in --output-file requirements.txt
	$(LOCK) --upgrade requirements-dev.in --output-file requirements-dev.txt
	npm update --package-lock-only

# --strict: a package that the service doesn't know is a fault, not a pass. Exceptions stand in
# docs/dependencies.md, and here as --ignore-vuln.
audit: dev  ## spør om det er meldt sikkerhetshull i pakkene vi bruker
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.txt
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements-dev.txt
	npm audit

# The packages alone, installed as in the image: .venv has those of the tests too.
sbom: dev  ## skriv dist/sbom.json: Python-pakkene i imaget, med versjon og lisens
	@rm -rf dist/image && mkdir -p dist && $(PYTHON) -m venv --without-pip dist/image
	@$(PIP) --python dist/image/bin/python install --quiet --require-hashes --only-binary :all: -r requirements.txt
	@$(BIN)/cyclonedx-py environment --output-reproducible \
		--output-file dist/sbom.json dist/image/bin/python
	@rm -rf dist/image
	@echo "dist/sbom.json"

dev: $(DEV) $(NODE)

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Kvalitetsbot trenger Python 3.11 eller nyere. Installer det, eller si hvor det er:" \
			"make setup PYTHON=/sti/til/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "Fikk ikke laget .venv. På Debian og Ubuntu: installer pakken python3-venv." >&2; exit 1; }

$(RUNTIME): requirements.txt | .venv/pyvenv.cfg
	@echo "Installerer Python-pakkene (bare når de er endret) …"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | .venv/pyvenv.cfg
	@echo "Installerer Python-pakkene for testene (bare når de er endret) …"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

# Without Node the bot still runs; it is the chat in the browser that is missing.
$(NODE): package-lock.json
	@if ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null; then \
		echo "Chatvinduet trenger Node.js 20 eller nyere. Uten det kjører boten, men uten chatvindu."; \
	elif ! npm ci --silent; then \
		echo "Fikk ikke installert chatvinduet med npm. Boten kjører uten det."; \
	else touch $@; fi
