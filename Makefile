# Every target sets up what it needs, once: Python's packages in .venv, Node's in tools/node_modules. Python 3.11 or newer and make
# are asked for; Node 20 by check, generate, docs and clients; Java 17 by foreign.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check prove generate foreign docs bench load hostile judges checkers clients mutants peers peers-all clean

run: .venv/ready ## the suite against the embedded reference server, in both dialects
	$(BIN)/chatproof run --config none --dialect cerebras
	$(BIN)/chatproof run --config none --dialect openai

test: .venv/ready ## the tests of the suite itself
	$(BIN)/python -m pytest -n auto

check: .venv/ready tools/node_modules/.ready ## the specification, the generated code, types, style
	$(BIN)/python -m tools.check
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.changes
	cd tools && npm run --silent build && npm run --silent vectors && npm run --silent lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

prove: .venv/ready ## who tests the tests: faults and variations of the reference server; PROVE=--brief tries each once
	$(BIN)/python -m tools.proof $(PROVE)

generate: .venv/ready tools/node_modules/.ready ## generated/ anew from spec/
	$(BIN)/python -m tools.generate

foreign: .venv/foreign ## clients in Java, Go, Rust and C# by openapi-generator; needs Java 17 or newer
	$(BIN)/python -m tools.foreign

docs: .venv/ready tools/node_modules/.ready ## a reference page of each dialect that needs no network, in build/docs/
	$(BIN)/python -m tools.docs

bench: .venv/ready ## speed, as ratios side by side
	$(BIN)/python -m tools.bench

load: .venv/ready ## what the reference server bears, beside mock servers: answers/s, events/s, memory under a thousand open streams; needs npm
	$(BIN)/python -m tools.load

hostile: .venv/ready ## whole runs against servers that flood, stall and lie, with time and memory
	$(BIN)/python -m tools.hostile

judges: .venv/judges ## what SDKs and schemathesis say of recorded exchanges, beside what the rules say; in build/judges.md
	$(BIN)/python -m tools.judges

checkers: .venv/ready ## other checkers beside ours, on the same servers; CHECKERS='--part 4' takes every fourth; needs npm
	$(BIN)/python -m tools.checkers $(CHECKERS)

clients: .venv/ready ## what SDKs make of every legal variation; writes conformance/docs/clients.md
	$(BIN)/python -m tools.clients

mutants: .venv/mutants ## what the tests and vectors of wire/ and rules/ would notice: mistakes, one at a time
	$(BIN)/python -m tools.mutants

peers: .venv/ready ## the suite against real servers, each in an environment of its own; reports go to reports/
	$(BIN)/python -m tools.peers

peers-all: .venv/ready ## the same with those that take gigabytes: transformers serve, vLLM
	$(BIN)/python -m tools.peers --all

clean:
	rm -rf .venv reports build dist tools/node_modules tools/.build

.venv/ready: pyproject.toml tools/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chatproof needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]' --constraint tools/constraints.txt
	@touch $@

tools/node_modules/.ready: tools/package.json tools/package-lock.json
	@command -v npm >/dev/null || { echo "make check needs Node 20 or newer with npm; install it"; exit 1; }
	cd tools && npm ci --silent --no-progress
	@touch $@

.venv/foreign: .venv/ready
	$(BIN)/python -m pip install --quiet --editable '.[dev,foreign]' --constraint tools/constraints.txt
	@touch $@

.venv/judges: .venv/ready
	$(BIN)/python -m pip install --quiet --editable '.[dev,judges]' --constraint tools/constraints.txt
	@touch $@

.venv/mutants: .venv/ready
	$(BIN)/python -m pip install --quiet --editable '.[dev,mutants]' --constraint tools/constraints.txt
	@touch $@
