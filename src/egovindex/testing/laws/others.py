"""Independence of irrelevant units: what one unit answers, and what that does to the order of others.

Where bounds are fixed (goalposts), nothing. Where they are learned (z-scores, min-max, ranks), anything: Arrow's
condition cannot be kept by a scale that the units themselves make. See Munda 2008 and OECD/JRC 2008, step 5.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from egovindex.errors import listed
from egovindex.formulas import Floats
from egovindex.scores import Scores
from egovindex.testing.cases import Case, Finding
from egovindex.testing.laws.arrays import swapped
from egovindex.testing.laws.common import scored

__all__ = ["law_independent"]

_MOST_CHANGES = 240
_MOST_RIVALS = 200


def law_independent(case: Case) -> Iterator[Finding]:
    """What one unit answers changes no other's score; promised where nothing is learned."""
    names = case.scores.nodes
    if case.rows < 2:
        yield from (Finding(name, None, "one row has no other") for name in names)
        return
    why = {name: _learns(case, name) for name in names}
    found: dict[str, Finding] = {}
    changes = _changes(case)
    for start in range(0, len(changes), 48):
        batch = changes[start : start + 48]
        x = np.tile(case.x, (len(batch), 1, 1))
        for draw, (row, at, value) in enumerate(batch):
            x[draw, row, at] = value
        together = case.tried({"x": x})
        for draw, change in enumerate(batch):
            alone = together or case.tried({"x": x[draw]})
            if alone is not None:
                _look(case, alone, None if together is None else draw, change, found)
    for name in names:
        known = found.get(name)
        if known is not None:
            detail = f"not promised ({why[name]}): {known.detail}" if why[name] else known.detail
            yield Finding(name, False, detail, promised=not why[name], grade=known.grade)
        elif not changes:
            yield Finding(name, None, "no indicator has points to change")
        else:
            told = f"not promised ({why[name]}), but nothing was found" if why[name] else "no other unit moved"
            yield Finding(name, True, f"{told}; {len(changes)} changes", promised=not why[name])


def _changes(case: Case) -> list[tuple[int, int, float]]:
    """Unit, indicator and points, in turn up, down, and past what others have."""
    found = []
    levels = case.plan.tree.levels
    for leaf, at in case.plan.positions.items():
        rows = (
            np.flatnonzero(scored(case, leaf))
            if case.plan.leaves[leaf].state is not None
            else np.arange(case.x.shape[0])
        )
        if not rows.size or levels[leaf] != levels[case.scores.nodes[0]]:
            continue
        values = case.x[rows, at]
        free = not case.plan.tree.leaves[leaf].lines
        past = [values.max() + (np.ptp(values) or 1.0)] if free else []
        for value in (*past, values.max(), values.min()):
            found += [(int(row), at, float(value)) for row in rows if case.x[row, at] != value]
    if len(found) > _MOST_CHANGES:
        chosen = case.rng.choice(len(found), _MOST_CHANGES, replace=False)
        found = [found[place] for place in np.sort(chosen)]
    return found


def _look(
    case: Case, scores: Scores, draw: int | None, change: tuple[int, int, float], found: dict[str, Finding]
) -> None:
    row, at, value = change
    leaf = list(case.plan.positions)[at]
    verb = "raising" if value > case.x[row, at] else "lowering"
    told = f"{verb} {case.unit(row)}'s {leaf} from {case.x[row, at]:.6g} to {value:.6g}"
    for name in case.scores.nodes:
        known = found.get(name)
        if known is not None and known.grade:
            continue
        before = case.scores[name]
        after = scores[name] if draw is None else scores[name][draw]
        others = np.delete(np.arange(case.rows), row)
        moved = case.differing(name, after[others], before[others], np.zeros(len(others)))
        if moved is None:
            continue
        b = int(others[moved])
        rivals = next(rows for rows in case.plan.rows.groups if b in rows)
        pair = swapped(before, after, np.intersect1d(others, rivals)[:_MOST_RIVALS])
        if pair is not None:
            found[name] = Finding(name, False, f"{told} {_swap(case, name, pair, before, after)}", grade=1)
        elif known is None:
            one = f"{told} moves {case.unit(b)} in {name} from {before[b]:.6g} to {after[b]:.6g}"
            found[name] = Finding(name, False, one)


def _swap(case: Case, name: str, pair: tuple[int, int], before: Floats, after: Floats) -> str:
    b, c = pair
    was, now = f"{before[b]:.6g} and {before[c]:.6g}", f"{after[b]:.6g} and {after[c]:.6g}"
    return f"swaps {case.unit(b)} and {case.unit(c)} in {name}: {was} become {now}"


def _learns(case: Case, name: str) -> str:
    """What below a node, or in it, takes numbers from the units; empty where nothing does."""
    tree, below = case.plan.tree, case.plan.below([name])
    records = [*below, *(child for node in below for child in tree.branches[node].inputs if child in tree.leaves)]
    found: dict[str, None] = {}
    for record in records:
        steps = (tree.leaves[record] if record in tree.leaves else tree.branches[record]).steps
        found |= dict.fromkeys(step.name for step in steps if step.learns)
        found |= dict.fromkeys(word.word for word in tree.fills(record) if word.word in ("mean", "median"))
    if case.index.file.best is not None:
        found["best"] = None
    return f"{listed(found)} learned from all units" if found else ""
