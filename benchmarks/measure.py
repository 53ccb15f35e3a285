"""Times in turn and peak memory in processes of their own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any


def side_by_side(one: Callable[[], Any], other: Callable[[], Any], *, runs: int) -> tuple[float, float, float]:
    """Median seconds of both, taken in turn after one warm-up, and the median of the ratios."""
    one(), other()
    first, second = [], []
    for _ in range(runs):
        start = time.perf_counter()
        one()
        middle = time.perf_counter()
        other()
        first.append(middle - start)
        second.append(time.perf_counter() - middle)
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    return statistics.median(first), statistics.median(second), statistics.median(ratios)


def peak_mib(task: str, *arguments: str) -> float:
    """Peak resident memory of a task of ``benchmarks.tasks`` in a process of its own, in MiB."""
    command = [sys.executable, "-m", "benchmarks.tasks", task, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.strip().splitlines()[-1])
