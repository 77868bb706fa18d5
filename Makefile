PYTHON ?= .venv/bin/python

.PHONY: setup checks tests test slow
.DEFAULT_GOAL := tests

setup: ## The environment: the pinned versions, the package, and the tools of tests and checks
	python3 -m venv .venv
	.venv/bin/pip install -q -c constraints.txt -e '.[test,lint]'

checks: ## Everything that a change must pass, from nothing but python3
	.ci/run

tests: ## What the README runs
	$(PYTHON) -m pytest -q

test: ## One test, file or folder: make test T=tests/kernels/run/test_loop.py
	$(PYTHON) -m pytest -q -m "slow or not slow" $(T)

slow: ## Those that take longer than a few seconds
	$(PYTHON) -m pytest -q -m slow
