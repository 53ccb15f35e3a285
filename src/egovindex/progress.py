"""How far long work is: a callable that is told, off unless it is asked for."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egovindex.errors import Fault, MethodError

__all__ = ["Progress", "Reporter", "Told", "reporter_of"]


@dataclass(frozen=True)
class Told:
    """How far a run is.

    Parameters
    ----------
    what
        What is done, in words.
    done, total
        How much of it: draws, evaluations, files.
    seconds
        Since the run began, or was resumed.
    left
        Seconds that are left at this speed; ``None`` before anything is known.
    """

    what: str
    done: int
    total: int
    seconds: float
    left: float | None

    def __str__(self) -> str:
        left = "" if self.left is None else f", {clock(self.left)} left"
        return f"{self.what}: {self.done:,} of {self.total:,} ({self.done / max(self.total, 1):.0%}){left}"


Progress = Callable[[Told], Any] | bool | None


def clock(seconds: float) -> str:
    """Seconds for people.

    Examples
    --------
    >>> clock(4.2), clock(75), clock(4000)
    ('4 s', '1 min 15 s', '1 h 6 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Reporter:
    """Tells a callable how far a run is."""

    def __init__(self, tell: Callable[[Told], Any] | None, what: str, total: int, done: int = 0) -> None:
        self.tell = tell
        self.what = what
        self.total = total
        self.start = time.monotonic()
        self.before = done

    def at(self, done: int) -> None:
        """So much is done."""
        if self.tell is None:
            return
        seconds = time.monotonic() - self.start
        fresh = done - self.before
        left = seconds * (self.total - done) / fresh if fresh > 0 else None
        self.tell(Told(self.what, done, self.total, seconds, left))


class _Line:
    """One line on standard error, written over again, at most some times a second."""

    def __init__(self) -> None:
        self.last = 0.0
        self.wide = 0

    def __call__(self, told: Told) -> None:
        now = time.monotonic()
        if now - self.last < 0.2 and told.done < told.total:
            return
        self.last = now
        line = str(told)[: shutil.get_terminal_size().columns - 1]
        end = "\n" if told.done >= told.total else ""
        sys.stderr.write(f"\r{line:<{self.wide}}{end}")
        sys.stderr.flush()
        self.wide = len(line)


def reporter_of(progress: Progress, what: str, total: int, done: int = 0) -> Reporter:
    """What tells how far a run is.

    Parameters
    ----------
    progress
        A callable that takes a :class:`Told`; ``True`` for a line on standard error; ``None`` or ``False`` for nothing.
    what, total, done
        Of the run.

    Raises
    ------
    MethodError
        It is none of these.
    """
    if progress is None or progress is False:
        return Reporter(None, what, total, done)
    if progress is True:
        return Reporter(_Line(), what, total, done)
    given: Any = progress
    if not callable(given):
        message = f"progress is a callable, True or None; found {given!r:.60}"
        raise MethodError(Fault(message, check="unknown_option"))
    return Reporter(given, what, total, done)
