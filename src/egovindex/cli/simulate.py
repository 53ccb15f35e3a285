"""The command that draws what could have been chosen otherwise, again and again: simulate."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.doubts import Asked, Declared, DoubtFile, Vary, asked_doubt
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, files_among, one_format, reworded, table_of
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
from egovindex.cli.output import about_index, chosen_rows, open_page, put_table, show_rows, title_of
from egovindex.cli.results import first_rows
from egovindex.cli.runs import (
    Picture,
    Quiet,
    SaveDoubt,
    Seed,
    Workers,
    check_level,
    check_outputs,
    notes,
    progress_line,
    refuse_several_periods,
    show_failures,
    show_laws,
    write_files,
)
from egovindex.cli.what_if import Learn

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["simulate"]


class Drawn(StrEnum):
    """Which table of the draws is asked for."""

    intervals = "intervals"
    probabilities = "probabilities"
    top = "top"
    scores = "scores"
    classes = "classes"
    expected = "expected"
    shifts = "shifts"
    summary = "summary"
    settings = "settings"
    convergence = "convergence"
    failed = "failed"


class Precision(StrEnum):
    """In which numbers scores are computed."""

    double = "double"
    single = "single"


_OF_A_LEVEL = (Drawn.intervals, Drawn.scores)
_LEVEL = 0.90

# how the library asks for what has an option here
_WORDS = {"more than n = ": "more than --draws ", "as in settings(range(1000))": "as in --top 1000"}


@guarded
def simulate(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    vary: Vary = None,
    doubt: DoubtFile = None,
    declared: Declared = False,
    draws: Annotated[int, typer.Option("--draws", "-n", min=1, metavar="N", help="Number of draws.")] = 10_000,
    rng: Seed = None,
    node: Node = None,
    learn: Annotated[
        Learn, typer.Option("--learn", help="Learn bounds and means again in each draw, or keep those without any.")
    ] = Learn.each_draw,
    precision: Annotated[
        Precision, typer.Option("--precision", help="Single may be quicker; no rank depends on it.")
    ] = Precision.double,
    workers: Workers = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help="Keep there what is known; the same command goes on from it, and with a larger --draws adds to it.",
            readable=False,
        ),
    ] = None,
    table: Annotated[Drawn, typer.Option("--table", help="Which table of the draws.")] = Drawn.intervals,
    level: Annotated[
        float | None,
        typer.Option("--level", metavar="SHARE", help="Share of the draws inside an interval; 0.9 if not given."),
    ] = None,
    k: Annotated[
        int | None, typer.Option("--k", min=1, metavar="K", help="How many ranks --table top is about.")
    ] = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
    plot: Picture = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="Period of the picture, where there are several.")
    ] = None,
    saved_doubt: SaveDoubt = None,
    quiet: Quiet = False,
) -> None:
    """Score again and again, each time with other choices that could have been made, and count the ranks.

    What could have been chosen otherwise is said by --vary, by a file (--doubt) or by the ranges in the index file
    (--declared), or by all of them. Units stand in the order of their rank without any draw. The same seed gives the
    same numbers on any number of threads, and where a run was stopped and goes on. How wide ranks spread depends on
    the laws, which are told beside them.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    _refuse_without_effect(table, level=level, k=k, period=period, plot=plot)
    inputs = [*files_among(data, index, weights), *(path for path in (doubt, checkpoint) if path is not None)]
    check_outputs(inputs, table=out, picture=plot, doubt=saved_doubt, checkpoint=checkpoint, force=force)
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    _refuse_no_classes(chosen, table, node)
    asked = asked_doubt(chosen, doubt, vary, declared=declared)
    read, called = table_of(chosen, data, variant, sample=sample)
    if plot is not None:
        refuse_several_periods(chosen, read, period)
    options = {"n": draws, "rng": rng, "node": node, "learn": learn.value, "precision": precision.value}
    with reworded(_WORDS):
        drawn = _drawn(chosen, read, asked, options, workers=workers, checkpoint=checkpoint, quiet=quiet)
        about = _about(drawn, table, level, k)
        rows = first_rows(_table(drawn, table, about, top), top)
    write_files(
        rows,
        about,
        drawn.doubt,
        lambda: drawn.plot.rank_intervals(level=level or _LEVEL, period=period, top=top),
        out=out,
        plot=plot,
        saved_doubt=saved_doubt,
        force=force,
        excel_safe=excel_safe,
    )
    if as_json or as_csv:
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
    elif out is None:
        _show(drawn, about, rows, f"{len(read)} rows of {called}", everything=everything, top=top)
    if as_csv or (out is not None and not as_json):
        notes([f"seed {drawn.rng}" if rng is None else "", _failures(drawn)])


