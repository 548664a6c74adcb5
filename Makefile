# `make demo` shows it working, `make test` shows that it works. Both begin on a bare machine: `prepare` fetches
# the prebuilt DuckDB library and names what else is missing.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
CARGO ?= cargo
BASEQ := $(or $(CARGO_TARGET_DIR),target)/release/baseq

.PHONY: build demo test test-deep lint format bench dist prepare

build: prepare ## the binary, target/release/baseq
	$(CARGO) build --release --locked --package cli --bin baseq
	@echo "built $(BASEQ)"

demo: build ## a synthetic warehouse, three questions, one refusal
	$(BASEQ) demo

test: prepare ## every test
	$(CARGO) test --workspace --locked

lint: prepare ## everything that can be wrong without running the compiler
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet
	$(CARGO) xtask codegen --check
	$(CARGO) xtask tidy

format: ## lay out the Rust sources
	$(CARGO) fmt --all

test-deep: ## long tests: fuzzing, other engines
	@echo "make test-deep: tests/fuzz and the tests against other engines do not exist yet" >&2; exit 1

bench: ## times on growing warehouses
	@echo "make bench: there are no benchmarks yet" >&2; exit 1

dist: ## a package for release, with DuckDB compiled in
	@echo "make dist: packaging does not exist yet; cargo build --release -p cli --features bundled makes one binary with DuckDB inside" >&2; exit 1

prepare:
	@.ci/prepare
