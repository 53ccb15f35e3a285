"""Dates that people give."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from egovindex.coding.dates import iso_date


@pytest.mark.parametrize(
    ("value", "whole", "in_part"),
    [
        ("2026-05-02", "2026-05-02", "2026-05-02"),
        (" 2026-05-02 ", "2026-05-02", "2026-05-02"),
        ("2026-05-02 00:00:00", "2026-05-02", "2026-05-02"),
        ("2026-05-02T00:00:00", "2026-05-02", "2026-05-02"),
        ("2026-05-02 10:00:00", None, None),
        (date(2026, 5, 2), "2026-05-02", "2026-05-02"),
        (pd.Timestamp("2026-05-02"), "2026-05-02", "2026-05-02"),
        (pd.Timestamp("2026-05-02 10:00"), None, None),
        ("2026-05", None, "2026-05"),
        ("2026", None, "2026"),
        (2026, None, "2026"),
        ("2026-13", None, None),
        ("2026-02-30", None, None),
        ("26", None, None),
        ("", None, None),
    ],
)
def test_dates_whole_and_in_part(value, whole, in_part):
    assert (iso_date(value), iso_date(value, in_part=True)) == (whole, in_part)
