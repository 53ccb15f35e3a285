"""The command that checks a saved result."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

import egovindex as ei
from egovindex.cli.faults import guarded
from egovindex.cli.options import AsJson

__all__ = ["verify"]

_DIGEST = re.compile("[0-9a-f]{64}")


@guarded
def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="What `score --save` wrote.", show_default=False, readable=False)
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="The original table: is it the one that was scored?"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a saved result: every byte, and every number by running it again.

    Ends with 0 if all is as it was saved, with 1 if anything differs. Other versions of the libraries are told as a
    note.
    """
    from egovindex.cli.save import json_text, plain_rows

    found = ei.verify(folder, data=data)
    rows = plain_rows(found.differences)
    if as_json:
        text = json_text({"identical": found.identical, "differences": rows, "notes": list(found.notes)})
        typer.echo(text.encode("utf-8"), nl=False)
    else:
        from egovindex.cli.show import Page

        page = Page()
        said = "identical" if found.identical else f"{len(rows)} difference{'s' if len(rows) > 1 else ''}"
        page.head(f"{found.folder}: {said}")
        if rows:
            shown = [[_one_line(value) for value in row.values()] for row in rows]
            page.table(list(rows[0]), shown, wrap=["where", "saved", "found"])
        for note in found.notes:
            page.line(f"Note: {note}")
    raise typer.Exit(0 if found.identical else 1)


def _one_line(text: str) -> str:
    """Text that stays in one line and moves no cursor, whatever names the folder holds; digests shortened."""
    return f"{text[:12]}..." if _DIGEST.fullmatch(text) else repr(text)[1:-1]
