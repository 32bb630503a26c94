# Turnout. `make help` says what there is; `make demo` shows what it does.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test soak soak-mutants fuzz build format lint bench clean

SWIFT ?= swift
PYTHON ?= python3
BENCH ?= ../shared/bench
SOURCES := Sources Tests Fuzz Package.swift
# What `make soak` runs, one run a seed.
SEEDS ?= 1 2 3 4 5
SOAK_SECONDS ?= 75
# What `make fuzz` spends on each of its targets.
FUZZ_SECONDS ?= 10
# An import of a target that Package.swift does not name passes silently without this.
CHECKED := --explicit-target-dependency-import-check error
# With the Swift runtime inside: half the time to start, and nothing to install beside it but libpq and libcurl.
RELEASE := -c release --static-swift-stdlib
REQUIREMENTS := Examples/quickstart/requirements.txt
TURNOUT := .build/release/turnout

help: ## say what there is
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: .venv/installed $(TURNOUT) ## the main job on real input: two versions share scoring requests (installs what is missing)
	@.ci/setup postgres
	@exec .venv/bin/python -B Examples/quickstart/demo.py --turnout $(TURNOUT)

# Only when a source is newer: SwiftPM compiles some dependencies again each time it is asked, which takes most of a minute.
$(TURNOUT): Package.swift $(shell find Sources -type f)
	@.ci/setup build
	@echo 'Building the turnout program (release; the first time takes minutes)'
	@$(SWIFT) build $(RELEASE) --product turnout
	@touch $@

.venv/installed: $(REQUIREMENTS)
	@.ci/setup python
	@echo 'Installing scikit-learn, Flask and gunicorn into .venv'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement $(REQUIREMENTS)
	@touch $@

# In groups, so that tests that wait for each other's processors don't run into their deadlines.
test: ## every test, with a private PostgreSQL (installs what is missing)
	@.ci/setup build postgres schema contract
	@$(SWIFT) build --build-tests $(CHECKED)
	@$(SWIFT) test --skip-build --disable-xctest --skip 'EndpointFilesTests|EndToEndTests|PostgresTests|ProxyTests'
	@$(SWIFT) test --skip-build --disable-xctest --filter EndpointFilesTests
	@$(SWIFT) test --skip-build --disable-xctest --filter PostgresTests
	@$(SWIFT) test --skip-build --disable-xctest --filter ProxyTests
	@$(SWIFT) test --skip-build --disable-xctest --no-parallel --filter EndToEndTests

soak: ## hurt an installation while many change it, and check every invariant (SEEDS="1 2" SOAK_SECONDS=75)
	@.ci/setup build postgres soak
	@$(SWIFT) build --product turnout && $(SWIFT) build --product soak && $(SWIFT) build --product soak-check
	@failed=; for seed in $(SEEDS); do \
		.build/debug/soak --seed $$seed --seconds $(SOAK_SECONDS) || failed="$$failed $$seed"; \
	done; [ -z "$$failed" ] || { echo "failed with seed$$failed"; exit 1; }

soak-mutants: ## show that the checks of make soak find what they are there for
	@.ci/setup build postgres soak
	@$(SWIFT) build --product soak && $(SWIFT) build --product soak-check
	@.ci/soak-mutants

fuzz: ## bytes of all kinds to what reads them, under AddressSanitizer (FUZZ_SECONDS=10 for each target)
	@.ci/setup build
	@.ci/fuzz $(FUZZ_SECONDS)

build: ## the program and its tests, warnings as errors, undeclared imports refused
	@.ci/setup build
	@$(SWIFT) build --build-tests $(CHECKED)

format: ## format every Swift file in place
	@$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

lint: ## whether every Swift file is formatted and follows the linter's rules
	@$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

bench: ## the proxy beside nginx, HAProxy and Envoy (needs root, Linux, and the harness that BENCH names)
	@.ci/setup build
	@$(SWIFT) build $(RELEASE) --product turnout
	@.ci/bench $(BENCH) $(TURNOUT)

clean: ## remove everything that was built or installed here
	@rm -rf .build .venv .venv-contract
