"""The command that says which doubt matters: sobol."""

from __future__ import annotations

from enum import StrEnum
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
from egovindex.cli.output import about_index, chosen_rows, open_page, plain, put_table, show_rows, title_of
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
    show_failures,
    show_laws,
    write_files,
)
from egovindex.cli.what_if import Learn
from egovindex.errors import did_you_mean, listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["sobol"]


class Shared(StrEnum):
    """Which table is asked for."""

    indices = "indices"
    one_at_a_time = "one-at-a-time"
    convergence = "convergence"
    failures = "failures"


class Groups(StrEnum):
    """What is varied together."""

    doubts = "doubts"
    factors = "factors"


class Estimator(StrEnum):
    """Of first-order indices."""

    saltelli = "saltelli"
    jansen = "jansen"
    janon = "janon"


_TARGETS = ("rank_shift", "class_change", "rank", "score")
_OF_UNITS = ("rank", "score")
# of the first of several numbers they would tell, without saying so
_OF_ONE_NUMBER = (Shared.one_at_a_time, Shared.convergence)
_FORM = "rank_shift, class_change, rank, score, rank:UNIT or score:UNIT"


@guarded
def sobol(
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
    n: Annotated[
        int,
        typer.Option("--n", "-n", min=2, metavar="N", help="Points of each of the two samples; best a power of two."),
    ] = 1024,
    rng: Seed = None,
    target: Annotated[str, typer.Option("--target", metavar="TARGET", help=f"What varies: {_FORM}.")] = "rank_shift",
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="Needed where the unit has several.")
    ] = None,
    groups: Annotated[
        Groups, typer.Option("--groups", help="What is varied together: each doubt, or each node and line by itself.")
    ] = Groups.doubts,
    estimator: Annotated[
        Estimator, typer.Option("--estimator", help="Of first-order indices; total indices are by Jansen.")
    ] = Estimator.saltelli,
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, metavar="N", help="Bootstrap resamples of the points; 0 for none.")
    ] = 1000,
    level: Annotated[float, typer.Option("--level", metavar="SHARE", help="Level of the bootstrap intervals.")] = 0.90,
    node: Node = None,
    learn: Annotated[
        Learn, typer.Option("--learn", help="Learn bounds and means again in each draw, or keep those without any.")
    ] = Learn.each_draw,
    workers: Workers = None,
    table: Annotated[Shared, typer.Option("--table", help="Which table.")] = Shared.indices,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
    plot: Picture = None,
    saved_doubt: SaveDoubt = None,
    quiet: Quiet = False,
) -> None:
    """Share out the variance of a ranking among the doubts about it, and so say which of them matters.

    Doubts are said as for simulate. The first index of a doubt is the share of the variance that is gone, in the mean,
    once that choice is known; its total index is the share that is left while all others are known. The largest total
    stands first. --table one-at-a-time moves each choice alone to its ends: nothing is drawn then, and --n, --rng,
    --groups, --estimator and --resamples play no part.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    check_level(level)
    wanted = _target(target, period, table)
    inputs = [*files_among(data, index, weights), *([] if doubt is None else [doubt])]
    check_outputs(inputs, table=out, picture=plot, doubt=saved_doubt, force=force)
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    asked = asked_doubt(chosen, doubt, vary, declared=declared)
    read, called = table_of(chosen, data, variant, sample=sample)
    options: dict[str, Any] = {"target": wanted, "node": node, "learn": learn.value, "level": level}
    if table is not Shared.one_at_a_time:
        options |= {"n": n, "rng": rng, "groups": groups.value, "estimator": estimator.value, "resamples": resamples}
        options |= {"executor": workers}
    with reworded({"name one with period=": "name one with --period"}):
        found = _found(chosen, read, asked, options, quiet=quiet)
    about = {**about_index(chosen), "table": table.value, **_about(found, learn)}
    rows = _rows(found, table)
    rows = rows if top is None else rows.head(top)
    write_files(
        rows,
        about,
        found.doubt,
        lambda: found.plot.bars() if isinstance(found, ei.Sobol) else found.plot.tornado(),
        out=out,
        plot=plot,
        saved_doubt=saved_doubt,
        force=force,
        excel_safe=excel_safe,
    )
    if as_json or as_csv:
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
    elif out is None:
        _show(found, about, rows, f"{len(read)} rows of {called}", everything=everything, top=top)
    if as_csv or (out is not None and not as_json):
        notes([f"seed {about['rng']}" if rng is None and "rng" in about else "", *_left_out(found)])


def _target(written: str, period: str | None, table: Shared) -> str | tuple[str, ...]:
    """What varies, as the library takes it."""
    name, colon, unit = (text.strip() for text in written.partition(":"))
    if name not in _TARGETS or (colon and (name not in _OF_UNITS or not unit)):
        raise UsageFault(f'--target is {_FORM}; found "{written}"{did_you_mean(name, _TARGETS)}')
    if period is not None and not colon:
        raise UsageFault("--period goes with a --target of one unit, as in rank:UNIT")
    if colon:
        return (name, unit) if period is None else (name, unit, period)
    if name in _OF_UNITS and table in _OF_ONE_NUMBER:
        raise UsageFault(f"--table {table.value} is of one number: name a unit, as in --target {name}:UNIT")
    return name


def _found(
    index: ei.Index, data: pd.DataFrame, asked: Asked, options: dict[str, Any], *, quiet: bool
) -> ei.Sobol | ei.OneAtATime:
    with asked.placed():
        if "n" not in options:
            return ei.one_at_a_time(index, data, asked.doubt, **options)
        with progress_line(quiet=quiet) as progress:
            return ei.sobol(index, data, asked.doubt, progress=progress, **options)


def _about(found: ei.Sobol | ei.OneAtATime, learn: Learn) -> dict[str, Any]:
    """What stands around the table in JSON."""
    about: dict[str, Any] = {"node": found.study.node, "target": found.target.name, "learn": learn.value}
    if isinstance(found, ei.OneAtATime):
        about |= {"as_it_is": plain(found.base[0]), "failed": _failed_settings(found)}
    else:
        outputs = zip(found.outputs, found.variance, found.interactions, strict=True)
        about |= {
            "n": found.n,
            "evaluations": found.evaluations,
            "rng": found.rng,
            "estimator": found.estimator,
            "level": found.level,
            "groups": {name: list(members) for name, members in found.groups.items()},
            "outputs": [{"output": name, "variance": plain(v), "interactions": plain(x)} for name, v, x in outputs],
            "left_out": list(found.left_out),
            "failed": len(found.failed),
        }
    return {**about, "laws": found.study.laws}


def _failed_settings(found: ei.OneAtATime) -> int:
    return int(found.table["reason"].notna().sum()) if "reason" in found.table else 0


def _rows(found: ei.Sobol | ei.OneAtATime, table: Shared) -> pd.DataFrame:
    """The table that was asked for."""
    if isinstance(found, ei.OneAtATime):
        return found.tornado.reset_index()
    if table is Shared.failures:
        return found.failures
    return (found.convergence if table is Shared.convergence else found.table).reset_index()


def _whole(number: Any) -> Any:
    """A rank as people write it."""
    return int(number) if number is not None and float(number).is_integer() else number


def _left_out(found: ei.Sobol | ei.OneAtATime) -> list[str]:
    """What the numbers do not tell: what failed, and what has none."""
    if isinstance(found, ei.OneAtATime):
        failed = _failed_settings(found)
        return [f"{failed} settings failed, and are left out"] if failed else []
    lines = []
    if found.failed:
        points = len({point for point, _, _ in found.failed})
        evaluations = f"{len(found.failed):,} evaluations failed; their {points:,} points are left out"
        lines.append(f"{evaluations}; --table failures lists them")
    if found.left_out:
        lines.append(f"no number in some draw, and no indices: {listed(found.left_out)}")
    if found.fixed:
        lines.append(f"never varies, and has indices of 0: {listed(found.fixed)}")
    return lines


def _show(
    found: ei.Sobol | ei.OneAtATime,
    about: dict[str, Any],
    rows: pd.DataFrame,
    rows_of: str,
    *,
    everything: bool,
    top: int | None,
) -> None:
    page = open_page()
    index = found.result.index
    what = f"{about['table']}: {about['target']} of {about['node']}"
    page.head(title_of(index), chosen_rows(index, f"{what}; {rows_of}"))
    show_laws(page, about["laws"], everything=everything)
    how = found.study.how_learned
    if isinstance(found, ei.Sobol):
        page.line(f"{found.n:,} points, {found.evaluations:,} evaluations, seed {found.rng}; {how}")
        if found.n & (found.n - 1):
            page.line(f"{found.n:,} is no power of two: the points are less evenly spread")
    else:
        from egovindex.cli.show import cell_text

        page.line(f"as it is: {cell_text(_whole(about['as_it_is']))}; {how}")
        rows = rows.assign(**{name: [_whole(value) for value in rows[name]] for name in ("low", "high", "span")})
    for line in _left_out(found):
        page.line(line)
    page.line()
    everything = everything or top is not None
    if about["table"] == Shared.failures:
        show_failures(page, rows, everything=everything)
    else:
        show_rows(page, rows, everything=everything, ways="--csv and --out write")
