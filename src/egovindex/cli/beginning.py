"""What ``init`` and ``new-study`` share: names, texts to be filled in, and files that are there all or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import egovindex as ei
from egovindex.cli.faults import FileFault, UsageFault
from egovindex.errors import Fault

__all__ = ["filled", "place_all", "refuse_name"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_LONGEST = 60
# names that Windows keeps for devices
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(10))}


def refuse_name(name: str, what: str, packaged: str) -> None:
    """Refuse what can be no name of an index, of a folder and of a file, on any system.

    Parameters
    ----------
    name
        The name.
    what
        What it is to name: ``"a study"``.
    packaged
        The way out, where an index of this name is packaged.

    Raises
    ------
    UsageFault
        With what is allowed.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or name.casefold() in _DEVICES:
        message = (
            f'"{name}" cannot name {what}; a name begins with a letter and has letters, digits, and single - or _ '
            f"between them, {_LONGEST} at most, such as towns-2026; a path is no name"
        )
        raise UsageFault(message)
    if name in ei.list_indices().index:
        raise UsageFault(f'"{name}" is a packaged index; {packaged}')


def filled(text: str, words: Mapping[str, str]) -> str:
    """A text with its marks replaced.

    Examples
    --------
    >>> filled("index: @NAME@", {"@NAME@": "towns"})
    'index: towns'
    """
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text


def place_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder that may have others already: all of them, or none.

    Parameters
    ----------
    folder
        Where; made if it is not there.
    files
        Text of each file, by its path in the folder.

    Raises
    ------
    FileFault
        Something is in the way: all of it is told, and nothing is written.
    OSError
        A file cannot be written; what was written before it is taken back.
    """
    in_the_way = [path for path in files if _taken(folder, PurePosixPath(path))]
    if os.path.lexists(folder) and not folder.is_dir():
        raise FileFault(Fault("this is no folder; name another with --folder", file=folder.name))
    if in_the_way:
        message = "there is something of this name already; nothing was written. Name another folder with --folder"
        raise FileFault([Fault(message, file=path) for path in in_the_way])
    with _taken_back() as made:
        for path, text in files.items():
            target = folder / path
            for parent in reversed([target, *target.parents]):
                if parent != target and not parent.exists():
                    parent.mkdir()
                    made.append(parent)
            with target.open("xb") as file:  # never over one that appeared meanwhile
                made.append(target)
                file.write(text.encode("utf-8"))


def _taken(folder: Path, path: PurePosixPath) -> bool:
    """Whether there is such a file, or a file where one of its folders would be."""
    parents = [folder / parent for parent in path.parents if parent.name]
    return os.path.lexists(folder / path) or any(os.path.lexists(p) and not p.is_dir() for p in parents)


@contextmanager
def _taken_back() -> Iterator[list[Path]]:
    """A list of what is made; if anything goes wrong, it is removed again, the last first."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink()
        raise
