"""The files of a new study. ``@NAME@`` and its like are filled in; towns and answers are invented."""

from __future__ import annotations

__all__ = ["DATA", "EQUAL", "INDEX", "LIKE", "MAKEFILE", "README", "RUN", "TOP_NODE"]

TOP_NODE = "readiness"

DATA = """\
town,region,portal,online_forms,open_data,data_updates,trained_staff,help_desk
Abaria,north,yes,80,yes,12,45,yes
Belmora,north,yes,90,drafted,4,60,no
Cordania,south,no,20,no,0,15,yes
Dremia,south,drafted,35,yes,8,,yes
Estovia,coast,yes,95,yes,24,70,yes
Farland,coast,no,10,no,1,25,no
"""

INDEX = """\
# The index: what is read, how an answer becomes points, how points become a score.
# `egovindex check specs/@NAME@.yaml` tells every fault of this file, with its line.
index: @NAME@
title: Digital readiness of towns (invented)
columns: {unit: town}              # the heading that names the units
nothing: skip                      # a blank answer is left out of its node's mean; the others share its weight

answers:                           # the words of the data, with other spellings in the brackets
  progress: {yes: [y], drafted: [planned], no: [n]}
points:                            # what each word earns
  progress: {yes: 1, drafted: 0.5, no: 0}

indicators:                        # each reads the column of its name; from: HEADING reads another
  portal:        {label: One portal for all services, points: progress}
  online_forms:  {label: Forms that can be sent online, measured_in: percent, steps: [out_of 100]}
  open_data:     {label: Open data policy, points: progress}
  data_updates:  {label: Updates of open data in a year, steps: [minmax]}   # the bounds are learned from the data
  trained_staff: {label: Staff trained this year, measured_in: percent, steps: [out_of 100]}
  help_desk:     {label: Help desk for citizens, points: progress}

nodes:                             # means of what they are of; a number after a colon is a weight
  readiness: {label: Digital readiness, of: {services: 2, openness: 1, people: 1}, classes: {High: 0.6, Low: else}}
  services:  {of: [portal, online_forms]}
  openness:  {of: [open_data, data_updates]}
  people:    {of: [trained_staff, help_desk]}
"""

LIKE = """\
# The index: all of @LIKE@, and what is written here is laid over it.
# `egovindex show specs/@NAME@.yaml` prints the merged file; `egovindex check specs/@NAME@.yaml` tells every fault.
index: @NAME@
like: @LIKE@
title: In the style of @LIKE@
# Other weights in a node:
# nodes:
#   @NODE@: {of: {NODE: 2, OTHER: 1}}
"""

EQUAL = """\
# A weight set: a node that is named here names all its children, or says equal.
weights: equal
index: @NAME@
title: The parts of @NODE@ count the same
source: {title: an example of your own, basis: ours}
nodes:
  @NODE@: equal
"""

RUN = '''\
"""Check the data, score the units, save the result, and show whom other weights move."""

from pathlib import Path

import egovindex as ei

HERE = Path(__file__).parent
DATA = HERE / "data" / "answers.csv"

index = ei.load_index(HERE / "specs" / "@NAME@.yaml")
findings = ei.check(index, DATA)
print(findings.to_string(index=False) if len(findings) else "no fault found", end="\\n\\n")

result = ei.compute(index, DATA)
print(result.ranking.to_string(index=False), end="\\n\\n")
result.save(HERE / "results", overwrite=True)

print(ei.compare(result, ei.compute(index.with_weights(HERE / "specs" / "equal.yaml"), DATA)))
'''

MAKEFILE = """\
# make check   every fault of the index, and of the data for it
# make run     score, save into results/, compare
# Another interpreter: make run PYTHON=../.venv/bin/python

PYTHON ?= python3

.PHONY: run check

run:
	@$(PYTHON) run.py

check:
	@$(PYTHON) -m egovindex check specs/@NAME@.yaml data/answers.csv
"""

README = """\
# @NAME@

A study with egovindex: @TITLE@.

| file | holds |
| --- | --- |
| `data/answers.csv` | one row per unit, one column per question |
| `specs/@NAME@.yaml` | the index: what is read, how answers become points, and points a score |
| `specs/equal.yaml` | a weight set |
| `run.py` | checks, scores, saves into `results/`, compares; `make run` starts it |

Put your own table in the place of `data/answers.csv`, change the index until `make check` finds no fault, and run
again.

```
egovindex explain specs/@NAME@.yaml data/answers.csv UNIT
egovindex compare specs/@NAME@.yaml data/answers.csv --with-weights specs/equal.yaml
egovindex verify results
```
"""
