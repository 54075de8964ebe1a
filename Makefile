# Everything is done by one of these; `make` alone lists them.
# Needs: a Rust toolchain, a C compiler, git. What else a target needs, it installs by Debian's
# packages (as root or by sudo), and only what is missing.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

INSTALL := infra/scripts/install-debian-packages.sh
SERVICES := infra/scripts/test-services.sh
SERVERS := postgresql redis-server curl
BROWSER := chromium fonts-dejavu-core nodejs npm curl
# localstripe, with which cards are tested, comes from PyPI; so does what judges our ISO 20022 files.
PEERS := python3-venv
LOCALSTRIPE := infra/scripts/install-localstripe.sh
ISO20022 := infra/scripts/install-iso20022.sh
# Cargo unites the features of the packages that are asked for: asked for the same, nothing is built twice.
RELEASE := cargo build --release --workspace --bin chonoi

# What makes the next build quicker makes the first one slower, and CI builds once.
ifdef CI
export CARGO_INCREMENTAL := 0
endif

.PHONY: help run test races check bench demo demo-distributed regen services services-stop clean-run
.DEFAULT_GOAL := help

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: ## build and start the whole market, seeded, on http://127.0.0.1:8080
	$(RELEASE)
	./target/release/chonoi serve --seed --data-dir .run/market

test: ## set up what tests need, and pass them all: lints, tests, demos alone and on PostgreSQL, browser
	$(INSTALL) $(SERVERS) $(BROWSER) $(PEERS)
	$(MAKE) --no-print-directory check
	cargo build --workspace --all-targets
	npm ci --prefix tests/peers --no-audit --no-fund --loglevel=error
	export CHONOI_TEST_LOCALSTRIPE=$$($(LOCALSTRIPE)) CHONOI_TEST_ISO20022=$$($(ISO20022)); $(SERVICES) with -- cargo test --workspace
	target/debug/chonoi demo
	target/debug/chonoi demo --tour
	$(SERVICES) with -- infra/scripts/demo-distributed.sh target/debug/chonoi
	tests/browser/run.sh target/debug/chonoi

races: ## 10,000 races for seats through all services, 1,000 through the API, 100 rushes for one piece, 10,000 histories of the ledger, 1,000 orders of facts: hours
	$(INSTALL) $(SERVERS)
	CHONOI_TEST_RACES=10000 $(SERVICES) with -- cargo test --workspace --test saga -- --nocapture around_the_end
	CHONOI_TEST_RACES=1000 $(SERVICES) with -- cargo test --workspace --test river -- --nocapture around_the_end
	CHONOI_TEST_RUSHES=100 $(SERVICES) with -- cargo test --workspace --test rush -- --nocapture
	CHONOI_TEST_HISTORIES=10000 $(SERVICES) with -- cargo test --workspace --lib -- --nocapture whatever_is_posted_balances
	CHONOI_TEST_ORDERS=1000 $(SERVICES) with -- cargo test --workspace --lib -- --nocapture whoever_tells

check: ## format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench: ## measure, beside pgbench and a bare route, in one run
	$(INSTALL) $(SERVERS)
	$(RELEASE) --bin bench
	$(SERVICES) --durable with -- target/release/bench

demo: ## tell the main job once, on a market of its own
	$(RELEASE)
	./target/release/chonoi demo

demo-distributed: ## the same on PostgreSQL and Redis, each role a process
	$(INSTALL) $(SERVERS)
	$(RELEASE)
	$(SERVICES) --durable with -- infra/scripts/demo-distributed.sh target/release/chonoi

regen: ## write what is generated and committed: graphql/schema.graphql
	cargo run -q -p chonoi -- schema > graphql/schema.graphql.new
	mv graphql/schema.graphql.new graphql/schema.graphql

services: ## start PostgreSQL and Redis for tests, and print the lines to eval
	@$(INSTALL) $(SERVERS)
	@$(SERVICES) start >&2
	@$(SERVICES) env

services-stop: ## stop them
	$(SERVICES) stop

clean-run: ## forget the market of `make run`, and the screenshots
	rm -rf .run
