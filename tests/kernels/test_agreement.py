"""Agreement against published tables, worked examples, plain loops, and what must hold for any ratings."""

from __future__ import annotations

import json
from collections import Counter
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from egovindex.kernels.agreement import (
    KAPPA,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    multiplicities,
    percent,
)
from egovindex.kernels.refusal import Refusal

NOMINAL = [percent, fleiss_kappa, krippendorff_alpha, gwet_ac1]
DISTANCES = sorted(KAPPA)
LEVELS = ["nominal", "ordinal", "interval"]


@pytest.fixture(scope="module")
def folder(root):
    return root / "tests" / "data" / "agreement"


@pytest.fixture(scope="module")
def expected(folder):
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))


def coded(table):
    """Numbers of the categories, in their order; -1 for a gap."""
    values = np.asarray(table, dtype=object)
    words = sorted({value for value in values.ravel() if not pd.isna(value)})
    return np.array([[-1 if pd.isna(v) else words.index(v) for v in row] for row in values]), np.array(words)


def crosstab(table):
    """Ratings of two coders with such a table of counts."""
    cells = np.array([(i, j) for i in range(len(table)) for j in range(len(table))])
    return np.repeat(cells, np.asarray(table).ravel(), axis=0)


def tallied(table):
    """Ratings with such counts of categories for each subject."""
    return np.array([np.repeat(np.arange(len(row)), row) for row in table])


# --- published
@pytest.mark.parametrize("level", [*LEVELS, "ratio"])
def test_alpha_of_krippendorffs_data_c(folder, expected, level):
    ratings, values = coded(pd.read_csv(folder / "krippendorff_C.csv").T)
    found = krippendorff_alpha(ratings, level=level, values=values.astype(float)).item()
    assert found == pytest.approx(expected["krippendorff_C"][level], abs=1e-13)
    assert round(found, 3) == expected["krippendorff_C"]["published"][level]


@pytest.mark.parametrize("level", ["nominal", "interval"])
def test_alpha_of_three_coders_with_gaps(expected, level):
    ratings, values = coded(np.array(expected["wikipedia_3coders"]["data"], dtype=float).T)
    found = krippendorff_alpha(ratings, level=level, values=values.astype(float)).item()
    assert round(found, 3) == expected["wikipedia_3coders"][level]


@pytest.mark.parametrize("at", range(3))
def test_kappa_of_two_by_two_tables(expected, at):
    case = expected["cohen_2x2"][at]
    assert round(cohen_kappa(crosstab(case["table"])).item(), 4) == case["kappa"]


def test_weighted_kappa_of_anxiety(folder, expected):
    # the scale is 1 to 6; none of its numbers is missing in the file
    ratings = pd.read_csv(folder / "anxiety.csv").to_numpy()[:, :2] - 1
    found = cohen_kappa(ratings, distance="quadratic").item()
    assert round(found, 10) == expected["irr_anxiety"]["kappa_quadratic_12"]


def test_fleiss_of_diagnoses(folder, expected):
    ratings, _ = coded(pd.read_csv(folder / "diagnoses.csv"))
    assert round(fleiss_kappa(ratings).item(), 10) == expected["irr_diagnoses"]["fleiss"]
    assert round(cohen_kappa(ratings[:, 1:3]).item(), 9) == expected["irr_diagnoses"]["cohen_23"]
    assert round(percent(ratings).item(), 4) == 0.5556  # Fleiss 1971, p. 381: .5556


def test_fleiss_of_fourteen_raters(expected):
    found = fleiss_kappa(tallied(expected["fleiss_wikipedia"]["table"])).item()
    assert round(found, 3) == expected["fleiss_wikipedia"]["kappa"]


def test_ac1_with_gaps_as_irrcac_prints_it(folder):
    # data C is cac.raw4raters of irrCAC (K. L. Gwet's package); its documentation prints AC1 .77544 with p_a .81818
    # and p_e .19032, and Fleiss' kappa .76117 with p_e .23872
    ratings, _ = coded(pd.read_csv(folder / "krippendorff_C.csv").T)
    assert round(percent(ratings).item(), 5) == 0.81818
    assert round(gwet_ac1(ratings).item(), 5) == 0.77544
    assert round(fleiss_kappa(ratings).item(), 5) == 0.76117


