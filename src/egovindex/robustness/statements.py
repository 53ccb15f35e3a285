"""What is known about one unit's rank, in plain sentences, each with the weights (or numbers) that prove it."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from egovindex.certainty import EXACT, Certainty
from egovindex.errors import MethodError, listed
from egovindex.result import IndexResult
from egovindex.robustness.dominance import dominance
from egovindex.robustness.oneweight import weight_stability
from egovindex.robustness.radius import class_radius, rank_radius
from egovindex.robustness.rankrange import rank_range
from egovindex.robustness.regions import form_of, told_laws
from egovindex.robustness.winning import win_probabilities
from egovindex.sensitivity.laws import simplex
from egovindex.shown import Shown

__all__ = ["RobustnessExplained", "Statement", "explain_robustness"]


@dataclass(frozen=True, eq=False, repr=False)
class Statement(Shown):
    """One sentence and what proves it.

    Parameters
    ----------
    about
        ``radius``, ``range``, ``dominance``, ``one_weight``, ``class`` or ``chance``.
    text
        The sentence.
    certainty
        How certain it is.
    certificate
        Weights that do what it says, by what they do: ``{"passed by NOR": {"HDI": {"le": ...}}}``; empty where the
        sentence says that none do.
    numbers
        The numbers in it.
    """

    about: str
    text: str
    certainty: Certainty
    certificate: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def _line(self) -> str:
        return f"{self.text} [{self.certainty.kind}]"


@dataclass(frozen=True, eq=False, repr=False)
class RobustnessExplained(Shown):
    """Sentences about one unit.

    Made by :func:`explain_robustness`.

    Parameters
    ----------
    result, unit, node
        What they are about.
    statements
        The sentences, in the order of reading.
    left_out
        What could not be said, and why.
    notes
        What has to be known with all of it.
    """

    result: IndexResult
    unit: str
    node: str
    statements: tuple[Statement, ...]
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """The sentences alone."""
        return [statement.text for statement in self.statements]

    @property
    def text(self) -> str:
        """All sentences as one paragraph, with what has to be known with them."""
        return " ".join([*self.sentences, *(f"({note[0].upper()}{note[1:]}.)" for note in self.notes)])

    @property
    def table(self) -> pd.DataFrame:
        """One row per sentence: ``about``, ``text``, ``kind``, ``how``, and ``certificate``."""
        rows = [(s.about, s.text, s.certainty.kind, s.certainty.how, dict(s.certificate)) for s in self.statements]
        return pd.DataFrame(rows, columns=["about", "text", "kind", "how", "certificate"])

    def about(self, what: str) -> Statement | None:
        """The sentence about one thing; ``None`` if there is none."""
        return next((statement for statement in self.statements if statement.about == what), None)

    @cached_property
    def _head(self) -> str:
        return f"<RobustnessExplained {self.unit}> {self.node}, {len(self.statements)} sentences"

    def __repr__(self) -> str:
        told = [f"  {line}" for line in map(repr, self.statements)]
        told += [f"  left out: {reason}" for reason in self.left_out]
        return "\n".join([self._head, *told, *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li>{html.escape(s.text)} <small>[{html.escape(str(s.certainty))}]</small></li>" for s in self.statements
        )
        left = "".join(f"<p><small>Left out: {html.escape(reason)}</small></p>" for reason in self.left_out)
        notes = "".join(f"<p><small>{html.escape(note)}</small></p>" for note in self.notes)
        return f"<b>{html.escape(self._head)}</b><ul>{items}</ul>{left}{notes}"


def explain_robustness(
    result: IndexResult,
    unit: Any,
    weights: Any = "within 0.25",
    *,
    node: str | None = None,
    period: Any = None,
    time_limit: float | None = None,
) -> RobustnessExplained:
    """Say in plain words how sure one unit's rank and class are, with what proves each sentence.

    Sentences are templates filled with exact numbers; nothing is sampled. Where one cannot be said of this index, its
    reason is in ``left_out``.

    Parameters
    ----------
    result
        Of :func:`egovindex.compute`; its learned values are kept.
    unit
        Its name.
    weights
        The law of weights that ranges are asked over, as for :func:`egovindex.rank_range`.
    node, period
        What is ranked, and when.
    time_limit
        Seconds for the exact range.

    Returns
    -------
    RobustnessExplained

    Raises
    ------
    MethodError
        There is no such unit, or the node is not linear in these weights.

    Examples
    --------
    >>> import egovindex as ei
    >>> result = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022"))
    >>> told = ei.explain_robustness(result, "CHE", weights={"HDI": ei.within(0.25)})
    >>> print(told.sentences[0])
    No change of weights below ±7.4 % moves CHE from rank 1; from there on NOR (rank 2) can draw level.
    """
    form, laws = form_of(result, weights, node=node, period=period)
    at = form.position(unit)
    asked = _Asked(result, form.units[at], list(laws), {"node": node, "period": period}, told_laws(laws))
    tasks: list[Callable[[], Statement | None]] = [
        lambda: _of_radius(asked),
        lambda: _of_range(asked, weights, time_limit),
        lambda: _of_dominance(asked, weights),
        lambda: _of_one_weight(asked),
        lambda: _of_class(asked),
        lambda: _of_chance(asked),
    ]
    statements, left_out = [], []
    for task in tasks:
        try:
            statement = task()
        except MethodError as error:
            left_out.append(error.faults[0].message)
            continue
        if statement is not None:
            statements.append(statement)
    said = tuple(dict.fromkeys(left_out))
    return RobustnessExplained(result, form.units[at], form.node, tuple(statements), said, form.notes)


@dataclass(frozen=True)
class _Asked:
    """What every sentence needs."""

    result: IndexResult
    unit: str
    nodes: list[str]
    where: Mapping[str, Any]
    told: str


def _percent(share: float) -> str:
    """A share for a sentence; rounded down, so that "below" stays true.

    >>> _percent(0.07434), _percent(0.0003), _percent(1e-6)
    ('7.4 %', '0.03 %', '0.0001 %')
    """
    value = 100 * share
    digits = 1 if value >= 1 else max(1, int(np.ceil(-np.log10(value)))) if value > 0 else 1
    floor = np.floor(value * 10**digits * (1 + 1e-9)) / 10**digits
    return f"{floor:.{digits}f} %"


def _of_radius(asked: _Asked) -> Statement:
    found = rank_radius(asked.result, nodes=asked.nodes, **asked.where)
    row: Any = found.table.loc[asked.unit]
    rank, radius, up, down = int(row["rank"]), float(row["radius"]), float(row["up"]), float(row["down"])
    numbers = {"rank": rank, "radius": radius, "up": up, "down": down}
    if np.isinf(radius):
        text = f"No change of weights up to ±100 % moves {asked.unit} from rank {rank}."
        return Statement("radius", text, found.certainty, {}, numbers)
    rival = row["passes"] if up <= down else row["passed_by"]
    rival_rank = int(found.table.loc[rival, "rank"])
    if radius == 0:
        text = f"{asked.unit} is tied with {rival} at rank {rank}: the smallest change of weights breaks the tie."
    else:
        text = (
            f"No change of weights below ±{_percent(radius)} moves {asked.unit} from rank {rank}; from there on "
            f"{rival} (rank {rival_rank}) can draw level."
        )
    what = f"passes {rival}" if up <= down else f"passed by {rival}"
    return Statement("radius", text, found.certainty, {what: found.certificate(asked.unit)}, numbers)


def _of_range(asked: _Asked, weights: Any, time_limit: float | None) -> Statement:
    found = rank_range(asked.result, weights, units=[asked.unit], time_limit=time_limit, **asked.where)
    row = found.of(asked.unit)
    best, worst = int(row["best"]), int(row["worst"])
    numbers = {name: int(row[name]) for name in ("rank", "best", "worst", "best_found", "worst_found", "best_untied")}
    sure = "is" if row["kind"] == EXACT else "is certainly"
    if best == worst:
        text = f"With weights {asked.told}, {asked.unit} {sure} at rank {best} whatever they are."
        return Statement("range", text, found.certainty, {}, numbers)
    text = f"With weights {asked.told}, {asked.unit} {sure} between rank {best} and rank {worst}."
    if numbers["best_untied"] > best and row["kind"] == EXACT:
        text = text[:-1] + f"; rank {best} is reached in a tie alone, rank {numbers['best_untied']} without one."
    certificate = {
        f"rank {numbers['best_found']}": found.certificate(asked.unit, "best"),
        f"rank {numbers['worst_found']}": found.certificate(asked.unit, "worst"),
    }
    return Statement("range", text, found.certainty, certificate, numbers)


def _of_dominance(asked: _Asked, weights: Any) -> Statement:
    found = dominance(asked.result, weights, **asked.where)
    row: Any = found.table.loc[asked.unit]
    ahead, behind, open_ = (int(row[name]) for name in ("always_ahead_of", "always_behind", "open"))
    level = int(row["always_level"])
    tied = f", and level with {_units(level)}" if level else ""
    text = (
        f"Whatever these weights are, it is ahead of {_units(ahead)} and behind {_units(behind)}{tied}; the order with "
        f"{_units(open_)} depends on them."
    )
    numbers = {"ahead": ahead, "behind": behind, "level": level, "open": open_}
    return Statement("dominance", text, found.certainty, {}, numbers)


def _units(count: int) -> str:
    """A number of units in words.

    >>> _units(0), _units(1), _units(2)
    ('none', '1 unit', '2 units')
    """
    return "none" if count == 0 else f"{count} unit{'' if count == 1 else 's'}"


def _of_one_weight(asked: _Asked) -> Statement:
    found = weight_stability(asked.result, nodes=asked.nodes, **asked.where)
    table = found.of(asked.unit)
    low, high, now = (table[name].to_numpy() for name in ("low", "high", "share"))
    far = np.minimum(np.where(low > 0, now - low, np.inf), np.where(high < 1, high - now, np.inf))
    free = [str(child) for child in table.index.get_level_values("child")[np.isinf(far)]]
    numbers: dict[str, Any] = {"free": free}
    if np.isinf(far).all():
        text = f"No single weight, from nothing to all of its node, changes the rank of {asked.unit}."
        return Statement("one_weight", text, found.certainty, {}, numbers)
    place = int(np.argmin(far))
    (node, child), row = table.index[place], table.iloc[place]
    falls = bool(low[place] > 0 and now[place] - low[place] <= far[place])
    at, way = (float(low[place]), "falls") if falls else (float(high[place]), "rises")
    rival = row["first_to_swap"]
    if far[place] == 0:
        text = f"A tie with {rival} breaks with the smallest change of the weight of {child} alone."
    else:
        before, after = _apart(float(now[place]), at)
        text = (
            f"Of single weights that of {child} matters first: the rank changes where its share {way} from {before} to "
            f"{after}, the others in proportion, and {rival} swaps with {asked.unit}."
        )
    if free:
        text += f" The {'weight' if len(free) == 1 else 'weights'} of {listed(free)} alone can be anything."
    share = max(0.0, at - 1e-6) if falls else min(1.0, at + 1e-6)
    certificate = {f"swaps with {rival}": found.certificate(node, child, share)}
    numbers |= {"node": node, "child": child, "at": at}
    return Statement("one_weight", text, found.certainty, certificate, numbers)


def _apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart.

    >>> _apart(0.3333333, 0.3), _apart(0.33333333, 0.3334)
    (('0.333', '0.3'), ('0.3333', '0.3334'))
    """
    for digits in range(3, 16):
        told = f"{one:.{digits}g}", f"{other:.{digits}g}"
        if told[0] != told[1]:
            break
    return told


