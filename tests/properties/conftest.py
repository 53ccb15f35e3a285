"""How many examples: few by default, many at night (``HYPOTHESIS_PROFILE=thorough``)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# a random index and its table are one draw of up to a few hundred integers
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("modest", max_examples=25, **COMMON)
settings.register_profile("ci", max_examples=25, derandomize=True, database=None, **COMMON)
settings.register_profile("thorough", max_examples=1000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "modest"))
