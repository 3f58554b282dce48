# Everything here sets itself up. `make help` lists the targets.
PORT ?= 8888
BROWSER ?=
DEMO ?= demo
TESTS ?= tests

PYTHON_IN_VENV := .venv/bin/python
# nbgrader calls `alembic` from PATH, so the environment's programs come first.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help lab test course demo docs lint benchmarks clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

lab: .venv/.student ## open JupyterLab on workbook/, your own copy of the lessons (PORT=8888, BROWSER=none to stay headless)
	@$(PYTHON_IN_VENV) tools/workbook.py course workbook
	$(PYTHON_IN_VENV) -m jupyterlab --notebook-dir=workbook --port=$(PORT) --LabApp.news_url=None \
	  $(if $(filter none,$(BROWSER)),--no-browser,$(if $(BROWSER),--browser=$(BROWSER))) \
	  $(if $(filter 0,$(shell id -u)),--allow-root)

test: .venv/.developer ## run all tests (TESTS=tests/checking for some of them)
	@tools/system-packages.sh chromium bwrap:bubblewrap pg_ctlcluster:postgresql openssl node:nodejs npm
	$(PYTHON_IN_VENV) -m pytest -n auto --dist loadgroup $(TESTS)

course: .venv/.developer ## write course/ anew from grading/source/
	@.venv/bin/gdgrade course

demo: .venv/.developer ## play a small class from release to export (DEMO=demo)
	@tools/system-packages.sh bwrap:bubblewrap
	@.venv/bin/gdgrade demo $(DEMO)

docs: .venv/.developer ## build the site of the lessons and guides in build/docs (REPOSITORY_URL=https://... for links to Binder)
	$(PYTHON_IN_VENV) -m sphinx -E -W --keep-going -d build/doctrees docs build/docs

lint: .venv/.developer ## check the style of all Python
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .

benchmarks: .venv/.developer ## print the measured ratios that README.md quotes
	@tools/system-packages.sh chromium
	@for benchmark in tests/benchmarks/*.py; do echo "== $$benchmark"; $(PYTHON_IN_VENV) $$benchmark || exit 1; done

clean: ## remove .venv and the demo class; workbook/ is yours and stays
	rm -rf .venv $(DEMO) build docs/lessons *.egg-info

.venv/.student: pyproject.toml constraints.txt
	@tools/setup.sh torch jax lab
	@touch $@

.venv/.developer: pyproject.toml constraints.txt
	@tools/setup.sh dev
	@touch $@ .venv/.student
