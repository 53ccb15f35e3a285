"""Answers of other rows, learned points and attributes: last, parent, mean, median, flags."""

from __future__ import annotations

import math
from statistics import fmean, median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.evaluate import evaluate
from egovindex.spec.expand import expand_index
from egovindex.spec.load import document_of, validated_index


def index_of(**keys):
    keys = {"index": "demo", "nodes": {"top": {"of": list(keys["indicators"])}}, **keys}
    document, faults = expand_index(document_of(keys, "demo.yaml"))
    return ei.Index(validated_index(document, faults))


def by_row(result, name="a"):
    return [None if math.isnan(x) else x for x in result.points[name]]


# --- the outside world: gaps filled by COINr
@pytest.mark.parametrize("group", [None, "EurAsia_group"])
@pytest.mark.parametrize("how", ["mean", "median"])
def test_gaps_filled_as_coinr_fills_them(shared, how, group):
    folder = shared / "data" / "coinr"
    if not folder.is_dir():
        pytest.skip("needs the outputs of COINr, which are not in ../shared")
    read = {"dtype": {"uCode": str}, "keep_default_na": False, "na_values": ["", "NA"]}
    gaps = pd.read_csv(folder / "pipeline" / "example_Denominated.csv", **read).set_index("uCode")
    units = pd.read_csv(folder / "input" / "iData.csv", **read).set_index("uCode")
    name = f"impute_i_{how}" + ("_grp_EurAsia" if group else "")
    filled = pd.read_csv(folder / "impute" / f"{name}.csv", **read).set_index("uCode")
    items = [item for item in filled.columns if item in gaps.columns and pd.api.types.is_float_dtype(gaps[item])]
    assert gaps[items].isna().sum().sum() > 10
    index = index_of(
        columns={"unit": "uCode"},
        defaults={"indicators": {"points": {"missing": f"{how} by {group}" if group else how}}},
        indicators={item: {} for item in items},
    )
    table = gaps[items].assign(EurAsia_group=units["EurAsia_group"])
    computed = ei.compute(index, table).points
    printed = filled.loc[computed.index, items].astype(float)
    pd.testing.assert_frame_equal(computed, printed, check_names=False, rtol=1e-13)
    assert not np.allclose(computed, printed * (1 + 1e-6), rtol=1e-9)


# --- by hand
PANEL = pd.DataFrame(
    {
        "unit": ["A", "A", "A", "B", "B", "C"],
        "period": [2020, 2022, 2024, 2022, 2024, 2024],
        "a": ["yes", None, None, None, "no", None],
    }
)
YES_NO = {"yes": 1, "no": 0}


def test_last_looks_back_to_the_last_period_with_an_answer():
    index = index_of(indicators={"a": {"points": [YES_NO, {"missing": "last"}]}})
    result = ei.compute(index, PANEL)
    assert by_row(result) == [1, 1, 1, None, 0, None]
    assert result.states["top"].tolist() == ["scored"] * 3 + ["missing", "scored", "missing"]
    shuffled = ei.compute(index, PANEL.sample(frac=1, random_state=3)).scores.sort_index()
    pd.testing.assert_frame_equal(shuffled, result.scores.sort_index())


def test_an_answer_of_another_row_is_scored_with_the_lines_of_its_own_row():
    table = PANEL.assign(small=["no", "yes", "no", "no", "no", "no"])
    points = {"small is yes and answer is yes": 0.5, **YES_NO, "missing": "last"}
    assert by_row(ei.compute(index_of(indicators={"a": {"points": points}}), table)) == [1, 0.5, 1, None, 0, None]


def test_last_without_periods_is_told():
    index = index_of(indicators={"a": {"points": [YES_NO, {"missing": "last"}]}})
    with pytest.raises(ei.DataError, match="the data have no periods"):
        ei.compute(index, PANEL.drop_duplicates("unit").drop(columns="period"))
    with pytest.raises(ei.SpecError, match="rows has no period"):
        index.with_(rows=["unit"])


