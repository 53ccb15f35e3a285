"""A room beside a target for what is not finished, and what makes a finished thing last.

A process that is killed cannot clear up. Its room is found by the next one that writes into the same folder: a room
whose lock is free belongs to nobody.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

__all__ = ["PREFIX", "exchange", "flush", "room_beside", "sweep"]

PREFIX = ".egovindex-"
_HOLDS = ".egovindex-holds"  # what a room was made for, by name: nothing else in it is ever removed by others
_HERE, _SWAP = -100, 2  # AT_FDCWD; RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS, both 2
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


# --- rooms
@contextmanager
def room_beside(target: Path, holds: Iterable[str]) -> Iterator[Path]:
    """A folder of this process beside a target, removed at the end with what it was made for.

    Rooms that killed processes left in the same folder are removed first.

    Parameters
    ----------
    target
        What is going to be written.
    holds
        The files that the room is for, relative to it, with ``/`` between folders.

    Yields
    ------
    pathlib.Path
        The room, empty for the caller.

    Raises
    ------
    OSError
        There is no room.
    """
    names = list(holds)
    sweep(target.parent)
    room, lock = _opened(target.parent)
    try:
        (room / _HOLDS).write_text(json.dumps(names), encoding="ascii")
        yield room
    finally:
        with suppress(OSError):  # what is written is written; the next process clears up
            _emptied(room, names)
        if lock is not None:
            os.close(lock)


def _opened(parent: Path) -> tuple[Path, int | None]:
    """A new room and its lock; ``None`` where there are no locks, and nobody sweeps."""
    while True:
        room = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        try:
            lock = _lock(room)
        except (BlockingIOError, FileNotFoundError):  # swept away in the instant between the two
            continue
        if lock is None or _is_still(room, lock):
            return room, lock
        os.close(lock)


def _lock(folder: Path) -> int | None:
    """The lock of a folder, which the system frees when its process ends, however it ends.

    Raises
    ------
    BlockingIOError
        Another process, or another thread, has it.
    OSError
        The folder is gone.
    """
    if os.name != "posix":  # rooms that killed processes leave are for the user to remove
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # a file system without locks
        os.close(handle)
        return None
    return handle


def _is_still(room: Path, lock: int) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), room.lstat())
    except FileNotFoundError:
        return False


def _emptied(room: Path, holds: Iterable[str]) -> None:
    """Remove what a room was made for, and the room if that was all; the list goes last, for whoever goes on."""
    sweep(room)  # a room in a room
    folders: dict[Path, None] = {}
    for name in holds:
        path = room.joinpath(*PurePosixPath(name).parts)
        above = [folder for folder in path.parents if room in folder.parents]
        if not any(folder.is_symlink() for folder in above):
            folders |= dict.fromkeys(above)
            path.unlink(missing_ok=True)
    for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
        with suppress(OSError):  # something else is in it, or it was never made
            folder.rmdir()
    if {path.name for path in room.iterdir()} <= {_HOLDS}:
        (room / _HOLDS).unlink(missing_ok=True)
        room.rmdir()


# --- rooms of processes that are gone
def sweep(folder: Path) -> None:
    """Remove rooms that killed processes of this user left in a folder; what cannot be removed stays.

    Parameters
    ----------
    folder
        Where the rooms are. Links are not followed, and only files are removed that a room was made for.
    """
    with suppress(OSError):
        for path in [Path(entry) for entry in os.scandir(folder) if entry.name.startswith(PREFIX)]:
            with suppress(OSError):
                _swept(path)


def _swept(room: Path) -> None:
    if os.name != "posix" or room.is_symlink() or not room.is_dir() or room.stat().st_uid != os.geteuid():
        return
    lock = _lock(room)
    if lock is None:
        return
    try:
        _emptied(room, _listed(room))
    finally:
        os.close(lock)


def _listed(room: Path) -> list[str]:
    """Files that a room was made for; none where the list is not one of ours."""
    try:
        names = json.loads((room / _HOLDS).read_bytes())
    except (OSError, ValueError):
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return []
    plain = [PurePosixPath(name) for name in names if name and "\0" not in name]
    return [str(name) for name in plain if not name.is_absolute() and ".." not in name.parts]


# --- what lasts
def flush(path: Path) -> None:
    """Have the system put a file, or the names in a folder, onto the disk now.

    Raises
    ------
    OSError
        A file cannot be put there.
    """
    if path.is_dir():
        with suppress(OSError):  # not every system does this for folders
            _flushed(path, os.O_RDONLY)
    else:
        _flushed(path, os.O_RDWR)


def _flushed(path: Path, mode: int) -> None:
    handle = os.open(path, mode)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Give two folders each other's name in one instant; whether the system can.

    Raises
    ------
    OSError
        It can, and it failed.
    """
    system: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    first, second = os.fsencode(one), os.fsencode(other)
    if hasattr(system, "renameat2"):  # Linux
        failed = system.renameat2(_HERE, first, _HERE, second, _SWAP)
    elif hasattr(system, "renamex_np"):  # macOS
        failed = system.renamex_np(first, second, _SWAP)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one))
