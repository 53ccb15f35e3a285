"""Where the questions of a print stand: numbers with the words beside them, in three families."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from egovindex.responses.formsprint.lines import Line, full_width

__all__ = ["AFTER", "BEFORE", "LINES", "MOST_LINES", "NONE", "Candidate", "asks", "candidates", "is_alone", "is_tight"]

AFTER, BEFORE, NONE, LINES = "after", "before", "none", "lines"
# lines that a question may take
MOST_LINES = 8
# lines of a long paragraph that a question may open
_OPENING = 2
# characters of a line that may end with the number of a question
_LONG = 2_000
# the share of lines after an empty one below which a print has no paragraphs
_TIGHT = 0.1

_ALONE = re.compile(
    r"[\W_]{0,3}(?:q|question|item|no\.?|nr\.?)?\s*(?P<n>\d{1,4})(?P<s>[a-z]?)\s*[.):\]]{0,2}[*_]{0,2}", re.IGNORECASE
)
_END = re.compile(
    r"(?P<text>.*?[^\s\d.,/-]|.*?[^\s\d]\s*[.,:]|.*\s(?!\s)|)\s*[(\[]?(?<![\d/-])(?P<n>\d{1,4})(?P<s>[a-z]?)[.)\]]",
    re.DOTALL,
)
_END_STAR = re.compile(r"(?P<text>.*\*)\s*(?P<n>\d{1,4})(?P<s>[a-z]?)", re.DOTALL)
_START = re.compile(
    r"[\W_]{0,6}(?:(?:q|question|item|no\.?|nr\.?)\s*[.:#]?\s*(?P<q>\d{1,4})(?P<t>[a-z]?)[\s.):\]*_–—-]+"
    r"|(?P<n>\d{1,4})(?P<s>[a-z]?)(?:\s*[.):\]][*_]{0,2}\s*(?=\D)|\s*[–—-]\s+|\s+(?=\D)))(?P<text>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SECTIONED = re.compile(
    r"(?:[A-Z]{1,2}[.-]?\d{1,3}|\d{1,2}(?:\.\d{1,3})+|[A-Z]\.\d{1,3})[.):]?\s+(?P<text>\D.*)", re.DOTALL
)
_OF_ALL = re.compile(r"^([\W_]{0,6}(?:question|item|q)\s*\d{1,4})\s*(?:of|/)\s*\d{1,4}\b", re.IGNORECASE)
_SIGNS_AT_THE_END = tuple("?*:؟？：")
_REMARKS = ("(required)", "(optional)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a question may stand.

    Parameters
    ----------
    start, end
        Its lines, the second not included.
    number
        As printed; None where there is none, or where it is one of a section.
    suffix
        A letter at the number.
    text
        The question.
    """

    start: int
    end: int
    number: int | None
    suffix: str
    text: str


def candidates(lines: Sequence[Line], family: str) -> Iterator[Candidate]:
    """Places where a question may stand: with its number after it, before it, or without numbers.

    Without numbers it opens a block, or any line may be one.
    """
    if family == NONE:
        yield from _unnumbered(lines)
        return
    if family == LINES:
        yield from (Candidate(at, at + 1, None, "", line.text) for at, line in enumerate(lines))
        return
    width = full_width(lines)
    tight = is_tight(lines)
    for at in range(len(lines)):
        one = _ending_at(lines, at, width if tight else None) if family == AFTER else _starting_at(lines, at, width)
        if one is not None:
            yield one


def is_tight(lines: Sequence[Line]) -> bool:
    """Whether a print has no paragraphs: hardly any line is empty."""
    return sum(line.gap for line in lines) < _TIGHT * len(lines)


def asks(text: str) -> bool:
    """Whether a line ends with the sign of a question, or of a field that must be filled."""
    plain = text.rstrip()
    remark = next((one for one in _REMARKS if plain[-len(one) :].lower() == one), "")
    return plain[: len(plain) - len(remark)].rstrip().endswith(_SIGNS_AT_THE_END)


def is_alone(text: str) -> bool:
    """Whether a line has the number of a question and nothing else."""
    return bool(_ALONE.fullmatch(_OF_ALL.sub(r"\1", text)))