# --- before anything is drawn
def _refuse_without_effect(
    table: Drawn, *, level: float | None, k: int | None, period: str | None, plot: Path | None
) -> None:
    """Refuse options that say nothing about the table that is asked for."""
    check_level(level)
    if level is not None and table not in _OF_A_LEVEL and plot is None:
        raise UsageFault("--level goes with --table intervals or scores, and with --plot")
    if (table is Drawn.top) != (k is not None):
        raise UsageFault("--table top needs --k, as in --k 10" if k is None else "--k goes with --table top")
    if period is not None and plot is None:
        raise UsageFault("--period goes with --plot")


def _refuse_no_classes(index: ei.Index, table: Drawn, node: str | None) -> None:
    """Refuse a table of classes where there are none; an unknown node is told by the library."""
    name = node or index.headline
    if table is Drawn.classes and name in index.tree.branches and not index.classes(name):
        raise UsageFault(f"{name} has no classes")


# --- the draws and their tables
def _drawn(
    index: ei.Index,
    data: pd.DataFrame,
    asked: Asked,
    options: dict[str, Any],
    *,
    workers: int | None,
    checkpoint: Path | None,
    quiet: bool,
) -> ei.Draws:
    """The draws; where they are stopped, how to go on."""
    try:
        with asked.placed(), progress_line(quiet=quiet) as progress:
            return ei.simulate(
                index, data, asked.doubt, executor=workers, checkpoint=checkpoint, progress=progress, **options
            )
    except KeyboardInterrupt:
        if checkpoint is not None and checkpoint.exists():
            notes([f"interrupted; the same command goes on from {checkpoint.name}"])
        raise


def _about(drawn: ei.Draws, table: Drawn, level: float | None, k: int | None) -> dict[str, Any]:
    """What stands around the table in JSON."""
    return {
        **about_index(drawn.result.index),
        "table": table.value,
        "node": drawn.node,
        **({"level": level or _LEVEL} if table in _OF_A_LEVEL else {}),
        **({"k": k} if table is Drawn.top else {}),
        "n": drawn.n,
        "rng": drawn.rng,
        "learn": drawn.learn,
        "precision": drawn.manifest.precision,
        "failed": drawn.n - drawn.good,
        "laws": drawn.laws,
    }


def _table(drawn: ei.Draws, table: Drawn, about: dict[str, Any], top: int | None) -> pd.DataFrame:
    """The table that was asked for; where it has a row for each unit, the best or the most likely first."""
    if table in (Drawn.settings, Drawn.convergence, Drawn.failed):
        of_draws: dict[Drawn, Callable[[], Any]] = {
            Drawn.settings: lambda: drawn.settings(None if top is None else slice(top)),
            Drawn.convergence: lambda: drawn.convergence,
            Drawn.failed: lambda: drawn.failed,
        }
        return of_draws[table]().reset_index()
    of_units: dict[Drawn, Callable[[], Any]] = {
        Drawn.intervals: lambda: drawn.rank_intervals(about["level"]),
        Drawn.probabilities: drawn.rank_probabilities,
        Drawn.top: lambda: drawn.top(about["k"]),
        Drawn.scores: lambda: drawn.score_intervals(about["level"]),
        Drawn.classes: drawn.class_probabilities,
        Drawn.expected: lambda: drawn.expected_ranks,
        Drawn.shifts: lambda: drawn.shifts,
        Drawn.summary: lambda: drawn.summary,
    }
    found = of_units[table]()
    keys = [str(name) for name in found.index.names]
    rows = found.reset_index()
    rows.columns = [str(heading) for heading in rows.columns]
    rows = drawn.result.ranking_of(drawn.node)[keys].merge(rows, on=keys, how="left", sort=False)
    return rows.sort_values("probability", ascending=False, kind="stable") if table is Drawn.top else rows


def _failures(drawn: ei.Draws) -> str:
    failed = drawn.n - drawn.good
    return f"{failed:,} draws failed, and are left out; --table failed lists them" if failed else ""


def _show(
    drawn: ei.Draws, about: dict[str, Any], rows: pd.DataFrame, rows_of: str, *, everything: bool, top: int | None
) -> None:
    page = open_page()
    index = drawn.result.index
    level = f" at level {about['level']:g}" if "level" in about else ""
    first = f" {about['k']}" if "k" in about else ""
    page.head(title_of(index), chosen_rows(index, f"{about['table']}{first} of {drawn.node}{level}; {rows_of}"))
    show_laws(page, drawn.laws, everything=everything)
    how = f"{drawn.job.study.how_learned}, {about['precision']} precision"
    page.line(f"{drawn.n:,} draws, seed {drawn.rng}; {how}")
    if drawn.good < drawn.n:
        page.line(_failures(drawn))
    page.line()
    everything = everything or top is not None
    if about["table"] == Drawn.failed:
        show_failures(page, rows, everything=everything)
    else:
        show_rows(page, rows, everything=everything, ways="--csv and --out write")