TERRITORIES = pd.DataFrame(
    {
        "unit": ["M", "T", "S", "X", "Y"],
        "parent": [None, "M", "T", "Z", None],
        "a": ["yes", None, None, None, None],
    }
)


def test_a_territory_takes_the_answer_of_its_parent_and_of_that_ones_parent():
    index = index_of(indicators={"a": {"points": [YES_NO, {"missing": "parent"}]}})
    result = ei.compute(index, TERRITORIES)
    assert by_row(result) == [1, 1, 1, None, None]
    assert [note.check for note in result.plan.notes] == ["parent_not_in_data"]
    assert result.plan.notes[0].units == ("X",)


def test_parents_of_the_same_period():
    table = pd.DataFrame(
        {
            "unit": ["M", "M", "T", "T"],
            "period": [1, 2, 1, 2],
            "head": [None, None, "M", "M"],
            "a": ["yes", "no", None, None],
        }
    )
    index = index_of(columns={"parent": "head"}, indicators={"a": {"points": [YES_NO, {"missing": "parent"}]}})
    assert by_row(ei.compute(index, table)) == [1, 0, 1, 0]


def test_parents_that_go_round_and_parents_without_a_column():
    index = index_of(indicators={"a": {"points": [YES_NO, {"missing": "parent"}]}})
    with pytest.raises(ei.DataError, match=r'column "parent" goes round for T, S'):
        ei.compute(index, TERRITORIES.assign(parent=[None, "S", "T", None, None]))
    with pytest.raises(ei.DataError, match='named in a column "parent", which the data have not'):
        ei.compute(index, TERRITORIES.drop(columns="parent"))


# --- learned points
def test_learned_points_are_listed_and_reused():
    table = pd.DataFrame({"unit": list("ABCD"), "a": [1.0, 3.0, np.nan, 8.0], "region": ["n", "n", "n", "s"]})
    index = index_of(indicators={"a": {"points": {"missing": "median by region"}, "steps": ["minmax"]}})
    result = ei.compute(index, table)
    assert by_row(result) == [1, 3, 2, 8]
    learned = result.learned
    assert learned[learned["step"] == "median by region"][["name", "value"]].to_numpy().tolist() == [["n", 2.0]]
    change = {("A", "a"): 3.0}
    assert ei.what_if(result, change).after.points["a"].tolist() == [3, 3, 2, 8]
    assert ei.what_if(result, change, learn="each_draw").after.points["a"].tolist() == [3, 3, 3, 8]


def test_learned_by_period_unless_said_otherwise():
    table = pd.DataFrame({"unit": list("ABAB"), "period": [1, 1, 2, 2], "a": [1.0, np.nan, 5.0, np.nan]})
    index = index_of(indicators={"a": {"points": {"missing": "mean"}}})
    assert by_row(ei.compute(index, table)) == [1, 1, 5, 5]
    assert by_row(ei.compute(index.with_(reference={"periods": "all"}), table)) == [1, 3, 5, 3]


def test_nobody_to_learn_from_and_a_blank_group():
    table = pd.DataFrame({"unit": list("AB"), "a": [1.0, np.nan], "region": ["n", "s"]})
    index = index_of(indicators={"a": {"points": {"missing": "mean by region"}}})
    with pytest.raises(ei.MethodError, match='nobody has a value to take the mean of for "s"'):
        ei.compute(index, table)
    with pytest.raises(ei.DataError, match='"region" is blank for B, whose answer is filled by it'):
        ei.compute(index, table.assign(region=["n", None]))


def test_a_node_without_a_score_takes_the_median_of_the_others():
    table = pd.DataFrame({"unit": list("ABCD"), "a": [1.0, 2.0, 6.0, np.nan], "b": [0.0] * 4})
    nodes = {"top": {"of": ["part", "b"]}, "part": {"of": ["a"], "points": {"missing": "median"}}}
    result = ei.compute(index_of(nothing="skip", indicators={"a": {}, "b": {}}, nodes=nodes), table)
    assert result.scores["part"].tolist() == [1, 2, 6, 2]
    assert result.scores["top"].tolist() == [0.5, 1, 3, 1]


