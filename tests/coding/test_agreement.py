"""Agreement of coders by axis and section, their disputes, and how these are settled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.coding.agreement import MEASURES, agreement
from egovindex.coding.coded import COLUMNS
from egovindex.coding.settling import disputes, open_items, reconcile
from egovindex.errors import DataError, MethodError
from egovindex.kernels import agreement as kernels

FORM = """\
instrument: survey
answers:
  legal: {in_force: [], adopted: [], drafted: [], none: []}
  practice: {in_operation: [], pilot: [], none: []}
  channels: {web: [], phone: []}
items:
  q1: {section: law, coded_as: [legal, practice]}
  q2: {section: law, coded_as: legal}
  q3: {section: services, coded_as: practice}
  q4: {section: services, kind: many, answers: channels, coded_as: practice}
"""


def coding(*codes, coders=("first", "second"), axis="legal", item="q1", period=None):
    """One unit per entry, with the category of each coder; None for an item that is not coded."""
    rows = [
        {"unit": f"Land {at:03}", "period": period, "item": item, "axis": axis, "coder": coder, "category": category}
        for at, given in enumerate(codes)
        for coder, category in zip(coders, given, strict=True)
    ]
    return pd.DataFrame(rows, dtype=object)


DOMINATED = coding(*[("adopted", "adopted")] * 28, ("adopted", "drafted"))


def one(result):
    (row,) = result.table.to_dict("records")
    return row


# --- agreement
def test_measures_are_those_of_the_kernels(form):
    codes = [("in_force", "in_force")] * 5 + [("adopted", "drafted"), ("none", "adopted"), ("none", None)]
    codes += [("unknown", "unknown"), ("unknown", "adopted"), ("adopted", "adopted"), ("none", "none")]
    row = one(agreement(coding(*codes), form, resamples=0))
    words = ["in_force", "adopted", "drafted", "none", "unknown", None]
    nominal = np.array([[words.index(word) for word in pair] for pair in codes])
    nominal[nominal == 5] = -1
    ordered = np.where(nominal == 4, -1, nominal)
    expected = {
        "percent": kernels.percent(nominal),
        "kappa": kernels.cohen_kappa(nominal),
        "kappa_linear": kernels.cohen_kappa(ordered, distance="linear"),
        "kappa_quadratic": kernels.cohen_kappa(ordered, distance="quadratic"),
        "fleiss": kernels.fleiss_kappa(nominal),
        "alpha_ordinal": kernels.krippendorff_alpha(ordered, level="ordinal"),
        "alpha_nominal": kernels.krippendorff_alpha(nominal),
        "ac1": kernels.gwet_ac1(nominal),
    }
    assert {name: row[name] for name in MEASURES} == pytest.approx({k: v.item() for k, v in expected.items()})
    assert {name: row[name] for name in ("items", "single", "coders", "differ")} == {
        "items": 11,
        "single": 1,
        "coders": 2,
        "differ": 3,
    }
    assert np.isnan(row["ac1_low"])


def test_places_are_those_of_the_scale_not_of_what_was_used(form):
    # in_force and none are three places apart, in_force and adopted one, though nobody used drafted
    codes = [("in_force", "none"), ("in_force", "adopted"), ("none", "none"), ("in_force", "in_force")]
    row = one(agreement(coding(*codes), form, resamples=0))
    seen, pairs = (3 + 1) / 4, [(0, 3), (0, 1), (3, 3), (0, 0)]
    chance = np.mean([abs(a - b) for a, _ in pairs for _, b in pairs])
    assert row["kappa_linear"] == pytest.approx(1 - seen / chance)


def test_one_dominating_category_is_told(form):
    row = one(agreement(DOMINATED, form, rng=1, resamples=200))
    assert (row["kappa"], round(row["percent"], 3), round(row["ac1"], 3)) == (0.0, 0.966, 0.964)
    assert '98% of the codes are "adopted"' in row["note"]
    assert "kappa 0.00" in row["note"]
    assert "read ac1 (0.96)" in row["note"]
    assert "of the resamples" in row["note"]  # a third has no odd one, so that kappa is not defined


def test_no_note_where_nothing_collapses(form):
    codes = [("adopted", "adopted")] * 10 + [("none", "none")] * 10 + [("adopted", "none")]
    assert one(agreement(coding(*codes), form, rng=1, resamples=200))["note"] == ""


def test_no_note_where_no_category_dominates(form):
    codes = [("adopted", "adopted")] * 6 + [("none", "none")] * 10 + [("adopted", "none"), ("none", "adopted")] * 2
    row = one(agreement(coding(*codes), form, rng=1, resamples=0))
    assert row["kappa"] < 0.667
    assert row["percent"] == 0.8
    assert row["note"] == ""


def test_without_an_instrument_there_is_no_order():
    row = one(agreement(DOMINATED, rng=1, resamples=0))
    assert np.isnan(row["alpha_ordinal"])
    assert not np.isnan(row["alpha_nominal"])


def test_one_category_only(form):
    row = one(agreement(coding(*[("adopted", "adopted")] * 4), form, rng=1, resamples=50))
    assert (row["percent"], row["ac1"], row["ac1_low"]) == (1.0, 1.0, 1.0)
    assert np.isnan([row["kappa"], row["fleiss"], row["alpha_ordinal"]]).all()
    assert "one category only" in row["note"]


def test_unknown_is_a_category_and_no_rank(form):
    row = one(agreement(coding(("unknown", "adopted"), ("none", "unknown")), form, rng=1, resamples=20))
    assert row["percent"] == 0.0
    assert np.isnan(row["alpha_ordinal"])
    assert "no item has two codes on the scale" in row["note"]


def test_three_coders(form):
    codes = [("adopted",) * 3, ("none", "none", "adopted"), ("none", None, "none")]
    found = agreement(coding(*codes, coders=("c", "a", "b")), form, rng=1, resamples=20)
    row = one(found)
    assert found.coders == ("a", "b", "c")
    assert np.isnan(row["kappa"])
    assert not np.isnan(row["fleiss"])
    assert "of two coders only" in row["note"]
    assert one(agreement(coding(*codes, coders=("c", "a", "b")), form, coders=("a", "c"), resamples=0))["coders"] == 2


def test_axes_and_sections_in_the_order_of_the_instrument(form):
    parts = [
        coding(("none", "none"), ("pilot", "none"), axis="practice", item="q3"),
        coding(("none", "none"), axis="practice", item="q4.web"),
        coding(("none", "adopted"), ("none", "none"), item="q2"),
        coding(("pilot", "pilot"), axis="practice", item="q1"),
    ]
    found = agreement(pd.concat(parts), form, by=("axis", "section"), rng=1, resamples=10)
    assert found.table[["axis", "section", "items", "differ"]].to_numpy().tolist() == [
        ["legal", "law", 2, 1],
        ["practice", "law", 1, 0],
        ["practice", "services", 3, 1],
    ]
    assert agreement(pd.concat(parts), form, by="axis", resamples=0).table["axis"].tolist() == ["legal", "practice"]


def test_the_respondent_and_what_is_settled_are_no_coders(form):
    codes = [("adopted", "adopted", "none"), ("none", "adopted", "none")]
    for other in ("declared", "adjudicated"):
        table = coding(*codes, coders=("first", "second", other))
        assert agreement(table, form, resamples=0).coders == ("first", "second")
    table = coding(*codes, coders=("first", "second", "declared"))
    assert one(agreement(table, form, coders=("first", "declared"), resamples=0))["percent"] == 0.5


# --- the bootstrap
SPREAD = coding(*[("adopted", "adopted")] * 12, *[("none", "none")] * 6, *[("none", "drafted")] * 3, ("none", None))


@given(order=st.permutations(range(len(SPREAD))))
def test_a_seed_gives_the_same_whatever_the_order(order):
    found = agreement(SPREAD.iloc[order], rng=3, resamples=50).table
    pd.testing.assert_frame_equal(found, agreement(SPREAD, rng=3, resamples=50).table)


def test_one_axis_does_not_move_the_intervals_of_another(form):
    more = pd.concat([SPREAD, coding(("pilot", "none"), ("none", "none"), axis="practice", item="q3")])
    alone, both = (agreement(table, form, rng=3, resamples=50).table for table in (SPREAD, more))
    pd.testing.assert_frame_equal(both.iloc[:1], alone)


def test_axes_have_resamples_of_their_own():
    found = agreement(pd.concat([SPREAD, SPREAD.assign(axis="other")]), rng=3, resamples=50).table
    assert len(set(found["kappa"])) == 1
    assert len(set(found["kappa_low"])) == 2


def test_intervals_are_percentiles_of_resampled_subjects(form):
    # against a bootstrap with the subjects drawn one by one
    row = one(agreement(SPREAD, form, rng=3, resamples=20_000, level=0.8))
    words = {"adopted": 0, "drafted": 1, "none": 2, None: -1}
    ratings = np.array([[words[word] for word in pair] for pair in SPREAD["category"].to_numpy().reshape(-1, 2)])
    draws = np.random.default_rng(0).integers(0, len(ratings), size=(20_000, len(ratings)))
    times = kernels.multiplicities(draws, len(ratings))
    for name, values in (("ac1", kernels.gwet_ac1(ratings, times)), ("kappa", kernels.cohen_kappa(ratings, times))):
        assert [row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(np.quantile(values, [0.1, 0.9]), abs=0.02)


def test_the_seed_is_kept():
    found = agreement(SPREAD, resamples=30)
    again = agreement(SPREAD, rng=found.entropy, resamples=30)
    pd.testing.assert_frame_equal(found.table, again.table)


def test_parts_of_resamples_are_the_same_resamples(monkeypatch):
    whole = agreement(SPREAD, rng=3, resamples=50).table
    monkeypatch.setattr("egovindex.coding.agreement._AT_ONCE", 1)
    pd.testing.assert_frame_equal(agreement(SPREAD, rng=3, resamples=50).table, whole)


# --- shown
def test_it_shows_itself(form):
    found = agreement(DOMINATED, form, rng=1, resamples=100)
    text = repr(found)
    assert text.startswith("<Agreement> 2 coders (first, second); intervals of 90% from 100 resamples, rng=1\n")
    assert "0.96 [" in text
    assert "legal: 98%" in text
    assert "kappa_linear" not in text.splitlines()[1]
    assert "<b>&lt;Agreement&gt;" in found._repr_html_()


# --- what is refused
def refused(call, *checks, error=DataError):
    with pytest.raises(error) as caught:
        call()
    assert [fault.check for fault in caught.value.faults] == list(checks)
    return str(caught.value)


def test_every_fault_of_the_table_at_once(form):
    table = pd.concat([DOMINATED, DOMINATED.iloc[:1]], ignore_index=True)
    table.loc[1, "unit"] = None
    table.loc[2, "category"] = "adoptd"
    table.loc[3, "axis"] = "legl"
    table.loc[4, "item"] = "q9"
    text = refused(
        lambda: agreement(table, form),
        "blank_key",
        "doubled_row",
        "unknown_item",
        "unknown_axis",
        "unknown_category",
    )
    assert 'did you mean "adopted"' in text
    assert "Land 001, q1, legal, first" in text


def test_what_is_no_table_of_codes_is_refused(form):
    refused(lambda: agreement([1]), "not_a_table")
    assert 'did you mean "coders"' in refused(
        lambda: agreement(DOMINATED.rename(columns={"coder": "coders", "unit": "land"})),
        "missing_column",
        "missing_column",
    )


def test_options_that_there_are_not_are_refused(form):
    def checked(*checks, **options):
        return refused(lambda: agreement(DOMINATED, form, **options), *checks, error=MethodError)

    checked(*["unknown_option"] * 3, by="item", resamples=-1, level=1.0)
    checked("unknown_option", level=True)
    checked("unknown_coder", coders=["thrid"])
    checked("bad_rng", rng="x")
    checked("too_few_coders", coders=["first"])
    text = refused(lambda: agreement(DOMINATED, by=("axis", "section")), "unknown_option", error=MethodError)
    assert "give instrument=" in text
    refused(lambda: agreement(DOMINATED.iloc[:0]), "too_few_coders", error=MethodError)


# --- disputes
def test_disputes_side_by_side_furthest_first(form):
    table = coding(
        ("adopted", "drafted"), ("adopted", "adopted"), ("in_force", "none"), ("unknown", "none"), ("none", None)
    )
    table["span"] = [f"span {at}" for at in range(len(table))]
    found = disputes(table, form)
    assert found["unit"].tolist() == ["Land 002", "Land 000", "Land 003"]
    assert found["apart"].tolist() == [3, 1, pd.NA]
    assert found.iloc[0][["category.first", "category.second"]].tolist() == ["in_force", "none"]
    assert found.iloc[0][["span.first", "span.second", "reason.first"]].tolist() == ["span 4", "span 5", None]
    assert found["settled"].isna().all()
    assert disputes(table)["apart"].isna().all()


def test_no_disputes(form):
    found = disputes(coding(("none", "none")), form)
    assert len(found) == 0
    assert {"apart", "category.first", "reason.second"} <= set(found.columns)


# --- settling
TABLE = coding(("adopted", "drafted"), ("adopted", "adopted"), ("in_force", None), (None, None), ("none", "unknown"))


def decision(at, category, **more):
    found = {"unit": f"Land {at:03}", "item": "q1", "axis": "legal", "category": category, "reason": "the gazette"}
    return {**found, "decided_by": "Ada Third", "decided_at": "2026-05-02", **more}


def settled(table):
    layer = table[table["coder"] == "adjudicated"]
    return layer[["unit", "category", "reason", "decided_by"]].to_numpy().tolist()


def test_only_agreement_is_taken_over(form):
    done = reconcile(TABLE, None, form)
    assert settled(done) == [["Land 001", "adopted", "agreed", None]]
    assert open_items(done).drop(columns=["period", "item", "axis"]).to_numpy().tolist() == [
        ["Land 000", "coders differ"],
        ["Land 002", "coded by first only"],
        ["Land 003", "coded by nobody"],
        ["Land 004", "coders differ"],
    ]
    assert open_items(TABLE)["why"].iloc[1] == "coders agree; reconcile takes it over"


def test_decisions_become_rows_and_nothing_is_lost(form):
    decisions = pd.DataFrame([decision(4, "unknown"), decision(0, "none", span="no act"), decision(2, "adopted")])
    done = reconcile(TABLE, decisions, form)
    assert settled(done) == [
        ["Land 000", "none", "the gazette", "Ada Third"],
        ["Land 001", "adopted", "agreed", None],
        ["Land 002", "adopted", "the gazette", "Ada Third"],
        ["Land 004", "unknown", "the gazette", "Ada Third"],
    ]
    assert list(done.columns) == [*COLUMNS, "decided_by", "decided_at"]
    assert done.iloc[: len(TABLE)][list(TABLE.columns)].equals(TABLE)
    assert open_items(done)["unit"].tolist() == ["Land 003"]
    assert disputes(done, form)["settled"].tolist() == ["none", "unknown"]
    assert agreement(done, form, rng=1, resamples=9).table.equals(agreement(TABLE, form, rng=1, resamples=9).table)


def test_settling_again_adds_nothing(form):
    done = reconcile(TABLE, pd.DataFrame([decision(0, "none")]), form)
    assert reconcile(done, None, form).equals(done)
    later = reconcile(done, pd.DataFrame([decision(4, "none")]), form)
    assert len(later) == len(done) + 1


def test_what_agreeing_coders_share_is_taken_over():
    table = coding(("none", "none")).assign(confidence=["high", "low"], span="no act", as_of=[None, "2026"])
    row = reconcile(table).iloc[-1]
    assert row[["coder", "confidence", "span", "as_of"]].tolist() == ["adjudicated", None, "no act", None]


def test_all_who_coded_must_agree():
    table = coding(("none", "none", "adopted"), ("none", "none", None), coders=("a", "b", "c"))
    assert [unit for unit, *_ in settled(reconcile(table))] == ["Land 001"]
    assert [unit for unit, *_ in settled(reconcile(table, coders=("a", "b")))] == ["Land 000", "Land 001"]


def test_a_respondents_mark_settles_nothing():
    assert settled(reconcile(coding(("none", "none"), coders=("first", "declared")))) == []


def test_the_brief_view_follows_from_the_axes():
    brief = coding(("yes", "no"), axis="brief")
    assert open_items(brief)["axis"].tolist() == ["brief"]  # coded on no other axis
    assert open_items(pd.concat([TABLE, brief]))["axis"].unique().tolist() == ["legal"]
    assert disputes(pd.concat([TABLE.iloc[2:], brief.assign(unit="Land 002")]))["axis"].tolist() == ["legal"]


def test_codes_of_rules_and_of_a_person(tmp_path):
    source = tmp_path / "answers.csv"
    lines = "".join(f"Norland,q{at:03},The law is being drafted.\n" for at in (37, 39, 41))
    source.write_text(f"unit,item,text\n{lines}", encoding="utf-8")
    coded = ei.code(ei.read_responses(source, "un-msq-2022", format="tidy"))
    person = coded.table[coded.table["axis"] == "legal"].assign(coder="Ada Third", rule=None)
    both = coded.with_coding(person)
    assert agreement(both, "un-msq-2022", resamples=0).table.set_index("axis").loc["legal", "percent"] == 1.0
    done = reconcile(both, None, "un-msq-2022")
    assert list(done.columns) == [*COLUMNS, "decided_by", "decided_at"]
    settled_rows = done[done["coder"] == "adjudicated"]
    assert len(settled_rows) == len(person)
    assert settled_rows["rule"].isna().all()
    assert "brief" not in set(open_items(done)["axis"])


def test_every_wrong_decision_at_once(form):
    done = reconcile(TABLE, pd.DataFrame([decision(0, "none")]), form)
    decisions = [
        decision(0, "none"),
        decision(1, "none"),
        decision(9, "none"),
        decision(4, "nne"),
        decision(2, "none", reason=" ", decided_by=None),
        decision(2, "none"),
    ]
    text = refused(
        lambda: reconcile(done, pd.DataFrame(decisions), form),
        "doubled_row",
        "already_settled",
        "not_disputed",
        "not_there",
        "unknown_category",
        "blank_decision",
    )
    for said in ('coders agree on "adopted"', 'settled as "none" already', 'did you mean "none"', "reason, decided_by"):
        assert said in text


def test_without_an_instrument_only_what_was_coded_may_be_decided():
    decided = pd.DataFrame([decision(0, "repealed")])
    assert "give instrument=" in refused(lambda: reconcile(TABLE, decided), "unknown_category")
    refused(lambda: reconcile(TABLE, [1]), "not_a_table")
    refused(lambda: reconcile(TABLE, decided.drop(columns="decided_at")), "missing_column")


def test_periods_are_kept_apart():
    table = pd.concat([coding(("none", "adopted"), period=2024), coding(("none", "adopted"), period="2026")])
    done = reconcile(table, pd.DataFrame([decision(0, "none", period=2026)]))
    assert done[done["coder"] == "adjudicated"]["period"].tolist() == ["2026"]
    assert open_items(done)["period"].tolist() == ["2024"]
