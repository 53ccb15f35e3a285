"""How many examples: few where time counts, many at night (`--hypothesis-profile=thorough`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# a random index and its table are one draw of a few hundred integers
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("modest", max_examples=60, **_COMMON)
settings.register_profile("ci", max_examples=60, derandomize=True, database=None, **_COMMON)
settings.register_profile("thorough", max_examples=3000, **_COMMON)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "modest")
