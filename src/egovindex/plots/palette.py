"""Colours that people with any kind of colour vision tell apart.

The eight colours of Masataka Okabe and Kei Ito, Color Universal Design (CUD): How to make figures and
presentations that are friendly to colorblind people, 2002, revised 2008, https://jfly.uni-koeln.de/color/.
Where more than seven parts stand side by side, hatching tells the second seven apart.
"""

from __future__ import annotations

__all__ = ["BASE", "FAINT", "FALL", "GREY", "MARK", "MARKERS", "PARTS", "RISE", "STEPS", "part_style"]

_ORANGE, _SKY, _GREEN, _YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
_BLUE, _VERMILLION, _PURPLE = "#0072B2", "#D55E00", "#CC79A7"

# neighbours in a stack differ in lightness too, so that a copy in grey can be read
PARTS = (_BLUE, _ORANGE, _GREEN, _SKY, _VERMILLION, _PURPLE, _YELLOW)
RISE, FALL, MARK = _BLUE, _VERMILLION, _VERMILLION
GREY, FAINT, BASE, STEPS = "#767676", "#BDBDBD", "#D0D0D0", "#8C8C8C"
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_HATCHES = ("", "////", "....", "xxxx")


def part_style(position: int) -> tuple[str, str]:
    """Colour and hatch of the part at a position.

    Examples
    --------
    >>> part_style(0), part_style(7)
    (('#0072B2', ''), ('#0072B2', '////'))
    """
    return PARTS[position % len(PARTS)], _HATCHES[position // len(PARTS) % len(_HATCHES)]
