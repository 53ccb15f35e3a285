"""What is told of a run: a table of scores with their intervals, and the list of survivors."""

from __future__ import annotations

import math
from collections import Counter

from survivors import EQUIVALENT

PARTS: dict[str, tuple[list[str], int | None]] = {  # folders and files, size of the sample; None: every mutant
    "evaluate": (["evaluate.py"], None),
    "plan": (["plan.py"], None),
    "evaluator": (["run.py", "stepping.py", "nodelines.py", "scores.py"], 250),
    "rank": (["kernels/rank.py", "kernels/records.py"], None),
    "kernels": (["kernels"], 300),
    "coding": (["coding"], 300),
    "sensitivity": (["sensitivity"], 300),
}


def told(parts, samples, results, kept, out) -> None:
    """Print the table and write the survivors to build/mutate/survivors.txt."""
    print(f"\n{'part':12}{'tried':>7}{'killed':>8}{'timeout':>9}{'survived':>10}{'no test':>9}{'equivalent':>12}"
          f"   raw score (95 %)        without equivalent ones")  # fmt: skip
    survivors = []
    for part in parts:
        rows = [(m, results[m.key]["outcome"]) for m in samples[part] if m.key in results]
        count = Counter(outcome for _, outcome in rows)
        lived = [m for m, outcome in rows if outcome in {"survived", "no test"}]
        same = [m for m in lived if (kept.reason(m) or ("", ""))[0] in EQUIVALENT]
        dead = count["killed"] + count["timeout"]
        print(f"{part:12}{len(rows):7}{count['killed']:8}{count['timeout']:9}{count['survived']:10}{count['no test']:9}"
              f"{len(same):12}   {_score(dead, len(rows))}   {_score(dead, len(rows) - len(same))}")  # fmt: skip
        survivors += [(part, m, results[m.key]["outcome"], kept.reason(m)) for m in lived]
    lines = []
    for part, m, outcome, reason in sorted(survivors, key=lambda row: (row[0], row[1].file, row[1].line)):
        said = f"{reason[0]}: {reason[1]}" if reason else "no reason given yet"
        lines.append(f"{part} {outcome} {m.file}:{m.line} in {m.function}\n    {m.text}\n    {m.change}\n    {said}\n")
    (out / "survivors.txt").write_text("\n".join(lines), encoding="utf-8")
    print(f"survivors: {out / 'survivors.txt'}, without a reason: {sum(1 for *_, reason in survivors if not reason)}")


def _score(killed: int, n: int) -> str:
    if not n:
        return "-".ljust(22)
    low, high = wilson(killed, n)
    return f"{100 * killed / n:5.1f} % ({100 * low:4.1f}..{100 * high:5.1f})"


def wilson(k: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Interval of Wilson (1927) for a share k/n."""
    centre, spread = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    return (centre - spread) / (n + z * z), (centre + spread) / (n + z * z)
