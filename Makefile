# Everything that is done here more than once. Bare `make` lists it.
# A fresh machine needs Python 3.11 or newer and make; the rest is installed into .venv from the locked requirements.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
# What the benchmarks compare with lives apart: it must not decide which versions we run on.
PEERS := .venv-peers
# So does what looks versions up: it brings a pip of its own.
AUDIT := .venv-audit
UV ?= $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

# What is passed on, for instance: make demo ARGS=--fresh
ARGS ?=

.PHONY: help demo up test test-both check check-web web-speed faults faults-full machines real-machine hostile timing bench bench-mail bench-load \
	audit docs pictures mails timelines privacy-papers openapi fuzz lock install clean

help: ## Show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.runs ## Play a company visit in a made-up region, or with ARGS=--region all that goes on there, on this machine only
	@$(BIN)/sandwich demo $(ARGS)

up: $(VENV)/.runs ## Run an installation: everything that one school needs, on this machine
	@$(BIN)/sandwich up $(ARGS)

test: $(VENV)/.develops ## Run the tests, on SQLite and on PostgreSQL where that is installed
	@$(BIN)/python -m $(if $(ARGS),pytest $(ARGS),tests.support.side_by_side)

test-both: $(VENV)/.develops ## Run every test that opens a database on both kinds, for three quarters of an hour, and keep what came of it in docs
	@EVERY_DATABASE=1 $(BIN)/python -m tests.support.side_by_side --keep docs/test-both.txt

check: $(VENV)/.develops ## Check style, types, who imports whom, playbooks, forms, templates and dead code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sandwich playbooks check
	@$(BIN)/python -m sandwich.cli.templates
	@! $(BIN)/vulture | grep -E 'unused (class|function|method)' || { echo "Nobody uses the above. Remove it."; exit 1; }

check-web: $(VENV)/.develops ## Look at every page and every state of every form in a real browser with axe-core: WCAG 2.2 A and AA (needs Chromium)
	@$(BIN)/python -m $(if $(ARGS),pytest -q tests/browser $(ARGS),tests.support.side_by_side --files browser)

web-speed: $(VENV)/.develops ## Write down in docs what pages weigh and how soon a slow phone shows them (needs Chromium)
	@KEEP_SPEED=1 $(BIN)/python -m pytest -q tests/browser/test_speed.py $(ARGS)

faults: $(VENV)/.develops ## Break a running installation by chance for a quarter of an hour, then check that nothing was lost
	@$(BIN)/python -m tests.faults $(ARGS)

faults-full: $(VENV)/.develops ## The same for an hour and a quarter: five times the faults, and 200 activities for each core
	@$(BIN)/python -m tests.faults --tier 3 $(ARGS)

machines: $(VENV)/.develops ## Cut off machines of an installation, each in a network of its own, and check the same (without root and iproute2: frozen processes)
	@$(BIN)/python -m tests.faults.machines $(ARGS)

real-machine: $(VENV)/.develops ## Follow docs/running.md on a Debian that systemd boots in a container, and keep what was seen in docs (needs root, debootstrap, systemd-container)
	@$(BIN)/python -m tests.running.real_machine --keep docs/real-machine.txt $(ARGS)

hostile: $(VENV)/.develops ## Put fifteen thousand hostile texts into every way in, on each kind of database, and write what came of them in docs
	@$(BIN)/python -m tests.hostile --keep $(ARGS)

timing: $(VENV)/.develops ## Compare the times of answers about what is there and what is not, and keep them in docs
	@$(BIN)/python -m tests.hostile.timing --keep $(ARGS)

bench: $(VENV)/.develops $(PEERS)/.made ## Measure ours beside what it is compared with, on this machine (needs PostgreSQL)
	@$(BIN)/python -m benchmarks $(ARGS)

bench-mail: $(VENV)/.develops $(PEERS)/.made ## Measure sending mail beside smtp-source, Django, smtplib and aiosmtplib (needs PostgreSQL, Postfix and root)
	@$(BIN)/python -m benchmarks sending

