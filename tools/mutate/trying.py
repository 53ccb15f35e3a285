"""Trying mutants: one process that has collected the tests forks for each mutant, changes the code of one function and
runs the tests that reach it. What stands outside functions is tried in a fork that has not imported the library yet.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.machinery
import os
import pickle
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Callable
from pathlib import Path

import pytest
from mutants import Mutant, mutants_of

OPTIONS = [
    "-q",
    "-s",
    "--assert=plain",
    "-x",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
    "-p",
    "no:faulthandler",
]
MEMORY = 8 << 30
SURVIVED, KILLED, UNSUITED = 0, 1, 3
THIRD = ["numpy", "pandas", "scipy.optimize", "scipy.stats", "scipy.special", "hypothesis",
         "hypothesis.extra.numpy", "pydantic", "pandera.pandas", "yaml", "openpyxl", "python_calamine"]  # fmt: skip


class Trier:
    """Two servers: `fast` has collected all tests, the process itself has imported only the packages of others."""

    def __init__(self, top: Path, nodeids: list[str], seconds: dict[str, float]) -> None:
        self.top, self.seconds = top, seconds
        sys.path.insert(0, str(top / "src"))
        os.chdir(top)
        for name in THIRD:
            importlib.import_module(name)
        self.fast = _Server(lambda ask: _serve_collected(top, nodeids, ask, seconds))

    def judge(self, mutant: Mutant, tests: list[str], *, anew: bool = False) -> str:
        """'killed', 'timeout' or 'survived'; `anew` imports the library with the mutant in place."""
        if mutant.outermost and not anew:
            found = self.fast.ask((mutant.file, mutant.number, mutant.outermost, tests))
            if found != "unsuited":
                return found
        return _forked(lambda: _run_anew(self.top, mutant, tests, self.seconds), self._limit(tests))

    def unchanged(self, tests: list[str]) -> str:
        """The same without a mutant: whatever does not survive here is a fault of the trial."""
        return self.fast.ask(("", 0, "", tests))

    def _limit(self, tests: list[str]) -> float:
        return 60 + 10 * sum(self.seconds[name] for name in tests)

    def close(self) -> None:
        self.fast.close()


# ---------------------------------------------------------------------------------------------- forks and pipes


class _Server:
    def __init__(self, serve: Callable[[Callable[[], object]], None]) -> None:
        asked_r, asked_w = os.pipe()
        told_r, told_w = os.pipe()
        self.child = os.fork()
        if not self.child:
            os.close(asked_w), os.close(told_r)
            reader, writer = os.fdopen(asked_r, "rb"), os.fdopen(told_w, "wb")
            try:
                serve((lambda: pickle.load(reader), lambda answer: (pickle.dump(answer, writer), writer.flush())))  # noqa: S301
            except EOFError:
                os._exit(0)
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            os._exit(1)
        os.close(asked_r), os.close(told_w)
        self.reader, self.writer = os.fdopen(told_r, "rb"), os.fdopen(asked_w, "wb")

    def ask(self, question: object) -> str:
        pickle.dump(question, self.writer)
        self.writer.flush()
        return pickle.load(self.reader)  # noqa: S301

    def close(self) -> None:
        self.writer.close()
        os.waitpid(self.child, 0)


def _forked(work: Callable[[], int], limit: float) -> str:
    """Run work in a child of its own session and say how it ended; all that it started ends with it."""
    folder = tempfile.mkdtemp(prefix="mutant-")
    child = os.fork()
    if not child:
        code = KILLED
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            os.environ["TMPDIR"] = tempfile.tempdir = folder
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            code = work()
        finally:
            os._exit(code)
    until, status = time.monotonic() + limit, None
    while status is None:
        done, ended = os.waitpid(child, os.WNOHANG)
        if done:
            status = ended
        elif time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            status = signal.SIGALRM
        else:
            time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) == signal.SIGALRM else "killed"
    return {SURVIVED: "survived", UNSUITED: "unsuited"}.get(os.WEXITSTATUS(status), "killed")


class _Judge:
    """Plugin in the child: the first failure ends it, and each test has a limit that no loop can outlast."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.ran = seconds, 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        signal.setitimer(signal.ITIMER_REAL, 15 + 15 * self.seconds.get(item.nodeid, 1))
        self.ran += 1
        return (yield)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            os._exit(KILLED)

    def pytest_collectreport(self, report):
        if report.failed:
            os._exit(KILLED)


