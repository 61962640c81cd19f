# `make demo` and `make test` work on a bare machine with Python >= 3.11, make and a package index.
PYTHON ?= python3
# Test files on as many cores as there are, up to four: each worker starts a PostgreSQL server of its own.
PYTEST := .venv/bin/python -m pytest -n logical --maxprocesses 4 --dist worksteal
PAYLOADS ?= ../shared/payloads
CAPTURES ?= ../shared/captures
LANGID ?= ../shared/langid
# Certificates that this machine trusts (a company's proxy, a mirror) are good enough for uv, as they are for pip.
export UV_SYSTEM_CERTS ?= true
BIN := .venv/bin
SYNCED := .venv/.synced

.PHONY: all setup demo test check format bench payloads lock demo-packages profiles eval-languages test-families refreeze clean
all: check

setup: $(SYNCED)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "archiver needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 4; }
	$(PYTHON) -m venv .venv

$(SYNCED): $(BIN)/python requirements.lock pyproject.toml
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/archiver demo

test: setup
	$(PYTEST)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	$(BIN)/python tests/bench

payloads: setup
	$(BIN)/python tests/payloads.py "$(PAYLOADS)" "$(CAPTURES)"

# What every frozen page says now; read the difference as you would read code. CASES="feed/rss2 ..." for some only.
refreeze: setup
	$(BIN)/python tests/test_frozen.py $(CASES)

profiles: setup
	$(BIN)/python -m translations.profiles.build "$(LANGID)"

# How well languages are told apart, on lines held out of the profiles, against other libraries that are installed.
eval-languages: setup
	$(BIN)/python -m translations.profiles.evaluation "$(LANGID)"

lock: $(BIN)/python
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate --extra postgres --group dev pyproject.toml -o requirements.lock

# Training has an environment of its own: PyTorch never enters the project's.
.venv-train/.synced: translations/demo/requirements-train.txt
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

demo-packages: .venv-train/.synced
	.venv-train/bin/python -m translations.demo.train

# The reference libraries of the model families also have an environment of their own.
.venv-families/.synced: tests/families/requirements.txt
	$(PYTHON) -m venv .venv-families
	.venv-families/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# FREEZE=--freeze writes what the reference says into tests/families/tokens.json.
test-families: .venv-families/.synced
	PYTHONPATH=. .venv-families/bin/python tests/families/reference.py $(FREEZE)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
