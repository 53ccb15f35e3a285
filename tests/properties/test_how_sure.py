"""What holds of the draws of any index: nothing varied is nothing changed, whoever draws, in whatever order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.sensitivity.design import factors_of
from egovindex.sensitivity.study import Study
from egovindex.sensitivity.tally import ranks_of
from egovindex.spec import values
from egovindex.spec.addresses import lines_of
from tests.properties.drawn import CONTINUOUS, assert_close, told, with_table

SMOOTH = testing.indices(steps=CONTINUOUS)
N = 40


def parts_of(index: ei.Index):
    """Doubts about whatever there is."""
    yield ei.Doubt(weights=ei.within(0.3))
    lines = [line for line in lines_of(index.file) if isinstance(line.outcome, values.Quantity)]
    for line in lines[:3]:
        own = line.outcome.value
        kind = "nothing" if line.address[0] == "nothing" else "points"
        key = line.address[1] if kind == "nothing" else line.address
        yield ei.Doubt(**{kind: {key: (own, own + 0.2)}})
    yield ei.Doubt(aggregate=["mean", "max"])
    yield ei.Doubt(include=list(index.tree.leaves)[:1])
    for name in list(index.tree.leaves)[:2]:
        yield ei.Doubt(values={name: ei.error(half_width=0.05, relative=True)})


def doubt_of(index: ei.Index, table: pd.DataFrame) -> ei.Doubt:
    """The doubts that fit."""
    plan = index.plan(table)
    node = index.headline
    found = None
    for part in parts_of(index):
        together = part if found is None else found + part
        try:
            factors_of(together, index, plan, node)
        except ei.EgovindexError:
            continue
        found = together
    assume(found is not None)
    return found


def in_one_column(index: ei.Index, name: str) -> bool:
    """Whether an indicator is a column as it is."""
    columns = index.tree.leaves[name].columns
    return len(columns) == 1 and columns[0].text.isidentifier()


def drawn(index, table, doubt, **options):
    try:
        return ei.simulate(index, table, doubt, **({"n": N, "rng": 1} | options))
    except ei.MethodError as error:
        assume("all" not in str(error) or "failed" not in str(error))  # geometric means of what is below zero
        raise


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 3)
@given(drawn_=with_table(SMOOTH), learn=st.sampled_from(["each_draw", "nominal"]))
def test_the_nominal_draw_is_the_index(drawn_, learn):
    index, table = drawn_
    told(index, table)
    result = ei.compute(index, table)
    doubt = doubt_of(index, table)
    node = index.headline
    study = Study(index, result.plan, factors_of(doubt, index, result.plan, node), node, learn)
    settings_ = {name: np.tile(setting, (3, 1)) for name, setting in study.nominal().items()}
    for block in (1, 3):
        batch = study.with_(block=block).scored(settings_, 3)
        assert not batch.failures
        for scores in batch.scores:
            assert_close(scores, result.nominal.by_node[node], relative=1e-14)
        expected = result.ranks[node].to_numpy(dtype=np.int64, na_value=0)
        for own in ranks_of(batch.scores, result.plan.rows.groups):
            np.testing.assert_array_equal(own, expected)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 2)
@given(drawn_=with_table(SMOOTH))
def test_probabilities_add_up_and_draws_are_indices(drawn_):
    index, table = drawn_
    told(index, table)
    draws = drawn(index, table, doubt_of(index, table))
    np.testing.assert_allclose(draws.rank_probabilities().sum(axis=1), 1, rtol=1e-12)
    pairs = draws.pairwise().to_numpy()
    both = pairs + pairs.T
    assert np.nanmax(both, initial=0) <= 1 + 1e-12
    for draw in sorted(set(range(5)) - set(draws.failed.index)):
        if any(name.startswith("values.") and not in_one_column(index, name[7:]) for name in draws.laws):
            return  # computed from several columns: an error of the whole is in none of them
        result = draws.result_of(draw)
        assert_close(draws.scores.loc[draw], result.scores[draws.node], relative=1e-13)
        np.testing.assert_array_equal(draws.ranks.loc[draw], result.ranks[draws.node].to_numpy(dtype=int, na_value=0))


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 2)
@given(drawn_=with_table(SMOOTH), seed=st.integers(0, 9))
def test_units_in_another_order(drawn_, seed):
    index, table = drawn_
    told(index, table)
    doubt = doubt_of(index, table)
    one = drawn(index, table, doubt)
    shuffled = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    other = drawn(index, shuffled, doubt)
    probabilities = other.rank_probabilities().loc[one.rank_probabilities().index]
    pd.testing.assert_frame_equal(probabilities, one.rank_probabilities(), check_exact=True)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 2)
@given(drawn_=with_table(SMOOTH), block=st.integers(1, 50), workers=st.integers(1, 4))
def test_workers_and_blocks_change_no_rank(drawn_, block, workers):
    index, table = drawn_
    told(index, table)
    doubt = doubt_of(index, table)
    one = drawn(index, table, doubt, executor=1)
    same = drawn(index, table, doubt, executor=workers)
    pd.testing.assert_frame_equal(same.scores, one.scores, check_exact=True)
    other = drawn(index, table, doubt, block=block)
    pd.testing.assert_frame_equal(other.ranks, one.ranks, check_exact=True)
    assert_close(other.scores, one.scores, relative=1e-13)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 2)
@given(drawn_=with_table(SMOOTH))
def test_another_doubt_changes_no_draw_of_this_one(drawn_):
    index, table = drawn_
    told(index, table)
    doubt = doubt_of(index, table)
    assume(len(doubt.parts) > 1)
    first = doubt.only(doubt.parts[0].label)
    mine = drawn(index, table, first).settings(values=True)
    others = drawn(index, table, doubt).settings(values=True)
    pd.testing.assert_frame_equal(others[mine.columns], mine, check_exact=True)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples * 2)
@given(drawn_=with_table(SMOOTH))
def test_single_precision_ranks_are_those_of_double(drawn_):
    index, table = drawn_
    told(index, table)
    doubt = doubt_of(index, table)
    single = drawn(index, table, doubt, precision="single")
    try:
        double = ei.simulate(index, table, doubt, design=single.settings(values=True))
    except ei.MethodError:
        assume(False)
    pd.testing.assert_frame_equal(single.rank_probabilities(), double.rank_probabilities(), check_exact=True)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples)
@given(drawn_=with_table(SMOOTH))
def test_indices_are_shares(drawn_):
    index, table = drawn_
    told(index, table)
    doubt = doubt_of(index, table)
    try:
        found = ei.sobol(index, table, doubt, n=32, rng=1, target="score", resamples=20)
    except ei.MethodError as error:
        assume("failed" not in str(error) and "no number for anyone" not in str(error))
        raise
    assert np.isfinite(found.first).all()
    assert np.isfinite(found.total).all()
    assert (found.total >= 0).all()
    assert (found.table["total_low"] <= found.table["total_high"]).all()
