# crabllm-bench. `make` alone prints what there is.
# ARGS goes to the command unchanged, quotes included:  make bench ARGS="--group overhead --duration 10 --rps '100 500 1000'"
.DEFAULT_GOAL := help
.PHONY: help bench bench-chart bench-json bench-debug summary doctor gateways image bench-image prod bench-runner test check format down clean

RUN := node orchestrator/dist/run.js
BUILT := .bench/built
GW ?= litellm
IMAGE ?= crabllm-bench
PORTKEY_IMAGE = $(shell sed -n 's/^ *image: \(crabllm-bench-portkey:.*\)/\1/p' compose/docker-compose.yml | head -1)
DOCKER_BUILD_ARGS ?=
# As the earlier suite called it.
ARGS ?= $(BENCH_ARGS)

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

bench: $(BUILT) ## Measure, over an hour with all gateways (ARGS="--quick" for a look of two to five minutes, ARGS="--help" for every option)
	@$(RUN) $(ARGS)

bench-chart: $(BUILT) ## Redraw table and charts of the last run, measuring nothing
	@$(RUN) --chart-only --png --html $(ARGS)

bench-json: $(BUILT) ## Measure; standard output is summary.json, original/ in the run directory holds the original suite's files
	@$(RUN) --json --original $(ARGS)

bench-debug: $(BUILT) ## One gateway, short (GW=litellm)
	@$(RUN) --gateways $(GW) --scenarios chat-minimal,chat-stream --rps 100 --duration 4 --blocks 2 --output results/debug $(ARGS)

summary: $(BUILT) ## Write the last run's Markdown page to results/summary.md
	@$(RUN) --chart-only --markdown results/summary.md $(ARGS)

doctor: $(BUILT) ## Say what this machine can show (a minute)
	@$(RUN) doctor $(ARGS)

gateways: $(BUILT) ## Install the gateways that need no Docker (GW=name for one)
	@$(RUN) gateways $(if $(filter command line,$(origin GW)),$(GW))

image: ## Build the Docker image crabllm-bench (DOCKER_BUILD_ARGS='--network host' where builds need the host's network)
	docker build $(DOCKER_BUILD_ARGS) -t $(IMAGE) -t crabllm-bench:$(shell node -p "require('./package.json').version") .
	@echo "For a cluster push it, under the name that its nodes can pull (docs/kubernetes.md):"
	@echo "  docker tag crabllm-bench:$(shell node -p "require('./package.json').version") REGISTRY/crabllm-bench:$(shell node -p "require('./package.json').version")"
	@echo "  docker push REGISTRY/crabllm-bench:$(shell node -p "require('./package.json').version")   and  --image-registry REGISTRY"
	@echo "Portkey's image is in no registry either:"
	@echo "  docker build -t REGISTRY/$(PORTKEY_IMAGE) compose/portkey   and   docker push REGISTRY/$(PORTKEY_IMAGE)"

# Words of the earlier suite: docs/earlier-suite.md
bench-image: image

prod bench-runner:
	@echo "make $@ is of the earlier suite. Gateways are not built here: make bench measures those that can be had," >&2
	@echo "and a build of your own is given as  make bench ARGS=\"--binary crabllm=PATH\"  (docs/earlier-suite.md)" >&2
	@exit 2

test: $(BUILT) ## Run all tests
	@npm test

check: $(BUILT) ## Look at format, lint and dead code (make format formats)
	@npm run check

format: $(BUILT) ## Format the sources
	@npm run format

down: ## Remove every container of the benchmark, those of a --compose file and of oha too
	docker compose -f compose/docker-compose.yml down --remove-orphans
	docker ps --all --quiet --filter label=crabllm-bench.role | xargs -r docker rm --force

clean: ## Remove what was built and installed (results stay)
	rm -rf mock/dist orchestrator/build orchestrator/dist mock/dist-test orchestrator/dist-test node_modules .bench

# Installs and builds when a source is newer than the last build.
SOURCES := $(shell find mock/src orchestrator/src orchestrator/page -name '*.ts' -o -name '*.tsx' -o -name 'build.mjs' 2>/dev/null) orchestrator/bundle.mjs
$(BUILT): node_modules/.package-lock.json $(SOURCES)
	@npx tsc -b mock orchestrator
	@node orchestrator/bundle.mjs
	@node orchestrator/page/build.mjs
	@mkdir -p $(@D) && touch $@

node_modules/.package-lock.json: package.json package-lock.json mock/package.json orchestrator/package.json
	@echo "installing packages" >&2
	@npm ci --no-fund --no-audit --loglevel=error
	@touch $@
