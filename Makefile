# Everything a reader or an author runs. `make` alone lists it.
#
#   make book    sets up .venv, executes the notebooks, builds the book, prints the page to open
#   make test    sets up .venv if needed, lint + unit + notebook + book tests
#
# FER2013: with FER2013_DIR set, that copy is used. With FER2013_ARCHIVE naming an archive, it is
# unpacked once into .cache/fer2013. With neither, .cache/fer2013 if it is there, else drawn faces.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3 python; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$name"; break; }; done)
VENV := .venv
# EXTRAS=... at `make setup` is remembered in .venv/.extras; without that file it is all of them.
ALL_EXTRAS := tf,torch,search,ray,faces,interpret,onnx,book,dev
CHOSEN := $(VENV)/.extras
EXTRAS ?= $(or $(shell cat $(CHOSEN) 2>/dev/null),$(ALL_EXTRAS))
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PAGE := _build/html/index.html
EXECUTED := _build/.executed
DATA_USED := _build/.data

export TF_CPP_MIN_LOG_LEVEL ?= 3

# Where FER2013 is, empty for "drawn faces", and what has to be made for it to be there.
DATA :=
ifneq ($(strip $(FER2013_DIR)),)
DATA := $(FER2013_DIR)
else ifneq ($(strip $(FER2013_ARCHIVE)),)
UNPACKED := .cache/fer2013
DATA := $(CURDIR)/$(UNPACKED)
export FER2013_DIR = $(DATA)
else ifneq ($(wildcard .cache/fer2013),)
DATA := $(CURDIR)/.cache/fer2013
endif

CODE := $(shell find fer_utils -name '*.py' -o -name '*.mplstyle' -o -name '*.toml' -o -name 'default_model.*')
RESULTS := $(shell find results -type f -not -name '.*')
PAGES := $(shell find book exercises -type f -not -path '*/__pycache__/*') _config.yml
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

.PHONY: help
help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "  %-18s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(INSTALLED)  ## make .venv and install the package with its extras

# Remade when EXTRAS, pyproject.toml or constraints.txt say something else, not when a checkout
# touched them. A .venv without pip is one that was made where the system had no venv to give.
$(INSTALLED): always pyproject.toml constraints.txt
	@wanted="$(EXTRAS) $$(cat pyproject.toml constraints.txt | cksum)"; \
	if [ ! -x $(BIN)/python ] || [ "$$(cat $@ 2>/dev/null)" != "$$wanted" ]; then \
	  python="$(PYTHON)"; \
	  test -n "$$python" || { echo "make: found no Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	  echo "Setting up $(VENV) with $$python (once; some minutes)" && \
	  { $(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv $(VENV); } && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt --editable '.[$(EXTRAS)]' && \
	  echo "$$wanted" > $@; \
	fi
	@$(if $(filter file,$(origin EXTRAS)),:,echo "$(EXTRAS)" > $(CHOSEN))

.PHONY: data
data: $(UNPACKED)  ## unpack the archive that FER2013_ARCHIVE names into .cache/fer2013, once

ifdef UNPACKED
$(UNPACKED): | $(INSTALLED)
	@test -f "$(FER2013_ARCHIVE)" || { echo "make: FER2013_ARCHIVE names $(FER2013_ARCHIVE), which is no file" >&2; exit 1; }
	$(BIN)/python -m fer_utils data unpack "$(FER2013_ARCHIVE)" --to $(UNPACKED)
endif

.PHONY: book
book: $(PAGE)  ## build the book and print the page to open
	@echo "Open file://$(CURDIR)/$(PAGE)"

# Executed notebooks are kept by their text alone. Other code, records or data make other pages.
$(DATA_USED): always | $(UNPACKED)
	@mkdir -p $(@D)
	@echo "$(or $(DATA),drawn faces)" | cmp -s - $@ || echo "$(or $(DATA),drawn faces)" > $@

$(EXECUTED): $(CODE) $(RESULTS) $(DATA_USED) $(INSTALLED)
	@mkdir -p $(@D)
	@rm -rf _build/.jupyter_cache _build/html _build/jupyter_execute
	@touch $@

$(PAGE): $(EXECUTED) $(PAGES) $(NOTEBOOKS)
	@rm -f $@
	$(BIN)/jupyter-book build --all -W --keep-going book/
	@test -s $@ && touch $@

.PHONY: serve
serve: $(PAGE)  ## show the book at http://localhost:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

.PHONY: pdf
pdf: $(PAGE)  ## print the book to _build/reading_faces.pdf with Chromium or Chrome
	$(BIN)/jupyter-book build --all --builder singlehtml book/
	$(BIN)/python book/_tools/print_pdf.py _build/singlehtml/index.html _build/reading_faces.pdf

.PHONY: lab
lab: $(INSTALLED) $(UNPACKED)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

# SEEDS="0 1 2 3 4", ONLY=03 for one chapter, CPU=1 where there is no GPU.
SEEDS ?= 0 1 2 3 4
.PHONY: full
full: $(INSTALLED) $(UNPACKED)  ## run every notebook in the full profile on the GPU
ifeq ($(strip $(CPU)),)
	@$(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' || { \
	  echo "make: PyTorch finds no GPU here. On a CPU the full runs take many hours; to start them" >&2; \
	  echo "all the same: make full CPU=1 (one chapter: make full CPU=1 ONLY=02 SEEDS=0)." >&2; \
	  echo "For a GPU node without internet: make gpu-bundle" >&2; exit 1; }
endif
	@failed=0; for seed in $(SEEDS); do \
	  $(BIN)/python -m fer_utils run --profile full --seed "$$seed" $(if $(ONLY),--only $(ONLY)) \
	  || failed=1; done; exit $$failed

# GPU_PYTHON=3.12 and GPU_MACHINE=x86_64 say what runs on the node.
GPU_PYTHON ?= 3.12
GPU_MACHINE ?= x86_64
.PHONY: gpu-bundle
gpu-bundle: $(INSTALLED)  ## pack data and packages for a GPU node without internet into .gpu/
	$(BIN)/python -m gpu_bundle.make_bundle --python $(GPU_PYTHON) --machine $(GPU_MACHINE)

.PHONY: lint
lint: $(INSTALLED)  ## ruff over code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# One worker a core, at most 8. WORKERS=0: one test after the other in one process, to debug one.
WORKERS ?= auto
.PHONY: test
test: lint $(UNPACKED)  ## lint, then every test: unit, notebooks, book
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 8 $(PYTEST)

.PHONY: test-unit
test-unit: $(INSTALLED) $(UNPACKED)  ## only the quick tests
	$(BIN)/python -m pytest tests/unit --numprocesses $(WORKERS) --maxprocesses 8 $(PYTEST)

.PHONY: constraints
constraints:  ## remake constraints.txt from the newest versions that fit together
	@rm -rf .cache/constraints && $(PYTHON) -m venv .cache/constraints
	.cache/constraints/bin/python -m pip install --quiet '.[$(ALL_EXTRAS)]'
	@{ sed -n '/^#/p' constraints.txt; .cache/constraints/bin/python -m pip freeze --exclude fer-utils \
	  | sed -e 's/+[A-Za-z0-9.]*$$//' -e 's/^tensorflow[_-]cpu\(==.*\)/tensorflow\1\ntensorflow-cpu\1/' \
	  | sort -f; } > .cache/constraints.txt
	@rm -rf .cache/constraints && mv .cache/constraints.txt constraints.txt

.PHONY: clean
clean:  ## remove the built book and its executed notebooks
	rm -rf _build

.PHONY: always
always:
