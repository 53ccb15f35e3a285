"""``python -m benchmarks``: every measurement, one line each.

``--smoke`` takes small sizes, ``--large`` a million units too.

Ratios are ours divided by the floor, measured in turn in one run. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import egovindex as ei
from benchmarks import answers, draws, exact, ranges, responses, strategies, worlds
from benchmarks.measure import peak_mib, side_by_side


def line(name: str, ours: float, floor: float, ratio: float, aim: float | str, unit: str = "ms") -> None:
    """One measurement."""
    scale = 1e3 if unit == "ms" else 1.0
    told = aim if isinstance(aim, str) else f"aim {aim:g}"
    print(f"{name:<58}{ours * scale:>10.1f}{floor * scale:>10.1f} {unit:<4}{ratio:>7.2f}   {told}", flush=True)


def compute_against_numpy(units: int, indicators: int, runs: int) -> None:
    """``compute`` and ranks against the plain arithmetic."""
    index = worlds.index_of(indicators)
    table = worlds.table_of(units, indicators, np.random.default_rng(1))
    values = table.to_numpy()

    def ours() -> object:
        return ei.compute(index, table).ranks

    times = side_by_side(ours, lambda: worlds.floor_scores(values, index), runs=runs)
    line(f"compute and ranks, {units} x {indicators}, against NumPy", *times, aim=3)


def memory_against_numpy(units: int, indicators: int) -> None:
    """Peak memory of the same, each in a process of its own, and as a multiple of the input."""
    ours = peak_mib("compute", str(units), str(indicators))
    floor = peak_mib("floor", str(units), str(indicators))
    line(f"peak memory, {units} x {indicators}, against NumPy", ours, floor, ours / floor, 1.5, "MiB")
    table = units * indicators * 8 / (1 << 20)
    name = "  peak of ours as a multiple of the table"
    print(f"{name:<58}{ours / table:>31.2f}   aim 2.5 (table {table:.0f} MiB)")


def draws_against_matrix_product(draws: int, units: int, indicators: int, runs: int) -> None:
    """Draws of all weights against the sums written as matrix products by hand."""
    index = worlds.index_of(indicators)
    table = worlds.table_of(units, indicators, np.random.default_rng(1))
    plan = index.plan(table)
    learned = ei.evaluate(plan).learned
    weights = plan.weights * np.random.default_rng(2).uniform(0.75, 1.25, (draws, len(plan.weights)))
    values = table.to_numpy()
    scaled = (values - values.min(axis=0)) / (values.max(axis=0) - values.min(axis=0))
    columns = [
        (node.edges, [int(c[1:]) for c in node.branch.children]) for node in plan.nodes if node.branch.id != "top"
    ]
    top = next(node.edges for node in plan.nodes if node.branch.id == "top")

    def by_hand() -> list[np.ndarray]:
        """Every node's scores in every draw, as ``evaluate`` gives them."""
        nodes = []
        total = np.zeros((draws, units))
        over = weights[:, top]
        for position, (edges, inside) in enumerate(columns):
            own = weights[:, edges]
            pillar = own @ scaled[:, inside].T
            pillar /= own.sum(axis=1, keepdims=True)
            total += pillar * over[:, position, None]
            nodes.append(pillar)
        total /= over.sum(axis=1, keepdims=True)
        return [*nodes, total]

    times = side_by_side(lambda: ei.evaluate(plan, weights=weights, learned=learned), by_hand, runs=runs)
    line(f"{draws} draws of weights, {units} x {indicators}, by matrix product", *times, aim=1.5)
    if not np.allclose(ei.evaluate(plan, weights=weights)["top"], by_hand()[-1], rtol=1e-13):
        raise SystemExit("the two do not compute the same")


def levels_against_pandas(rows: int, runs: int) -> None:
    """Sixteen levels with flags into four indices, in one call, against pandas written for these four."""
    index = ei.load_index(answers.LEVELS_INDEX)
    table = answers.levels_table(rows, np.random.default_rng(1))
    times = side_by_side(lambda: ei.compute(index, table).scores, lambda: answers.levels_by_hand(table), runs=runs)
    line(f"{rows} rows x 16 levels into 4 indices, against pandas", *times, aim=2)
    ours, floor = (peak_mib(task, str(rows), "16") for task in ("levels", "levels_by_hand"))
    line("  peak memory", ours, floor, ours / floor, 2, "MiB")
    scores, by_hand = ei.compute(index, table).scores, answers.levels_by_hand(table)
    # sums in another order round ties apart: one unit of the last printed digit
    if not np.allclose(scores[list(by_hand)], by_hand, atol=0.0101, equal_nan=True):
        raise SystemExit("the two do not compute the same")


