"""The commands. Each reads its options, calls a verb of the library, and prints what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.audit import audit
from egovindex.cli.bounds import bounds
from egovindex.cli.coding import agreement, code
from egovindex.cli.compare import compare
from egovindex.cli.doctor import doctor
from egovindex.cli.dominance import dominance
from egovindex.cli.explain import explain
from egovindex.cli.faults import CODES, SPEC, exit_code, guarded
from egovindex.cli.given import chosen_index, files_among, instrument_named, one_format, table_of
from egovindex.cli.init import init
from egovindex.cli.laws import laws
from egovindex.cli.levers import levers
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    ExcelSafe,
    IndexName,
    Labels,
    Node,
    OnlyRules,
    Points,
    Rules,
    Sample,
    TableName,
    Top,
    Variant,
    Weights,
)
from egovindex.cli.output import (
    about_index,
    chosen_rows,
    examples,
    open_page,
    put,
    put_table,
    show_rows,
    title_of,
)
from egovindex.cli.radius import radius
from egovindex.cli.rank_range import rank_range
from egovindex.cli.reproduce import reproduce
from egovindex.cli.responses import read, redact
from egovindex.cli.results import OF_A_NODE, first_rows, labelled_classes, result_table
from egovindex.cli.simulate import simulate
from egovindex.cli.sobol import sobol
from egovindex.cli.study import new_study
from egovindex.cli.verify import verify
from egovindex.cli.what_if import what_if
from egovindex.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["app"]

app = typer.Typer(
    name="egovindex",
    help="Composite indices of digital government, from files: list them, show them, check data, score.",
    epilog=CODES,
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # plain help: quick, and it fits any terminal
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


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


# --- commands
@app.command("list", epilog=examples("list"))
@guarded
def list_(as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """List the packaged indices."""
    from egovindex.cli.save import csv_text, json_text, plain_rows
    from egovindex.spec.load import packaged_weights

    one_format(as_json=as_json, as_csv=as_csv)
    table = ei.list_indices().reset_index()
    sets = {name: packaged_weights(name) for name in table["index"]}
    if as_csv:
        put(csv_text(table.assign(weight_sets=[" ".join(sets[name]) for name in table["index"]])))
    elif as_json:
        put(json_text([{**row, "weight_sets": sets[row["index"]]} for row in plain_rows(table)]))
    else:
        page = open_page()
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


@app.command(epilog=examples("show un-egdi-2024 --weights equal", "show un-egdi-2024 --no-origins > mine.yaml"))
@guarded
def show(
    index: IndexName,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    labels: Labels = None,
    points: Points = None,
    no_origins: Annotated[bool, typer.Option("--no-origins", help="Leave out where each line was written.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the merged file of an index, or an instrument, each line with its origin.

    Merged means: with the file it is `like`, the weight set and the rules laid over it. The origin is the file
    and line where something was written. The output is a complete index file, with or without the origins.
    """
    from egovindex.cli.save import json_text

    form = None if weights or rules or points or labels else instrument_named(index)
    chosen = chosen_index(index, weights, rules, points, only=only_rules, labels=labels) if form is None else form
    if as_json:
        put(json_text(chosen.document()))
    elif no_origins:
        put(chosen.to_yaml())
    else:
        open_page().lines_with_origins(chosen.to_yaml(origins=True))