def test_a_filled_answer_counts_and_is_not_answered():
    table = pd.DataFrame({"unit": list("AB"), "a": [1.0, np.nan], "b": [3.0, 3.0]})
    index = index_of(indicators={"a": {"points": {"missing": "mean"}}, "b": {}})
    assert ei.compute(index, table).coverage["top"].tolist() == [1, 1]
    needed = index.with_(nodes={"top": {"of": ["a", "b"], "need": 2}})
    assert ei.compute(needed, table).states["top"].tolist() == ["scored", "missing"]


@given(
    st.lists(st.tuples(st.sampled_from("ns"), st.none() | st.floats(-1e6, 1e6)), min_size=1, max_size=12),
    st.sampled_from(["mean", "median"]),
)
def test_filled_as_plain_python_fills(rows, how):
    table = pd.DataFrame(
        {"unit": [f"u{i}" for i in range(len(rows))], "g": [g for g, _ in rows], "a": [x for _, x in rows]}
    ).astype({"a": float})
    index = index_of(indicators={"a": {"points": {"missing": f"{how} by g"}}})
    known = {g: [x for h, x in rows if h == g and x is not None] for g, _ in rows}
    if any(not known[g] for g, x in rows if x is None):
        with pytest.raises(ei.MethodError, match="nobody has a value"):
            ei.compute(index, table)
        return
    expected = [x if x is not None else (fmean if how == "mean" else median)(known[g]) for g, x in rows]
    result = ei.compute(index, table)
    assert result.points["a"].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    drawn = evaluate(result.plan, weights=np.stack([result.plan.weights] * 3))
    assert np.array_equal(drawn["top"], np.stack([result.scores["top"].to_numpy()] * 3))


# --- attributes
FLAGGED = {"0": 0, "flag is not 1": "value - 0.5", "else": "value", "missing": 0}


def test_a_flag_follows_the_column_that_is_used():
    table = pd.DataFrame(
        {
            "unit": list("ABCD"),
            "a_E": [2, 2, 0, np.nan], "a_E_flag": [0, 1, np.nan, np.nan],
            "a_V": [np.nan, 3, np.nan, 1], "a_V_flag": [np.nan, 0, np.nan, 1],
        }
    )  # fmt: skip
    index = index_of(columns={"flag": "*_flag"}, indicators={"a": {"from": ["a_V", "a_E"], "points": FLAGGED}})
    assert by_row(ei.compute(index, table)) == [1.5, 2.5, 0, 1]


def test_attributes_are_columns_of_a_long_table():
    table = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B"], "item": ["a", "b"] * 2, "answer": ["yes", "yes", "no", "yes"],
            "evidence": ["link", None, None, "link"],
        }
    )  # fmt: skip
    proven = {"answer is yes and evidence is missing": 0, "yes": 1, "no": 0}
    index = index_of(
        columns={"evidence": "*_evidence"}, defaults={"indicators": {"points": proven}}, indicators={"a": {}, "b": {}}
    )
    assert ei.compute(index, table).points.to_numpy().tolist() == [[1, 0], [0, 1]]


def test_an_attribute_that_the_data_lack_is_told():
    index = index_of(columns={"flag": "*_flag"}, indicators={"a": {"points": FLAGGED}})
    with pytest.raises(ei.DataError, match='its points ask for "flag", and the data has no column a_flag'):
        ei.compute(index, pd.DataFrame({"unit": ["A"], "a": [1]}))


