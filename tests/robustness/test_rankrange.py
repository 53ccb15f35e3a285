"""Best and worst ranks: equal to what is known, never outside what is sampled, and reached where they say."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex.kernels.arrangement import Plane
from egovindex.kernels.rank import competition_ranks
from egovindex.robustness import rankrange
from tests.properties.drawn import index_of

# Handbook of composite indicators (OECD/JRC 2008), the technology achievement index of 23 countries: best and worst
# rank with every weight within 25 %, and with any weights; two independent algorithms gave them
TAI = {"Finland": (1, 3, 1, 15), "Japan": (4, 9, 1, 21), "Netherlands": (4, 10, 2, 21), "Italy": (19, 19, 6, 23)}


def tai(shared) -> ei.IndexResult:
    data = pd.read_csv(shared / "data/tai/tai23_raw.csv").rename(columns={"country": "unit"})
    names = [name for name in data if name != "unit"]
    leaves = {name: {"steps": ["minmax"]} for name in names}
    return ei.compute(index_of({"indicators": leaves, "nodes": {"TAI": {"of": names}}}), data)


def test_technology_achievement_of_23_countries(shared):
    result = tai(shared)
    exact = pd.read_csv(shared / "data/exact/tai23_minmax_equal_exact.csv", index_col="country")
    np.testing.assert_allclose(result.scores["TAI"].loc[exact.index], exact["score_minmax23_equal"], atol=1e-11)
    for law, columns in ((ei.within(0.25), "pm25"), (ei.simplex(), "full")):
        ranges = ei.rank_range(result, law)
        assert ranges.certainty.kind == "exact"
        found = ranges.table.loc[exact.index]
        assert found["best"].tolist() == exact[f"best_{columns}"].tolist()
        assert found["worst"].tolist() == exact[f"worst_{columns}"].tolist()
    for country, row in TAI.items():
        assert tuple(exact.loc[country].iloc[1:5].astype(int)) == row


def laws(rng):
    return [
        ei.within(0.25),
        ei.within(1),
        ei.between(0.1, 0.6),
        ei.between({"a": 0.2}, {"b": 0.5}),
        ei.simplex(),
        ei.dirichlet(20),
        ei.ordered("a", "b", "c"),
        ei.conditions("a >= 1.5 * b", "c <= 0.4"),
    ]


def values_of(rng, case, units, k):
    return rng.choice([0, 0.5, 1], (units, k)) if case % 2 else rng.uniform(size=(units, k))


def check_sampled(result, data, law, rng, node=None, n=400):
    """No draw of the same law is outside; the certificates are inside and reach what is told."""
    ranges = ei.rank_range(result, law, node=node)
    draws = ei.simulate(result.index, data, ei.Doubt(weights=law), n, learn="nominal", rng=rng, node=node)
    sampled = draws.ranks
    assert len(sampled) == n
    table = ranges.table
    columns = sampled[table.index]
    assert (columns.min() >= table["best"]).all()
    assert (columns.max() <= table["worst"]).all()
    check_told(ranges, result)
    return ranges


def check_told(ranges, result):
    table = ranges.table
    if not any("not among those" in note for note in ranges.notes):
        assert (table["best"] <= table["rank"]).all()
        assert (table["rank"] <= table["worst"]).all()
    assert (table["kind"] == "exact").all()
    assert (table["best_found"] == table["best"]).all()
    assert (table["worst_found"] == table["worst"]).all()
    assert (table["best_untied"] >= table["best"]).all()
    assert (table["best_untied"] <= table["worst"]).all()
    node = ranges.form.node
    for unit in table.index[:4]:
        for end in ("best", "worst"):
            again = ei.compute(result.index.with_weights(ranges.certificate(unit, end)), table_of(result))
            ranks = competition_ranks(again.scores[node].to_numpy(), tolerance=1e-8)
            assert ranks[list(again.scores.index).index(unit)] == table.loc[unit, end]


TABLES: dict[int, pd.DataFrame] = {}


def table_of(result):
    return TABLES[id(result)]


@pytest.fixture
def made(flat, deep, data_of):
    """A result and the table it is made of."""

    def of(x, weights=None, *, build=None, **node):
        result = flat(x, weights, **node) if build is None else build(x, **node)
        TABLES[id(result)] = data_of(x)
        return result, TABLES[id(result)]

    yield of
    TABLES.clear()


@pytest.mark.parametrize("case", range(8))
def test_no_draw_is_outside(made, case):
    rng = np.random.default_rng(40 + case)
    for turn in range(2):
        k = 3 + turn if case != 6 else 3
        law = laws(rng)[case]
        result, data = made(values_of(rng, turn + case, 7, k), rng.integers(1, 4, k))
        check_sampled(result, data, law, rng)


@pytest.mark.parametrize(
    "law",
    [
        ei.within(0.3),
        {"g": ei.simplex()},
        {"top": ei.ordered("g", "h", "e"), "g": ei.between(0.2), "h": ei.conditions("c >= 2 * d")},
        {"top": ei.dirichlet(10), "h": ei.within(0.5)},
    ],
)
def test_no_draw_of_a_hierarchy_is_outside(made, deep, law):
    rng = np.random.default_rng(50)
    for case in range(2):
        result, data = made(values_of(rng, case, 7, 5), build=deep)
        check_sampled(result, data, law, rng)


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic", "product"])
def test_no_draw_is_outside_after_a_transform(made, aggregate):
    rng = np.random.default_rng(51)
    result, data = made(rng.uniform(0.1, 1, (7, 3)), [1, 2, 1], aggregate=aggregate)
    check_sampled(result, data, ei.within(0.5), rng)


def test_three_weights_by_programs_are_three_weights_by_lines(made, monkeypatch):
    rng = np.random.default_rng(52)
    cases = [made(values_of(rng, case, 9, 3))[0] for case in range(6)]
    by_lines = [ei.rank_range(result, ei.within(0.4)).table for result in cases]
    monkeypatch.setattr(Plane, "of", classmethod(lambda cls, region: None))
    for result, expected in zip(cases, by_lines, strict=True):
        found = ei.rank_range(result, ei.within(0.4))
        assert "programs" in found.how
        pd.testing.assert_frame_equal(found.table, expected)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    narrow=st.floats(0.05, 0.9),
    more=st.floats(1.0, 2.0),
    k=st.integers(2, 5),
    halves=st.booleans(),
)
def test_wider_doubt_never_narrows(flat, seed, narrow, more, k, halves):
    rng = np.random.default_rng(seed)
    result = flat(values_of(rng, halves, 6, k), rng.integers(1, 4, k))
    wide = min(1.0, narrow * more)
    one, other = (ei.rank_range(result, ei.within(f)) for f in (narrow, wide))
    simplex = ei.rank_range(result, ei.simplex())
    for inner, outer in ((one, other), (other, simplex)):
        assert (outer.best <= inner.best).all()
        assert (outer.worst >= inner.worst).all()
        assert inner.exact.all()


def test_it_is_told_where_the_index_itself_is_not_allowed(flat):
    result = flat([[1.0, 0.0], [0.0, 1.0]], [1, 3])
    outside = ei.rank_range(result, ei.ordered("a", "b"))
    assert outside.of("U1")[["rank", "best", "worst", "best_untied"]].tolist() == [1, 1, 2, 2]
    assert any("not among those that are allowed" in note for note in outside.notes)
    inside = ei.rank_range(result, ei.ordered("b", "a"))
    assert not any("not among those" in note for note in inside.notes)


# --- ties
def test_a_rank_that_is_reached_in_a_tie_alone_is_told(flat):
    # U1 and U2 are mirror images: where U0 is not behind the one, it is behind the other; level with both in the middle
    result = flat([[0.5, 0.5, 0.2], [0.7, 0.3, 0.2], [0.3, 0.7, 0.2], [0.0, 0.0, 0.0]])
    ranges = ei.rank_range(result, {"top": ei.within(0.5)})
    assert ranges.of("U0")[["rank", "best", "best_untied", "worst"]].tolist() == [1, 1, 2, 2]
    assert "the best rank of 1 is reached in a tie alone; see best_untied" in ranges.notes
    assert ranges.of("U1")[["best", "best_untied", "worst"]].tolist() == [1, 1, 3]


def test_units_that_are_alike_share_their_ranks(flat):
    rng = np.random.default_rng(53)
    for k in (3, 5):
        x = rng.uniform(size=(6, k))
        x[4] = x[1]
        ranges = ei.rank_range(flat(x), ei.within(0.5))
        one, other = ranges.of("U1"), ranges.of("U4")
        assert one[["best", "worst", "best_untied"]].tolist() == other[["best", "worst", "best_untied"]].tolist()
        alone = ei.rank_range(flat(np.delete(x, 4, axis=0)), ei.within(0.5)).of("U1")
        assert one[["best", "worst"]].tolist() == alone[["best", "worst"]].tolist()
        assert ranges.exact.all()


@pytest.mark.parametrize("k", [2, 3, 6])
def test_where_all_are_equal_all_are_first(flat, k):
    ranges = ei.rank_range(flat(np.full((5, k), 0.3)), ei.simplex())
    assert ranges.table[["rank", "best", "worst", "best_untied"]].to_numpy().max() == 1
    assert ranges.exact.all()


def test_two_units_that_only_a_corner_levels(flat):
    # U0 is ahead but where all weight is on c, or on b and c
    for k in (3, 4):
        x = np.zeros((2, k))
        x[0, 0] = 1.0
        ranges = ei.rank_range(flat(x), ei.simplex())
        assert ranges.of("U1")[["rank", "best", "best_untied", "worst"]].tolist() == [2, 1, 2, 2]
        assert ranges.of("U0")[["best", "worst"]].tolist() == [1, 1]
        x[0, 1] = 0.3
        assert ei.rank_range(flat(x), ei.simplex()).of("U1")[["best", "best_untied"]].tolist() == [1, 2]


# --- what stops it
def hard(flat):
    return flat(np.random.default_rng(54).uniform(size=(45, 30)))


def test_a_time_limit_gives_bounds_that_hold(flat):
    result = hard(flat)
    start = time.monotonic()
    short = ei.rank_range(result, ei.within(0.6), time_limit=0.05)
    assert time.monotonic() - start < 10
    assert short.certainty.kind == "bound"
    assert short.stopped == "stopped after 0.05 s"
    assert any("are bounds" in note for note in short.notes)
    assert set(short.table["kind"]) <= {"exact", "bound"}
    assert (short.best <= short.best_found).all()
    assert (short.worst >= short.worst_found).all()
    draws = np.random.default_rng(55).uniform(0.4, 1.6, (4000, 30))
    draws /= draws.sum(axis=1, keepdims=True)
    inside = draws[(np.abs(draws * 30 - 1) <= 0.6).all(axis=1)]
    ranks = competition_ranks(inside @ short.form.x.T)
    assert (ranks.min(axis=0) >= short.best).all()
    assert (ranks.max(axis=0) <= short.worst).all()
    # what is known without a limit lies between
    few = ei.rank_range(result, ei.within(0.6), units=["U0", "U7"], time_limit=20)
    for at, unit in enumerate(("U0", "U7")):
        place = int(unit[1:])
        assert short.best[place] <= few.best_found[at]
        assert short.worst[place] >= few.worst_found[at]


def test_an_interrupt_gives_what_is_known(flat):
    def stop(told):
        raise KeyboardInterrupt

    result = flat(np.random.default_rng(56).uniform(size=(12, 6)))
    whole = ei.rank_range(result, ei.within(0.5))
    cut = ei.rank_range(result, ei.within(0.5), progress=stop, workers=1)
    assert cut.stopped == "interrupted"
    assert (cut.best <= whole.best).all()
    assert (cut.worst >= whole.worst).all()
    assert (cut.best_found >= whole.best).all()
    assert cut.certainty.kind == "bound"


def test_workers_and_chosen_units_change_nothing(flat):
    result = flat(np.random.default_rng(57).uniform(size=(10, 6)))
    told = []
    one = ei.rank_range(result, ei.within(0.5), workers=1, progress=told.append)
    assert told[-1].done == 10
    pd.testing.assert_frame_equal(one.table, ei.rank_range(result, ei.within(0.5), workers=4).table)
    few = ei.rank_range(result, ei.within(0.5), units=["U3", "U1"])
    pd.testing.assert_frame_equal(few.table, one.table.loc[few.table.index])
    with pytest.raises(ei.MethodError, match="U2 was not asked for"):
        few.certificate("U2")
    with pytest.raises(ei.MethodError, match='"best" or "worst", found "top"'):
        few.certificate("U1", "top")
    assert len(ei.rank_range(result, ei.within(0.5), units=[]).table) == 0


def test_in_words(flat):
    result = flat(np.random.default_rng(58).uniform(size=(5, 3)))
    ranges = ei.rank_range(result, ei.within(0.25))
    assert repr(ranges).startswith("<RankRange top> 5 units over weights within 0.25 in top: all exact")
    assert "<table" in ranges._repr_html_()
    assert str(ranges.certainty) == "exact: arrangement of the lines of ties"


def test_an_index_of_the_un_with_three_parts():
    result = ei.compute("un-egdi-parts-2024", ei.sample("un-egdi-parts-2024"))
    ranges = ei.rank_range(result, ei.within(0.25))
    assert ranges.exact.all()
    assert ranges.of("DNK")[["rank", "best", "worst"]].tolist() == [1, 1, 1]
    weights = np.random.default_rng(59).dirichlet(np.full(3, 60), 4000)
    weights = weights[(np.abs(weights * 3 - 1) <= 0.25).all(axis=1)]
    ranks = competition_ranks(weights @ ranges.form.x.T)
    assert (ranks.min(axis=0) >= ranges.best).all()
    assert (ranks.max(axis=0) <= ranges.worst).all()
    assert (ranks.max(axis=0) - ranks.min(axis=0) <= ranges.worst - ranges.best).all()


def test_pairs_that_are_taken_for_decided_are_seen(made, monkeypatch):
    # the negative control: leads at the weights of the index, in place of the smallest
    rng = np.random.default_rng(60)
    result, data = made(rng.uniform(size=(8, 4)))

    def nominal(x, region):
        scores = x.mean(axis=1)
        return scores[:, None] - scores[None, :]

    monkeypatch.setattr(rankrange, "least_leads", nominal)
    with pytest.raises(AssertionError):
        check_sampled(result, data, ei.within(0.8), rng)
