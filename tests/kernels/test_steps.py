"""Every step on numbers worked by hand, at its limits, and with draws as with one evaluation at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from egovindex.kernels.refusal import Refusal
from egovindex.kernels.steps import KERNELS, kurtosis, skewness
from egovindex.spec.values import STEPS, parse_step

LEARNING = ["top 3", "bottom 3", "distance median", "zscore", "zscore sample 10 2", "winsorise 2", "minmax", "rank"]


def options_of(written: str, *, down: bool = False) -> dict:
    """A step as the kernel gets it."""
    step = parse_step(written)
    given = {
        parameter.name: step.parameter(parameter.name)
        for at, parameter in enumerate(step.form.parameters)
        if at < len(step.numbers) or parameter.default is not None
    }
    return {"words": step.words, "down": down, **given}


def learned(written: str, x, *, down: bool = False) -> dict:
    kernel = KERNELS[written.split(maxsplit=1)[0]]
    return {} if kernel.learn is None else kernel.learn(np.asarray(x, dtype=float), options_of(written, down=down))


def act(written: str, x, reference=None, *, down: bool = False) -> np.ndarray:
    """Learn from the reference, or from the values themselves, and act."""
    x = np.asarray(x, dtype=float)
    values = learned(written, x if reference is None else reference, down=down)
    return KERNELS[written.split(maxsplit=1)[0]].apply(x, values, options_of(written, down=down))


def assert_step(written, x, expected, **more):
    np.testing.assert_allclose(act(written, x, **more), expected, rtol=1e-15, atol=1e-15)


def test_every_step_of_the_language_has_a_kernel():
    assert set(KERNELS) == set(STEPS)
    for name, form in STEPS.items():
        may_learn = form.learns or any("median" in group for group in form.words)
        assert (KERNELS[name].learn is not None) == may_learn


# By hand ------------------------------------------------------------------------------------------

BY_HAND = [
    ("out_of 4", [0, 1, 3], [0, 0.25, 0.75]),
    ("times 100", [0, 0.25, -1], [0, 25, -100]),
    ("grid 4", [0.24, 0.5, 0.62, 0.63], [0.25, 0.5, 0.5, 0.75]),
    ("floor 1", [0.4, 1, 2], [1, 1, 2]),
    ("cap 120", [119, 120, 121], [119, 120, 120]),
    ("top 2", [5, 9, 7, 1], [5, 7, 7, 1]),
    ("bottom 2", [5, 9, 7, 1], [5, 9, 7, 5]),
    ("log", [1, np.e, np.e**2], [0, 1, 2]),
    ("distance 0.5", [0, 0.5, 2], [0.5, 0, 1.5]),
    ("distance median", [1, 2, 10], [1, 0, 8]),
    ("distance median", [1, 2, 4, 10], [2, 1, 1, 7]),
    ("zscore", [1, 3], [-1, 1]),
    ("zscore", [2, 4, 4, 4, 5, 5, 7, 9], [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2]),
    ("zscore sample", [1, 2, 3], [-1, 0, 1]),
    ("zscore sample 10 2", [1, 2, 3], [8, 10, 12]),
    ("zscore 10 2", [1, 3], [8, 12]),
    ("zscore 1 1", [1, 3], [0, 2]),
    ("zscore 0 2", [1, 3], [-2, 2]),
    ("zscore 0 1", [1, 3], [-1, 1]),
    ("minmax", [2, 3, 6], [0, 0.25, 1]),
    ("minmax 0 100", [2, 3, 6], [0, 25, 100]),
    ("minmax 1 3", [2, 3, 6], [1, 1.5, 3]),
    ("minmax 0 2", [2, 3, 6], [0, 0.5, 2]),
    ("minmax -1 1", [2, 3, 6], [-1, -0.5, 1]),
    ("minmax 1 2", [2, 3, 6], [1, 1.25, 2]),
    ("minmax 0 1", [2, 3, 6], [0, 0.25, 1]),
    ("goalposts 20 85", [20, 52.5, 85, 98], [0, 0.5, 1, 1.2]),
    ("goalposts 6 0", [6, 3, 0, 9], [0, 0.5, 1, -0.5]),
    ("goalposts 1 100 log", [1, 10, 100, 1000], [0, 0.5, 1, 1.5]),
    ("goalposts 100 1 log", [1, 10, 100], [1, 0.5, 0]),
    ("rank", [3, 1, 2, 2], [1, 0.25, 0.75, 0.75]),
    # 0.35 is a tie as it is written, though its binary number lies a little below
    ("round 1", [0.25, 0.35, -0.25], [0.2, 0.4, -0.2]),
    ("round 0", [0.5, 1.5, 2.5], [0, 2, 2]),
    ("round 0 half_up", [0.5, 1.5, 2.5, -0.5], [1, 2, 3, 0]),
    ("round 2 half_up", [0.125, 0.135], [0.13, 0.14]),
]


@pytest.mark.parametrize(("written", "x", "expected"), BY_HAND)
def test_by_hand(written, x, expected):
    assert_step(written, x, expected)


@pytest.mark.parametrize(
    ("written", "x", "expected"),
    [
        ("zscore", [1, 3], [1, -1]),
        ("zscore 10 2", [1, 3], [12, 8]),
        ("minmax", [2, 3, 6], [1, 0.75, 0]),
        ("minmax 1 3", [2, 3, 6], [3, 2.5, 1]),
        ("rank", [3, 1, 2, 2], [0.25, 1, 0.75, 0.75]),
    ],
)
def test_where_less_is_better(written, x, expected):
    assert_step(written, x, expected, down=True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("top 1", [7, -1, 4]),
        ("bottom 2", [9, 5, 5]),
        ("distance median", [4, 6, 1]),
        ("minmax", [1.5, -1, 0.25]),
        ("zscore", [2, -3, -0.5]),
        ("rank", [1, 0, 1 / 3]),
    ],
)
def test_learned_from_others(written, expected):
    """Three units against a reference population of 3, 5, 7 (for zscore: 3, 7)."""
    reference = [3, 7] if written == "zscore" else [3, 5, 7]
    assert_step(written, [9, -1, 4], expected, reference=reference)


def test_what_is_learned():
    assert {k: float(v) for k, v in learned("zscore sample", [1, 2, 3]).items()} == {"mean": 2, "sd": 1}
    assert {k: float(v) for k, v in learned("minmax", [4, 2, 3]).items()} == {"min": 2, "max": 4}
    assert learned("top 10", np.arange(1, 31))["limit"] == 21
    assert learned("bottom 10", np.arange(1, 31))["limit"] == 10
    assert learned("distance 3", [1, 2]) == {}


# Limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["zscore", "minmax"])
@pytest.mark.parametrize("x", [[4.0], [4.0, 4.0, 4.0]])
def test_values_that_do_not_differ_are_refused(written, x):
    with pytest.raises(Refusal, match="they are all equal"):
        act(written, x)


@pytest.mark.parametrize("written", ["zscore", "minmax", "rank", "winsorise 5", "distance median"])
def test_nobody_to_learn_from(written):
    with pytest.raises(Refusal, match="no unit to learn from"):
        act(written, [1.0, 2.0], reference=[])


@pytest.mark.parametrize("written", ["top 3", "bottom 3"])
def test_fewer_units_than_the_step_counts(written):
    with pytest.raises(Refusal, match="needs at least 3 units in the reference population, it has 2"):
        act(written, [1.0, 2.0])


@pytest.mark.parametrize("written", ["top 1", "bottom 1", "distance median", "rank", "winsorise 5"])
def test_one_unit(written):
    expected = {"distance median": 0.0, "rank": 1.0}.get(written, 7.0)
    assert_step(written, [7.0], [expected])


@pytest.mark.parametrize("written", ["log", "goalposts 1 100 log"])
def test_a_logarithm_names_the_units_it_is_not_defined_for(written):
    with pytest.raises(Refusal, match="above zero") as caught:
        act(written, [1.0, 0.0, 5.0, -2.0])
    assert caught.value.where.tolist() == [False, True, False, True]


@pytest.mark.parametrize("written", [written for written, _, _ in BY_HAND])
def test_the_input_is_left_alone(written):
    x = np.array([1.0, 2.0, 2.0, 7.0, 7.5])
    before = x.copy()
    act(written, x)
    np.testing.assert_array_equal(x, before)


# Draws --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", sorted({written for written, _, _ in BY_HAND} | set(LEARNING)))
@pytest.mark.parametrize("down", [False, True])
def test_draws_are_a_loop(written, down):
    x = np.random.default_rng(3).lognormal(size=(6, 25))
    together = act(written, x, down=down)
    one_by_one = np.stack([act(written, row, down=down) for row in x])
    np.testing.assert_allclose(together, one_by_one, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("written", LEARNING)
def test_values_learned_once_serve_every_draw(written):
    rng = np.random.default_rng(4)
    x, reference = rng.lognormal(size=(6, 25)), rng.lognormal(size=30)
    together = act(written, x, reference)
    one_by_one = np.stack([act(written, row, reference) for row in x])
    np.testing.assert_array_equal(together, one_by_one)


@pytest.mark.parametrize("written", LEARNING)
def test_values_learned_in_each_draw_serve_shared_values(written):
    rng = np.random.default_rng(5)
    x, reference = rng.lognormal(size=25), rng.lognormal(size=(6, 30))
    together = act(written, x, reference)
    one_by_one = np.stack([act(written, x, row) for row in reference])
    np.testing.assert_allclose(together, one_by_one, rtol=1e-15, atol=1e-15)


# Outliers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 4, 5, 30, 193])
def test_skewness_and_kurtosis_are_those_of_scipy(n):
    x = np.random.default_rng(n).lognormal(size=n)
    assert skewness(x) == pytest.approx(stats.skew(x, bias=False), rel=1e-12)
    if n > 3:
        assert kurtosis(x) == pytest.approx(stats.kurtosis(x, bias=False), rel=1e-11)


def test_too_few_units_have_no_skewness_and_no_kurtosis():
    assert skewness(np.array([1.0, 5.0])) == 0
    assert kurtosis(np.array([1.0, 2.0, 9.0])) == 0
    assert skewness(np.full(9, 4.0)) == kurtosis(np.full(9, 4.0)) == 0


TAIL = [*range(1, 11), 30, 100]  # the example of COINr's manual: 1 to 10 and two outliers


@pytest.mark.parametrize("most", [1, 2, 5])
def test_outliers_are_replaced_one_at_a_time(most):
    assert skewness(np.array([*range(1, 11), 30.0, 30.0])) < 2, "after the first the column passes"
    assert_step(f"winsorise {most}", TAIL, [*range(1, 11), 30, 30])


def test_low_outliers_are_replaced_too():
    assert_step("winsorise 5", [-x for x in TAIL], [*(-x for x in range(1, 11)), -30, -30])


def test_tied_outliers_go_together_or_not_at_all():
    x = [*range(20), 1000, 1000]
    assert_step("winsorise 1", x, x)
    assert_step("winsorise 2", x, [*range(20), 19, 19])


def test_a_column_that_passes_is_left_alone():
    assert_step("winsorise 5", range(50), range(50))


def test_a_yes_or_no_item_with_one_yes_stays():
    x = [0.0] * 20 + [1.0]
    assert_step("winsorise 5", x, x)


def test_limits_may_be_given():
    assert_step("winsorise 5 100 3.5", TAIL, TAIL)
    assert act("winsorise 5 0.5 0", TAIL).max() < 30


def test_winsorising_equals_coinr(shared):
    """COINr 1.1.14+, `winsorise()` with at most 5 points on 51 units x 49 indicators of its ASEM example."""
    folder = shared / "data" / "coinr"
    before = pd.read_csv(folder / "pipeline" / "example_Screened.csv", index_col=0)
    after = pd.read_csv(folder / "treat" / "transform_winsorise5.csv", index_col=0)
    moments = pd.read_csv(folder / "treat" / "skew_kurt_screened.csv", index_col=0)
    for name in after.columns:
        column = before[name].dropna()
        np.testing.assert_allclose(act("winsorise 5", column), after.loc[column.index, name], rtol=1e-14, err_msg=name)
        assert skewness(column.to_numpy()) == pytest.approx(moments.loc[name, "skew"], abs=1e-12)
        assert kurtosis(column.to_numpy()) == pytest.approx(moments.loc[name, "kurt"], abs=1e-12)


# Edges --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["zscore", "minmax"])
@pytest.mark.parametrize("size", [1.0, 1e-200, 1e200, -1.0])
def test_values_that_differ_by_rounding_do_not_differ(written, size):
    for step, refused in ((0.9e-12, True), (1.1e-12, False)):
        x = size * np.array([1.0, 1.0 - step, 1.0])
        if refused:
            with pytest.raises(Refusal, match="leave the column out, or give it fixed limits with goalposts"):
                act(written, x)
        else:
            assert np.ptp(act(written, x)) > 0.9
    with pytest.raises(Refusal, match=f"^{written} needs values that differ"):
        act(written, [0.0, 0.0])
    with pytest.raises(Refusal, match="they are all equal"):
        act(written, [[1.0, 2.0], [size, size]])  # in one draw


def test_a_logarithm_names_the_units_of_any_draw():
    for written, what in (("log", "log"), ("goalposts 1 100 log", "goalposts on a log scale")):
        with pytest.raises(Refusal, match=f"^{what} needs values above zero; add a floor before it") as caught:
            act(written, [[1.0, 2.0, 5.0], [1.0, -1.0, 5.0], [1.0, 2.0, 0.0]])
        assert caught.value.where.tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("zscore", "zscore has no unit to learn from"),
        ("minmax", "minmax has no unit to learn from"),
        ("rank", "rank has no unit to learn from"),
        ("winsorise 5", "winsorise has no unit to learn from"),
        ("distance median", "distance median has no unit to learn from"),
        ("top 1", "top 1 needs at least 1 units in the reference population, it has 0"),
        ("bottom 2", "bottom 2 needs at least 2 units in the reference population, it has 0"),
    ],
)
def test_who_has_nobody_to_learn_from_is_told(written, words):
    with pytest.raises(Refusal, match=f"^{words}$"):
        act(written, [1.0, 2.0], reference=[])


@pytest.mark.parametrize("written", ["top 2", "bottom 2"])
def test_as_many_units_as_the_step_counts_are_enough(written):
    assert act(written, [1.0, 3.0]).tolist() == ([1, 1] if written == "top 2" else [3, 3])


def test_zeros_of_a_scale_that_runs_down_are_no_minus_zeros():
    assert np.signbit(act("goalposts 6 0", [6.0, 3.0])).tolist() == [False, False]


def test_ranks_among_others_where_less_is_better():
    assert_step("rank", [4, 2, 9, 3], [1 / 3, 1, 0, 2 / 3], reference=[2, 3, 5], down=True)
    assert_step("rank", [-2.0, -3 * (1 + 1e-14)], [1, 2 / 3], reference=[-2, -3, -5])
    assert_step("rank", [2 - 1e-14, 2 - 1e-11], [1 / 3, 0], reference=[2, 3, 5])
    assert_step("rank", [1 - 1e-13, 1 - 1e-11, -1e-13], [1, 0.5, 0.5], reference=[0, 1])
    assert_step("rank", [-1 - 1e-13, -1 - 1e-11, -1e-11], [0.5, 0, 0.5], reference=[-1, 0])


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e170, 1e300])
def test_steps_that_learn_are_not_bound_to_a_unit_of_measurement(size):
    x = np.array([2.0, 4, 4, 4, 5, 5, 7, 9])
    for written in ("zscore", "zscore sample", "minmax", "rank"):
        np.testing.assert_allclose(act(written, x * size), act(written, x), rtol=1e-13, atol=1e-14)
    tail = np.array(TAIL, dtype=float)
    np.testing.assert_allclose(act("winsorise 5", tail * size) / size, act("winsorise 5", tail), rtol=1e-13)
    assert skewness(tail * size) == pytest.approx(skewness(tail), rel=1e-12)
    assert kurtosis(tail * size) == pytest.approx(kurtosis(tail), rel=1e-12)


def test_a_column_far_from_zero_has_the_moments_of_its_distances():
    x = np.array(TAIL, dtype=float)
    assert skewness(x + 2.0**40) == pytest.approx(skewness(x), rel=1e-9)
    assert kurtosis(x + 2.0**40) == pytest.approx(kurtosis(x), rel=1e-9)


def test_limits_of_skewness_and_kurtosis_are_not_reached_but_passed():
    """A column passes where its skewness or its kurtosis is below the limit; at the limit it does not."""
    x = np.array(TAIL, dtype=float)
    options = {"most": 5, "skew": skewness(x), "kurtosis": -9.0}
    learn = KERNELS["winsorise"].learn
    assert learn(x, options)["high"] == 30
    assert learn(x, options | {"skew": np.nextafter(skewness(x), 9)})["high"] == 100
    assert learn(x, {"most": 5, "skew": 0.0, "kurtosis": kurtosis(x)})["high"] == 30
    assert learn(x, {"most": 5, "skew": 0.0, "kurtosis": np.nextafter(kurtosis(x), 99)})["high"] == 100
    low = {key: float(value) for key, value in learn(-x, {"most": 1, "skew": 2.0, "kurtosis": 3.5}).items()}
    assert low == {"low": -30, "high": -1}


def test_limits_of_outliers_are_learned_in_each_draw():
    x = np.stack([[np.array(TAIL, dtype=float), np.arange(12.0)], [-np.array(TAIL, dtype=float), np.arange(12.0)]])
    found = learned("winsorise 5", x)
    assert found["low"].tolist() == [[1, 0], [-30, 0]]
    assert found["high"].tolist() == [[30, 11], [-1, 11]]


def test_two_values_alone_are_no_outliers():
    x = [0.0] * 30 + [1.0, 2.0]
    assert_step("winsorise 1", x, [0.0] * 30 + [1.0, 1.0])
    assert_step("winsorise 9", x, [0.0] * 30 + [1.0, 1.0])


@pytest.mark.parametrize("written", ["round 2", "round 2 half_up"])
def test_numbers_too_large_to_have_decimals_are_left_as_they_are(written):
    x = [2.0**52 + 0.5, 1e300, -1e300, 9e15 + 2, 2.0**53 / 100 + 1]
    assert act(written, x).tolist() == x
    assert act(written, [0.125, 1e13 + 0.25]).tolist() == (
        [0.12, 1e13 + 0.25] if written == "round 2" else [0.13, 1e13 + 0.25]
    )


def test_three_units_have_a_skewness_and_four_a_kurtosis():
    assert skewness(np.array([0.0, 0.0, 1.0])) == pytest.approx(np.sqrt(3))
    assert kurtosis(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(4)
    assert kurtosis(np.array([0.0, 0.0, 1.0])) == 0
