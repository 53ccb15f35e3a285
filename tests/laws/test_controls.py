"""Every law is kept by what is right, and broken by what was made to break it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate
from tests.properties.drawn import index_of

PAIR = index_of(
    {"nothing": {"missing": "skip"}, "indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": {"a": 1, "b": 2}}}}
)


@pytest.mark.parametrize("law", testing.LAWS)
def test_a_plain_mean_keeps(law):
    found = testing.check_laws(PAIR, law, n=4)
    assert found["holds"].all()
    assert found["promised"].all()


@pytest.mark.parametrize("law", testing.LAWS)
def test_the_faulty_index_breaks(law):
    sound = aggregate.AGGREGATES["mean"]
    told = pytest.raises(AssertionError, match=f"{law} does not hold for top: ")
    with testing.faulty(law) as index, told as caught:
        testing.check_laws(index, law)
    assert "smallest table found" in str(caught.value)
    assert aggregate.AGGREGATES["mean"] is sound


@pytest.mark.parametrize("law", testing.FUNCTION_LAWS)
def test_the_faulty_function_breaks(law):
    with pytest.raises(AssertionError, match=f"{law} does not hold for faulty_{law}: ") as caught:
        testing.check_laws(testing.faulty_function(law), law)
    assert "smallest case found" in str(caught.value)


def weighted_mean(x, weights):
    return x @ weights / weights.sum()


def test_a_function_that_keeps_all():
    found = testing.check_laws(weighted_mean)
    assert set(found["law"]) == set(testing.FUNCTION_LAWS)
    assert found["holds"].all()


def test_a_function_on_data_of_ones_own():
    table = pd.DataFrame({"a": [0.2, 0.8, 0.4], "b": [0.5, 0.1, 0.3]}, index=["Abaria", "Belmora", "Cordania"])

    def relative(x, weights):
        low, high = x.min(axis=0), x.max(axis=0)
        return weighted_mean((x - low) / np.maximum(high - low, 1e-9), weights)

    with pytest.raises(AssertionError, match=r"independent does not hold for relative: raising .* swaps "):
        testing.check_laws(relative, "independent", data=table)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, weights: x, "must give one number for each of 3 units"),
        (lambda x, weights: 0.5, "must give one number for each of 3 units"),
        (lambda x, weights: x[:, 0] * float("nan"), "gives NaN to 3 of 3 units"),
    ],
)
def test_a_function_that_gives_no_scores_is_told(function, message):
    with pytest.raises(ei.MethodError, match=message):
        testing.check_laws(function, "range")


def test_laws_of_indices_alone_are_refused_for_functions():
    with pytest.raises(ei.MethodError, match='no law "draws"'):
        testing.check_laws(weighted_mean, "draws")
    with pytest.raises(ei.MethodError, match="it has gaps"):
        testing.check_laws(weighted_mean, "range", data=pd.DataFrame({"a": [1.0, None]}))


# What recipes promise --------------------------------------------------------------------------------


def one(aggregate_, steps=()):
    return index_of(
        {
            "indicators": {"a": {"steps": list(steps)}, "b": {"steps": list(steps)}},
            "nodes": {"top": {"of": {"a": 1, "b": 2}, "aggregate": aggregate_}},
        }
    )


@pytest.mark.parametrize("step", ["zscore", "minmax", "rank"])
def test_learned_scales_are_not_independent_and_nobody_is_blamed(step):
    found = testing.check_laws(one("mean", [step]), "independent").iloc[0]
    assert found["holds"] == False  # noqa: E712 - a nullable boolean
    assert not found["promised"]
    assert found["detail"].startswith(f"not promised ({step} learned from all units): ")
    assert " swaps " in found["detail"]
    # a rank moves only for those between
    assert f"smallest table found, {4 if step == 'rank' else 3} of " in found["detail"]


def test_fixed_scales_are_independent():
    found = testing.check_laws(one("mean", ["goalposts 0 200"]), "independent").iloc[0]
    assert found["holds"]
    assert found["promised"]


@pytest.mark.parametrize("name", ["sum", "product"])
def test_totals_promise_no_idempotence(name):
    found = testing.check_laws(one(name), "idempotent").iloc[0]
    assert (found["holds"], found["promised"]) == (False, False)


@pytest.mark.parametrize(
    "name", ["mean", "pool", "sum", "geometric", "harmonic", "product", "min", "max", "weakest", "ladder"]
)
def test_aggregates_make_good_as_they_say(name):
    found = testing.check_laws(one(name), "compensation").iloc[0]
    assert found["holds"], found["detail"]


def test_a_ladder_has_an_order():
    found = testing.check_laws(one("ladder"), "exchangeable_children").iloc[0]
    assert (found["holds"], found["promised"]) == (False, False)


def test_rounding_jumps_and_nobody_is_blamed():
    rounded = index_of({"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"], "steps": ["round 0"]}}})
    found = testing.check_laws(rounded, "continuous_weights").iloc[0]
    assert (found["holds"], found["promised"]) == (False, False)
    assert "jumps from" in found["detail"]


@pytest.mark.parametrize("weight", [-1, -2])
def test_negative_weights_are_refused_by_their_names(weight):
    """Also where they cancel (a division by zero once) or outweigh the others (whom the message then named)."""
    index = index_of(
        {"indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": {"a": 1, "b": weight}, "aggregate": "sum"}}}
    )
    result = ei.compute(index, pd.DataFrame({"unit": ["A", "B"], "a": [1.0, 2.0], "b": [2.0, 1.0]}))
    with pytest.raises(ei.MethodError, match=r"some are negative \(top: b\)"):
        ei.rank_radius(result)
