"""How far weights may move: tight, with the pair that is named, and as other algorithms have it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.kernels.rank import competition_ranks
from egovindex.robustness import radii as radius_module
from egovindex.robustness.regions import region_within
from tests.properties.drawn import index_of


def values_of(rng, case, units, k):
    return rng.choice([0, 0.5, 1], (units, k)) if case % 2 else rng.uniform(size=(units, k))


# --- the outside world
def test_human_development_index():
    result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    found = ei.rank_radius(result, nodes=["HDI"])
    # no change of weights below 7.4 % moves Switzerland from the first place
    assert found.table.loc["CHE"][["rank", "passed_by"]].tolist() == [1, "NOR"]
    assert found.table.loc["CHE", "radius"] == pytest.approx(0.0743, abs=5e-5)


def test_technology_achievement_of_23_countries(shared):
    data = pd.read_csv(shared / "data/tai/tai23_raw.csv").rename(columns={"country": "unit"})
    names = [name for name in data if name != "unit"]
    leaves = {name: {"steps": ["minmax"]} for name in names}
    result = ei.compute(index_of({"indicators": leaves, "nodes": {"TAI": {"of": names}}}), data)
    exact = pd.read_csv(shared / "data/exact/tai23_minmax_equal_exact.csv", index_col="country")
    found = ei.rank_radius(result).table["radius"].loc[exact.index]
    np.testing.assert_allclose(found, exact["rank_preserving_radius"], atol=1e-11)


def test_fractions_by_hand(flat):
    # a lead of .1 over a deviation of .2 about the median; the third is passed by nobody that moves it
    swap = ei.swap_radius(flat([[0.5, 0.4], [0.2, 0.5]]))
    assert swap.pairs.loc["U0", "U1"] == pytest.approx(1 / 2)
    assert swap.pairs.loc["U1", "U0"] == pytest.approx(1 / 2)
    assert np.isnan(swap.pairs.loc["U0", "U0"])
    assert swap.certainty.kind == "exact"
    # 1/10 of the weight on b levels .1 and -.1 x 9 / 10: m / (m - min d) = .1 / .2
    other = ei.swap_radius(flat([[0.5, 0.4], [0.2, 0.5]]), measure="contamination")
    assert other.pairs.loc["U0", "U1"] == pytest.approx(1 / 2)


# --- tight
def swapped(result, swap, one, other, beyond):
    """Lead of one over the other, by the evaluator, at weights so far past the radius."""
    index = result.index.with_weights(swap.certificate(one, other, beyond=beyond))
    scores = ei.compute(index, TABLES[id(result)]).scores["top"]
    return float(scores[one] - scores[other])


TABLES: dict[int, pd.DataFrame] = {}


@pytest.fixture
def made(flat, deep, data_of):
    def of(x, weights=None, *, build=None, **node):
        result = flat(x, weights, **node) if build is None else build(x, **node)
        TABLES[id(result)] = data_of(x)
        return result

    yield of
    TABLES.clear()


@pytest.mark.parametrize("measure", ["relative", "contamination"])
@pytest.mark.parametrize("shape", ["flat", "deep", "geometric"])
def test_a_little_further_the_pair_has_swapped_and_a_little_before_it_has_not(made, deep, measure, shape):
    rng = np.random.default_rng(70)
    for case in range(2):
        x = values_of(rng, case, 5, 5) if shape != "geometric" else rng.uniform(0.1, 1, (5, 4))
        options = {
            "flat": {"weights": [1, 2, 1, 3, 1]},
            "deep": {"build": deep},
            "geometric": {"aggregate": "geometric"},
        }
        result = made(x, **options[shape])
        swap = ei.swap_radius(result, measure=measure)
        scores = result.scores["top"]
        seen = 0
        for i in range(5):
            for j in range(i):
                one, other = f"U{i}", f"U{j}"
                radius = swap.pairs.loc[one, other]
                lead = scores[one] - scores[other]
                if not np.isfinite(radius) or radius == 0 or radius > 0.999:
                    continue
                seen += 1
                assert swapped(result, swap, one, other, 1e-5) * lead < 0
                assert swapped(result, swap, one, other, -1e-5) * lead > 0
                assert abs(swapped(result, swap, one, other, 0.0)) < 1e-9
        assert seen > 2


def test_certificates_stay_within_what_they_say(made, deep):
    rng = np.random.default_rng(71)
    result = made(rng.uniform(size=(5, 5)), build=deep)
    swap = ei.swap_radius(result)
    form = swap.form
    own = form.table_of(form.shares)
    for row in swap.table.itertuples():
        if not np.isfinite(row.radius) or row.radius > 0.99:
            continue
        weights = swap.certificate(row.unit, row[2])
        for node, children in weights.items():
            assert sum(children.values()) == pytest.approx(1)
            for child, share in children.items():
                assert abs(share / own[node][child] - 1) <= row.radius * (1 + 1e-5)


def test_thousands_of_pairs_against_the_smallest_lead(made, deep):
    rng = np.random.default_rng(72)
    tried = 0
    for case in range(6):
        build = deep if case % 3 == 2 else None
        x = values_of(rng, case, 24, 5)
        result = made(x, build=build)
        swap = ei.swap_radius(result)
        form = swap.form
        one, other = np.triu_indices(24, 1)
        radius = swap.radius[one, other]
        for level in np.quantile(radius[np.isfinite(radius)], [0.1, 0.35, 0.6, 0.85]):
            if not 0 < level < 1:
                continue
            region = region_within(form, float(level))
            d = form.x[one] - form.x[other]
            lead = d @ form.own
            turned = d * np.where(lead < 0, -1, 1)[:, None]
            least = region.least(turned)
            tied = np.abs(lead) <= 1e-12
            clear = ~tied & (np.abs(radius - level) > 1e-9 * level)
            assert ((least <= 0) == (radius <= level))[clear].all()
            tried += int(clear.sum())
    assert tried > 3000


def test_within_the_radius_a_rank_stays_and_past_it_it_does_not(made, deep):
    rng = np.random.default_rng(73)
    for case in range(3):
        result = made(rng.uniform(size=(6, 5)), build=deep if case == 2 else None)
        ranks = ei.rank_radius(result)
        table = ranks.table
        for unit in table.index[:4]:
            radius = table.loc[unit, "radius"]
            if not 0 < radius < 0.99:
                continue
            inside = ei.rank_range(result, ei.within(radius * (1 - 1e-6)), units=[unit]).table.iloc[0]
            past = ei.rank_range(result, ei.within(radius * (1 + 1e-4)), units=[unit]).table.iloc[0]
            assert inside["best"] == inside["worst"] == table.loc[unit, "rank"]
            assert past["best"] < past["worst"]
            again = ei.compute(result.index.with_weights(ranks.certificate(unit)), TABLES[id(result)])
            moved = competition_ranks(again.scores["top"].to_numpy())[list(again.scores.index).index(unit)]
            assert moved != table.loc[unit, "rank"]


def test_the_nearest_of_all_swaps(made):
    result = made(np.random.default_rng(74).uniform(size=(7, 4)))
    swap, ranks = ei.swap_radius(result), ei.rank_radius(result)
    pairs = swap.pairs
    for unit, row in ranks.table.iterrows():
        assert row["radius"] == pytest.approx(pairs.loc[unit].min())
        if np.isfinite(row["down"]):
            assert pairs.loc[unit, row["passed_by"]] == row["down"]
            assert ranks.table.loc[row["passed_by"], "rank"] > row["rank"]
        if np.isfinite(row["up"]):
            assert pairs.loc[unit, row["passes"]] == row["up"]
            assert ranks.table.loc[row["passes"], "rank"] < row["rank"]
    assert swap.table["radius"].is_monotonic_increasing
    assert "7 units" in repr(ranks)


# --- ties and what never swaps
def test_a_tie_breaks_at_once_unless_the_two_are_alike(made):
    x = [[0.4, 0.6, 0.5], [0.6, 0.4, 0.5], [0.4, 0.6, 0.5], [0.1, 0.1, 0.1]]
    for measure in ("relative", "contamination"):
        swap = ei.swap_radius(made(x), measure=measure)
        assert swap.pairs.loc["U0", "U1"] == 0
        assert np.isinf(swap.pairs.loc["U0", "U2"])  # alike: no weights tell them apart
        assert np.isinf(swap.pairs.loc["U0", "U3"])  # better everywhere
        result = made(x)
        tied = ei.swap_radius(result, measure=measure)
        assert abs(swapped(result, tied, "U0", "U1", 1e-3)) > 1e-5
        with pytest.raises(ei.MethodError, match="the radius is infinite"):
            tied.certificate("U0", "U3")
    alike = made([[0.4, 0.6], [0.4, 0.6], [0.1, 0.2]])
    ranks = ei.rank_radius(alike)
    assert np.isinf(ranks.radius).all()
    with pytest.raises(ei.MethodError, match="no weights change the rank of U0"):
        ranks.certificate("U0")


def test_alike_in_what_moves_is_alike(deep):
    # g is 0.5 for both, whatever differs beside it does not move
    x = np.array([[0.5, 0.5, 0.1, 0.3, 0.2], [0.5, 0.5, 0.3, 0.1, 0.2]])
    result = deep(x)
    assert np.isinf(ei.swap_radius(result, nodes=["g"]).pairs.loc["U0", "U1"])
    assert ei.swap_radius(result, nodes=["h"]).pairs.loc["U0", "U1"] == 0


# --- classes
def test_class_radius_is_where_the_class_changes(made, deep):
    rng = np.random.default_rng(75)
    bands = {"High": 0.6, "Middle": 0.45, "Low": "else"}
    for options in ({}, {"steps": ["round 2"]}, {"steps": ["out_of 1", "times 1"]}, {"aggregate": "geometric"}):
        result = made(rng.uniform(0.2, 0.9, (12, 3)), classes=bands, **options)
        radii = ei.class_radius(result)
        table = radii.table
        data = TABLES[id(result)]
        np.testing.assert_array_equal(
            table["class"].reindex(result.classes.index), result.classes["top"].astype(object).to_numpy()
        )
        moved = 0
        for unit in table.index:
            radius = table.loc[unit, "radius"]
            if not 0 < radius < 0.99:
                continue
            for beyond, changes in ((1e-4, True), (-1e-4, False)):
                index = result.index.with_weights(radii.certificate(unit, beyond=beyond))
                again = ei.compute(index, data).classes["top"]
                assert (again[unit] != table.loc[unit, "class"]) == changes, (options, unit, beyond)
            moved += 1
        assert moved > 3


def test_units_in_no_class_have_a_way_into_one(made):
    result = made([[0.2, 0.7], [0.1, 0.1], [0.9, 0.8]], classes={"High": 0.75, "Middle": 0.5})
    radii = ei.class_radius(result)
    table = radii.table
    assert pd.isna(table.loc["U0", "class"])
    # .45 + .25 f = .5
    assert table.loc["U0", "up"] == pytest.approx(0.2)
    index = result.index.with_weights(radii.certificate("U0"))
    assert ei.compute(index, TABLES[id(result)]).classes["top"]["U0"] == "Middle"
    assert np.isinf(table.loc["U1", "radius"])
    with pytest.raises(ei.MethodError, match="infinite"):
        radii.certificate("U1")


def test_a_unit_on_the_limit_of_its_class(made):
    radii = ei.class_radius(made([[0.4, 0.6], [0.3, 0.9]], classes={"High": 0.5, "Low": "else"}))
    assert radii.table.loc["U0"][["class", "radius"]].tolist() == ["High", 0.0]


def test_refusals(flat, deep):
    rng = np.random.default_rng(76)
    result = flat(rng.uniform(size=(4, 3)))
    with pytest.raises(ei.MethodError, match="top has no classes"):
        ei.class_radius(result)
    with pytest.raises(ei.MethodError, match=r'a measure is "relative" or "contamination", found'):
        ei.rank_radius(result, measure="euclidean")
    with pytest.raises(ei.MethodError, match='no unit "V1"'):
        ei.swap_radius(result).certificate("U0", "V1")
    bands = {"High": "top >= 0.5 and a > 0.2", "Low": "else"}
    with pytest.raises(ei.MethodError, match=r"classes of top \(High\) are tests of more than its score"):
        ei.class_radius(flat(rng.uniform(size=(4, 3)), classes=bands))
    mixed = flat(rng.uniform(size=(4, 3)), steps=["times 10", "round 1"], classes={"High": 5, "Low": "else"})
    with pytest.raises(ei.MethodError, match="scaled and rounded"):
        ei.class_radius(mixed)
    assert len(ei.rank_radius(flat(rng.uniform(size=(1, 3)))).table) == 1


def test_a_wrong_radius_is_seen(made, monkeypatch):
    # the negative control: deviations about the mean in place of the median
    def about_the_mean(differences, weights):
        lead = differences @ weights
        return np.abs(lead) / (np.abs(differences - lead[:, None]) @ weights)

    monkeypatch.setattr(radius_module, "relative_radius", about_the_mean)
    result = made(np.random.default_rng(77).uniform(size=(6, 4)))
    swap = ei.swap_radius(result)
    wrong = 0
    for row in swap.table.itertuples():
        if 0 < row.radius < 0.9:
            lead = result.scores["top"][row.unit] - result.scores["top"][row[2]]
            before = swapped(result, swap, row.unit, row[2], -1e-5) * lead > 0
            wrong += not (before and swapped(result, swap, row.unit, row[2], 1e-5) * lead < 0)
    assert wrong > 3
