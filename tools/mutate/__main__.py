"""Mutation testing of the parts whose mistakes would be wrong numbers: `make mutate`, all mutants: `make mutate ALL=1`.

Results are kept in build/mutate and taken up again while the file of the mutant is the same; what survived is tried
again with --survivors, with new tests after --fresh.
The tests are run anew under coverage when a file of the parts has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mutants import Mutant, mutants_of, walk_sources
from survivors import kept_survivors
from telling import PARTS, told

TOP = Path(__file__).resolve().parents[2]
LEFT_OUT = [
    "cli",
    "plots",
    "responses",
    "test_docs.py",
    "test_install.py",
    "test_demo.py",
    "test_example_script.py",
    "test_cli.py",
]


def main() -> int:
    """Sample, try, tell."""
    asked = _arguments()
    top, out = asked.top.resolve(), asked.top.resolve() / "build" / "mutate"
    out.mkdir(parents=True, exist_ok=True)
    lines = _lines(top, out, fresh=asked.fresh, tests=asked.tests or ())
    chosen = [m for part in asked.parts or PARTS for m in _sample(top, part, asked)]
    state = {file: _digest(top / file) for file in {m.file for m in chosen}}
    results = out / "results.jsonl"
    before = {} if asked.fresh else _read(results, state)
    kept = kept_survivors(top / "tests" / "mutation-survivors.yaml")
    if asked.survivors:
        again = {key for key, row in before.items() if row["outcome"] in {"survived", "no test"}}
        before = {key: row for key, row in before.items() if key not in again}
        chosen = [m for m in chosen if m.key in again and not (asked.unlisted and kept.reason(m))]
    todo = [m for m in chosen if m.key not in before]
    if asked.again_from:
        todo = [m for m in todo if m.file.endswith(asked.again_from)]
    if todo and not asked.tell:
        _try_all(top, todo, lines, results, state, asked)
    everything = _read(results, state)
    parts = asked.parts or list(PARTS)
    told(parts, {part: _sample(top, part, asked) for part in parts}, everything, kept, out)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--top", type=Path, default=TOP, help="repository whose code is changed (in memory only)")
    parser.add_argument("--all", action="store_true", help="every mutant in place of a sample")
    parser.add_argument("--sample", type=int, help="size of each sample in place of the stated sizes")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--budget", type=float, default=8.0, help="seconds of tests for one mutant")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--fresh", action="store_true", help="forget the lines of the tests and earlier results")
    parser.add_argument("--survivors", action="store_true", help="only what survived before")
    parser.add_argument("--unlisted", action="store_true", help="with --survivors: only those without a reason")
    parser.add_argument("--again-from", help="only files that end so")
    parser.add_argument("--tell", action="store_true", help="only tell what is known")
    parser.add_argument("--tests", nargs="*", help="files whose lines are run anew, the others being known")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long; the next run goes on")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="kernels, coding, ...")
    return parser.parse_args()


def _sample(top: Path, part: str, asked: argparse.Namespace) -> list[Mutant]:
    """The mutants of a part with the smallest digests: the same ones again while the code is the same."""
    folders, size = PARTS[part]
    found = [
        m for path in walk_sources([top / "src/egovindex" / name for name in folders]) for m in mutants_of(path, top)[1]
    ]
    found.sort(key=lambda m: hashlib.blake2b(f"{asked.seed} {m.key}".encode(), digest_size=8).digest())
    size = asked.sample or size
    return found if asked.all or size is None else found[:size]


# ------------------------------------------------------------------------------------------------ what is kept


def _digest(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


def _read(path: Path, state: dict[str, str]) -> dict[str, dict]:
    """Outcome of each mutant whose file is unchanged; the last line of a mutant counts."""
    rows = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if state.get(row["file"]) == row["state"]:
                rows[row["key"]] = row
    return rows


def _lines(top: Path, out: Path, *, fresh: bool, tests: Sequence[str] = ()) -> dict:
    path = out / "lines.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() and not fresh else {}
    if not known or any(
        not (top / f).exists() or _digest(top / f) != state for f, state in known.get("state", {}).items()
    ):
        print("Running the tests once, to learn which lines each of them reaches ...", flush=True)
        left = [f"--ignore=tests/{name}" for name in LEFT_OUT]
        command = [sys.executable, str(Path(__file__).with_name("lines.py")), str(top), str(path), "tests", *left]
        subprocess.run(command, cwd=top, check=False, stdout=subprocess.DEVNULL)
    lines = json.loads(path.read_text(encoding="utf-8"))
    if tests:
        some = path.with_name("some-lines.json")
        command = [sys.executable, str(Path(__file__).with_name("lines.py")), str(top), str(some), *tests]
        subprocess.run(command, cwd=top, check=False, stdout=subprocess.DEVNULL)
        lines = merged(lines, json.loads(some.read_text(encoding="utf-8")), tuple(tests))
        path.write_text(json.dumps(lines), encoding="utf-8")
    return lines


def merged(lines: dict, some: dict, tests: tuple[str, ...]) -> dict:
    """Lines of all tests, those of some files taken from a run of their own."""
    kept = [at for at, (name, _) in enumerate(lines["tests"]) if not name.startswith(tests)]
    place = {at: new for new, at in enumerate(kept)}
    found = {
        file: {line: [place[at] for at in numbers if at in place] for line, numbers in by_line.items()}
        for file, by_line in lines["lines"].items()
    }
    for file, by_line in some["lines"].items():
        of_file = found.setdefault(file, {})
        for line, numbers in by_line.items():
            of_file[line] = of_file.get(line, []) + [len(kept) + at for at in numbers]
    return {**lines, "tests": [lines["tests"][at] for at in kept] + some["tests"], "lines": found}


# ------------------------------------------------------------------------------------------------------ trying


def _try_all(
    top: Path, todo: list[Mutant], lines: dict, results: Path, state: dict[str, str], asked: argparse.Namespace
) -> None:
    children = []
    for worker in range(asked.workers):
        child = os.fork()
        if not child:
            try:
                _worker(top, todo[worker :: asked.workers], lines, results, state, asked, say=worker == 0)
            except BaseException:  # noqa: BLE001
                import traceback

                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def _worker(top, todo, lines, results, state, asked, *, say) -> None:
    from choosing import Choosing
    from trying import Trier

    seconds = dict(map(tuple, lines["tests"]))
    choosing = Choosing(top, lines, asked.budget)
    trier = Trier(top, list(seconds), seconds)
    began = time.monotonic()
    for at, mutant in enumerate(todo):
        if time.monotonic() - began > 60 * asked.minutes:
            break
        tests = choosing.of(mutant)
        started = time.monotonic()
        outcome = trier.judge(mutant, tests) if tests else "no test"
        if outcome == "survived" and mutant.outermost:
            outcome = trier.judge(mutant, tests, anew=True)
        took = time.monotonic() - started
        row = {"key": mutant.key, "file": mutant.file, "state": state[mutant.file], "outcome": outcome, "tests": len(tests),  # noqa: E501
               "seconds": round(took, 2)}  # fmt: skip
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        if say:
            left = (time.monotonic() - began) / (at + 1) * (len(todo) - at - 1) / 60
            print(f"\r{at + 1}/{len(todo)}, {left:.0f} minutes left    ", end="", flush=True)
            if outcome in {"survived", "no test"}:
                print(f"\n{outcome}: {mutant.file}:{mutant.line} {mutant.change}", flush=True)
    trier.close()


if __name__ == "__main__":
    sys.exit(main())