def test_ac1_worked_by_hand_for_two_coders():
    # cont3x3abstractors, Gwet's Handbook (2014): 100 women, two abstractors, three kinds of pregnancy; irrCAC prints
    # Cohen's kappa .7964094 and Scott's pi .7962397. Here p_a and p_e are worked out by Gwet 2008,
    # doi 10.1348/000711006X126600: p_e = sum p (1 - p) / (q - 1), p the mean of both margins
    table = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
    agreed = (13 + 20 + 56) / 100
    p = [(13 + 13) / 200, (27 + 24) / 200, (60 + 63) / 200]
    chance = sum(x * (1 - x) for x in p) / 2
    ratings = crosstab(table)
    assert percent(ratings).item() == pytest.approx(agreed, abs=1e-15)
    assert gwet_ac1(ratings).item() == pytest.approx((agreed - chance) / (1 - chance), abs=1e-15)
    assert round(gwet_ac1(ratings).item(), 6) == 0.849331  # .620075 / .730075
    assert round(cohen_kappa(ratings).item(), 7) == 0.7964094
    assert round(fleiss_kappa(ratings).item(), 7) == 0.7962397  # of two coders: Scott's pi


def test_ac1_worked_by_hand_for_three_coders():
    # p_a = (1 + 1/3 + 1 + 1/3) / 4 = 2/3; shares 7/12 and 5/12: p_e = 2 * 35/144 = 35/72
    ratings = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0]])
    assert gwet_ac1(ratings).item() == pytest.approx((2 / 3 - 35 / 72) / (1 - 35 / 72), abs=1e-15)


def test_kappa_collapses_and_ac1_does_not():
    ratings = crosstab([[28, 1], [0, 0]])
    assert cohen_kappa(ratings).item() == 0.0
    assert fleiss_kappa(ratings).item() == pytest.approx(-1 / 57)
    assert krippendorff_alpha(ratings).item() == 0.0
    assert percent(ratings).item() == pytest.approx(28 / 29)
    chance = 2 * 57 / 58**2  # two categories with shares of 57/58 and 1/58
    assert gwet_ac1(ratings).item() == pytest.approx((28 / 29 - chance) / (1 - chance), abs=1e-15)


# --- limiting cases
@pytest.mark.parametrize("measure", [percent, gwet_ac1])
def test_one_category_only_is_full_agreement(measure):
    assert measure(np.zeros((5, 3), dtype=int)).item() == 1.0


@pytest.mark.parametrize("measure", [cohen_kappa, fleiss_kappa, krippendorff_alpha])
def test_one_category_only_leaves_nothing_beyond_chance(measure):
    assert np.isnan(measure(np.full((5, 2), 1)).item())


@pytest.mark.parametrize("ratings", [np.empty((0, 2), dtype=int), np.array([[0, -1], [-1, 1]]), np.full((3, 2), -1)])
@pytest.mark.parametrize("measure", [cohen_kappa, *NOMINAL])
def test_nothing_to_pair(measure, ratings):
    assert np.isnan(measure(ratings).item())


def test_constant_coders_who_never_agree():
    ratings = np.array([[0, 1]] * 4)
    assert cohen_kappa(ratings).item() == 0.0
    assert fleiss_kappa(ratings).item() == gwet_ac1(ratings).item() == -1.0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: percent(np.array([[0.0, 1.0]])), "whole numbers"),
        (lambda: percent(np.array([0, 1])), "subjects by coders"),
        (lambda: percent(np.array([[0, -2]])), "-1 is a gap"),
        (lambda: gwet_ac1(np.array([[0, 3]]), categories=2), "from 0 on"),
        (lambda: cohen_kappa(np.zeros((2, 3), dtype=int)), "two coders"),
        (lambda: krippendorff_alpha(np.array([[0, 1]]), level="ratio"), "needs the values"),
        (lambda: krippendorff_alpha(np.array([[0, 1]]), level="ratio", values=np.array([-1.0, 2.0])), "below 0"),
        (lambda: krippendorff_alpha(np.array([[0, 1]]), level="interval", values=np.array([1.0])), "2 categories"),
        (lambda: krippendorff_alpha(np.array([[0, 1]]), level="interval", values=np.array([1.0, np.nan])), "numbers"),
    ],
)
def test_refused(call, said):
    with pytest.raises(Refusal, match=said):
        call()


