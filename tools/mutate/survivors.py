"""The kept list of survivors: which mutants no test can or need kill, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml
from mutants import Mutant

EQUIVALENT = {"equivalent", "speed", "message"}  # no result differs; counted apart
KINDS = EQUIVALENT | {"tolerance", "open"}


@dataclass
class Kept:
    """Reasons by what a mutant changes."""

    reasons: dict[tuple[str, str, str, str], tuple[str, str]] = field(default_factory=dict)

    def reason(self, mutant: Mutant) -> tuple[str, str] | None:
        """Kind and reason, or None."""
        return self.reasons.get((mutant.file, mutant.function, mutant.text, mutant.change))


def kept_survivors(path: Path) -> Kept:
    """Read the list; an entry without a known kind or a reason is refused."""
    kept = Kept()
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else []
    for row in rows or []:
        if row["kind"] not in KINDS or not row["reason"].strip():
            raise SystemExit(
                f"{path.name}: {row['file']}, '{row['change']}': kind must be one of {sorted(KINDS)}, with a reason."
            )
        kept.reasons[row["file"], row["function"], row["line"], row["change"]] = (row["kind"], row["reason"])
    return kept
