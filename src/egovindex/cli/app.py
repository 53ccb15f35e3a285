"""The commands. Each reads its options, calls a verb of the library, and prints what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.faults import CODES, SPEC, UsageFault, exit_code, guarded
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    IndexName,
    OnlyRules,
    Rules,
    Sample,
    TableName,
    Variant,
    Weights,
)
from egovindex.cli.results import OF_A_NODE, first_rows, result_table
from egovindex.compute import read_for
from egovindex.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.cli.show import Page

__all__ = ["app"]

app = typer.Typer(
    name="egovindex",
    help="Composite indices of digital government, from files: list them, show them, check data, score.",
    epilog=CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: quick, and it fits any terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


AS_PUBLISHED = "as in the file"


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"egovindex {ei.__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


# --- shared
def _page() -> Page:
    from egovindex.cli.show import Page

    return Page()


def _put(text: str) -> None:
    """Text for programs: UTF-8 with LF line ends, whatever the terminal speaks."""
    typer.echo(text.encode("utf-8"), nl=False)


def _one_format(*, as_json: bool, as_csv: bool) -> None:
    if as_json and as_csv:
        raise UsageFault("--json and --csv do not go together")


def _index(name: str, weights: str | None, rules: list[str] | None, *, only: bool = False) -> ei.Index:
    index = ei.load_index(name)
    if weights is not None:
        index = index.with_weights(weights)
    asked = [rule.strip() for given in rules or () for rule in given.split(",") if rule.strip()]
    if only and not asked:
        raise UsageFault("--only-rules needs --rules")
    return index.with_rules(*asked, only=only) if asked else index


def _data(index: ei.Index, data: Path | None, variant: str | None, *, sample: bool) -> tuple[pd.DataFrame, str]:
    """The table, and what to call it."""
    if (data is None) != sample:
        raise UsageFault(
            "give either DATA or --sample" if sample else "DATA is missing; --sample uses the packaged one"
        )
    if variant is not None and not sample:
        raise UsageFault("--variant goes with --sample")
    if data is None:
        return ei.sample(index, variant), "the packaged sample" + (f", {variant}" if variant else "")
    return read_for(index, data), data.name


# --- commands
@app.command("list")
@guarded
def list_(as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the packaged indices."""
    from egovindex.cli.save import csv_text, json_text, plain_rows
    from egovindex.spec.load import packaged_weights

    _one_format(as_json=as_json, as_csv=as_csv)
    table = ei.list_indices().reset_index()
    sets = {name: packaged_weights(name) for name in table["index"]}
    if as_csv:
        _put(csv_text(table.assign(weight_sets=[" ".join(sets[name]) for name in table["index"]])))
    elif as_json:
        _put(json_text([{**row, "weight_sets": sets[row["index"]]} for row in plain_rows(table)]))
    else:
        page = _page()
        page.table(
            ["index", "sample", "sets", "title"],
            [
                (row["index"], "yes" if row["sample"] else "-", row["weight_sets"] or "-", row["title"])
                for row in plain_rows(table)
            ],
            cut=["title"],
        )
        page.line()
        for name, found in sets.items():
            if found:
                page.line(f"Weight sets of {name}: {', '.join(found)}")


