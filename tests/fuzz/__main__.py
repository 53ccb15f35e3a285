"""Fuzz every reader: ``python -m tests.fuzz --minutes 30``, or one of them: ``--reader index``.

A crash is kept as a file in ``build/fuzz``, by the name of its reader. Mended, it goes to ``tests/fuzz/corpus``, under
the name of the check that refuses it now, and ``make test`` reads it again. With ``--keep`` the smallest input of each
check that the corpus does not have is kept there.
"""

# ruff: noqa: T201 - a program that prints what it did
from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.reader import Reader
from tests.fuzz.readers import READERS
from tests.fuzz.running import Outcome, name_of, outcomes

BATCH = 50
KEPT, CORPUS = Path("build/fuzz"), Path("tests/fuzz/corpus")
LARGEST_KEPT, FIRSTS = 12_000, 20


@dataclass
class Count:
    """What came of the inputs of one reader."""

    tried: int = 0
    accepted: int = 0
    crashes: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    slowest: Outcome = field(default_factory=lambda: Outcome(-1, ""))
    largest: Outcome = field(default_factory=lambda: Outcome(-1, ""))
    spent: float = 0.0
    firsts: dict[str, list[int]] = field(default_factory=dict)

    def add(self, one: Outcome) -> None:
        self.tried += 1
        self.accepted += one.check == ""
        self.crashes += one.is_crash
        self.checks[one.check or "read"] += 1
        if self.checks[one.check or "read"] <= FIRSTS:
            self.firsts.setdefault(one.check, []).append(one.number)
        self.slowest = max(self.slowest, one, key=lambda o: o.seconds)
        self.largest = max(self.largest, one, key=lambda o: o.memory)


def main(words: list[str] | None = None) -> int:
    """Returns 1 if there was a crash."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--inputs", type=int, help="inputs of each reader, instead of minutes")
    parser.add_argument("--seed", type=int, help="the same seed, the same inputs; by chance if left out")
    parser.add_argument("--reader", action="append", choices=[one.name for one in READERS])
    parser.add_argument("--keep", action="store_true", help="add the smallest input of each new check to the corpus")
    asked = parser.parse_args(words)
    seed = random.SystemRandom().randrange(10**9) if asked.seed is None else asked.seed
    chosen = [one for one in READERS if not asked.reader or one.name in asked.reader]
    print(f"seed {seed}, {len(chosen)} readers", flush=True)
    counts = {one.name: Count() for one in chosen}
    end = time.monotonic() + 60 * asked.minutes
    while _left(chosen, counts, asked.inputs, end):
        # whose turn it is: who has had least of the time that is due to it
        turn = min(_left(chosen, counts, asked.inputs, end), key=lambda one: counts[one.name].spent / one.share)
        _run(turn, counts[turn.name], seed, min(BATCH, (asked.inputs or BATCH) - counts[turn.name].tried or BATCH))
    _report(counts)
    if asked.keep:
        for one in chosen:
            _add_to_corpus(one, counts[one.name], seed)
    return int(any(count.crashes for count in counts.values()))


def _left(chosen: list[Reader], counts: dict[str, Count], inputs: int | None, end: float) -> list[Reader]:
    if inputs is not None:
        return [one for one in chosen if counts[one.name].tried < inputs]
    return chosen if time.monotonic() < end else []


def _run(reader: Reader, count: Count, seed: int, many: int) -> None:
    begin = time.monotonic()
    for one in outcomes(reader, seed, range(count.tried, count.tried + max(1, many))):
        count.add(one)
        if one.is_crash:
            _keep(reader, one, seed)
    count.spent += time.monotonic() - begin


def _keep(reader: Reader, one: Outcome, seed: int) -> None:
    content = reader.input(seed, one.number)
    folder = KEPT / reader.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{one.check[1:].lower()}-{hashlib.sha256(content).hexdigest()[:10]}{reader.ending}"
    path.write_bytes(content)
    last = one.detail.strip().splitlines()[-1:] or [""]
    print(f"CRASH {reader.name} {one.check[1:]}: {last[0][:200]}\n      {path}", flush=True)
    path.with_name(f"{path.name}.txt").write_text(
        f"seed {seed}, input {one.number}\n{one.detail}\n", encoding="utf-8", errors="backslashreplace"
    )


def _add_to_corpus(reader: Reader, count: Count, seed: int) -> None:
    folder = CORPUS / reader.name
    folder.mkdir(parents=True, exist_ok=True)
    known = {path.name.partition("--")[0] for path in folder.iterdir()}
    for check, numbers in count.firsts.items():
        if check.startswith("!") or name_of(check) in known:
            continue
        content = min((reader.input(seed, number) for number in numbers), key=len)
        if len(content) <= LARGEST_KEPT:
            name = f"{name_of(check)}--{hashlib.sha256(content).hexdigest()[:8]}{reader.ending}"
            (folder / name).write_bytes(content)


def _report(counts: dict[str, Count]) -> None:
    print(f"{'reader':<18}{'tried':>8}{'read':>8}{'refused':>9}{'crashes':>9}{'slowest':>10}{'memory':>10}")
    for name, one in counts.items():
        refused = one.tried - one.accepted - one.crashes
        print(
            f"{name:<18}{one.tried:>8}{one.accepted:>8}{refused:>9}{one.crashes:>9}{one.slowest.seconds:>8.2f} s"
            f"{one.largest.memory / 1e6:>7.0f} MB"
        )
    tried, crashes = sum(one.tried for one in counts.values()), sum(one.crashes for one in counts.values())
    print(f"{'all':<18}{tried:>8}{'':>17}{crashes:>9}")
    for name, one in counts.items():
        print(f"{name}: " + ", ".join(f"{check} {many}" for check, many in one.checks.most_common()))


if __name__ == "__main__":
    sys.exit(main())
