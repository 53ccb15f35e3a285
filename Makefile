# make demo     set up and show what the library does
# make test     set up and run the tests
# make check    everything that CI does
# Another interpreter: make test PYTHON=python3.13. Another environment: make test VENV=../env.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.egovindex-installed

# The arrays are small: threads of the linear algebra cost more than they bring, above all beside xdist.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Another environment may be active in the shell: IPython would warn of it, and warnings are errors in the tests.
unexport VIRTUAL_ENV

# An environment that was set up for another checkout (a copied folder, a shared VENV) is set up again:
# otherwise its editable install would test the code of that other checkout.
ifneq ($(shell cat "$(STAMP)" 2>/dev/null),$(CURDIR))
.PHONY: $(STAMP)
endif

.PHONY: mutate fuzz fuzz-smoke help setup demo test test-slow test-all coverage hunt faults doctest lint format types docs notebooks reproduce bench bench-smoke install-test audit dist-check lowest lowest-setup check clean

help:
	@echo "make demo         set up and show what the library does"
	@echo "make test         tests, then the examples in the docstrings of src; make test-all adds the slow ones"
	@echo "make coverage     lines and branches of src that the tests run; pages in build/coverage"
	@echo "make hunt         property tests on 1,000 new cases each, some 20 minutes"
	@echo "make mutate       mutation tests: a sample per package, taken up again where it stopped; ALL=1 for every mutant"
	@echo "make faults       kill what writes and reads, at every step and at KILLS=200 moments, some 20 minutes"
	@echo "make fuzz         wrong files for every reader, MINUTES=30 of them; SEED=... again, READER=... one of them"
	@echo "make fuzz-smoke   the same for two minutes, with a seed that stays"
	@echo "make lint         ruff check and ruff format --check; make format mends"
	@echo "make types        mypy, strict, on src"
	@echo "make docs         documentation, warnings are errors; pages in build/docs"
	@echo "make notebooks    run every notebook"
	@echo "make reproduce    run examples/score_egdi.py twice and compare byte by byte"
	@echo "make bench        speed and memory; make bench-smoke is the short run"
	@echo "make install-test wheel, sdist, wheel from sdist, editable install"
	@echo "make audit        known weaknesses and licences of what is needed, versions without hosts"
	@echo "make dist-check   what is released, into build/dist: two builds of the same bytes, twine check"
	@echo "make check        all of this, as CI does it"
	@echo "make lowest       a telling part of the tests with the oldest versions we allow, and the numbers of both side by side;"
	@echo "                  ALL=1 for a larger part, some 5 minutes"
	@echo "make clean        remove what was built; the environment stays ($(VENV))"

setup: $(STAMP)

# -qq: errors only. hatchling first and build isolation off: then the build backend, too, has the version of constraints.txt.
$(STAMP): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "No interpreter '$(PYTHON)' was found. Install Python 3.11 or newer, or name one: make PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "egovindex needs Python 3.11 or newer, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1). Name a newer one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@if ! "$(BIN)/python" -m pip --version >/dev/null 2>&1; then \
	  if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/pyvenv.cfg" ]; then \
	    echo "'$(VENV)' is there but is no virtual environment. Remove it, or name another place: make VENV=..." >&2; exit 1; fi; \
	  echo "Setting up $(VENV) with $$("$(PYTHON)" --version 2>&1) ..."; \
	  "$(PYTHON)" -m venv --clear "$(VENV)" || { \
	    echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu the module is a package of its own: python3-venv." >&2; exit 1; }; fi
	@echo "Installing egovindex and its tools into $(VENV) (a few minutes the first time) ..."
	@"$(BIN)/python" -m pip install -qq -c constraints.txt hatchling
	@"$(BIN)/python" -m pip install -qq -c constraints.txt --no-build-isolation -e ".[dev]"
	@echo "$(CURDIR)" > "$(STAMP)"

demo: $(STAMP)
	@"$(BIN)/egovindex" demo

