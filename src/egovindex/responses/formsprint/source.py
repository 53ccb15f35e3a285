"""The text of a file: decoded, and refused where it is none."""

from __future__ import annotations

import codecs
from pathlib import Path

from egovindex.errors import DataError, Fault

__all__ = ["MOST", "decoded", "text_of"]

# a response of 112 items has about 25 kB
MOST = 5 * 1024 * 1024
_OTHERS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word or Excel file (or another archive)",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_SAVE = "open it and save it as plain text in UTF-8 (for a PDF: pdftotext -enc UTF-8 form.pdf)"


def text_of(path: Path) -> str:
    """The text of a file.

    Raises
    ------
    DataError
        It is too large, empty, no text, or in an encoding that is not told.
    """
    try:
        size = path.stat().st_size
        if size > MOST:
            message = (
                f"the file has {size / 2**20:.1f} MB, and a printed form may have {MOST // 2**20} MB; "
                "keep one response in a file, and its text only"
            )
            raise _refused(path, "too_large", message)
        raw = path.read_bytes()
    except OSError as fault:
        raise _refused(path, "unreadable_file", f"the file cannot be read: {fault.strerror}") from fault
    try:
        text = decoded(raw)
    except UnicodeDecodeError as fault:
        line = raw[: fault.start].count(b"\n") + 1
        message = "the file is neither UTF-8 nor UTF-16 with a byte order mark; save it as text in UTF-8"
        raise _refused(path, "encoding", message, line) from None
    except ValueError as fault:
        raise _refused(path, "not_text", f"this is {fault}, and no text; {_SAVE}") from None
    if not text.strip():
        raise _refused(path, "empty_file", f"the file has no text; if it is a scan, read it by OCR first, else {_SAVE}")
    return text


def decoded(raw: bytes) -> str:
    r"""Bytes as text, with line ends as one character.

    Raises
    ------
    ValueError
        They are no text; says what they are. A :class:`UnicodeDecodeError` where only the encoding is not known.

    Examples
    --------
    >>> decoded(b"a\r\nb")
    'a\nb'
    """
    for start, what in _OTHERS.items():
        if raw.startswith(start):
            raise ValueError(what)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16")
    elif b"\x00" in raw:
        raise ValueError("a binary file, or UTF-16 without a byte order mark")
    else:
        text = raw.decode("utf-8-sig")
    if "\x00" in text:
        raise ValueError("a binary file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refused(path: Path, check: str, message: str, line: int | None = None) -> DataError:
    return DataError(Fault(message, file=path.name, line=line, check=check))
