# `make run` and `make test` need Python 3.11 and make, nothing else. `make help` lists the rest.
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTEST := $(BIN)/pytest
WORKERS ?= 2
SERVICE ?=
STORM ?=
ARGS ?=
A ?= -2
B ?= -1
ifeq ($(firstword $(MAKECMDGOALS)),bench-compare)  # its two arguments are no goals
COMPARED := $(wordlist 2,3,$(MAKECMDGOALS))
A := $(or $(word 1,$(COMPARED)),$(A))
B := $(or $(word 2,$(COMPARED)),$(B))
.PHONY: $(COMPARED)
$(COMPARED): ; @:
endif
NAME ?=
.PHONY: help run split test test-service check fmt lint generate proto lock migrate-up migrate-down seed storm storm-controls bench bench-people bench-compare texts screenshots new-service clean

help: ## list what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: requirements.lock pyproject.toml tools/bootstrap.sh
	@tools/bootstrap.sh

run: .venv/.ready ## start the marketplace, all in one process group, with demo shops
	@$(BIN)/souk up --seed

split: .venv/.ready ## the same, every service a process of its own
	@$(BIN)/souk up --split --seed

test: .venv/.ready ## run every test
	@$(PYTEST) -n $(WORKERS) --dist loadgroup

test-service: .venv/.ready ## run one service's tests: make test-service SERVICE=orders
	@test -n "$(SERVICE)" || { echo "usage: make test-service SERVICE=orders" >&2; exit 2; }
	@$(PYTEST) tests/services/$(SERVICE)

check: .venv/.ready ## everything a machine can check without running the product
	@$(BIN)/python tools/generate.py --check
	@$(BIN)/python tools/generate.py --lint
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) -n0 tests/architecture

fmt: .venv/.ready ## format the code and mend what ruff can
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lint: .venv/.ready ## ruff and mypy only
	@$(BIN)/ruff check
	@$(BIN)/mypy

generate: .venv/.ready ## write src/souk/contracts from proto/
	@$(BIN)/python tools/generate.py

proto: .venv/.ready ## lint the contracts
	@$(BIN)/python tools/generate.py --lint

lock: .venv/.ready ## write requirements.lock anew
	@tools/lock.sh --upgrade

migrate-up: .venv/.ready ## bring databases up to date: SERVICE=orders for one
	@$(BIN)/souk migrate up $(SERVICE)

migrate-down: .venv/.ready ## take the last migration back: SERVICE=orders
	@$(BIN)/souk migrate down $(SERVICE)

seed: .venv/.ready ## fill a running marketplace with demo shops
	@$(BIN)/souk seed

storm: .venv/.ready ## harm a Souk for five minutes while it sells, then count: STORM="--seed 7 --shape together"
	@$(BIN)/python -m tests.faults.storm --minutes 4 $(STORM)

storm-controls: .venv/.ready ## show that everything the storm counts can turn red
	@$(BIN)/python -m tests.faults.storm.controls
	@$(BIN)/python -m tests.faults.thousands controls

bench: .venv/.ready ## measure this machine: ARGS="--only list --products 1000000", or --help
	@$(BIN)/python -m bench run $(ARGS)

bench-people: .venv/.ready ## measure signing in, alone and in a flood: ARGS="timing" for a part
	@$(BIN)/python -m bench people $(ARGS)

bench-compare: .venv/.ready ## two results side by side: make bench-compare 0 1 (numbers, commits, files; or A=-2 B=-1)
	@$(BIN)/python -m bench compare -- $(A) $(B)

texts: .venv/.ready ## gather the texts of the pages into the catalogues of every language
	@$(BIN)/python tools/texts.py

screenshots: .venv/.ready ## photograph every page into docs/screenshots (needs Chromium)
	@$(BIN)/python -m tests.browser.screenshots

new-service: .venv/.ready ## begin a service: make new-service NAME=loyalty
	@test -n "$(NAME)" || { echo "usage: make new-service NAME=loyalty" >&2; exit 2; }
	@$(BIN)/python tools/new_service.py $(NAME)

clean: ## remove what was made, not the data under .souk
	@rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +
