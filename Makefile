# make run: the nightly job on the sample organisation. make test: the tests. Both do their own set-up.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && exit; done)
PY := .venv/bin/python
BABEL := $(PY) -m babel.messages.frontend
LOCALE := monitor/report/locale
RUN_STAMP := .venv/.run-ready
DEV_STAMP := .venv/.dev-ready
HISTORIES := $(or $(OXIMETER_SHARED),../shared)/histories

.PHONY: run test lint types imports check build lock platforms realworld fuzz messages screenshots schemas mail-css \
	bench bench-profile bench-reader bench-measuring bench-cluster bench-charts bench-report bench-detection bench-verdicts fit-detection clean help

help:  ## what one can ask for
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

run: $(RUN_STAMP)  ## the whole nightly job on the sample organisation, offline
	$(PY) -m monitor demo

test: $(DEV_STAMP)  ## every test, with branch coverage; most wait for servers, so WORKERS (4) run at once
	$(PY) -m pytest -n $(or $(WORKERS),4) --dist loadfile --cov --cov-report=term

lint: $(DEV_STAMP)  ## ruff
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(DEV_STAMP)  ## mypy --strict
	$(PY) -m mypy

imports: $(DEV_STAMP)  ## import-linter: rooms do not reach past their neighbours
	$(PY) -c 'import sys; sys.path.insert(0, "."); from importlinter.cli import lint_imports_command; lint_imports_command()'

check: lint types imports test  ## all of the above

build: $(DEV_STAMP)  ## the wheel, in dist/
	$(PY) -m build --wheel --no-isolation

messages: $(DEV_STAMP)  ## collect the sentences to translate, update and compile the catalogues; LANG=sv adds a language
	mkdir -p .cache
	$(BABEL) extract -F babel.cfg -k N_ --no-location --sort-output --omit-header -o .cache/messages.pot monitor/report
	$(if $(filter command line,$(origin LANG)),$(BABEL) init -i .cache/messages.pot -d $(LOCALE) -l $(LANG))
	$(BABEL) update -N -i .cache/messages.pot -d $(LOCALE)
	$(BABEL) compile -d $(LOCALE)

screenshots: run $(DEV_STAMP)  ## pictures of tonight's page and mail in .cache/screenshots, and those in docs/ (needs chromium)
	$(PY) -m tests.browser.screenshots

platforms: $(DEV_STAMP)  ## write the table in docs/platforms.md anew from the modules
	$(PY) -c 'import re, pathlib; from monitor.poll.platforms import table; p = pathlib.Path("docs/platforms.md"); t = p.read_text("utf-8"); \
		p.write_text(re.sub("(?s)(<!-- platforms -->\n).*?(<!-- /platforms -->)", lambda m: m[1] + table() + m[2], t), "utf-8")'

realworld: $(DEV_STAMP)  ## count real publishers: WordPress with MariaDB (apt), Isso; see tests/realworld/README.md
	$(PY) -m tests.realworld.run

bench-detection: $(DEV_STAMP)  ## how well silence is foretold; HISTORIES=FOLDER holds events.csv.gz and channels.csv
	$(PY) -m benchmarks.detection $(HISTORIES)
	$(PY) -m benchmarks.detection.simulated

bench-verdicts: $(DEV_STAMP)  ## when simulated channels with a known death are flagged; needs no histories
	$(PY) -m benchmarks.detection.simulated

fit-detection: $(DEV_STAMP)  ## fit the models of silence anew on HISTORIES, and write monitor/oxygen/fitted.py
	$(PY) -m benchmarks.detection.fit $(HISTORIES)

bench: $(DEV_STAMP) bench-reader  ## how fast feeds are read, against other readers; PART=table|latency|scale, FEEDS, RUNS, CODE=FOLDER, ONLY=NAME
	$(PY) -m benchmarks.polling $(if $(PART),--part $(PART)) $(if $(FEEDS),--feeds $(FEEDS)) $(if $(RUNS),--runs $(RUNS)) \
		$(if $(CODE),--code $(CODE)) $(if $(ONLY),--only $(ONLY))

bench-profile: $(DEV_STAMP)  ## where the CPU time of a night goes, step by step; FEEDS, CODE=FOLDER
	$(PY) -m benchmarks.polling.profile $(if $(FEEDS),--feeds $(FEEDS)) $(if $(CODE),--code $(CODE))

bench-reader: | .venv/bin/python  # the library reader in a venv of its own; without a network the table goes on without it
	@test -e .cache/bench-reader/ready || { $(PY) -m venv .cache/bench-reader && .cache/bench-reader/bin/python -m pip \
		install -q --disable-pip-version-check reader sgmllib3k && touch .cache/bench-reader/ready; } || true

bench-measuring: $(DEV_STAMP)  ## seconds and memory to measure, judge and report CHANNELS (1000) of a thousand entries each
	$(PY) -m benchmarks.measuring --channels $(or $(CHANNELS),1000)

bench-cluster: $(DEV_STAMP)  ## feeds a second with threads and with Dask, into SQLite and PostgreSQL
	$(PY) -m benchmarks.cluster

bench-charts: $(DEV_STAMP)  ## our charts against matplotlib, pygal, leather, plotly, altair, in a venv of their own
	$(PY) -m venv .cache/charts
	.cache/charts/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	.cache/charts/bin/python -m pip install -q --disable-pip-version-check packaging matplotlib pygal leather plotly kaleido altair vl-convert-python
	.cache/charts/bin/python -m benchmarks.charts

bench-report: $(DEV_STAMP)  ## seconds that the page and the mail take, by the number of channels
	$(PY) -m benchmarks.report

mail-css: $(DEV_STAMP)  ## write docs/mail-css.md anew: what the mail uses, and which mail programs show it (needs npm)
	npm install --silent --no-save --prefix .cache/caniemail caniemail@2.0.2
	$(PY) -m tests.mailcss .cache/caniemail/node_modules/caniemail

schemas: $(DEV_STAMP)  ## write config/channels.schema.json and docs/report.schema.json anew
	$(PY) -c 'import pathlib; from monitor import config; from monitor.report.schema import schema; \
		pathlib.Path("config/channels.schema.json").write_text(config.schema(), "utf-8"); \
		pathlib.Path("docs/report.schema.json").write_text(schema(), "utf-8")'

fuzz: $(DEV_STAMP)  ## broken, hostile and odd inputs for MINUTES (10); what fails is kept in .cache/fuzz
	$(PY) -m tests.fuzz --minutes $(or $(MINUTES),10)

lock: $(DEV_STAMP)  ## work out requirements*.lock anew from pyproject.toml
	$(PY) -m pip install -q uv
	$(PY) -m uv pip compile -q --universal --no-annotate --no-header --generate-hashes pyproject.toml -o requirements.lock
	$(PY) -m uv pip compile -q --universal --no-annotate --no-header --generate-hashes pyproject.toml --group dev -o requirements-dev.lock

clean:  ## forget the virtual environment and every cache
	rm -rf .venv dist build .cache .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Oximeter needs Python 3.11 or later with venv (Debian: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN_STAMP): requirements.lock pyproject.toml | .venv/bin/python
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(RUN_STAMP)
