"""What is told of what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import egovindex as ei


def faults(call: Callable[[], object], error: type[ei.EgovindexError] = ei.DataError) -> list[tuple[str, str]]:
    """Check and message of every fault that a call raises."""
    with pytest.raises(error) as caught:
        call()
    return [(fault.check, fault.message) for fault in caught.value.faults]
