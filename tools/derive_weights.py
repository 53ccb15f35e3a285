"""Weights for the three parts of the EGDI, derived from a table of published parts.

python tools/derive_weights.py entropy indicators/samples/un-egdi-parts-2024.csv
python tools/derive_weights.py pca indicators/samples/un-egdi-parts-2024.csv --names OSI TII HCI

Prints the line that stands in `weights/<index>/<set>.yaml`. `tests/published/test_weight_sets.py`
compares the packaged sets with what this file computes.

entropy
    Shannon entropy weights: p = x / sum x, E = -sum p ln p / ln n with 0 ln 0 = 0, and
    w = (1 - E) / sum (1 - E). Osman and Zablith (2021), Journal of Business Research 131:426-440,
    https://doi.org/10.1016/j.jbusres.2020.10.027.
pca
    Loadings of the first principal component of the correlation matrix, divided by their sum.
    Ayanso, Chatterjee and Cho (2011), Government Information Quarterly 28:522-532.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

PARTS = ("osi", "tii", "hci")


def read_parts(path: Path, columns: tuple[str, ...] = PARTS) -> np.ndarray:
    """The columns of a table as numbers, one row per unit; a blank or a word is an error."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([[float(row[column]) for column in columns] for row in rows])


def entropy_weights(X: np.ndarray) -> np.ndarray:
    """Entropy weights of the columns of X (units x parts), which sum to one."""
    p = X / X.sum(axis=0)
    p_log_p = p * np.log(np.where(p > 0, p, 1.0))
    entropy = -p_log_p.sum(axis=0) / np.log(len(X))
    return (1 - entropy) / (1 - entropy).sum()


def pca_weights(X: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights of the columns of X (units x parts), which sum to one, and the variance explained."""
    values, vectors = np.linalg.eigh(np.corrcoef(X, rowvar=False))
    first = vectors[:, -1]
    return first / first.sum(), float(values[-1] / values.sum())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Derive weights for the parts of the EGDI.")
    parser.add_argument("method", choices=["entropy", "pca"])
    parser.add_argument("table", type=Path, help="CSV with one row per unit")
    parser.add_argument("--columns", nargs="+", default=list(PARTS))
    parser.add_argument("--names", nargs="+", help="children of the node, if other than columns")
    options = parser.parse_args(arguments)

    names = options.names or options.columns
    if len(names) != len(options.columns):
        parser.error(f"{len(options.columns)} columns but {len(names)} names")
    X = read_parts(options.table, tuple(options.columns))
    if options.method == "entropy":
        weights = entropy_weights(X)
    else:
        weights, explained = pca_weights(X)
        print(f"# {100 * explained:.1f} % of the variance")
    pairs = [f"{name}: {float(weight)!r}" for name, weight in zip(names, weights, strict=True)]
    print(f"EGDI: {{{', '.join(pairs)}}}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
