# The two commands of the README are `make run` and `make test`.
# Settings come from the environment or .env: PORT=8000 DATABASE_URL=postgresql://… make run

BIN := .venv/bin
SERVING := .venv/.serving
EVERYTHING := .venv/.everything
# Tests start hundreds of processes: each would compile the application again where the environment forbids to keep that.
COMPILED := PYTHONDONTWRITEBYTECODE=
# PYTHON=/path/to/python3.12 make … selects the Python.
INSTALL := PYTHON='$(PYTHON)' sh devtools/venv.sh && $(BIN)/python devtools/install.py

.PHONY: help run test test-slow check format lock import admin backup restore upgrade bench bench-growth bench-access bench-pool bench-worst bench-hostile bench-faults bench-soak bench-feed bench-transfer clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /	/' | expand -t 16

run: $(SERVING)  ## Serve, on an SQLite file unless DATABASE_URL says otherwise
	@$(BIN)/python -m scripts.embedded scripts.quickstart

test: $(EVERYTHING)  ## Run every test, on SQLite and on PostgreSQL, with a coverage gate
	$(COMPILED) $(BIN)/python -m slipcover --json --out .coverage.json -m pytest tests/ -v -n 2 --dist loadfile
	$(BIN)/python -m slipcover --merge .coverage.json --out .coverage.json --fail-under 95

test-slow: $(EVERYTHING)  ## Run the slow tests
	$(COMPILED) $(BIN)/python -m pytest tests/ -v -m slow -n 2 --dist loadfile

check: $(EVERYTHING)  ## Format, lint (security included), types, imports, migrations, lock files, docs of settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DATABASE_URL=postgresql://localhost/unused $(BIN)/alembic upgrade head --sql | $(BIN)/squawk --exclude=$(SQUAWK_EXCLUDES)
	@rm -f .venv/check.db*
	DATABASE_URL=sqlite:///.venv/check.db $(BIN)/alembic upgrade head
	DATABASE_URL=sqlite:///.venv/check.db $(BIN)/alembic check
	$(BIN)/python -m devtools.lock --check
	$(BIN)/python -m devtools.settings_docs --check

# Squawk, without some rules. prefer-text-field: maximum lengths are a rule of the catalogue; prefer-bigint-over-int:
# years, positions and versions fit into 32 bits; require-lock-timeout and require-statement-timeout: each transaction of
# a migration sets both (app/db/write_guard.py), and a lock that is not available is tried again; the last four: they are
# of small tables, or of migrations whose EFFECTS say that reads may fail meanwhile.
SQUAWK_EXCLUDES := prefer-text-field,prefer-bigint-over-int,require-lock-timeout,require-statement-timeout,adding-not-nullable-field,require-concurrent-index-deletion,changing-column-type,ban-drop-not-null

format: $(EVERYTHING)  ## Format the code
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

lock: $(EVERYTHING)  ## Write the requirements files from pyproject.toml (ARGS=--upgrade: newer releases)
	$(BIN)/python -m devtools.lock $(ARGS)

import: $(SERVING)  ## Import books into the database of `make run`: make import FILE=books.csv
	@$(if $(FILE),,$(error FILE is missing: make import FILE=books.csv))$(BIN)/python -m scripts.embedded scripts.import_books "$(FILE)"

admin: $(SERVING)  ## Create an admin in the database of `make run`: make admin WHO=alice (ARGS=--reset-password: print a link to set a new password)
	@$(if $(WHO),,$(error WHO is missing: make admin WHO=alice))$(BIN)/python -m scripts.embedded scripts.create_admin $(ARGS) "$(WHO)"

upgrade: $(SERVING)  ## Migrate the database of `make run` (ARGS=--plan: only say what would be done, and how long it takes)
	@$(BIN)/python -m scripts.embedded scripts.upgrade $(ARGS)

backup: $(SERVING)  ## Back up the database of `make run`: make backup FILE=books.backup (ARGS=--force: overwrite)
	@$(if $(FILE),,$(error FILE is missing: make backup FILE=books.backup))$(BIN)/python -m scripts.embedded scripts.backup $(ARGS) "$(FILE)"

restore: $(SERVING)  ## Restore it, after stopping the service: make restore FILE=books.backup (ARGS=--replace: an existing one)
	@$(if $(FILE),,$(error FILE is missing: make restore FILE=books.backup))$(BIN)/python -m scripts.embedded scripts.restore $(ARGS) "$(FILE)"

bench: $(EVERYTHING)  ## Compare with peers, at BOOKS=100000, into bench/results/ (CONNECTIONS=64; PEERS=…: only these; an hour; ARGS=--help)
	$(BIN)/python -m bench.compare $(if $(BOOKS),--books $(BOOKS)) $(if $(CONNECTIONS),--connections $(CONNECTIONS)) $(if $(PEERS),--peers $(PEERS)) $(ARGS)

bench-growth: $(EVERYTHING)  ## Time reads at 10,000 and 1,000,000 books into bench/growth.md (over an hour; ARGS=--help)
	$(BIN)/python -m bench.growth $(ARGS)

bench-access: $(EVERYTHING)  ## Time logins, and reads under a flood of logins, into bench/access.md (five minutes; ARGS=--help)
	$(BIN)/python -m bench.access $(ARGS)

bench-pool: $(EVERYTHING)  ## Time many concurrent readers by the size of the pool into bench/pool.md (ten minutes; ARGS=--help)
	$(BIN)/python -m bench.pool $(ARGS)

bench-worst: $(EVERYTHING)  ## Measure what the worst requests cost into bench/worst.md (a minute; ARGS=--help)
	$(BIN)/python -m bench.worst $(ARGS)

bench-hostile: $(EVERYTHING)  ## Time readers beside hostile connections into bench/hostile.md (five minutes; ARGS=--help)
	$(BIN)/python -m bench.hostile $(ARGS)

bench-faults: $(EVERYTHING)  ## Cause each fault, and kill processes a thousand times, into bench/faults.md (two hours; ARGS=--help)
	$(BIN)/python -m bench.faults $(ARGS)

bench-soak: $(EVERYTHING)  ## Run a mixed load for MINUTES=30, and write what grows into bench/soak.md (ARGS=--help)
	$(BIN)/python -m bench.soak $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

bench-feed: $(EVERYTHING)  ## Follow the feed of changes through kills, into bench/feed.md (half an hour; ARGS=--help)
	$(BIN)/python -m bench.feed $(ARGS)

bench-transfer: $(EVERYTHING)  ## Import and export BOOKS=1000000 beside COPY, into bench/transfer.md (an hour; ARGS=--help)
	$(BIN)/python -m bench.transfer $(if $(BOOKS),--books $(BOOKS)) $(ARGS)

clean:  ## Delete what make created, but not your data in instance/
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage.json

$(SERVING): requirements-prod.txt
	@$(INSTALL) requirements-prod.txt
	@touch $@

$(EVERYTHING): requirements.txt
	@$(INSTALL) requirements.txt
	@touch $@ $(SERVING)

# An environment whose Python was removed is unusable: `test -x` follows the symbolic link.
ifeq ($(shell test -x $(BIN)/python || echo gone),gone)
.PHONY: $(SERVING) $(EVERYTHING)
endif