# --- plain loops
def alpha_by_pairs(ratings, distance):
    """Alpha as its definition: distance within units over distance of all pairs, in plain Python."""
    units = [[v for v in row if v >= 0] for row in ratings.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    values = [v for unit in units for v in unit]
    within = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    between = sum(distance(a, b) for a, b in permutations(values, 2)) / (len(values) - 1)
    return 1 - within / between


def metric(level, ratings):
    pairable = ratings[(ratings >= 0).sum(axis=1) > 1]
    n = Counter(pairable[pairable >= 0].tolist())
    return {
        "nominal": lambda a, b: float(a != b),
        "ordinal": lambda a, b: (sum(n[g] for g in range(min(a, b), max(a, b) + 1)) - (n[a] + n[b]) / 2) ** 2,
        "interval": lambda a, b: float((a - b) ** 2),
    }[level]


def kappa_by_cells(ratings, weight):
    pairs = [tuple(row) for row in ratings.tolist() if min(row) >= 0]
    seen = sum(weight(a, b) for a, b in pairs) / len(pairs)
    chance = sum(weight(a, b) for a, _ in pairs for _, b in pairs) / len(pairs) ** 2
    return 1 - seen / chance


@st.composite
def some_ratings(draw, coders=None):
    m, k = coders or draw(st.integers(2, 4)), draw(st.integers(2, 4))
    rows = st.lists(st.integers(-1, k - 1), min_size=m, max_size=m)
    return np.array(draw(st.lists(rows, min_size=2, max_size=12)))


def varies(ratings):
    pairable = ratings[(ratings >= 0).sum(axis=1) > 1]
    return len(set(pairable[pairable >= 0].tolist())) > 1


@given(ratings=some_ratings())
@pytest.mark.parametrize("level", LEVELS)
def test_alpha_is_its_definition(ratings, level):
    assume(varies(ratings))
    found = krippendorff_alpha(ratings, level=level).item()
    assert found == pytest.approx(alpha_by_pairs(ratings, metric(level, ratings)), abs=1e-12)


@given(ratings=some_ratings(coders=2))
@pytest.mark.parametrize(("distance", "weight"), [("equal", 0), ("linear", 1), ("quadratic", 2)])
def test_kappa_is_its_definition(ratings, distance, weight):
    both = ratings[(ratings >= 0).all(axis=1)]
    assume(len(both) and len(np.unique(both)) > 1)
    by_hand = kappa_by_cells(ratings, lambda a, b: float(a != b) if not weight else abs(a - b) ** weight)
    assert cohen_kappa(ratings, distance=distance).item() == pytest.approx(by_hand, abs=1e-12)


# --- what must hold
def same(a, b):
    return a.item() == pytest.approx(b.item(), abs=1e-12, nan_ok=True)


@given(ratings=some_ratings(), data=st.data())
@pytest.mark.parametrize("measure", NOMINAL)
def test_order_of_subjects_coders_and_labels_changes_nothing(measure, ratings, data):
    subjects = data.draw(st.permutations(range(len(ratings))))
    coders = data.draw(st.permutations(range(ratings.shape[1])))
    labels = np.append(data.draw(st.permutations(range(int(ratings.max(initial=0)) + 1))), -1)
    assert same(measure(labels[ratings[subjects][:, coders]]), measure(ratings))


@given(ratings=some_ratings(coders=2), data=st.data())
@pytest.mark.parametrize("distance", DISTANCES)
def test_kappa_treats_both_coders_alike(distance, ratings, data):
    subjects = data.draw(st.permutations(range(len(ratings))))
    assert same(cohen_kappa(ratings[subjects][:, ::-1], distance=distance), cohen_kappa(ratings, distance=distance))


@given(ratings=some_ratings())
@pytest.mark.parametrize("level", LEVELS)
def test_a_scale_turned_round_changes_nothing(level, ratings):
    turned = np.where(ratings < 0, -1, ratings.max() - ratings)
    assert same(krippendorff_alpha(turned, level=level), krippendorff_alpha(ratings, level=level))


@given(one=st.lists(st.integers(0, 3), min_size=2, max_size=12), coders=st.integers(2, 4))
def test_perfect_agreement_is_exactly_one(one, coders):
    assume(len(set(one)) > 1)
    ratings = np.repeat(np.array(one)[:, None], coders, axis=1)
    assert [measure(ratings).item() for measure in NOMINAL] == [1.0] * 4
    assert [krippendorff_alpha(ratings, level=level).item() for level in LEVELS] == [1.0] * 3
    assert [cohen_kappa(ratings[:, :2], distance=name).item() for name in DISTANCES] == [1.0] * 3


@given(ratings=some_ratings())
@pytest.mark.parametrize("level", LEVELS)
def test_subjects_with_one_rating_do_not_count_in_alpha(level, ratings):
    pairable = ratings[(ratings >= 0).sum(axis=1) > 1]
    assert same(krippendorff_alpha(ratings, level=level), krippendorff_alpha(pairable, level=level))
    assert same(percent(ratings), percent(pairable))


@given(ratings=some_ratings(coders=2))
@pytest.mark.parametrize("distance", DISTANCES)
def test_gaps_equal_dropping_in_kappa(distance, ratings):
    both = ratings[(ratings >= 0).all(axis=1)]
    assert same(cohen_kappa(ratings, distance=distance), cohen_kappa(both, distance=distance))


@given(ratings=some_ratings())
def test_subjects_nobody_rated_change_nothing(ratings):
    more = np.vstack([ratings, np.full((2, ratings.shape[1]), -1)])
    assert all(same(measure(more), measure(ratings)) for measure in NOMINAL)


@pytest.mark.parametrize("measure", NOMINAL[1:])
def test_measures_of_chance_are_near_nothing(measure):
    ratings = np.random.default_rng(5).integers(0, 4, size=(20_000, 3))
    assert abs(measure(ratings).item()) < 0.02


# --- resamples
def ac1_of_five(ratings, times=None):
    return gwet_ac1(ratings, times, categories=5)


@given(ratings=some_ratings(coders=2), seed=st.integers(0, 1000))
def test_resamples_at_once_are_resamples_one_at_a_time(ratings, seed):
    rows = np.random.default_rng(seed).integers(0, len(ratings), size=(7, len(ratings)))
    times = multiplicities(rows, len(ratings))
    for measure in (*NOMINAL, cohen_kappa):
        alone = np.array([measure(ratings[row]).item() for row in rows])
        # without `categories`, AC1 counts those of all ratings, not of the resample
        if measure is gwet_ac1:
            alone = np.array([ac1_of_five(ratings[row]).item() for row in rows])
            assert ac1_of_five(ratings, times) == pytest.approx(alone, abs=1e-12, nan_ok=True)
            continue
        assert measure(ratings, times) == pytest.approx(alone, abs=1e-12, nan_ok=True)
    for level in LEVELS:
        alone = np.array([krippendorff_alpha(ratings[row], level=level).item() for row in rows])
        assert krippendorff_alpha(ratings, times, level=level) == pytest.approx(alone, abs=1e-12, nan_ok=True)


def test_multiplicities_count():
    assert multiplicities(np.array([[1, 1, 1]]), 3).tolist() == [[0, 3, 0]]


# --- edges
def test_one_category_of_one_is_no_more():
    """Alpha of categories named by place: as many values as categories are used, and not one more."""
    ratings = np.array([[0, 0], [1, 1], [0, 1]])
    values = np.array([1.0, 3.0])
    assert krippendorff_alpha(ratings, level="interval", values=values).item() == pytest.approx(4 / 9)
    more = krippendorff_alpha(ratings, level="interval", values=np.array([1.0, 3.0, 9.0]))
    assert more.item() == pytest.approx(4 / 9)
    with pytest.raises(Refusal, match="there are 2 categories"):
        krippendorff_alpha(ratings, level="interval", values=np.array([[1.0, 3.0]]))


def test_ratios_by_hand():
    """Values 1 and 3: ((3 - 1) / (3 + 1))^2 = 1/4 apart; 0 and 0 are not."""
    ratings = np.array([[0, 1], [1, 1], [2, 2], [0, 2]])
    values = np.array([0.0, 1.0, 3.0])
    near = {(0, 1): 1.0, (0, 2): 1.0, (1, 2): 0.25, (0, 0): 0.0, (1, 1): 0.0, (2, 2): 0.0}
    distance = alpha_by_pairs(ratings, lambda a, b: near[min(a, b), max(a, b)])
    assert krippendorff_alpha(ratings, level="ratio", values=values).item() == pytest.approx(distance)


def test_categories_that_were_not_used_count_in_ac1_where_they_are_named():
    """Shares 3/4 and 1/4: p_e is 3/8 of two categories, 3/16 of three; p_a 1/2."""
    ratings = np.array([[0, 0], [0, 1]])
    assert gwet_ac1(ratings).item() == pytest.approx((1 / 2 - 3 / 8) / (1 - 3 / 8))
    assert gwet_ac1(ratings, categories=3).item() == pytest.approx((1 / 2 - 3 / 16) / (1 - 3 / 16))
    skipped = np.array([[0, 0], [0, 2]])
    assert gwet_ac1(skipped).item() == pytest.approx((1 / 2 - 3 / 8) / (1 - 3 / 8)), "the second was not used"
    assert gwet_ac1(np.zeros((3, 2), dtype=int), categories=1).item() == 1


def test_which_subjects_have_bad_ratings():
    with pytest.raises(Refusal) as told:
        percent(np.array([[0, 1], [0, -2], [-1, 0], [-3, 1]]))
    assert told.value.where.tolist() == [False, True, False, True]
    with pytest.raises(Refusal) as told:
        gwet_ac1(np.array([[0, 1], [2, 0], [1, 3]]), categories=3)
    assert told.value.where.tolist() == [False, False, True]


def test_weights_of_subjects_are_how_often_they_count():
    ratings = np.array([[0, 0, -1], [0, 1, 1], [1, 1, 1], [1, -1, -1]])
    times = np.array([[2, 1, 0, 3], [0, 3, 1, 1], [1, 1, 1, 1]])
    rows = [np.repeat(np.arange(4), time) for time in times]
    for measure in NOMINAL:
        alone = [measure(ratings[row]).item() for row in rows]
        np.testing.assert_allclose(measure(ratings, times), alone, atol=1e-12)
    pairs = ratings[:, :2]
    for distance in DISTANCES:
        alone = [cohen_kappa(pairs[row], distance=distance).item() for row in rows]
        np.testing.assert_allclose(cohen_kappa(pairs, times, distance=distance), alone, atol=1e-12)
    # many at once, in rows of rows
    np.testing.assert_array_equal(percent(ratings, times.reshape(3, 1, 4))[:, 0], percent(ratings, times))


def test_multiplicities_of_several_resamples():
    found = multiplicities(np.array([[0, 3], [3, 3], [1, 0]]), 4)
    assert found.tolist() == [[1, 0, 0, 1], [0, 0, 0, 2], [1, 1, 0, 0]]
    assert found.dtype == np.float64
    assert multiplicities(np.zeros((2, 0), dtype=int), 3).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_one_category_with_one_value_is_enough():
    ratings = np.zeros((3, 2), dtype=int)
    assert np.isnan(krippendorff_alpha(ratings, level="interval", values=np.array([5.0])).item())
    with pytest.raises(Refusal, match="there are 1 categories"):
        krippendorff_alpha(ratings, level="interval", values=np.zeros(0))
