"""Data, weights and arrays that cannot be used: each a clear error that names all offenders and the way out.

A small invented region: the units P, Q, R, S. Every fault stands twice in its table, and both are told.
"""

from __future__ import annotations

import gzip
import warnings
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandera.errors import SchemaErrors

import egovindex as ei
from egovindex.tables import widened

UNITS = ["P", "Q", "R", "S"]


def table(units: Any = None, /, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"unit": UNITS if units is None else units, **columns})


@pytest.fixture
def index(tmp_path):
    """An index out of the lines of a file."""

    def made(text: str, name: str = "region") -> ei.Index:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"index: {name}\n{text}", encoding="utf-8")
        return ei.load_index(path)

    return made


TWO = "indicators: {a: {}, b: {}}\nnodes: {top: {of: [a, b]}}\n"


@pytest.fixture
def two(index) -> ei.Index:
    """Two indicators; a blank is skipped."""
    return index("nothing: skip\n" + TWO)


def refused(index: ei.Index, data: pd.DataFrame, kind: type[ei.EgovindexError] = ei.DataError) -> list[ei.Fault]:
    """The faults of a table, which is left as it is and which `check` tells alike."""
    before = data.copy(deep=True)
    with pytest.raises(kind) as caught:
        ei.compute(index, data)
    assert type(caught.value) is kind
    faults = list(caught.value.faults)
    told = ei.check(index, data)
    pd.testing.assert_frame_equal(data, before)
    assert list(told.columns) == ["severity", "check", "column", "units", "message"]
    errors = told[told["severity"] == "error"]
    assert errors["message"].tolist() == [fault.message for fault in faults]
    assert errors["check"].tolist() == [fault.check for fault in faults]
    assert errors["column"].tolist() == [fault.column or "" for fault in faults]
    assert errors["units"].tolist() == [", ".join(fault.units) for fault in faults]
    assert all(fault.check for fault in faults)
    return faults


def told(faults: list[ei.Fault]) -> list[tuple[str | None, tuple[str, ...]]]:
    """Column and units of each fault."""
    return [(fault.column, fault.units) for fault in faults]


def scores(result: ei.IndexResult, node: str = "top") -> list[float]:
    return result.scores[node].tolist()


# --- blanks


def test_a_blank_without_a_policy_is_an_error(index):
    faults = refused(index(TWO), table(a=[1, np.nan, 2, None], b=[np.nan, 1, 2, 3]))
    assert told(faults) == [("a", ("Q", "S")), ("b", ("P",))]
    assert faults[0].message == (
        "a: 2 of 4 values are blank (Q, S) and the file does not say what a blank means. "
        "Write nothing: skip, void or a number"
    )


def test_the_message_of_the_spec_language_about_blanks(index):
    # spec language, section 8, message 4
    units = [f"U{n:03d}" for n in range(190)] + ["KIR", "NRU", "TUV"]
    data = table(units, mobile=[*range(190), np.nan, np.nan, np.nan])
    (fault,) = refused(index("indicators: {mobile: {}}\nnodes: {top: {of: [mobile]}}"), data)
    assert fault.message == (
        "mobile: 3 of 193 values are blank (KIR, NRU, TUV) and the file does not say what a blank means. "
        "Write nothing: skip, void or a number"
    )


def test_many_blanks_are_counted_in_the_text_and_all_named_in_the_fault(index):
    units = [f"U{n:02d}" for n in range(40)]
    (fault,) = refused(index(TWO), table(units, a=[np.nan] * 20 + [1.0] * 20, b=range(40)))
    assert fault.units == tuple(units[:20])
    assert "(U00, U01, U02, U03, U04, U05, U06, U07 and 12 more)" in fault.message


def test_a_kind_of_nothing_without_a_policy_is_named(index):
    made = index("nothing: {missing: skip}\nindicators: {a: {}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=["unknown", "1", "2", "Unknown"]))
    assert told([fault]) == [("a", ("P", "S"))]
    assert 'the file does not say what "unknown" means' in fault.message


@pytest.mark.parametrize("blank", [np.nan, None, pd.NA, "", "  "])
def test_every_kind_of_blank_is_one(index, blank):
    (fault,) = refused(index(TWO), table(a=pd.Series([blank, "1", "2", "3"], dtype=object), b=[1, 2, 3, 4]))
    assert told([fault]) == [("a", ("P",))]
    assert fault.check == "no_policy"


def test_a_unit_without_any_answer_has_no_score_and_the_others_keep_theirs(two):
    data = table(a=[1.0, np.nan, 3.0, 5.0], b=[3.0, np.nan, 3.0, np.nan])
    result = ei.compute(two, data)
    np.testing.assert_array_equal(scores(result), [2, np.nan, 3, 5])
    assert result.states["top"].tolist() == ["scored", "missing", "scored", "scored"]
    assert result.ranks["top"].isna().tolist() == [False, True, False, False]


def test_a_table_without_any_answer_has_no_scores(two):
    result = ei.compute(two, table(a=[np.nan] * 4, b=[np.nan] * 4))
    assert set(result.states["top"]) == {"missing"}


# --- values that are no numbers


def test_infinite_values_are_named(two):
    faults = refused(two, table(a=[1, np.inf, -np.inf, 2], b=[np.inf, 1, 2, 3]))
    assert told(faults) == [("a", ("Q", "R")), ("b", ("P",))]
    assert [fault.message for fault in faults] == [
        "a: 2 values are infinite (Q, R); correct them, or leave the cells blank",
        "b: 1 value is infinite (P); correct it, or leave the cell blank",
    ]


def test_text_in_a_numeric_column_is_one_fault_and_named_with_its_rows(two):
    faults = refused(two, table(a=["1", "about 2", "3", "N/A"], b=["x", "2", "3", "4"]))
    assert told(faults) == [("a", ("Q", "S")), ("b", ("P",))]
    assert faults[0].message == (
        'a: 2 of 4 values are text where a number is expected: "about 2" (Q, row 2), "N/A" (S, row 4). '
        "Correct the values, or give the indicator points with lines for them"
    )
    assert faults[1].message == (
        'b: 1 of 4 values is text where a number is expected: "x" (P, row 1). '
        "Correct the value, or give the indicator points with a line for it"
    )


def test_a_column_of_remarks_is_one_fault_that_counts_what_it_does_not_list(two):
    units = [f"U{n:02d}" for n in range(30)]
    (fault,) = refused(two, table(units, a=[f"Remark {n // 2}" for n in range(30)], b=range(30)))
    assert fault.units == tuple(units)
    assert '30 of 30 values are text where a number is expected: "Remark 0" 2 times (U00, U01), ' in fault.message
    assert '"Remark 7" 2 times (U14, U15) and 7 more. Correct the values' in fault.message


@pytest.mark.parametrize("text", ["inf", "nan", "1_0", "0x1f", "1e999", "1/0", "1,5", "50%"])
def test_text_that_other_readers_take_for_a_number_is_text(two, text):
    (fault,) = refused(two, table(a=[text, "1", "2", "3"], b=[1, 2, 3, 4]))
    assert told([fault]) == [("a", ("P",))]
    assert f'"{text}"' in fault.message


def test_numbers_written_as_text_are_numbers(two):
    result = ei.compute(two, table(a=["1e3", "1.10", " 2 ", "1/4"], b=["-1", "+3", "0", ".5"]))
    assert scores(result) == pytest.approx([999 / 2, 4.1 / 2, 1, 0.375])


@pytest.mark.parametrize(
    "cells",
    [
        [True, False, True, True],
        pd.to_datetime(["2020-01-01"] * 4),
        [1j, 2, 3, 4],
        [[1], {"x": 1}, (2,), 3],
        pd.to_timedelta([1, 2, 3, 4], unit="D"),
        pd.period_range("2020", periods=4, freq="Y"),
        [pd.Period("2020", "Y"), 1, 2, 3],
        pd.interval_range(0, 4),
        pd.array([True, False, None, True], dtype="boolean"),
        [True, 1, 0, False],
        [True, 1.0, None, 2.5],
        [10**400, 1, 2, 3],
    ],
    ids=[
        "booleans",
        "dates",
        "complex",
        "lists",
        "durations",
        "years",
        "a year",
        "intervals",
        "nullable booleans",
        "a boolean and its number",
        "a boolean and other numbers",
        "too large",
    ],
)
def test_what_is_no_number_is_not_made_one(two, cells):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        faults = refused(two, table(a=cells, b=[1, 2, 3, 4]))
    assert {fault.column for fault in faults} == {"a"}
    assert "P" in {unit for fault in faults for unit in fault.units}


@pytest.mark.parametrize(
    "cells",
    [
        pd.array([1, None, 3, 4], dtype="Int64"),
        pd.array([1, None, 3, 4], dtype="int64[pyarrow]"),
        pd.array(["1", None, "3", "4"], dtype="string[pyarrow]"),
        pd.array([1, None, 3, 4], dtype="Float32"),
        pd.arrays.SparseArray([1, np.nan, 3, 4]),
        pd.Categorical(["1", None, "3", "4.0"]),
        [Decimal(1), None, Fraction(3, 1), np.float32(4)],
        ["1", pd.NA, 3, 4.0],
    ],
    ids=["nullable", "arrow", "arrow text", "short", "sparse", "categorical", "exact", "mixed"],
)
def test_columns_of_other_number_types_are_read(two, cells):
    data = table(a=cells, b=pd.Categorical([1, 2, 3, 4]))
    assert scores(ei.compute(two, data)) == [1, 2, 3, 4]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1]])
