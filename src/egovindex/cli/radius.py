"""The command that says how far weights may move before something changes: radius."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.doubts import DoubtFile
from egovindex.cli.exact_options import (
    PeriodName,
    TimeLimit,
    Units,
    about_certainty,
    about_varied,
    certificate_table,
    in_words,
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
    Points,
    Rules,
    Sample,
    Top,
    Variant,
)
from egovindex.cli.output import chosen_rows, open_page, show_rows, title_of
from egovindex.cli.runs import check_outputs
from egovindex.cli.varied import Varied, VariedWeights, varied_of
from egovindex.errors import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["radius"]


class Of(StrEnum):
    """What is not to change, or to be reached."""

    rank = "rank"
    cls = "class"
    swap = "swap"
    one_weight = "one-weight"
    nearest = "nearest"


class Measure(StrEnum):
    """How far weights have moved."""

    relative = "relative"
    contamination = "contamination"
    moved = "moved"


class OneWeight(StrEnum):
    """Which table of one weight at a time."""

    intervals = "intervals"
    swaps = "swaps"


_MEASURES = {
    Measure.relative: "every weight within this share of itself",
    Measure.contamination: "this share of all weight, put on one indicator",
}


@dataclass(frozen=True)
class Asked:
    """The options that say which radius."""

    of: Of
    measure: Measure
    nodes: list[str] | None
    units: list[str] | None
    rank: int | None
    certificate: str | None
    table: OneWeight | None
    time_limit: float | None

    def refuse(self) -> None:
        """Refuse options that say nothing about this radius.

        Raises
        ------
        UsageFault
            With the first of them.
        """
        goes_with = {
            "--rank": (self.rank, (Of.nearest,)),
            "--time-limit": (self.time_limit, (Of.nearest,)),
            "--table": (self.table, (Of.one_weight,)),
            "--certificate": (self.certificate, (Of.rank, Of.cls, Of.swap)),
            "--weights-of": (self.nodes, (Of.rank, Of.cls, Of.swap, Of.one_weight)),
            "--measure moved": (self.measure is Measure.moved or None, (Of.nearest,)),
            "--measure contamination": (self.measure is Measure.contamination or None, (Of.rank, Of.cls, Of.swap)),
        }
        for option, (given, of) in goes_with.items():
            if given is not None and given != [] and self.of not in of:
                raise UsageFault(f"{option} goes with --of {' or '.join(of)}")
        if self.of is Of.nearest and len(self.units or []) != 1:
            raise UsageFault("--of nearest needs one --unit, and the --rank it is to have (1 if not given)")
        if self.table is OneWeight.swaps and self.units:
            raise UsageFault("--unit shows the intervals of a unit; leave --table swaps out")
        if self.of is Of.one_weight and len(self.units or []) > 1:
            raise UsageFault("--of one-weight shows one --unit, or the whole ranking")


@guarded
def radius(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: VariedWeights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    doubt: DoubtFile = None,
    of: Annotated[
        Of,
        typer.Option(
            "--of",
            help="Until a rank or a class changes, two units swap, one weight alone does it; or nearest weights.",
        ),
    ] = Of.rank,
    measure: Annotated[
        Measure,
        typer.Option(
            "--measure",
            help="How far weights have moved: each relative to itself, by a share of all put on one indicator, or "
            "(--of nearest) by what changes hands.",
        ),
    ] = Measure.relative,
    nodes: Annotated[
        list[str] | None,
        typer.Option(
            "--weights-of",
            metavar="NODE",
            help="Whose weights move; all below the node that is ranked if not given. May be repeated.",
            autocompletion=complete.nodes,
        ),
    ] = None,
    node: Node = None,
    period: PeriodName = None,
    units: Units = None,
    rank: Annotated[
        int | None, typer.Option("--rank", min=1, metavar="K", help="Rank to reach, or a better one (--of nearest).")
    ] = None,
    certificate: Annotated[
        str | None,
        typer.Option(
            "--certificate",
            metavar="UNIT",
            help="Weights a little past a unit's radius; UNIT:OTHER for two that swap.",
        ),
    ] = None,
    table: Annotated[
        OneWeight | None,
        typer.Option("--table", help="Of one-weight: where ranks stand still (intervals), or every swap."),
    ] = None,
    time_limit: TimeLimit = None,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Out = None,
    force: Force = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Say how far weights may move before a rank or a class changes, or two units swap.

    A radius of 0.074 says that nothing changes while every weight stays within 7.4 % of itself, and that some weights
    just beyond change it: --certificate shows them. There is none where no weights do. --of one-weight moves one
    weight alone, the others of its node in proportion. --of nearest looks for the nearest weights with which --unit
    has --rank or a better one; --weights LAW and --doubt then say which weights are allowed.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    asked = Asked(of, measure, nodes, units, rank, certificate, table, time_limit)
    asked.refuse()
    inputs = [*files_among(data, index, *(weights or [])), *([] if doubt is None else [doubt])]
    check_outputs(inputs, table=out, force=force)
    _refuse_maps(points)
    varied = varied_of(index, weights, rules, points, doubt, only=only_rules, optional=True)
    if varied.weights is not None and of is not Of.nearest:
        raise UsageFault("a radius is about all weights: a law in --weights, and --doubt, go with --of nearest")
    read, called = table_of(varied.index, data, variant, sample=sample)
    result = ei.compute(varied.index, read)
    words = {"bad_rank": "--rank"}
    words |= {"no_part": "--weights-of", "no_weights": "--weights-of"} if nodes else {}
    with varied.placed(), in_words(words, "--weights-of {}"):
        found = _found(result, asked, varied, {"node": node, "period": period})
        rows = _rows(found, asked)
    rows = rows if top is None else rows.head(top)
    about = {**about_varied(found.form, of.value), **_about(found, asked)}
    done = write_or_print(rows, about, out=out, force=force, excel_safe=excel_safe, as_json=as_json, as_csv=as_csv)
    if not done:
        _show(varied, about, rows, found, f"{len(read)} rows of {called}", everything=everything or top is not None)


def _refuse_maps(points: list[str] | None) -> None:
    maps = [word for word in points or [] if "=" not in word]
    if maps:
        raise UsageFault(f"--points is written ADDRESS=OUTCOME here, as in status.drafted=0.4; found {listed(maps)}")


def _found(result: ei.IndexResult, asked: Asked, varied: Varied, where: dict[str, Any]) -> Any:
    """What the library gives."""
    if asked.of is Of.nearest:
        (unit,) = asked.units or [""]
        return ei.nearest_weights(
            result,
            unit,
            asked.rank or 1,
            weights=varied.weights,
            distance=asked.measure.value,
            time_limit=asked.time_limit,
            **where,
        )
    if asked.of is Of.one_weight:
        return ei.weight_stability(result, nodes=asked.nodes or None, **where)
    verbs: dict[Of, Callable[..., Any]] = {
        Of.rank: ei.rank_radius,
        Of.cls: ei.class_radius,
        Of.swap: ei.swap_radius,
    }
    return verbs[asked.of](result, nodes=asked.nodes or None, measure=asked.measure.value, **where)


def _rows(found: Any, asked: Asked) -> pd.DataFrame:
    """The table that was asked for."""
    if asked.certificate is not None:
        return certificate_table(found.form, found.certificate(*_names(asked)))
    if asked.of is Of.nearest:
        return found.table
    if asked.of is Of.one_weight:
        if asked.table is OneWeight.swaps:
            return found.swaps
        return (found.of(asked.units[0]) if asked.units else found.intervals).reset_index()
    if asked.of is Of.swap:
        chosen = {found.form.units[at] for at in found.form.positions(asked.units or None)}
        table = found.table
        # two units are a pair; of one, or of several, all pairs that they are in
        each = [table[name].isin(chosen) for name in ("unit", "with")]
        return table[each[0] & each[1] if len(chosen) == 2 else each[0] | each[1]]
    return of_units(found.table, found.form, asked.units).reset_index()


def _names(asked: Asked) -> list[str]:
    """Of one unit, or of two that swap."""
    assert asked.certificate is not None  # noqa: S101 - for the type checker
    if asked.of is not Of.swap:
        return [asked.certificate]
    names = [name.strip() for name in asked.certificate.split(":")]
    if len(names) != 2 or not all(names):
        raise UsageFault(f'--certificate of a swap is UNIT:OTHER; found "{asked.certificate}"')
    return names


def _about(found: Any, asked: Asked) -> dict[str, Any]:
    """What stands around the rows in JSON."""
    about: dict[str, Any] = {"certainty": about_certainty(found.certainty), "notes": list(found.form.notes)}
    if asked.certificate is not None:
        return {**about, "certificate": asked.certificate, "measure": asked.measure.value}
    if asked.of is Of.nearest:
        about |= {name: getattr(found, name) for name in ("unit", "rank", "before", "reached", "distance", "low")}
        return {**about, "measure": found.measure, "tied": list(found.tied), "by_tie": found.by_tie}
    return about if asked.of is Of.one_weight else {**about, "measure": asked.measure.value}


def _show(
    varied: Varied, about: dict[str, Any], rows: pd.DataFrame, found: Any, rows_of: str, *, everything: bool
) -> None:
    page = open_page()
    what = f"radius of {about['table']} in {about['node']}"
    if "certificate" in about:
        what = f"certificate of {about['certificate']}: weights past its radius of {about['table']} in {about['node']}"
    elif about["table"] == Of.nearest:
        what = f"nearest weights for rank {about['rank']} of {about['unit']} in {about['node']}"
    page.head(title_of(varied.index), chosen_rows(varied.index, f"{what}; {rows_of}"))
    for line in _told(found, about):
        page.line(line)
    page.line()
    show_rows(page, told_numbers(rows), everything=everything, ways="--csv and --out write")


def _told(found: Any, about: dict[str, Any]) -> list[str]:
    """What the numbers are, how certain, and what has to be known with them."""
    if about["table"] == Of.nearest:
        head, *rest = repr(found).splitlines()
        return [head.partition("> ")[2], *(line.strip() for line in rest)]
    how = "one weight at a time, the others of its node in proportion"
    if "measure" in about:
        how = _MEASURES[Measure(about["measure"])]
    return [how, str(found.certainty), *about["notes"]]