def _ending_at(lines: Sequence[Line], at: int, width: float | None) -> Candidate | None:
    """A question whose number stands at the end of a line, or alone on the line below it.

    It begins with its block; where hardly any line is empty, with the first of the full lines above.
    """
    line = lines[at].text
    if len(line) > _LONG:
        return None
    line = _OF_ALL.sub(r"\1", line)
    alone = _ALONE.fullmatch(line)
    match = alone or _END.fullmatch(line) or _END_STAR.fullmatch(line)
    if match is None:
        return None
    above = [] if alone is None else [at - 1]
    start = at - 1 if alone and at > 0 else at
    number = int(match["n"])
    while start > 0 and at - start < MOST_LINES and _belongs(lines[start - 1].text, lines[start], number - 1, width):
        start -= 1
    own = "" if alone else match["text"]
    if above and (at == 0 or _numbered(lines[at - 1].text, number - 1)):
        return None
    text = _joined([*(line.text for line in lines[start:at]), own])
    return Candidate(start, at + 1, number, match["s"].lower(), text)


def _belongs(above: str, line: Line, number: int, width: float | None) -> bool:
    """Whether the line above is a part of the same question."""
    if line.gap or _numbered(above, number):
        return False
    full = width is None or len(above) + 1 + len(line.text.split()[0]) >= 0.8 * width
    return full and (width is None or not above.endswith((".", "!", "?")))


def _numbered(text: str, number: int) -> bool:
    """Whether a line ends with a number; the question before ends there."""
    bare = text.rstrip(".)")
    return bare.endswith(str(number)) and not bare.removesuffix(str(number))[-1:].isdigit()


def _starting_at(lines: Sequence[Line], at: int, width: float) -> Candidate | None:
    """A question whose number stands before it, on its line or on the line above."""
    line = _OF_ALL.sub(r"\1", lines[at].text)
    alone = _ALONE.fullmatch(line)
    if alone:
        if at + 1 == len(lines) or _ALONE.fullmatch(lines[at + 1].text):
            return None
        number = int(alone["n"])
        end = _end_of(lines, at + 1, width, number + 1)
        text = _joined([line.text for line in lines[at + 1 : end]])
        return Candidate(at, end, number, alone["s"].lower(), text)
    match = _START.fullmatch(line) or _SECTIONED.fullmatch(line)
    if match is None:
        return None
    groups = match.groupdict()
    printed = groups.get("q") or groups.get("n")
    suffix = groups.get("t") or groups.get("s") or ""
    end = _end_of(lines, at, width, int(printed) + 1 if printed else None)
    text = _joined([match["text"], *(line.text for line in lines[at + 1 : end])])
    return Candidate(at, end, int(printed) if printed else None, suffix.lower(), text)


def _end_of(lines: Sequence[Line], at: int, width: float, following: int | None) -> int:
    """The line after a question: at a question mark, star or colon, at a gap, or where a line is not full."""
    for end in range(at + 1, min(at + MOST_LINES, len(lines)) + 1):
        last = lines[end - 1].text
        if end == len(lines) or lines[end].gap or _begins(lines[end].text, following):
            return end
        below = lines[end].text
        if asks(last) and not below.startswith(("-", "*")):
            return end
        if len(last) + 1 + len(below.split(maxsplit=1)[0]) < 0.7 * width and not asks(below):
            return end
    return min(at + 1, len(lines))


def _begins(text: str, number: int | None) -> bool:
    """Whether the next question begins on a line."""
    match = _START.fullmatch(text) or _ALONE.fullmatch(text)
    if match is None or number is None:
        return False
    groups = match.groupdict()
    return (groups.get("q") or groups.get("n")) == str(number)


def _unnumbered(lines: Sequence[Line]) -> Iterator[Candidate]:
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and not lines[end].gap and not asks(lines[end - 1].text):
            end += 1
        asked = end if end - at <= MOST_LINES else at + _OPENING
        yield Candidate(at, asked, None, "", _joined([line.text for line in lines[at:asked]]))
        at = end


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        text += part if not text or text.endswith("-") else f" {part}"
    return text.strip()
