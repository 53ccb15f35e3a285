"""What was known after fewer draws, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.sensitivity.convergence import convergence_of


def test_numbers_of_draws_are_half_as_many_again():
    ranks = np.ones((100, 1))
    found = convergence_of(ranks, [], np.ones(1), np.zeros(1))
    assert found.index.tolist() == [32, 48, 64, 96, 100]
    assert found.index.name == "draws"
    assert convergence_of(ranks[:96], [], np.ones(1), np.zeros(1)).index.tolist() == [32, 48, 64, 96]
    assert convergence_of(ranks[:33], [], np.ones(1), np.zeros(1)).index.tolist() == [32, 33]
    assert convergence_of(ranks[:7], [], np.ones(1), np.zeros(1)).index.tolist() == [7]


def test_widths_and_means_by_hand():
    # the second unit goes from 1 to 40, the first from 40 to 1, the third has a rank in the later draws alone
    first, second = np.arange(40.0, 0.0, -1.0), np.arange(1.0, 41.0)
    third = np.where(np.arange(40) < 32, np.nan, 5.0)
    final = np.array([20.0, 20.5, 5.0])
    found = convergence_of(np.stack([first, second, third], axis=1), [], final, np.array([3.0, 12.0, np.nan]))
    # of 32 draws 5 % are the second, 95 % the 31st: 2 and 31, a width of 29 for the two units that have ranks
    assert found.loc[32].tolist() == pytest.approx([29.0, max(24.5 - 20.0, 20.5 - 16.5), 12 / np.sqrt(32)])
    # of 40 draws the second and the 38th; the third unit has one rank
    assert found.loc[40].tolist() == pytest.approx([(36 + 36 + 0) / 3, 0.5, 12 / np.sqrt(40)])
    assert list(found) == ["width", "off", "se"]


def test_what_was_noted_behind_the_draws_that_are_kept():
    behind = [
        {"draws": 200, "ranks": np.array([1.5, np.nan, 3.0]), "low": np.ones(3), "high": np.array([2.0, np.nan, 6.0])},
        {"draws": 400, "ranks": np.array([1.0, 2.0, 2.0])},
    ]
    final = np.array([1.0, 2.0, 2.5])
    found = convergence_of(np.ones((10, 3)), behind, final, np.array([1.0, 2.0, 0.0]))
    assert found.index.tolist() == [10, 200, 400]
    assert found.loc[200].tolist() == pytest.approx([3.0, 0.5, 2 / np.sqrt(200)])
    assert np.isnan(found.loc[400, "width"])
    assert found.loc[400, "off"] == 0.5


def test_no_draw_is_kept():
    behind = [{"draws": 0, "ranks": np.array([2.0]), "low": np.ones(1), "high": np.ones(1)}]
    found = convergence_of(np.ones((0, 1)), behind, np.ones(1), np.array([3.0]))
    assert found.loc[0].tolist() == [0, 1, 3]
