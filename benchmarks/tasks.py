"""Tasks whose memory is measured: each runs alone in a process and prints its peak in MiB."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np

import egovindex as ei
from benchmarks import answers, draws, responses, worlds


def forget_peak() -> None:
    """Start the peak anew (Linux); making the table took memory that is no part of the task."""
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5")


def peak() -> float:
    """Peak resident memory of this process, the code loaded and the table included, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        peaks = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return float(peaks[0].split()[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20) if sys.platform == "darwin" else most / 1024


OF_ANSWERS = {
    "levels": (answers.levels_table, lambda table: ei.compute(answers.LEVELS_INDEX, table).scores),
    "levels_by_hand": (answers.levels_table, answers.levels_by_hand),
    "categories": (answers.categories_table, lambda table: ei.compute(answers.CATEGORIES_INDEX, table).scores),
    "categories_by_hand": (answers.categories_table, answers.categories_by_hand),
}


def of_answers(task: str, rows: int) -> None:
    """Peak of a task on answers, or of the same by hand."""
    make, run = OF_ANSWERS[task]
    run(make(20, np.random.default_rng(0)))  # load all code first
    table = make(rows, np.random.default_rng(1))
    forget_peak()
    run(table)
    print(peak())


OF_RESPONSES = {"responses": responses.scored, "responses_by_pandas": responses.plain}


def main() -> None:
    if sys.argv[1] in OF_RESPONSES:
        OF_RESPONSES[sys.argv[1]](Path(sys.argv[2]))
        print(peak())
        return
    task, units, indicators = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if task in OF_ANSWERS:
        of_answers(task, units)
        return
    if task == "draws":
        index, table = draws.flat(units, indicators)
        draws.flat_draws(index, table, int(sys.argv[4]), "double").rank_probabilities()
        print(peak())
        return
    index = worlds.index_of(indicators)
    ei.compute(index, worlds.table_of(20, indicators, np.random.default_rng(0)))  # load all code first
    table = worlds.table_of(units, indicators, np.random.default_rng(1))
    forget_peak()
    if task == "compute":
        ei.compute(index, table).ranks  # noqa: B018 - made on access
    elif task == "floor":
        worlds.floor_scores(table.to_numpy(), index)
    print(peak())


if __name__ == "__main__":
    main()
