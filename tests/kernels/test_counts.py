"""What counts of ranks say, against the ranks themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovindex.kernels.counts import mean_shift, quantile_of_counts, share_error

RANKS = st.lists(st.integers(0, 9), min_size=1, max_size=40)


def counts_of(ranks):
    return np.bincount(np.array(ranks), minlength=10)[None]


@given(ranks=RANKS, level=st.sampled_from([0.01, 0.05, 0.25, 0.5, 0.9, 0.95, 1.0]))
def test_quantiles_are_those_of_the_ranks(ranks, level):
    found = quantile_of_counts(counts_of(ranks), level)[0]
    own = [rank for rank in ranks if rank > 0]
    if not own:
        assert np.isnan(found)
    else:
        assert found == np.quantile(own, level, method="inverted_cdf")


@given(ranks=RANKS, nominal=st.integers(0, 9))
def test_shifts_are_those_of_the_ranks(ranks, nominal):
    mean, sd = mean_shift(counts_of(ranks), np.array([nominal]))
    off = [abs(rank - nominal) for rank in ranks if rank > 0]
    if not off or nominal == 0:
        assert np.isnan(mean[0])
    else:
        assert mean[0] == pytest.approx(np.mean(off))
        assert sd[0] == pytest.approx(np.std(off), abs=1e-6)


def test_error_of_a_share():
    assert share_error(np.array([0.0, 0.5, 1.0]), 400).tolist() == [0.0, 0.025, 0.0]