def categories_against_numpy(rows: int, runs: int) -> None:
    """A hundred categoricals against the plainest look-up."""
    index = ei.load_index(answers.CATEGORIES_INDEX)
    table = answers.categories_table(rows, np.random.default_rng(1))
    times = side_by_side(
        lambda: ei.compute(index, table).scores["top"], lambda: answers.categories_by_hand(table), runs=runs
    )
    line(f"{rows} rows x 100 categories, against a look-up in NumPy", *times, aim=2)
    ours, floor = (peak_mib(task, str(rows), "100") for task in ("categories", "categories_by_hand"))
    line("  peak memory", ours, floor, ours / floor, 2, "MiB")
    if not np.allclose(ei.compute(index, table).scores["top"], answers.categories_by_hand(table), rtol=1e-13):
        raise SystemExit("the two do not compute the same")


def ranks_against_packed_keys(n: int, units: int, indicators: int, runs: int) -> None:
    """Draws of flat weights with every rank counted, against one hand-written loop, in both precisions."""
    index, table = draws.flat(units, indicators)
    values = table.to_numpy(dtype=float)
    for precision, dtype in (("double", np.float64), ("single", np.float32)):
        times = side_by_side(
            lambda p=precision: draws.flat_draws(index, table, n, p),
            lambda d=dtype: draws.packed_keys(values, n, d),
            runs=runs,
        )
        line(f"{n} draws, {units} x {indicators}, ranks counted, {precision}", *times, aim=1.3)
        name = "  thousand draws a second"
        print(f"{name:<58}{n / times[0] / 1e3:>10.0f}{n / times[1] / 1e3:>10.0f}")
    found = draws.flat_draws(index, table, n, "double").rank_probabilities().to_numpy()
    if np.abs(found - draws.packed_keys(values, n, np.float64) / n).max() > 6 * np.sqrt(0.25 / n) * np.sqrt(2):
        raise SystemExit("the two do not draw from the same law")
    name = "  peak of ours, MiB"
    print(f"{name:<58}{peak_mib('draws', str(units), str(indicators), str(n)):>10.0f}{'':>21}   aim 200")


