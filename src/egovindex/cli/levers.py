"""The command that finds the cheapest answers to change for a goal: levers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import INTERRUPTED, complete
from egovindex.cli.costs import COST_FORM, answers_from_words, costs_from_file, costs_from_words
from egovindex.cli.exact_options import (
    PeriodName,
    TimeLimit,
    about_certainty,
    in_words,
    reworded_text,
    told_numbers,
    write_or_print,
)
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, files_among, one_format, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    Force,
    IndexName,
    Node,
    OnlyRules,
    Out,
    Points,
    Rules,
    Sample,
    Top,
    Variant,
    Weights,
)
from egovindex.cli.output import (
    about_index,
    chosen_rows,
    open_page,
    plain,
    plain_answers,
    show_rows,
    title_of,
)
from egovindex.cli.runs import Quiet, check_outputs, notes, progress_line
from egovindex.cli.what_if import Learn
from egovindex.errors import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["levers"]


class Told(StrEnum):
    """Which table of the levers is asked for."""

    changes = "changes"
    ladder = "ladder"
    alternatives = "alternatives"


# options at fault, by the name of the check or the beginning of the message
_PLACES = {
    "costs": "--cost",
    "answers": "--answers",
    "only": "--only",
    "fixed": "--fix",
    "unknown_class": "--class",
    "class_is_a_test": "--class",
}


@guarded
def levers(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="Whose answers.", autocompletion=complete.units)
    ] = None,
    score: Annotated[float | None, typer.Option("--score", metavar="SCORE", help="Score to reach.")] = None,
    rank: Annotated[int | None, typer.Option("--rank", min=1, metavar="K", help="Rank to reach, or a better one.")] = (
        None
    ),
    class_: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Class to reach, or a better one.")
    ] = None,
    node: Node = None,
    period: PeriodName = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            "--cost", metavar="ITEM=COST", help=f"What a change costs, {COST_FORM}; 1 if not given. Repeatable."
        ),
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(
            "--costs", metavar="FILE", help="Costs in a table with the columns item, cost (and answer).", readable=False
        ),
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answers", metavar="ITEM=A|B", help="New answers that an item may have. Needed for numbers. Repeatable."
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ITEM", help="Items that alone may change. Repeatable.")
    ] = None,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", metavar="ITEM", help="Items that may not change. Repeatable.")
    ] = None,
    learn: Annotated[
        Learn, typer.Option("--learn", help="Keep the learned values of the run, or learn them again.")
    ] = Learn.nominal,
    alternatives: Annotated[
        int,
        typer.Option("--alternatives", min=0, metavar="N", help="How many other sets of the same cost to look for."),
    ] = 10,
    time_limit: TimeLimit = None,
    table: Annotated[
        Told, typer.Option("--table", help="The changes, the ladder (one after the other), or other sets.")
    ] = Told.changes,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
    quiet: Quiet = False,
) -> None:
    """Find the cheapest set of answers to change with which a unit reaches a score, a rank or a class.

    All other units stay as they are. No cheaper set reaches the goal: that is proven, and the set is scored again by
    the evaluator. Each change costs 1 unless --cost or --costs says otherwise. gain is what a change brings alone,
    the ladder what they bring one after the other.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    if unit is None:
        raise UsageFault("--unit is missing: name the unit whose answers may change")
    target = _target(score, rank, class_)
    priced = costs_from_words(cost or [])
    inputs = [*files_among(data, index, weights), *([] if costs is None else [costs])]
    check_outputs(inputs, table=out, force=force)
    if costs is not None:
        priced = _together(priced, costs_from_file(costs))
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    read, called = table_of(chosen, data, variant, sample=sample)
    result = ei.compute(chosen, read)
    with in_words(_PLACES), progress_line(quiet=quiet) as progress:
        found = ei.levers(
            result,
            unit,
            target,
            node=node,
            period=period,
            costs=priced or None,
            answers=answers_from_words(result, unit, period, answers or []) or None,
            only=only or None,
            fixed=fix or None,
            learn=learn.value,
            alternatives=alternatives,
            time_limit=time_limit,
            progress=progress,
        )
    rows = plain_answers(getattr(found, table.value), "before", "after")
    rows = rows if top is None else rows.head(top)
    about = {**about_index(chosen), "table": table.value, **_about(found)}
    done = write_or_print(rows, about, out=out, force=force, excel_safe=excel_safe, as_json=as_json, as_csv=as_csv)
    if not done:
        _show(found, about, rows, f"{len(read)} rows of {called}", everything=everything or top is not None)
    elif not as_json:
        notes(about["notes"])
    if any("interrupted" in note for note in found.notes):
        raise typer.Exit(INTERRUPTED)


