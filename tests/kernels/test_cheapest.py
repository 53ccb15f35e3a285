"""The cheapest choice: equal to trying all, and a bracket where the time is up."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.kernels.cheapest import INFEASIBLE, OPTIMAL, STOPPED, Programme, common_unit

SMALL = st.integers(0, 9)


def knapsack(gains: list[int], least: float) -> Programme:
    programme = Programme()
    places = [programme.variable(0, 1, whole=True) for _ in gains]
    programme.row({place: float(gain) for place, gain in zip(places, gains, strict=True)}, low=least)
    return programme


@given(st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=7), st.integers(1, 30))
def test_equal_to_trying_all(pairs, least):
    gains, costs = [gain for gain, _ in pairs], [cost for _, cost in pairs]
    found = knapsack(gains, least).solve({at: float(cost) for at, cost in enumerate(costs)})
    tried = [
        sum(np.multiply(costs, taken)) for taken in product((0, 1), repeat=len(pairs)) if np.dot(gains, taken) >= least
    ]
    if not tried:
        assert (found.status, found.x, found.bound) == (INFEASIBLE, None, np.inf)
        return
    assert found.status == OPTIMAL
    assert np.dot(costs, found.x) == pytest.approx(min(tried))
    assert found.bound == pytest.approx(min(tried))


def test_rows_are_added_to_a_copy_alone():
    programme = knapsack([1, 2], 1)
    other = programme.copy()
    other.row({0: 1.0}, low=1.0)
    assert programme.solve({0: 2.0, 1: 1.0}).x.tolist() == [0, 1]
    assert other.solve({0: 2.0, 1: 1.0}).x.tolist() == [1, 0]


def test_a_continuous_variable():
    programme = Programme()
    y, b = programme.variable(-5, 5), programme.variable(0, 1, whole=True)
    programme.row({y: 1.0, b: -3.0}, high=0.0)
    programme.row({y: 1.0}, low=2.0)
    assert programme.solve({b: 7.0}).bound == pytest.approx(7)
    assert programme.solve({y: -1.0}).bound == pytest.approx(-3)


def test_rows_without_variables_hold_or_do_not():
    programme = Programme()
    assert programme.solve({}).status == OPTIMAL
    programme.row({}, low=0.0)
    assert programme.solve({}).status == OPTIMAL
    programme.row({}, low=1.0)
    assert programme.solve({}).status == INFEASIBLE


def test_no_time_proves_nothing():
    found = knapsack([1, 2], 1).solve({0: 1.0, 1: 1.0}, time_limit=0)
    assert (found.status, found.x, found.bound) == (STOPPED, None, -np.inf)


@pytest.mark.parametrize("size", [1e-9, 1e-7, 1.0, 1e7])
def test_the_size_of_a_variable_does_not_matter(size):
    """Solvers of whole numbers take 1e-6 for zero."""
    programme = Programme()
    y, b = programme.variable(0, size), programme.variable(0, 1, whole=True)
    programme.row({y: 1.0, b: -size}, high=0.0)
    programme.row({y: 1.0}, low=size)
    found = programme.solve({b: 1.0})
    assert found.bound == 1
    assert found.x == pytest.approx([size, 1])


def test_a_loose_row_may_be_missed_by_a_share_of_its_largest_move():
    programme = Programme()
    a, b = (programme.variable(0, 1, whole=True) for _ in range(2))
    programme.row({a: 20.0, b: 19.0}, low=20.0, loose=0.06)
    assert programme.solve({a: 2.0, b: 1.0}).x.tolist() == [0, 1]
    programme.row({a: 20.0, b: 19.0}, low=20.0, loose=0.04)
    assert programme.solve({a: 2.0, b: 1.0}).x.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("costs", "unit"),
    [([3, 6], 3), ([0.25, 1], 0.25), ([0.1, 0.2, 0.3], 0.1), ([0, 0], 1), ([1e-9, 1e9], None), ([np.pi, 1], None)],
)
def test_a_common_unit(costs, unit):
    assert common_unit(np.array(costs, dtype=float)) == (None if unit is None else pytest.approx(unit))


# --- edges
def test_a_row_is_loose_by_a_share_of_its_largest_move():
    """Moves of 20 and 10: half of the largest may be missing, so that the small one does for 20, and not for 21."""
    for least, expected in ((20.0, [0, 1]), (21.0, [1, 0])):
        programme = Programme()
        a, b = (programme.variable(0, 1, whole=True) for _ in range(2))
        programme.row({a: 20.0, b: 10.0}, low=least, loose=0.5)
        assert programme.solve({a: 2.0, b: 1.0}).x.tolist() == expected
    for most, expected in ((10.0, [1, 0]), (9.0, [0, 1])):
        programme = Programme()
        a, b = (programme.variable(0, 1, whole=True) for _ in range(2))
        programme.row({a: 20.0, b: 10.0}, high=most, loose=0.5)
        programme.row({a: 1.0, b: 1.0}, low=1.0)
        assert programme.solve({a: 1.0, b: 2.0}).x.tolist() == expected


def test_the_largest_move_is_that_of_the_variable_not_of_the_coefficient():
    """A continuous variable that goes to 100 moves a row by 100 times its coefficient."""
    programme = Programme()
    y, b = programme.variable(-100, 50), programme.variable(0, 1, whole=True)
    programme.row({y: 1.0, b: 20.0}, low=20.0, loose=0.2)
    programme.row({y: 1.0}, high=0.0)
    found = programme.solve({b: 1.0})
    assert found.bound == pytest.approx(0)
    assert found.x[1] == 0
    tight = Programme()
    y, b = tight.variable(-100, 50), tight.variable(0, 1, whole=True)
    tight.row({y: 1.0, b: 20.0}, low=20.0, loose=0.1)
    tight.row({y: 1.0}, high=0.0)
    assert tight.solve({b: 1.0}).x[1] == 1


def test_a_variable_without_room_stays_where_it_is():
    programme = Programme()
    zero, three, whole = programme.variable(0, 0), programme.variable(3, 3), programme.variable(2, 5, whole=True)
    programme.row({zero: 1.0, three: 1.0, whole: 1.0}, low=6.5)
    found = programme.solve({whole: 1.0, three: 2.0})
    assert found.x == pytest.approx([0, 3, 4])
    assert found.bound == pytest.approx(10)


def test_terms_of_nothing_are_left_out():
    programme = Programme()
    a = programme.variable(0, 1, whole=True)
    programme.row({a: 0.0}, low=-1.0, high=1.0)
    assert programme.solve({a: 1.0}).x.tolist() == [0]
    for low, high in ((0.5, 1.0), (-1.0, -0.5)):
        other = programme.copy()
        other.row({a: 0.0}, low=low, high=high)
        assert other.solve({a: 1.0}).status == INFEASIBLE
    alone = Programme()
    alone.row({}, low=-1.0, high=1.0)
    found = alone.solve({})
    assert (found.status, found.x.tolist(), found.bound) == (OPTIMAL, [], 0)


def test_a_copy_has_variables_of_its_own():
    programme = knapsack([1, 2], 1)
    other = programme.copy()
    other.variable(0, 1, whole=True)
    assert len(programme.solve({0: 1.0}).x) == 2
    found = other.solve({0: 1.0, 1: 3.0, 2: -1.0})
    assert found.x.tolist() == [1, 0, 1]
    assert found.bound == pytest.approx(0)


@pytest.mark.parametrize(
    ("costs", "most", "unit"),
    [([2.0, 7.0], 7, 1.0), ([2.0, 7.0], 6, None), ([0.0, 5.0, -3.0], 1, 5.0), ([], 10, 1.0), ([1.5, 2.25], 10, 0.75)],
)
def test_a_unit_leaves_costs_small(costs, most, unit):
    assert common_unit(np.array(costs), most=most) == unit


def test_a_unit_leaves_a_million_of_it_at_most():
    assert common_unit(np.array([1.0, 1e6])) == 1
    assert common_unit(np.array([1.0, 1e6 + 1])) is None


def test_how_a_search_ended_is_told_in_these_words():
    assert knapsack([1, 2], 1).solve({0: 1.0}).status == "optimal"
    assert knapsack([1, 2], 4).solve({0: 1.0}).status == "infeasible"
    assert knapsack([1, 2], 1).solve({0: 1.0}, time_limit=0).status == "stopped"
