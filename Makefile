# Everything a developer runs. `make help` lists it.
PYTHON ?= python3
PORT ?= 8000
MAIL_WEB_PORT ?= $(shell echo $$(($(PORT) + 25)))
MAIL_SMTP_PORT ?= $(shell echo $$(($(PORT) + 26)))
DATA_DIR ?= var
DEMO = .venv/bin/python manage.py demo --port $(PORT) \
	--mail-web-port $(MAIL_WEB_PORT) --mail-smtp-port $(MAIL_SMTP_PORT)

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset worker test coverage bench nightly contract mail faults bench-mail check format element image-check

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Countersign needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python cannot make a virtual environment: install python3-venv (on Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Installing Python packages into .venv"
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo demo-reset: export DJANGO_SETTINGS_MODULE = site_settings.settings.dev
demo demo-reset: export PUBLIC_ORIGIN = http://localhost:$(PORT)
demo demo-reset: export LOG_LEVEL ?= WARNING
demo demo-reset: export EMAIL_URL = smtp://127.0.0.1:$(MAIL_SMTP_PORT)
demo demo-reset: export DATABASE_URL = sqlite:///$(abspath $(DATA_DIR))/countersign.sqlite3
demo demo-reset: export DATA_DIR := $(abspath $(DATA_DIR))

demo: .venv/.ready ## Run the whole service with example content (PORT=8000)
	@$(DEMO)

demo-reset: .venv/.ready ## Throw the demo's data away and start it afresh (PORT=8000)
	@$(DEMO) --reset

worker: .venv/.ready ## Run a background worker with the development settings
	@.venv/bin/python manage.py worker

test: .venv/.ready ## Run the whole suite on SQLite, then on PostgreSQL (ARGS="-k word")
	@.venv/bin/python -m tests.run $(ARGS)

coverage: .venv/.ready ## Run the suite on SQLite and show which lines no test reaches
	@.venv/bin/python -m tests.run --only sqlite --cov --cov-report=term:skip-covered $(ARGS)

bench: .venv/.ready ## Measure the partner API beside its peers (ARGS="--items 2000")
	@.venv/bin/python -W ignore -m benchmarks.api $(ARGS)

nightly: export HYPOTHESIS_PROFILE = nightly
nightly: .venv/.ready ## Play 2,000 games against the one rule, 1,000 races of each kind, 5,000 odd texts
	@.venv/bin/python -m tests.run \
		tests/test_state_machine.py tests/test_controls.py tests/test_races.py \
		tests/test_feeds_words.py $(ARGS)

contract: .venv/.ready ## Hold the API to docs/openapi.yaml with other people's programs
	@.venv/bin/python -m tests.contract $(ARGS)

mail: .venv/.ready ## Hold the mail to what receivers ask for, with other people's programs
	@.venv/bin/python -m tests.mail

faults: .venv/.ready ## Break things while a newsletter goes out, and count (ARGS="kills --people 2000")
	@.venv/bin/python -W ignore -m tests.faults $(ARGS)

bench-mail: .venv/.ready ## Measure sending a newsletter beside its peers (ARGS="--sink PATH")
	@.venv/bin/python -W ignore -m benchmarks.newsletter $(ARGS)

check: .venv/.ready ## Run every check that is not a test
	@.ci/check

format: .venv/.ready ## Format Python and templates, mend what ruff can mend
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .
	@.venv/bin/djhtml cms syndication site_settings

element: .venv/.ready ## Keep the script of the custom elements as it is now, for good
	@.venv/bin/python manage.py keep_element --settings site_settings.settings.dev

image-check: ## Build the container image and see that it answers
	@.ci/image-check