# --- what is asked
def _target(score: float | None, rank: int | None, class_: str | None) -> dict[str, Any]:
    """The goal as the library takes it."""
    given = {"score": score, "rank": rank, "class": class_}
    found = {name: value for name, value in given.items() if value is not None}
    if len(found) != 1:
        many = f"; found {listed(f'--{name}' for name in found)}" if found else ""
        raise UsageFault(f"give one goal: --score 0.75, --rank 10 or --class High{many}")
    return found


def _together(words: dict[Any, float], file: dict[Any, float]) -> dict[Any, float]:
    twice = [str(key) for key in words if key in file]
    if twice:
        raise UsageFault(f"--cost and --costs both price {listed(twice)}; keep one")
    return {**file, **words}


# --- what is told
def _about(found: ei.Levers) -> dict[str, Any]:
    """What stands around the rows in JSON."""
    standings = {"before": found.before, "after": found.after, "relearned": found.relearned}
    return {
        "node": found.node,
        "unit": found.unit,
        "period": plain(found.period),
        "target": found.target,
        **{
            name: None if at is None else {"score": plain(at.score), "rank": plain(at.rank), "class": at.class_}
            for name, at in standings.items()
        },
        "cost": plain(found.cost),
        "cost_bound": plain(found.cost_bound),
        "certainty": about_certainty(found.certainty),
        "complete": found.complete,
        "alternatives": int(found.alternatives["alternative"].nunique()),
        "learned": found.certificate["learned"],
        "notes": [reworded_text(note) for note in found.notes],
    }


def _show(found: ei.Levers, about: dict[str, Any], rows: pd.DataFrame, rows_of: str, *, everything: bool) -> None:
    page = open_page()
    index = found.result.index
    page.head(title_of(index), chosen_rows(index, f"{about['table']} for {found.name}: {found.target}; {rows_of}"))
    page.line(f"now:  {found.before}")
    page.line(f"then: {found.after}")
    at_least = "" if found.cost_bound == found.cost else f" (at least {found.cost_bound:g})"
    page.line(f"cost: {found.cost:g}{at_least}; {found.certainty}")
    if found.relearned is not None and found.relearned != found.after:
        page.line(f"learned again: {found.relearned}")
    if about["alternatives"] or not found.complete:
        more = "" if found.complete else ", and there may be more"
        lists = "; --table alternatives lists them" if about["alternatives"] else ""
        page.line(f"other sets of the same cost: {about['alternatives']}{more}{lists}")
    page.line()
    if rows.empty:
        page.line("Nothing to change." if about["table"] == Told.changes else "None.")
    else:
        show_rows(page, _for_people(rows), everything=everything, ways="--csv and --out write")
    if about["table"] == Told.changes and len(rows) > 1:
        page.line("\nOne after the other:")
        ladder = plain_answers(found.ladder, "before", "after")
        show_rows(page, _for_people(ladder).drop(columns=["before"]), everything=everything)
    for note in about["notes"]:
        page.line(f"\n{note}")


def _for_people(rows: pd.DataFrame) -> pd.DataFrame:
    """What changes first, and the long label last."""
    last = ["label"] if "label" in rows else []
    return told_numbers(rows[[*(name for name in rows if name not in last), *last]])
