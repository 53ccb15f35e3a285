"""Pairs of units under all weights of a region: who can be ahead of whom, and how far weights are from a swap.

Letters: ``n`` units, ``L`` ends, ``k`` weights of one node. ``x`` is ``(n, L)``, and a unit's score ``x @ ends``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from egovindex.kernels.region import WHOLE, Region

__all__ = ["contamination", "least_leads", "nested_radius", "relative_radius"]

Array = npt.NDArray[np.float64]

_CELLS = 4_000_000
_STEPS = 200
_CLOSE = 1e-13
# sums of the same numbers in another order: a lead that vanishes at the very end vanishes
_ROUNDING = 1e-12


def least_leads(x: Array, region: Region) -> Array:
    """Smallest lead of each unit over each other: ``(n, n)``, row over column, zero on the diagonal.

    The largest lead is the smallest one turned round: ``-leads.T``.
    """
    n = len(x)
    found = np.zeros((n, n))
    size = max(1, _CELLS // max(1, x.size))
    for start in range(0, n, size):
        rows = x[start : start + size]
        differences = (rows[:, None, :] - x[None, :, :]).reshape(-1, x.shape[1])
        found[start : start + size] = region.least(differences).reshape(len(rows), n)
    np.fill_diagonal(found, 0.0)
    return found


def relative_radius(differences: Array, weights: Array) -> Array:
    """Smallest share by which all weights may differ from what they are so that a lead can vanish.

    With ``w = w0 + f delta``, ``|delta_q| <= w0_q`` and ``sum(delta) = 0``, the lead ``d @ w`` loses at most ``f``
    times the weighted mean absolute deviation of ``d`` about its weighted median: so ``f = |d @ w0| / WMAD(d)``.

    Parameters
    ----------
    differences
        ``(P, k)``.
    weights
        ``(k,)`` shares that add up to one.

    Returns
    -------
    ndarray
        ``(P,)``; infinite where it is above one, since no weight falls below zero, and where ``d`` is constant; zero
        where there is no lead.

    Examples
    --------
    >>> relative_radius(np.array([[0.3, -0.1]]), np.array([0.5, 0.5]))
    array([0.5])
    """
    size = max(1, _CELLS // max(1, differences.shape[1]))
    blocks = [_relative(differences[at : at + size], weights) for at in range(0, len(differences), size)]
    return np.concatenate(blocks) if blocks else np.zeros(0)


def _relative(differences: Array, weights: Array) -> Array:
    order = np.argsort(differences, axis=1)
    ordered = np.take_along_axis(differences, order, axis=1)
    below = np.cumsum(weights[order], axis=1)
    middle = np.argmax(below >= 0.5 * below[:, -1:], axis=1)
    median = np.take_along_axis(ordered, middle[:, None], axis=1)
    spread = np.abs(differences - median) @ weights
    lead = np.abs(differences @ weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        radius = np.where(lead == 0, 0.0, lead / spread)
    return np.where(radius <= 1.0 + _ROUNDING, np.minimum(radius, 1.0), np.inf)


def contamination(differences: Array, weights: Array) -> Array:
    """Smallest share of all weight that, put anywhere, can make a lead vanish.

    Weights are ``(1 - e) w0 + e v`` with any ``v``: the lead ``m`` vanishes from ``e = m / (m - min(d))`` on
    (Foster, McGillivray and Seth 2013, doi 10.1080/07474938.2012.690647). Infinite where no weights do it.

    Examples
    --------
    >>> contamination(np.array([[0.3, -0.1]]), np.array([0.5, 0.5])).round(3)
    array([0.5])
    """
    lead = differences @ weights
    turned = np.where(lead < 0, -1.0, 1.0)
    lead = np.abs(lead)
    worst = np.where(turned > 0, differences.min(axis=1), -differences.max(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = lead / (lead - worst)
    return np.where(lead == 0, 0.0, np.where(worst <= 0, found, np.inf))


def nested_radius(differences: Array, region: Region, own: Array) -> Array:
    """The same as :func:`relative_radius` where the weights of several nodes vary, each within the same share.

    The least of a lead falls as the share grows; where it vanishes is enclosed by the rule of false position
    (Illinois variant) until no digit is left.

    Parameters
    ----------
    differences
        ``(P, L)``.
    region
        Whose nodes vary: those whose limits are apart.
    own
        ``(V,)`` share of each part in its node, as it is.

    Returns
    -------
    ndarray
        ``(P,)`` to a relative 1e-12; infinite where there is still a lead at one.
    """
    whole = _chained(region, own)[region.ends]
    leads = differences @ whole
    turned = differences * np.where(leads < 0, -1.0, 1.0)[:, None]
    found = np.where(leads == 0, 0.0, np.inf)
    here = np.flatnonzero(leads != 0)
    low, high = np.zeros(len(here)), np.ones(len(here))
    above, below = np.abs(leads[here]), _least_within(turned[here], region, own, high)
    vanishing = below <= _ROUNDING * np.abs(turned[here]).max(axis=1)
    below = np.minimum(below, 0.0)
    here, low, high, above, below = (part[vanishing] for part in (here, low, high, above, below))
    side = np.zeros(len(here))
    for _ in range(_STEPS):
        if not here.size:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = low + (high - low) * above / (above - below)
        middle = np.where((middle > low) & (middle < high), middle, 0.5 * (low + high))
        value = _least_within(turned[here], region, own, middle)
        falls = value <= 0
        below = np.where(falls, value, np.where(side < 0, below * 0.5, below))
        above = np.where(falls, np.where(side > 0, above * 0.5, above), value)
        high, low = np.where(falls, middle, high), np.where(falls, low, middle)
        side = np.where(falls, 1.0, -1.0)
        found[here] = high
        left = (high - low > _CLOSE * high) & (value != 0)
        here, low, high, above, below, side = (part[left] for part in (here, low, high, above, below, side))
    return found


def _chained(region: Region, own: Array) -> Array:
    found = own.copy()
    for node in reversed(region.nodes):
        found[node.parts] *= 1.0 if node.parent == WHOLE else found[node.parent]
    return found


def _least_within(differences: Array, region: Region, own: Array, share: Array) -> Array:
    """Smallest lead with every weight that varies within a share of itself, a share for each row."""
    values = np.empty((len(differences), region.size))
    values[:, region.ends] = differences
    found = np.zeros(len(differences))
    for node in region.nodes:
        mine, inner = own[node.parts], values[:, node.parts]
        if (node.high > node.low).any():
            reach = share[:, None] * mine
            found = _boxed_by_row(inner, mine - reach, np.minimum(mine + reach, 1.0))
        else:
            found = inner @ mine
        if node.parent != WHOLE:
            values[:, node.parent] = found
    return found


def _boxed_by_row(values: Array, low: Array, high: Array) -> Array:
    """As :func:`egovindex.kernels.region.boxed`, with limits of each row."""
    order = np.argsort(values, axis=1)
    widths = np.take_along_axis(high - low, order, axis=1)
    before = np.cumsum(widths, axis=1) - widths
    taken = np.clip(1.0 - low.sum(axis=1, keepdims=True) - before, 0.0, widths)
    found: Array = (values * low).sum(axis=1) + (taken * np.take_along_axis(values, order, axis=1)).sum(axis=1)
    return found
