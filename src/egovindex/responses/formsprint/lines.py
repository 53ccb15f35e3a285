"""Lines and blocks of a print: where pages and paragraphs begin."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

__all__ = ["Block", "Line", "blocks_of", "full_width", "lines_of", "with_break", "wrap_width"]

# the share of lines with one leading space up to which the space means a new page, and no layout
_FEW = 0.1
# a line drawn across the page stands for an empty line
_RULE = re.compile(r"[-=_~*─━═—–]{3,}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with something on it.

    Parameters
    ----------
    number, page
        Where it stands: line of the file, page of the print.
    text
        Without space around it.
    gap
        Whether a block begins here: after an empty line, or on a new page.
    top
        Whether it is the first line of a page.
    """

    number: int
    page: int
    text: str
    gap: bool = False
    top: bool = False

    @property
    def place(self) -> str:
        """For people."""
        return f"page {self.page}, line {self.number}"


Block = tuple[Line, ...]


def lines_of(text: str) -> list[Line]:
    r"""The lines of a text that are not empty.

    A page begins after a form feed, or at one leading space where hardly any line has one: some programs that take
    the text out of a PDF leave it there.

    Examples
    --------
    >>> [(line.text, line.page, line.gap) for line in lines_of("a\nb\n\n\fc")]
    [('a', 1, True), ('b', 1, False), ('c', 2, True)]
    """
    raw = text.split("\n")
    spaced = _space_means_page(raw)
    found: list[Line] = []
    page, gap, top = 1, True, True
    for number, line in enumerate(raw, start=1):
        for part, piece in enumerate(line.split("\f")):
            page_begins = part > 0 or (spaced and number > 1 and piece.startswith(" ") and bool(piece.strip()))
            if page_begins:
                page, gap, top = page + 1, True, True
            plain = piece.strip().strip("\ufeff")
            if plain and not _RULE.fullmatch(plain):
                found.append(Line(number, page, plain, gap, top))
                gap = top = False
            else:
                gap = True
    return found


def _space_means_page(raw: Sequence[str]) -> bool:
    written = [line for line in raw if line.strip()]
    deep = sum(line.startswith(("  ", "\t", " \t")) for line in written)
    one = sum(line.startswith(" ") for line in written)
    return not deep and not any("\f" in line for line in raw) and one <= _FEW * len(written)


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """Lines as blocks."""
    return list(_cut(lines))


def _cut(lines: Sequence[Line]) -> Iterator[Block]:
    start = 0
    for at in range(1, len(lines) + 1):
        if at == len(lines) or lines[at].gap:
            if at > start:
                yield tuple(lines[start:at])
            start = at


def full_width(lines: Sequence[Line]) -> float:
    """About how many characters a full line has; much more than any has where lines are not wrapped."""
    lengths = sorted(len(line.text) for line in lines if len(line.text) > 20)
    return max(60.0, lengths[int(0.95 * (len(lengths) - 1))]) if lengths else 60.0


def wrap_width(blocks: Sequence[Block], otherwise: float) -> float:
    """About where lines of some paragraphs end; beyond all of them where many lines are much longer than that."""
    inner = sorted(len(line.text) for block in blocks for line in block[:-1])
    if not inner:
        return otherwise
    width = max(45.0, inner[int(0.9 * (len(inner) - 1))])
    longest = [max(len(line.text) for line in block) for block in blocks]
    unwrapped = sum(length > 1.4 * width for length in longest) > 0.2 * len(longest)
    return float(max(longest)) if unwrapped else width


def with_break(line: Line, pages: int, *, top: bool) -> Line:
    """A line moved on by some pages; with ``top`` it opens one."""
    return replace(line, page=line.page + pages, gap=line.gap or top, top=line.top or top)
