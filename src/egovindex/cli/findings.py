"""What ``check`` found: rows for programs, a table or lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from egovindex.cli.save import csv_text, json_text, plain_rows
from egovindex.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from egovindex.cli.show import Page

__all__ = ["findings_csv", "findings_json", "findings_of_data", "findings_of_spec", "print_findings"]

Row = dict[str, Any]
_KEYS = ("severity", "check", "file", "line", "column", "units", "message")


def findings_of_data(table: pd.DataFrame) -> list[Row]:
    """The table of :func:`egovindex.check` as rows with all keys."""
    return [{key: row.get(key) for key in _KEYS} for row in plain_rows(table)]


def findings_of_spec(faults: Iterable[Fault]) -> list[Row]:
    """Faults of a file as rows with all keys.

    Examples
    --------
    >>> findings_of_spec([Fault("unknown key", file="mine.yaml", line=2, check="extra")])[0]["line"]
    2
    """
    empty = dict.fromkeys(_KEYS, "")
    return [
        {**empty, "severity": "error", "check": f.check, "file": f.file, "line": f.line, "message": f.message}
        for f in faults
    ]


def findings_json(rows: list[Row]) -> str:
    """A list of objects."""
    return json_text(rows)


def findings_csv(rows: list[Row]) -> str:
    """One line for each finding."""
    import pandas as pd

    return csv_text(pd.DataFrame(rows, columns=list(_KEYS)).astype({"line": "Int64"}))


def print_findings(page: Page, what: str, rows: list[Row]) -> None:
    """Faults of files one per line, as editors and terminals expect them; findings of data as a table."""
    counts = [(n, word) for word in ("error", "warning", "note") if (n := sum(row["severity"] == word for row in rows))]
    said = ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts) or "no fault found"
    page.head(f"{what}: {said}")
    if any(row["file"] for row in rows):
        for row in rows:
            page.unbroken(str(Fault(row["message"], row["file"], row["line"])))
    elif rows:
        page.table(
            ["severity", "check", "message"],
            [(row["severity"], row["check"], row["message"]) for row in rows],
            wrap=["message"],
        )
