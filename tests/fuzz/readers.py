"""All readers of foreign input."""

from __future__ import annotations

from tests.fuzz import forms, kept, tables, yamls
from tests.fuzz.reader import Reader

__all__ = ["READERS"]

READERS: list[Reader] = [*yamls.READERS, *tables.READERS, *forms.READERS, *kept.READERS]
