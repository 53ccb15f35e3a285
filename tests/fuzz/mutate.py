"""What is done to a sound file: bytes, characters, lines and cells are changed, and poison is put in."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable

__all__ = ["POISON", "mutated", "text_of_poison"]

# what readers of numbers, text and markup have stumbled over before
POISON = (
    "1e9999", "-1e9999", "-0", "-0.0", "NaN", "nan", "NAN", "-nan", "inf", "-Infinity", "1_000", "0x1p3", "1e-400",
    "9" * 400, "0." + "0" * 400 + "1", "9223372036854775808", "٣", "１２", "²", "½", "Ⅷ", "1,5", "1 000", "+1", "1e",
    ".", "true", "NO", "~", "null", "", " ", "\u00a0", "\u2028", "\u200b", "\ufeff", "\u202eleft", "\x00",
    "\x1b[31m", "\x7f", "\x85", "\r", "\n", "\t", "'", '"', '""', '"a\nb"', "=1+1", "@x", "#", "# ", ": ", ":",
    "- ", "-", "?", "? ", "|", ">", "%", "%YAML 1.1", "---", "...", "&a", "*a", "<<",
    "!!python/object/apply:os.system [id]", "!t", "!!binary aa", "{", "}", "[", "]", "[[[[[[[[", "{a: {a: {a: {",
    ",", ";", ",,,,,,", "a" * 3000, "(" * 300, "-(" * 200, "((1)+" * 60, "/", "..", "../../x", "/etc/hostname",
    "a..b", "q1..q9999999", "q1..q100", "\U0001f600", "e\u0301", "İ", "ß", "else", "skip", "value >= 3",
    "value < nan", "mean(a, a)", "a / 0", "2024-02-30", "0000-00-00", "99999999", "-1", "0", "1", "1e308", "5e-324",
    "1e-320", "uniform 0 0", "within 1e308", "discrete 1:0", "dirichlet -1", "http://", "a@b.c", "\\", "\\N", "${x}",
)  # fmt: skip
_HALF = b"\xed\xa0\x80"  # a lone surrogate, as UTF-8 would write it
_BYTES = (
    b"\x00",
    b"\xff",
    b"\xfe\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xe9",
    _HALF,
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\n",
)
_MOST = 400_000


def text_of_poison(rng: random.Random) -> str:
    """One poisonous word."""
    return rng.choice(POISON)


def mutated(content: bytes, rng: random.Random, words: tuple[str, ...] = ()) -> bytes:
    """The content after one to six changes.

    Parameters
    ----------
    content
        A file.
    rng
        Chance.
    words
        Words that the reader knows: put in like poison.
    """
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        content = rng.choice(_CHANGES)(content, rng, words)[:_MOST]
    return content


# --- changes
def _flip(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    if not content:
        return content
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]


def _insert_bytes(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    at = rng.randint(0, len(content))
    return content[:at] + rng.choice(_BYTES) + content[at:]


def _cut(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    return content[: rng.randint(0, len(content))]


def _remove(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    at = rng.randint(0, len(content))
    return content[:at] + content[at + rng.choice((1, 2, 10, 100)) :]


def _repeat(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    at = rng.randint(0, len(content))
    piece = content[at : at + rng.choice((1, 5, 40, 400))]
    return content[:at] + piece * rng.choice((2, 3, 10, 200)) + content[at:]


def _word(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    """Poison, or a word that the reader knows, in place of a word."""
    text = content.decode("utf-8", "surrogateescape")
    new = rng.choice(words) if words and rng.random() < 0.4 else text_of_poison(rng)
    starts = [at for at in range(len(text)) if text[at].isalnum() and (at == 0 or not text[at - 1].isalnum())]
    at = rng.choice(starts) if starts else 0
    end = at
    while end < len(text) and text[end].isalnum():
        end += 1
    return f"{text[:at]}{new}{text[end:]}".encode("utf-8", "surrogateescape")


def _insert_word(content: bytes, rng: random.Random, words: tuple[str, ...]) -> bytes:
    new = rng.choice(words) if words and rng.random() < 0.4 else text_of_poison(rng)
    text = content.decode("utf-8", "surrogateescape")
    at = rng.randint(0, len(text))
    return (text[:at] + new + text[at:]).encode("utf-8", "surrogateescape")


def _lines(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    """Lines doubled, moved, removed, or moved to the right."""
    lines = content.split(b"\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    how = rng.randrange(5)
    if how == 0:
        lines.insert(to, lines[at])
    elif how == 1:
        lines[at], lines[to] = lines[to], lines[at]
    elif how == 2:
        del lines[at]
    elif how == 3:
        lines[at] = b" " * rng.randint(1, 8) + lines[at]
    else:
        lines[at] = lines[at].lstrip()
    return b"\n".join(lines)


def _cells(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    """Cells of a line swapped, doubled, quoted or removed."""
    lines = content.split(b"\n")
    at = rng.choice((0, rng.randrange(len(lines))))
    cells = lines[at].split(b",")
    one, two = rng.randrange(len(cells)), rng.randrange(len(cells))
    how = rng.randrange(5)
    if how == 0:
        cells[one] = cells[two]
    elif how == 1:
        del cells[one]
    elif how == 2:
        cells[one] = b'"' + cells[one] + b'\n"'
    elif how == 3:
        cells[one] = text_of_poison(rng).encode()
    else:
        cells.insert(one, cells[two])
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _line_ends(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    ends = rng.choice(((b"\r\n",), (b"\r",), (b"\n", b"\r\n", b"\r"), (b"\n\n",), (b"\x0b",), (b"\xe2\x80\xa8",)))
    return b"".join(line + rng.choice(ends) for line in content.split(b"\n"))


def _encoding(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    text = content.decode("utf-8", "replace")
    how = rng.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "cut"))
    if how == "cut":
        return (codecs.BOM_UTF16_LE + text.encode("utf-16-le"))[:-1]
    return text.encode(how, "replace")


def _nest(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    """Many brackets, or many levels of indentation."""
    deep = rng.choice((20, 59, 61, 500, 20_000))
    opened = rng.choice((b"[", b"{a: ", b"- ", b"(", b"? ", b'"', b"not "))
    at = rng.randint(0, len(content))
    return content[:at] + opened * deep + content[at:]


def _long(content: bytes, rng: random.Random, _: tuple[str, ...]) -> bytes:
    """A word, a line or a blank of great length."""
    at = rng.randint(0, len(content))
    piece = rng.choice(
        (b"a", b"9", b" ", b"a-", b"a.", b"0,", b",", b"\n", b"a b ", b"(", b"\t", b"-", "é".encode(), b".")
    )
    return content[:at] + piece * rng.choice((500, 5_000, 60_000)) + content[at:]


_CHANGES: tuple[Callable[[bytes, random.Random, tuple[str, ...]], bytes], ...] = (
    _flip, _insert_bytes, _cut, _remove, _repeat, _word, _word, _word, _word, _insert_word, _insert_word, _lines,
    _lines, _cells, _cells, _line_ends, _encoding, _nest, _long,
)  # fmt: skip
