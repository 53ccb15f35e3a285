"""A folder that is there as a whole or not at all, and that never takes the place of somebody else's files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from egovindex.beside import PREFIX, exchange, flush, room_beside
from egovindex.errors import DataError, Fault, listed
from egovindex.files import faults_of_files, resolved
from egovindex.keep.manifest import read_manifest
from egovindex.keep.sums import SUMS, sums_text
from egovindex.keep.tables import RESULTS

__all__ = ["DATA", "INDEX", "MANIFEST", "NAMES", "path_of", "read_folder", "refuse_target", "write_folder"]

DATA, INDEX, MANIFEST = "data", "index.yaml", "manifest.json"
NAMES = (INDEX, MANIFEST, SUMS, *(f"{table}.{kind}" for table in (DATA, *RESULTS) for kind in ("csv", "parquet")))


def path_of(given: object) -> Path:
    """A path that a caller hands over.

    Raises
    ------
    DataError
        It is none.
    """
    if not isinstance(given, (str, os.PathLike)):
        message = f"a path is expected, as text or a pathlib.Path, found {type(given).__name__}"
        raise DataError(Fault(message, check="not_a_path"))
    if "\0" in os.fsdecode(given):
        raise DataError(Fault("a path has no zero byte in it", check="not_a_path"))
    return Path(given)


def missing_folder(folder: Path) -> DataError:
    return DataError(Fault("there is no such folder", file=folder.name, check="missing_file"))


def target_exists(folder: Path) -> DataError:
    message = "there is something of this name already; overwrite=True replaces a saved result"
    return DataError(Fault(message, file=folder.name, check="target_exists"))


def no_saved_result(folder: Path, why: str) -> DataError:
    message = f"this is no saved result ({why}) and is not replaced; name another folder, or remove it yourself"
    return DataError(Fault(message, file=folder.name, check="no_saved_result"))


def left_behind(folder: Path, aside: Path) -> DataError:
    message = f"the result is saved; of the former folder something is left in {aside.name}, which is not of a result"
    return DataError(Fault(message, file=folder.name, check="left_behind"))


def read_folder(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """Bytes of every plain file, and what else there is, by name. Links are not followed.

    Raises
    ------
    DataError
        There is no such folder, or it cannot be read.
    """
    with faults_of_files(folder, "the folder cannot be read", check="unreadable_file"):
        return _read_folder(folder)


def _read_folder(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a name is too long
        raise missing_folder(folder)
    files: dict[str, bytes] = {}
    foreign: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file():
            foreign[path.name] = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "no plain file"
        elif path.name not in NAMES:
            foreign[path.name] = "a file of another kind"
        else:
            try:
                files[path.name] = path.read_bytes()
            except OSError as error:
                foreign[path.name] = f"a file that cannot be read: {error.strerror or error}"
    return files, foreign


def refuse_target(folder: Path, *, overwrite: bool) -> None:
    """Refuse to write where something stands, unless it is a saved result that may be replaced.

    Raises
    ------
    DataError
        With the reason and the way out.
    """
    if not folder.parent.is_dir():
        message = f'there is no folder "{folder.parent.name}" to write into'
        raise DataError(Fault(message, file=folder.name, check="missing_file"))
    if not folder.exists():
        return
    if not overwrite:
        raise target_exists(folder)
    if not folder.is_dir():
        raise no_saved_result(folder, "it is a file")
    files, foreign = read_folder(folder)
    if foreign:
        raise no_saved_result(folder, f"it has {listed(foreign)}")
    if files:
        try:
            read_manifest(files.get(MANIFEST, b""), MANIFEST)
        except DataError as error:
            raise no_saved_result(folder, f"{error.faults[0]}") from None


def write_folder(folder: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    """Write files beside the target, with their digests, then give the folder its name.

    Interrupted or killed at any point, the former folder is whole under its name, or the new one is. Where a file
    system cannot exchange two names in one instant, a kill between two renames leaves the former folder whole
    beside it, under a name that :func:`former` tells; the next call gives it its name back.

    Raises
    ------
    DataError
        The target may not be replaced.
    OSError
        It cannot be written.
    """
    folder = resolved(folder)
    _restore(folder)
    refuse_target(folder, overwrite=overwrite)
    with room_beside(folder, [f"new/{name}" for name in NAMES]) as room:
        new = room / "new"
        new.mkdir()
        for name, content in {**files, SUMS: sums_text(files).encode("utf-8")}.items():
            (new / name).write_bytes(content)
            flush(new / name)
        flush(new)
        if folder.exists():
            _swap(new, folder, room.with_name(f"{room.name}-former"))
        else:
            new.rename(folder)
        flush(folder.parent)


def former(folder: Path) -> Path:
    """Where a folder stands while another takes its name and the system cannot exchange the two."""
    return folder.parent / f"{PREFIX}former-{folder.name}"


def _restore(folder: Path) -> None:
    """What a killed process left aside: the folder, if it has no other, gets its name back; else it goes."""
    aside = former(folder)
    if not aside.is_dir() or aside.is_symlink():
        return
    if folder.exists():
        _discarded(aside, aside.with_name(f"{aside.name}-{os.getpid()}"))
    else:
        aside.rename(folder)


def _swap(new: Path, folder: Path, left: Path) -> None:
    """The new folder in the place of the old, which goes; the old back in its place if that fails."""
    aside = new
    if not exchange(new, folder):
        aside = former(folder)
        _renamed(new, folder, aside)
    if not _discarded(aside, left):
        raise left_behind(folder, left)


def _renamed(new: Path, folder: Path, aside: Path) -> None:
    try:
        folder.rename(aside)
        new.rename(folder)
    except BaseException:
        if aside.exists() and not folder.exists():
            aside.rename(folder)
        raise


def _discarded(aside: Path, left: Path) -> bool:
    """Remove the files of a saved result, by name, and the folder; if something else is in it, rename it."""
    for name in NAMES:
        (aside / name).unlink(missing_ok=True)
    try:
        os.rmdir(aside)  # noqa: PTH106 - fails if a file came in meanwhile, which is what we want
    except OSError:
        aside.rename(left)
        return False
    return True
