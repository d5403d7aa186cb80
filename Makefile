# What a newcomer needs: `make demo`, `make test`. Everything else is in CONTRIBUTING.md.

SOURCES = Sources Plugins Tests Examples Benchmarks Package.swift
FORMATTED = $(wildcard $(SOURCES))

.PHONY: help demo test build format lint check
.DEFAULT_GOAL := help

help:
	@echo "make demo     send, receive and show a message, without an account"
	@echo "make test     all tests, against a real Postfix and a real Dovecot on this machine"
	@echo "make build    a debug build"
	@echo "make format   format the sources in place"
	@echo "make lint     check the format and the layers"
	@echo "make check    everything that CI checks"

demo:
	@echo "==> What the build needs"
	@scripts/install-deps build
	@echo "==> The demo (the first build takes a few minutes)"
	@swift run posthorn demo

# Swift Testing runs the tests of one process in parallel by itself; `--parallel` would only matter to XCTest, which is
# not used here. One process also means one Postfix and one Dovecot for all tests.
test:
	@echo "==> What the tests need"
	@scripts/install-deps test
	@echo "==> The tests"
	@swift test

build:
	@echo "==> What the build needs"
	@scripts/install-deps build
	@echo "==> Debug build"
	@swift build

format:
	@echo "==> Formatting"
	@swift format --in-place --recursive --parallel $(FORMATTED)

lint:
	@echo "==> Format"
	@swift format lint --strict --recursive --parallel $(FORMATTED)
	@echo "==> Layers"
	@scripts/check-layering --self-test
	@scripts/check-layering

check:
	@.ci/run
