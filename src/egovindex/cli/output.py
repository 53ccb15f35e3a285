"""Where output goes: text for programs, a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

import egovindex as ei

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from egovindex.cli.show import Page

__all__ = [
    "about_index",
    "chosen_rows",
    "examples",
    "open_page",
    "plain",
    "plain_answers",
    "put",
    "put_table",
    "show_rows",
    "title_of",
]

AS_PUBLISHED = "as in the file"


def open_page() -> Page:
    """A page on standard output; loads what draws it."""
    from egovindex.cli.show import Page

    return Page()


def put(text: str) -> None:
    """Text for programs: UTF-8 with LF line ends, whatever the terminal speaks."""
    typer.echo(text.encode("utf-8"), nl=False)


def put_table(about: Mapping[str, Any], table: pd.DataFrame, *, as_json: bool, excel_safe: bool) -> None:
    """A table for programs, as JSON with what stands around it, or as CSV."""
    from egovindex.cli.save import csv_text, json_text, plain_rows

    put(json_text({**about, "rows": plain_rows(table)}) if as_json else csv_text(table, excel_safe=excel_safe))


def about_index(index: ei.Index) -> dict[str, Any]:
    """What JSON says about the index."""
    return {
        "index": index.id,
        "title": index.title,
        "weights": index.weights,
        "rules": list(index.rules),
        "points": index.points,
    }


def title_of(index: ei.Index) -> str:
    """Title for people; with other weights or points it may not go by the publisher's name."""
    style = "" if {index.weights, index.points} == {AS_PUBLISHED} else "In the style of: "
    return f"{style}{index.title} ({index.id})"


def chosen_rows(index: ei.Index, called: str) -> str:
    """One line for people: which table, weights, rules and points."""
    rules = f"; rules: {', '.join(index.rules)}" if index.rules else ""
    points = f"; points: {index.points}" if index.points != AS_PUBLISHED else ""
    return f"{called}; weights: {index.weights}{rules}{points}"


def show_rows(
    page: Page, table: pd.DataFrame, *, most: int | None = None, everything: bool = False, ways: str = "--csv writes"
) -> None:
    """The rows and columns that fit, and how many are left out."""
    from egovindex.cli.save import plain_rows

    if most is not None:
        table = table.head(most)
    if "period" in table.columns and len(table) and (table["period"] == table["period"].iloc[0]).all():
        table = table.drop(columns="period")
    shown = len(table) if everything or most is not None else page.rows_that_fit(len(table))
    left_out = page.frame(table, plain_rows(table.head(shown)))
    if shown < len(table):
        page.line(f"\n... {len(table) - shown} more rows; --all shows them, {ways} them")
    if left_out:
        page.line(f"\n... {left_out} more columns; {ways} them")


def plain(value: Any) -> Any:
    """A value of a table as plain Python; ``None`` where there is nothing.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.int64(3)), plain(float("nan")), plain("yes")
    (3, None, 'yes')
    """
    value = value.item() if hasattr(value, "item") else value
    return None if value is None or value != value else value  # noqa: PLR0124 - NaN is not itself


def plain_answers(table: pd.DataFrame, *headings: str) -> pd.DataFrame:
    """Answers as they are in the data, in plain Python, for JSON."""
    import pandas as pd

    for heading in headings:
        table[heading] = pd.Series([plain(value) for value in table[heading]], index=table.index, dtype=object)
    return table


def examples(*commands: str) -> str:
    """What stands under the help of a command; lines stay as they are."""
    lines: Iterable[str] = (f"  egovindex {command}" for command in commands)
    return "\n".join(["\b", "Example:" if len(commands) == 1 else "Examples:", *lines])
