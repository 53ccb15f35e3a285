"""The command that says between which ranks every unit can come: rank-range."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

import egovindex as ei
from egovindex.cli import INTERRUPTED
from egovindex.cli.doubts import DoubtFile
from egovindex.cli.exact_options import (
    PeriodName,
    TimeLimit,
    Units,
    about_certainty,
    about_varied,
    certificate_table,
    of_units,
    told_numbers,
    write_or_print,
)
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import files_among, one_format, table_of
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
    Rules,
    Sample,
    Top,
    Variant,
)
from egovindex.cli.output import chosen_rows, open_page, show_rows, title_of
from egovindex.cli.runs import Quiet, Workers, check_level, check_outputs, notes, progress_line
from egovindex.cli.varied import Varied, VariedPoints, VariedWeights, varied_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["rank_range"]


class End(StrEnum):
    """Of a range of ranks."""

    best = "best"
    worst = "worst"


_FORM = "UNIT:best or UNIT:worst"


@guarded
def rank_range(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: VariedWeights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: VariedPoints = None,
    doubt: DoubtFile = None,
    node: Node = None,
    period: PeriodName = None,
    units: Units = None,
    certificate: Annotated[
        str | None,
        typer.Option("--certificate", metavar="UNIT:END", help=f"Weights that give a rank at an end: {_FORM}."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", "-n", min=1, metavar="N", help="Beside the worst case: one weight at a time, and N draws."
        ),
    ] = None,
    rng: Annotated[
        int | None,
        typer.Option("--rng", "--seed", min=0, metavar="SEED", help="Seed of the draws. Told if not given."),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option("--level", metavar="SHARE", help="Share of the draws inside an interval; 0.9 if not given."),
    ] = None,
    time_limit: TimeLimit = None,
    workers: Workers = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
    quiet: Quiet = False,
) -> None:
    """Say between which ranks every unit can come, over all weights (or codings) that are allowed.

    Nothing is sampled: no allowed weights give a better or a worse rank, and --certificate shows weights that give
    it. Where --time-limit or Ctrl-C ends the search early, what is not proven is a bound, and still certain. Many
    weights can conspire: --draws sets one weight at a time, and draws of the same law, beside the worst case.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    _refuse_without_effect(draws, rng=rng, level=level, points=points, certificate=certificate, workers=workers)
    unit, end = (None, End.best) if certificate is None else _end_of(certificate, units)
    inputs = [*files_among(data, index, *(weights or [])), *([] if doubt is None else [doubt])]
    check_outputs(inputs, table=out, force=force)
    varied = varied_of(index, weights, rules, points, doubt, only=only_rules)
    read, called = table_of(varied.index, data, variant, sample=sample)
    result = ei.compute(varied.index, read)
    asked: dict[str, Any] = {"node": node, "period": period, "time_limit": time_limit}
    found: ei.RankRange | ei.HowSure
    with varied.placed(), progress_line(quiet=quiet) as progress:
        asked["progress"] = progress
        if draws is None:
            chosen = units or None if unit is None else [unit]
            found = ranges = ei.rank_range(result, **varied.asked, units=chosen, workers=workers, **asked)
        else:
            drawn: dict[str, Any] = {"n": draws, "rng": rng, **({} if level is None else {"level": level})}
            found = ei.how_sure(result, varied.weights, **drawn, **asked)
            ranges = found.ranges
    about = _about(found, ranges)
    if unit is None:
        rows = of_units(found.table, ranges.form, units).reset_index()
        rows = rows if top is None else rows.head(top)
    else:
        about |= {"table": "certificate", "unit": unit, "end": end.value}
        about["rank"] = int(ranges.of(unit)[f"{end.value}_found"])
        rows = certificate_table(ranges.form, ranges.certificate(unit, end.value))
    done = write_or_print(rows, about, out=out, force=force, excel_safe=excel_safe, as_json=as_json, as_csv=as_csv)
    if not done:
        _show(varied, about, rows, f"{len(read)} rows of {called}", everything=everything or top is not None)
    elif ranges.stopped and not as_json:
        notes(ranges.notes[-1:])  # why, and how many are bounds
    if ranges.stopped == "interrupted":
        _leave()


