"""Texts and the cells that stand for them, one to one."""

from __future__ import annotations

from egovindex.files import is_formula

__all__ = ["from_cell", "to_cell"]

_SIGN = "'"


def to_cell(text: str | None) -> str | None:
    """The cell for a text.

    Examples
    --------
    >>> to_cell("=1+1"), to_cell("'s Land"), to_cell(""), to_cell(None), to_cell("a=b")
    ("'=1+1", "''s Land", "'", None, 'a=b')
    """
    if text is None:
        return None
    return f"{_SIGN}{text}" if text == "" or text.startswith(_SIGN) or is_formula(text) else text


def from_cell(cell: str | None) -> str | None:
    """The text of a cell; an apostrophe that protects nothing is part of the text.

    Examples
    --------
    >>> [from_cell(to_cell(text)) for text in ("=1", "'", "''", "'=1", "")]
    ['=1', "'", "''", "'=1", '']
    >>> from_cell("'s Land")
    "'s Land"
    """
    if cell is None or not cell.startswith(_SIGN):
        return cell
    rest = cell[1:]
    return rest if rest == "" or rest.startswith(_SIGN) or is_formula(rest) else cell
