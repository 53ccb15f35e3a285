"""Lines of an answer as its text: wrapped lines joined, paragraphs kept, addresses over two lines put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from egovindex.responses.formsprint.lines import Block

__all__ = ["damaged_link", "joined", "wrapped"]

# characters that are looked at for an address that began some lines above
_TAIL = 500
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
_NEW_LINK = re.compile(r"[(\[<-]*(?:https?:|www\.)", re.IGNORECASE)
_OPEN_END = re.compile(r"[/?&=_%#.:-]$")
# every part can be read in one way only, so that a long word with many hyphens is read once
_PATH = re.compile(
    r"(?:[^\W_]|[~+-])*+[/=&%?_#][\w%~+/=&?.,#_-]*"
    r"|[\w-]++(?:\.[\w-]++)++[\w/)]*"
    r"|[\w-]\w*+-[\w-]++[\w/)]*"
    r"|\w+\.(?:html?|pdf|php|aspx)\W*"
)
_OPEN_START = re.compile(r"[/?&=#%_.][\w/?&=#%_.-]")
_SENTENCE_ENDS = re.compile(r"[.!?。؟！？।…][\"'”’)\]»]*$")
_BULLET = re.compile(r"(?:[•▪‣·*–—-]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s", re.IGNORECASE)


def joined(blocks: Sequence[Block], width: float) -> str:
    """The text of some blocks: an empty line between paragraphs, a line end where a line is not full."""
    parts: list[str] = []
    tail = ""
    for number, block in enumerate(blocks):
        goes_on = number > 0 and block[0].top and _goes_on(blocks[number - 1][-1].text, block[0].text, width)
        for at, line in enumerate(block):
            if at == 0 and not goes_on:
                between = "\n\n" if number else ""
            elif at == 0 or wrapped(block[at - 1].text, line.text, width):
                between = _glue(tail, line.text)
            else:
                between = "\n"
            parts += [between, line.text]
            tail = f"{tail[-_TAIL:]}{between}{line.text}"
    return "".join(parts)


def _goes_on(before: str, after: str, width: float) -> bool:
    """Whether a paragraph goes on over a page break: its last line is full, or no sentence ends there."""
    return not _BULLET.match(after) and (not _SENTENCE_ENDS.search(before) or wrapped(before, after, width))


def wrapped(line: str, following: str, width: float) -> bool:
    """Whether a line ends because it is full."""
    if _glue(line, following) == "" and not line.endswith(" -"):
        return True
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) >= 0.8 * width


def _glue(before: str, after: str) -> str:
    """What stands between two lines that are one: a blank, or nothing after a hyphen and inside an address."""
    last = before.rsplit(maxsplit=1)[-1] if before.strip() else ""
    first = after.split(maxsplit=1)[0]
    if _NEW_LINK.match(first):
        return "" if last.endswith("(") else " "
    if _LINK.search(last):
        goes_on = _OPEN_START.match(first) or (_OPEN_END.search(last) and _PATH.fullmatch(first) and "@" not in first)
        if goes_on:
            return ""
    return "" if len(last) > 1 and last.endswith(("-", "‑")) and first[0].isalnum() else " "


def damaged_link(text: str) -> bool:
    """Whether an address in a text has lost a part of its percent codes.

    Examples
    --------
    >>> damaged_link("https://gov.example/a%20b"), damaged_link("https://gov.example/%C3%A9%C3%/a")
    (False, True)
    """
    return any(_is_damaged(match[0]) for match in _LINK.finditer(text))


def _is_damaged(link: str) -> bool:
    if re.search(r"%(?![0-9A-Fa-f]{2})", link.rstrip(").,;")):
        return True
    try:
        unquote_to_bytes(link).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
