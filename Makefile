# `make demo` shows it working, `make test` shows that it works. Both begin on a bare machine: `prepare` fetches
# the prebuilt DuckDB library and names what else is missing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
CARGO ?= cargo
BASEQ := $(or $(CARGO_TARGET_DIR),target)/release/baseq

# The editors' side: no part of `make test`, as it needs the editors themselves.
.PHONY: test-clients bench-lsp vsix
.PHONY: build demo test test-deep lint lint-format lint-tidy lint-clippy lint-doc format bench dist prepare

build: prepare ## the binary, target/release/baseq
	$(CARGO) build --release --locked --package cli --bin baseq
	@echo "built $(BASEQ)"

# Built as for the tests: an optimised build takes longer than the demo is worth, and `make test` uses this one.
demo: prepare ## a synthetic warehouse, three questions, one refusal
	$(CARGO) build --locked --package cli --bin baseq
	$(or $(CARGO_TARGET_DIR),target)/debug/baseq demo

test: prepare ## every test
	$(CARGO) test --workspace --locked
	$(CARGO) test --locked --manifest-path grammar/tree-sitter-baseq/generate/Cargo.toml

lint: lint-format lint-tidy lint-clippy lint-doc ## everything that can be wrong without running the compiler

# Each alone, the quick ones first; `make -k lint` runs them all and gives every finding.
lint-format: prepare
	$(CARGO) fmt --all --check

lint-tidy: prepare
	$(CARGO) xtask tidy

lint-clippy: prepare
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

lint-doc: prepare
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet

format: ## lay out the Rust sources
	$(CARGO) fmt --all

test-deep: prepare ## what chance finds only when it is asked long: about an hour on two cores
	BASEQ_DEEP=1 $(CARGO) test --locked --package policy --test brute_force -- --nocapture
	BASEQ_DEEP=1 $(CARGO) test --locked --package tests --test noninterference -- --nocapture
	BASEQ_DEEP=1 $(CARGO) test --locked --package release --test feasible -- --nocapture
	BASEQ_DEEP=1 $(CARGO) test --locked --package tests --test disclosure -- --nocapture --test-threads=1

test-clients: prepare ## the language server under pytest-lsp, Neovim, Emacs and Visual Studio Code
	$(CARGO) build --locked --package cli --bin baseq
	tests/clients/run

bench-lsp: build ## times of the language server on a long program and a wide model
	tests/clients/bench.py $(BASEQ)

vsix: ## the extension for Visual Studio Code, dist/baseq.vsix
	@command -v npm >/dev/null || { echo "make vsix: npm is missing: install Node 20 or later" >&2; exit 1; }
	mkdir -p dist
	cp LICENSE-MIT LICENSE-APACHE editors/vscode/
	cd editors/vscode && npm ci --loglevel error && npm test && npm run --silent package -- --out ../../dist/baseq.vsix

bench: ## times on growing warehouses
	@echo "make bench: there are no benchmarks yet" >&2; exit 1

# The first build compiles DuckDB: about half an hour on two cores. PROFILE=dev makes an unoptimised one sooner.
PROFILE ?= release
dist: prepare ## a package that needs nothing beside it, DuckDB compiled in
	@command -v c++ >/dev/null || { echo "make dist: a C++ compiler is missing: install g++ or clang" >&2; exit 1; }
	$(CARGO) build --profile $(PROFILE) --locked --package cli --bin baseq --features bundled
	.ci/dist $(or $(CARGO_TARGET_DIR),target)/$(PROFILE:dev=debug)/baseq

prepare:
	@.ci/prepare