def responses_against_pandas(respondents: int, runs: int) -> None:
    """Responses from a file to scores, persons taken out, against pandas reading the file alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = responses.answers_file(Path(folder) / "answers.csv", respondents)
        times = side_by_side(lambda: responses.scored(path), lambda: responses.plain(path), runs=runs)
        line(f"{respondents} responses x 112, CSV to scores, against read_csv", *times, aim=4)
        name = "  responses a second"
        print(f"{name:<58}{respondents / times[0]:>10.0f}{respondents / times[1]:>10.0f}")
        peaks = [peak_mib(task, str(path), "0") for task in ("responses", "responses_by_pandas")]
        line("  peak memory", *peaks, peaks[0] / peaks[1], "", "MiB")


def four_sources_against_numpy(n: int, runs: int) -> None:
    """Four sources of the ASEM example, ranks counted, against sums in NumPy over tables made before."""
    example = draws.Asem()
    by_hand = example.by_hand()
    times = side_by_side(lambda: example.draws(n), lambda: by_hand(n), runs=runs)
    line(f"{n} draws of four sources, ASEM 51 x 49, against NumPy", *times, aim="")
    name = "  draws a second"
    print(f"{name:<58}{n / times[0]:>10.0f}{n / times[1]:>10.0f}{'':>12}   aim 7000")
    found = example.draws(n).rank_probabilities().to_numpy()
    if np.abs(found - by_hand(n)[:, 1:] / n).max() > 6 * np.sqrt(0.25 / n) * np.sqrt(2):
        raise SystemExit("the two do not draw from the same law")


def indices_against_numpy(points: int, units: int, indicators: int, runs: int) -> None:
    """Sobol indices of six groups of weights, against the ranks of the same evaluations by hand; the bootstrap."""
    index, table, doubt = draws.in_pillars(units, indicators)
    found = ei.sobol(index, table, doubt, n=points, rng=1, resamples=100)
    times = side_by_side(
        lambda: ei.sobol(index, table, doubt, n=points, rng=1, resamples=100),
        lambda: draws.shifts_by_hand(index, table, found.design),
        runs=runs,
    )
    line(f"Sobol, six groups, {found.evaluations} evaluations of {units} x {indicators}", *times, aim="aim 3000 ms")
    times = side_by_side(
        lambda: ei.sobol(index, table, doubt, n=points, rng=1, target="rank", resamples=100),
        lambda: ei.sobol(index, table, doubt, n=points, rng=1, target="rank", resamples=0),
        runs=runs,
    )
    line(f"  of {units} outputs with 100 resamples, against without", *times, aim=5)


def wins_against_a_sort(units: int, indicators: int, runs: int) -> None:
    """Exact win probabilities of every pair, against the differences formed and sorted."""
    for kind, law in (
        ("continuous", "uniform"),
        ("answers", "uniform"),
        ("continuous", "around"),
        ("answers", "around"),
    ):
        x, alpha = exact.values(units, indicators, kind), exact.parameters(indicators, law)
        times = side_by_side(lambda x=x, a=alpha: exact.wins(x, a), lambda x=x: exact.sorted_differences(x), runs=runs)
        line(f"win probabilities, {units} x {indicators}, {kind}, {law}", *times, aim="aim 1000 ms")
        if exact.wins_differ(x, alpha):
            raise SystemExit("exact and drawn probabilities differ")


def swaps_against_numpy(units: int, indicators: int, runs: int) -> None:
    """All one-weight swap points, against the same by hand; stable shares and rank ranges, against a sort."""
    x = exact.values(units, indicators, "continuous")
    times = side_by_side(lambda: exact.swaps(x), lambda: exact.swaps_by_hand(x), runs=runs)
    line(f"swap points, {units} x {indicators}, against NumPy", *times, aim=5)
    if exact.swaps_differ(x):
        raise SystemExit("the two do not compute the same")
    times = side_by_side(lambda: exact.one_weight(x), lambda: exact.sorted_scores(x), runs=runs)
    line("  stable shares and rank ranges, against a sort", *times, aim="")


def exact_ranks(units: int, indicators: int, runs: int) -> None:
    """Exact ranks within a quarter against the bounds of pairs alone, in the plane and by programs; radii."""
    three = ranges.three_parts()
    times = side_by_side(lambda: ranges.ranges(three), lambda: ranges.pairs(three), runs=runs)
    line("rank ranges, 193 x 3, against the leads of pairs", *times, aim="aim 50 ms")
    many = ranges.questionnaire(units, indicators)
    found = []
    times = side_by_side(lambda: found.append(ranges.ranges(many)), lambda: ranges.pairs(many), runs=1)
    line(f"rank ranges, {units} x {indicators}, against the leads of pairs", *times, aim="aim 60000 ms")
    kind, width = found[0].certainty.kind, float(np.median(found[0].worst - found[0].best))
    print(f"{'  proven':<58}{kind:>10}{'':>10}      median width {width:g}")
    times = side_by_side(lambda: ranges.radii(many), lambda: ranges.sorted_differences(many), runs=runs)
    line(f"swap radii, {units} x {indicators}, against a sort", *times, aim="aim 300 ms")


def codings_and_levers(units: int, runs: int) -> None:
    """Every monotone coding against one; levers over a hundred answers against computing the index."""
    result = ranges.categories(units)
    times = side_by_side(lambda: ranges.coding_free(result), lambda: ranges.compared(result), runs=runs)
    line(f"dominance under every coding, {units} x 100, against one", *times, aim="milliseconds")
    times = side_by_side(lambda: ranges.levers(result), lambda: ranges.categories(units), runs=runs)
    line(f"levers of one unit, {units} x 100, against computing", *times, aim="seconds")


def tables_against_codes(runs: int) -> None:
    """A hundred examples of a property test on small tables of answers, against drawing their codes alone."""
    times = side_by_side(strategies.ours(), strategies.floor(), runs=runs)
    size = f"{strategies.UNITS} x {strategies.ITEMS}"
    line(f"{strategies.EXAMPLES} invented tables of {size} answers, against codes", *times, aim="aim 340 ms")


def import_against_pandas(runs: int) -> None:
    """``import egovindex`` against ``import pandas``, each in a fresh interpreter."""

    def fresh(module: str) -> float:
        code = f"import time; s = time.perf_counter(); import {module}; print(time.perf_counter() - s)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return float(done.stdout)

    fresh("egovindex"), fresh("pandas")
    pairs = [(fresh("egovindex"), fresh("pandas")) for _ in range(runs)]
    ours, floor = (float(np.median([pair[at] for pair in pairs])) for at in (0, 1))
    line("import egovindex, against import pandas", ours, floor, float(np.median([a / b for a, b in pairs])), 1.3)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--large", action="store_true", help="a million units too (needs 4 GiB and a minute)")
    options = parser.parse_args()
    runs = 3 if options.smoke else 11
    started = time.perf_counter()
    print(f"{'':<58}{'ours':>10}{'floor':>10} {'':<4}{'ratio':>7}")
    import_against_pandas(runs)
    compute_against_numpy(193, 100, runs)
    draws_against_matrix_product(200 if options.smoke else 2000, 193, 100, runs)
    levels_against_pandas(2_000 if options.smoke else 200_000, runs)
    categories_against_numpy(2_000 if options.smoke else 100_000, 3)
    ranks_against_packed_keys(4_096 if options.smoke else 100_000, 193, 100, runs)
    four_sources_against_numpy(2_000 if options.smoke else 20_000, 3)
    responses_against_pandas(200 if options.smoke else 10_000, 3)
    indices_against_numpy(64 if options.smoke else 1024, 193, 100, 3)
    tables_against_codes(3)
    size = (40, 20) if options.smoke else (193, 100)
    wins_against_a_sort(*size, 3)
    swaps_against_numpy(*size, 3)
    exact_ranks(*size, 3)
    codings_and_levers(size[0], 3)
    if not options.smoke:
        compute_against_numpy(100_000, 100, 5)
        memory_against_numpy(100_000, 100)
    if options.large:
        categories_against_numpy(1_000_000, 3)
        compute_against_numpy(1_000_000, 100, 3)
        memory_against_numpy(1_000_000, 100)
    print(f"took {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
