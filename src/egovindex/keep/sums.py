"""The list of digests of a folder, in the form that ``sha256sum -c`` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from egovindex.keep.manifest import sha256

__all__ = ["SUMS", "Difference", "differing_bytes", "sums_text"]

SUMS = "SHA256SUMS"
_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[A-Za-z0-9_.]+)")
_OWN = "# sha256 of the lines above: "


class Difference(NamedTuple):
    """Something that is not as it was saved: file, place in it, what was saved, what was found."""

    file: str
    where: str
    saved: str
    found: str


def sums_text(files: Mapping[str, bytes]) -> str:
    """Digests of files, and of the list itself in a comment, which ``sha256sum -c`` skips.

    Examples
    --------
    >>> print(sums_text({"a.csv": b""}).splitlines()[0])
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.csv
    """
    lines = "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files))
    return f"{lines}{_OWN}{sha256(lines.encode('utf-8'))}\n"


def differing_bytes(files: Mapping[str, bytes], foreign: Mapping[str, str]) -> Iterator[Difference]:
    """Files whose bytes are not those that were saved, files that are missing, and files that are not listed.

    Parameters
    ----------
    files
        Name and bytes of the plain files of a folder.
    foreign
        Name of what else stands in the folder, and what it is.
    """
    for name, what in sorted(foreign.items()):
        yield Difference(name, "file", "no such file", what)
    if SUMS not in files:
        yield Difference(SUMS, "file", "a list of digests", "missing")
        return
    listed: dict[str, str] = {}
    lines = files[SUMS].decode("utf-8", "replace").split("\n")
    above = "".join(f"{line}\n" for line in lines[:-2])
    own = sha256(above.encode("utf-8"))
    if lines[-2:] != [_OWN + own, ""]:
        yield Difference(SUMS, "bytes", "its own digest in the last line", f"another: {own} are the lines above")
    for at, line in enumerate(lines[:-2], start=1):
        found = _LINE.fullmatch(line)
        if found is None or found["name"] in listed:
            yield Difference(SUMS, f"line {at}", "a digest and a name", line[:100])
        else:
            listed[found["name"]] = found["digest"]
    for name, digest in listed.items():
        if name not in files:
            if name not in foreign:
                yield Difference(name, "file", digest, "missing")
        elif sha256(files[name]) != digest:
            yield Difference(name, "bytes", digest, sha256(files[name]))
    for name in sorted(set(files) - set(listed) - {SUMS}):
        yield Difference(name, "file", "no such file", "a file that is not in the list")
