"""HiGHS writes lines of its own to the standard output of the process; here they end.

SciPy's ``disp=False`` does not reach them: they are ``printf`` calls inside HiGHS (1.x). So the file descriptor is
turned away for the time of a solve, and what Python itself prints meanwhile still arrives.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import io
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["quiet"]

_STDOUT = 1


class _Turned:
    """How many solves are under way, and what the first of them put aside."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.saved = -1
        self.python: Any = None
        self.ours: Any = None

    def enter(self) -> None:
        with self.lock:
            if self.users == 0:
                self._turn_away()
            self.users += 1

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0 and self.saved >= 0:
                self._turn_back()

    def _turn_away(self) -> None:
        _flush()
        try:
            self.saved = os.dup(_STDOUT)
        except OSError:  # no standard output: nothing to keep clean
            self.saved = -1
            return
        self.python = None
        # Python's own way first: what a thread prints between the two arrives
        with contextlib.suppress(OSError, ValueError, AttributeError, io.UnsupportedOperation):
            if sys.stdout.fileno() == _STDOUT:
                self.python, sys.stdout = sys.stdout, self._stream(sys.stdout)
                self.python.flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STDOUT)
        os.close(nowhere)

    def _stream(self, python: Any) -> Any:
        """A way to where the standard output goes; never closed, since another thread may be about to print there."""
        encoding, errors = getattr(python, "encoding", None) or "utf-8", getattr(python, "errors", None)
        if self.ours is not None and (self.ours.encoding, self.ours.errors) == (encoding, errors or "strict"):
            os.dup2(self.saved, self.ours.fileno(), inheritable=False)
        else:
            stream = os.fdopen(os.dup(self.saved), "w", buffering=1, encoding=encoding, errors=errors)
            atexit.register(_close, stream)
            self.ours = stream
        return self.ours

    def _turn_back(self) -> None:
        _flush()
        os.dup2(self.saved, _STDOUT)
        os.close(self.saved)
        self.saved = -1
        if self.python is not None and sys.stdout is self.ours:  # else somebody has another one since
            sys.stdout = self.python
        self.python = None


def _close(stream: Any) -> None:
    with contextlib.suppress(OSError, ValueError):
        stream.close()


_TURNED = _Turned()


def _flush() -> None:
    """What Python and C still hold back goes where it was meant to go."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what compiled code prints off the standard output of the process.

    May be nested, and entered by several threads at once.

    Examples
    --------
    >>> with quiet():
    ...     print("from Python")
    from Python
    """
    _TURNED.enter()
    try:
        yield
    finally:
        _TURNED.leave()
