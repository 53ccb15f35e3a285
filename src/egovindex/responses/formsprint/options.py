"""The options of a choice: which lines they are, and which of them is marked where marks can be seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from egovindex.responses.formsprint.lines import Block, Line, blocks_of

__all__ = ["Printed", "Scale", "options_in", "shows_option"]

Scale = Mapping[str, tuple[str, ...]]

_SET = "●◉⦿⚫⬤🔘☑☒✓✔✅■◼⬛◾▣🗹🗷✗✘√"
_UNSET = "○◯⚪◌☐□▢◻⬜◽❏❑"
_BRACKETS = r"[\[(]\s*[xX✓✔✗√●•*]\s*[\])]|[\[(]\s{0,3}[\])]|\[_+\]|\(_+\)"
_GLYPH = re.compile(rf"(?P<mark>[{_SET}{_UNSET}]\ufe0f?|{_BRACKETS})")
_BULLET = re.compile(rf"^[-–*•]\s+(?=[{_SET}{_UNSET}]|{_BRACKETS})")
_LETTER = re.compile(r"(?P<mark>[xXoO0*•>→])\s+(?P<text>\S.*)")
_OTHER = re.compile(r"other\s*+(?:\([^)]*\)\s*+)?[:–—-]\s*+(?P<text>\S.*)", re.IGNORECASE | re.DOTALL)
_MANY_LINES = 4
# how soon a known option follows one in other words, and how long such a one may be
_SOON, _LONG = 3, 200


@dataclass(frozen=True, slots=True)
class Printed:
    """An option as printed.

    Parameters
    ----------
    category
        Of the scale; None where it is none of them.
    text
        As written, without its mark.
    state
        Whether it is set; None where no mark can be seen.
    line
        Where it stands.
    own
        Words of one's own beside it.
    """

    category: str | None
    text: str
    state: bool | None
    line: Line
    own: str | None = None


def options_in(lines: Sequence[Line], scale: Scale | None) -> tuple[list[Printed], list[Block]]:
    """The options that open some lines, each once, and the blocks that follow."""
    known = _Known(scale)
    found: list[Printed] = []
    used: set[str | None] = set()
    at = 0
    while at < len(lines):
        taken, options = _at(lines, at, known, used)
        if not taken and found:
            taken, options = _between(lines, at, known, used)
        if not taken:
            break
        found += options
        used.update(one.category for one in options)
        at += taken
    return found, blocks_of(lines[at:])


def shows_option(text: str, scale: Scale) -> bool:
    """Whether a line is an option of a scale as it is spelt, with a mark or without.

    Examples
    --------
    >>> shows_option("( ) Yes", {"yes": ("Yes",)}), shows_option("Yes, since 2019", {"yes": ("Yes",)})
    (True, False)
    """
    known = _Known(scale)
    state, bare = _split(text, known)
    return _plain(bare) in known.exact and (state is not None or bare[:1].isupper() or not bare[:1].isalpha())


def _at(lines: Sequence[Line], at: int, known: _Known, used: set[str | None]) -> tuple[int, list[Printed]]:
    """How many lines the next option takes, and what they hold."""
    line = lines[at]
    row = _in_one_line(line, known)
    if row:
        return (len(row) > 0, row) if not used & {one.category for one in row} else (0, [])
    state, text = _split(line.text, known)
    taken = 1
    if state is not None and not text and at + 1 < len(lines):
        text, taken = lines[at + 1].text, 2
    longest = text
    for more in range(_MANY_LINES):
        category, own = known.category(longest)
        if category is not None and category not in used and not _goes_on(lines, at + taken + more, longest, known):
            return taken + more, [Printed(category, longest, state, line, own)]
        following = at + taken + more
        if following >= len(lines) or lines[following].gap or _split(lines[following].text, known)[0] is not None:
            break
        longest = f"{longest} {lines[following].text}"
    if state is not None and text:
        return taken, [Printed(None, text, state, line)]
    return 0, []


def _between(lines: Sequence[Line], at: int, known: _Known, used: set[str | None]) -> tuple[int, list[Printed]]:
    """An option in other words than the instrument has: one that is known follows soon."""
    end = at + 1
    while end < len(lines) and not lines[end].gap and not _at(lines, end, known, used)[0]:
        end += 1
    after = end
    for _ in range(_SOON):
        if after >= len(lines) or end - at > _MANY_LINES:
            return 0, []
        if _at(lines, after, known, used)[0]:
            text = " ".join(line.text for line in lines[at:end])
            return (end - at, [Printed(None, text, None, lines[at])]) if len(text) < _LONG else (0, [])
        after += 1
    return 0, []


def _goes_on(lines: Sequence[Line], following: int, text: str, known: _Known) -> bool:
    """Whether the next line is the rest of a long option: it begins small, or in a bracket, and is none by itself."""
    if following >= len(lines) or lines[following].gap or len(text) < 40:
        return False
    rest = lines[following].text
    return rest[:1].islower() and known.category(rest)[0] is None


def _split(text: str, known: _Known) -> tuple[bool | None, str]:
    """The mark before or after an option, and the option."""
    text = _BULLET.sub("", text)
    match = _GLYPH.match(text)
    if match:
        return _is_set(match["mark"]), text[match.end() :].strip()
    for match in _GLYPH.finditer(text):
        if match.end() == len(text):
            return _is_set(match["mark"]), text[: match.start()].strip()
    letter = _LETTER.fullmatch(text)
    if letter and known.category(letter["text"])[0] is not None:
        return letter["mark"] not in "oO0", letter["text"]
    return None, text


def _is_set(mark: str) -> bool:
    inner = mark.strip("[]()").strip(" _")
    return inner[:1] not in _UNSET if inner else False


def _in_one_line(line: Line, known: _Known) -> list[Printed]:
    """Options side by side: ``( ) Yes (x) No``, ``Yes ☐ No ☒``, ``Yes / No``."""
    marks = list(_GLYPH.finditer(line.text))
    if len(marks) > 1:
        before = marks[0].start() == 0
        edges = [0, *(match.end() for match in marks)]
        between = [
            line.text[a:b].strip(" ,;/|\t")
            for a, b in zip(edges, [*(match.start() for match in marks), len(line.text)], strict=True)
        ]
        texts = between[1:] if before else between[:-1]
        found = [
            Printed(known.category(text)[0], text, _is_set(mark["mark"]), line)
            for mark, text in zip(marks, texts, strict=True)
        ]
        return found if any(one.category for one in found) else []
    for cut in (r"\s*[/|;,\t]\s*|\s{2,}", r"\s+"):
        parts = [part for part in re.split(cut, line.text) if part]
        categories = [known.category(part)[0] for part in parts]
        if len(parts) > 1 and None not in categories and len(set(categories)) == len(parts):
            return [Printed(category, part, None, line) for category, part in zip(categories, parts, strict=True)]
    return []


class _Known:
    """The options of a scale by their spellings, and by words that tell them apart."""

    def __init__(self, scale: Scale | None) -> None:
        scale = scale or {}
        spelt = any(scale.values())
        self.exact: dict[str, str] = {}
        self.telling: list[tuple[frozenset[str], str]] = []
        for category, spellings in scale.items():
            for one in spellings if spelt else (category.replace("_", " "),):
                self.exact.setdefault(_plain(one), category)
                words = frozenset(_plain(one).split())
                if len(words) > 1:
                    self.telling.append((words, category))
        self.has_other = "other" in self.exact

    def category(self, text: str) -> tuple[str | None, str | None]:
        """The category that a text is the option of, and words of one's own in the same line."""
        plain = _plain(text)
        if plain in self.exact:
            return self.exact[plain], None
        other = _OTHER.fullmatch(text) if self.has_other else None
        if other:
            return self.exact["other"], other["text"].strip()
        without = _plain(_without_remark(text))
        if without in self.exact:
            return self.exact[without], None
        words = set(re.sub(r"[/.,;:()]", " ", plain).split())
        telling = {category for needed, category in self.telling if needed <= words}
        return (telling.pop(), None) if len(telling) == 1 and len(words) <= 60 else (None, None)


def _without_remark(text: str) -> str:
    """A text without the brackets at its end."""
    plain = text.rstrip()
    opened = plain.find("(", plain.rfind(")", 0, -1) + 1) if plain.endswith(")") else -1
    return text if opened < 0 else plain[:opened]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().strip(" .,;:*")
