"""Draws of flat weights, the four sources of the ASEM example, sensitivity indices; each with its floor."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.blas import one_blas_thread

CHUNK = 4096
BLOCK = 512
WORKERS = 2
ASEM = Path(__file__).resolve().parents[1] / "tests" / "data" / "coinr" / "asem"
NORMALISERS = ("minmax 1 100", "zscore sample 10 2")


# --- flat weights -------------------------------------------------------------------------------------------------
def flat(units: int, indicators: int) -> tuple[ei.Index, pd.DataFrame]:
    """Indicators scored 0, 0.25, 0.5 or 1 under one node."""
    rng = np.random.default_rng(1)
    names = [f"i{at}" for at in range(indicators)]
    table = pd.DataFrame(rng.choice([0, 0.25, 0.5, 1], (units, indicators)), columns=names)
    table.index = pd.Index([f"u{at:05d}" for at in range(units)], name="unit")
    rows = pd.DataFrame({"id": [*names, "top"], "kind": ["indicator"] * indicators + ["node"]})
    rows["in"] = ["top"] * indicators + [None]
    return ei.Index.from_frame(rows, index="flat", nothing="void"), table


def flat_draws(index: ei.Index, table: pd.DataFrame, draws: int, precision: Any) -> ei.Draws:
    """Any weights, and how often each unit has each rank."""
    return ei.simulate(index, table, ei.Doubt(weights=ei.simplex()), n=draws, rng=1, precision=precision)


def packed_keys(values: np.ndarray, draws: int, dtype: Any) -> np.ndarray:
    """The same by hand: exponential weights, a matrix product, one sort of scores with the unit in their last bits."""
    own = np.ascontiguousarray(values.T.astype(dtype))
    one = _packed_double if dtype == np.float64 else _packed_single
    starts = range(-(-draws // CHUNK))
    with one_blas_thread(), ThreadPoolExecutor(WORKERS) as pool:
        found: np.ndarray = sum(pool.map(lambda at: one(own, at, min(CHUNK, draws - at * CHUNK)), starts))
    units = len(values)
    return found.reshape(units, units)


def _packed_double(values: np.ndarray, seed: int, draws: int) -> np.ndarray:
    k, n = values.shape
    rng = np.random.Generator(np.random.SFC64(seed))
    low = np.uint64((1 << int(n - 1).bit_length()) - 1)
    units, places = np.arange(n, dtype=np.uint64), np.arange(n)
    counts = np.zeros(n * n, np.int64)
    for start in range(0, draws, BLOCK):
        weights = rng.standard_exponential((min(BLOCK, draws - start), k))
        scores = weights @ values
        scores /= weights.sum(axis=1, keepdims=True)
        scores = np.subtract(scores.max(), scores, out=scores)
        keys = scores.view(np.uint64)
        keys &= ~low
        keys |= units
        keys.sort(axis=1)
        keys &= low
        cells = keys.view(np.int64)
        cells *= n
        cells += places
        counts += np.bincount(cells.ravel(), minlength=n * n)
    return counts


def _packed_single(values: np.ndarray, seed: int, draws: int) -> np.ndarray:
    k, n = values.shape
    rng = np.random.Generator(np.random.SFC64(seed))
    bits = int(n - 1).bit_length()
    units, places = np.arange(n, dtype=np.uint32), np.arange(n)
    counts = np.zeros(n * n, np.int64)
    for start in range(0, draws, BLOCK):
        weights = rng.standard_exponential((min(BLOCK, draws - start), k), dtype=np.float32)
        scores = weights @ values
        scores /= weights.sum(axis=1, keepdims=True)
        best, worst = scores.max(), scores.min()
        scores = np.subtract(best, scores, out=scores)
        scores *= np.float32(2.0 ** (32 - bits) - 2) / (best - worst)
        keys = scores.astype(np.uint32)
        keys <<= np.uint32(bits)
        keys |= units
        keys.sort(axis=1)
        cells = (keys & np.uint32((1 << bits) - 1)).astype(np.int64)
        cells *= n
        cells += places
        counts += np.bincount(cells.ravel(), minlength=n * n)
    return counts


# --- four sources -------------------------------------------------------------------------------------------------
class Asem:
    """The ASEM example of COINr with its four sources: limit of winsorising, normaliser, aggregate, weights."""

    def __init__(self) -> None:
        meta = pd.read_csv(ASEM / "iMeta.csv")
        meta = meta[meta["Type"].isin(["Indicator", "Aggregate"])]
        indicator = meta["Type"] == "Indicator"
        rows = pd.DataFrame(
            {"id": meta["iCode"], "kind": np.where(indicator, "indicator", "node"), "in": meta["Parent"]}
        )
        rows["weight"] = meta["Weight"].where(indicator)
        rows["direction"] = meta["Direction"].map({1: "up", -1: "down"}).where(indicator)
        rows["from"] = (meta["iCode"] + " / " + meta["Denominator"]).where(meta["Denominator"].notna())
        self.index = ei.Index.from_frame(rows, index="asem", nothing="void", defaults={"indicators": self.steps(5)})
        self.data = pd.read_csv(ASEM / "iData.csv").rename(columns={"uCode": "unit"}).drop(columns="Time")
        table = pd.read_csv(ASEM / "weights_alternatives_100.csv").set_index("iCode").filter(regex=r"^w\d+$")
        branches, sets = self.index.tree.branches.items(), table.to_dict().values()
        self.schemes = [{n: {c: own[c] for c in b.children} for n, b in branches} for own in sets]
        self.doubt = ei.Doubt(
            steps=[f"winsorise {most}" for most in range(1, 6)],
            normalise=list(NORMALISERS),
            aggregate=["mean", "geometric"],
            weights=self.schemes,
        )

    @staticmethod
    def steps(most: int, normaliser: str = "minmax 0 100") -> dict[str, Any]:
        """Of every indicator: gaps filled with the mean of the group, outliers pulled in, put on one scale."""
        return {"points": {"missing": "mean by EurAsia_group"}, "steps": [f"winsorise {most}", normaliser]}

    def draws(self, n: int) -> ei.Draws:
        """Uncertainty of all four at once."""
        return ei.simulate(self.index, self.data, self.doubt, n=n, rng=1)

    def by_hand(self) -> Callable[[int], np.ndarray]:
        """The same sums and ranks in NumPy, over tables that were treated and normalised before."""
        tables = {}
        for most in range(1, 6):
            for at, normaliser in enumerate(NORMALISERS):
                other = self.index.with_(defaults={"indicators": self.steps(most, normaliser)})
                tables[most, at] = ei.compute(other, self.data).indicators
        columns = list(tables[1, 0])
        plans = {key: table.to_numpy() for key, table in tables.items()}
        branches = {name: branch.children for name, branch in self.index.tree.branches.items()}
        weights = {name: np.array([list(s[name].values()) for s in self.schemes]) for name in branches}
        order = sorted(branches, key=lambda name: _height(name, branches))

        def run(n: int) -> np.ndarray:
            rng = np.random.default_rng(1)
            taken = np.column_stack([rng.integers(1, 6, n), rng.integers(0, 2, n), rng.integers(0, 2, n)])
            scheme = rng.integers(0, len(self.schemes), n)
            every, which = np.unique(taken, axis=0, return_inverse=True)
            units = len(self.data)
            counts = np.zeros((units, units + 1), dtype=np.int64)
            tasks = [(key, scheme[which.reshape(-1) == at]) for at, key in enumerate(every)]
            with one_blas_thread(), ThreadPoolExecutor(WORKERS) as pool:
                for found in pool.map(lambda task: one(*task), tasks):
                    counts += found
            return counts

        def one(key: np.ndarray, scheme: np.ndarray) -> np.ndarray:
            most, normaliser, geometric = map(int, key)
            values = plans[most, normaliser]
            units = len(values)
            counts = np.zeros((units, units + 1), dtype=np.int64)
            for start in range(0, len(scheme), BLOCK):
                own = scheme[start : start + BLOCK]
                scores: dict[str, np.ndarray] = {name: values[None, :, at] for at, name in enumerate(columns)}
                for node in order:
                    given = weights[node][own]
                    below = np.stack(
                        [np.broadcast_to(scores[child], (len(own), units)) for child in branches[node]], axis=2
                    )
                    below = np.log(below) if geometric else below
                    scores[node] = (below @ given[:, :, None])[:, :, 0] / given.sum(axis=1, keepdims=True)
                    if geometric:
                        scores[node] = np.exp(scores[node])
                ranks = (-scores[order[-1]]).argsort(axis=1).argsort(axis=1) + 1
                for unit in range(units):
                    counts[unit] += np.bincount(ranks[:, unit], minlength=units + 1)
            return counts

        return run


def _height(name: str, branches: dict[str, Any]) -> int:
    return 0 if name not in branches else 1 + max(_height(child, branches) for child in branches[name])


# --- sensitivity --------------------------------------------------------------------------------------------------
GROUPS = 6


def in_pillars(units: int, indicators: int) -> tuple[ei.Index, pd.DataFrame, ei.Doubt]:
    """Indicators in five pillars; the weights of each pillar and of the top are six groups."""
    rng = np.random.default_rng(2)
    names = [f"i{at}" for at in range(indicators)]
    pillars = [f"p{at}" for at in range(GROUPS - 1)]
    rows = [{"id": name, "kind": "indicator", "in": pillars[at % len(pillars)]} for at, name in enumerate(names)]
    rows += [{"id": name, "kind": "node", "in": "top"} for name in pillars] + [{"id": "top", "kind": "node"}]
    table = pd.DataFrame(rng.random((units, indicators)), columns=names)
    table.index = pd.Index([f"u{at:05d}" for at in range(units)], name="unit")
    index = ei.Index.from_frame(pd.DataFrame(rows), index="pillars", nothing="void")
    return index, table, ei.Doubt(weights={name: ei.within(0.5) for name in [*pillars, "top"]})


def shifts_by_hand(index: ei.Index, table: pd.DataFrame, design: Any) -> np.ndarray:
    """Average rank shifts of every evaluation of a design: matrix products and two argsorts."""
    values = table.to_numpy()
    branches = index.tree.branches
    columns = {name: [table.columns.get_loc(c) for c in b.children] for name, b in branches.items() if name != "top"}
    nominal = _ranked(sum(values[:, own].mean(axis=1) for own in columns.values())[None])

    def one(task: tuple[int, slice]) -> np.ndarray:
        which, rows = task
        weights = design.settings(which, rows)
        total, over = 0.0, weights["weights.top"]
        for at, pillar in enumerate(branches["top"].children):
            own = weights[f"weights.{pillar}"]
            total = total + own @ values[:, columns[pillar]].T / own.sum(axis=1, keepdims=True) * over[:, at, None]
        return np.abs(_ranked(total) - nominal).mean(axis=1)

    n = len(next(iter(design.sample_a.values())))
    tasks = [(which, slice(s, s + BLOCK)) for which in range(len(design.names)) for s in range(0, n, BLOCK)]
    with one_blas_thread(), ThreadPoolExecutor(WORKERS) as pool:
        return np.concatenate(list(pool.map(one, tasks)))


def _ranked(scores: np.ndarray) -> np.ndarray:
    return (-scores).argsort(axis=1).argsort(axis=1) + 1
