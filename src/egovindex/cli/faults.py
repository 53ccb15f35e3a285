"""Exit codes, and how a fault becomes one."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import typer

from egovindex.cli import INTERRUPTED, leave_quietly
from egovindex.cli.visible import visible
from egovindex.errors import DataError, EgovindexError, Fault, SpecError

__all__ = ["CODES", "FileFault", "UsageFault", "exit_code", "guarded"]

FINE, DATA, USAGE, SPEC, FILE, OURS = 0, 1, 2, 3, 4, 70

CODES = """
Exit codes:

\b
  0    fine
  1    the data have faults, or a method is not defined for them; a saved result differs
  2    wrong usage: an option, or the name of an index, weight set, rule, node, unit or column
  3    a fault in an index file, a weight file or a file of doubts
  4    a file cannot be read or written
  70   a fault of egovindex itself: please report it
  130  interrupted

Faults are printed on standard error, one per line.
"""

# faults of what stands on the command line, whatever family they belong to
_NAMES = {
    "unknown_index",
    "unknown_labels",
    "unknown_weights",
    "unknown_rule",
    "unknown_node",
    "unknown_unit",
    "unknown_period",
    "several_periods",
    "unknown_column",
    "computed_indicator",
    "unknown_option",
    "unknown_sample",
    "unknown_variant",
    "unknown_points",
    "unreadable_outcome",
    "points_of_weights",
    "points_of_steps",
    "points_unclear",
    "unknown_kind",
    "unknown_indicator",
    "bad_limits",
    "limits_without_effect",
    "nothing_doubted",
    "nothing_declared",
    "doubt_twice",
    "doubted_twice",
    "fewer_draws",
    "too_many_settings",
    "no_classes",
}
_UNREADABLE = {"missing_file", "unreadable_file"}


class UsageFault(EgovindexError):
    """The options do not go together."""


class FileFault(EgovindexError):
    """A file cannot be written."""


def exit_code(error: EgovindexError) -> int:
    """The exit code of an error.

    Examples
    --------
    >>> exit_code(DataError("a unit stands twice"))
    1
    >>> exit_code(SpecError(Fault("there is no such file", file="my.yaml", check="missing_file")))
    4
    """
    checks = {fault.check for fault in error.faults}
    # what stands in a file is a fault of that file
    asked = {fault.check for fault in error.faults if fault.file is None}
    by_option = any((fault.file or "").startswith("--") for fault in error.faults)
    if isinstance(error, UsageFault) or asked & _NAMES or by_option:
        return USAGE
    # a fault of data names a file only where the file itself cannot be read
    about_files = any(fault.file for fault in error.faults)
    if isinstance(error, FileFault) or checks & _UNREADABLE or (isinstance(error, DataError) and about_files):
        return FILE
    return SPEC if isinstance(error, SpecError) else DATA


P = ParamSpec("P")


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """A command whose errors are printed one fault per line, and become an exit code."""

    @wraps(command)
    def inner(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except EgovindexError as error:
            _tell(error.faults)
            raise typer.Exit(exit_code(error)) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            leave_quietly()
        except OSError as error:
            name = Path(str(error.filename)).name if error.filename else None
            _tell([Fault(error.strerror or str(error), file=name)])
            raise typer.Exit(FILE) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception:  # noqa: BLE001 - whatever is left is a fault of ours, and 1 would say "data"
            traceback.print_exc()
            typer.echo("this is a fault of egovindex: please report it with the lines above", err=True)
            raise typer.Exit(OURS) from None

    return inner


def _tell(faults: tuple[Fault, ...] | list[Fault]) -> None:
    for fault in faults:
        typer.echo(visible(" ".join(str(fault).split())), err=True)
