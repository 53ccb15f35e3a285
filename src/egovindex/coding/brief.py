"""The brief view: yes, no, drafted, planned, in operation or unknown, derived from the axes by a stated rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from egovindex.coding.codebook import Codebook
from egovindex.coding.rules import UNKNOWN

__all__ = ["BRIEF", "brief_of", "brief_rows", "comes_from"]

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


def comes_from(brief: str, categories: Mapping[str, str], codebook: Codebook) -> str:
    """The axis that gives the brief category by itself; the first where none does.

    Examples
    --------
    >>> from egovindex.coding.codebook import load_codebook
    >>> rules = load_codebook("un-msq-2022-rules")
    >>> comes_from("in_operation", {"legal": "planned", "practice": "in_operation"}, rules)
    'practice'
    """
    for axis, category in categories.items():
        alone = brief_of({other: category if other == axis else UNKNOWN for other in categories}, codebook)
        if alone == brief and category != UNKNOWN:
            return axis
    return next(iter(categories))


def brief_rows(
    records: Iterable[Mapping[str, Any]], axes_of: Callable[[str], Collection[str]], codebook: Codebook
) -> Iterator[dict[str, Any]]:
    """Rows of the brief view that follow from the rows of a coding table.

    There is one for each unit, period, item and coder with a category on all axes of the item, unless the coder has
    given the brief category. Confidence, words, reason and date are those of the axis that it comes from.

    Parameters
    ----------
    records
        Rows of a coding table.
    axes_of
        The axes on which an item is coded.
    codebook
        How the brief view is derived.
    """
    found: dict[tuple[Any, ...], dict[str, Mapping[str, Any]]] = {}
    for record in records:
        own = found.setdefault((record["unit"], record["period"], record["item"], record["coder"]), {})
        if record["category"] is not None:
            own[record["axis"]] = record
    for (unit, period, item, coder), by_axis in found.items():
        axes = axes_of(item)
        if not axes or BRIEF in by_axis or not set(axes) <= set(by_axis):
            continue
        categories = {axis: by_axis[axis]["category"] for axis in axes}
        brief = brief_of(categories, codebook)
        words = by_axis[comes_from(brief, categories, codebook)]
        rest = {name: words.get(name) for name in ("confidence", "span", "reason", "rule", "as_of")}
        head = {"unit": unit, "period": period, "item": item, "axis": BRIEF, "coder": coder, "category": brief}
        yield {**head, **rest}
