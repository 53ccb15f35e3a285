"""Steps of a record over groups of rows: learned from the reference population, then applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from egovindex.errors import listed
from egovindex.formulas import Bools, Floats
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.steps import KERNELS
from egovindex.plan import Learner
from egovindex.shown import Shown
from egovindex.spec import values

__all__ = ["Learned", "Stepper", "turning_step"]

Group = Mapping[str, Floats]

_SORTED = {"reference"}  # learned values with a last axis of their own


@dataclass(frozen=True, repr=False)
class Learned(Shown):
    """Numbers taken from the reference population: kept with the result, reused by what-ifs.

    Parameters
    ----------
    values
        By record and position of the step: for each reference group, the learned arrays by name. An
        array has no axis, or one of draws (and, for ``rank``, a last axis of sorted values).
    groups
        Name of each reference group: a period, or "all".
    """

    values: Mapping[tuple[str, int], tuple[Group, ...]]
    groups: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.values)

    def _line(self) -> str:
        groups = [str(name) for name in self.groups if name is not None]
        of = f" of {listed(groups)}" if groups else ""
        return f"<Learned> values of {len(self)} steps{of}: {listed(dict.fromkeys(name for name, _ in self.values))}"

    def draws(self) -> set[int]:
        """Numbers of draws that the values were learned in; empty where they have no such axis."""
        return {
            array.shape[0]
            for groups in self.values.values()
            for group in groups
            for name, array in group.items()
            if np.ndim(array) > (name in _SORTED)
        }


def _has(group: Group, names: tuple[str, ...]) -> bool:
    """Whether something is there, and all that a step needs."""
    return bool(group) and all(name in group and np.ndim(group[name]) >= (name in _SORTED) for name in names)


def turning_step(steps: tuple[values.Step, ...]) -> int:
    """Position of the step at which ``direction: down`` acts: the last zscore, minmax or rank; else -1."""
    return max((at for at, step in enumerate(steps) if step.name in ("zscore", "minmax", "rank")), default=-1)


class Stepper:
    """Applies steps, learning what they need or reusing what was learned before."""

    def __init__(self, rows: int, learners: tuple[Learner, ...], reused: Learned | None) -> None:
        self.rows = rows
        self.learners = learners
        self.reused = reused
        self.found: dict[tuple[str, int], tuple[Group, ...]] = {}

    def fill(
        self,
        record: str,
        at: int,
        statistic: str,
        labels: npt.NDArray[Any] | None,
        x: Floats,
        scored: Bools,
        where: Bools,
    ) -> Floats:
        """Numbers learned from those who are scored, for those who are not.

        Parameters
        ----------
        record, at
            Under which the numbers are kept.
        statistic
            ``mean`` or ``median``.
        labels
            ``(rows,)`` group of each row, within which it is learned; ``None`` for one group.
        x, scored, where
            Values, whose they are, and who takes a learned one: ``(rows,)`` or ``(D, rows)``.

        Returns
        -------
        ndarray
            ``x`` with the learned numbers in their places.

        Raises
        ------
        Refusal
            Nobody has a value to learn from, or a row that takes one has no group.
        """
        if labels is not None and (alone := where & (labels == "")).any():
            of = alone.reshape(-1, self.rows).any(axis=0)
            raise Refusal(f"the column that names the group within which the {statistic} is taken is blank", of)
        asked: Bools = np.asarray(where.reshape(-1, self.rows).any(axis=0))
        result = np.broadcast_to(x, np.broadcast_shapes(x.shape, where.shape)).copy()
        if self.reused is not None:
            acting = [bool((self._acts(learner) & asked).any()) for learner in self.learners]
            self.found[record, at] = self._reused((record, at), acting)
        learned: list[Group] = []
        for position, learner in enumerate(self.learners):
            acts = self._acts(learner)
            among = np.zeros(self.rows, dtype=bool)
            among[slice(None) if learner.learns_from is None else learner.learns_from] = True
            group: dict[str, Floats] = {}
            for label in [None] if labels is None else sorted(set(labels[asked & acts])):
                inside = acts if labels is None else acts & (labels == label)
                takes = where & inside
                if not takes.any():
                    continue
                name = statistic if label is None else str(label)
                if self.reused is None:
                    pool = among if labels is None else among & (labels == label)
                    group[name] = _statistic(
                        statistic, x, scored & pool, f"{_in_group(learner.name)}{_of_label(label)}"
                    )
                else:
                    known = self.found[record, at][position]
                    if name not in known:
                        raise Refusal(f"the learned values given have no {statistic}{_of_label(label)}")
                    group[name] = known[name]
                result = np.where(takes, np.asarray(group[name])[..., None], result)
            learned.append(group)
        self.found[record, at] = tuple(learned)
        return result

    def _acts(self, learner: Learner) -> Bools:
        """Rows on which a group's numbers act."""
        acts: Bools = np.zeros(self.rows, dtype=bool)
        acts[slice(None) if learner.acts_on is None else learner.acts_on] = True
        return acts

    def run(
        self, record: str, steps: tuple[values.Step, ...], x: Floats, scored: Bools | None, *, down: bool
    ) -> Floats:
        """Every step in turn.

        Parameters
        ----------
        record
            Name, under which learned values are kept.
        steps
            The steps.
        x
            ``(rows,)`` or ``(D, rows)``.
        scored
            ``(rows,)`` or ``(D, rows)``: who has a value; ``None`` for all.
        down
            Whether less is better.

        Raises
        ------
        Refusal
            A step is not defined for some value; its ``where`` is over all rows.
        """
        if scored is not None and scored.ndim > 1:
            return self._draw_by_draw(record, steps, x, scored, down=down)
        return reduce(lambda _, after: after, self.stages(record, steps, x, scored, down=down), x)

    def stages(
        self, record: str, steps: tuple[values.Step, ...], x: Floats, scored: Bools | None, *, down: bool
    ) -> Iterator[Floats]:
        """Values after each step in turn; parameters and errors as of :meth:`run`."""
        turning = turning_step(steps) if down else -1
        for at, step in enumerate(steps):
            try:
                with np.errstate(all="ignore"):
                    x = self._step(record, at, step, x, scored, _options(step, down=at == turning))
                _refuse_not_finite(x, scored)
            except Refusal as refusal:
                raise Refusal(f'step "{step}": {refusal.reason}', refusal.where) from None
            yield x

    def run_together(self, records: list[str], steps: tuple[values.Step, ...], x: Floats, *, down: bool) -> Floats:
        """The same steps for several records that all rows have: ``(records, rows)`` in and out.

        Raises
        ------
        Refusal
            A step is not defined for some value of some record; take them one by one to learn which.
        """
        turning = turning_step(steps) if down else -1
        for at, step in enumerate(steps):
            options = _options(step, down=at == turning)
            with np.errstate(all="ignore"):
                x = self._step_together(records, at, step, x, options)
            _refuse_not_finite(x, None)
        return x

    def _step_together(
        self, records: list[str], at: int, step: values.Step, x: Floats, options: Mapping[str, Any]
    ) -> Floats:
        kernel = KERNELS[step.name]
        if kernel.learn is None or not step.learns:
            return kernel.apply(x, {}, options)
        result = np.empty_like(x)
        learned: list[Group] = []
        for position, learner in enumerate(self.learners):
            if self.reused is None:
                group = kernel.learn(x if learner.learns_from is None else x[:, learner.learns_from], options)
            else:
                acting = [True] * len(self.learners)
                known = [self._reused((record, at), acting, kernel.names)[position] for record in records]
                group = {name: np.stack([one[name] for one in known]) for name in known[0]}
            rows = slice(None) if learner.acts_on is None else learner.acts_on
            result[:, rows] = kernel.apply(x[:, rows], dict(group), options)
            learned.append(group)
        for i, record in enumerate(records):
            self.found[record, at] = tuple({name: array[i] for name, array in g.items()} for g in learned)
        return result

    def _draw_by_draw(
        self, record: str, steps: tuple[values.Step, ...], x: Floats, scored: Bools, *, down: bool
    ) -> Floats:
        """Where draws differ in who has a value; what they learn differs in number and is not kept."""
        keep = dict(self.found)
        rows = np.broadcast_to(x, scored.shape)
        result = np.stack([self.run(record, steps, rows[d], scored[d], down=down) for d in range(len(scored))])
        self.found = keep
        return result

    def _step(
        self, record: str, at: int, step: values.Step, x: Floats, scored: Bools | None, options: Mapping[str, Any]
    ) -> Floats:
        kernel = KERNELS[step.name]
        groups = self._groups(record, at, step, x, scored, options)
        if len(groups) == 1 and groups[0][0] is None and scored is None:
            return kernel.apply(x, dict(groups[0][1]), options)
        places: list[npt.NDArray[np.intp]] = []
        parts: list[Floats] = []
        for rows, learned in groups:
            where = self._among(rows, scored)
            if where.size:
                try:
                    parts.append(kernel.apply(x[..., where], dict(learned), options))
                except Refusal as refusal:
                    raise Refusal(refusal.reason, self._spread(refusal.where, where)) from None
                places.append(where)
        leading = np.broadcast_shapes(x.shape[:-1], *(part.shape[:-1] for part in parts))
        result = np.full((*leading, self.rows), np.nan)
        for where, part in zip(places, parts, strict=True):
            result[..., where] = part
        return result

    def _groups(
        self, record: str, at: int, step: values.Step, x: Floats, scored: Bools | None, options: Mapping[str, Any]
    ) -> list[tuple[npt.NDArray[np.intp] | None, Group]]:
        """Rows with the learned values that act on them."""
        learn = KERNELS[step.name].learn
        if learn is None or not step.learns:
            return [(None, {})]
        key = record, at
        if self.reused is not None:
            acting = [bool(self._among(learner.acts_on, scored).size) for learner in self.learners]
            self.found[key] = self._reused(key, acting, KERNELS[step.name].names)
        else:
            self.found[key] = tuple(self._learn(learn, learner, x, scored, options) for learner in self.learners)
        return [(learner.acts_on, group) for learner, group in zip(self.learners, self.found[key], strict=True)]

    def _learn(
        self,
        learn: Callable[[Floats, Mapping[str, Any]], Group],
        learner: Learner,
        x: Floats,
        scored: Bools | None,
        options: Mapping[str, Any],
    ) -> Group:
        """What one group learns; nothing where nobody has a value that it would act on."""
        if not self._among(learner.acts_on, scored).size:
            return {}
        everyone = learner.learns_from is None and scored is None
        try:
            return learn(x if everyone else x[..., self._among(learner.learns_from, scored)], options)
        except Refusal as refusal:
            raise Refusal(f"{refusal.reason}{_in_group(learner.name)}", refusal.where) from None

    def _reused(self, key: tuple[str, int], acting: list[bool], names: tuple[str, ...] = ()) -> tuple[Group, ...]:
        """Values given for a step, found by the name of each group, never by its position; all ``names`` are needed."""
        assert self.reused is not None  # noqa: S101 - for the type checker
        groups = dict(zip(self.reused.groups, self.reused.values.get(key, ()), strict=False))
        lacking = [
            str(learner.name)
            for learner, acts in zip(self.learners, acting, strict=True)
            if acts and not _has(groups.get(learner.name, {}), names)
        ]
        if lacking:
            of = "" if lacking == ["None"] else f" for {', '.join(lacking)}"
            raise Refusal(f"the learned values given have none{of}; learn from data that has all groups and records")
        return tuple(groups.get(learner.name, {}) for learner in self.learners)

    def _among(self, rows: npt.NDArray[np.intp] | None, scored: Bools | None) -> npt.NDArray[np.intp]:
        if rows is None:
            return np.arange(self.rows) if scored is None else np.flatnonzero(scored)
        return rows if scored is None else rows[scored[rows]]

    def _spread(self, where: Bools | None, rows: npt.NDArray[np.intp]) -> Bools | None:
        """A mask over some rows as a mask over all."""
        if where is None:
            return None
        full: Bools = np.zeros(self.rows, dtype=bool)
        full[rows] = where
        return full


