"""What draws the weights of one node: by the best method there is for its law, which it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from egovindex.formulas import Floats
from egovindex.kernels.box import sliced, uniform_slice, uniform_slice_from
from egovindex.kernels.polytope import Walk, prepared_walk, walked
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.simplex import dirichlet, dirichlet_from, in_order, shares_of
from egovindex.streams import named_generator

__all__ = ["BoxSampler", "ConditionSampler", "DirichletSampler", "ExpertSampler", "Sampler"]

_TRIED = 4096
# draws that are thrown away cost less than a walk up to here
_WORTH = 0.02
_SLACK = 1e-12


class Sampler:
    """Draws weights of a node's children, ``(D, k)``.

    Parameters
    ----------
    uniforms
        How many uniform numbers :meth:`at` takes for a draw; 0 where it cannot be used.
    """

    uniforms: int = 0
    method: ClassVar[str] = "independent draws, exact"

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        """Draws out of a source of chance."""
        raise NotImplementedError

    def scaled(self, draws: Floats) -> Floats:
        """Draws that add up to the total; for a loose sampler they need not before."""
        return draws

    def at(self, uniform: Floats) -> Floats | None:  # noqa: ARG002
        """Draws out of ``(D, uniforms)`` uniform numbers; ``None`` where the law has no such form."""
        return None

    def ends(self, level: float) -> Floats:
        """``(k, 2)`` between which each weight lies, or its middle share ``level``."""
        draws = self.scaled(self.draw(named_generator("ends"), _TRIED))
        found: Floats = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0).T
        return found

    @property
    def diagnostics(self) -> dict[str, Any]:
        """How it draws, and what shows that it does so well."""
        return {"method": self.method}


class BoxSampler(Sampler):
    """Uniform between limits, with a total."""

    def __init__(self, low: Floats, high: Floats, total: float) -> None:
        self.box = sliced(low, high, total)
        self.total = total
        self.uniforms = self.box.dimensions

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        return uniform_slice(rng, draws, self.box, dtype=dtype)

    def at(self, uniform: Floats) -> Floats | None:
        return uniform_slice_from(uniform, self.box)

    def ends(self, level: float) -> Floats:  # noqa: ARG002 - its ends say more than a share of it
        low, width = self.box.low, self.box.width
        rest = self.total - low.sum()
        others = width.sum() - width
        return np.stack([low + np.maximum(0.0, rest - others), low + np.minimum(width, rest)], axis=1)


class DirichletSampler(Sampler):
    """A Dirichlet law, times a total; loose where only ratios of weights matter, and nothing needs to be divided."""

    def __init__(self, alpha: Floats, total: float, *, loose: bool = False) -> None:
        self.alpha = alpha
        self.total = total
        self.loose = loose
        self.uniforms = int((alpha > 0).sum())

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        found = dirichlet(rng, draws, self.alpha, dtype=dtype)
        return found if self.loose else shares_of(found, self.total)

    def scaled(self, draws: Floats) -> Floats:
        return shares_of(draws.astype(np.float64), self.total) if self.loose else draws

    def at(self, uniform: Floats) -> Floats | None:
        return shares_of(dirichlet_from(uniform, self.alpha), self.total)

    def ends(self, level: float) -> Floats:
        from scipy.special import betaincinv

        whole = self.alpha.sum()
        safe = np.where(self.alpha > 0, self.alpha, 1.0)
        found = [betaincinv(safe, np.maximum(whole - safe, 1e-12), q) for q in ((1 - level) / 2, (1 + level) / 2)]
        return self.total * np.where(self.alpha[:, None] > 0, np.stack(found, axis=1), 0.0)


class ExpertSampler(Sampler):
    """Experts drawn with replacement: their mean, or one of them."""

    def __init__(self, given: Floats, *, mean: bool) -> None:
        self.given = given
        self.uniforms = len(given) if mean else 1

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        found = self.at(rng.random((draws, self.uniforms)))
        assert found is not None  # noqa: S101 - for the type checker
        return found.astype(dtype, copy=False)

    def at(self, uniform: Floats) -> Floats | None:
        experts = len(self.given)
        who = np.minimum((uniform * experts).astype(np.int64), experts - 1)
        found: Floats = self.given[who].mean(axis=1)
        return found


class ConditionSampler(Sampler):
    """Uniform over what fulfils linear conditions between limits.

    Where the conditions are orders of children with the same limits, draws between the limits are put in order;
    where enough of those draws fulfil the conditions, the others are thrown away: both are exact. Else a walk.
    """

    def __init__(self, slopes: Floats, limits: Floats, low: Floats, high: Floats, total: float, stream: str) -> None:
        self.slopes = slopes
        self.limits = limits * total
        self.total = total
        self.box = BoxSampler(low * total, high * total, total)
        self.chains = chains_of(slopes, limits, low, high)
        self.walk: Walk | None = None
        self.share = 1.0
        if self.chains is not None:
            self.uniforms = self.box.uniforms
            return
        self.share = float(self._fulfil(self.box.draw(named_generator(stream), _TRIED)).mean())
        if self.share < _WORTH:
            self.free = np.flatnonzero(high > low)
            self.held = np.where(high > low, 0.0, low) * total
            k = len(self.free)
            walls = np.vstack([slopes[:, self.free], np.eye(k), -np.eye(k)])
            ends = np.concatenate([self.limits - slopes @ self.held, high[self.free] * total, -low[self.free] * total])
            says = walls.any(axis=1)  # what is said of fixed children alone is known
            left = total - float(self.held.sum())
            self.walk = prepared_walk(named_generator(stream), walls[says], ends[says], left)

    def _fulfil(self, draws: Floats) -> npt.NDArray[np.bool_]:
        return np.all(draws @ self.slopes.T <= self.limits + _SLACK * abs(self.total), axis=1)

    def draw(self, rng: np.random.Generator, draws: int, dtype: Any = np.float64) -> Floats:
        if self.chains is not None:
            return in_order(self.box.draw(rng, draws, dtype), self.chains)
        if self.walk is not None:
            found = np.tile(self.held, (draws, 1)).astype(dtype)
            found[:, self.free] = walked(rng, draws, self.walk)
            return found
        kept: list[Floats] = []
        left = draws
        while left > 0:
            tried = self.box.draw(rng, int(left / self.share * 1.1) + 16)
            kept.append(tried[self._fulfil(tried)][:left])
            left -= len(kept[-1])
        return np.concatenate(kept).astype(dtype, copy=False)

    def at(self, uniform: Floats) -> Floats | None:
        if self.chains is None:
            return None
        found = self.box.at(uniform)
        return None if found is None else in_order(found, self.chains)

    @property
    def diagnostics(self) -> dict[str, Any]:
        if self.walk is None:
            return {"method": self.method, "kept": self.share}
        return {
            "method": "hit-and-run",
            "steps": self.walk.steps,
            "correlation": self.walk.correlation,
            "r_hat": self.walk.r_hat,
        }


def chains_of(slopes: Floats, limits: Floats, low: Floats, high: Floats) -> list[npt.NDArray[np.intp]] | None:
    """Orders that the conditions are, each of children with the same limits; ``None`` if they are anything else.

    Examples
    --------
    >>> slopes = np.array([[-1.0, 1.0, 0.0], [0.0, -1.0, 1.0]])  # the first at least the second, that the third
    >>> chains_of(slopes, np.zeros(2), np.zeros(3), np.ones(3))
    [array([0, 1, 2])]
    """
    after: dict[int, int] = {}
    for slope, limit in zip(slopes, limits, strict=True):
        above, below = np.flatnonzero(slope < 0), np.flatnonzero(slope > 0)
        if limit != 0 or len(above) != 1 or len(below) != 1 or slope[above[0]] != -slope[below[0]]:
            return None
        if after.setdefault(int(above[0]), int(below[0])) != int(below[0]):
            return None
    if len(set(after.values())) < len(after):
        return None
    found: list[npt.NDArray[np.intp]] = []
    for first in sorted(set(after) - set(after.values())):
        chain = [first]
        while chain[-1] in after:
            chain.append(after.pop(chain[-1]))
        found.append(np.array(chain))
    if after:  # what is left goes round
        raise Refusal("the conditions leave no room: they hold with equality wherever they hold")
    return found if all(_alike(low[chain]) and _alike(high[chain]) for chain in found) else None


def _alike(limits: Sequence[float] | Floats) -> bool:
    return len(set(np.asarray(limits).tolist())) == 1
