# Commands for a newcomer: `make demo`, `make test`, `make quick`. They set up what they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# pip names each package as it fetches it: without that, minutes pass in silence.
PIP_SAYS := --disable-pip-version-check --progress-bar off

# Processes of a run of the tests: each loads spaCy's model and Beam, about 1 GB.
PROCESSES ?= 2
PYTEST := $(BIN)/pytest -n $(PROCESSES) --dist worksteal

.PHONY: date-names demo test quick check engines format requirements wheel image pin-images bench bench-extraction bench-metadata clean

demo: $(STAMP)
	$(BIN)/newsbeam demo --lake demo-lake
	@echo
	@echo "newsbeam is in $(BIN); for the commands above: . $(BIN)/activate"

test: check
	$(PYTEST) --hypothesis-profile=ci

# While working: without the tests marked `slow`, and a tenth of the examples of each property.
quick: check
	$(PYTEST) --hypothesis-profile=quick -m "not slow"

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Lakes of other engines against those of the local runner. What cannot be had on this machine is not run, and said so.
engines: $(STAMP)
	$(BIN)/python -m tests.engines

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(STAMP): requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newsbeam needs Python 3.11 or newer; run: make PYTHON=python3.11")'
	@echo "Installing into $(VENV), once: newsbeam, and the $$(grep -c '^[a-z].*==' requirements-dev.txt) packages of requirements-dev.txt"
	@echo "(Apache Beam, spaCy and its English model, DuckDB, Arrow; the tools of the tests). This takes some minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_SAYS) --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install $(PIP_SAYS) --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# Pin anew, with hashes. Takes some minutes. No index or path of this machine gets into the files.
COMPILE := env -u PIP_FIND_LINKS -u PIP_INDEX_URL $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
requirements: $(STAMP)
	$(COMPILE) -o requirements.txt pyproject.toml
	$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(COMPILE) --extra aws --extra gcp -c requirements-dev.txt -o requirements-cloud.txt pyproject.toml

# The wheel, the source distribution and the pins of the last commit, in dist/. Files that are not committed, or that an
# earlier build left, do not get in; the wheel of a commit has the same bytes on each machine with the same setuptools.
wheel: $(STAMP)
	rm -rf build/commit dist && mkdir -p build/commit
	umask 022 && git -c tar.umask=022 archive HEAD | tar -x -C build/commit
	umask 022 && SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist build/commit
	cp build/commit/requirements.txt build/commit/requirements-cloud.txt build/commit/deploy/flex-template/main.py dist/

# A container image of that wheel. Its base is named by a digest, which `make pin-images` writes into the Dockerfiles;
# commit it. IMAGE is the name that the image gets.
IMAGE ?= newsbeam:0.1.0
image: wheel
	$(PYTHON) deploy/pin_images.py --check
	docker build -f deploy/docker/Dockerfile -t $(IMAGE) dist

pin-images:
	$(PYTHON) deploy/pin_images.py

bench: $(STAMP)
	$(BIN)/python bench/stages.py

# The peers are no dependencies of ours: they get an environment of their own. One that does not install is left out.
PEERS := .venv-peers
bench-extraction: $(PEERS)/.installed
	$(PEERS)/bin/python -m bench.extraction $(PAGES)

bench-metadata: $(PEERS)/.installed
	$(PEERS)/bin/python -W ignore -m bench.metadata $(PAGES)

$(PEERS)/.installed: requirements.txt bench/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	grep -v '^#' bench/peers.txt | while read -r peer; do \
		$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check "$$peer" || echo "not installed: $$peer"; done
	touch $(PEERS)/.installed

# The names of months and days in all languages, from the CLDR that Babel has.
date-names: $(STAMP)
	$(BIN)/python -m tools.date_names

clean:
	rm -rf $(VENV) $(PEERS) demo-lake build dist *.egg-info
