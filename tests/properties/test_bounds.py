"""Bounds against brute force: every completion of every open answer is written down and scored."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.index import Index
from egovindex.spec import load
from egovindex.spec.expand import expand_index
from egovindex.spec.vary import given_in

KINDS = ("unknown", "refused")
UNITS = ("Abaria", "Belmora", "Cordania")
MOST_OPEN = 5

# what an indicator may be, with answers that bring out its lowest and highest points
FORMS: tuple[tuple[dict[str, Any], list[Any]], ...] = (
    ({"points": "status"}, ["a", "b", "c"]),
    ({"points": "turned"}, ["a", "b", "c"]),
    ({"points": {"answer is a and flag is yes": 3, "a": 1, "b": 0, "c": 2}, "answers": "status"}, ["a", "b", "c"]),
    ({"points": {0: 0, "value > 0": 1}}, [0, 0.5, 3]),
    ({"points": {"value >= 2": 1, "value < -1": 0.25, "else": 0.5}}, [-2, -1, 0, 1.9, 2, 7]),
    ({"steps": ["goalposts 0 4"]}, [0, 1, 4]),
    ({"steps": ["goalposts 4 0"]}, [0, 3, 4]),
    ({"points": "status", "steps": ["times -1"]}, ["a", "b", "c"]),
    ({"points": "status", "steps": ["out_of 2", "round 0 half_up"]}, ["a", "b", "c"]),
    ({"points": ["turned", {"missing": 0.5}]}, ["a", "b", "c"]),
)
# what refuses an open answer, and is a constant where every answer is given
LEARNING: tuple[tuple[dict[str, Any], list[Any]], ...] = (
    ({"steps": ["zscore"]}, [0, 1, 4]),
    ({"steps": ["minmax"], "direction": "down"}, [0, 1, 4]),
    ({"points": {"value > 1 and flag is yes": "value", "else": 0}, "steps": ["distance 1"]}, [0, 1, 4]),
)
STEPS = ([], [], ["times 2"], ["times -1"], ["floor 0.25"], ["cap 0.75"], ["round 1"], ["goalposts 1 0"])
AGGREGATES = ("mean", "mean", "pool", "sum", "geometric", "harmonic", "min", "max", "ladder")
NOT_MONOTONE = ("product", "weakest")


def index_of(**keys: Any) -> Index:
    document, faults = expand_index(given_in("a test", keys))
    assert faults == []
    return Index(load.validated_index(document), document.origins)


def node(draw: Any, children: list[str], aggregates: tuple[str, ...]) -> dict[str, Any]:
    aggregate = draw(st.sampled_from(aggregates))
    weights = st.sampled_from([1, 2, 0.5, 3] + ([-1, 0] if aggregate == "sum" else []))
    found: dict[str, Any] = {"of": {child: draw(weights) for child in children}, "aggregate": aggregate}
    if all(weight == 0 for weight in found["of"].values()):
        found["of"][children[0]] = 1
    if aggregate not in ("geometric", "harmonic") and (steps := draw(st.sampled_from(STEPS))):
        found["steps"] = steps
    if draw(st.integers(0, 3)) == 0:
        found["need"] = 1
    if draw(st.integers(0, 4)) == 0:
        found["points"] = draw(st.sampled_from([{"missing": 0}, {"flag is no": "skip"}, {"flag is no": 0.5}]))
    return found


@st.composite
def cases(
    draw: Any, aggregates: tuple[str, ...] = AGGREGATES, forms: tuple[Any, ...] = FORMS
) -> tuple[Index, pd.DataFrame, dict[str, list[Any]]]:
    """An index, its data, and for each indicator the answers that are tried."""
    chosen = [draw(st.sampled_from(forms)) for _ in range(draw(st.integers(3, 5)))]
    names = [f"q{at}" for at in range(len(chosen))]
    cut = draw(st.integers(1, len(names) - 1))
    last = names[cut - 1 :] if draw(st.booleans()) else names[cut:]  # an indicator may stand in two nodes
    nodes = {
        "top": node(draw, ["left", "right"], aggregates),
        "left": node(draw, names[:cut], aggregates),
        "right": node(draw, last, aggregates),
    }
    policy = draw(st.sampled_from(["skip", 0, 0.5]))
    index = index_of(
        index="invented",
        answers={"status": {"a": ["A"], "b": [], "c": []}},
        nothing={"unknown": policy, "refused": "skip", "missing": draw(st.sampled_from(["skip", 0]))},
        points={"status": {"a": 1, "b": 0.5, "c": 0}, "turned": {"a": 0, "b": 2, "c": draw(st.sampled_from([-1, 1]))}},
        indicators={name: form for name, (form, _) in zip(names, chosen, strict=True)},
        nodes=nodes,
    )
    tried = {name: answers for name, (_, answers) in zip(names, chosen, strict=True)}
    table: dict[str, list[Any]] = {"unit": [*UNITS], "flag": [draw(st.sampled_from(["yes", "no"])) for _ in UNITS]}
    left = MOST_OPEN
    for name in names:
        cells = []
        for _ in UNITS:
            kinds = [*KINDS, None] if left else [None]
            cell = draw(st.sampled_from([*tried[name], *tried[name], *kinds]))
            left -= cell in KINDS
            cells.append(cell)
        table[name] = cells
    return index, pd.DataFrame(table), tried


def completions(data: pd.DataFrame, tried: dict[str, list[Any]]) -> pd.DataFrame:
    """Every completion of the open cells, one below the other, as periods of one table."""
    cells = [(row, name) for name in tried for row in range(len(data)) if data[name].iloc[row] in KINDS]
    tables = []
    for at, chosen in enumerate(itertools.product(*(tried[name] for _, name in cells))):
        table = data.astype(object).copy()
        for (row, name), answer in zip(cells, chosen, strict=True):
            table.loc[row, name] = answer
        tables.append(table.assign(period=at))
    return pd.concat(tables, ignore_index=True)


def ends(table: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """Lowest and highest of every unit over all periods."""
    by_unit = table.astype(float).groupby(level="unit", sort=False)
    return pd.concat({low: by_unit.min().stack(), high: by_unit.max().stack()}, axis=1)  # noqa: PD013 - NaN left out


def by_brute_force(index: Index, data: pd.DataFrame, tried: dict[str, list[Any]]) -> dict[str, pd.DataFrame]:
    """For every node, the ends of values and ranks over all completions."""
    result = ei.compute(index, completions(data, tried))
    both = pd.concat([ends(result.scores, "low", "high"), ends(result.ranks, "rank_best", "rank_worst")], axis=1)
    return {
        node: both[both.index.get_level_values(1) == node].droplevel(1).reindex(list(UNITS)) for node in result.nodes
    }


def differs(found: ei.Bounds, index: Index, data: pd.DataFrame, expected: dict[str, pd.DataFrame]) -> str:
    """The first node whose bounds are not those of brute force; empty if there is none."""
    for node in found.low:
        have = found.of(node)[list(expected[node])].astype(float)
        if not np.allclose(have.to_numpy(), expected[node].to_numpy(), rtol=0, atol=1e-12, equal_nan=True):
            return f"{node}\n{have}\n{expected[node]}\n{data}\n{index.to_yaml()}"
    return ""


@given(case=cases())
def test_bounds_are_those_of_all_completions(case):
    index, data, tried = case
    try:
        expected = by_brute_force(index, data, tried)
        found = ei.bounds(index, data, KINDS)
    except ei.MethodError:  # a geometric mean of negative values, in the data or in a completion
        return
    assert differs(found, index, data, expected) == ""
    for reason in found.refused.values():
        assert "up on one way and down on another" in reason


@pytest.mark.slow
@given(case=cases(aggregates=(*AGGREGATES, *NOT_MONOTONE), forms=(*FORMS, *LEARNING, *LEARNING)))
def test_what_is_not_monotone_is_refused_and_the_rest_is_exact(case):
    index, data, tried = case
    try:
        expected = by_brute_force(index, data, tried)
        found = ei.bounds(index, data, KINDS)
    except ei.MethodError:
        return
    assert differs(found, index, data, expected) == ""
    for name, branch in index.tree.branches.items():
        below = found.parts[name] & set(found.opened)
        learning = {leaf for leaf in below if index.tree.leaves[leaf].steps[:1] and _learns(index, leaf)}
        if below and (branch.aggregate in NOT_MONOTONE or learning):
            assert name in found.refused
        if not below:
            assert name not in found.refused


def _learns(index: Index, leaf: str) -> bool:
    return index.tree.leaves[leaf].steps[0].name in ("zscore", "minmax", "distance")


@given(case=cases())
def test_nothing_open_is_one_value(case):
    index, data, _ = case
    full = data.replace(dict.fromkeys(KINDS))
    try:
        found = ei.bounds(index, full, KINDS)
    except ei.MethodError:
        return
    assert not found.refused
    assert "every range is one value" in repr(found)
    for node in found.low:
        table = found.of(node)
        assert table["low"].equals(table["value"])
        assert table["high"].equals(table["value"])
        assert table["rank_best"].equals(table["rank"])
        assert table["rank_worst"].equals(table["rank"])


# --- negative controls: the comparison above does see what is wrong


SMALL = index_of(
    index="small",
    answers={"status": {"a": [], "b": [], "c": []}},
    nothing="skip",
    points={"status": {"a": 1, "b": 0.5, "c": 0}},
    indicators={"q0": {"points": "status"}, "q1": {"points": "status"}},
    nodes={"top": {"of": {"q0": 2, "q1": -1}, "aggregate": "sum"}},
)
SMALL_DATA = pd.DataFrame({"unit": UNITS, "q0": ["a", "unknown", "c"], "q1": ["unknown", "b", "c"]})
BY_HAND = {
    "top": pd.DataFrame(
        {"low": [1, -0.5, 0], "high": [2, 1.5, 0], "rank_best": [1, 1, 2], "rank_worst": [2, 3, 3]}, index=list(UNITS)
    )
}


def test_a_sum_with_a_negative_weight_by_hand():
    """Abaria 2 - q1 in [1, 2]; Belmora 2 q0 - 0.5 in [-0.5, 1.5]; Cordania 0."""
    table = ei.bounds(SMALL, SMALL_DATA).of()
    assert table[list(BY_HAND["top"])].astype(float).equals(BY_HAND["top"].astype(float).rename_axis("unit"))
    assert table["open"].tolist() == [1, 1, 0]
    assert table["value"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("wrong", ["low", "high", "rank"])
def test_a_wrong_bound_is_seen(wrong):
    found = ei.bounds(SMALL, SMALL_DATA)
    assert differs(found, SMALL, SMALL_DATA, BY_HAND) == ""
    if wrong == "rank":
        found.__dict__["_ranks"] = {"top": tuple(ranks[::-1] for ranks in found._ranks["top"])}
    else:
        getattr(found, wrong)["top"][1] += 1e-9
    assert differs(found, SMALL, SMALL_DATA, BY_HAND) != ""


def test_a_direction_left_out_is_seen(monkeypatch):
    from egovindex import directions

    monkeypatch.setattr(directions._Walk, "_signs", lambda self, branch: dict.fromkeys(branch.children, 1))
    assert differs(ei.bounds(SMALL, SMALL_DATA), SMALL, SMALL_DATA, BY_HAND) != ""
