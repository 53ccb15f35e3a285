"""Exact results on weights: win probabilities, expected ranks and swap points, each with its floor in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from egovindex.kernels.swappoints import SwapPoints, rank_range_one_weight, stability_interval, swap_points
from egovindex.kernels.winning import Wins, win_matrix

ANSWERS = (0.0, 0.5, 1.0)


def values(units: int, indicators: int, kind: str) -> np.ndarray:
    """Scores of indicators: ``continuous``, or one of three ``answers``."""
    rng = np.random.default_rng(1)
    return rng.random((units, indicators)) if kind == "continuous" else rng.choice(ANSWERS, (units, indicators))


def parameters(indicators: int, law: str) -> np.ndarray:
    """Of a Dirichlet law: ``uniform`` on the simplex, or ``around`` unequal weights, none of them whole."""
    return np.ones(indicators) if law == "uniform" else np.random.default_rng(2).uniform(0.5, 5, indicators)


# --- win probabilities --------------------------------------------------------------------------------------------
def wins(x: np.ndarray, alpha: np.ndarray) -> Wins:
    """Probability of every unit to be above every other."""
    return win_matrix(x, alpha)


def sorted_differences(x: np.ndarray) -> np.ndarray:
    """Floor: the differences of every pair, each row sorted once; no exact way does without reading them."""
    first, second = np.triu_indices(len(x), 1)
    return np.sort(x[first] - x[second], axis=1)


def wins_by_draws(x: np.ndarray, alpha: np.ndarray, draws: int) -> np.ndarray:
    """The same by draws, a comparison of every pair in each: what the exact way replaces, and its check."""
    scores = np.random.default_rng(3).dirichlet(alpha, draws) @ x.T
    found = np.zeros((len(x), len(x)))
    for block in np.array_split(scores, max(1, draws // 500)):
        found += (block[:, :, None] > block[:, None, :]).sum(axis=0)
    return found / draws


def wins_differ(x: np.ndarray, alpha: np.ndarray, draws: int = 4000) -> bool:
    """Whether exact probabilities lie outside six standard errors of drawn ones."""
    exact = wins(x, alpha).above
    room = 6 * np.sqrt(np.maximum(exact * (1 - exact), 5 / draws) / draws)
    return bool((np.abs(exact - wins_by_draws(x, alpha, draws)) > room).any())


# --- swap points --------------------------------------------------------------------------------------------------
def _of_one_node(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    share = np.full(x.shape[1], 1 / x.shape[1])
    return x @ share, np.ascontiguousarray(x.T), share


def swaps(x: np.ndarray) -> SwapPoints:
    """Every share of every indicator at which two units change places, all weights being equal now."""
    return swap_points(*_of_one_node(x))


def swaps_by_hand(x: np.ndarray) -> tuple[np.ndarray, ...]:
    """Floor: the same without ties, sides and names of units, one indicator at a time."""
    own, at_one, share = _of_one_node(x)
    first, second = np.triu_indices(len(own), 1)
    ahead, found = own[first] - own[second], []
    for one, now in zip(at_one, share, strict=True):
        there = one[first] - one[second]
        zero = (ahead - now * there) / (1 - now)
        pair = np.flatnonzero((zero < 0) != (there < 0))
        found.append((pair, zero[pair] / (zero[pair] - there[pair])))
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def swaps_differ(x: np.ndarray) -> bool:
    """Whether the two find other shares; for values without ties."""
    ours, floor = np.sort(swaps(x).t), np.sort(swaps_by_hand(x)[1])
    return len(ours) != len(floor) or not np.allclose(ours, floor, atol=1e-9)


def one_weight(x: np.ndarray, around: float = 0.25) -> tuple[Any, Any]:
    """Stable shares, and best and worst ranks while one weight at a time moves by a quarter."""
    own, at_one, share = _of_one_node(x)
    limits = share[:, None] * np.array([1 - around, 1 + around])
    return stability_interval(own, at_one, share), rank_range_one_weight(own, at_one, share, limits)


def sorted_scores(x: np.ndarray) -> np.ndarray:
    """Floor: for every indicator, the lead of every unit over every other, each row sorted once."""
    _, at_one, _ = _of_one_node(x)
    return np.stack([np.sort(one - one[:, None], axis=1)[:, -1] for one in at_one])
