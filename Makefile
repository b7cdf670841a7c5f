# Short names for `cargo xtask …`: one line each, no logic.
# Options of a command go after it: make demo ARGS="--events 10000"

ENV ?= local
ARGS ?=
XTASK := cargo xtask

.DEFAULT_GOAL := help

help: ## List these names
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## The whole lake on this machine, once through: a local AWS, events, a query
	@$(XTASK) demo $(ARGS)

demo-guide: ## The TV guide on this machine, which stays to be looked at in a browser
	@$(XTASK) demo --app tv-guide --keep $(ARGS)

test: ## Every test
	@$(XTASK) test $(ARGS)

unit: ## The tests that need no local cloud
	@$(XTASK) test unit $(ARGS)

it: ## The tests that need the local cloud
	@$(XTASK) test it $(ARGS)

ui: ## The tests of the guide's page, in Chromium
	@$(XTASK) test ui $(ARGS)

up: ## Start a local cloud that stays
	@$(XTASK) local up $(ARGS)

down: ## Stop it
	@$(XTASK) local down $(ARGS)

logs: ## Print its log
	@$(XTASK) local logs $(ARGS)

synth: ## Print the templates of an environment: make synth ENV=prod
	@$(XTASK) synth --env $(ENV) $(ARGS)

check: ## Check the templates of an environment: make check ENV=prod
	@$(XTASK) check --env $(ENV) $(ARGS)

diff: ## Show what deploying an environment would change
	@$(XTASK) diff --env $(ENV) $(ARGS)

price: ## Say what an environment costs in a month
	@$(XTASK) price --env $(ENV) $(ARGS)

watch: ## Deploy each change that is saved in handlers/
	@$(XTASK) watch --env $(ENV) $(ARGS)

produce: ## Send events: make produce ARGS="--input events.jsonl"
	@$(XTASK) produce --env $(ENV) $(ARGS)

quarantine: ## List what was refused, and why
	@$(XTASK) quarantine --env $(ENV) $(ARGS)

invoke: ## Run a function: make invoke ARGS="tv-guide-ingest"
	@$(XTASK) invoke --env $(ENV) $(ARGS)

guide: ## The TV guide as its users have it: make guide ARGS="now"
	@$(XTASK) guide --env $(ENV) $(ARGS)

deploy: ## Deploy an environment: make deploy ENV=dev
	@$(XTASK) deploy --env $(ENV) $(ARGS)

destroy: ## Remove a deployed environment: make destroy ENV=dev
	@$(XTASK) destroy --env $(ENV) $(ARGS)

outputs: ## Print the outputs of a deployed environment
	@$(XTASK) outputs --env $(ENV) $(ARGS)

package: ## Zip the Lambda functions for AWS
	@$(XTASK) package $(ARGS)

bench: ## Run the benchmarks
	@cargo bench --workspace --bench '*' $(ARGS)

bench-lake: ## Measure the lake's code beside arrow, DuckDB, polars and Python
	@python3 handlers/lake-parquet/bench-lake/run.py $(ARGS)

bench-start: ## Measure how soon the lake's functions start
	@$(XTASK) bench-start $(ARGS)

crash-lake: ## Kill the direct writer 200 times over 1,000,000 events, and count what it has written
	@$(XTASK) crash-lake write $(ARGS)

crash-compact: ## Kill the compaction 200 times while late events arrive and a reader counts the hours
	@$(XTASK) crash-lake compact $(ARGS)

bench-infra: ## Measure synthesis beside CDK, troposphere and cfn-lint
	@python3 infra/bench/run.py $(ARGS)

codegen: ## Generate the resource types anew
	@$(XTASK) codegen $(ARGS)

fmt: ## Format the sources
	@cargo fmt --all

tidy: ## Check what the compiler does not
	@$(XTASK) tidy

ci: ## Every check of the continuous integration
	@$(XTASK) ci $(ARGS)

.PHONY: bench-start crash-compact crash-lake demo-guide ui invoke guide check diff price watch produce quarantine help demo test unit it up down logs synth deploy destroy outputs package bench bench-lake bench-infra codegen fmt tidy ci
