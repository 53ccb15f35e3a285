"""Coding tables and what is settled of them: what is refused in which words, and which rows come out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.agreement import agreement
from egovindex.coding.coded import COLUMNS
from egovindex.coding.codingtable import coding_rows, instrument_item
from egovindex.coding.settling import disputes, open_items, reconcile
from tests.coding.told import faults

FORM = """\
instrument: survey
answers:
  legal: {in_force: [], adopted: [], drafted: [], none: [], unknown: []}
  practice: {in_operation: [], pilot: [], none: []}
  channels: {web: [], phone: []}
items:
  q1: {coded_as: [legal, practice]}
  q2: {coded_as: legal}
  q3: {kind: many, answers: channels, coded_as: practice}
"""
A, D, N = "adopted", "drafted", "none"
HEAD = ["unit", "period", "item", "axis"]


def coding(*rows, **more):
    """Rows of unit, item, axis, coder and category."""
    table = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"], dtype=object)
    return table.assign(**more)


def both(one, other, *, unit="Norland", item="q1", axis="legal"):
    """The codes of two coders."""
    return [(unit, item, axis, "anna", one), (unit, item, axis, "ben", other)]


# --- coding tables
def test_a_coding_table_as_it_is_meant():
    table = pd.DataFrame(
        {
            "unit": [" Norland ", 12],
            "period": [2026.0, np.nan],
            "item": ["q1", "q2"],
            "axis": ["legal ", "legal"],
            "coder": ["anna", "anna"],
            "category": [" adopted", "  "],
            "confidence": ["high ", None],
            "span": [" as it stands ", np.nan],
            "decided_by": [" ben", None],
            "own": [[1, 2], pd.NaT],
        }
    )
    found = coding_rows(table)
    assert list(found) == [*COLUMNS, "decided_by", "own"]
    assert found.iloc[0].tolist()[:8] == ["Norland", "2026", "q1", "legal", "anna", "adopted", "high", " as it stands "]
    assert found.iloc[1].tolist()[:6] == ["12", None, "q2", "legal", "anna", None]
    assert found["decided_by"].tolist() == ["ben", None]
    assert found["own"].tolist() == [[1, 2], None]
    assert found["span"].tolist()[1] is None
    assert all(value is None for value in found["reason"])


def test_columns_that_are_missing():
    table = coding(*both(A, A)).rename(columns={"coder": "coders", "axis": "zzzzzz"})
    columns = "unit, item, zzzzzz, coders, category"
    assert faults(lambda: coding_rows(table)) == [
        ("missing_column", f'the coding table has no column "axis". Columns: {columns}'),
        ("missing_column", f'the coding table has no column "coder"; did you mean "coders"? Columns: {columns}'),
    ]
    assert faults(lambda: coding_rows(5))[0][0] == "not_a_table"


@pytest.mark.parametrize("name", ["unit", "item", "axis", "coder"])
def test_blank_keys(name):
    table = coding(*both(A, A), *both(A, A, item="q2"))
    table.loc[[1, 3], name] = [None, " "]
    assert faults(lambda: coding_rows(table))[0] == (
        "blank_key",
        f'"{name}" is blank in rows 1, 3 (0 is the first); fill it in',
    )


def test_rows_that_are_doubled():
    table = pd.concat([coding(*both(A, None), period="2026"), coding(*both(D, A)[:1], period=2026)])
    assert faults(lambda: coding_rows(table)) == [
        ("doubled_row", "Norland, 2026, q1, legal, anna: 2 rows; keep one of each unit, period, item, axis and coder")
    ]


def test_words_that_the_instrument_does_not_have(form):
    table = coding(
        *both(A, None),
        *both("adoptd", "adoptd", item="q2"),
        ("Norland", "q99", "legal", "anna", A),
        ("Norland", "q1", "lagal", "anna", "x"),
        ("Norland", "q1", "brief", "anna", "yes"),
        ("Norland", "q3.web", "practice", "anna", "zzzzzz"),
        ("Norland", "q3.phone", "practice", "anna", "unknown"),
    )
    assert faults(lambda: coding_rows(table, form)) == [
        ("unknown_item", 'survey has no item "q99"'),
        ("unknown_axis", 'survey has no scale "lagal"; did you mean "legal"? (scales: legal, practice, channels)'),
        (
            "unknown_category",
            (
                '"adoptd" is no category of legal; did you mean "adopted"? (allowed: in_force, adopted, drafted, none, '
                "unknown): Norland, q2, legal, anna, Norland, q2, legal, ben"
            ),
        ),
        (
            "unknown_category",
            (
                '"zzzzzz" is no category of practice (allowed: in_operation, pilot, none, unknown): Norland, q3.web, '
                "practice, anna"
            ),
        ),
    ]
    with pytest.raises(ei.DataError) as caught:
        coding_rows(table, form)
    assert [fault.column for fault in caught.value.faults] == ["item", "axis", "category", "category"]
    assert caught.value.faults[2].units == ("Norland", "Norland")


def test_items_and_their_columns(form):
    assert instrument_item(form, "q3.web") is instrument_item(form, "q3")
    assert instrument_item(form, "q3") is not None
    assert instrument_item(form, "q4.web") is None


def test_instruments_by_name_and_by_path(tmp_path):
    path = tmp_path / "survey.yaml"
    path.write_text(FORM, encoding="utf-8")
    table = coding(*both("in_force", N))
    for known in (path, str(path), ei.load_instrument(path)):
        assert disputes(table, known)["apart"].tolist() == [3]
    assert faults(lambda: disputes(table, "un-msq-2022"))[0][0] == "unknown_item"


@pytest.mark.parametrize("coders", ["ben", ["ben", "zoe"]])
def test_who_is_compared(coders):
    table = coding(*both(A, D), ("Norland", "q1", "legal", "zoe", D))
    assert disputes(table)["category.zoe"].tolist() == ["drafted"]
    assert len(disputes(table, coders=coders)) == 0
    assert open_items(table, coders=coders)["why"].tolist() == [
        "coded by ben only" if coders == "ben" else "coders agree; reconcile takes it over"
    ]
    assert faults(lambda: open_items(table, coders=["ben", "x", "y"]), ei.MethodError) == [
        ("unknown_coder", "no row is of coder x, y; there are anna, ben, zoe")
    ]
    assert faults(lambda: open_items(table.iloc[:0], coders=["x"]), ei.MethodError) == [
        ("unknown_coder", "no row is of coder x; there are none")
    ]


# --- disputes
def test_columns_of_disputes(form):
    more = {"span": ["s", "t"], "reason": ["r", None]}
    table = coding(*both(A, N), **more)
    found = disputes(table, form)
    who = ["anna", "ben"]
    assert list(found) == [
        *HEAD,
        "apart",
        "settled",
        *(f"{name}.{one}" for name in ("category", "span", "reason") for one in who),
    ]
    assert found.iloc[0].tolist() == ["Norland", None, "q1", "legal", 2, None, A, N, "s", "t", "r", None]
    assert found["apart"].dtype == "Int64"
    settled = pd.concat([table, coding(("Norland", "q1", "legal", "adjudicated", D))])
    assert disputes(settled, form)["settled"].tolist() == [D]
    assert list(disputes(coding(*both(A, A)))) == list(found)


def test_the_furthest_apart_stand_first_then_by_key(form):
    table = coding(
        *both(A, D, unit="C", item="q2"),
        *both(A, D, unit="C"),
        *both("pilot", N, unit="C", axis="practice"),
        *both(A, "unknown", unit="A"),
        *both("in_force", N, unit="D"),
        *both(A, D, unit="B"),
        *both(D, D, unit="E"),
        *both(D, None, unit="F"),
    )
    found = disputes(table, form)
    assert found[["unit", "item", "axis", "apart"]].to_numpy().tolist() == [
        ["D", "q1", "legal", 3],
        ["B", "q1", "legal", 1],
        ["C", "q1", "legal", 1],
        ["C", "q1", "practice", 1],
        ["C", "q2", "legal", 1],
        ["A", "q1", "legal", pd.NA],
    ]
    assert found.index.tolist() == list(range(6))
    periods = pd.concat([coding(*both(A, D), period=when) for when in ("2026", None, "2024")])
    assert disputes(periods)["period"].tolist() == [None, "2024", "2026"]


def test_the_furthest_of_three_codes(form):
    three = coding(*both("in_force", D), ("Norland", "q1", "legal", "zoe", "unknown"))
    found = disputes(three, form)
    assert found["apart"].tolist() == [2]  # unknown stands on no scale
    missing = coding(*both(A, N), ("Norland", "q2", "legal", "zoe", N))
    assert disputes(missing, form)[["category.anna", "category.zoe"]].to_numpy().tolist() == [[A, None]]


# --- what is open
def test_why_an_item_is_open(form):
    table = coding(
        *both(A, D),
        *both(A, A, item="q2"),
        *both(N, None, unit="Sudland"),
        *both(None, None, unit="Sudland", item="q2"),
        *both(N, N, unit="Westland"),
        ("Westland", "q1", "legal", "adjudicated", N),
        ("Westland", "q2", "legal", "adjudicated", None),
        ("Westland", "q2", "legal", "declared", A),
        *both("yes", "no", axis="brief"),
        *both("yes", "no", axis="brief", item="q3"),
    )
    assert open_items(table).to_numpy().tolist() == [
        ["Norland", None, "q1", "legal", "coders differ"],
        ["Norland", None, "q2", "legal", "coders agree; reconcile takes it over"],
        ["Sudland", None, "q1", "legal", "coded by anna only"],
        ["Sudland", None, "q2", "legal", "coded by nobody"],
        ["Westland", None, "q2", "legal", "coded by nobody"],
        ["Norland", None, "q3", "brief", "coders differ"],  # coded on no other axis
    ]
    assert list(open_items(table)) == [*HEAD, "why"]
    assert list(open_items(coding(*both(N, N)[:1], ("Norland", "q1", "legal", "adjudicated", N)))) == [*HEAD, "why"]
    other = pd.concat([coding(*both("yes", "no", axis="brief"), period=2024), coding(*both(A, A), period=2026)])
    assert open_items(other)["axis"].tolist() == ["brief", "legal"]  # of another period


# --- reconciling
def decided(unit="Norland", item="q1", axis="legal", category=D, **more):
    found = {"unit": unit, "item": item, "axis": axis, "category": category, "reason": "the gazette"}
    return {**found, "decided_by": "zoe", "decided_at": "2026-05-02", **more}


def test_new_rows_stand_behind_in_the_order_of_the_items(form):
    table = coding(
        *both(A, D), *both(A, A, item="q2"), *both(A, None, unit="Sudland"), confidence="low", span="s", as_of="2024"
    )
    rows = [
        decided(unit="Sudland", category="in_force", as_of="2025-06"),
        decided(confidence="high", span="t", rule="u"),
    ]
    done = reconcile(table, pd.DataFrame(rows), form)
    assert list(done) == [*COLUMNS, "decided_by", "decided_at"]
    assert done.iloc[:6][list(table)].to_numpy().tolist() == table.to_numpy().tolist()
    log = ["zoe", "2026-05-02"]
    assert done.iloc[6:].drop(columns="coder").to_numpy().tolist() == [
        ["Norland", None, "q1", "legal", D, "high", "t", "the gazette", "u", None, *log],
        ["Norland", None, "q2", "legal", A, "low", "s", "agreed", None, "2024", None, None],
        ["Sudland", None, "q1", "legal", "in_force", None, None, "the gazette", None, "2025-06", *log],
    ]
    assert done["coder"].iloc[6:].tolist() == ["adjudicated"] * 3
    assert all(value is None for value in done["decided_by"].iloc[:6])


def test_further_columns_are_kept():
    table = coding(*both(A, A), note=["n", "m"])
    done = reconcile(table)
    assert list(done) == [*COLUMNS, "note", "decided_by", "decided_at"]
    assert done["note"].tolist() == ["n", "m", None]


def test_a_decision_where_one_coder_has_coded():
    table = coding(*both(A, None), *both(A, D, item="q2"))
    done = reconcile(table, pd.DataFrame([decided(category=A), decided(item="q2", category="unknown")]))
    assert done["category"].iloc[4:].tolist() == [A, "unknown"]


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        ({"reason": " "}, "blank_decision", "Norland, q1, legal: a decision needs reason"),
        ({"category": None}, "blank_decision", "Norland, q1, legal: a decision needs category"),
        (
            {"reason": None, "decided_by": "", "decided_at": None},
            "blank_decision",
            "Norland, q1, legal: a decision needs reason, decided_by, decided_at",
        ),
        (
            {"item": "q11"},
            "not_there",
            'Norland, q11, legal: nothing of the kind is coded; did you mean "Norland, q1, legal"?',
        ),
        ({"unit": "Elsewhere", "item": "zzz"}, "not_there", "Elsewhere, zzz, legal: nothing of the kind is coded"),
        (
            {"item": "q2"},
            "not_disputed",
            (
                'Norland, q2, legal: coders agree on "adopted", so there is nothing to decide; drop the decision, or '
                "correct a coder's row"
            ),
        ),
        (
            {"item": "q3"},
            "already_settled",
            'Norland, q3, legal: settled as "none" already; take that row of adjudicated out to decide again',
        ),
        (
            {"category": "draftd"},
            "unknown_category",
            (
                'Norland, q1, legal: "draftd" is no category of legal; did you mean "drafted"? (allowed: adopted, '
                "drafted, none, unknown; give instrument= to allow what nobody has coded)"
            ),
        ),
        (
            {"decided_at": "2026"},
            "bad_date",
            "Norland, q1, legal: decided_at is a date as in 2026-05-02, found '2026'",
        ),
        (
            {"as_of": "soon"},
            "bad_date",
            "Norland, q1, legal: as_of is a date as in 2026-05-02, a year, or the period, found 'soon'",
        ),
    ],
)
def test_decisions_that_cannot_be(change, check, message):
    table = coding(
        *both(A, D),
        *both(A, A, item="q2"),
        *both(A, D, item="q3"),
        ("Norland", "q3", "legal", "adjudicated", N),
        *both("pilot", "x", axis="practice"),
        *both("unknown", None, unit="Sudland"),
    )
    assert faults(lambda: reconcile(table, pd.DataFrame([decided(**change)]))) == [(check, message)]


def test_dates_that_are_told_name_column_and_unit():
    with pytest.raises(ei.DataError) as caught:
        reconcile(coding(*both(A, D)), pd.DataFrame([decided(decided_at="May", as_of="June")]))
    assert [(fault.column, fault.units) for fault in caught.value.faults] == [
        ("decided_at", ("Norland",)),
        ("as_of", ("Norland",)),
    ]


def test_with_an_instrument_its_categories_are_allowed(form):
    table = coding(*both(A, D))
    assert reconcile(table, pd.DataFrame([decided(category="in_force")]), form)["category"].iloc[-1] == "in_force"
    assert faults(lambda: reconcile(table, pd.DataFrame([decided(category="zzzzzz")]), form)) == [
        (
            "unknown_category",
            (
                'Norland, q1, legal: "zzzzzz" is no category of legal (allowed: in_force, adopted, drafted, none, '
                "unknown)"
            ),
        )
    ]


def test_decisions_of_another_shape():
    table = coding(*both(A, D))
    rows = pd.DataFrame([decided()])
    columns = "Columns: unit, item, axis, category, decided_at"
    assert faults(lambda: reconcile(table, rows.drop(columns=["reason", "decided_by"]))) == [
        ("missing_column", f'the table of decisions has no column "reason". {columns}'),
        ("missing_column", f'the table of decisions has no column "decided_by"; did you mean "decided_at"? {columns}'),
    ]
    assert faults(lambda: reconcile(table, pd.concat([rows, rows]))) == [
        ("doubled_row", "Norland, q1, legal: 2 rows; keep one of each unit, period, item and axis")
    ]
    assert faults(lambda: reconcile(table, {"unit": "Norland"}))[0][0] == "not_a_table"


@pytest.mark.parametrize("as_of", ["2024", "summer", pd.Timestamp("2024-05-02")])
def test_the_period_may_be_the_date(as_of):
    decisions = pd.DataFrame([decided(period="summer", as_of=as_of, decided_at=pd.Timestamp("2026-05-02"))])
    done = reconcile(coding(*both(A, D), period="summer"), decisions)
    assert done[["as_of", "decided_at"]].iloc[-1].tolist() == [str(as_of)[:10], "2026-05-02"]


def test_settled_rows_are_no_coder():
    table = coding(*both(A, A), ("Norland", "q1", "legal", "adjudicated", N))
    assert len(reconcile(table)) == 3
    assert agreement(table, resamples=0).coders == ("anna", "ben")
