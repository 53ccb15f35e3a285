"""How objects show themselves: one line in a terminal, the same escaped in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

__all__ = ["Shown", "in_html"]


class Shown:
    """Gives a class a short ``repr`` and an HTML form out of one line of text.

    A class with more to say has its own ``__repr__`` and ``_repr_html_``; IPython prints the former.

    Examples
    --------
    >>> class Thing(Shown):
    ...     def _line(self):
    ...         return "<Thing> with < and >"
    >>> Thing()
    <Thing> with < and >
    >>> Thing()._repr_html_()
    '<code>&lt;Thing&gt; with &lt; and &gt;</code>'
    """

    __slots__ = ()

    def _line(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self._line()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002, FBT001 - IPython's signature
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(self._line())}</code>"


def in_html(lines: Sequence[str], table: Any) -> str:
    """A heading, what is told below it, and the first rows of a table, all escaped.

    Parameters
    ----------
    lines
        Texts; the first is the heading.
    table
        A DataFrame, whose index is shown as columns.
    """
    head, *rest = lines
    told = "<br>".join(html.escape(line.strip()) for line in rest)
    rows = table.head(10).reset_index().to_html(index=False, escape=True, border=0)
    return f"<b>{html.escape(head)}</b><br>{told}{rows}"
