"""Units of an exact result from the first to the last: who of them is drawn, and by which names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from egovindex.certainty import BOUND, Certainty
from egovindex.errors import Fault, MethodError
from egovindex.plots.canvas import name_rows
from egovindex.plots.choice import Choice, Names, Units, choose, gathered, last_rank, named_units
from egovindex.plots.palette import FAINT
from egovindex.plots.wording import counted
from egovindex.robustness.forms import LinearForm

__all__ = ["Ranked", "kind_told", "ranked", "sentences"]


@dataclass(frozen=True)
class Ranked:
    """Some units of a linear form, the best first.

    Parameters
    ----------
    form, chosen
        What was ranked; names and small print of the same.
    shown
        Positions in the form.
    marked
        Those of them to bring out.
    top
        The last rank shown, if there is one.
    """

    form: LinearForm
    chosen: Choice
    shown: tuple[int, ...]
    marked: frozenset[int]
    top: int | None

    @property
    def rows(self) -> set[int]:
        """Rows of the picture to bring out."""
        return {row for row, at in enumerate(self.shown) if at in self.marked}

    def name(self, at: int, most: int = 36) -> str:
        """Name of the unit at a position, as it is drawn."""
        return self.chosen.name(int(self.form.rows[at]), most)

    def write_names(self, ax: Any) -> None:
        """Rank and name of every row, and a band behind those to bring out."""
        for row in self.rows:
            ax.axhspan(row - 0.5, row + 0.5, color=FAINT, alpha=0.35, lw=0, zorder=0)
        name_rows(ax, [f"{self.form.ranks[at]}  {self.name(at)}" for at in self.shown], keep=self.rows)

    def cut(self) -> str:
        """A sentence on who is left out, empty if nobody is."""
        more = len(self.form.units) - len(self.shown)
        if not more:
            return ""
        what = counted(self.shown)
        if self.top is not None:
            what = f"ranks up to {self.top}{' and highlighted units' if self.rows else ''}"
        return f"Shown: {what}; {counted(range(more), 'further unit')}."


def ranked(
    form: LinearForm,
    *,
    units: Units | None = None,
    top: int | None = None,
    highlight: Units = (),
    names: Names = None,
    asked: Collection[int] | None = None,
    faults: list[Fault] | None = None,
) -> Ranked:
    """The units that a picture is to show.

    Parameters
    ----------
    form
        What was ranked.
    units
        Some units; all by default.
    top
        The last rank shown, ties included; those to highlight are shown all the same.
    highlight, names
        As for every picture.
    asked
        Positions that the result knows of; all by default.
    faults
        What else is wrong, to be told with what is wrong here.

    Raises
    ------
    MethodError
        A unit or a column of names is unknown, a unit has no rank or was not asked for, ``top`` is no number of ranks,
        or nothing is left to draw.
    """
    faults = [] if faults is None else faults
    chosen = gathered(faults, lambda: choose(form.result, node=form.node, period=form.period, names=names), None)
    known = set(range(len(form.units))) if asked is None else set(map(int, asked))
    wanted = sorted(known) if units is None else _places(form, units, known, faults)
    marked = _places(form, highlight, known, faults)
    last = None if top is None else gathered(faults, lambda: last_rank(top), None)
    if faults:
        raise MethodError(faults)
    shown = {at for at in wanted if last is None or form.ranks[at] <= last} | set(marked)
    if not shown:
        message = f"no unit of {form.node} is left to draw; look at units= and top="
        raise MethodError(Fault(message, check="nothing_to_draw"))
    order = sorted(shown, key=lambda at: (form.ranks[at], form.units[at]))
    return Ranked(form, chosen, tuple(order), frozenset(marked), last)


def _places(form: LinearForm, units: Any, known: set[int], faults: list[Fault]) -> list[int]:
    """Positions of some units; what is wrong with them goes to the others that are wrong."""
    found = gathered(faults, lambda: form.positions(list(dict.fromkeys(named_units(units)))), [])
    absent = [form.units[at] for at in found if at not in known]
    faults += [Fault(f"{name} was not asked for", check="unknown_unit", units=(name,)) for name in absent]
    return [int(at) for at in np.array(found, dtype=np.int64) if at in known]


def kind_told(certainty: Certainty) -> str:
    """How certain, in words: the kind, and the method in brackets."""
    kind = "certified bounds" if certainty.kind == BOUND else certainty.kind
    return f"{kind} ({certainty.how})" if certainty.how else kind


def sentences(notes: Iterable[str]) -> list[str]:
    """Notes as sentences."""
    return [f"{note[0].upper()}{note[1:]}." for note in notes if note]