@app.command(epilog=examples("check un-egdi-2024", "check mine.yaml data.csv"))
@guarded
def check(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Check an index file, and data for it; list every finding.

    Without DATA the index file is checked alone, with the weight set and the rules that are asked for. Ends
    with 3 if the index or weight file has a fault, with 1 if the data have one, else with 0. Notes are no
    faults.
    """
    from egovindex.cli.findings import findings_csv, findings_json, findings_of_data, findings_of_spec, print_findings

    one_format(as_json=as_json, as_csv=as_csv)
    code, what, rows = 0, index, []
    try:
        chosen = chosen_index(index, weights, rules, points, only=only_rules)
        if data is not None or sample or variant is not None:
            table, called = table_of(chosen, data, variant, sample=sample)
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
        put(findings_json(rows))
    elif as_csv:
        put(findings_csv(rows))
    else:
        print_findings(open_page(), what, rows)
    raise typer.Exit(code)


@app.command(
    epilog=examples(
        "score un-egdi-2024 --sample --top 5", "score mine.yaml data.csv --weights mine-too.yaml --out ranking.xlsx"
    )
)
@guarded
def score(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    labels: Labels = None,
    points: Points = None,
    node: Node = None,
    table: Annotated[TableName, typer.Option("--table", help="Which table of the result.")] = TableName.ranking,
    top: Top = None,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write .csv, .xlsx, .parquet or .json.", readable=False),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FOLDER", help="Save all that makes the result again; see verify."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace FILE if it exists, and FOLDER if it holds a saved result.")
    ] = False,
    excel_safe: ExcelSafe = False,
) -> None:
    """Score every unit and print the ranking, best first.

    Units without a score stand last. FILE and FOLDER are written as a whole or not at all. Numbers in CSV and JSON
    have all their digits; the table for people shows four places.
    """
    from egovindex.cli.save import check_folder, check_target, save_table

    one_format(as_json=as_json, as_csv=as_csv)
    if out is not None:
        check_target(out, files_among(data, index, weights), force=force)
    if save is not None:
        check_folder(save, files_among(data, index, weights), force=force)
    chosen = chosen_index(index, weights, rules, points, only=only_rules, labels=labels)
    read, called = table_of(chosen, data, variant, sample=sample)
    # from the file itself, where it is to be saved: the manifest names it
    result = ei.compute(chosen, read if data is None or save is None else data)
    found = first_rows(result_table(result, table, node), top)
    about = {
        **about_index(chosen),
        "table": table.value,
        "node": node or chosen.headline if table in OF_A_NODE else None,
    }
    if out is not None:
        save_table(found, about, out, excel_safe=excel_safe, force=force)
        typer.echo(f"{out.name}: {len(found)} rows", err=True)
    if save is not None:
        result.save(save, overwrite=force)
        typer.echo(f"{save.name}: saved", err=True)
    if as_json or as_csv:
        put_table(about, found, as_json=as_json, excel_safe=excel_safe)
    elif out is None and save is None:
        _print_result(chosen, about, found, f"{len(read)} rows of {called}", everything=everything or top is not None)


def _print_result(
    index: ei.Index, about: dict[str, Any], table: pd.DataFrame, rows_of: str, *, everything: bool
) -> None:
    page = open_page()
    of_node = f" of {about['node']}" if about["node"] else ""
    page.head(title_of(index), chosen_rows(index, f"{about['table']}{of_node}; {rows_of}"))
    if "state" in table.columns and (table["state"] == "scored").all():
        table = table.drop(columns="state")
    show_rows(page, labelled_classes(index, table, about["node"]), everything=everything, ways="--csv and --out write")


@app.command(epilog=examples("demo"))
@guarded
def demo(
    differences: Annotated[
        bool, typer.Option("--differences", help="List every state whose printed score or rank is not met exactly.")
    ] = False,
) -> None:
    """Show what the library does, on packaged data."""
    from egovindex.demo.page import show as show_demo

    show_demo(open_page().console, differences=differences)


app.command("verify", epilog=examples("verify results"))(verify)
app.command("reproduce", epilog=examples("reproduce", "reproduce un-osi-2024", "reproduce un-epi-2024 --misses"))(
    reproduce
)
app.command(
    "explain",
    epilog=examples("explain un-egdi-2024 --sample KHM", "explain mine.yaml data.csv 'Sao Tome' --group region"),
)(explain)
app.command(
    "compare",
    epilog=examples(
        "compare un-egdi-2024 --sample --with-weights services-first",
        "compare mine.yaml 2022.csv --with-data 2024.csv --by indicator",
        "compare mine.yaml data.csv --periods 2022 2024",
    ),
)(compare)
app.command(
    "what-if",
    epilog=examples(
        "what-if un-egdi-2024 --sample --set KHM:osi_if=1",
        "what-if mine.yaml data.csv --changes new.csv --learn each_draw",
    ),
)(what_if)
app.command("init", epilog=examples("init towns", "init my-index --folder my-index"))(init)
app.command(
    "bounds",
    epilog=examples(
        "bounds unctad-cyberlaw-2026 --sample --kind no_data",
        "bounds mine.yaml data.csv --kind unknown --kind missing --out bounds.csv",
    ),
)(bounds)
app.command(
    "simulate",
    epilog=examples(
        "simulate un-egdi-2024 --sample --vary 'weights=within 0.25' --rng 1",
        "simulate mine.yaml data.csv --doubt doubts.yaml -n 1000000 --checkpoint run.npz --out ranks.csv",
        "simulate unctad-cyberlaw-2026 --sample --vary 'points.status.draft=uniform 0.2 0.6' --table top --k 10",
    ),
)(simulate)
app.command(
    "sobol",
    epilog=examples(
        "sobol un-egdi-2024 --sample --vary 'weights=within 0.25' --vary 'aggregate.EGDI=mean|geometric' --rng 1",
        "sobol mine.yaml data.csv --doubt doubts.yaml --target rank:Abaria --table one-at-a-time",
    ),
)(sobol)
app.command(
    "rank-range",
    epilog=examples(
        "rank-range un-egdi-2024 --sample --weights 'within 0.25'",
        "rank-range un-egdi-2024 --sample --weights EGDI=simplex --certificate KHM:best",
        "rank-range mine.yaml data.csv --weights 'within 0.25' --draws 10000 --rng 1 --out ranks.csv",
    ),
)(rank_range)
app.command(
    "radius",
    epilog=examples(
        "radius un-egdi-2024 --sample --of swap --certificate DNK:EST",
        "radius un-egdi-2024 --sample --of nearest --unit KHM --rank 100",
    ),
)(radius)
app.command("dominance", epilog=examples("dominance unctad-cyberlaw-2026 --sample --rules graded --points status"))(
    dominance
)
app.command("levers", epilog=examples("levers msq-readiness-2022 --sample --unit KHM --score 0.7 --cost q106=3"))(
    levers
)
app.command("laws", epilog=examples("laws un-egdi-2024", "laws mine.yaml data.csv --law independent"))(laws)
app.command("audit", epilog=examples("audit mine.yaml data.csv --ranking published.csv --digits 2"))(audit)
app.command(
    "read",
    epilog=examples(
        "read response.txt --format forms-print",
        "read responses/ --instrument form.yaml --format msforms --out answers.csv",
        "read response.txt --format forms-print --table report",
    ),
)(read)
app.command(
    "redact",
    epilog=examples(
        "redact response.txt --format forms-print --out redacted.csv",
        "redact responses/ --format msforms --publish --out public.csv",
    ),
)(redact)
app.command(
    "code",
    epilog=examples(
        "code answers.csv --format tidy --out coded.csv",
        "code response.txt --format forms-print --table flags",
        "code answers.csv --format tidy --workbook coders.xlsx --coder anna --coder ben",
    ),
)(code)
app.command(
    "agreement",
    epilog=examples(
        "agreement coders.xlsx", "agreement coders.xlsx --by-section", "agreement coders.xlsx --table disputes"
    ),
)(agreement)
app.command("new-study", epilog=examples("new-study towns", "new-study my-egdi --like un-egdi-2024"))(new_study)
app.command("doctor", epilog=examples("doctor"))(doctor)
