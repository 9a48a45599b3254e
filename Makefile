.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test bench clean

# Another Python: make demo PYTHON=python3.12
PREPARE := @sh .ci/prepare
PYTHON_M := .venv/bin/python -m

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: ## Set up this machine and lay out all handouts, four ways each, in output/
	$(PREPARE) demo
	@.venv/bin/handouts render --all --output output >/dev/null
	@echo 'The papers are in output/. Read first: output/how-ketamine-works-full-en.pdf'

test: ## Set up this machine and run every check
	$(PREPARE) test
	$(PYTHON_M) ruff check .
	$(PYTHON_M) ruff format --check .
	$(PYTHON_M) mypy --strict handouts
	$(PYTHON_M) pytest -n 2
	.venv/bin/handouts check

bench: ## Time the layout and the day run
	$(PREPARE) test
	$(PYTHON_M) tests.bench --library
	$(PYTHON_M) tests.bench_day

clean: ## Remove .venv, output/ and all caches
	rm -rf .venv output build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
