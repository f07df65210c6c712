# Everything that a checkout can do. A machine needs Python 3.11+, git, make and its package registries; no more.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
# Databases that are thrown away need no disk: where memory serves as one, they are made many times faster.
MEMORY  := $(shell test "$$(df -Pk /dev/shm 2>/dev/null | awk 'END {print $$4}')" -gt 4000000 2>/dev/null && echo TMPDIR=/dev/shm)
PLATFORM := $(or $(TMPDIR),/tmp)/surefoot-platform-$(shell id -u)
PYTEST  := $(MEMORY) $(BIN)/python -m pytest -q -n logical --maxprocesses 8 --dist worksteal

LOCK    := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --system-certs \
             --custom-compile-command 'make lock'

# One line for a check that holds; everything that it said for one that does not.
checks = @said=$$($(2) 2>&1) && printf '  %-10s ok\n' '$(1)' || { printf '  %-10s\n%s\n' '$(1)' "$$said"; exit 1; }

# Byte code is part of an installation, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help venv run stop check test static system-packages bench docs sbom format lock clean

help: ## List what can be made
	@printf '\n  Surefoot\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\n'

# Root's database server is another user's, who may not enter a private home: the data is where everybody gets.
run: $(VENV)/.installed ## Run the example shop, and then the platform, until Ctrl-C
	@$(BIN)/python examples/webshop/run.py
	@printf '\nThe platform:\n\n'
	@SUREFOOT_DATA_DIR=$${SUREFOOT_DATA_DIR:-$(PLATFORM)} $(BIN)/surefoot serve

stop: $(VENV)/.installed ## Stop what `make run` started
	@$(BIN)/python examples/webshop/run.py stop

check: static ## Fast checks: format, lint, types, layers, dead code, the quick tests
	@$(PYTEST) -m 'not slow'

test: static system-packages ## Everything that CI checks, on every database
	@$(PYTEST)

bench: $(VENV)/.installed ## Measure splitting, applying and rehearsing beside peers, and the platform
	@$(BIN)/python -m bench.split
	@$(BIN)/python -m bench.apply
	@$(BIN)/python -m bench.rehearse
	@$(BIN)/python -m bench.platform

docs: $(VENV)/.installed ## Write the reference and the outputs that the pages show, from the code
	@$(BIN)/python scripts/reference
	@$(BIN)/python scripts/asvs
	@$(BIN)/python -m tests.docs.record

sbom: $(VENV)/.installed ## Write what Surefoot is made of, as CycloneDX: dist/surefoot.cdx.json
	@$(BIN)/python scripts/sbom dist/surefoot.cdx.json

format: $(VENV)/.installed ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

lock: $(VENV)/.packages ## Choose the newest versions again: writes requirements*.txt
	@$(LOCK) --upgrade --extra server pyproject.toml -o requirements.txt
	@$(LOCK) --upgrade --extra server pyproject.toml requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@$(LOCK) --upgrade requirements-bench.in -c requirements-dev.txt -o requirements-bench.txt
	@git diff --stat -- 'requirements*.txt'

clean: ## Remove everything that was made
	@rm -rf $(VENV) build dist bench/.cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

venv: $(VENV)/.installed ## Make the virtual environment .venv, from the lock files

$(VENV)/.packages: requirements-dev.txt
	@printf 'Making %s ...\n' $(VENV)
	@python=$$(PYTHON='$(PYTHON)' scripts/find-python) && "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.packages pyproject.toml
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

static: $(VENV)/.installed
	$(call checks,format,$(BIN)/ruff format --check .)
	$(call checks,lint,$(BIN)/ruff check .)
	$(call checks,types,$(BIN)/mypy)
	$(call checks,layers,$(BIN)/lint-imports --no-logo)
	$(call checks,dead code,$(BIN)/vulture)

system-packages:
	@scripts/system-packages
