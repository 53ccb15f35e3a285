"""Columns that a form fills in by itself: who sent it, and when. They are told, and never read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from egovindex.errors import DataError, Fault, listed
from egovindex.responses.binding import Binding
from egovindex.responses.cells import Cells, column_letters, plain
from egovindex.responses.resolve import Headings

__all__ = ["GOOGLE", "MICROSOFT", "Lead", "technical_columns", "told"]

_POINTS = re.compile(r"(points|feedback)\s*[-\u2013\u2014]\s*\S")
_OF_QUIZ = {"total points", "quiz feedback", "grade posted time", "score"}


@dataclass(frozen=True)
class Lead:
    """The first columns of a form.

    Parameters
    ----------
    title
        Whose they are.
    always
        Headings of those that every file has, in order.
    perhaps
        Headings of those that may follow.
    """

    title: str
    always: tuple[str, ...]
    perhaps: tuple[str, ...]


MICROSOFT = Lead(
    "Microsoft Forms",
    ("id", "start time", "completion time", "email", "name"),
    ("last modified time", "language"),
)
GOOGLE = Lead("Google Forms", ("timestamp",), ("email address", "username"))


def technical_columns(cells: Cells, lead: Lead, binding: Binding | None) -> set[int]:
    """Positions of the columns that the form fills in.

    Raises
    ------
    DataError
        The first columns are not those of the form in English, and no binding says which they are: they might be
        taken for questions, with the persons in them.
    """
    first = [plain(heading) for heading in cells.headings]
    found = set(_named(cells, binding))
    if not found:
        if tuple(first[: len(lead.always)]) != lead.always:
            numbers = listed(range(1, len(lead.always) + 1))
            message = (
                f"the first columns are not those of {lead.title} in English ({listed(lead.always)}), and hold who "
                f"sent the form; say in a binding which they are, as in technical: [{numbers}]"
            )
            raise DataError(Fault(message, file=cells.file, check="unknown_lead"))
        found = set(range(len(lead.always)))
    at = 0
    while at < len(first) and (at in found or first[at] in {*lead.always, *lead.perhaps}):
        found.add(at)
        at += 1
    return found | {at for at, heading in enumerate(first) if heading in _OF_QUIZ or _POINTS.match(heading)}


def _named(cells: Cells, binding: Binding | None) -> list[int]:
    """Columns that a binding calls technical."""
    headings = Headings(cells)
    found = [headings.find(column) for column in (binding.technical if binding else ())]
    faults = [Fault(f"technical: {one.message}", one.file, check=one.check) for one in found if isinstance(one, Fault)]
    if faults:
        raise DataError(faults)
    return [one for one in found if isinstance(one, int)]


def told(cells: Cells, technical: Collection[int]) -> dict[str, str]:
    """The note on columns that were left out: headings, and no cell."""
    if not technical:
        return {}
    named = (f'{column_letters(at)} "{cells.headings[at]:.40}"' for at in sorted(technical))
    return {"left out": f"columns that the form fills in, not read: {listed(named, most=12)}"}
