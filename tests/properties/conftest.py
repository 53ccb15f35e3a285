"""How many examples: few and always the same by default, many and new ones with ``make hunt``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# a random index and its table are one draw of up to a few hundred integers
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("steady", max_examples=25, derandomize=True, database=None, **COMMON)
settings.register_profile("thorough", max_examples=1000, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
