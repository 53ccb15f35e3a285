"""Fixtures of all tests, and how many examples property tests take: few and always the same by default."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a random index and its table are one draw of up to a few hundred integers
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("steady", max_examples=25, derandomize=True, database=None, **COMMON)
settings.register_profile("thorough", max_examples=1000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """Top of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder `shared` beside the repository: data that tests may read but that is no part of it."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("needs the test-only data of ../shared, which is not here")
    return folder