test: $(STAMP)
	"$(BIN)/python" -m pytest -n $(JOBS) --dist worksteal -m "not install and not slow" tests
	@$(MAKE) doctest

# only files that have such tests: collecting all takes its time. One test takes a minute: who is done takes of the rest
test-slow: $(STAMP)
	"$(BIN)/python" -m pytest -n $(JOBS) --dist worksteal -m "slow and not install" $$(grep -rl --include='test_*.py' 'mark\.slow' tests)

test-all: test test-slow

# Lines and branches of src that the tests run, child processes too; some twice the time of `make test-all`.
coverage: $(STAMP)
	rm -rf build/coverage && mkdir -p build/coverage
	"$(BIN)/python" -m pytest -n $(JOBS) -m "not install" --cov --cov-report= tests
	"$(BIN)/python" -m pytest -n $(JOBS) --doctest-modules -q --cov --cov-append --cov-report= src
	"$(BIN)/python" -m coverage html -q && "$(BIN)/python" -m coverage report --skip-covered --sort=miss

# New random cases each time, many of them; a failure found here becomes a test of its own.
hunt: $(STAMP)
	HYPOTHESIS_PROFILE=thorough "$(BIN)/python" -m pytest -n $(JOBS) tests/properties tests/machine

# Changes are made in memory: no file of src is touched. Results stand in build/mutate.
mutate: $(STAMP)
	PYTHONPATH=src "$(BIN)/python" tools/mutate $(if $(ALL),--all) --workers $(JOBS)

# SIGKILL: nothing may be lost or half-written, and doing it again must give the same bytes. SEED=... repeats a run.
KILLS ?= 200
faults: $(STAMP)
	"$(BIN)/python" -m tests.faults.kills --kills $(KILLS) $(if $(SEED),--seed $(SEED))

# Every reader of foreign input is given files that are wrong in some way; by chance, or again with SEED=... What is
# found stands in build/fuzz. READER=index tries one of them.
MINUTES ?= 30
fuzz: $(STAMP)
	"$(BIN)/python" -m tests.fuzz --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(if $(READER),--reader $(READER))

# The seed is fixed: a change is not refused for an input that it has nothing to do with.
fuzz-smoke: $(STAMP)
	"$(BIN)/python" -m tests.fuzz --minutes 2 --seed 8

doctest: $(STAMP)
	"$(BIN)/python" -m pytest -n $(JOBS) --doctest-modules -q src

lint: $(STAMP)
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .

format: $(STAMP)
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

types: $(STAMP)
	"$(BIN)/python" -m mypy

docs: $(STAMP)
	"$(BIN)/python" -m sphinx -W --keep-going -q -b html docs build/docs

notebooks: $(STAMP)
	"$(BIN)/python" tools/run_notebooks.py notebooks build/notebooks

# The second run has another hash seed, working folder, time zone and locale: none of them may show in the output.
reproduce: $(STAMP)
	@rm -rf build/reproduce && mkdir -p build/reproduce/elsewhere
	PYTHONHASHSEED=1 "$(BIN)/python" examples/score_egdi.py --out build/reproduce/first
	python="$$(cd "$(BIN)" && pwd)/python"; top="$$PWD"; cd build/reproduce/elsewhere && \
	  PYTHONHASHSEED=2 TZ=Asia/Kathmandu LC_ALL=C "$$python" "$$top/examples/score_egdi.py" --out "$$top/build/reproduce/second"
	@test -n "$$(find build/reproduce/first -type f)" || { echo "examples/score_egdi.py wrote no file" >&2; exit 1; }
	diff -r build/reproduce/first build/reproduce/second

bench: $(STAMP)
	"$(BIN)/python" -m benchmarks

bench-smoke: $(STAMP)
	"$(BIN)/python" -m benchmarks --smoke

install-test: $(STAMP)
	"$(BIN)/python" -m pytest -m install tests/test_install.py

# pip-audit is used where it is installed and the network allows; the output says so where it is not.
audit: $(STAMP)
	"$(BIN)/python" tools/audit.py

