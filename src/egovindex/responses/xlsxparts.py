"""The parts of an XLSX file, unpacked within limits and without trust in what the file says of itself."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from egovindex.errors import DataError, Fault
from egovindex.responses.cells import existing_file

__all__ = ["LIMITS", "Corrupt", "Limits", "Package", "open_package"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK = 1 << 16
_LONGEST_TOKEN = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What is read at most.

    Parameters
    ----------
    file, part, all_parts
        Bytes of the file, of one unpacked part, and of all that are unpacked.
    ratio
        How much larger than packed a part may be, where it is larger than ``small``.
    small
        Bytes below which the ratio does not matter.
    cells
        Cells of a sheet, blanks before the last one of a row among them.
    """

    file: int = 300_000_000
    part: int = 1_500_000_000
    all_parts: int = 2_000_000_000
    ratio: int = 300
    small: int = 20_000_000
    cells: int = 15_000_000


LIMITS = Limits()


class Corrupt(Exception):
    """The file is not what it should be; in words."""


class _Local(dict[str, str]):
    """Names of XML without their namespaces."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(" ")[2]
        return self[name]


class Package:
    """The parts of one file."""

    def __init__(self, path: Path, archive: ZipFile, limits: Limits) -> None:
        self.file = path.name
        self.limits = limits
        self._archive = archive
        self._unpacked = 0
        # names as other readers take them, too: what is looked at here is what they read
        self._names = {info.filename.replace("\\", "/").lower().lstrip("/"): info for info in archive.infolist()}
        if len(self._names) < len(archive.infolist()):
            raise Corrupt("two of its parts have the same name")

    @property
    def names(self) -> list[str]:
        """The names of its parts, in small letters; folders are none."""
        return [name for name in self._names if not name.endswith("/")]

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._names

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part, piece by piece; never more than the limits allow."""
        info = self._names.get(name.lower())
        if info is None:
            raise Corrupt(f"its part {name[:80]} is missing")
        if info.flag_bits & 1:
            raise self._locked()
        self._refuse_absurd(info.file_size, info.compress_size)
        size = 0
        with self._archive.open(info) as part:
            while chunk := part.read(_CHUNK):
                size += len(chunk)
                self._unpacked += len(chunk)
                self._refuse_absurd(size, info.compress_size)
                yield chunk

    def parse(self, name: str, start: Callable[[str, dict[str, str]], None], **further: Callable[..., None]) -> None:
        """Run through the XML of a part; names come without their namespaces."""
        parser = self.parser(start, **further)
        for _ in self.fed(parser, name):
            pass

    def fed(self, parser: Any, name: str) -> Iterator[None]:
        """Give a parser a part, piece by piece.

        Older versions of expat read a tag from its beginning again with each piece: one that never ends would take
        time with the square of its length.
        """
        size = 0
        for chunk in self.chunks(name):
            parser.Parse(chunk, False)
            size += len(chunk)
            if size - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                raise Corrupt(f"a tag of its part {name[:80]} does not end")
            yield
        parser.Parse(b"", True)

    def parser(self, start: Callable[[str, dict[str, str]], None], **further: Callable[..., None]) -> Any:
        """A parser that refuses definitions of entities."""
        local = _Local()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
        parser.StartDoctypeDeclHandler = _refuse_doctype
        if "end" in further:
            end = further["end"]
            parser.EndElementHandler = lambda name: end(local[name])
        if "text" in further:
            parser.CharacterDataHandler = further["text"]
        return parser

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part points to: by id its kind and the name of the other part."""
        folder, own = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def start(kind: str, attributes: dict[str, str]) -> None:
            if kind == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                whole = target if target.startswith("/") else posixpath.join("/", folder, target)
                kind_of = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = (kind_of, posixpath.normpath(whole).lstrip("/"))

        rels = posixpath.join(folder, "_rels", f"{own}.rels")
        if self.has(rels):
            self.parse(rels, start)
        return found

    def _refuse_absurd(self, size: int, packed: int) -> None:
        limits = self.limits
        too_large = limits.part if size > limits.part else limits.all_parts if self._unpacked > limits.all_parts else 0
        if too_large:
            message = f"it unpacks to more than the {too_large:,} bytes that are read; split the workbook"
        elif size > limits.small and size > limits.ratio * max(packed, 1):
            message = (
                f"it unpacks to more than {limits.ratio} times its size, which no workbook of answers does; "
                "save it again with a spreadsheet program if it is one"
            )
        else:
            return
        raise DataError(Fault(message, file=self.file, check="unpacks_too_large"))

    def _locked(self) -> DataError:
        return _protected(self.file)


def _refuse_doctype(*_: Any) -> None:
    raise Corrupt("it defines entities of XML, which no workbook does")


def _protected(file: str) -> DataError:
    message = "the workbook is protected by a password; open it, save it without one, and give that file"
    return DataError(Fault(message, file=file, check="password_protected"))


@contextmanager
def open_package(path: Path, limits: Limits | None = None) -> Iterator[Package]:
    """An XLSX file.

    Raises
    ------
    DataError
        It is missing, empty, too large, protected by a password, no workbook of this kind, or damaged; or its parts
        unpack to more than the limits allow.
    """
    limits = limits or LIMITS
    existing_file(path, most=limits.file)
    _refuse_ole(path)
    try:
        with ZipFile(path) as archive:
            yield Package(path, archive, limits)
    except (BadZipFile, zlib.error, EOFError, expat.ExpatError, NotImplementedError, RuntimeError, OSError) as error:
        raise _corrupt(path, str(error)) from None
    except (Corrupt, ValueError, LookupError) as error:
        raise _corrupt(path, str(error) if isinstance(error, Corrupt) else type(error).__name__) from None


def _corrupt(path: Path, why: str) -> DataError:
    message = f"not an XLSX workbook, or a damaged one ({why}); save it again as XLSX"
    return DataError(Fault(message, file=path.name, check="not_excel"))


def _refuse_ole(path: Path) -> None:
    """Old workbooks, and new ones behind a password, are another kind of container."""
    with path.open("rb") as file:
        if file.read(len(_OLE)) != _OLE:
            return
        file.seek(0)
        locked = "EncryptedPackage".encode("utf-16-le") in file.read()
    if locked:
        raise _protected(path.name)
    message = "a workbook of the old kind (.xls), or no workbook; save it as XLSX"
    raise DataError(Fault(message, file=path.name, check="not_excel"))
