"""Numbers of packaged indices as one file, and how two such files differ: between threads, versions or machines.

    python tools/fingerprint.py write build/here.npz
    python tools/fingerprint.py compare build/there.npz build/here.npz

`compare` lists what is not the same to the last bit, with the largest difference as a share of the largest number. It
ends with 1 where a whole number (a rank, a count) differs, or another number by more than --within (default 1e-13).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import egovindex as ei

INDICES = ("un-egdi-2024", "undp-hdi-2022", "wb-gtmi-2022", "unctad-cyberlaw-2026")
DOUBTED = "un-egdi-2024"


def numbers() -> dict[str, np.ndarray]:
    """Arrays by name; those of ranks and counts are whole numbers."""
    found: dict[str, np.ndarray] = {}
    for name in INDICES:
        result = ei.compute(name, ei.sample(name))
        found[f"{name}.scores"] = result.scores.to_numpy(dtype=np.float64)
        found[f"{name}.ranks"] = result.ranks.fillna(0).to_numpy(dtype=np.int64)
    data = ei.sample(DOUBTED)
    doubt = ei.Doubt(weights=ei.within(0.25), aggregate={"EGDI": ["mean", "geometric"]})
    for precision in ("double", "single"):
        draws = ei.simulate(DOUBTED, data, doubt, n=1000, rng=1, precision=precision)
        found[f"simulate.{precision}.ranks"] = draws.tally.sums["counts"]
        found[f"simulate.{precision}.scores"] = draws.score_intervals().to_numpy(dtype=np.float64)
    sobol = ei.sobol(DOUBTED, data, doubt, n=64, rng=1, target="score")
    found |= {"sobol.first": sobol.first, "sobol.total": sobol.total}
    result = ei.compute(DOUBTED, data)
    found["contributions"] = result.contributions("EGDI").to_numpy(dtype=np.float64)
    found["rank_radius"] = ei.rank_radius(result).table["radius"].to_numpy(dtype=np.float64)
    return found


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest, as a share of the largest number; infinite where shapes or gaps differ."""
    if one.shape != other.shape or (np.isfinite(one) != np.isfinite(other)).any():
        return np.inf
    there = np.isfinite(one)
    size = np.abs(one[there]).max(initial=0.0)
    return float(np.abs(one[there] - other[there]).max(initial=0.0) / (size or 1.0))


def compare(one: Path, other: Path, within: float) -> int:
    a, b = (dict(np.load(path)) for path in (one, other))
    wrong = sorted(a.keys() ^ b.keys())
    for name in sorted(a.keys() & b.keys()):
        if a[name].tobytes() == b[name].tobytes():
            continue
        far = difference(a[name], b[name])
        whole = np.issubdtype(a[name].dtype, np.integer)
        print(f"{name}: {far:.2g}{' (whole numbers)' if whole else ''}")
        if whole or far > within:
            wrong.append(name)
    same = sum(a[name].tobytes() == b[name].tobytes() for name in a.keys() & b.keys())
    print(f"{same} of {len(a)} arrays are the same to the last bit")
    if wrong:
        print(f"not the same: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    writing = verbs.add_parser("write")
    writing.add_argument("file", type=Path)
    comparing = verbs.add_parser("compare")
    comparing.add_argument("one", type=Path)
    comparing.add_argument("other", type=Path)
    comparing.add_argument("--within", type=float, default=1e-13)
    options = parser.parse_args()
    if options.verb == "compare":
        return compare(options.one, options.other, options.within)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(options.file, **numbers())
    return 0


if __name__ == "__main__":
    sys.exit(main())
