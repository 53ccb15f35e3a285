"""What bounds exact work: seconds and workers, looked at before it begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError

__all__ = ["refuse_bad_limits"]


def refuse_bad_limits(*, time_limit: Any = None, workers: Any = None) -> None:
    """Refuse seconds that are none, and a number of workers that is none; both may be left out.

    Raises
    ------
    MethodError
        With what was found.
    """
    if faults := [*_bad_seconds(time_limit), *_bad_workers(workers)]:
        raise MethodError(faults)


def _bad_seconds(time_limit: Any) -> Iterator[Fault]:
    if time_limit is None:
        return
    number = isinstance(time_limit, (int, float, np.number)) and not isinstance(time_limit, (bool, np.bool_))
    if not number or not time_limit >= 0:
        yield Fault(f"time_limit is a number of seconds, found {time_limit!r:.40}", check="unknown_option")


def _bad_workers(workers: Any) -> Iterator[Fault]:
    if workers is None:
        return
    if isinstance(workers, bool) or not isinstance(workers, (int, np.integer)) or workers < 1:
        yield Fault(f"workers is a whole number from 1 on, found {workers!r:.40}", check="unknown_option")
