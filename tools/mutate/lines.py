"""Which tests run which lines, and how long each takes: one run of the suite under coverage with a context per test."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import coverage
import pytest

UNDER = [
    "kernels/*",
    "evaluate.py",
    "run.py",
    "stepping.py",
    "nodelines.py",
    "scores.py",
    "plan.py",
    "coding/*",
    "sensitivity/*",
]


class Mapper:
    """Plugin: a coverage context and a duration for each test that passes."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.durations: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.measured.switch_context(item.nodeid)
        started = time.perf_counter()
        result = yield
        self.durations[item.nodeid] = time.perf_counter() - started
        self.measured.switch_context("")
        return result

    def pytest_runtest_logreport(self, report):
        if not report.passed:  # failed or skipped: no judge of mutants
            self.failed.add(report.nodeid)


def main(top: Path, out: Path, tests: list[str]) -> None:
    """Run the tests and write {"lines": {file: {line: [test numbers]}}, "tests": [[nodeid, seconds]]}."""
    measured = coverage.Coverage(
        data_file=None, config_file=False, include=[f"{top}/src/egovindex/{part}" for part in UNDER]
    )
    mapper = Mapper(measured)
    measured.start()
    code = pytest.main([*tests, "-q", "-p", "no:cacheprovider", "-m", "not install and not slow"], plugins=[mapper])
    measured.stop()
    data = measured.get_data()
    names = sorted(name for name in mapper.durations if name not in mapper.failed)
    number = {name: at for at, name in enumerate(names)}
    lines = {}
    for file in sorted(data.measured_files()):
        by_line = data.contexts_by_lineno(file)
        lines[Path(file).relative_to(top).as_posix()] = {
            line: sorted(number[name] for name in contexts if name in number) for line, contexts in by_line.items()
        }
    state = {file: hashlib.blake2b((top / file).read_bytes(), digest_size=8).hexdigest() for file in lines}
    told = {
        "state": state,
        "tests": [[name, round(mapper.durations[name], 4)] for name in names],
        "lines": lines,
        "exit": int(code),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3:])
