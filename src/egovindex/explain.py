"""Where one unit's score comes from: answers, points, steps, weights, and the way to the best."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from egovindex.columns import Columns
from egovindex.errors import listed
from egovindex.evaluate import evaluate
from egovindex.formulas import Floats
from egovindex.kernels.rank import TIE_TOLERANCE
from egovindex.lookup import Group, group_of, known_node, row_of
from egovindex.points import SCORED, SKIPPED
from egovindex.readings import answer_given, attainable_points, category_read
from egovindex.result import IndexResult
from egovindex.shown import Shown
from egovindex.spec.language import number_text
from egovindex.stepping import Stepper

__all__ = ["Explanation", "explain"]

# cells of one block of what-if draws: some 30 MB
_BLOCK = 4_000_000
_TOLD = 3
_MOST_PARTS = 12  # of a score, in the sentence that adds them up


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Shown):
    """One unit's score, taken apart.

    Made by :func:`explain`.

    Parameters
    ----------
    result
        The result.
    row
        The unit's row there.
    node
        The node explained.
    group
        Rows the unit is held against; among them the unit itself.
    """

    result: IndexResult
    row: int
    node: str
    group: np.ndarray

    @property
    def unit(self) -> str:
        """The unit, with its period if there is one."""
        return self.result.plan.rows.name(self.row)

    @property
    def score(self) -> float:
        """Its score; NaN where there is none."""
        return float(self.result.nominal.by_node[self.node][self.row])

    @cached_property
    def table(self) -> pd.DataFrame:
        """Indicators of the node, those with the largest gap to the best first.

        Returns
        -------
        DataFrame
            Indexed by indicator; columns ``label, parent, answer`` (as it stands in the data), ``category`` (that it
            was read as, or its kind of nothing; none for a plain number), ``points`` (earned), ``attainable`` (the
            most that its points give; 0 where it is skipped, NaN where there is no limit or it is void), ``weight``
            (as written, in its first parent here), ``value`` (after its steps), ``share`` (effective weight in the
            node; in every other node above it see :attr:`effects`), ``contribution`` (with ``base`` and ``steps`` of
            :attr:`contributions` they add up to the score), ``best`` (unit with the best value),
            ``gap_to_best`` and ``gap_to_group``: by how much the node's score would rise if this indicator
            alone had the best unit's points, or the group's mean points. Gaps are scored, not estimated,
            with the learned values kept; they add up only where the node is additive.
        """
        result, row = self.result, self.row
        names = [name for name in result.index.tree.leaves if name in self._shares.index]
        indicators, points = result.indicators, result.points.iloc[row]
        values = {name: indicators[name].to_numpy() for name in names}
        best = {name: self._best(name, values[name]) for name in names}
        to_best, to_group = self._gaps(names, best)
        contributions = self.contributions
        table = pd.DataFrame(
            {
                "label": [result.index.labels[name] for name in names],
                "parent": [", ".join(result.index.tree.parents[name]) for name in names],
                "answer": [self._answer(name) for name in names],
                "category": pd.Series([self._category(name) for name in names], index=names, dtype=object),
                "points": [points[name] for name in names],
                "attainable": [self._attainable(name) for name in names],
                "weight": [self._weights[name] for name in names],
                "value": [values[name][row] for name in names],
                "share": [self._shares[name] for name in names],
                "contribution": [contributions.get(name, np.nan) for name in names],
                "best": [None if at is None else result.plan.rows.name(at) for at in best.values()],
                "gap_to_best": to_best,
                "gap_to_group": to_group,
            },
            index=pd.Index(names, name="indicator"),
        )
        return table.sort_values("gap_to_best", ascending=False, kind="stable", na_position="last")

    @cached_property
    def contributions(self) -> pd.Series:
        """What each indicator, ``base`` and ``steps`` add to the score; they add up to it."""
        return self._contributions(self.node)

    def _contributions(self, node: str) -> pd.Series:
        return self.result.contributions(node).iloc[self.row].drop("score")

    @property
    def effects(self) -> pd.DataFrame:
        """Effect on every node: contribution of every indicator (row) to each it is in (column); else blank.

        Nodes in which it is twice removed are among them; down a column, with ``base`` and ``steps`` of
        ``result.contributions(node)``, it adds up to the unit's score there.
        """
        tree = self.result.index.tree
        columns = {}
        for node in self.result.nodes:
            found = self._contributions(node)
            columns[node] = found[[name for name in found.index if name in tree.leaves]]
        order = [name for name in tree.leaves if any(name in column.index for column in columns.values())]
        return pd.DataFrame(columns).reindex(pd.Index(order, name="indicator"))

    @property
    def steps(self) -> pd.DataFrame:
        """Step by step, for every indicator and node below: ``record, at, value``.

        ``at`` is ``answer``, ``points``, each step as it is written, and for nodes the aggregate.
        """
        rows = [(record, at, value) for record in self._shares.index[::-1] for at, value in self._stages(str(record))]
        return pd.DataFrame(rows, columns=["record", "at", "value"])

    @cached_property
    def _shares_signed(self) -> dict[str, float]:
        """Products of weights down from the node, for their signs."""
        tree = self.result.index.tree
        signed = {self.node: 1.0}
        for branch in reversed([*tree.branches.values()]):
            if branch.id in signed and branch.formula is None:
                for child, weight in zip(branch.children, branch.weights, strict=True):
                    signed[child] = signed.get(child, 0.0) + signed[branch.id] * weight.value
        return signed

    @cached_property
    def _records(self) -> pd.DataFrame:
        return self.result.effective_weights(self.node)

    @property
    def _shares(self) -> pd.Series:
        return self._records["share"]

    @property
    def _weights(self) -> pd.Series:
        return self._records["weight"]

    @cached_property
    def _columns(self) -> Columns:
        plan = self.result.plan
        return Columns(plan.file, plan.tree, plan.data, plan.rows)

    def _category(self, name: str) -> str | None:
        return category_read(self._columns, self.result.index.tree.leaves[name], self.row)

    def _attainable(self, name: str) -> float:
        """The most that could be earned here: nothing where the answer is left out."""
        state = self.result.plan.leaves[name].state
        if state is not None and state[self.row] != SCORED:
            return 0.0 if state[self.row] == SKIPPED else np.nan
        return attainable_points(self.result.index.tree, self.result.index.tree.leaves[name])

    def _stages(self, record: str) -> Iterator[tuple[str, Any]]:
        plan, scores = self.result.plan, self.result.nominal
        if record in plan.leaves:
            leaf, data = self.result.index.tree.leaves[record], plan.leaves[record]
            x, state, steps, down = data.points(plan.outcomes), data.state, leaf.steps, leaf.down
            yield "answer", self._answer(record)
            yield "points", float(x[self.row])
        else:
            branch = self.result.index.tree.branches[record]
            x, steps, down = scores.pointed[record], branch.steps, branch.down
            state = scores.state[record]
            yield str(branch.formula or branch.aggregate), float(scores.aggregated[record][self.row])
            if branch.lines:
                yield "points", float(x[self.row])
        if state is not None and state[self.row] != SCORED:
            return
        stepper = Stepper(len(plan.rows), plan.learners, scores.learned)
        scored = None if state is None or not (state != SCORED).any() else state == SCORED
        for step, after in zip(steps, stepper.stages(record, steps, x, scored, down=down), strict=True):
            yield str(step), float(after[self.row])

    def _answer(self, name: str) -> Any:
        return answer_given(self.result.plan, self.result.index.tree.leaves[name], self.row)

    def _best(self, name: str, values: Floats) -> int | None:
        """Row of the best value in the unit's period; the unit itself if it is one of the best.

        Best is the highest, or the lowest where the indicator counts with a negative weight.
        """
        sign = -1.0 if self._shares_signed.get(name, 1.0) < 0 else 1.0
        here = np.where(group_of(self.result, self.row, None), sign * values, np.nan)
        if np.isnan(here).all():
            return None
        return self.row if here[self.row] == np.nanmax(here) else int(np.nanargmax(here))

    def _gaps(self, names: list[str], best: dict[str, int | None]) -> tuple[Floats, Floats]:
        """Rise of the node's score, one indicator at a time at the best unit's and at the group's mean points."""
        plan = self.result.plan
        x = plan.x()
        targets = np.full((2, len(names)), np.nan)
        for at, name in enumerate(names):
            column, state = x[:, plan.positions[name]], plan.leaves[name].state
            if state is not None and state[self.row] != SCORED:
                continue  # without an answer there is nothing to move
            chosen = best[name]
            targets[0, at] = np.nan if chosen is None else column[chosen]
            scored = self.group if state is None else self.group & (state == SCORED)
            targets[1, at] = column[scored].mean() if scored.any() else np.nan
        rise = np.full(targets.shape, np.nan)
        todo = [(kind, at) for kind, at in np.ndindex(targets.shape) if np.isfinite(targets[kind, at])]
        size = max(1, _BLOCK // max(1, x.size))
        for start in range(0, len(todo), size):
            block = todo[start : start + size]
            draws = np.repeat(x[None], len(block), axis=0)
            for draw, (kind, at) in enumerate(block):
                draws[draw, self.row, plan.positions[names[at]]] = targets[kind, at]
            scores = evaluate(plan, draws, learned=self.result.learned_values)[self.node]
            for draw, (kind, at) in enumerate(block):
                rise[kind, at] = scores[draw, self.row] - self.score
        # a target that is what the unit has changes nothing, whatever the order of the sums
        largest = np.abs(np.nan_to_num(self.result.nominal.by_node[self.node])).max()
        rise[np.abs(rise) <= TIE_TOLERANCE * largest] = 0.0
        return rise[0], rise[1]

    # --- in words
    @property
    def text(self) -> str:
        """A few plain sentences."""
        return "\n".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        result, node = self.result, self.node
        if np.isnan(self.score):
            gaps = self.table[self.table["value"].isna()].index
            state = result.states[node].iloc[self.row]
            yield f"{self.unit} has no score in {node} ({state}); without a value: {listed(gaps) or 'none'}."
            return
        rank, scored = result.ranks[node].iloc[self.row], int((~np.isnan(self._in_period(node))).sum())
        band = f", {self._band}" if result.index.classes(node) else ""
        yield f"{self.unit} scores {_digits(self.score)} in {node}: rank {rank} of {scored}{band}."
        children = result.contributions(node, by="child").iloc[self.row].drop("score")
        yield f"It is made of {' + '.join(_parts(children))}."
        table = self.table
        lacking = list(table.index[table["value"].isna()])
        if lacking:
            yield f"Without a value: {listed(lacking)}; coverage {result.coverage[node].iloc[self.row]:.0%}."
        ahead = table[table["gap_to_best"] > 0].head(_TOLD)
        for name, line in ahead.iterrows():
            yield (
                f"{_named(name, line['label'])} as {line['best']} has it would add {_digits(line['gap_to_best'])}: "
                f"points {_digits(line['points'])} now, {_digits(self._points_of(str(name), line['best']))} there."
            )
        if not len(ahead):
            yield "In no indicator is another unit ahead."
        others = int(self.group.sum())
        if others > 1:
            behind = table[table["gap_to_group"] > 0].sort_values("gap_to_group", ascending=False).head(_TOLD)
            told = [f"{name} ({_digits(line['gap_to_group'])})" for name, line in behind.iterrows()]
            against = f"Against the mean of the group ({others} units)"
            yield f"{against} it loses most in {', '.join(told)}." if told else f"{against} it loses nowhere."

    @property
    def _band(self) -> str:
        """The class, by its label."""
        found = self.result.classes[self.node].iloc[self.row]
        return self.result.index.label(f"classes.{self.node}.{found}") if isinstance(found, str) else str(found)

    def _in_period(self, node: str) -> Floats:
        return self.result.nominal.by_node[node][group_of(self.result, self.row, None)]

    def _points_of(self, name: str, unit: str) -> float:
        rows = self.result.plan.rows
        at = next(row for row in range(len(rows)) if rows.name(row) == unit)
        return float(self.result.points[name].iloc[at])

    def __repr__(self) -> str:
        columns = ["answer", "points", "value", "share", "contribution", "best", "gap_to_best", "gap_to_group"]
        table = self.table[columns].head(8).to_string(float_format=_digits)
        head = f"<Explanation {self.unit}> {self.result.index.id}, {self.node}"
        return "\n".join([head, *(f"  {line}" for line in self.text.splitlines()), table])

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{html.escape(line)}</p>" for line in self._sentences())
        return sentences + self.table.reset_index().to_html(index=False, escape=True, border=0, float_format=_digits)


def explain(
    result: IndexResult, unit: Any, *, node: str | None = None, period: Any = None, group: Group = None
) -> Explanation:
    """Take one unit's score apart.

    Parameters
    ----------
    result
        The result.
    unit
        The unit.
    node
        The node to explain; the headline by default.
    period
        Needed where the unit has several.
    group
        Whom the unit is held against: units, a column of the data (those with the same entry), or a
        mapping or Series of each unit's group; all units of the period by default.

    Returns
    -------
    Explanation

    Raises
    ------
    MethodError
        The unit, node, period, column or a unit of the group is unknown.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> print(ei.explain(result, "KHM").text.splitlines()[0])
    KHM 2024 scores 0.5754 in EGDI: rank 120 of 193, High.
    """
    row = row_of(result, unit, period)
    return Explanation(result, row, known_node(result, node), group_of(result, row, group))


def _parts(children: pd.Series) -> Iterator[str]:
    """The children with what each adds; of many the largest, in their order, and the sum of the others."""
    own = children.drop(["base", "steps"], errors="ignore")
    told = own.index if len(own) <= _MOST_PARTS else own.abs().nlargest(_MOST_PARTS - 1).index
    for name, value in own.items():
        if name in told:
            yield f"{name} {_digits(value)}"
    if len(told) < len(own):
        yield f"{len(own) - len(told)} others {_digits(own.drop(told).sum())}"
    for name in ("base", "steps"):
        if children.get(name, 0) != 0:
            yield f"{name} {_digits(children[name])}"


def _named(name: Any, label: str) -> str:
    return str(name) if label == name else f"{name} ({label})"


def _digits(value: Any) -> str:
    """Four digits after the point, and no more than are needed."""
    return number_text(round(float(value), 4)) if np.isfinite(value) else "-"
