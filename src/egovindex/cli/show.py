"""Tables and lines for people, as wide and as long as the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from egovindex.cli import leave_quietly
from egovindex.cli.visible import visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Page", "cell_text"]

_AROUND_A_TABLE = 8  # lines of headings, notes and the next prompt
_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        leave_quietly()


def cell_text(value: Any) -> str:
    """One value for people: four places, a dash for nothing, and no character that moves the cursor.

    Examples
    --------
    >>> cell_text(0.98474), cell_text(None), cell_text(12)
    ('0.9847', '-', '12')
    """
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else visible(str(value))


def _cell(value: Any, *, wrap: bool) -> Text:
    style = _STYLES.get(value, "") if isinstance(value, str) else ""
    return Text(cell_text(value), style=style, no_wrap=not wrap, overflow="fold" if wrap else "ellipsis")


class Page:
    """What is printed on standard output."""

    def __init__(self) -> None:
        # no markup: brackets in labels and messages are brackets
        self.console = _Console(markup=False, highlight=False, emoji=False)

    def head(self, *lines: str) -> None:
        """A heading in bold, and lines under it."""
        first, *rest = lines
        self.console.print(visible(first), style="bold")
        for line in rest:
            self.console.print(visible(line), style="dim")
        self.console.print()

    def line(self, text: str = "") -> None:
        """One paragraph."""
        self.console.print(visible(text, keep="\n"))

    def unbroken(self, text: str) -> None:
        """One line, however long."""
        self.console.print(visible(text), soft_wrap=True)

    def rows_that_fit(self, rows: int) -> int:
        """How many rows to show: all of them, unless standard output is a terminal that is too small."""
        if not self.console.is_terminal or not sys.stdout.isatty():
            return rows
        room = max(self.console.height - _AROUND_A_TABLE, 5)
        return min(rows, room)

    def table(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        wrap: Iterable[str] = (),
        cut: Iterable[str] = (),
    ) -> None:
        """A table; columns in ``wrap`` or ``cut`` give way, the others keep their width."""
        wrapped, giving_way = set(wrap), {*wrap, *cut}
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
        rows = [list(row) for row in rows]
        for at, heading in enumerate(headings):
            values = [row[at] for row in rows]
            numeric = bool(rows) and all(isinstance(value, (int, float)) or value is None for value in values)
            shown = visible(heading)
            widest = max(len(text) for text in (shown, *map(cell_text, values)))
            drawn.add_column(
                Text(shown),
                justify="right" if numeric else "left",
                min_width=None if heading in giving_way else widest,
            )
        for row in rows:
            drawn.add_row(*(_cell(value, wrap=at in wrapped) for at, value in zip(headings, row, strict=True)))
        self.console.print(drawn)

    def frame(self, table: pd.DataFrame, rows: Iterable[dict[str, Any]]) -> int:
        """The columns of a table that fit beside each other; returns how many were left out."""
        found = [list(row.values()) for row in rows]
        headings = [str(heading) for heading in table.columns]
        widths = [
            max(len(heading), *(len(cell_text(row[at])) for row in found)) + 2 if found else len(heading) + 2
            for at, heading in enumerate(headings)
        ]
        room, fitting = self.console.width, 0
        for width in widths:
            room -= width
            if room < 0 and fitting:
                break
            fitting += 1
        self.table(headings[:fitting], [row[:fitting] for row in found])
        return len(headings) - fitting

    def lines_with_origins(self, text: str) -> None:
        """YAML as it is, with what stands behind ``#`` held back; lines are never broken."""
        for line in text.splitlines():
            written, mark, origin = line.rpartition("  # ")
            shown = Text.assemble(written, (mark + origin, "dim")) if mark else Text(line)
            self.console.print(shown, soft_wrap=True)
