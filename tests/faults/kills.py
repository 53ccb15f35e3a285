"""Kill works with SIGKILL, look at what is left, and do them again.

In two ways: at every call in which a work touches its folder, one after the other, which is exhaustive; and at
moments drawn evenly over the whole time that the work takes. Run as a program it prints what it did:

    python -m tests.faults.kills --kills 200 --seed 0
"""

# ruff: noqa: T201 - a program that prints what it did
from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from egovindex import beside
from tests.faults.works import WORKS, Files, Work, files_in, wrong_states

EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.listdir", "os.scandir", "os.chmod"}


# --- a process that does the work and dies
@dataclass
class Steps:
    """Counts what a work does to files, and kills this very process at one of them."""

    folder: str
    at: int
    done: int = 0

    def step(self) -> None:
        if self.done == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.done += 1

    def heard(self, event: str, about: tuple[object, ...]) -> None:
        if event in EVENTS and any(self.is_ours(one) for one in about):
            self.step()

    def is_ours(self, one: object) -> bool:
        if not isinstance(one, (str, bytes, os.PathLike)):
            return False
        path = os.fsdecode(one)
        return os.path.abspath(path).startswith(self.folder)  # noqa: PTH100 - nothing may be looked up here

    def around(self, real: Callable[..., object]) -> Callable[..., object]:
        """A step before and a step after a call that no audit event tells."""

        def call(*args: object) -> object:
            self.step()
            done = real(*args)
            self.step()
            return done

        return call


def half(steps: Steps, real: Callable[[Path, bytes], int]) -> Callable[[Path, bytes], int]:
    """Bytes that are written in two parts, with a step between."""

    def write_bytes(path: Path, content: bytes) -> int:
        real(path, content[: len(content) // 2])
        steps.step()
        return real(path, content)

    return write_bytes


def in_a_child(do: Callable[[], None], wait: Callable[[int], None] = lambda _: None) -> int:
    """How a child process that does something ended."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        wait(child)
        return os.waitpid(child, 0)[1]
    code = 1
    try:
        do()
        code = 0
    except BaseException:  # noqa: BLE001 - a child must not go on as the parent would
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def counted(work: Work, folder: Path, at: int) -> None:
    steps = Steps(str(folder), at)
    sys.addaudithook(steps.heard)
    with (
        mock.patch.object(os, "fsync", steps.around(os.fsync)),
        mock.patch.object(Path, "write_bytes", half(steps, Path.write_bytes)),
        mock.patch("egovindex.keep.folder.exchange", steps.around(beside.exchange)),
    ):
        work.do(folder)


# --- a work, its kills and what they left
@dataclass
class Trial:
    """One work with what is there before and after it.

    Parameters
    ----------
    name
        Of the work.
    place
        Where it may have folders.
    """

    name: str
    place: Path
    kills: int = 0
    finished: int = 0
    faults: list[str] = field(default_factory=list)
    before: Files = field(init=False)
    after: Files = field(init=False)
    said: bytes = field(init=False)
    seconds: float = field(init=False)

    def __post_init__(self) -> None:
        self.work = WORKS[self.name]
        self.master = self.place / "before"
        self.master.mkdir(parents=True)
        self.work.begin(self.master)
        self.before = files_in(self.master)
        folder = self.fresh()
        started = time.monotonic()
        self.must(folder)
        self.seconds = time.monotonic() - started
        self.after, self.said = files_in(folder), self.what_was_said()

    def fresh(self) -> Path:
        folder = self.place / "work"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.master, folder, symlinks=True)
        return folder

    def what_was_said(self) -> bytes:
        said = self.place / "said"
        content = said.read_bytes() if said.exists() else b""
        said.unlink(missing_ok=True)
        return content

    def must(self, folder: Path) -> None:
        status = in_a_child(lambda: self.work.do(folder))
        if status:
            self.faults.append(f"{self.name}: the work failed, status {status}")

    def judge(self, status: int, when: str) -> None:
        """Look at what a process left, then do the work again."""
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            self.kills += 1
        elif status:
            self.faults.append(f"{self.name}, {when}: it failed by itself")
        else:
            self.finished += 1
        folder = self.place / "work"
        found = files_in(folder)
        told = list(wrong_states(self.work, found, self.before, self.after, folder))
        self.must(folder)
        again = files_in(folder)
        if again != self.after:
            differ = sorted(name for name in {*again, *self.after} if again.get(name) != self.after.get(name))
            told.append(f"done again, these differ: {', '.join(differ)}")
        if self.what_was_said() != self.said:
            told.append("done again, it says something else")
        self.faults += [f"{self.name}, {when}: {fault}" for fault in told]

    def at_every_step(self, first: int = 0, stride: int = 1) -> None:
        """Until a child gets through."""
        at = first
        while True:
            folder = self.fresh()
            status = in_a_child(lambda folder=folder, at=at: counted(self.work, folder, at))  # type: ignore[misc]
            self.judge(status, f"step {at}")
            if not os.WIFSIGNALED(status):
                return
            at += stride

    def at_random(self, kills: int, rng: random.Random) -> None:
        """At moments over the whole time; a child that is through before its moment does not count."""
        wanted = self.kills + kills
        for _ in range(kills * 20):
            if self.kills >= wanted:
                return
            folder = self.fresh()
            moment = rng.uniform(0, self.seconds)

            def kill(child: int, moment: float = moment) -> None:
                time.sleep(moment)
                os.kill(child, signal.SIGKILL)

            status = in_a_child(lambda folder=folder: self.work.do(folder), kill)  # type: ignore[misc]
            self.judge(status, f"after {moment:.4f} of {self.seconds:.4f} s")
        self.faults.append(f"{self.name}: too few of the kills met it at work")


def trials(names: list[str], place: Path) -> Iterator[Trial]:
    for at, name in enumerate(names):
        yield Trial(name, place / str(at))


def main() -> int:
    asked = argparse.ArgumentParser(description="Kill works and see that nothing is lost.")
    asked.add_argument("--kills", type=int, default=200, help="at random moments, over all works")
    asked.add_argument("--seed", type=int, default=None)
    asked.add_argument("--stride", type=int, default=1, help="every step of every work, or every so many")
    asked.add_argument("--only", default="", help="works whose name has this in it")
    given = asked.parse_args()
    seed = given.seed if given.seed is not None else random.randrange(1 << 32)
    rng = random.Random(seed)
    names = [name for name in WORKS if given.only in name]
    faults, steps, moments = [], 0, 0
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="egovindex-kills-") as place:
        for at, trial in enumerate(trials(names, Path(place))):
            trial.at_every_step(rng.randrange(given.stride), given.stride)
            own = trial.kills
            share = (at + 1) * given.kills // len(names) - at * given.kills // len(names)
            trial.at_random(share, rng)
            steps, moments, faults = steps + own, moments + trial.kills - own, faults + trial.faults
            print(f"{trial.name}: killed at {own} steps and {trial.kills - own} moments of {trial.seconds:.3f} s, "
                  f"{trial.finished} got through, {len(trial.faults)} faults", flush=True)  # fmt: skip
    print(f"{steps + moments} kills, {steps} at steps and {moments} at random moments; {len(faults)} faults")
    print("\n".join(faults[:40]))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