docs: $(VENV)/.develops ## Check the documentation against the code
	@$(BIN)/python -m pytest tests/docs $(ARGS)

bench-load: $(VENV)/.develops ## Measure the load that one machine of two cores is to hold, and keep it in docs; ARGS="--minutes 1" for a sample (needs PostgreSQL, Postfix and root)
	@$(BIN)/python -m benchmarks.load --keep $(ARGS)

audit: $(VENV)/.develops $(AUDIT)/.made ## Write a bill of materials (CycloneDX) from the lock, and look up what is known to be unsafe
	@$(BIN)/python -m tests.support.audit $(AUDIT)/bin/python

pictures: $(VENV)/.develops ## Take the pictures of docs/pictures anew, from a demo of their own (needs Chromium)
	@$(BIN)/python -m tests.support.pictures $(ARGS)

mails: $(VENV)/.develops ## Take a picture of every mail anew, in docs/mails (needs Chromium)
	@$(BIN)/python -m tests.support.mail_pictures $(ARGS)

timelines: $(VENV)/.develops ## Rehearse every kind and write the timelines of docs/timelines anew, to be looked at in a diff
	@$(BIN)/python -m tests.support.timelines $(ARGS)

openapi: $(VENV)/.develops ## Write the description of what programs can do anew, in docs/openapi.json, to be looked at in a diff
	@$(BIN)/python -m tests.support.openapi

fuzz: $(VENV)/.develops ## Send every route for programs a great many requests, those that may be and those that may not
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(BIN)/python -m pytest -q -s tests/api/test_fuzz.py $(ARGS)

privacy-papers: $(VENV)/.develops ## Write the register of processing and the beginning of a DPIA in docs anew, from what the code keeps
	@$(BIN)/python -m tests.support.privacy_papers

lock: ## Write the requirements files anew from pyproject.toml (needs uv)
	@test -n "$(UV)" || { echo "make lock needs uv. Type: pip install uv"; exit 1; }
	$(LOCK) --extra build --output-file requirements.txt pyproject.toml
	$(LOCK) --extra build --extra dev --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --output-file requirements-peers.txt benchmarks/peers/requirements.in
	$(LOCK) --output-file requirements-audit.txt --group audit

install: $(VENV)/.runs ## Install into .venv what running needs, and the command `sandwich`

clean: ## Remove .venv and what checks and tests left behind; data of up and demo stay
	rm -rf $(VENV) $(PEERS) $(AUDIT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Nothing but names, versions and hashes: no addresses, so that any index and any mirror will do.
LOCK = "$(UV)" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-annotate

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Sandwich needs Python 3.11 or newer. Type: apt install python3 python3-venv"; exit 1; }
	@if test -x $(BIN)/python; then :; \
	elif test -n "$(UV)"; then "$(UV)" venv --quiet --python "$(PYTHON)" $(VENV); \
	elif "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then "$(PYTHON)" -m venv $(VENV); \
	else echo "This Python comes without ensurepip. Type: apt install python3-venv"; exit 1; fi
	@touch $@

$(VENV)/.runs: $(VENV)/.made requirements.txt pyproject.toml
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.develops: $(VENV)/.made requirements-dev.txt pyproject.toml
	$(call install,requirements-dev.txt)
	@touch $@ $(VENV)/.runs

$(PEERS)/.made $(AUDIT)/.made: %/.made: $(VENV)/.made
	@test -x $*/bin/python || "$(PYTHON)" -m venv $*
	@echo "Installing what $(APART) locks into $* ..."
	@$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(APART)
	@touch $@

$(PEERS)/.made: requirements-peers.txt
$(AUDIT)/.made: requirements-audit.txt

# What is kept in a folder of its own, by the name of that: .venv-peers has what requirements-peers.txt locks.
APART = requirements-$(@D:.venv-%=%).txt

# The lock first, with every hash checked; then this folder itself, built by what the lock has just installed.
define install
	@echo "Installing what $(1) locks into $(VENV) ..."
	@if test -n "$(UV)"; then \
		"$(UV)" pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1) && \
		"$(UV)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
endef
