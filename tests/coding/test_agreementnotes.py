"""What is told beside measures of agreement, when it is told, and in which order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.agreement import MEASURES, agreement
from egovindex.kernels import agreement as kernels

FORM = """\
instrument: survey
answers:
  legal: {in_force: [], adopted: [], drafted: [], none: []}
  practice: {in_operation: [], pilot: [], none: []}
items:
  q1: {section: law, coded_as: [legal, practice]}
  q2: {section: services, coded_as: legal}
  q3: {coded_as: legal}
"""
A, D, N, U = "adopted", "drafted", "none", "unknown"


def coding(*codes, coders=("first", "second"), axis="legal", item="q1"):
    """One unit per entry, with the category of each coder."""
    rows = [
        (f"Land {at:03}", None, item, axis, coder, category)
        for at, given in enumerate(codes)
        for coder, category in zip(coders, given, strict=True)
    ]
    return pd.DataFrame(rows, columns=["unit", "period", "item", "axis", "coder", "category"], dtype=object)


def row(table, instrument=None, **options):
    (found,) = agreement(table, instrument, **{"resamples": 0, **options}).table.to_dict("records")
    return found


# --- notes
ONE = "one category only, so that nothing is left beyond chance"
OF_TWO = "kappa, kappa_linear, kappa_quadratic: of two coders only"
NO_SCALE = "no item has two codes on the scale"


@pytest.mark.parametrize(
    ("codes", "note"),
    [
        ([(A, A, A), (N, N, A), (N, D, N), (D, D, D)], OF_TWO),
        ([(A, A, A)] * 2, f"{OF_TWO}; fleiss, alpha_ordinal, alpha_nominal: {ONE}"),
        ([(A, U, None), (U, U, None), (N, None, U)], f"{OF_TWO}; alpha_ordinal: {NO_SCALE}"),
        ([(A, A)] * 2, f"kappa, kappa_linear, kappa_quadratic, fleiss, alpha_ordinal, alpha_nominal: {ONE}"),
        ([(A, U), (U, N)], f"kappa_linear, kappa_quadratic, alpha_ordinal: {NO_SCALE}"),
        ([(U, U)] * 2, f"kappa, fleiss, alpha_nominal: {ONE}"),  # nothing stands on the scale: there is no order
        ([(A, None), (None, N)], "no item has two codes"),
        ([(A, A), (N, N), (A, N)] * 4, ""),
    ],
)
def test_why_a_measure_is_missing(form, codes, note):
    found = row(coding(*codes, coders=("first", "second", "third")[: len(codes[0])]), form)
    assert found["note"] == note


def test_one_coder_on_an_axis(form):
    alone = coding((A,), (N,), coders=("first",), item="q2")
    found = agreement(pd.concat([coding((A, A), (N, N)), alone]), form, by=("axis", "section"), resamples=0)
    assert found.table[["section", "items", "single", "coders", "note"]].to_numpy().tolist() == [
        ["law", 2, 0, 2, ""],
        ["services", 0, 2, 1, "one coder only"],
    ]
    assert found.notes == ["legal services: one coder only"]


def test_without_a_scale_measures_by_order_are_passed_over():
    assert row(coding((A, A), (N, N), (A, N)))["note"] == ""
    assert row(coding((A, A)))["note"] == f"kappa, fleiss, alpha_nominal: {ONE}"


def test_notes_are_told_once_with_all_their_places(form):
    table = pd.concat(
        [coding((A, A)), coding((A, A), item="q3"), coding((A, A), item="q2"), coding(("pilot",) * 2, axis="practice")]
    )
    found = agreement(table, form, by=("axis", "section"), resamples=0)
    missing = "kappa, kappa_linear, kappa_quadratic, fleiss, alpha_ordinal, alpha_nominal"
    assert found.notes == [f"legal law, legal services, legal, practice law: {missing}: {ONE}"]


def dominated(agreeing, other, differing):
    """Codes of two coders; half of those that differ one way, half the other."""
    half = differing // 2
    return coding(*[(A, A)] * agreeing, *[(N, N)] * other, *[(A, N)] * half, *[(N, A)] * half)


@pytest.mark.parametrize(
    ("agreeing", "other", "differing", "told"),
    [
        (7, 1, 2, True),  # of the codes 16 in 20, of the pairs 8 in 10: "from this share on"
        (15, 1, 4, True),  # 34 in 40, 16 in 20
        (14, 1, 5 + 1, False),  # agreement of 15 in 21
        (7, 2, 2, False),  # a share of 16 in 22
        (16, 4, 0, False),  # kappa is 1
    ],
)
def test_from_where_on_a_category_dominates(agreeing, other, differing, told):
    found = row(dominated(agreeing, other, differing))
    low = ", ".join(f"{name} {found[name]:.2f}" for name in ("kappa", "fleiss", "alpha_nominal"))
    codes = 2 * (agreeing + other + differing)
    expected = (
        f'{(2 * agreeing + differing) / codes:.0%} of the codes are "adopted": {low}, although coders agree in '
        f"{found['percent']:.0%}; chance agreement is nearly as high there, so read ac1 ({found['ac1']:.2f}) and the "
        "disputes"
    )
    assert found["note"] == (expected if told else "")


def test_only_low_measures_are_named_as_such(form):
    found = row(coding(*[(A, A)] * 16, (A, D), (A, D), (N, N), (N, N)), form)
    assert found["kappa"] < 0.667 < found["alpha_ordinal"]
    assert f": kappa {found['kappa']:.2f}, fleiss {found['fleiss']:.2f}, alpha_nominal" in found["note"]
    assert "alpha_ordinal" not in found["note"]


def test_gaps_are_no_codes_of_a_category():
    found = row(coding(*[(A, A)] * 8, (A, N), *[(None, N)] * 2))
    assert found["note"].startswith('85% of the codes are "adopted"')  # 17 of 20


def test_resamples_without_a_measure_are_told_from_one_in_a_hundred_on():
    table = coding(*[(A, A)] * 26, *[(N, N)] * 4)  # one resample in 75 has adopted only
    told = {row(table, rng=seed, resamples=100)["note"] for seed in range(30)}
    names = "fleiss, alpha_nominal, kappa"
    assert {note.partition("%")[0] for note in told} >= {"", f"{names}: not defined in up to 1"}
    assert f"{names}: not defined in up to 2% of the resamples, which the intervals leave out" in told


# --- the table
def test_axes_without_an_instrument_stand_in_alphabetical_order():
    table = pd.concat([coding((A, A), axis=axis) for axis in ("practice", "legal", "other")])
    assert agreement(table, resamples=0).table["axis"].tolist() == ["legal", "other", "practice"]


def test_the_brief_view_stands_behind_the_axes(form):
    table = pd.concat([coding((A, A), axis=axis) for axis in ("brief", "practice", "legal")]).replace(A, "none")
    assert agreement(table, form, resamples=0).table["axis"].tolist() == ["legal", "practice", "brief"]


def test_sections_stand_in_the_order_of_the_instrument(form):
    table = pd.concat([coding((A, A), item=item) for item in ("q3", "q2", "q1")])
    found = agreement(table, form, by=["axis", "section"], resamples=0).table
    assert found["section"].tolist() == ["law", "services", ""]


def test_columns_of_the_table():
    ends = [f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")]
    found = agreement(coding((A, A), (N, N), (N, A)), rng=1, resamples=50)
    assert list(found.table) == ["axis", "items", "single", "coders", "differ", *ends, "note"]
    assert (found.level, found.resamples, found.entropy) == (0.9, 50, 1)
    low, high = found.table[["percent_low", "percent_high"]].to_numpy()[0]
    assert low < found.table["percent"].iloc[0] < high == 1
    assert agreement(coding((A, A), (N, A)), rng=1).resamples == 1000


def test_what_differs_is_counted_over_all_who_coded():
    found = row(coding((A, A, A), (A, A, N), (A, None, N), (A, None, None), coders=("c", "a", "b")))
    assert [found[name] for name in ("items", "single", "coders", "differ")] == [3, 1, 3, 2]


def test_ac1_takes_the_categories_of_the_axis(form):
    # three categories on the axis, two of them in the section
    table = pd.concat([coding((A, A), (A, N)), coding((D, D), item="q2")])
    found = agreement(table, form, by=("axis", "section"), resamples=0).table.set_index("section")
    pairs = np.array([[0, 0], [0, 1]])
    assert found.loc["law", "ac1"] == pytest.approx(kernels.gwet_ac1(pairs, categories=3).item())
    assert found.loc["law", "ac1"] != pytest.approx(kernels.gwet_ac1(pairs, categories=2).item())


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_a_higher_level_gives_wider_intervals(level):
    table = coding(*[(A, A)] * 12, *[(N, N)] * 6, *[(N, D)] * 3)
    ends = [row(table, rng=3, resamples=400, level=wide)["kappa_high"] for wide in (level - 0.3, level)]
    lows = [row(table, rng=3, resamples=400, level=wide)["kappa_low"] for wide in (level - 0.3, level)]
    assert all(one < other for one, other in pairwise(ends))
    assert all(one > other for one, other in pairwise(lows))


# --- shown
def test_the_table_as_it_is_shown(form):
    found = agreement(coding((A, A), (A, A), (N, N), (N, A)), form, resamples=0)
    head, names, values = repr(found).splitlines()
    assert head == "<Agreement> 2 coders (first, second)"
    shown = ["percent", "kappa", "fleiss", "alpha_ordinal", "alpha_nominal", "ac1"]
    assert names.split() == ["axis", "items", "differ", *shown]
    measures = [found.table[name].iloc[0] for name in shown]
    assert values.split() == ["legal", "4", "1", *(f"{value:.2f}" for value in measures)]


def test_measures_that_nobody_has_are_not_shown():
    found = agreement(coding((A, A)), rng=5, resamples=9)
    head, names, values, note = repr(found).splitlines()
    assert head == "<Agreement> 2 coders (first, second); intervals of 90% from 9 resamples, rng=5"
    assert names.split() == ["axis", "items", "differ", "percent", "ac1"]
    assert values.split() == ["legal", "1", "0", *["1.00", "[1.00,", "1.00]"] * 2]
    assert note == f"legal: kappa, fleiss, alpha_nominal: {ONE}"


def test_a_measure_that_one_axis_lacks_is_a_dash(form):
    table = pd.concat([coding((A, A), (N, N)), coding(("pilot", "pilot"), axis="practice")])
    found = agreement(table, form, by=("axis", "section"), resamples=0)
    _, names, first, second, _ = repr(found).splitlines()
    assert names.split()[:5] == ["axis", "section", "items", "differ", "percent"]
    assert first.split() == ["legal", "law", "2", "0", *["1.00"] * 6]
    assert second.split() == ["practice", "law", "1", "0", "1.00", "-", "-", "-", "-", "1.00"]


def test_markup_in_names_is_escaped():
    found = agreement(coding((A, A), coders=("<i>", "b"), axis="<u>"), resamples=0)
    text = found._repr_html_()
    assert text.startswith("<b>&lt;Agreement&gt; 2 coders (&lt;i&gt;, b)</b><table ")
    assert "&lt;u&gt;" in text
    assert "<u>" not in text
    assert 'border="' not in text.replace('border="0"', "")
    assert "<th>0</th>" not in text  # no numbers of rows
    assert text.endswith(f"</table><br>&lt;u&gt;: kappa, fleiss, alpha_nominal: {ONE}")


# --- options
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "item"}, 'by is ("axis",) or ("axis", "section"), found (\'item\',)'),
        ({"by": ("axis", "section")}, "sections are those of an instrument; give instrument="),
        ({"resamples": -1}, "resamples is a whole number from 0 on, found -1"),
        ({"resamples": 1.5}, "resamples is a whole number from 0 on, found 1.5"),
        ({"resamples": True}, "resamples is a whole number from 0 on, found True"),
        ({"level": 0}, "level is a share between 0 and 1, found 0"),
        ({"level": 1}, "level is a share between 0 and 1, found 1"),
        ({"level": "0.9"}, "level is a share between 0 and 1, found '0.9'"),
        (
            {"coders": ["first"]},
            "agreement needs two coders on the same axis; there are codes of first (dec",
        ),
        ({"coders": "zz"}, "no row is of coder zz; there are first, second"),
    ],
)
def test_what_an_option_may_be(options, message):
    with pytest.raises(ei.errors.MethodError) as caught:
        agreement(coding((A, A)), **options)
    (fault,) = caught.value.faults
    assert fault.message.startswith(message)


def test_options_as_numpy_has_them():
    found = agreement(coding((A, A), (A, N)), rng=1, resamples=np.int64(20), level=np.float64(0.5))
    assert np.isfinite(found.table["percent_low"]).all()
    assert agreement(coding((A, A)), resamples=0, coders=("second", "first", "first")).coders == ("first", "second")


def test_two_coders_on_one_of_two_axes():
    table = pd.concat([coding((A,), coders=("first",), axis="other"), coding((A, A), (N, N))])
    assert agreement(table, resamples=0).table["coders"].tolist() == [2, 1]
    with pytest.raises(ei.errors.MethodError, match="needs two coders on the same axis"):
        agreement(pd.concat([coding((A,), coders=("first",), axis="other"), coding((A,), coders=("b",))]))
