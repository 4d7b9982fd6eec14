# What the README names. `make` alone lists it.
PYTHON := .venv/bin/python
READY  := .venv/.ready
# Where it is set, each of the hundreds of processes that tests and the demonstration start would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test soak lint format bench package migration translations lock clean

help:
	@echo "make setup    system libraries, .venv, locked dependencies, the two programs in .venv/bin"
	@echo "make run      the demonstration; HEADLESS=1 plays it without a screen"
	@echo "make test     lint, then every test"
	@echo "make soak     the long tests, seed after seed; SECONDS=600"
	@echo "make lint     ruff, mypy, import-linter"
	@echo "make format   let ruff rewrite what it can"
	@echo "make bench    the measurements"
	@echo "make package  an application folder and its archive under dist/"
	@echo "make migration NAME=\"what it does\"   drafts db/migrations/versions/NNNN_….py"
	@echo "make translations   brings resources/translations up to date with the words of the program"
	@echo "make lock     requirements/*.in -> requirements/*.lock"

setup: $(READY)

$(READY): requirements/dev.lock pyproject.toml packaging/setup.sh packaging/setup_system.sh
	@bash packaging/setup.sh
	@touch $@

run: $(READY)
	@$(PYTHON) -m tests.demo

lint: $(READY)
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy --num-workers 2
	.venv/bin/lint-imports

format: $(READY)
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

# One process more than cores: while one waits for a server, a line or a disk, the others work on.
test: lint
	$(PYTHON) -m pytest -n 3 --dist worksteal

soak: $(READY)
	@SECONDS=$(or $(SECONDS),600) $(PYTHON) -m tests.soak

bench: $(READY)
	@$(PYTHON) -m tests.bench

package: $(READY)
	@$(PYTHON) packaging/build.py

migration: $(READY)
	@$(PYTHON) -m db.migrations.draft "$(NAME)"

translations: $(READY)
	@$(PYTHON) packaging/translations.py

lock: $(READY)
	set -e; for name in app dev package; do \
	  .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements/$$name.in -o requirements/$$name.lock; \
	done

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
