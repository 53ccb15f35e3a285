"""The files of a new index. ``@NAME@`` is filled in; places and answers are invented."""

from __future__ import annotations

__all__ = ["ANSWERS", "FORM", "INDEX", "README", "WEIGHTS"]

FORM = """\
# The questionnaire: what is asked, and how answers are spelt. It gives no points; the index does.
instrument: @NAME@-form              # the name of this file, without .yaml
title: Questionnaire of @NAME@ (invented)
language: en
source: {title: an example to begin with, basis: ours}

answers:                             # scales: a word for each answer, and in brackets how else it may be spelt
  status:                            # from the best to the worst; capital letters do not matter
    yes: [y]
    in_operation: [in operation, running]
    drafted: [draft]
    planned: [plan]
    no: [n]

items:                               # one line for each question; the id is the heading in the table of answers
  q1: {section: Rules, label: Is there a law on electronic services?, kind: one, answers: status, required: true}
  q2: {section: Rules, label: Where can the law be read?, kind: link, ask_if: q1 is yes}
  q3: {section: Rules, label: Is there a strategy for digital services?, kind: one, answers: status}
  q4: {section: Services, label: Is there one portal for all services?, kind: one, answers: status}
  q5: {section: Services, label: Which share of the services can be used online (%)?, kind: number}
  q6: {section: People, label: Is there a help desk for citizens?, kind: one, answers: status}
  # kind: one (of a scale), many, number, date, text, link, contact

checks:                              # answers that cannot be: reported, never scored
  law_without_link: {wrong_if: q1 is yes and q2 is missing, say: A law was named (q1) but not where to read it (q2)}
"""

INDEX = """\
# The index: what is read, how an answer becomes points, how points become a score.
# After each change: egovindex check indicators/@NAME@.yaml data/answers-template.csv
index: @NAME@                        # the name of this file, without .yaml
title: Index @NAME@ (invented)
source: {title: an example to begin with, basis: ours}   # basis: published, recovered, assumed or ours

# Where the questions and the spellings of answers come from: @NAME@-form.yaml, beside this file.
instrument: @NAME@-form

# The headings of the table that say what a row is. With several years: {unit: place, period: year}
columns: {unit: place}

# What an answer that is not there counts as: skip (left out, the others share its weight), void (no score), or points.
# missing: the cell is empty; unknown, not_applicable: somebody wrote this word.
nothing: {missing: skip, unknown: 0, not_applicable: skip}

# What each answer earns. Without a line here an answer is an error, never a silent zero.
points:
  status:
    yes: 1
    in_operation: 0.75
    drafted: {value: 0.5, range: [0.3, 0.7], basis: ours, note: decided by us}   # a number with its reason
    planned: 0.25
    no: 0

# Other ways to give points, under a name. egovindex score ... --rules strict
rules:
  strict:
    label: Only what is in force counts
    status: {in_operation: 0, drafted: 0, planned: 0}

# What every indicator has unless its own line says otherwise.
defaults:
  indicators: {points: status}

# The questions that count. The id is a heading of the table; {} means: as in defaults. ~ takes a default away.
indicators:
  q1, q3, q4, q6: {}
  q5: {points: ~, steps: [out_of 100]}   # a number of percent becomes a share, 0 to 1

# How scores come together: a mean of the children. [a, b] counts them the same, {a: 2, b: 1} counts a twice.
# The first node that is nobody's child is the one that is ranked.
nodes:
  overall:
    label: Digital services
    of: {rules_part: 2, services_part: 2, people_part: 1}
    classes: {High: 0.7, Middle: 0.4, Low: else}   # lower bounds, the first that is reached; else is the rest
  rules_part:    {label: Rules, of: [q1, q3]}
  services_part: {label: Services, of: [q4, q5]}
  people_part:   {label: People, of: [q6]}
"""

WEIGHTS = """\
# A weight set: other weights for the same index. A node that stands here names each of its children once.
weights: first-choice                # the name of this file, without .yaml
index: @NAME@
title: What people get counts most
source: {title: an example to begin with, basis: ours}   # who chose these weights, and when
nodes:
  overall: {rules_part: 1, services_part: 3, people_part: 1}
  services_part: equal
"""

ANSWERS = """\
place,q1,q2,q3,q4,q5,q6
Abaria,yes,https://law.example/1,in_operation,yes,80,planned
Belmora,drafted,,yes,no,,yes
"""

README = """\
# @NAME@

An index with egovindex. Places and answers are invented: put your own in.

| file | holds |
| --- | --- |
| `indicators/@NAME@-form.yaml` | the questionnaire: questions, scales, spellings, checks |
| `indicators/@NAME@.yaml` | the index: points, rules, indicators, nodes, classes; each part is explained there |
| `weights/@NAME@/first-choice.yaml` | a weight set |
| `data/answers-template.csv` | the table of answers: a heading for each question, a row for each place |

```
egovindex check indicators/@NAME@.yaml data/answers-template.csv
egovindex score indicators/@NAME@.yaml data/answers-template.csv
egovindex score indicators/@NAME@.yaml data/answers-template.csv --weights weights/@NAME@/first-choice.yaml
egovindex explain indicators/@NAME@.yaml data/answers-template.csv Belmora
```

Change one thing at a time and run `check`: every fault is told with its line. A folder with a script that
runs an index and keeps its results is what `egovindex new-study` makes.
"""