@given(st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(0, 1)), min_size=1, max_size=30))
def test_flags_as_the_printed_formula_and_alike_in_many_rows(rows):
    values = np.array([np.nan if v is None else v for v, _ in rows], dtype=float)
    flags = np.array([np.nan if f is None else f for _, f in rows], dtype=float)
    # a blank flag is not "not 1": a sentence holds for nothing only when it names it
    printed = np.where(np.nan_to_num(values) == 0, 0, values - 0.5 * (flags == 0))
    index = index_of(columns={"flag": "*_flag"}, indicators={"a": {"points": FLAGGED}})
    for times in (1, 2_000 // len(rows) + 1):  # few rows are scored one by one, many by their distinct answers
        table = pd.DataFrame({"a": np.tile(values, times), "a_flag": np.tile(flags, times)})
        words = table.map(lambda x: None if math.isnan(x) else str(int(x))).astype("category")
        for answers in (table, words):
            data = answers.assign(unit=[f"u{i}" for i in range(len(answers))])
            assert np.array_equal(ei.compute(index, data).points["a"].to_numpy(), np.tile(printed, times))


# --- the order of periods
@pytest.mark.parametrize(
    "periods",
    [
        [9, 10, 11],
        ["9", "10", "11"],
        ["wave 9", "wave 10", "wave 11"],
        ["2019", 2020, 2021],
        [2019, "2020", 2021],
        [2019.0, "2020", 2021],
        ["2020-Q2", "2020-Q10", "2021-Q1"],
        ["2019/20", "2020/21", "2021/22"],
    ],
)
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_periods_are_in_the_order_in_which_people_count(periods, order):
    """As texts "10" stood before "9", and every number before every text: the last answer came from a later period."""
    index = index_of(indicators={"a": {"points": {"missing": "last"}}}, nothing="skip")
    table = pd.DataFrame({"unit": "A", "period": pd.Series(periods, dtype=object), "a": [5.0, math.nan, 7.0]})
    result = ei.compute(index, table.iloc[order])
    assert [result.points["a"].loc["A", period] for period in periods] == [5, 5, 7]
    assert list(result.plan.rows.group_names) == periods


def test_dates_beside_text_have_no_order():
    index = index_of(indicators={"a": {}})
    table = pd.DataFrame({"unit": "A", "period": [pd.Timestamp("2020-01-01"), "2021-01-01"], "a": [5.0, 7.0]})
    with pytest.raises(ei.DataError, match="periods of several kinds"):
        ei.compute(index, table)


# --- many different answers in several columns
@pytest.mark.parametrize("dtype", ["object", "category"])
@pytest.mark.parametrize("count", [100, 127, 128, 200])
def test_the_first_answer_of_columns_with_many_different_answers(count, dtype):
    """More answers than eight bits can number: the second column's were taken for others of the first."""
    index = index_of(
        columns={"flag": "*_flag"},
        indicators={"x": {"from": ["a", "b"], "points": {"flag > 1000": "flag", "else": "value"}}},
    )
    numbers = pd.Series([str(number) for number in range(count)])
    gap = pd.Series([None] * count)
    table = pd.DataFrame(
        {
            "unit": [f"u{row}" for row in range(2 * count)],
            "a": pd.concat([numbers, gap], ignore_index=True).astype(dtype),
            "b": pd.concat([gap, numbers], ignore_index=True).astype(dtype),
            "a_flag": pd.concat([numbers, gap], ignore_index=True).astype(dtype),
            "b_flag": pd.concat([gap, numbers.map(lambda number: f"{number}000")], ignore_index=True).astype(dtype),
        }
    )
    expected = [*range(count), 0, 1, *(1000 * number for number in range(2, count))]
    assert by_row(ei.compute(index, table), "x") == expected


def test_a_column_that_says_one_thing_of_a_row_goes_with_it_in_a_long_table():
    table = pd.DataFrame(
        {
            "unit": ["A", "A", "B", "B", "C", "C"], "item": ["a", "b"] * 3, "answer": [1.0, 2, None, 4, 5, 6],
            "region": ["n", "n", "n", "n", "s", "s"], "page": [1, 2, 3, 4, 5, 6],
        }
    )  # fmt: skip
    index = index_of(indicators={"a": {"points": {"missing": "mean by region"}}, "b": {}})
    result = ei.compute(index, table)
    assert by_row(result) == [1, 1, 5]
    notes = ei.check(index, table)
    assert notes.loc[notes["check"] == "unused_column", "column"].tolist() == ["page"]