# ----------------------------------------------------------------------------------------- with tests collected


class _Collected:
    """Plugin that serves in place of running the collected tests."""

    def __init__(self, top: Path, pipe: tuple, seconds: dict[str, float]) -> None:
        self.top, (self.ask, self.tell), self.seconds = top, pipe, seconds

    def pytest_runtestloop(self, session):
        items = {item.nodeid: item for item in session.items}
        _forget_caches()
        functions = _functions(self.top)
        judge = _Judge(self.seconds)
        session.config.pluginmanager.register(judge)
        gc.freeze()
        while True:
            file, number, _, tests = self.ask()
            chosen = [items[name] for name in tests if name in items]
            limit = 60 + 10 * sum(self.seconds[item.nodeid] for item in chosen)
            self.tell(_forked(lambda: self._try(session, functions, file, number, chosen), limit))  # noqa: B023

    def _try(self, session, functions, file, number, chosen) -> int:
        session.config._tmp_path_factory._basetemp = None  # noqa: SLF001
        if file:
            tree, found = mutants_of(self.top / file, self.top)
            mutant = found[number]
            mutant.apply()
            if not _put_in(tree, mutant, str(self.top / file), functions):
                return UNSUITED
        for at, item in enumerate(chosen):
            following = chosen[at + 1] if at + 1 < len(chosen) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return SURVIVED


def _serve_collected(top: Path, nodeids: list[str], pipe: tuple, seconds: dict[str, float]) -> None:
    files = sorted({name.split("::")[0] for name in nodeids})
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    pytest.main([*files, *OPTIONS, "-m", "not install and not slow"], plugins=[_Collected(top, pipe, seconds)])


def _functions(top: Path) -> dict[tuple[str, str, int], list[types.FunctionType]]:
    """All living functions of the library by file, dotted name and first line, however they are wrapped or held."""
    found: dict[tuple[str, str, int], list[types.FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType and thing.__code__.co_filename.startswith(f"{top}/src/"):
            code = thing.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(thing)
    return found


def _put_in(tree, mutant: Mutant, file: str, functions) -> bool:
    """Give the living functions the changed code; False where that cannot be done."""
    import ast

    ast.fix_missing_locations(tree)
    done = False
    for code in _codes(compile(tree, file, "exec", dont_inherit=True, flags=0)):
        name = code.co_qualname
        if name != mutant.outermost and not name.startswith(f"{mutant.outermost}.<locals>"):
            continue
        for function in functions.get((file, name, code.co_firstlineno), []):
            if len(function.__code__.co_freevars) != len(code.co_freevars):
                return False
            function.__code__ = code
            done = done or name == mutant.outermost
    return done


def _codes(code: types.CodeType):
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _codes(constant)


def _forget_caches() -> None:
    """What was computed while the tests were collected was computed without the mutant."""
    for thing in gc.get_objects():
        if type(thing).__name__ == "_lru_cache_wrapper" and str(thing.__module__).startswith("egovindex"):
            thing.cache_clear()


# ----------------------------------------------------------------------------------------- imported with the mutant


class _Changed(importlib.machinery.SourceFileLoader):
    """Loader that compiles the changed tree in place of the file, and nothing else."""


def _run_anew(top: Path, mutant: Mutant, tests: list[str], seconds: dict[str, float]) -> int:
    import ast

    tree, found = mutants_of(top / mutant.file, top)
    found[mutant.number].apply()
    ast.fix_missing_locations(tree)
    changed = str(top / mutant.file)
    usual = importlib.machinery.SourceFileLoader.get_code

    def get_code(loader, fullname):
        if loader.path == changed:
            return compile(tree, changed, "exec", dont_inherit=True)
        return usual(loader, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code
    judge = _Judge(seconds)
    code = pytest.main([*tests, *OPTIONS], plugins=[judge])
    return SURVIVED if int(code) == 0 and judge.ran else KILLED