def _refuse_without_effect(
    draws: int | None,
    *,
    rng: int | None,
    level: float | None,
    points: list[str] | None,
    certificate: str | None,
    workers: int | None,
) -> None:
    """Refuse options that say nothing about what is asked for."""
    check_level(level)
    if draws is None:
        alone = [name for name, given in (("--rng", rng), ("--level", level)) if given is not None]
        if alone:
            raise UsageFault(f"{alone[0]} goes with --draws")
        return
    if any("=" not in word for word in points or []):
        raise UsageFault("--draws goes with --weights; draw codings with simulate --vary points.MAP=monotone")
    if certificate is not None:
        raise UsageFault("--certificate shows weights of the exact ranks; leave --draws out")
    if workers is not None:
        raise UsageFault("--workers goes without --draws")


def _leave() -> NoReturn:
    """End the process now: Python would wait for the programs that are being solved, which cannot be stopped."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(INTERRUPTED)


def _end_of(certificate: str, units: list[str] | None) -> tuple[str, End]:
    """Unit and end; the last colon parts the two."""
    unit, _, end = (text.strip() for text in certificate.rpartition(":"))
    if not unit or end not in tuple(End):
        raise UsageFault(f'--certificate is {_FORM}; found "{certificate}"')
    if units:
        raise UsageFault("--certificate names its unit; leave --unit out")
    return unit, End(end)


def _about(found: ei.RankRange | ei.HowSure, ranges: ei.RankRange) -> dict[str, Any]:
    """What stands around the rows in JSON."""
    about = {**about_varied(ranges.form, "ranges"), "over": ranges.about}
    if isinstance(found, ei.HowSure):
        told: dict[str, Any] = {name: about_certainty(kind) for name, kind in found.certainties.items()}
        return {**about, "table": "side-by-side", "level": found.level, "certainty": told, "notes": list(ranges.notes)}
    return {**about, "certainty": about_certainty(found.certainty), "notes": list(ranges.notes)}


def _show(varied: Varied, about: dict[str, Any], rows: pd.DataFrame, rows_of: str, *, everything: bool) -> None:
    page = open_page()
    what = f"{about['table']} of {about['node']}"
    if "unit" in about:
        what = f"certificate: {about['unit']} at its {about['end']} rank, {about['rank']}, in {about['node']}"
    page.head(title_of(varied.index), chosen_rows(varied.index, f"{what}; {rows_of}"))
    page.line(about["over"])
    if "kind" in about["certainty"]:
        page.line(_told(about["certainty"]))
    else:
        for name, certainty in about["certainty"].items():
            page.line(f"{name}: {_told(certainty)}")
    for note in about["notes"]:
        page.line(note)
    page.line()
    show_rows(page, _plainly(rows), everything=everything, ways="--csv and --out write")


def _told(certainty: dict[str, Any]) -> str:
    from egovindex.certainty import Certainty

    return str(Certainty(**certainty))


def _plainly(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the columns that repeat others in every row, and with the two ends of a range in one."""
    same = {"best_found": "best", "worst_found": "worst", "best_untied": "best"}
    if set(same) <= set(rows):
        return rows.drop(columns=[name for name, other in same.items() if (rows[name] == rows[other]).all()])
    ends = {"worst_case": ("best", "worst"), "one_weight": ("best", "worst"), "draws": ("low", "high")}
    for name, (first, last) in ends.items():
        if f"{name}_{first}" in rows:
            pairs = zip(rows.pop(f"{name}_{first}"), rows.pop(f"{name}_{last}"), strict=True)
            rows.insert(len(ends.keys() & set(rows)) + 2, name, [f"{low:g} to {high:g}" for low, high in pairs])
    return told_numbers(rows)
