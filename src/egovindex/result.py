"""What a computation gives: tables that answer the next question."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.classing import band_codes
from egovindex.contributions import Contributions
from egovindex.errors import Fault, MethodError, did_you_mean
from egovindex.evaluate import leaf_points, leaf_values
from egovindex.formulas import Floats
from egovindex.index import Index
from egovindex.keep.manifest import Manifest, Original, manifest_of
from egovindex.keep.tables import data_cells
from egovindex.kernels.rank import competition_ranks
from egovindex.plan import Plan
from egovindex.points import SCORED, STATES
from egovindex.scores import Scores
from egovindex.shown import Shown
from egovindex.stepping import Learned

if TYPE_CHECKING:
    from egovindex.plots.accessor import Plots

__all__ = ["IndexResult", "lives_elsewhere"]


@dataclass(frozen=True, eq=False, repr=False)
class IndexResult(Shown):
    """Scores, ranks and classes of every node, and what they are made of.

    Tables are indexed by ``unit``, or by ``(unit, period)`` where the data has periods, and are made
    anew on each access, so that changing one changes nothing else.
    """

    index: Index
    plan: Plan
    nominal: Scores
    original: Original | None = None

    @property
    def headline(self) -> str:
        """The node the ranking is about."""
        return self.index.headline

    @cached_property
    def _index(self) -> pd.Index:
        return self.plan.rows.index

    @property
    def nodes(self) -> tuple[str, ...]:
        """Nodes in the order they are written."""
        return self.nominal.nodes

    def _table(self, arrays: Mapping[str, Any], index: pd.Index | None = None) -> pd.DataFrame:
        # each column copied by itself: one block of all costs twice the time
        own = {name: array.copy() for name, array in arrays.items()}
        return pd.DataFrame(own, index=self._index if index is None else index, copy=False)

    def at(self, *keys: str) -> pd.DataFrame:
        """Scores of the nodes that live on other rows than the headline: where records are repeated.

        Parameters
        ----------
        *keys
            What identifies those rows, the unit first, as in ``result.at("unit", "service")``.

        Returns
        -------
        DataFrame
            One column per node, indexed by the keys.

        Raises
        ------
        MethodError
            No node lives there; those that are told.

        Examples
        --------
        >>> import egovindex as ei
        >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
        >>> result.at("unit", "period").equals(result.scores)
        True
        """
        known: dict[tuple[str, ...], list[str]] = {}
        for node in self.index.tree.order:
            known.setdefault(tuple(self.plan.level(node).rows.keys), []).append(node)
        keys = next((level for level in known if sorted(level) == sorted(map(str, keys))), keys)
        if keys not in known:
            message = f"no node lives on ({', '.join(keys)}); rows are {'; '.join(', '.join(level) for level in known)}"
            raise MethodError(Fault(message, check="no_such_rows"))
        nodes = known[keys]
        return self._table({n: self.nominal.by_node[n] for n in nodes}, self.plan.level(nodes[0]).rows.index)

    @property
    def scores(self) -> pd.DataFrame:
        """Score of every unit in every node; NaN where there is none, see :attr:`states`."""
        return self._table({node: self.nominal.by_node[node] for node in self.nodes})

    @cached_property
    def _ranks(self) -> dict[str, npt.NDArray[np.int64]]:
        ranks: dict[str, npt.NDArray[np.int64]] = {}
        for node in self.nodes:
            ranks[node] = np.zeros(len(self.plan.rows), dtype=np.int64)
            for rows in self.plan.rows.groups:
                ranks[node][rows] = competition_ranks(self.nominal.by_node[node][rows])
        return ranks

    @property
    def ranks(self) -> pd.DataFrame:
        """Competition rank within the period: 1 is best, ties share the smaller, <NA> without a score."""
        return self._table({node: _nullable(ranks) for node, ranks in self._ranks.items()})

    @property
    def states(self) -> pd.DataFrame:
        """``scored``, ``skipped``, ``void`` (a child takes the score away) or ``missing``."""
        words = np.array(STATES, dtype=object)
        return self._table({node: words[self.nominal.state[node]] for node in self.nodes})

    @property
    def coverage(self) -> pd.DataFrame:
        """Share of each node's weight that counted, all the way down to the answers."""
        n = len(self.plan.rows)
        return self._table({node: np.broadcast_to(self.nominal.coverage_by_node[node], (n,)) for node in self.nodes})

    @property
    def attainable(self) -> pd.DataFrame:
        """Share of each node's own weight that counted: earned / attainable is the score before steps."""
        return pd.DataFrame(self.nominal.attainable, index=self._index, columns=list(self.nodes))

    @property
    def earned(self) -> pd.DataFrame:
        """What each unit earned of its attainable share."""
        return pd.DataFrame(self.nominal.earned, index=self._index, columns=list(self.nodes))

    @property
    def classes(self) -> pd.DataFrame:
        """Band of every unit in every node (or indicator) that has classes; missing without a score."""
        found: dict[str, Any] = {}
        here = self.index.tree.levels
        for name in (*self.nodes, *self.index.tree.leaves):
            bands = self.index.classes(name) if here[name] == here[self.headline] else None
            if bands:
                scores = self.nominal.by_node[name] if name in self.nominal.by_node else self._leaves[name]
                found[name] = pd.Categorical(self._classified(scores, bands), categories=list(bands), ordered=False)
        return pd.DataFrame(found, index=self._index)

    def _classified(self, scores: Floats, bands: Mapping[str, Any]) -> npt.NDArray[Any]:
        labels = np.array([*bands, None], dtype=object)
        return labels[band_codes(scores, bands, self._number)]

    def _number(self, name: str) -> Floats:
        return self.nominal.by_node[name] if name in self.nominal.by_node else self._leaves[self._known(name)]

    @property
    def ranking(self) -> pd.DataFrame:
        """The headline's ranking, best first; see :meth:`ranking_of`."""
        return self.ranking_of(self.headline)

    def ranking_of(self, node: str) -> pd.DataFrame:
        """A node's ranking, best first, period by period; units without a score stand last.

        Parameters
        ----------
        node
            Name of a node.

        Returns
        -------
        DataFrame
            Columns ``unit`` (and ``period``), ``rank``, ``score``, ``class`` (if the node has any), ``state``.

        Raises
        ------
        MethodError
            There is no such node.

        Examples
        --------
        >>> import egovindex as ei
        >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
        >>> result.ranking_of("OSI")["unit"].iloc[0]
        'KOR'
        """
        self._refuse_leaf(node, "an indicator has no rank")
        table = self._index.to_frame(index=False)
        ranks = self._ranks[node]
        table["rank"] = _nullable(ranks)
        table["score"] = self.nominal.by_node[node]
        if self.index.classes(node):
            table["class"] = self.classes[node].to_numpy()
        table["state"] = self.states[node].to_numpy()
        keys = [self.plan.rows.units.astype(str), np.where(ranks > 0, ranks, len(ranks) + 1)]
        if self.plan.rows.periods is not None:
            keys.append(self.plan.rows.period_codes)
        return table.iloc[np.lexsort(keys)].reset_index(drop=True)

    # --- what it is made of
    @cached_property
    def _leaves(self) -> dict[str, Floats]:
        return leaf_values(self.plan, self.nominal.learned)

    @property
    def indicators(self) -> pd.DataFrame:
        """Every indicator after its points and steps, on the rows of the data; NaN where it has none."""
        return self._table(self._leaves, self.plan.records.index)

    @property
    def points(self) -> pd.DataFrame:
        """Every indicator after its points, before its steps, on the rows of the data."""
        return self._table(leaf_points(self.plan, self.nominal.learned), self.plan.records.index)

    @property
    def learned(self) -> pd.DataFrame:
        """Numbers taken from the reference population.

        Returns
        -------
        DataFrame
            Columns ``record, step, name, period, value``; ``step`` is the step, or the outcome of a points line.
        """
        rows = []
        for (record, at), groups in self.nominal.learned.values.items():
            step = self.index.tree.learns_at(record, at)
            for period, group in zip(self.nominal.learned.groups, groups, strict=True):
                for name, value in group.items():
                    if np.ndim(value) == 0:
                        rows.append((record, step, name, period, float(value)))
        return pd.DataFrame(rows, columns=["record", "step", "name", "period", "value"])

    def _known(self, name: str) -> str:
        known = [*self.nodes, *self.index.tree.leaves]
        if name in self.index.tree.branches and name not in self.nodes:
            raise MethodError(lives_elsewhere(self, name))
        if name not in known:
            raise MethodError(
                Fault(f'there is no node or indicator "{name}"{did_you_mean(name, known)}', check="unknown_node")
            )
        return name

    def _refuse_leaf(self, name: str, why: str) -> None:
        if self._known(name) not in self.index.tree.branches:
            raise MethodError(Fault(f"{name} is an indicator; {why}", check="unknown_node"))

    def effective_weights(self, node: str | None = None) -> pd.DataFrame:
        """Share that every record has in a node, products of the shares on the way.

        What a weight does also depends on how its column varies: a standardised column acts with
        ``weight / standard deviation``. Aggregates that are no mean (``min``, ``geometric``, ...) have
        shares too, of which only the order of size is meaningful.

        Parameters
        ----------
        node
            The node the shares are of; the headline by default.

        Returns
        -------
        DataFrame
            Indexed by record; columns ``label, kind, weight`` (as written, in its first parent here) and
            ``share``. The node's own share is one, and so is the sum over the indicators.

        Examples
        --------
        >>> import egovindex as ei
        >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
        >>> round(result.effective_weights()["share"]["OSI"], 4)
        np.float64(0.3333)
        """
        top = node or self.headline
        self._refuse_leaf(top, "ask for the shares in a node")
        share: dict[str, float] = {top: 1.0}
        weight: dict[str, float] = {}
        for plan in reversed(self.plan.nodes):
            name = plan.branch.id
            if name not in share:
                continue
            for child, own, part in self.index.tree.parts(name):
                share[child] = share.get(child, 0.0) + share[name] * part
                weight.setdefault(child, own)
        order = [n for n in (*self.index.tree.order, *self.index.tree.leaves) if n in share]
        return pd.DataFrame(
            {
                "label": [self.index.labels[n] for n in order],
                "kind": ["node" if n in self.index.tree.branches else "indicator" for n in order],
                "weight": [weight.get(n, np.nan) for n in order],
                "share": [share[n] for n in order],
            },
            index=pd.Index(order, name="record"),
        )

    def contributions(self, node: str | None = None, *, by: OneOf["indicator", "child"] = "indicator") -> pd.DataFrame:
        """What each part adds to the score: every row adds up to the score, to 1e-12.

        A mean gives each child its share of weight times its value. Affine steps (``times``, ``zscore``,
        ``minmax``, ...) scale the parts and put their constant into ``base``. What cannot be shared out
        goes to ``steps``: limits and rounding, points of a node, and what a geometric mean or another
        aggregate takes away from (or adds to) the mean of the same children.

        Parameters
        ----------
        node
            The node to take apart; the headline by default.
        by
            ``"indicator"``: down to the leaves; ``"child"``: one level. What repeated records add is summed.

        Returns
        -------
        DataFrame
            One column per part, then ``base``, ``steps`` and ``score``; NaN where there is no score.

        Raises
        ------
        MethodError
            There is no such node.

        Examples
        --------
        >>> import egovindex as ei
        >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
        >>> parts = result.contributions("EGDI", by="child").loc[("DNK", 2024)]
        >>> print(parts.round(4).to_string())
        OSI      0.3331
        TII      0.3322
        HCI      0.3195
        base     0.0000
        steps    0.0000
        score    0.9847
        """
        top = node or self.headline
        self._refuse_leaf(top, "it has no parts")
        if by not in ("indicator", "child"):
            raise MethodError(Fault(f'by is "indicator" or "child", found "{by}"', check="unknown_option"))
        taken = sorted({"base", "steps", "score"} & {*self.nodes, *self.index.tree.leaves})
        if taken:
            message = f"records named {', '.join(taken)} stand where the table keeps its own columns; rename them"
            raise MethodError(Fault(message, check="names_taken"))
        parts = Contributions(self.plan, self.nominal, self._leaves).of(top, down_to_leaves=by == "indicator")
        order = [name for name in (*self.index.tree.order, *self.index.tree.leaves) if name in parts]
        score = self.nominal.by_node[top]
        table = {name: np.where(np.isnan(score), np.nan, parts[name]) for name in [*order, "base", "steps"]}
        return self._table({**table, "score": score})

    # --- shown
    @property
    def learned_values(self) -> Learned:
        """The learned values themselves, for :func:`egovindex.evaluate.evaluate`."""
        return self.nominal.learned

    @cached_property
    def plot(self) -> Plots:
        """Pictures of this result, each of which gives Matplotlib's Axes; see :mod:`egovindex.plots`.

        Examples
        --------
        >>> import egovindex as ei
        >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
        >>> result.plot.ranking(top=10).get_title(loc="left")
        'E-Government Development Index, 2024'
        """
        from egovindex.plots.accessor import Plots

        return Plots(self)

    # --- kept
    @cached_property
    def manifest(self) -> Manifest:
        """What is needed to run this again: versions, and digests of index and data; no time, place or person.

        Raises
        ------
        DataError
            The data cannot be kept: periods of several kinds, or text that UTF-8 cannot hold.

        Examples
        --------
        >>> import egovindex as ei
        >>> manifest = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022")).manifest
        >>> manifest.index, manifest.rows, manifest.learned
        ('undp-hdi-2022', 193, 'nothing')
        """
        return manifest_of(self.index, self.plan, self.nominal, self.original, data_cells(self.index, self.plan))

    def save(self, folder: str | Path, *, format: OneOf["csv", "parquet"] = "csv", overwrite: bool = False) -> None:  # noqa: A002
        """Save all that makes this result again, as a folder that is there as a whole or not at all.

        The folder gets the merged index, the columns of the data that the index reads (and no others), weights,
        learned values, scores, ranks, states, classes, coverage, the manifest, and the digests of all files. The
        same result gives the same bytes. Nothing is saved that would not read back as this result.

        Parameters
        ----------
        folder
            A new name in a folder that exists.
        format
            Of the tables: ``"csv"``, or ``"parquet"``, which needs the extra ``parquet``.
        overwrite
            Replace a folder that holds a saved result and nothing else. Interrupted, the old one stays whole.

        Raises
        ------
        DataError
            There is something of this name; the data cannot be kept; the folder cannot be written.
        MethodError
            There is no such format.

        Examples
        --------
        >>> import egovindex as ei, tempfile
        >>> result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.save(f"{folder}/hdi")
        ...     ei.verify(f"{folder}/hdi").identical
        True
        """
        from egovindex.keep.save import save_folder

        save_folder(self, folder, kind=format, overwrite=overwrite)

    def to_excel(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a workbook for people: inputs, points, scores, ranks, weights and sources, explained on a first sheet.

        Text is text: a name that begins with ``=`` is no formula. Numbers in a workbook have 15 to 17 digits;
        :meth:`save` keeps all of them.

        Parameters
        ----------
        path
            Ending in ``.xlsx``.
        overwrite
            Replace a file that exists. Interrupted, the old one stays whole.

        Raises
        ------
        DataError
            The file exists or cannot be written; text that a workbook cannot hold; the extra ``excel`` is missing.

        Examples
        --------
        >>> import egovindex as ei, tempfile
        >>> result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.to_excel(f"{folder}/hdi.xlsx")
        ...     ei.read_table(f"{folder}/hdi.xlsx").columns[0]
        'Human Development Index 2022'
        """
        from egovindex.keep.workbook import write_workbook

        write_workbook(self, path, overwrite=overwrite)

    def _summary(self) -> list[str]:
        node = self.headline
        state = self.nominal.state[node]
        scored = int((state == SCORED).sum())
        groups = len(self.plan.rows.groups)
        periods = f", {groups} periods" if groups > 1 else ""
        lines = [f"<IndexResult {self.index.id}> {self.index.title}"]
        lines.append(
            f"  {len(self.plan.rows)} rows{periods}, {scored} with a score in {node}; weights {self.index.weights}"
        )
        if self.index.rules:
            lines.append(f"  rules: {', '.join(self.index.rules)}")
        return lines

    def __repr__(self) -> str:
        table = self.ranking.head(5).to_string(index=False)
        more = len(self.plan.rows) - 5
        tail = [f"  ... {more} more in .ranking"] if more > 0 else []
        return "\n".join([*self._summary(), *(f"  {line}" for line in table.splitlines()), *tail])

    def _repr_html_(self) -> str:
        head, *rest = self._summary()
        body = "<br>".join(html.escape(line.strip()) for line in rest)
        table = self.ranking.head(10).to_html(index=False, escape=True, border=0)
        return f"<b>{html.escape(head)}</b><br>{body}{table}"


def _nullable(ranks: npt.NDArray[np.int64]) -> Any:
    """Ranks as whole numbers with <NA> for those who have none."""
    return pd.arrays.IntegerArray(ranks.copy(), ranks == 0)


def lives_elsewhere(result: IndexResult, node: str) -> Fault:
    """A node that is there, on other rows than those of the headline."""
    keys = result.plan.level(node).rows.keys
    there = ", ".join(f'"{key}"' for key in keys)
    message = (
        f'node "{node}" lives on ({", ".join(keys)}), not on the rows of {result.headline}; see result.at({there})'
    )
    return Fault(message, check="unknown_node")
