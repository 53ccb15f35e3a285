"""A mixed-integer linear programme that grows row by row, and its cheapest solution.

Variables are numbered as they come. Solved by HiGHS (Huangfu and Hall 2018, doi 10.1007/s12532-017-0130-5) through
:func:`scipy.optimize.milp`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.kernels.quiet import quiet
from egovindex.kernels.refusal import Refusal

__all__ = ["INFEASIBLE", "LOOSE", "OPTIMAL", "STOPPED", "Programme", "Solution", "common_unit"]

Array = npt.NDArray[np.float64]

OPTIMAL, INFEASIBLE, STOPPED = "optimal", "infeasible", "stopped"
LOOSE = 1e-5  # of the largest move of a row: ten times what the solver takes for zero
# what scipy.optimize.milp calls these
_STATUS = {0: OPTIMAL, 1: STOPPED, 2: INFEASIBLE}


@dataclass(frozen=True)
class Solution:
    """What the solver found.

    Parameters
    ----------
    status
        ``"optimal"``; ``"infeasible"``; ``"stopped"`` by the time limit.
    x
        Value of every variable; ``None`` where none was found.
    bound
        No solution costs less; minus infinity where nothing is known, infinity where there is no solution.
    """

    status: str
    x: Array | None
    bound: float


class Programme:
    """Variables with limits, and rows ``low <= sum(coefficient * variable) <= high``.

    Examples
    --------
    >>> programme = Programme()
    >>> a, b = programme.variable(0, 1, whole=True), programme.variable(0, 1, whole=True)
    >>> programme.row({a: 2.0, b: 3.0}, low=3.0)
    >>> programme.solve({a: 1.0, b: 2.0}).x.tolist()
    [0.0, 1.0]
    """

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        self.whole: list[bool] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []

    def variable(self, low: float, high: float, *, whole: bool = False) -> int:
        """A new variable between two limits; its number."""
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.low) - 1

    def row(
        self, terms: Mapping[int, float], *, low: float = -np.inf, high: float = np.inf, loose: float = 0.0
    ) -> None:
        """A new row; scaled so that it moves by one with one of its variables, as tolerances of solvers are absolute.

        Parameters
        ----------
        terms
            Coefficients by variable.
        low, high
            Between which the sum lies.
        loose
            How far it may miss them, of the largest move. A solver that is asked for what it cannot tell from a miss
            (1e-6) may say that there is nothing.
        """
        kept = {at: factor * self._size(at) for at, factor in terms.items() if factor != 0.0}
        scale = max((abs(factor) for factor in kept.values()), default=0.0) or 1.0
        self._rows.append(
            ({at: factor / scale for at, factor in kept.items()}, low / scale - loose, high / scale + loose)
        )

    def _size(self, at: int) -> float:
        """By what a variable is measured; one where it is a whole number."""
        return 1.0 if self.whole[at] else max(abs(self.low[at]), abs(self.high[at])) or 1.0

    def copy(self) -> Programme:
        """The same, to which rows may be added apart."""
        found = Programme()
        found.low, found.high, found.whole = [*self.low], [*self.high], [*self.whole]
        found._rows = [*self._rows]
        return found

    def solve(self, costs: Mapping[int, float], time_limit: float | None = None) -> Solution:
        """The solution with the lowest ``sum(cost * variable)``.

        Parameters
        ----------
        costs
            By variable; zero for the others.
        time_limit
            Seconds.

        Raises
        ------
        Refusal
            The solver gave up for another reason than the time.
        """
        constant = [(low, high) for terms, low, high in self._rows if not terms]
        if any(low > 0 or high < 0 for low, high in constant):
            return Solution(INFEASIBLE, None, np.inf)
        if time_limit is not None and time_limit <= 0:
            return Solution(STOPPED, None, -np.inf)
        if not self.low:
            return Solution(OPTIMAL, np.zeros(0), 0.0)
        found = self._solved(costs, time_limit, presolve=True)
        if found.status not in _STATUS:  # "infeasible or unbounded": every variable has limits here
            found = self._solved(costs, time_limit, presolve=False)
        if found.status not in _STATUS:  # HiGHS 1.12 was seen to fail where a row has a coefficient of 1e-6
            found = self._solved(costs, time_limit, presolve=True, least=LOOSE)
        if found.status not in _STATUS:
            raise Refusal(f"the solver gave up: {found.message}")
        status = _STATUS[found.status]
        if status == INFEASIBLE:
            return Solution(INFEASIBLE, None, np.inf)
        # a solved program may come back with a dual bound that was not brought up to its value
        bound = found.fun if status == OPTIMAL else getattr(found, "mip_dual_bound", None)
        if bound is None or not np.isfinite(bound):
            bound = -np.inf
        sizes = np.array([self._size(at) for at in range(len(self.low))])
        return Solution(
            status, None if found.x is None else np.asarray(found.x, dtype=np.float64) * sizes, float(bound)
        )

    def _solved(
        self, costs: Mapping[int, float], time_limit: float | None, *, presolve: bool, least: float = 0.0
    ) -> Any:
        from scipy.optimize import Bounds, LinearConstraint, milp

        sizes = np.array([self._size(at) for at in range(len(self.low))])
        objective = np.zeros(len(self.low))
        for at, cost in costs.items():
            objective[at] = cost * sizes[at]
        options = {"mip_rel_gap": 0.0, "presolve": presolve}
        if time_limit is not None:
            options["time_limit"] = float(time_limit)
        matrix, low, high = self._matrix(least)
        with quiet():
            return milp(
                objective,
                integrality=np.array(self.whole, dtype=np.int8),
                bounds=Bounds(np.array(self.low) / sizes, np.array(self.high) / sizes),
                constraints=[LinearConstraint(matrix, low, high)] if len(low) else [],
                options=options,
            )

    def _matrix(self, least: float) -> tuple[Any, Array, Array]:
        """Coefficients and limits; those below the least go, and the row gives way by as much."""
        from scipy.sparse import csr_array

        rows = []
        for terms, low, high in self._rows:
            kept = {at: factor for at, factor in terms.items() if abs(factor) > least}
            room = sum(abs(factor) for at, factor in terms.items() if at not in kept)
            rows += [(kept, low - room, high + room)] if kept else []
        # 32 bits, which milp of SciPy before 1.13 asks for
        at = np.repeat(np.arange(len(rows), dtype=np.int32), [len(terms) for terms, _, _ in rows])
        of = np.array([variable for terms, _, _ in rows for variable in terms], dtype=np.int32)
        factors = np.array([factor for terms, _, _ in rows for factor in terms.values()], dtype=np.float64)
        matrix = csr_array((factors, (at, of)), shape=(len(rows), len(self.low)))
        return matrix, np.array([low for _, low, _ in rows]), np.array([high for _, _, high in rows])


def common_unit(costs: Array, *, most: int = 1_000_000) -> float | None:
    """A number of which all costs are whole multiples; ``None`` where there is none that leaves them small.

    In such units two sums of costs that differ do so by one at least, far above the tolerances of a solver.

    Examples
    --------
    >>> common_unit(np.array([1.0, 2.5])), common_unit(np.array([0.0, 0.3, 0.1])), common_unit(np.array([2**0.5, 1.0]))
    (0.5, 0.1, None)
    """
    from fractions import Fraction
    from math import gcd, lcm

    exact = [Fraction(repr(float(cost))) for cost in costs if cost > 0]
    if not exact:
        return 1.0
    below = lcm(*(cost.denominator for cost in exact))
    above = gcd(*(int(cost * below) for cost in exact))
    unit = Fraction(above, below)
    return float(unit) if max(exact) / unit <= most else None
