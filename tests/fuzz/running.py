"""Inputs are read in a process of their own, within bounds, and what comes out is judged.

The process may be ended by an input. The number of the input is told before it is read, so that the one that ended
the process is known, and is made again from its seed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import tempfile
import traceback
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Any

from egovindex.cli.visible import visible
from egovindex.errors import EgovindexError
from tests.fuzz.reader import Reader

__all__ = ["LARGEST_MESSAGE", "SECONDS", "Outcome", "name_of", "outcome_of", "outcomes"]

SECONDS = 10  # of the processor, for one input
MEMORY = 1_000_000_000  # bytes that one input may need
LARGEST_MESSAGE = 20_000  # characters
_ADDRESSES = 4_000_000_000  # bytes of address space above what is used: libraries reserve more than they use
_SILENCE = 180  # seconds without a word after which a process is ended


@dataclass(frozen=True)
class Outcome:
    """What came of one input.

    Parameters
    ----------
    number
        Of the input.
    check
        ``""``: read; a name: refused by that check; with a ``!`` in front: a crash, of that kind.
    detail
        Of a crash.
    seconds, memory
        What it took: time of the processor, and bytes above what was used before.
    """

    number: int
    check: str
    detail: str = ""
    seconds: float = 0.0
    memory: int = 0

    @property
    def is_crash(self) -> bool:
        return self.check.startswith("!")


class _TooSlow(BaseException):
    """No reader catches it by accident."""


def name_of(check: str) -> str:
    """What an outcome is called in the names of files: ``read`` where nothing was refused."""
    return check.removeprefix("!").lower() or "read"


def outcome_of(reader: Reader, content: bytes, folder: Path, number: int = 0) -> Outcome:
    """Read one input, and judge what comes out.

    Parameters
    ----------
    reader, content
        Who reads what.
    folder
        An empty folder.
    number
        Of the input, for the outcome.
    """
    path = folder / f"small{reader.ending}"
    path.write_bytes(content)
    stamp = path.stat().st_mtime_ns
    begin = process_time()
    check, detail = _judged(reader, path)
    seconds = process_time() - begin
    if not check.startswith("!"):
        if not path.is_file() or path.read_bytes() != content or path.stat().st_mtime_ns != stamp:
            check, detail = "!changed", "the file was changed by reading it"
        elif [one.name for one in folder.iterdir()] != [path.name]:
            check, detail = "!left", f"reading left {sorted(one.name for one in folder.iterdir())} behind"
    return Outcome(number, check, detail, seconds)


def _judged(reader: Reader, path: Path) -> tuple[str, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = reader.read(path)
            repr(found)
    except EgovindexError as error:
        return _refused(error)
    except _TooSlow:
        return "!slow", f"more than {SECONDS} seconds"
    except BaseException as error:  # noqa: BLE001 - whatever it is: it is what we look for
        return f"!{type(error).__name__}", traceback.format_exc()[-4000:]
    return "", ""


def _refused(error: EgovindexError) -> tuple[str, str]:
    """The check that refused, unless its words are of no use."""
    told = str(error)
    if not error.faults or not told.strip():
        return "!no_words", repr(error)
    if len(told) > LARGEST_MESSAGE:
        return "!long_message", f"{len(told)} characters by {error.faults[0].check}: {told[:500]}"
    shown = visible(" ".join(told.split()))  # as the command line prints them
    try:
        shown.encode("utf-8")
    except UnicodeEncodeError as fault:
        return "!unprintable", f"{error.faults[0].check}: {fault}"
    return error.faults[0].check or "unnamed", ""


# --- a process of its own
def outcomes(reader: Reader, seed: int, numbers: Iterable[int]) -> Iterator[Outcome]:
    """Read inputs by number, one after the other; a process that is ended by one is replaced.

    Silence is believed the second time only: it may be the machine that has no time, or a lock from before the fork.
    """
    left, once = list(numbers), -1
    reader.seeds()  # made once, before the process parts
    while left:
        for outcome in _in_a_process(reader, seed, left):
            left = left[left.index(outcome.number) :]
            if outcome.check == "!silent" and outcome.number != once:
                once = outcome.number
                continue
            del left[0]
            yield outcome


def _in_a_process(reader: Reader, seed: int, numbers: list[int]) -> Iterator[Outcome]:
    context: Any = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(reader, seed, numbers, theirs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer versions warn of threads beside a fork; ours wait
        process.start()
    theirs.close()
    at, silent = numbers[0], False
    try:
        while True:
            if not ours.poll(_SILENCE):
                silent = True
                break
            word = ours.recv()
            if isinstance(word, Outcome):
                yield word
                at = -1
            elif word is None:
                return
            else:
                at = word
    except EOFError:
        pass
    finally:
        if process.is_alive() and (silent or at >= 0):
            process.kill()
        process.join()
    if at >= 0:
        code = process.exitcode
        yield Outcome(at, "!silent" if silent else "!died", f"the process ended with {code}")


def _work(reader: Reader, seed: int, numbers: list[int], out: Connection) -> None:
    signal.signal(signal.SIGPROF, _slow)
    used = _status("VmSize")
    resource.setrlimit(resource.RLIMIT_AS, (used + _ADDRESSES, used + _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as top:
        for number in numbers:
            out.send(number)
            folder = Path(top, str(number))
            folder.mkdir()
            content = reader.input(seed, number)
            before = _forget_the_peak()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            try:
                outcome = outcome_of(reader, content, folder, number)
            except _TooSlow:
                outcome = Outcome(number, "!slow", "", SECONDS)
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            memory = max(0, _status("VmHWM") - before)
            if memory > MEMORY and not outcome.is_crash:
                outcome = Outcome(number, "!memory", f"{memory:,} bytes, and then {outcome.check}")
            out.send(Outcome(number, outcome.check, outcome.detail, outcome.seconds, memory))
            for left in folder.iterdir():
                with contextlib.suppress(OSError):
                    left.unlink()
    out.send(None)


def _slow(*_: Any) -> None:
    raise _TooSlow


def _forget_the_peak() -> int:
    """Bytes that are used now; the kernel forgets what was used before, where it can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(key: str) -> int:
    with Path("/proc/self/status").open(encoding="ascii") as file:
        line = next(line for line in file if line.startswith(f"{key}:"))
    return int(line.split()[1]) * 1024
