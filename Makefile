SHELL := bash
python := .venv/bin/python
PORT ?= 8000
export PORT

.PHONY: help demo test lock format bench bench-merchants bench-leads bench-campaigns bench-delivery bench-weekly faults fuzz browser weekly-screenshots clean-data install install-dev

help: ## What can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; \
	do printf "%-24s%s\n" "$$name" "$$what"; done

demo: install ## The whole product on this machine, with demo data (PORT=8000)
	@$(python) -m config.local.demo

test: install-dev ## Every check and test (ARGS="-k name" goes to pytest)
	@$(python) -m config.local.check $(ARGS)

format: install-dev ## Format the code and put right what can be
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

bench: install-dev ## Measure speed against the targets
	@$(python) -m tests.bench $(ARGS)

bench-merchants: install-dev ## Measure search and import on a million merchants (ten minutes)
	@$(python) -m tests.bench.merchants $(ARGS)

bench-leads: install-dev ## Measure a rep's day on a hundred thousand and a million leads
	@$(python) -m tests.bench.leads $(ARGS)

bench-campaigns: install-dev ## Measure the money of campaigns (a million redemptions, ten minutes)
	@$(python) -m tests.bench.campaigns $(ARGS)

bench-delivery: install-dev ## Measure the outbox with a million open reminders (a few minutes)
	@$(python) -m tests.bench.delivery $(ARGS)

bench-weekly: install-dev ## Measure the weekly report of five hundred recipients (a quarter of an hour)
	@$(python) -m tests.bench.weekly $(ARGS)

faults: install-dev ## Kill servers and processes while work is going on (slow)
	@$(python) -m pytest tests/faults --slow $(ARGS)

fuzz: install-dev ## Try the whole API with generated requests (slow)
	@$(python) -m pytest tests/fuzz --slow -n 2 $(ARGS)

browser: install-dev ## Walk through the screens with a real browser (slow)
	@$(python) -m pytest tests/browser --slow $(ARGS)

weekly-screenshots: install-dev ## Look at the weekly report as its readers do, and keep what was seen
	@WEEKLY_SHOTS=docs/screenshots $(python) -m pytest tests/browser/test_weekly_mail_in_a_browser.py \
	  --slow -n 0 $(ARGS)

lock: install ## Make both lock files again from pyproject.toml
	.venv/bin/uv pip compile pyproject.toml --extra local --universal --python-version 3.12 \
	  --generate-hashes --no-emit-index-url --no-annotate -q -o requirements.txt \
	  --custom-compile-command "make lock"
	.venv/bin/uv pip compile pyproject.toml --extra local --group dev -c requirements.txt --universal \
	  --python-version 3.12 --generate-hashes --no-emit-index-url --no-annotate -q \
	  -o requirements-dev.txt --custom-compile-command "make lock"

clean-data: install ## Stop this machine's servers and delete their data
	@$(python) -m config.local.clean_data

install:
	@config/local/install.sh

install-dev:
	@config/local/install.sh dev
