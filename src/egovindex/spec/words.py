"""The words of the language that mean something by themselves."""

from __future__ import annotations

__all__ = ["AGGREGATES", "KINDS", "LEARNED_WEIGHTS", "RESERVED"]

# kinds of nothing that are known from the start
KINDS = ("missing", "unknown", "not_applicable")
RESERVED = ("skip", "void", "last", "parent", "mean", "median", "label", "nothing", "replaces", "source", "note")
AGGREGATES = {
    "mean": "weighted mean over the children that count; weights are renormalised among them",
    "pool": "mean with each weight times the child's coverage, so that a gap deep below is felt above",
    "sum": "sum of weight times value; negative weights allowed; needs all children",
    "product": "product of the values, weights as exponents; needs all children",
    "geometric": "weighted geometric mean over the children that count",
    "harmonic": "weighted harmonic mean over the children that count",
    "min": "lowest child that counts",
    "max": "highest child that counts",
    "weakest": "lowest child, plus half a step if any child is better (PEFA M1)",
    "ladder": "weighted mean of running minima: a step counts only as far as all before it",
}
LEARNED_WEIGHTS = ("equal", "entropy", "pca")
