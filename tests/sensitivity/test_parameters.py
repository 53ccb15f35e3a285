"""Numbers of laws: how they may be given, where they may lie, and how the others are told."""

from __future__ import annotations

import re

import numpy as np
import pytest

import egovindex as ei
from egovindex.sensitivity.numberlaws import Triangular, Uniform
from egovindex.sensitivity.parameters import number_of, refuse_bad_share, refuse_no_count


@pytest.mark.parametrize("raw", [0.25, "0.25", "1/4", np.float32(0.25), np.float64(0.25), np.array(0.25)])
def test_a_number_in_several_forms(raw):
    found = number_of(raw, "low")
    assert type(found) is float
    assert found == 0.25
    assert number_of(np.int64(3), "low") == number_of(3, "low") == 3.0


@pytest.mark.parametrize("raw", ["much", "", None, True, float("nan"), [1]])
def test_what_is_no_number(raw):
    with pytest.raises(ei.MethodError, match=r"^low of a: ") as caught:
        number_of(raw, "low of a")
    assert caught.value.faults[0].check == "bad_law"


def test_counts():
    for raw in (1, 7, np.int64(1)):
        refuse_no_count(raw, "k")
    refuse_no_count(0, "k", least=0)
    refuse_no_count(2, "k", least=2)
    for raw, least in ((0, 1), (1, 2), (-1, 0), (1.0, 1), (True, 1), ("1", 1), (None, 1)):
        with pytest.raises(ei.MethodError) as caught:
            refuse_no_count(raw, "k", least=least)
        fault = caught.value.faults[0]
        assert fault.message == f"k is a whole number from {least} on, found {raw!r}"
        assert fault.check == "unknown_option"
    with pytest.raises(ei.MethodError) as caught:
        refuse_no_count(0, "k", check="no_draws")
    assert caught.value.faults[0].check == "no_draws"


def test_shares():
    for raw in (0.5, 1e-9, 1 - 1e-9, np.float32(0.5)):
        refuse_bad_share(raw, "level")
    for raw in (0, 1, 0.0, 1.0, -0.1, 90, True, False, "0.5", None, float("nan")):
        with pytest.raises(ei.MethodError) as caught:
            refuse_bad_share(raw, "level")
        fault = caught.value.faults[0]
        assert fault.message == f"level is a share between 0 and 1, found {raw!r}"
        assert fault.check == "unknown_option"


def test_laws_are_finite():
    for law, said in (
        (lambda: Uniform(0.0, np.inf), "uniform: high must be finite"),
        (lambda: Uniform(-np.inf, np.nan), "uniform: low, high must be finite"),
        (lambda: Triangular(0.0, np.nan, 1.0), "triangular: mode must be finite"),
    ):
        with pytest.raises(ei.MethodError, match=re.escape(said)) as caught:
            law()
        assert caught.value.faults[0].check == "bad_law"


def test_widths_are_above_zero():
    for law, said in (
        (lambda: ei.normal(0, 0), "normal: sd must be above zero, found 0"),
        (lambda: ei.normal(0, -1), "normal: sd must be above zero, found -1"),
        (lambda: ei.error(sd=0), "error: sd must be above zero, found 0"),
        (lambda: ei.error(half_width=-2), "error: half_width must be above zero, found -2"),
    ):
        with pytest.raises(ei.MethodError, match=re.escape(said)) as caught:
            law()
        assert caught.value.faults[0].check == "bad_law"
    assert str(ei.normal(0, 1e-12)).startswith("normal 0 ")
