"""Text of the form itself: titles of sections, notes, instructions, thanks."""

from __future__ import annotations

import re
from collections.abc import Collection

from egovindex.responses.formsprint.lines import Block, Line
from egovindex.responses.formsprint.words import stems

__all__ = ["closing", "is_placeholder", "section_title", "titled", "told_by_the_form"]

_TITLE = re.compile(
    r"(?:(?P<letter>[A-Z])[.):]|(?P<roman>[IVX]{1,5})[.):]|(?:section|part|chapter|module)\s+\w{1,4}\b[.):–—-]*)\s*(?P<text>\S.*)",
    re.IGNORECASE,
)
_VOICE = re.compile(
    r"(?:please\s+(?:provide|select|indicate|complete|specify|answer|describe|enter|fill|choose|tick|include|list)\b"
    r"|(?:note|nb|n\.b\.|instructions?|hint)\s*[:.–—-])",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:enter|type|select|write) your (?:answer|response)(?: here)?\.?|your answer"
    r"|\(?(?:no (?:answer|response)|blank|left blank|not answered|skipped|empty)\)?|[_.…]{2,200}"
    r"|(?:multiple|single) choice\.?|(?:single|multi) ?-?line text\.?|this question is required\.?",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"thank(?:s| you)\b|end of (?:the )?(?:questionnaire|survey|form)\b|submitted\b", re.IGNORECASE)
_FORM = {
    "contact",
    "information",
    "response",
    "respondent",
    "detail",
    "section",
    "questionnair",
    "consent",
    "general",
    "background",
}
_SMALL = stems("the of and or a an in on to for your our this that with by at from its national government")


def section_title(block: Block, last: str) -> str | None:
    """The letter or number of a title of a section, if a block is one that may follow the section before."""
    line = block[0].text
    match = _TITLE.fullmatch(line)
    if match is None or not _is_short(line) or not match["text"][:1].isupper():
        return None
    if len(block) > 1 and not _VOICE.match(block[1].text):
        return None
    letter = (match["letter"] or "").upper()
    if letter and not (last < letter <= (chr(ord(last) + 3) if last else "C")):
        return None
    return letter or last


def told_by_the_form(block: Block) -> bool:
    """Whether a block is a note or an instruction."""
    return any(_VOICE.match(line.text) for line in block)


def titled(block: Block, about: Collection[str], share: float = 0.5) -> bool:
    """Whether a block reads like a heading about what comes next: that share of its words is about it."""
    if len(block) > 2 or not _is_short(" ".join(line.text for line in block)) or not block[0].text[:1].isupper():
        return False
    words = [one - _SMALL for one in map(stems, " ".join(line.text for line in block).replace("/", " ").split())]
    words = [one for one in words if one]
    hits = sum(bool(one & (_FORM | set(about))) for one in words)
    return bool(words) and hits >= share * len(words)


def _is_short(text: str) -> bool:
    return len(text.split()) <= 14 and not re.search(r"[.;,?!]$|@|https?:|www\.", text)


def closing(block: Block) -> bool:
    """Whether a block says goodbye."""
    return bool(_CLOSING.match(block[0].text))


def is_placeholder(line: Line) -> bool:
    """Whether a line stands for an answer that was not given."""
    return bool(_PLACEHOLDER.fullmatch(line.text))
