"""What an evaluation took is given back when it ends, not whenever the garbage collector comes by."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import egovindex as ei
from egovindex.index import Index


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


INDICES = ["un-egdi-2024", "un-egdi-parts-2024", "wb-gtmi-2022", "unctad-cyberlaw-2026"]


def evaluate_some(index: Index, plan) -> None:
    weights = np.tile(plan.weights, (3, 1))
    outcomes = np.tile(plan.outcomes, (3, 1))
    ei.evaluate(plan, weights=weights, outcomes=outcomes)
    ei.evaluate(plan, nodes=[index.headline])


@pytest.mark.parametrize("name", [INDICES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in INDICES[1:])])
def test_an_evaluation_leaves_nothing_in_a_circle(name, no_collector):
    index = ei.load_index(name)
    plan = index.plan(ei.sample(name))
    evaluate_some(index, plan)
    gc.collect()
    evaluate_some(index, plan)
    # objects that only the collector could free: once a run held what held it, and all its arrays stayed
    assert gc.collect() == 0


def test_draws_take_no_more_memory_than_fewer(no_collector):
    tracemalloc = pytest.importorskip("tracemalloc")
    index, data = "un-egdi-2024", ei.sample("un-egdi-2024")
    doubt = ei.Doubt(weights={"EGDI": ei.simplex()})
    ei.simulate(index, data, doubt, n=2048, rng=1)
    peaks = []
    for n in (16_384, 65_536):
        tracemalloc.start()
        ei.simulate(index, data, doubt, n=n, rng=1, executor=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