def test_a_boolean_is_a_word_and_one_a_number_whichever_comes_first(index, order):
    made = index("indicators: {a: {points: {1: 10, 0: 20, true: 30, false: 40}}}\nnodes: {top: {of: [a]}}")
    cells = [True, 1, False, np.bool_(True)]
    expected = np.array([30, 10, 40, 30])
    data = table(a=pd.Series([cells[at] for at in order], dtype=object))
    assert scores(ei.compute(made, data)) == expected[order].tolist()
    data.index = pd.Index([0, 0, 1, 1])
    assert scores(ei.compute(made, data)) == expected[order].tolist()


# --- who stands in a row


def test_a_unit_twice_is_named(two):
    (fault,) = refused(two, table(["P", "Q", "P", "Q"], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.units == ("P", "Q")
    assert fault.message == "unit in more than one row: P, Q; keep one row for each unit"


def test_a_unit_twice_in_one_period_is_named_with_the_period(two):
    data = table(["P", "P", "P", "Q"], period=[2020, 2021, 2021, 2020], a=[1, 2, 3, 4], b=[1, 2, 3, 4])
    (fault,) = refused(two, data)
    assert fault.units == ("P 2021",)
    assert "keep one row for each unit and period" in fault.message


def test_units_that_differ_by_outer_blanks_are_one(two):
    (fault,) = refused(two, table(["P", " P", "Q", "R"], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.units == ("P",)


@pytest.mark.parametrize("blank", [np.nan, None, "", " "])
def test_a_row_without_a_unit_may_be_namibia(two, blank):
    (fault,) = refused(two, table([blank, "Q", "R", blank], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert 'column "unit": 2 rows name no unit (rows 1, 4)' in fault.message
    assert "NA (Namibia) is lost" in fault.message
    assert "keep_default_na=False" in fault.message


def test_a_row_without_a_period_is_named(two):
    (fault,) = refused(two, table(period=[2020, None, 2020, None], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert 'column "period": 2 rows name no period (rows 2, 4)' in fault.message


@pytest.mark.parametrize(
    ("units", "found"),
    [
        ([True, "Q", False, "S"], "True, False"),
        (pd.to_datetime(["2020-01-01"] * 4), "2020-01-01"),
        ([[1, 2], "Q", {"x": 1}, "S"], "[1, 2], {'x': 1}"),
        ([b"P", "Q", 1j, "S"], "b'P', 1j"),
    ],
    ids=["booleans", "dates", "lists", "bytes"],
)
def test_units_that_are_neither_text_nor_numbers(two, units, found):
    (fault,) = refused(two, table(units, a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.check == "strange_unit"
    assert f'column "unit": a unit is text or a number, found {found}' in fault.message
    assert ("Norway" in fault.message) is ("False" in found)


@pytest.mark.parametrize("units", [[516, 4, 8, 12], [516.0, 4.0, 8.0, 12.0], [" 516", "4", 8, np.float32(12)]])
def test_units_that_are_numbers_are_named_without_a_decimal_point(two, units):
    result = ei.compute(two, table(units, a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert list(result.scores.index) == ["516", "4", "8", "12"]


def test_a_blank_in_a_level_of_the_index_is_named(two):
    keys = pd.MultiIndex.from_arrays([["P", None, "R"], [2020, 2020, None]], names=["unit", "period"])
    faults = refused(two, pd.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]}, index=keys))
    assert [fault.check for fault in faults] == ["blank_unit", "blank_period"]


def test_periods_that_differ_by_outer_blanks_are_one(two):
    data = table(period=["2020", "2020 ", "2021", " 2021"], a=[1, 2, 3, 4], b=[1, 2, 3, 4])
    assert {name for _, name in ei.compute(two, data).scores.index} == {"2020", "2021"}
    (fault,) = refused(two, table(["P", "P", "Q", "R"], period=["1", "1 ", "1", "1"], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.units == ("P 1",)


def test_a_period_as_number_and_as_text_is_not_two(two):
    (fault,) = refused(two, table(period=[2020, "2020", 2021, "2021 "], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.message == (
        'column "period": 2020, 2021 written both as numbers and as text; write each period in one way'
    )


@pytest.mark.parametrize(
    "periods",
    [
        [2020, 2020, 2021, 2021], [2020.0, 2020.0, 2021.0, 2021.0], ["x", "x", "y", "y"],
        pd.to_datetime(["2020-01-01", "2020-01-01", "2021-01-01", "2021-01-01"]),
        pd.PeriodIndex(["2020", "2020", "2021", "2021"], freq="Y"),
        pd.Categorical(["x", "x", "y", "y"]), pd.array([2020, 2020, 2021, 2021], dtype="Int64"),
    ],
    ids=["numbers", "floats", "text", "dates", "periods", "categorical", "nullable"],
)  # fmt: skip
def test_periods_of_every_kind(two, periods):
    result = ei.compute(two, table(period=periods, a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert result.ranks["top"].tolist() == [2, 1, 2, 1]


@pytest.mark.parametrize("period", [True, [2020], {"year": 2020}])
def test_periods_of_no_kind(two, period):
    (fault,) = refused(two, table(period=[period, 2020, 2020, 2020], a=[1, 2, 3, 4], b=[1, 2, 3, 4]))
    assert fault.check == "strange_period"


@pytest.mark.parametrize("data", [[1, 2], pd.Series([1, 2]), {"unit": ["P"]}, np.ones((2, 2)), 3])
def test_what_is_no_table(two, data):
    for ask in (ei.compute, ei.check, lambda index, table: ei.read_table(table)):
        with pytest.raises(ei.DataError) as caught:
            ask(two, data)
        (fault,) = caught.value.faults
        assert fault.check == "not_a_table"
        assert f"a pandas DataFrame is expected, found {type(data).__name__}; " in fault.message


def test_none_is_no_table(two):
    with pytest.raises(ei.DataError, match="a pandas DataFrame is expected, found NoneType"):
        ei.compute(two, None)
    assert ei.check(two, None).empty


def test_an_empty_table(two):
    (fault,) = refused(two, table([], a=[], b=[]))
    assert fault.message == "the table has no rows (columns: unit, a, b); give one row for each unit"


def test_a_table_without_columns(two):
    faults = refused(two, pd.DataFrame())
    assert [fault.check for fault in faults] == ["empty_table", "missing_key"]


# --- headings


def test_missing_columns_are_suggested_where_a_near_one_is_not_used(two):
    faults = refused(two, table(A=[1, 2, 3, 4], bb=[1, 2, 3, 4]))
    assert [fault.column for fault in faults] == ["a", "b"]
    assert 'the data has no column "a", which a takes its value from; did you mean "A"?' in faults[0].message
    assert 'the data has no column "b", which b takes its value from; did you mean "bb"?' in faults[1].message
    assert all("Rename the column, or write from: HEADING in the index" in fault.message for fault in faults)
    notes = ei.check(two, table(A=[1, 2, 3, 4], bb=[1, 2, 3, 4])).query("severity == 'note'")
    assert notes["column"].tolist() == ["A", "bb"]
    assert notes["message"].tolist()[1] == 'column "bb" is not used by region; did you mean "b"?'


def test_a_missing_column_is_told_once_for_all_who_use_it(index):
    made = index("indicators: {a: {from: users}, b: {from: users}}\nnodes: {top: {of: [a, b]}}")
    (fault,) = refused(made, table(user=[1, 2, 3, 4]))
    assert 'no column "users", which a, b takes its value from; did you mean "user"?' in fault.message


def test_a_missing_unit_column_is_suggested(two):
    data = pd.DataFrame({"Unit": UNITS, "a": [1, 2, 3, 4], "b": [1, 2, 3, 4]})
    (fault,) = refused(two, data)
    assert fault.message == (
        'the data has no column "unit" that names the units; did you mean "Unit"? Rename the column, '
        "or write columns: {unit: HEADING} in the index. Columns: Unit, a, b"
    )


def test_doubled_headings_are_named(two):
    data = pd.DataFrame([["P", 1, 2, 3, 4, 5]], columns=["unit", "a", "a", "b", "b", "b"])
    faults = refused(two, data)
    assert [fault.message for fault in faults] == [
        'column "a" stands 2 times in the data; rename one',
        'column "b" stands 3 times in the data; rename one',
    ]


def test_headings_that_read_alike_are_doubled(index):
    made = index('indicators: {a: {from: "5"}}\nnodes: {top: {of: [a]}}')
    (fault,) = refused(made, pd.DataFrame([["P", 1, 2]], columns=["unit", 5, "5"]))
    assert fault.column == "5"


def test_headings_that_are_numbers(index):
    made = index('columns: {unit: "0", period: "1"}\nindicators: {a: {from: "2"}}\nnodes: {top: {of: [a]}}')
    data = pd.DataFrame([["P", 2020, 5.0], ["Q", 2020, 7.0]])
    assert list(data.columns) == [0, 1, 2]
    result = ei.compute(made, data)
    assert list(result.scores.index) == [("P", 2020), ("Q", 2020)]
    assert scores(result) == [5, 7]
    assert ei.check(made, data).empty
    assert scores(ei.compute(made, data.set_index([0, 1]))) == [5, 7]


def test_headings_on_several_levels(two):
    headings = pd.MultiIndex.from_tuples([("unit", ""), ("a", "x"), ("b", "y")])
    (fault,) = refused(two, pd.DataFrame([["P", 1, 2]], columns=headings))
    assert "the table has headings on 2 levels" in fault.message
    assert "give each column one heading" in fault.message


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_doubled_headings_of_a_file_are_named(two, tmp_path, kind):
    data = pd.DataFrame([["P", 1, 2, 3]], columns=["unit", "a", "a", "b"])
    path = tmp_path / f"data.{kind}"
    {"csv": data.to_csv, "xlsx": data.to_excel}[kind](path, index=False)
    with pytest.raises(ei.DataError) as caught:
        ei.compute(two, path)
    assert [fault.message for fault in caught.value.faults] == ['column "a" stands 2 times in the data; rename one']


def test_a_workbook_keeps_its_types_and_headings(two, tmp_path):
    path = tmp_path / "data.xlsx"
    data = pd.DataFrame({"unit": ["NA", "004"], "a": [1, 2.5], "b": [True, None], 2024: [1, 2], None: ["x", None]})
    data.to_excel(path, index=False)
    read = ei.read_table(path)
    assert list(read.columns) == ["unit", "a", "b", 2024, "Unnamed: 4"]
    assert read["unit"].tolist() == ["NA", "004"]
    assert read["a"].tolist() == [1, 2.5]
    assert read["b"][0] is True
    assert read[2024].dtype == np.int64


def test_cells_of_a_workbook_that_hold_an_error_are_no_blanks(two, tmp_path):
    path = tmp_path / "data.xlsx"
    pd.DataFrame({"unit": ["P", "Q"], "a": ["#N/A", 1], "b": [2, "#DIV/0!"]}).to_excel(path, index=False)
    with pytest.raises(ei.DataError) as caught:
        ei.compute(two, path)
    (fault,) = caught.value.faults
    assert (fault.check, fault.file) == ("error_cells", "data.xlsx")
    assert "2 cells hold an error (B2 #N/A, C3 #DIV/0!)" in fault.message


def test_a_workbook_without_a_cell(two, tmp_path):
    path = tmp_path / "data.xlsx"
    pd.DataFrame().to_excel(path, index=False)
    with pytest.raises(ei.DataError, match=r"data\.xlsx: the first sheet is empty"):
        ei.compute(two, path)


READS = """\
reference: {where: big is yes}
nothing: skip
columns: {staff: "Number of staff"}
indicators: {a: {from: x / y}, b: {points: {level is central: 1, weeks > 2: staff, else: 0}}}
nodes: {top: {of: [a, b], points: {grade is low: 0, else: value}}}
"""


def test_columns_that_only_sentences_read_are_used(index):
    data = table(
        x=[1, 2, 3, 4], y=[1, 1, 1, 1], b=[1, 2, 3, 4], level=["central", "local"] * 2, weeks=[1, 2, 3, 4],
        big=["yes"] * 4, grade=["low", "high"] * 2, other=[1, 2, 3, 4], **{"Number of staff": [1, 2, 3, 4]},
    )  # fmt: skip
    assert ei.check(index(READS), data)["column"].tolist() == ["other"]


def test_units_without_any_answer_are_one_note(index, two):
    data = table(a=[1, None, 2, None], b=[1, None, None, None])
    found = ei.check(two, data)
    assert found[["severity", "check", "units"]].to_numpy().tolist() == [["note", "no_answers", "Q, S"]]
    assert found["message"][0] == "2 of 4 units have no answer to any indicator (Q, S), and no score of any node"
    scored = ei.check(two.with_(nothing={"missing": 0}), data)
    assert scored["message"].tolist() == [
        "2 of 4 units have no answer to any indicator (Q, S), but scores from what the file says about nothing (Q, S)"
    ]
    void = ei.check(two.with_(nothing={"missing": "void"}), data.assign(period=2020))
    assert void["message"].tolist() == [
        "2 of 4 rows have no answer to any indicator (Q 2020, S 2020), and no score of any node",
        "1 of 4 rows has answers (R 2020), but no score of any node",
    ]


def test_a_name_in_a_test_that_is_no_column_is_suggested(index):
    made = index(
        "nothing: skip\nindicators: {a: {points: {levl is central: 1, weekz > 2: 2, else: 0}}}\nnodes: {top: {of: [a]}}"
    )
    faults = refused(made, table(a=[1, 2, 3, 4], level=["x"] * 4, weeks=[1, 2, 3, 4]))
    assert [fault.column for fault in faults] == ["levl", "weekz"]
    assert 'a: "levl" is neither a column of the data nor an indicator; did you mean "level"?' in faults[0].message


# --- answers

ANSWERS = """\
nothing: skip
answers: {yes_no: {yes: [Y, YEs], no: [N]}}
points: {yes_no: {yes: 1, no: 0}}
defaults: {indicators: {points: yes_no}}
indicators: {C4: {}, C5: {}}
nodes: {top: {of: [C4, C5]}}
"""


def test_the_message_of_the_spec_language_about_an_answer_without_a_line(index):
    # spec language, section 8, message 3
    (fault,) = refused(index(ANSWERS), table(["DE", "AT", "FR", "NO"], C4=["Y", "NR*", "n", "yes"], C5=["N"] * 4))
    assert fault.units == ("AT",)
    assert fault.message == (
        'C4: 1 answer has no line in points "yes_no": "NR*" (AT, row 2). '
        'Add a spelling to answers.yes_no, or a line "NR*: ..."'
    )


def test_all_answers_without_a_line_are_told_each_with_its_units(index):
    faults = refused(index(ANSWERS), table(C4=["Maybe", "Y", "maybe", "Yess"], C5=["Y", "N", "?", "n"]))
    assert told(faults) == [("C4", ("P", "R", "S")), ("C5", ("R",))]
    assert faults[0].message == (
        'C4: 3 answers have no line in points "yes_no": "Maybe" 2 times (P, R), "Yess" (S, row 4; did you mean "yes"?)'
        ". Add a spelling to answers.yes_no, or a line for each"
    )


def test_a_code_that_a_closed_map_does_not_list(index):
    made = index("nothing: skip\nindicators: {a: {points: {0: 0, 1: 0.5, 2: 1}}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[0, 9, 2, 3]))
    assert told([fault]) == [("a", ("Q", "S"))]
    assert fault.message == (
        'a: 2 answers have no line in its points: "3" (S, row 4), "9" (Q, row 2). Add a line for each'
    )
    (fault,) = refused(made, table(a=[0, 9, 2, 1]))
    assert '1 answer has no line in its points: "9" (Q, row 2). Add a line "9: ..."' in fault.message


def test_measurements_under_a_closed_map_are_one_fault_that_counts_what_it_does_not_list(index):
    made = index("nothing: skip\nindicators: {a: {points: {0: 0}}}\nnodes: {top: {of: [a]}}")
    units = [f"U{n:02d}" for n in range(30)]
    (fault,) = refused(made, table(units, a=["n. a.", *range(1, 30)]))
    assert fault.units == tuple(units)
    assert '30 answers have no line in its points: "n. a." (U00, row 1), "1" (U01, row 2), ' in fault.message
    assert '"7" (U07, row 8) and 22 more. Add a line for each' in fault.message


def test_the_message_of_the_spec_language_about_a_category_that_never_occurs(index):
    # spec language, section 8, message 9
    made = index("nothing: skip\nindicators: {a: {points: {level is centrall: 1, else: 0}}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[1, 2, 3, 4], level=["Central", "Local", "National", "Regional"]))
    assert fault.column == "level"
    assert fault.message == (
        'a: "centrall" never occurs in level (Central, Local, National, Regional); did you mean "Central"? '
        "If it is an answer too, list both in a scale under answers"
    )
    both = made.with_(answers={"level": {"Central": [], "Centrall": []}})
    assert "never_occurs" not in set(ei.check(both, table(a=[1, 2, 3, 4], level=["Central"] * 4))["check"])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("level1", "level2"), ("III", "II"), ("B", "A"), ("North", "South"), ("northern", "southern"),
        ("offline", "online"), ("inactive", "active"), ("female", "male"), ("national", "regional"),
    ],
)  # fmt: skip
def test_a_category_that_is_like_another_but_no_slip_of_it_is_a_note(index, written, found):
    made = index(f"indicators: {{a: {{points: {{level is {written}: 1, else: 0}}}}}}\nnodes: {{top: {{of: [a]}}}}")
    notes = ei.check(made, table(a=[1, 2, 3, 4], level=[found] * 4)).query("check == 'never_occurs'")
    assert notes["severity"].tolist() == ["note"]
    assert f'"{written}" never occurs in level ({found})' in notes["message"].tolist()[0]


@pytest.mark.parametrize("written", ["Central", "cental", "cnetral", "centrel", "Centrall"])
def test_one_slip_is_a_fault(index, written):
    made = index(f"indicators: {{a: {{points: {{level is {written}: 1, else: 0}}}}}}\nnodes: {{top: {{of: [a]}}}}")
    data = table(a=[1, 2, 3, 4], level=["CENTRAL"] * 4)
    if written == "Central":
        assert scores(ei.compute(made, data)) == [1, 1, 1, 1]
    else:
        assert refused(made, data)[0].message.count('"CENTRAL"') == 1


def test_categories_that_are_spelt_otherwise_in_the_data_are_shown_as_the_file_writes_them(index):
    made = index(
        "answers: {s: {Fully: [F], Partly: [P]}}\nnothing: skip\n"
        "indicators: {a: {answers: s, points: {Fully: 1, else: 0}}, b: {points: {a is Fullly: 1, else: 0}}}\n"
        "nodes: {top: {of: [a, b]}}"
    )
    (fault,) = refused(made, table(a=["F", "P", "f", "fully"], b=[1, 2, 3, 4]))
    assert '"Fullly" never occurs in a (Fully, Partly); did you mean "Fully"?' in fault.message


def test_a_category_that_never_occurs_and_is_like_no_other_is_a_note(index):
    made = index("nothing: skip\nindicators: {a: {points: {level is island: 1, else: 0}}}\nnodes: {top: {of: [a]}}")
    data = table(a=[1, 2, 3, 4], level=["Central", "Local", "National", "Regional"])
    assert scores(ei.compute(made, data)) == [0, 0, 0, 0]
    notes = ei.check(made, data).query("check == 'never_occurs'")
    assert notes["severity"].tolist() == ["note"]
    assert notes["column"].tolist() == ["level"]


# --- methods that are not defined for the data


@pytest.mark.parametrize("step", ["minmax", "zscore", "zscore sample", "minmax 0 100"])
def test_constant_columns_are_named_and_give_no_scores(index, step):
    made = index(f"defaults: {{indicators: {{steps: [{step}]}}}}\n" + TWO)
    faults = refused(made, table(a=[1, 1, 1, 1], b=[0.3, 0.3, 0.3, 0.3]), ei.MethodError)
    assert [fault.column for fault in faults] == ["a", "b"]
    assert all("all equal in the reference population" in fault.message for fault in faults)
    assert all("leave the column out" in f.message and "goalposts" in f.message for f in faults)


def test_a_column_that_is_constant_in_one_period_is_named(index):
    made = index("indicators: {a: {steps: [minmax]}}\nnodes: {top: {of: [a]}}")
    data = table(["P", "Q", "P", "Q"], period=[2020, 2020, 2021, 2021], a=[1, 2, 5, 5])
    (fault,) = refused(made, data, ei.MethodError)
    assert fault.column == "a"


@pytest.mark.parametrize("step", ["minmax", "zscore", "rank", "winsorise 2", "distance median"])
def test_a_column_of_skipped_blanks_has_no_values_to_learn_from_and_none_to_change(index, step):
    made = index(f"nothing: skip\nindicators: {{a: {{steps: [{step}]}}, b: {{}}}}\nnodes: {{top: {{of: [a, b]}}}}")
    assert scores(ei.compute(made, table(a=[np.nan] * 4, b=[1, 2, 3, 4]))) == [1, 2, 3, 4]


def test_more_ranks_than_units(index):
    made = index("indicators: {a: {steps: [top 5]}, b: {steps: [bottom 9]}}\nnodes: {top: {of: [a, b]}}")
    faults = refused(made, table(a=[1, 2, 3, 4], b=[1, 2, 3, 4]), ei.MethodError)
    assert [fault.column for fault in faults] == ["a", "b"]
    assert "top 5 needs at least 5 units in the reference population, it has 4" in faults[0].message


def test_a_logarithm_names_the_units_it_is_not_defined_for(index):
    made = index("indicators: {a: {steps: [log]}, b: {steps: [log]}}\nnodes: {top: {of: [a, b]}}")
    faults = refused(made, table(a=[0, 2, -1, 4], b=[1, 0, 4, 2]), ei.MethodError)
    assert told(faults) == [("a", ("P", "R")), ("b", ("Q",))]
    assert all("needs values above zero; add a floor before it" in fault.message for fault in faults)


def test_goalposts_on_a_log_scale_name_their_units(index):
    made = index("indicators: {a: {steps: [goalposts 1 10 log]}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[0, 2, -1, 4]), ei.MethodError)
    assert fault.units == ("P", "R")


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
def test_means_of_negative_values_name_node_and_units(index, aggregate):
    made = index(f"indicators: {{a: {{}}, b: {{}}}}\nnodes: {{top: {{of: [a, b], aggregate: {aggregate}}}}}")
    (fault,) = refused(made, table(a=[1, -2, -3, 4], b=[1, 2, 3, 4]), ei.MethodError)
    assert told([fault]) == [("top", ("Q", "R"))]
    assert "minmax or goalposts" in fault.message


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
def test_means_of_negative_values_name_the_units_of_every_child(index, aggregate):
    made = index(f"indicators: {{a: {{}}, b: {{}}}}\nnodes: {{top: {{of: [a, b], aggregate: {aggregate}}}}}")
    faults = refused(made, table(a=[1, -2, 3, 4], b=[1, 2, -3, 4]), ei.MethodError)
    assert {unit for fault in faults for unit in fault.units} == {"Q", "R"}


def test_a_formula_over_columns_names_units_without_a_value(index):
    made = index("indicators: {share: {from: a / b}, root: {from: sqrt(a)}}\nnodes: {top: {of: [share, root]}}")
    faults = refused(made, table(a=[1, -2, 3, 0], b=[0, 2, 3, 0]))
    assert told(faults) == [("share", ("P", "S")), ("root", ("Q",))]
    assert '"a / b" has no value for P, S (division by zero' in faults[0].message


def test_a_formula_in_a_points_line_names_units_without_a_value(index):
    made = index("nothing: skip\nindicators: {a: {points: {else: 1 / b}}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[1, 2, 3, 4], b=[0, 1, 0, 2]))
    assert told([fault]) == [("a", ("P", "R"))]


def test_a_formula_node_names_units_without_a_value(index):
    made = index("indicators: {a: {}, b: {}}\nnodes: {top: {from: a / b}}")
    faults = refused(made, table(a=[1, 2, 3, 4], b=[0, 1, 0, 2]), ei.MethodError)
    assert told(faults)[0] == ("top", ("P", "R"))
    assert "division by zero" in faults[0].message


def test_a_blank_in_a_formula_is_a_blank_not_a_division(index):
    made = index("nothing: skip\nindicators: {share: {from: a / b}}\nnodes: {top: {of: [share]}}")
    result = ei.compute(made, table(a=[1, 2, np.nan, 4], b=[2, np.nan, 0, 2]))
    assert result.states["top"].tolist() == ["scored", "missing", "missing", "scored"]


def test_a_reference_population_of_nobody(index):
    made = index("reference: {where: big is yes}\nindicators: {a: {steps: [minmax]}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[1, 2, 3, 4], big=["no"] * 4))
    assert fault.message == "reference.where: no unit passes the test (big is yes)"


def test_a_reference_period_that_is_not_there(index):
    made = index("reference: {periods: 1999}\nindicators: {a: {steps: [minmax]}}\nnodes: {top: {of: [a]}}")
    (fault,) = refused(made, table(a=[1, 2, 3, 4], period=[2020] * 4))
    assert fault.message == 'reference.periods: "1999" is no period of the data (2020)'


def test_faults_of_different_kinds_are_told_together(two):
    faults = refused(two, table(a=["x", "1", "2", "3"], b=[np.inf, 1, 2, 3]))
    assert {fault.check for fault in faults} == {"text_for_number", "infinite"}


# --- long tables


def test_a_long_table_with_an_item_answered_twice(two):
    data = pd.DataFrame({"unit": ["P", "P", "P", "Q"], "item": ["a", "b", "a", "a"], "answer": [1, 2, 3, 4]})
    (fault,) = refused(two, data)
    assert "items answered more than once: P a" in fault.message


def test_a_long_table_with_rows_of_no_unit_and_no_item(two):
    data = pd.DataFrame({"unit": ["P", None, "Q"], "item": ["a", "b", None], "answer": [1, 2, 3]})
    faults = refused(two, data)
    assert [fault.check for fault in faults] == ["blank_unit", "blank_item"]
    assert 'column "item": 1 row names no item (row 3)' in faults[1].message


def test_a_long_table_with_a_misspelt_item(two):
    data = pd.DataFrame({"unit": ["P", "P"], "item": ["a", "bb"], "answer": [1, 2]})
    (fault,) = refused(two, data)
    assert 'did you mean "bb"?' in fault.message


def long(**columns: Any) -> pd.DataFrame:
    units = {"unit": ["P", "P", "Q", "Q"], "item": ["a", "b", "a", "b"], "answer": [1, 2, 3, 4]}
    return pd.DataFrame(units | columns)


def test_outer_blanks_are_no_part_of_an_item_or_a_unit(two):
    data = long(unit=["P", " P", "Q ", "Q"], item=["a", " b ", "a", "b\t"])
    result = ei.compute(two, data)
    assert list(result.scores.index) == ["P", "Q"]
    assert scores(result) == [1.5, 3.5]
    assert ei.check(two, data).empty
    (fault,) = refused(two, long(item=["a", " a", "a", "b"]))
    assert "items answered more than once: P a" in fault.message


def test_items_the_index_does_not_use_are_listed(two):
    found = ei.check(two, long(item=["a", "b", "zz", "b"], weeks=[1, 2, 3, 4]))
    assert found[["severity", "check", "column"]].to_numpy().tolist() == [
        ["note", "unused_column", "zz"],
        ["note", "unused_column", "weeks"],
    ]
    assert found["message"].tolist() == [
        'column "zz" is not used by region',
        'column "weeks" of the long table differs among the items of a row, and is not read',
    ]


@pytest.mark.parametrize("levels", [["unit"], ["unit", "period"], ["period"], ["unit", "period", "item"]])
def test_keys_of_a_long_table_may_be_levels_of_the_index(two, levels):
    result = ei.compute(two, long(period=2020).set_index(levels))
    assert list(result.scores.index) == [("P", 2020), ("Q", 2020)]
    assert scores(result) == [1.5, 3.5]


@pytest.mark.parametrize(
    ("data", "check"),
    [
        (long().drop(columns="unit"), "missing_key"),
        (long().iloc[:0], "empty_table"),
        (long(item=["a", "unit", "a", "b"]), "item_like_key"),
        (long(item=["a", True, "a", "b"]), "strange_item"),
        (long(period=[2020, "2020", 2020, 2020]), "period_spelt_twice"),
        (pd.concat([long(), long()[["item"]]], axis=1), "doubled_headings"),
        (long(coder="x"), "several_coders"),
    ],
)
def test_long_tables_that_cannot_be_made_wide(two, data, check):
    assert [fault.check for fault in refused(two, data)] == [check]


# --- codes that other readers destroy


def test_namibia_and_norway_survive_a_csv_file(two, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("unit,a,b\nNA,1,2\nNO,3,\nnull,5,6\nTRUE,7,8\n004,1,1\n", encoding="utf-8")
    result = ei.compute(two, path)
    assert list(result.scores.index) == ["NA", "NO", "null", "TRUE", "004"]
    assert scores(result) == [1.5, 3, 5.5, 7.5, 1]


def test_answers_survive_a_csv_file(index, tmp_path):
    made = index(
        "nothing: skip\nanswers: {s: {yes: [], no: [], NA: [], none: [], 1.10: [], 1e3: []}}\n"
        "points: {s: {yes: 1, no: 2, NA: 3, none: 4, 1.10: 5, 1e3: 6}}\n"
        "indicators: {a: {points: s}}\nnodes: {top: {of: [a]}}"
    )
    path = tmp_path / "data.csv"
    path.write_text("unit,a\nP,yes\nQ,NO\nR,NA\nS,None\nT,1.10\nU,1e3\nV,\n", encoding="utf-8")
    result = ei.compute(made, path)
    assert scores(result)[:6] == [1, 2, 3, 4, 5, 6]
    assert result.states["top"].tolist()[6] == "missing"


def test_words_of_other_yaml_readers_stay_words_in_an_index(index):
    made = index(
        "edition: 1.10\ntitle: NO\nnote: 2024-01-01\n"
        "answers: {s: {yes: [on, 1e3], no: [off, NO, null]}}\nnothing: skip\n"
        "indicators: {a: {points: {yes: 1, no: 0}, label: yes, measured_in: 1_000}, NO: {}, y: {label: 0o17}}\n"
        "nodes: {top: {of: [a, NO, y]}}"
    )
    assert (made.file.edition, made.file.title, made.file.note) == ("1.10", "NO", "2024-01-01")
    assert made.file.answers["s"] == {"yes": ("on", "1e3"), "no": ("off", "NO", "null")}
    assert list(made.file.indicators) == ["a", "NO", "y"]
    assert [made.file.indicators[name].label for name in ("a", "y")] == ["yes", "0o17"]
    assert made.file.indicators["a"].measured_in == "1_000"
    assert "edition: 1.10" in made.to_yaml()


@pytest.mark.parametrize(
    ("name", "content", "check"),
    [
        ("data.csv", b"", "empty_file"),
        ("data.csv", "unit,a,b\nP,é,1\n".encode("latin-1"), "not_utf8"),
        ("data.txt", b"unit,a,b\nP,1,2\n", "unknown_kind"),
        ("data.txt.gz", b"unit,a,b\nP,1,2\n", "unknown_kind"),
        ("data.csv.gz", b"unit,a,b\nP,1,2\n", "not_gzip"),
        ("data.csv.gz", gzip.compress(b"unit,a,b\nP,1,2\n", mtime=0)[:-9], "not_gzip"),
        ("data.csv.gz", gzip.compress("unit,a,b\nP,é,1\n".encode("latin-1"), mtime=0), "not_utf8"),
        ("data.xlsx", b"this is no workbook", "not_excel"),
        ("data.parquet", b"this is no parquet", "not_parquet"),
    ],
)
def test_a_table_file_that_cannot_be_read(two, tmp_path, name, content, check):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ei.DataError) as caught:
        ei.compute(two, tmp_path / name)
    (fault,) = caught.value.faults
    assert (fault.check, fault.file) == (check, name)


def test_a_table_file_that_is_not_there(two, tmp_path):
    with pytest.raises(ei.DataError, match=r"nowhere\.csv: there is no such file"):
        ei.compute(two, tmp_path / "nowhere.csv")


# --- weights


def weights_refused(index: ei.Index, weights: Any) -> list[str]:
    with pytest.raises(ei.SpecError) as caught:
        index.with_weights(weights)
    return [fault.message for fault in caught.value.faults]


def test_weights_missing_extra_and_misspelt(two):
    assert weights_refused(two, {"top": {"a": 1}}) == ["weights of top must name each child once; missing: b"]
    assert weights_refused(two, {"top": {"a": 1, "b": 1, "c": 1}}) == [
        "weights of top must name each child once; not a child: c"
    ]
    assert weights_refused(two, {"top": {"a": 1, "bb": 1}}) == [
        'weights of top must name each child once; missing: b; not a child: bb (did you mean "b"?)'
    ]


def test_the_message_of_the_spec_language_about_a_misspelt_weight():
    # spec language, section 8, message 2
    (message,) = weights_refused(ei.load_index("un-egdi-parts-2024"), {"EGDI": {"osi": 1, "tii": 1, "hic": 1}})
    assert message.startswith("weights of EGDI must name each child once; missing: hci; not a child: hic")


@pytest.mark.parametrize("weight", [-1, -1e-300])
def test_negative_weights_are_named(two, weight):
    (message,) = weights_refused(two, {"top": {"a": weight, "b": 1}})
    assert message.startswith("top: negative weight of a; only aggregate: sum takes negative weights")


def test_weights_of_zero(two):
    assert weights_refused(two, {"top": {"a": 0, "b": 0}}) == ["top: the weights of its children add up to zero"]


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "much", None, True, [1], {"range": [0, 1]}])
def test_weights_that_are_no_numbers(two, weight):
    (message,) = weights_refused(two, {"top": {"a": weight, "b": 1}})
    assert message.startswith("nodes.top.a: ")


def test_weights_of_no_node(two):
    assert weights_refused(two, {"tpo": {"a": 1, "b": 1}, "a": {"b": 1}}) == [
        '"tpo" is not a node of region; did you mean "top"?',
        '"a" is an indicator of region',
    ]


def test_weights_without_their_node(two):
    messages = weights_refused(two, {"a": 1, "b": 2})
    assert messages == [
        'nodes.a: "1" is neither a map of child to weight nor one of equal, entropy, pca',
        'nodes.b: "2" is neither a map of child to weight nor one of equal, entropy, pca',
    ]


@pytest.mark.parametrize("weights", [None, [1, 2], 3])
def test_weights_of_another_type(two, weights):
    (message,) = weights_refused(two, weights)
    assert message.startswith("nodes: a map is expected")


def test_weights_of_another_index(two):
    other = ei.load_weights("equal", index="un-egdi-2024")
    assert weights_refused(two, other) == ['weight set "equal" is for un-egdi-2024, not for region']


def test_all_faults_of_weights_are_told_at_once(two):
    assert len(weights_refused(two, {"top": {"a": -1, "x": 1}, "tpo": {"a": 1}})) == 3


def test_refused_weights_leave_the_index_as_it_was(two):
    before = two.to_yaml()
    weights_refused(two, {"top": {"a": 1}})
    assert two.to_yaml() == before


def test_numpy_numbers_are_weights(two):
    branch = two.with_weights({"top": {"a": np.float64(0.25), "b": np.int64(3)}}).tree.branches["top"]
    assert [quantity.value for quantity in branch.weights] == [0.25, 3]


# --- arrays


@pytest.fixture
def plan(two) -> ei.Plan:
    return two.plan(table(a=[1, 2, 3, 4], b=[4, 3, 2, 1]))


def array_refused(plan: ei.Plan, **arrays: Any) -> list[str]:
    with pytest.raises(ei.MethodError) as caught:
        ei.evaluate(plan, **arrays)
    return [fault.message for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "shape", "wanted"),
    [
        ("weights", (3,), "(2) or (draws, 2)"),
        ("weights", (5, 3), "(2) or (draws, 2)"),
        ("weights", (5, 5, 2), "(2) or (draws, 2)"),
        ("x", (4,), "(4, 2) or (draws, 4, 2)"),
        ("x", (2, 4), "(4, 2) or (draws, 4, 2)"),
        ("x", (3, 2, 4), "(4, 2) or (draws, 4, 2)"),
        ("outcomes", (1,), "(0) or (draws, 0)"),
    ],
)
def test_arrays_of_the_wrong_shape(plan, name, shape, wanted):
    (message,) = array_refused(plan, **{name: np.ones(shape)})
    assert message == f"{name} must have the shape {wanted}, found {shape}"


def test_arrays_of_different_numbers_of_draws(plan):
    (message,) = array_refused(plan, weights=np.ones((3, 2)), x=np.ones((5, 4, 2)))
    assert message == "x, weights, outcomes and learned values have different numbers of draws: [3, 5]"


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([[1, 1], [1, -1]], "top: negative weights"),
        ([np.nan, 1], "top: weights that are not finite"),
        ([[1, 1], [0, 0]], "top: weights that add up to zero"),
    ],
)
def test_draws_of_weights_that_are_no_weights(plan, weights, words):
    (message,) = array_refused(plan, weights=np.array(weights, dtype=float))
    assert message.startswith(words)


def test_points_that_are_no_numbers_name_their_indicators(plan):
    x = np.ones((4, 2))
    x[1] = [np.nan, np.inf]
    messages = array_refused(plan, x=x)
    assert [message.partition(":")[0] for message in messages] == ["a", "b"]
    assert all("finite" in message for message in messages)


# --- an error keeps its faults


def test_errors_travel_between_processes_with_their_faults(two):
    import pickle

    with pytest.raises(ei.DataError) as caught:
        ei.compute(two, table(a=[1, np.inf, 2, 3], b=[1, 2, 3, 4]))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is ei.DataError
    assert copy.faults == caught.value.faults
    assert str(copy) == str(caught.value)


def test_a_correct_table_has_no_errors(two):
    data = table(a=[1, 2, 3, 4], b=[4, 3, 2, np.nan])
    found = ei.check(two, data)
    assert (found["severity"] == "error").sum() == 0
    assert scores(ei.compute(two, data)) == [2.5, 2.5, 2.5, 4]


# --- the schema takes what compute takes

FRACTIONS = ["1/2", " 2 ", "1e3", "unknown"]


def fits(index: ei.Index, data: pd.DataFrame) -> bool:
    """Whether the schema takes a table, which it leaves as it is."""
    before = data.copy(deep=True)
    try:
        found = ei.schema(index).validate(data, lazy=True)
    except SchemaErrors as error:
        return len(error.failure_cases) == 0  # a refusal that names nothing is none
    pd.testing.assert_frame_equal(found, before)
    return True


KEYS = pd.MultiIndex.from_tuples([("P", 1), ("P", 2)], names=["unit", "period"])


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (table(a=FRACTIONS, b=[1, 2, 3, None]), True),
        (table([1, 2, 3, 4], a=pd.array([1, None, 3, 4], dtype="Int64"), b=pd.Categorical(["1", "2", "3", "4"])), True),
        (table(a=[1, 2, 3, 4], b=1).set_index("unit"), True),
        (pd.DataFrame({"a": [1, 2], "b": [1, 2]}, index=KEYS), True),
        (table(["P", "P", "Q", "Q"], period=[1, 2, 1, 2], a=1, b=1), True),
        (table(["P", "P", "Q", "Q"], period=[1, 1, 1, 2], a=1, b=1), False),
        (table(["P", "P ", "Q", "R"], a=1, b=1), False),
        (table(["P", None, "Q", "R"], a=1, b=1), False),
        (table([True, "O", "Q", "R"], a=1, b=1), False),
        (table(period=[1, None, 1, 1], a=1, b=1), False),
        (table(a=1, b=1).drop(columns="unit"), False),
        (table(a=1), False),
        (table([], a=[], b=[]), False),
        (table(a=["1", "x", "2", "3"], b=1), False),
        (table(a=[1, True, 2, 3], b=1), False),
        (table(a=[1, np.inf, 2, 3], b=1), False),
        (pd.DataFrame([["P", 1, 2, 3]], columns=["unit", "a", "a", "b"]), False),
    ],
)
def test_the_schema_takes_what_compute_takes(two, data, taken):
    assert fits(two, data) is taken
    if taken:
        ei.compute(two, data)
    else:
        refused(two, data)


@pytest.mark.parametrize(
    ("changed", "taken"),
    [
        ({}, True),
        ({"x": [1, None, 2, 3]}, True),  # y is read where x is blank, and only there
        ({"x": [None, 1, 2, 3], "y": [None, 1, 2, 3]}, False),
        ({"p": [1, "many", 2, 3]}, False),
        ({"q": [1, 0, 2, 3]}, False),
        ({"c": ["yes", "NO", "unknown", "Y"]}, True),
        ({"c": ["yes", "perhaps", "no", "Y"]}, False),
        ({"c": ["yes", None, "no", "Y"]}, False),
        ({"level": ["centrl"] * 4}, False),
    ],
)
def test_the_schema_reads_lists_formulas_and_points(index, changed, taken):
    made = index(
        "nothing: {unknown: skip}\nanswers: {s: {yes: [Y], no: []}}\n"
        "indicators: {a: {from: [x, y]}, b: {from: p / q}, c: {points: {yes: 1, no: 0}}, "
        "d: {points: {level is central: 1, else: 0}}}\nnodes: {top: {of: [a, b, c, d]}}\n"
    )
    columns = {"x": [1, 2, 3, 4], "y": ["?", 2, 3, 4], "p": 1, "q": 2, "c": "yes", "d": 1, "level": "central"}
    data = table(**(columns | changed))
    assert fits(made, data) is taken
    if taken:
        ei.compute(made, data)
    else:
        refused(made, data)
    assert not fits(made, data.drop(columns="level"))


def test_the_schema_names_cells_of_one_column_and_rows_of_several(index):
    made = index("nothing: skip\nindicators: {a: {}, b: {from: p / q}}\nnodes: {top: {of: [a, b]}}")
    with pytest.raises(SchemaErrors) as caught:
        ei.schema(made).validate(table(a=[1, "x", 3, 4], p=1, q=[1, 1, 1, 0]), lazy=True)
    found = caught.value.failure_cases
    of_a = found[found["check"] == "must be what a takes"]
    assert of_a[["column", "failure_case", "index"]].to_numpy().tolist() == [["a", "x", 1]]
    assert set(found.loc[found["check"] == "must be what b takes", "index"]) == {3}


@pytest.mark.parametrize("name", list(ei.list_indices().query("sample").index))
def test_samples_fit_the_schema(name):
    index = ei.load_index(name)
    assert fits(index, widened(ei.sample(name), index.file))  # the schema is of tables with a column per answer
