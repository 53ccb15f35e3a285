"""An invented index that has what a doubt can be about, and invented answers of thirty units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

# not the columns of any real questionnaire
SPEC = """
index: anvilla
title: Digital services of thirty invented towns
source: {title: invented for tests, basis: ours}
answers:
  status: {yes: [Y], drafted: [D], planned: [P], no: [N]}
nothing: {unknown: skip, missing: skip}
points:
  status: {yes: 1, drafted: {value: 0.5, range: [0.2, 0.8]}, planned: 0.25, no: 0}
rules:
  strict: {points: {status: {drafted: 0}}}
  lenient: {points: {status: {drafted: 0.75, planned: 0.5}}}
  hopeful: {points: {status: {planned: 0.6}}}
indicators:
  law, plan, portal, consult: {points: status}
  users: {points: {missing: median}, steps: [minmax]}
  price: {direction: down, steps: [winsorise 2, minmax]}
  speed: {steps: [minmax 1 100, out_of 100]}
nodes:
  top:
    of: {rules: 2, take-up: 1, market: {value: 1, range: [0.5, 1.5]}}
    classes: {High: 0.55, Middle: 0.4, Low: else}
  rules: {of: [law, plan, portal, consult]}
  take-up: {of: [users]}
  market: {of: {price: 2, speed: 1}}
"""


@pytest.fixture(scope="session")
def index(tmp_path_factory) -> ei.Index:
    path = tmp_path_factory.mktemp("anvilla") / "anvilla.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return ei.load_index(path)


@pytest.fixture(scope="session")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(30)
    n = 30
    chances = [0.35, 0.2, 0.15, 0.2, 0.1]
    table = {"unit": [f"T{at:02}" for at in range(1, n + 1)]}
    for name in ("law", "plan", "portal", "consult"):
        table[name] = rng.choice(["yes", "drafted", "planned", "no", "unknown"], n, p=chances)
    users = np.round(rng.uniform(20, 95, n), 1)
    users[[4, 17]] = np.nan
    table |= {"users": users, "price": np.round(rng.lognormal(1, 1, n), 2), "speed": np.round(rng.gamma(3, 10, n), 1)}
    return pd.DataFrame(table)