def _refuse_not_finite(x: Floats, scored: Bools | None) -> None:
    """A number that is too large is refused where it arises: a later step could hide that it was infinite."""
    with np.errstate(all="ignore"):
        if scored is None and np.isfinite(x.sum()):
            return
    bad = ~np.isfinite(x) & (True if scored is None else scored)
    if bad.any():
        raise Refusal("gives a number that is too large", bad.reshape(-1, bad.shape[-1]).any(axis=0))


def _statistic(statistic: str, x: Floats, scored: Bools, group: str) -> Floats:
    """Mean or median of those who are scored, ``()`` or ``(D,)``."""
    if not scored.reshape(-1, scored.shape[-1]).any(axis=-1).all():
        raise Refusal(f"nobody has a value to take the {statistic} of{group}")
    if scored.ndim == 1:
        values = x[..., scored]
        return np.asarray(values.mean(axis=-1) if statistic == "mean" else np.median(values, axis=-1))
    held = np.where(scored, x, np.nan)
    return np.asarray(np.nanmean(held, axis=-1) if statistic == "mean" else np.nanmedian(held, axis=-1))


def _of_label(label: Any) -> str:
    return "" if label is None else f' for "{label}"'


def _in_group(name: Any) -> str:
    """A group's name in a message; nothing for the one group of all rows."""
    return "" if name in (None, "all") else f" (in {name})"


def _options(step: values.Step, *, down: bool) -> dict[str, Any]:
    """A step's numbers and words by name."""
    options: dict[str, Any] = {"words": step.words, "down": down}
    for position, parameter in enumerate(step.form.parameters):
        if position < len(step.numbers) or parameter.default is not None:
            options[parameter.name] = step.parameter(parameter.name)
    return options
