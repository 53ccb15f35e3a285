"""The command that compares two results: compare."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import UsageFault, guarded
from egovindex.cli.given import chosen_index, one_format, reworded, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    IndexName,
    Node,
    OnlyRules,
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
    put_table,
    show_rows,
    title_of,
)
from egovindex.errors import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare"]


class By(StrEnum):
    """How a change is taken apart."""

    child = "child"
    indicator = "indicator"


class Compared(StrEnum):
    """Which table of a comparison is asked for."""

    moved = "moved"
    units = "units"
    causes = "causes"
    parts = "parts"


@guarded
def compare(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    with_weights: Annotated[
        str | None,
        typer.Option("--with-weights", metavar="SET", help="Weights of b.", autocompletion=complete.weight_sets),
    ] = None,
    with_rules: Annotated[
        list[str] | None,
        typer.Option("--with-rules", metavar="A,B", help="Rules of b.", autocompletion=complete.rules),
    ] = None,
    with_only_rules: Annotated[
        bool, typer.Option("--with-only-rules", help="The rules of b take the place of its default rule.")
    ] = False,
    with_points: Annotated[
        list[str] | None,
        typer.Option(
            "--with-points", metavar="ADDRESS=OUTCOME", help="Points of b.", autocompletion=complete.lines_of_points
        ),
    ] = None,
    with_data: Annotated[
        Path | None, typer.Option("--with-data", metavar="FILE", help="Table of b.", readable=False)
    ] = None,
    with_sample: Annotated[bool, typer.Option("--with-sample", help="b has the packaged table of its index.")] = False,
    with_variant: Annotated[
        str | None, typer.Option("--with-variant", metavar="NAME", help="b has this variant of the packaged table.")
    ] = None,
    with_index: Annotated[
        str | None,
        typer.Option("--with-index", metavar="OTHER", help="Index of b.", autocompletion=complete.index_names),
    ] = None,
    periods: Annotated[
        tuple[str, str] | None,
        typer.Option("--periods", metavar="A B", help="Period of a and period of b.", show_default=False),
    ] = None,
    node: Node = None,
    by: Annotated[By, typer.Option("--by", help="Take the change apart by the node's child or by indicator.")] = (
        By.child
    ),
    table: Annotated[Compared, typer.Option("--table", help="Which table of the comparison.")] = Compared.moved,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Compare two results: who moved, through which part, and because of what.

    INDEX, DATA and the options are side a. Side b repeats them, except for what a --with option names. The same
    data in two periods: --periods. Moved counts places up from a to b. Because of weights, of the rest of the recipe
    or of the data: each is switched in every order, and the effects are averaged.
    """
    one_format(as_json=as_json, as_csv=as_csv)
    given = (with_weights, with_rules, with_points, with_data, with_variant, with_index, periods)
    if not any(value is not None for value in given) and not (with_sample or with_only_rules):
        raise UsageFault(
            "nothing to compare with: name what differs, by --with-weights, --with-rules, --with-points, "
            "--with-data, --with-sample, --with-variant, --with-index or --periods"
        )
    if with_data is not None and (with_sample or with_variant is not None):
        raise UsageFault("--with-data does not go with --with-sample or --with-variant")
    index_a = chosen_index(index, weights, rules, points, only=only_rules)
    data_a, called_a = table_of(index_a, data, variant, sample=sample)
    if with_only_rules and with_rules is None and rules is None:
        raise UsageFault("--with-only-rules needs --with-rules")
    of_b = {} if with_points is None else {"--points": "--with-points"}
    with reworded(of_b if with_rules is None else {**of_b, "--rules": "--with-rules"}):
        index_b = chosen_index(
            with_index or index,
            weights if with_weights is None else with_weights,
            rules if with_rules is None else with_rules,
            points if with_points is None else with_points,
            only=with_only_rules or (only_rules and with_rules is None),
        )
    data_b, called_b = data_a, called_a
    if with_data is not None or with_sample or with_variant is not None:
        data_b, called_b = table_of(index_b, with_data, with_variant, sample=with_data is None)
    a = ei.compute(index_a, data_a)
    same = index_a == index_b and data_b is data_a
    b = a if same else ei.compute(index_b, data_b)
    words = {
        "periods=(a, b), None where there are none": "--periods A B",
        "write None in its place": "leave --periods out",
    }
    with reworded(words):
        found = ei.compare(a, b, node=node, by=by.value, periods=periods)
    rows = getattr(found, table.value).reset_index()
    about: dict[str, Any] = {
        "a": {**about_index(index_a), "data": called_a, "period": periods[0] if periods else None},
        "b": {**about_index(index_b), "data": called_b, "period": periods[1] if periods else None},
        "node": found.node,
        "by": by.value,
        "table": table.value,
        "units_in_both": len(found.units),
        "units_moved": len(found.moved),
        "differs_in": list(found.causes),
        "note": found.note,
        "only_a": list(found.only_a),
        "only_b": list(found.only_b),
    }
    if as_json or as_csv:
        put_table(about, rows, as_json=as_json, excel_safe=excel_safe)
    else:
        _show_comparison(found, about, rows, top=top, everything=everything)


def _show_comparison(
    found: ei.Comparison, about: dict[str, Any], rows: pd.DataFrame, *, top: int | None, everything: bool
) -> None:
    page = open_page()
    title = title_of(found.a.index)
    if found.a.index.id != found.b.index.id:
        title += f" and {title_of(found.b.index)}"
    sides = []
    for side, result in (("a", found.a), ("b", found.b)):
        period = f", period {about[side]['period']}" if about[side]["period"] else ""
        sides.append(f"{side}: {chosen_rows(result.index, about[side]['data'] + period)}")
    page.head(title, *sides)
    differs = f"; what differs: {listed(found.causes)}" if about["differs_in"] else "; nothing differs"
    page.line(f"{about['units_moved']} of {about['units_in_both']} units moved in {found.node}{differs}")
    if found.note:
        page.line(found.note)
    page.line()
    if len(rows):
        first = ["unit", "period", "rank_a", "rank_b", "moved", "change", "through", "because"]
        order = [*(name for name in first if name in rows), *(name for name in rows if name not in first)]
        show_rows(page, rows[order], most=top, everything=everything)
    if about["differs_in"] and about["table"] == Compared.moved:
        page.line()
        page.table(["cause", "mean size of the change", "largest", "unit"], _causes(found))
    for side, units in (("a", found.only_a), ("b", found.only_b)):
        if units:
            page.line(f"\nOnly in {side}: {listed(units, most=len(units) if everything else 8)}")


def _causes(found: ei.Comparison) -> list[list[Any]]:
    """What each cause does on average, and where most."""
    rows: list[list[Any]] = []
    for cause, change in found.causes.items():
        size = change.abs()
        if size.notna().any():
            at = int(size.fillna(-1).to_numpy().argmax())
            label = change.index[at]
            name = " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
            rows.append([str(cause), float(size.mean()), float(change.iloc[at]), name])
    return rows