dist-check: $(STAMP)
	@rm -rf build/dist build/dist-again && mkdir -p build/dist build/dist-again
	"$(BIN)/python" -m build -q --no-isolation --outdir build/dist .
	"$(BIN)/python" -m build -q --no-isolation --outdir build/dist-again .
	diff -r build/dist build/dist-again
	"$(BIN)/python" -m twine check --strict build/dist/*
	cd build/dist && sha256sum *

# In an environment of its own, with Python 3.11 or 3.12: the oldest NumPy has no wheels for newer ones. --no-compile: most
# of what is installed is never imported. CI takes the short list: numbers, published indices, and what stands on pandas,
# pydantic, typer and openpyxl. Left out are tests that ask another package, see docs/methods/numerics.md.
LOWEST ?= .venv-lowest
LOWEST_PYTHON ?= $(PYTHON)
LOWEST_STAMP := $(LOWEST)/.egovindex-installed
LOWEST_SHORT := \
  $(addprefix tests/kernels/test_,aggregate.py by_hand.py order.py rank.py rankmilp.py region.py sobol_kernel.py steps.py) \
  $(addprefix tests/spec/test_,language.py load.py reference.py schema.py strictyaml.py values.py) tests/numerics \
  $(addprefix tests/published/test_,coinr.py egdi_2024.py hdi.py how_sure.py parts_2024.py samples.py unctad.py) \
  tests/properties/test_exact_agrees.py tests/properties/test_reference_agrees.py \
  $(addprefix tests/responses/test_,binding.py csvs.py gforms.py msforms.py read.py sheets.py wide.py) \
  tests/test_evaluate.py tests/test_records.py tests/test_result.py tests/keep/test_command_line.py tests/keep/test_workbook.py \
  tests/cli/test_verbs.py --deselect=tests/cli/test_verbs.py::test_names_are_harmless
LOWEST_ALL := $(addprefix tests/,cli coding keep kernels numerics plots published responses sensitivity spec) \
  $(addprefix tests/properties/test_,exact_agrees.py reference_agrees.py) \
  $(addprefix tests/test_,cli.py evaluate.py files.py labels.py records.py reference.py result.py verbs.py)
LOWEST_LEFT_OUT := $(addprefix --deselect=tests/, \
  cli/test_exact.py::test_ctrl_c_prints_what_is_known \
  coding/test_workbook.py::test_lists_to_choose_from \
  keep/test_save_and_load.py::test_periods_keep_their_type[date- \
  kernels/test_sobol_kernel.py::test_salib_agrees_on_the_same_design \
  kernels/test_steps.py::test_winsorising_equals_coinr \
  kernels/test_winning.py::test_two_parts_are_a_beta_law \
  test_cli.py::test_every_kind_of_file_holds_the_ranking[csv])

$(LOWEST_STAMP): pyproject.toml constraints-lowest.txt
	"$(LOWEST_PYTHON)" -m venv --clear "$(LOWEST)"
	"$(LOWEST)/bin/python" -m pip install -qq --no-compile -c constraints-lowest.txt \
	  -e ".[cli,excel,parquet,testing,plot]" pytest pytest-xdist jsonschema SALib
	@touch "$(LOWEST_STAMP)"

lowest-setup: $(LOWEST_STAMP)

lowest: $(STAMP) $(LOWEST_STAMP)
	"$(LOWEST)/bin/python" -m pytest -q -n $(JOBS) -p no:cacheprovider -m "not slow and not install" \
	  $(if $(ALL),$(LOWEST_ALL),$(LOWEST_SHORT)) $(foreach one,$(LOWEST_LEFT_OUT),"$(one)")
	"$(LOWEST)/bin/python" tools/fingerprint.py write build/lowest.npz
	"$(BIN)/python" tools/fingerprint.py write build/current.npz
	"$(BIN)/python" tools/fingerprint.py compare build/lowest.npz build/current.npz

check:
	@.ci/run

clean:
	rm -rf build dist docs/_generated docs/notebooks .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests benchmarks docs examples tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
