"""What is learned from a population with the unit in it, and so would move with its answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from egovindex.completions import headings_of_name
from egovindex.errors import Fault, MethodError, listed
from egovindex.result import IndexResult
from egovindex.robustness.leveritems import columns_of
from egovindex.spec import values
from egovindex.spec.tree import names_read

__all__ = ["learned_with", "refuse_each_draw", "refuse_shared_rows"]


def learned_with(result: IndexResult, row: int, records: Collection[str]) -> list[str]:
    """Steps and fills of some records that learn from rows among which is the unit's, as they are written."""
    tree = result.plan.tree
    found = []
    for record, at in result.learned_values.values:
        if record not in records:
            continue
        learners = result.plan.level(record).learners
        if any(learner.learns_from is None or row in learner.learns_from for learner in learners):
            found.append(f'{record} ("{tree.learns_at(record, at)}")')
    return found


def refuse_each_draw(result: IndexResult, row: int, below: Iterable[str]) -> None:
    """Refuse learning again where the unit's own answers move what is learned.

    Raises
    ------
    MethodError
        With the steps, and the way out.
    """
    plan, tree = result.plan, result.plan.tree
    leaves = {name for node in below for name in tree.reads(node) if name in tree.leaves}
    found = learned_with(result, row, {*below, *leaves})
    reference = plan.file.reference
    if not found and reference is not None and reference.where is not None:
        read = {h for n in names_read(reference.where, values.Word("skip")) for h in headings_of_name(plan, n)}
        if read & set().union(*(columns_of(result, tree.leaves[name]) for name in leaves)):
            found = [f'who is learned from ("{reference.where}")']
    if found:
        message = (
            f"learned again, each change of an answer would move {listed(found)}, and no exact answer is known; keep "
            'what was learned (learn="nominal"), give fixed bounds (goalposts), or learn from a reference population '
            "without the unit"
        )
        raise MethodError(Fault(message, check="learned_again"))


def refuse_shared_rows(result: IndexResult, row: int, kind: str) -> None:
    """Refuse an index in which an answer of the unit stands for more than itself.

    Raises
    ------
    MethodError
        With what it has.
    """
    file, tree, plan = result.index.file, result.plan.tree, result.plan
    over = [f"over in {branch.id}" for branch in tree.branches.values() if branch.over]
    found = [*over, *(["best"] if file.best is not None else [])]
    if found:
        message = f"levers of an index that takes rows together ({listed(found)}) are not computed"
        raise MethodError(Fault(message, check="several_records"))
    outcomes = [*(line.outcome for leaf in tree.leaves.values() for line in leaf.lines), *tree.nothing.values()]
    if kind == "rank" and values.Word("parent") in outcomes:
        heading = plan.headings.get(file.columns.get("parent", "parent"))
        if heading is not None and str(plan.rows.units[row]) in set(plan.data[heading].astype(str)):
            message = (
                f"other units take answers of {plan.rows.units[row]}, their parent, and would move with it; a rank "
                "among them is not computed; give a score"
            )
            raise MethodError(Fault(message, check="parent_of_others"))
