"""The brief view: yes, no, drafted, planned, in operation or unknown, derived from the axes by a stated rule."""

from __future__ import annotations

from collections.abc import Mapping

from egovindex.coding.codebook import Codebook
from egovindex.coding.rules import UNKNOWN

__all__ = ["BRIEF", "brief_of"]

BRIEF = "brief"  # the axis of what is derived


def brief_of(categories: Mapping[str, str], codebook: Codebook) -> str:
    """The brief category of one item.

    Parameters
    ----------
    categories
        By axis.
    codebook
        Its lines are read from above; the first that holds counts.

    Examples
    --------
    >>> from egovindex.coding.codebook import load_codebook
    >>> rules = load_codebook("un-msq-2022-rules")
    >>> brief_of({"legal": "planned", "practice": "in_operation"}, rules), brief_of({"practice": "partial"}, rules)
    ('in_operation', 'yes')
    """
    for line in codebook.brief:
        if line.beside is not None and line.beside not in categories:
            continue
        if all(categories.get(axis) in wanted for axis, wanted in line.when.items()):
            return line.says
    return UNKNOWN
