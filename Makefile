# Everything a person types. `make help` lists it.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PACKAGES := setup.py server sdk/python tests migrations proto/generate.py proto/generate_kotlin.py

# Who has no Go makes and tests everything but the Go SDK, unless REQUIRE_EVERY_TOOL=yes.
GO := $(or $(shell command -v go),$(if $(filter yes,$(REQUIRE_EVERY_TOOL)),$(error Go is missing)))

export PYTHONPATH := server:sdk/python:tests
export PATH := $(CURDIR)/$(BIN):$(PATH)
# A run of the tests starts Python hundreds of times, and every one of them would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## List the commands.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

up: $(VENV)/run server/tallystick/v1 .build/docs ## Start everything on this machine: PostgreSQL, server, Envoy. Ctrl-C stops it.
	@exec $(BIN)/python -m tallystick up

test: $(VENV)/dev server/tallystick/v1 sdk/typescript/node_modules sdk/kotlin/gen .build/docs ## Run every test.
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests
	cd sdk/typescript && npm test && node dist/test/size.js
	$(if $(GO),cd sdk/go && go test -vet=off ./...)

grpcurl: $(VENV)/dev ## Build grpcurl into .build, with which the tests call us, where it is not on PATH.
	$(BIN)/python tests/clients/tools.py

ready: $(VENV)/dev server/tallystick/v1 sdk/typescript/node_modules sdk/kotlin/gen .build/docs $(if $(GO),.build/go) ## Install and generate what the other commands need.

docs: .build/docs ## Write the documentation of the contract, and OpenAPI, into .build/docs.

test-fast: $(VENV)/dev server/tallystick/v1 ## Run the tests that need no database: seconds.
	$(BIN)/python -m pytest tests/rules tests/contract tests/tidy

check: format-check lint types drift ## Format, lint and types, as CI runs them.

format: $(VENV)/dev ## Rewrite the code in its format.
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/ruff check --fix $(PACKAGES)
	$(if $(GO),gofmt -w sdk/go)

format-check: $(VENV)/dev
	$(BIN)/ruff format --check $(PACKAGES)
	$(if $(GO),@test -z "$$(gofmt -l sdk/go)" || { gofmt -d sdk/go; exit 1; })

lint: $(VENV)/dev server/tallystick/v1
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/lint-imports
	$(BIN)/buf lint
	proto/breaking.sh
	$(if $(GO),cd sdk/go && go vet ./...)

types: $(VENV)/dev server/tallystick/v1 sdk/typescript/node_modules
	$(BIN)/mypy server/tallystick server/handbook sdk/python tests
	cd sdk/typescript && npm run types

drift: $(VENV)/dev sdk/typescript/node_modules ## Show that the committed SDKs are what the contract generates.
	$(MAKE) gen
	cd sdk/typescript && npm run --silent demo:build
	git diff --exit-code -- sdk/python/tallystick_client/v1 sdk/typescript/src/gen sdk/typescript/demo/dist sdk/go/v1
	@test -z "$$(git ls-files --others --exclude-standard sdk)" || { git ls-files --others --exclude-standard sdk; exit 1; }

gen: $(VENV)/dev sdk/typescript/node_modules $(if $(GO),.build/go) ## Generate code from the contract: server and SDKs.
	$(BIN)/python proto/generate.py
	$(BIN)/buf generate --template proto/buf.gen.yaml
	$(if $(GO),$(BIN)/buf generate --template proto/buf.gen.go.yaml)

kotlin: sdk/kotlin/gen ## Generate, compile and test the Kotlin SDK.
	mvn -B -q -f sdk/kotlin test

packages: ready ## Build what is released into .build/packages: wheels, npm tarball, Maven repository, Go proxy.
	$(BIN)/python -m packages.building

bench: $(VENV)/dev server/tallystick/v1 ## Measure, print ratios, and write .bench/latest.json.
	$(BIN)/python -m bench

lock: $(VENV)/dev ## Pin the dependencies anew, with hashes.
	cd server/requirements && pip-compile $(LOCK) -o serve.txt ../../pyproject.toml
	cd server/requirements && pip-compile $(LOCK) --extra up -o up.txt ../../pyproject.toml
	cd server/requirements && pip-compile $(LOCK) --extra up --extra dev -o dev.txt ../../pyproject.toml

LOCK := --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --strip-extras --allow-unsafe

clean: ## Remove what was built. Data stays.
	rm -rf $(VENV) server/tallystick/v1 sdk/kotlin/gen sdk/kotlin/target .build/kotlin .build/docs sdk/swift/.build sdk/swift/Sources/Tallystick/Generated sdk/typescript/node_modules .mypy_cache .ruff_cache .pytest_cache

# --- what the commands above need ---

# Whatever the documentation is made of.
DOCUMENTED := $(shell find server/handbook server/docs sdk/README.md sdk/*/README.md README.md CHANGELOG.md -type f ! -name '*.pyc')

$(VENV)/run: server/requirements/up.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r server/requirements/up.txt
	touch $@

$(VENV)/dev: server/requirements/dev.txt $(VENV)/run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r server/requirements/dev.txt
	touch $@

server/tallystick/v1: $(wildcard proto/tallystick/v1/*.proto) proto/generate.py | $(VENV)/run
	$(BIN)/python proto/generate.py
	touch $@

.build/docs: $(DOCUMENTED) server/tallystick/v1 | $(VENV)/run
	$(BIN)/python -m handbook $@

# Not committed, because of its size; without Maven there is none, and its tests are left out.
sdk/kotlin/gen: $(wildcard proto/tallystick/v1/*.proto) proto/buf.gen.kotlin.yaml proto/generate_kotlin.py sdk/kotlin/pom.xml | $(VENV)/dev
	if command -v mvn >/dev/null; then $(BIN)/python proto/generate_kotlin.py && touch $@; fi

sdk/typescript/node_modules: sdk/typescript/package-lock.json
	cd sdk/typescript && npm ci --no-audit --no-fund
	touch $@

.build/go: sdk/go/tools/go.mod sdk/go/tools/go.sum
	cd sdk/go/tools && GOBIN=$(CURDIR)/$@ go install tool
	touch $@

.PHONY: help up test grpcurl ready docs test-fast check format format-check lint types drift gen kotlin packages bench lock clean