def _of_class(asked: _Asked) -> Statement | None:
    node = asked.where["node"] or asked.result.headline
    if not asked.result.index.classes(node):
        return None
    found = class_radius(asked.result, nodes=asked.nodes, **asked.where)
    row: Any = found.table.loc[asked.unit]
    radius, name = float(row["radius"]), row["class"]
    numbers = {"class": name, "radius": radius}
    if np.isinf(radius):
        text = f'No change of weights up to ±100 % takes it out of the class "{name}".'
        return Statement("class", text, found.certainty, {}, numbers)
    where = "a better one" if row["up"] <= row["down"] else "a lower one"
    text = (
        f'No change of weights below ±{_percent(radius)} takes it out of the class "{name}"; past that it can be in '
        f"{where}."
    )
    return Statement("class", text, found.certainty, {where: found.certificate(asked.unit)}, numbers)


def _of_chance(asked: _Asked) -> Statement | None:
    """Under all weights of the top node, each set as likely as any other."""
    node = asked.where["node"] or asked.result.headline
    if node not in asked.nodes:
        return None
    found = win_probabilities(asked.result, {node: simplex()}, **asked.where)
    table = found.table
    place = int(np.flatnonzero(table.index.astype(str) == asked.unit)[0])
    expected = float(table["expected_rank"].iloc[place])
    numbers: dict[str, Any] = {"expected_rank": expected}
    text = f"Over all weights of {node}, each set as likely as any other, its expected rank is {expected:.1f}"
    if place + 1 < len(table):
        behind, rank = str(table.index[place + 1]), int(table["rank"].iloc[place + 1])
        chance = float(table["ahead_of_next"].iloc[place])
        numbers |= {"next": behind, "ahead_of_next": chance}
        if found.wins.tied[found.form.position(asked.unit), found.form.position(behind)]:
            text += f", and it is level with {behind} whatever they are"
        else:
            text += f", and it is ahead of {behind} (rank {rank}) with probability {chance:.2f}"
    return Statement("chance", text + ".", found.certainty, {}, numbers)