@app.command()
@guarded
def show(
    index: IndexName,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    no_origins: Annotated[bool, typer.Option("--no-origins", help="Leave out where each line was written.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the merged file of an index, each line with its origin.

    Merged means: with the file it is `like`, the weight set and the rules laid over it. The origin is the file
    and line where something was written. The output is a complete index file, with or without the origins.
    """
    from egovindex.cli.save import json_text

    chosen = _index(index, weights, rules, only=only_rules)
    if as_json:
        _put(json_text(chosen.document()))
    elif no_origins:
        _put(chosen.to_yaml())
    else:
        _page().lines_with_origins(chosen.to_yaml(origins=True))


@app.command()
@guarded
def check(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Check an index file, and data for it; list every finding.

    Without DATA the index file is checked alone, with the weight set and the rules that are asked for. Ends
    with 3 if the index or weight file has a fault, with 1 if the data have one, else with 0. Notes are no
    faults.
    """
    from egovindex.cli.findings import findings_csv, findings_json, findings_of_data, findings_of_spec, print_findings

    _one_format(as_json=as_json, as_csv=as_csv)
    code, what, rows = 0, index, []
    try:
        chosen = _index(index, weights, rules, only=only_rules)
        if data is not None or sample or variant is not None:
            table, called = _data(chosen, data, variant, sample=sample)
            what = f"{chosen.id}, {len(table)} rows of {called}"
            rows = findings_of_data(ei.check(chosen, table))
            code = 1 if any(row["severity"] == "error" for row in rows) else 0
        else:
            what = f"{chosen.id}, the index alone"
    except SpecError as error:
        code = exit_code(error)
        if code != SPEC:
            raise
        rows = findings_of_spec(error.faults)
    if as_json:
        _put(findings_json(rows))
    elif as_csv:
        _put(findings_csv(rows))
    else:
        print_findings(_page(), what, rows)
    raise typer.Exit(code)


@app.command()
@guarded
def score(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    node: Annotated[
        str | None, typer.Option("--node", help="Node to rank by; the headline of the index if not given.")
    ] = None,
    table: Annotated[TableName, typer.Option("--table", help="Which table of the result.")] = TableName.ranking,
    top: Annotated[
        int | None, typer.Option("--top", min=1, metavar="N", help="Only the first N rows of each period.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All rows, even if the terminal is shorter.")] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .csv, .xlsx, .parquet or .json.", readable=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe",
            help="In CSV, put an apostrophe before text that a spreadsheet could take for a formula (it begins "
            "with = + - @ or a tab). A workbook marks such text as text, and needs no apostrophe.",
        ),
    ] = False,
) -> None:
    """Score every unit and print the ranking, best first.

    Units without a score stand last. FILE is written as a whole or not at all. Numbers in CSV and JSON have all
    their digits; the table for people shows four places.
    """
    from egovindex.cli.save import check_target, csv_text, json_text, plain_rows, save

    _one_format(as_json=as_json, as_csv=as_csv)
    if out is not None:
        check_target(out, _inputs(data, index, weights), force=force)
    chosen = _index(index, weights, rules, only=only_rules)
    read, called = _data(chosen, data, variant, sample=sample)
    result = ei.compute(chosen, read)
    found = first_rows(result_table(result, table, node), top)
    about = {
        "index": chosen.id,
        "title": chosen.title,
        "weights": chosen.weights,
        "rules": list(chosen.rules),
        "table": table.value,
        "node": node or chosen.headline if table in OF_A_NODE else None,
    }
    if out is not None:
        save(found, about, out, excel_safe=excel_safe, force=force)
        typer.echo(f"{out.name}: {len(found)} rows", err=True)
    if as_json:
        _put(json_text({**about, "rows": plain_rows(found)}))
    elif as_csv:
        _put(csv_text(found, excel_safe=excel_safe))
    elif out is None:
        _print_result(about, found, f"{len(read)} rows of {called}", everything=everything or top is not None)


def _inputs(data: Path | None, *names: str | None) -> Iterable[Path]:
    return [path for path in (data, *(Path(name) for name in names if name)) if path is not None]


def _print_result(about: dict[str, Any], table: pd.DataFrame, rows_of: str, *, everything: bool) -> None:
    from egovindex.cli.save import plain_rows

    page = _page()
    rules = f"; rules: {', '.join(about['rules'])}" if about["rules"] else ""
    of_node = f" of {about['node']}" if about["node"] else ""
    # with other weights it may not go by the publisher's name
    style = "" if about["weights"] == AS_PUBLISHED else "In the style of: "
    page.head(
        f"{style}{about['title']} ({about['index']})",
        f"{about['table']}{of_node}; {rows_of}; weights: {about['weights']}{rules}",
    )
    if "period" in table.columns and (table["period"] == table["period"].iloc[0]).all():
        table = table.drop(columns="period")
    if "state" in table.columns and (table["state"] == "scored").all():
        table = table.drop(columns="state")
    shown = len(table) if everything else page.rows_that_fit(len(table))
    left_out = page.frame(table, plain_rows(table.head(shown)))
    if shown < len(table):
        page.line(f"\n... {len(table) - shown} more rows; --all shows them, --csv and --out write them")
    if left_out:
        page.line(f"\n... {left_out} more columns; --csv and --out write them")


@app.command()
@guarded
def demo(
    differences: Annotated[
        bool, typer.Option("--differences", help="List every state whose printed score or rank is not met exactly.")
    ] = False,
) -> None:
    """Show what the library does, on packaged data."""
    from egovindex.demo.page import show as show_demo

    show_demo(_page().console, differences=differences)
