"""What the machine knows beside the library: plain answers and weights, and what each result was when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.keep.cells import cells_of
from egovindex.kernels.rank import competition_ranks

TABLES = ("scores", "ranks", "states", "classes", "coverage", "learned", "points")


@dataclass(frozen=True)
class Kept:
    """A result, the answers it was made of, and what it said then."""

    result: ei.IndexResult
    table: pd.DataFrame
    said: str

    @classmethod
    def of(cls, result: ei.IndexResult, table: pd.DataFrame) -> Kept:
        return cls(result, table.copy(deep=True), said_by(result))

    def assert_unchanged(self) -> None:
        assert said_by(self.result) == self.said, "a result that was there has changed"


def said_by(result: ei.IndexResult) -> str:
    """All that a result tells, in all digits."""
    tables = [getattr(result, name) for name in TABLES]
    text = [f"{heading}: {cells_of(table[heading])}" for table in tables for heading in table.columns]
    return "\n".join([result.index.to_yaml(), repr(result.manifest), *map(str, text)])


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def assert_ranks_follow_scores(result: ei.IndexResult) -> None:
    """By counting: one more than the number of units that are better, up to the declared tolerance."""
    for node in result.nodes:
        scores, ranks = result.scores[node].to_numpy(), result.ranks[node]
        for row, (score, rank) in enumerate(zip(scores, ranks, strict=True)):
            assert pd.isna(rank) == np.isnan(score), f"{node}, row {row}: rank {rank} of score {score}"
        # a clear difference decides; a near tie is the kernel's own business
        for one, a in enumerate(scores):
            for other, b in enumerate(scores):
                if a > b + 1e-6 * max(1.0, abs(a), abs(b)):
                    assert ranks.iloc[one] < ranks.iloc[other], f"{node}: {a} ranks {ranks.iloc[one]}"
        assert (competition_ranks(scores) == ranks.fillna(0).to_numpy(dtype=int)).all()
    ranking = result.ranking
    assert sorted(ranking["unit"].astype(str)) == sorted(map(str, result.plan.rows.units))
    assert ranking["rank"].dropna().is_monotonic_increasing


def assert_contributions_add_up(result: ei.IndexResult) -> None:
    for node in result.nodes:
        for by in ("child", "indicator"):
            parts = result.contributions(node, by=by)
            score = parts.pop("score")
            scale = max(1.0, np.nanmax(np.abs(parts.to_numpy()), initial=0.0))
            np.testing.assert_allclose(parts.sum(axis=1, skipna=False), score, rtol=0, atol=1e-12 * scale)


def changed(table: pd.DataFrame, row: int, column: str, answer: object) -> pd.DataFrame:
    """A copy with another answer in one cell; of the column's own type, where it takes the answer."""
    table = table.copy(deep=True)
    answers = table[column].tolist()
    answers[row] = answer
    table[column] = pd.Series(answers, index=table.index, dtype=object if table[column].dtype == object else None)
    return table
