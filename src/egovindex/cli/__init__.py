"""The command line: the library's verbs on files.

``egovindex --help`` says which; the entry point is :func:`main`.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn, TextIO

__all__ = ["INTERRUPTED", "leave_quietly", "main"]

INTERRUPTED = 130  # 128 + SIGINT, as shells count
READER_LEFT = 141  # 128 + SIGPIPE


def main() -> None:
    """Run the command line with the arguments of this process, and end the process."""
    try:
        for stream in (sys.stdout, sys.stderr):
            _never_fail_on_a_letter(stream)
        try:
            from egovindex.cli.app import app
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("typer", "rich", "click"):
                raise
            print('the command line needs the extra "cli": pip install "egovindex[cli]"', file=sys.stderr)
            sys.exit(2)
        app(prog_name="egovindex")  # the same name in help and completion, however it was started
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        leave_quietly()


def leave_quietly() -> NoReturn:
    """End the process whose reader has gone (``egovindex ... | head``), without a message at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(READER_LEFT)


def _never_fail_on_a_letter(stream: TextIO) -> None:
    """A terminal without UTF-8 shows ``?`` for a letter it lacks."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
