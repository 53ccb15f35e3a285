"""How objects show themselves: one line in a terminal, the same escaped in a notebook."""

from __future__ import annotations

import html
from typing import Any

__all__ = ["Shown"]


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
