"""What is worth knowing about an index and its data, though nothing of it is wrong: the notes of ``check``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from egovindex.columns import Columns
from egovindex.errors import Fault, did_you_mean, listed
from egovindex.formulas import Bools, Floats
from egovindex.headings import headings_of, headings_read
from egovindex.points import SCORED
from egovindex.rows import Rows
from egovindex.spec import language, values
from egovindex.spec.bands import reach

if TYPE_CHECKING:
    from egovindex.index import Index
    from egovindex.plan import Plan
    from egovindex.scores import Scores
    from egovindex.spec.tree import Branch, Leaf, PointsLine, Tree

__all__ = ["findings_in_data", "findings_in_index", "flags_without_answers"]

# steps after which 0 is still 0
_KEEP_ZERO = frozenset({"out_of", "times", "grid", "round"})
_MOST_TOLD = 8
# shares of the range between goalposts that only rounding makes
_ROUNDING = 1e-9


# --- the index alone


def findings_in_index(index: Index) -> Iterator[Fault]:
    """Indicators of no node, nodes of no parent, bands that share numbers, nodes that no answer can earn anything.

    Examples
    --------
    >>> import egovindex as ei
    >>> [fault.message for fault in findings_in_index(ei.load_index("undp-hdi-2022"))]
    []
    """
    tree = index.tree
    used = {name for branch in tree.branches.values() for name in branch.inputs}
    for leaf in tree.leaves:
        if leaf not in used:
            message = f"{leaf} is an indicator that no node uses; to count it, name it in the of of a node"
            yield Fault(message, check="unused_indicator", column=leaf)
    headline = tree.levels[tree.headline]
    if further := [key for key in headline if key not in ("unit", "period")]:
        message = (
            f"{index.headline} lives on ({', '.join(headline)}): these are ranked, not units. To rank units, aggregate "
            f"over: {', '.join(further)} on the way"
        )
        yield Fault(message, check="records_ranked", column=index.headline)
    for top in tree.tops[1:]:
        message = f"{top} is nobody's child: reported beside {index.headline}, and no part of it"
        yield Fault(message, check="second_top", column=top)
    yield from _shared_bands(tree)
    yield from _nothing_to_earn(tree)


def _shared_bands(tree: Tree) -> Iterator[Fault]:
    """Two bands of one map, each with two ends, that have numbers in common; the first line decides."""
    told: set[tuple[str, ...]] = set()
    records: list[Leaf | Branch] = [*tree.leaves.values(), *tree.branches.values()]
    for record in records:
        for one, other in combinations(record.lines, 2):
            pair = (str(one.address), str(other.address))
            if one.address[:-1] != other.address[:-1] or pair in told:
                continue
            told.add(pair)
            if (shared := _shared(one, other)) is not None:
                where = f'points "{one.address[1]}"' if one.address[0] == "points" else record.id
                message = f'{where}: {shared} in both "{one.test}" and "{other.test}"; the first line decides'
                yield Fault(message, check="shared_bands", column=record.id)


def _shared(one: PointsLine, other: PointsLine) -> str | None:
    bands = []
    for line in (one, other):
        if isinstance(line.test, (language.Literal, language.Else)):
            return None
        found = reach(line.test, "value")
        if found.sure != found.most or not found.sure.has_two_ends:
            return None
        bands.append(found.sure)
    both = bands[0] & bands[1]
    return f"{both} {'is' if both.is_a_number else 'are'}" if both else None


def _nothing_to_earn(tree: Tree) -> Iterator[Fault]:
    """Nodes over indicators of which none can earn anything but 0: attainable is nothing, whatever is answered."""
    for branch in tree.branches.values():
        weighted = zip(branch.children, branch.weights, strict=True)
        children = [child for child, weight in weighted if weight.value != 0]
        if branch.aggregate not in ("mean", "pool", "sum") or branch.formula is not None or not children:
            continue
        if any(child not in tree.leaves or _may_earn(tree.leaves[child], tree) for child in children):
            continue
        if not any(map(_gives, (line.outcome for line in branch.lines))) and _keeps_zero(branch):
            message = (
                f"{branch.id}: no answer can earn anything; every line of {listed(children)} gives 0, skip or void"
            )
            yield Fault(message, check="nothing_to_earn", column=branch.id)


def _may_earn(leaf: Leaf, tree: Tree) -> bool:
    """Whether any answer can earn an indicator something other than 0."""
    literals = {line.test.text.casefold() for line in leaf.lines if isinstance(line.test, language.Literal)}
    kinds = {kind.casefold() for kind in tree.kinds}
    closed = bool(literals - kinds) or any(isinstance(line.test, language.Else) for line in leaf.lines)
    outcomes = [line.outcome for line in leaf.lines]
    outcomes += [outcome for kind, outcome in tree.nothing.items() if kind.casefold() not in literals]
    return not closed or any(map(_gives, outcomes)) or not _keeps_zero(leaf)


def _gives(outcome: values.Outcome) -> bool:
    """Whether an outcome can be a number other than 0."""
    if isinstance(outcome, values.Quantity):
        return outcome.value != 0
    return outcome not in (values.Word("skip"), values.Word("void"))


def _keeps_zero(record: Leaf | Branch) -> bool:
    return all(step.name in _KEEP_ZERO for step in record.steps)


# --- the data


def findings_in_data(plan: Plan, nominal: Scores) -> Iterator[Fault]:
    """Units without answers or scores, numbers among categories, and values outside their goalposts.

    Parameters
    ----------
    plan
        The index compiled against the data.
    nominal
        Its evaluation without draws.
    """
    yield from plan.notes
    yield from _without_answers(plan, nominal)
    yield from _without_scores(plan, nominal)
    yield from _numbers_among_categories(plan)
    yield from _outside_goalposts(plan, nominal)


def _without_answers(plan: Plan, nominal: Scores) -> Iterator[Fault]:
    """Units that answer nothing at all, told together, and what became of them."""
    without = ~_answered(plan)
    if not without.any():
        return
    scored = without & ~np.isnan(nominal.values).all(axis=1)
    then = "and no score of any node"
    if scored.any():
        then = f"but scores from what the file says about nothing ({plan.rows.names(scored)})"
    yield _told(plan, without, "no_answers", "no answer to any indicator", then)


def _without_scores(plan: Plan, nominal: Scores) -> Iterator[Fault]:
    """Units that answer something and have no score all the same, told together."""
    without = _answered(plan) & np.isnan(nominal.values).all(axis=1)
    if without.any():
        yield _told(plan, without, "no_scores", "answers", "but no score of any node")


def _answered(plan: Plan) -> Bools:
    """Rows that answer at least one indicator."""
    found = np.zeros(len(plan.records), dtype=bool)
    for leaf in plan.leaves.values():
        found |= True if leaf.answered is None else leaf.answered
    return plan.level(plan.tree.headline).any(found)


def _told(plan: Plan, where: Bools, check: str, what: str, then: str) -> Fault:
    count, rows = int(where.sum()), plan.rows
    each = "units" if rows.periods is None else "rows"
    message = f"{count} of {len(rows)} {each} {'has' if count == 1 else 'have'} {what} ({rows.names(where)}), {then}"
    return Fault(message, check=check, units=_units(rows, where))


def _units(rows: Rows, where: Bools) -> tuple[str, ...]:
    return tuple(rows.name(int(row)) for row in np.flatnonzero(where))


def _numbers_among_categories(plan: Plan) -> Iterator[Fault]:
    """Numbers that stay as they are beside lines that ask for categories, as in an open map they may."""
    columns: Columns | None = None
    for leaf in plan.tree.leaves.values():
        asked = _categories_asked(leaf)
        if not asked:
            continue
        columns = columns or Columns(plan.file, plan.tree, plan.data, plan.records)
        own, data = columns.own(leaf), plan.leaves[leaf.id]
        if own is None:
            continue
        stays = ~np.isnan(own.numbers)
        if own.codes is not None:
            stays &= own.codes < 0
        stays &= ~data.by_line
        if data.state is not None:
            stays &= data.state == SCORED
        if stays.any():
            count = int(stays.sum())
            answers, are, stay = ("answer", "is a number", "stays as it is")
            if count > 1:
                answers, are, stay = ("answers", "are numbers", "stay as they are")
            message = (
                f"{leaf.id}: {count} {answers} {are} and {stay} ({plan.records.names(stays)}), and its points ask for "
                f"categories ({listed(asked)}). Write a line for each category alone ({asked[0]}: ...), and a number "
                "is an error; or write else: value"
            )
            yield Fault(message, check="number_among_categories", column=leaf.id, units=_units(plan.records, stays))


def _categories_asked(leaf: Leaf) -> list[str]:
    """Words that the sentences of an open map ask of its own answer; none where a formula may leave a number too."""
    found: list[str] = []
    for line in leaf.lines:
        if isinstance(line.outcome, language.Formula) or isinstance(line.test, language.Else):
            return []
        if not isinstance(line.test, language.Literal):
            own = (test for test in language.categories_in(line.test) if test.name in ("answer", "value"))
            found += [word for test in own for word in test.categories if not language.is_number(word)]
    return list(dict.fromkeys(found))


def _outside_goalposts(plan: Plan, nominal: Scores) -> Iterator[Fault]:
    """Values beyond their fixed worst or best, which earn less than 0 or more than 1."""
    x = plan.x() if any(leaf.steps for leaf in plan.tree.leaves.values()) else None
    for at, leaf in enumerate(plan.leaves):
        if x is not None:
            yield from _beyond(plan, plan.tree.leaves[leaf], x[:, at])
    for branch in plan.tree.branches.values():
        if branch.steps:
            yield from _beyond(plan, branch, nominal.pointed[branch.id])


def _beyond(plan: Plan, record: Leaf | Branch, value: Floats) -> Iterator[Fault]:
    names = [step.name for step in record.steps]
    for at, step in enumerate(record.steps):
        if step.name == "out_of":
            value = value / step.parameter("total")
        elif step.name == "times":
            value = value * step.parameter("factor")
        elif step.name == "goalposts":
            later = names[at + 1 :]
            yield from _beyond_these(plan, record, step, value, cut=("floor" in later, "cap" in later))
            return
        else:
            return


def _beyond_these(
    plan: Plan, record: Leaf | Branch, step: values.Step, value: Floats, *, cut: tuple[bool, bool]
) -> Iterator[Fault]:
    """Values beyond one step of goalposts; those that a floor or a cap behind it cuts are meant."""
    worst, best = step.parameter("worst"), step.parameter("best")
    allowed = _ROUNDING * abs(best - worst)
    up = 1 if best > worst else -1
    short, over = up * (worst - value) > allowed, up * (value - best) > allowed
    outside = (short & (not cut[0])) | (over & (not cut[1]))
    if not outside.any():
        return
    rows, low, high = plan.level(record.id).rows, min(worst, best), max(worst, best)
    told = []
    for row in np.flatnonzero(outside):
        found = float(value[row])
        far = f"{found - high:.6g} above" if found > high else f"{low - found:.6g} below"
        told.append(f"{rows.name(int(row))} {found:.6g}, {far}")
    count = len(told)
    more = f" and {count - _MOST_TOLD} more" if count > _MOST_TOLD else ""
    message = (
        f"{record.id}: {count} of {len(rows)} values {'lies' if count == 1 else 'lie'} outside {step} "
        f"({'; '.join(told[:_MOST_TOLD])}{more}). Goalposts never clip: below the worst a value is less than "
        "0, beyond the best more than 1. If that is not meant, write floor and cap before it"
    )
    yield Fault(message, check="outside_goalposts", column=record.id, units=_units(rows, outside))


# --- attributes of answers


def flags_without_answers(columns: Columns) -> Iterator[Fault]:
    """Attributes (``flag: "*_flag"``) that are given where there is no answer, or no column of answers.

    Parameters
    ----------
    columns
        The columns of a wide table, as an index names them.

    Yields
    ------
    Fault
        For every attribute of a column that an indicator reads: the rows that have it and no answer. For every
        heading that fits the pattern and belongs to no column of the data: that heading.
    """
    patterns = [(name, heading) for name, heading in columns.file.columns.items() if heading.count("*") == 1]
    scales = {
        heading: leaf.scale for leaf in columns.tree.leaves.values() for heading in headings_of(leaf, columns.file)
    }
    for name, pattern in patterns:
        for heading, scale in scales.items():
            attribute = pattern.replace("*", heading)
            if heading in columns.headings and attribute in columns.headings and attribute != heading:
                yield from _without_answer(columns, name, attribute, heading, scale)
        yield from _of_no_column(columns, name, pattern)


def _without_answer(columns: Columns, name: str, attribute: str, heading: str, scale: str | None) -> Iterator[Fault]:
    where = columns.read(attribute, None).answered() & columns.read(heading, scale).kind_rows("missing")
    if where.any():
        count = int(where.sum())
        answers = "1 answer has" if count == 1 else f"{count} answers have"
        message = f"{attribute}: {answers} a {name} and no {heading}: {columns.rows.names(where)}"
        units = tuple(columns.rows.name(int(row)) for row in np.flatnonzero(where))
        yield Fault(message, check="flag_without_answer", column=attribute, units=units)


def _of_no_column(columns: Columns, name: str, pattern: str) -> Iterator[Fault]:
    first, _, last = pattern.partition("*")
    fits = re.compile(f"{re.escape(first)}(.+){re.escape(last)}")
    read = headings_read(columns.file, columns.tree) | set(columns.file.columns.values())
    for heading in columns.headings:
        found = fits.fullmatch(heading)
        if found is not None and found[1] not in columns.headings and heading not in read:
            hint = did_you_mean(found[1], [known for known in columns.headings if not fits.fullmatch(known)])
            message = f'{heading} fits "{pattern}" ({name}), and the data has no column "{found[1]}"{hint}'
            yield Fault(message, check="flag_without_column", column=heading)
