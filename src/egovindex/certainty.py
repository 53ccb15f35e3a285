"""How certain a number is: exact, a certified bound, or sampled."""

from __future__ import annotations

from dataclasses import dataclass

from egovindex.errors import Fault, MethodError

__all__ = ["BOUND", "EXACT", "KINDS", "SAMPLED", "Certainty"]

EXACT, BOUND, SAMPLED = "exact", "bound", "sampled"
KINDS = (EXACT, BOUND, SAMPLED)


@dataclass(frozen=True)
class Certainty:
    """What kind of number a result holds.

    Parameters
    ----------
    kind
        ``"exact"``: the number itself, but for rounding. ``"bound"``: the number lies between two that are certain.
        ``"sampled"``: an estimate out of draws.
    how
        Method, in a few words.
    n, seed
        Of what is sampled: how many draws, out of which seed.
    error
        Largest standard error of what is sampled, or largest numerical error of what is exact; in units of the result.

    Examples
    --------
    >>> print(Certainty("sampled", "draws of weights", n=1000, seed=1, error=0.016))
    sampled: draws of weights; N = 1000, seed 1, standard error at most 0.016
    """

    kind: str
    how: str = ""
    n: int | None = None
    seed: int | None = None
    error: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MethodError(Fault(f"a kind is {', '.join(KINDS)}, found {self.kind!r:.40}", check="unknown_option"))

    def __str__(self) -> str:
        parts = [f"{self.kind}: {self.how}" if self.how else self.kind]
        sampled = [] if self.n is None else [f"N = {self.n}"]
        sampled += [] if self.seed is None else [f"seed {self.seed}"]
        if self.error is not None:
            what = "standard error" if self.kind == SAMPLED else "numerical error"
            sampled.append(f"{what} at most {self.error:.2g}")
        return "; ".join([*parts, ", ".join(sampled)] if sampled else parts)
