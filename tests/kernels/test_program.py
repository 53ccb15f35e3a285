"""Linear programs over weights: solutions in parts, several ways to the same, and what is told where none is left."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.optimize

from egovindex.kernels.cheapest import STOPPED, Programme
from egovindex.kernels.program import Program, in_rooms, parts_between, placed, proven
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import WHOLE, Region, Shares

NOTHING = np.zeros((0, 2)), np.zeros(0)


def nested():
    """Parts 0 and 1 of the whole, between 0.25 and 0.75; 2 and 3 share out the first, 2 having half of it or more."""
    top = Shares(WHOLE, np.array([0, 1]), np.full(2, 0.25), np.full(2, 0.75), *NOTHING)
    below = Shares(0, np.array([2, 3]), np.array([0.5, 0.0]), np.ones(2), *NOTHING)
    return Region((below, top), np.array([1, 2, 3]), 4)


def program(region, rows=(), limits=(), extra=0):
    rows = np.array(rows, dtype=float).reshape(-1, region.size + extra)
    return Program(region, rows, np.array(limits, dtype=float), np.zeros(extra), np.full(extra, 4.0))


def failing(monkeypatch, name, times, status=4):
    """The solver gives up so many times before it does its work; which options it was asked with."""
    plain, asked = getattr(scipy.optimize, name), []

    def solver(*args, **more):
        asked.append((more.get("method"), more["options"]))
        if len(asked) <= times:
            return SimpleNamespace(status=status, x=None, fun=None, message="numerical difficulties " * 20)
        return plain(*args, **more)

    monkeypatch.setattr(scipy.optimize, name, solver)
    return asked


COST = np.array([0.0, 0, 0, 0, 1])  # of the extra variable alone


def above_the_second():
    """An extra variable that is above part 2, and as much above 1/4 less part 3: an eighth where both are one."""
    return program(nested(), [[0, 0, 1, 0, -1], [0, 0, 0, -1, -1]], [0, -0.25], extra=1)


def test_parts_and_extra_variables_by_hand():
    """An extra variable that is above what part 3 lacks of a half; that above part 2, which has half of a quarter."""
    solved = above_the_second().least(COST)
    assert solved.fun == pytest.approx(0.125)
    np.testing.assert_allclose(solved.x, [0.25, 0.75, 0.125, 0.125, 0.125], atol=1e-9)
    solved = program(nested(), [[0, 0, 0, -1, -1]], [-0.5], extra=1).least(COST)
    assert solved.fun == pytest.approx(0.125)
    np.testing.assert_allclose(solved.x, [0.75, 0.25, 0.375, 0.375, 0.125], atol=1e-9)


def test_whole_numbers_by_hand():
    """A whole number above three times part 1: one while that is a third at most, else two or three."""
    for least, expected in ((0.25, 1), (0.4, 2), (0.7, 3)):
        rows = [[0, 3, 0, 0, -1], [0, -1, 0, 0, 0]]
        own = program(nested(), rows, [0, -least], extra=1)
        solved = own.least_whole(np.array([0.0, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 1]), None)
        assert solved.fun == pytest.approx(expected)
        assert proven(solved) == pytest.approx(expected)
        assert solved.x[1] >= least - 1e-7
        assert solved.x[4] == pytest.approx(expected)
        limited = own.least_whole(np.array([0.0, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 1]), 60.0)
        assert limited.fun == pytest.approx(expected)


def test_where_there_is_no_solution_there_is_none():
    own = program(nested(), [[0, 1, 0, 0]], [0.2])
    assert own.least(np.zeros(4)) is None
    assert own.least_whole(np.zeros(4), np.zeros(4), None) is None


@pytest.mark.parametrize("times", [0, 1, 2])
def test_where_the_solver_gives_up_another_way_leads_to_the_same(monkeypatch, times):
    asked = failing(monkeypatch, "linprog", times)
    solved = above_the_second().least(COST)
    assert len(asked) == times + 1
    assert solved.fun == pytest.approx(0.125)
    np.testing.assert_allclose(solved.x, [0.25, 0.75, 0.125, 0.125, 0.125], atol=1e-7)
    for _, options in asked:
        assert max(options["primal_feasibility_tolerance"], options["dual_feasibility_tolerance"]) <= 1e-10


def test_a_solver_that_never_finishes_is_told(monkeypatch):
    asked = failing(monkeypatch, "linprog", 9)
    with pytest.raises(Refusal, match=r"^the solver did not finish \(numerical difficulties .{57}\)$"):
        program(nested()).least(np.zeros(4))
    assert len(asked) == 3
    assert len(failing(monkeypatch, "linprog", 9, status=2)) == 0
    assert program(nested()).least(np.zeros(4)) is None  # no solution is an answer: nothing else is tried
    failing(monkeypatch, "milp", 1)
    with pytest.raises(Refusal, match=r"^the solver did not finish \(numerical difficulties .{57}\)$"):
        program(nested()).least_whole(np.zeros(4), np.zeros(4), None)


def test_a_solver_of_whole_numbers_is_given_its_time(monkeypatch):
    asked = failing(monkeypatch, "milp", 9, status=1)
    for limit in (None, 7.5, 0.001, -3.0):
        assert program(nested()).least_whole(np.zeros(4), np.zeros(4), limit).x is None
    assert [options.get("time_limit") for _, options in asked] == [None, 7.5, 0.01, 0.01]
    assert all(options["mip_rel_gap"] == 0 for _, options in asked)


def test_rooms_of_parts_inside_parts():
    least, room = parts_between(nested())
    assert least.tolist() == [0.25, 0.25, 0.125, 0]
    assert room.tolist() == [0.5, 0.5, 0.625, 0.75]
    fixed = Region.box(np.array([0.5, 0.2, -1.0]), np.array([0.5, 2.0, 0.3]))
    least, room = parts_between(fixed)
    assert least.tolist() == [0.5, 0.2, 0]
    assert room.tolist() == [1, 0.8, 0.3], "a part without room is measured by the whole"


def test_a_room_that_is_rounding_alone_is_none():
    least, room = parts_between(Region.box(np.array([0.5, 0.25]), np.array([0.5 + 1e-15, 0.25 + 1e-12])))
    assert least.tolist() == [0.5, 0.25]
    assert room[0] == 1
    assert room[1] == pytest.approx(1e-12, rel=1e-3)


def test_conditions_in_shares_of_rooms():
    """2 a - 8 b <= 3 with a = 1 + s, b = 0.5 + 0.25 t: 2 s - 2 t <= 5, or s - t <= 2.5; a row of nothing stays."""
    from scipy.sparse import csr_array

    rows = csr_array(np.array([[2.0, -8.0], [0.0, 0.0]]))
    found, left = in_rooms(rows, np.array([3.0, 7.0]), np.array([1.0, 0.5]), np.array([1.0, 0.25]))
    assert found.toarray().tolist() == [[1, -1], [0, 0]]
    assert left.tolist() == [2.5, 7]
    found, left = in_rooms(csr_array((0, 2)), np.zeros(0), np.zeros(2), np.ones(2))
    assert (found.shape, left.shape) == ((0, 2), (0,))


def test_directions_over_ends_are_directions_over_parts():
    found = placed(np.array([[1.0, 2, 3], [4, 5, 6]]), nested())
    assert found.tolist() == [[0, 1, 2, 3], [0, 4, 5, 6]]


@pytest.mark.parametrize(
    ("status", "fun", "bound", "expected"),
    [
        (0, 3.0, 2.5, 3.0),
        (1, 3.0, 2.5, 2.5),
        (1, None, None, -np.inf),
        (1, 3.0, np.nan, -np.inf),
        (1, 3.0, np.inf, -np.inf),
    ],
)
def test_what_is_proven(status, fun, bound, expected):
    assert proven(SimpleNamespace(status=status, fun=fun, mip_dual_bound=bound)) == expected


# --- a programme that grows row by row
def two_of_three():
    programme = Programme()
    a, b, c = (programme.variable(0, 1, whole=True) for _ in range(3))
    programme.row({a: 1.0, b: 1.0, c: 1.0}, low=2.0)
    programme.row({a: 1.0, b: 1e-7}, low=1.0)
    return programme, {a: 5.0, b: 1.0, c: 2.0}


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_solver_that_gives_up_is_asked_in_other_words(monkeypatch, times):
    """Without its simplifications first; then without coefficients that it may stumble over."""
    programme, costs = two_of_three()
    asked = failing(monkeypatch, "milp", times)
    found = programme.solve(costs)
    assert (found.status, found.bound) == ("optimal", pytest.approx(6))
    np.testing.assert_allclose(found.x, [1, 1, 0], atol=1e-6)
    assert [options["presolve"] for _, options in asked] == [True, False, True][: times + 1]
    assert all(options["mip_rel_gap"] == 0 for _, options in asked)


def test_a_solver_that_gives_up_in_every_way_is_told(monkeypatch):
    programme, costs = two_of_three()
    asked = failing(monkeypatch, "milp", 9)
    with pytest.raises(Refusal, match=r"^the solver gave up: numerical difficulties"):
        programme.solve(costs)
    assert len(asked) == 3


def test_time_is_given_to_the_solver(monkeypatch):
    programme, costs = two_of_three()
    assert programme.solve(costs, time_limit=60).bound == pytest.approx(6)
    asked = failing(monkeypatch, "milp", 9, status=1)
    for limit in (None, 2.5, 3):
        found = programme.solve(costs, time_limit=limit)
        assert (found.status, found.x, found.bound) == (STOPPED, None, -np.inf)
    assert [options.get("time_limit") for _, options in asked] == [None, 2.5, 3]
    assert programme.solve(costs, time_limit=-1.0).status == STOPPED
    assert len(asked) == 3, "without time nobody is asked"


@pytest.mark.parametrize(("bound", "expected"), [(1.5, 1.5), (None, -np.inf), (np.nan, -np.inf), (np.inf, -np.inf)])
def test_a_stopped_programme_has_what_was_found(monkeypatch, bound, expected):
    programme = Programme()
    programme.variable(0, 4)
    programme.variable(0, 1, whole=True)
    stopped = SimpleNamespace(status=1, x=np.array([0.5, 1.0]), fun=3.0, mip_dual_bound=bound)
    monkeypatch.setattr(scipy.optimize, "milp", lambda *args, **more: stopped)
    found = programme.solve({0: 1.0, 1: 1.0})
    assert (found.status, found.bound) == (STOPPED, expected)
    assert found.x.tolist() == [2, 1], "a variable is measured by its largest value, a whole number by one"
