"""The command that computes packaged indices again and compares them with what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import guarded
from egovindex.cli.given import one_format
from egovindex.cli.options import AsCsv, AsJson
from egovindex.cli.output import open_page, put

if TYPE_CHECKING:
    from egovindex.cli.show import Page
    from egovindex.reproduce import Reproduction

__all__ = ["reproduce"]


@guarded
def reproduce(
    index: Annotated[
        str | None,
        typer.Argument(
            metavar="INDEX",
            help="Name of a packaged index; all of them if not given.",
            show_default=False,
            autocompletion=complete.index_names,
        ),
    ] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="List every published figure that is not met, one by one.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compute packaged indices again and compare them with what was published.

    A value is met if it lies within half of the last printed digit. Ends with 0 if everything that is not met stands
    in the packaged record of known misses, and everything in that record is still so; else with 1.
    """
    from egovindex.cli.save import csv_text, json_text, plain_rows

    one_format(as_json=as_json, as_csv=as_csv)
    found = ei.reproduce(index)
    if as_csv:
        put(csv_text(found.misses if misses else found.table))
    elif as_json:
        told: dict[str, Any] = {"as_recorded": found.as_recorded, "rows": plain_rows(found.table)}
        told |= {"findings": plain_rows(found.findings), "reasons": plain_rows(found.reasons)}
        told |= {"misses": plain_rows(found.misses)} if misses else {}
        put(json_text({**told, "without": list(found.without)}))
    else:
        _print(found, misses=misses)
    raise typer.Exit(0 if found.as_recorded else 1)


def _print(found: Reproduction, *, misses: bool) -> None:
    from egovindex.cli.save import plain_rows

    page = open_page()
    n = len(found.findings)
    said = "everything is as recorded" if found.as_recorded else f"{n} finding{'s' if n > 1 else ''} not as recorded"
    page.head(f"Computed again, beside what was published: {said}")
    page.table(
        ["index", "table", "node", "values", "largest off", "where", "ranks", "sizes"],
        [
            (
                row["index"],
                row["variant"] or "-",
                row["node"],
                _of(row["equal"], row["cells"]),
                "-" if row["largest"] is None else f"{row['largest']:.6f}",
                row["where"] or "-",
                _of(row["ranks_equal"], row["ranks"]),
                _of(row["sizes_equal"], row["sizes"]),
            )
            for row in plain_rows(found.table)
        ],
    )
    page.line(
        "\nvalues: equal at the printed digits, of those published; sizes: of classes, equal values or equal answers"
    )
    if n:
        page.line()
        page.head("Not as recorded")
        _print_misses(page, plain_rows(found.findings), last="finding")
    if misses and not found.misses.empty:
        page.line()
        page.head("Not met")
        _print_misses(page, plain_rows(found.misses), last="reason")
    elif not found.reasons.empty:
        page.line()
        page.head("Known not to be met")
        _print_reasons(page, plain_rows(found.reasons))
    if found.without:
        page.line(f"\nNo data and no published values ship for {', '.join(found.without)}.")


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "-"


def _print_misses(page: Page, rows: list[dict[str, Any]], *, last: str) -> None:
    headings = ["index", "variant", "node", "what", "of", "published", "computed", last]
    shown = [[row[name] if row[name] != "" else "-" for name in headings] for row in rows]
    page.table([*headings[:1], "table", *headings[2:]], shown, wrap=[last])


def _print_reasons(page: Page, rows: list[dict[str, Any]]) -> None:
    """Each reason once, below what it explains."""
    reasons = dict.fromkeys((row["reason"], row["source"]) for row in rows)
    for reason, source in reasons:
        for row in rows:
            if (row["reason"], row["source"]) == (reason, source):
                table = f", {row['variant']}" if row["variant"] else ""
                page.line(f"{row['index']}{table}: {row['number']} {row['what']} of {row['node']}")
        page.line(f"  {reason} ({source})\n")
