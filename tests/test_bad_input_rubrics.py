"""Rubrics and answers that cannot be used, or hardly as they are: a clear error or a line of `check`, nothing lost.

Faults of files that stand alone are in tests/broken_specs; here is what they do together, and what only data show.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.columns import Columns
from egovindex.findings import flags_without_answers
from egovindex.spec.model import IndexFile
from egovindex.spec.tree import resolve
from egovindex.tables import read_rows

UNITS = ["P", "Q", "R", "S"]
ONE = "\nnodes: {top: {of: [a]}}\n"
YES_NO = "answers: {status: {yes: [Y], no: [N]}}\nindicators: {a: {points: {yes: 1, no: 0}}}" + ONE


def table(units: Any = None, /, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"unit": UNITS if units is None else units, **columns})


@pytest.fixture
def index(tmp_path):
    """An index out of the lines of a file."""

    def made(text: str) -> ei.Index:
        path = tmp_path / "region.yaml"
        path.write_text(f"index: region\n{text}", encoding="utf-8")
        return ei.load_index(path)

    return made


def told(index: ei.Index, data: pd.DataFrame | None = None, severity: str = "note") -> list[tuple[str, str]]:
    """Name and message of every line of `check` of one severity."""
    found = ei.check(index, data)
    found = found[found["severity"] == severity]
    return list(zip(found["check"], found["message"], strict=True))


def message(index: ei.Index, data: pd.DataFrame | None, check: str, severity: str = "note") -> str:
    """The one message that a check has."""
    (found,) = [text for name, text in told(index, data, severity) if name == check]
    return found


def points(index: ei.Index, data: pd.DataFrame, of: str = "a") -> list[float]:
    """What the answers of an indicator earn; the table is left as it is."""
    before = data.copy(deep=True)
    found = ei.compute(index, data).points[of].tolist()
    pd.testing.assert_frame_equal(data, before)
    return found


# --- everything at once

MANY = """\
answers:
  status: {yes: [Y, unknown], no: [N, y]}
points:
  speed: {value > 50: 1, value > 80: 2}
  cut: {value > 80: 2, value < 80: 1}
indicators:
  a: {points: {yes: 1, drafted: 0}}
  b: {points: speed}
  c: {points: cut}
  d: {points: {value > e: e}}
  e: {points: {value > d: d}, steps: [out_of 0]}
nodes:
  top: {of: {a: 0, b: 0}}
  rest: {of: [c, d, e], classes: {High: value > 8, Low: value < 8}}
"""


def test_every_fault_of_a_rubric_is_told_at_once_with_its_line(index):
    with pytest.raises(ei.SpecError) as caught:
        index(MANY)
    assert [(fault.line, fault.check) for fault in caught.value.faults] == [
        (3, "spelling_twice"),
        (3, "kind_in_another_category"),
        (5, "line_covered"),
        (5, "hole_between_bands"),
        (6, "hole_between_bands"),
        (8, "category_not_in_scale"),
        (11, "circular_lines"),
        (12, "value_error"),
        (14, "zero_weights"),
        (15, "hole_between_classes"),
    ]


def test_every_finding_about_answers_is_told_at_once(index):
    made = index(
        "answers: {status: {yes: [Y], no: [N]}}\n"
        "indicators:\n"
        "  a: {points: {yes: 1, no: 0}}\n"
        "  b: {points: {office is no: 0, yes: 1, no: 0}}\n"
        "  c: {points: {yes: 0, no: skip}}\n"
        "  unused: {}\n"
        "nodes: {top: {of: [a, b]}, none: {of: [c]}}\n"
    )
    data = table(a=["Y", "Yess", 3, "nr"], b=["Y"] * 4, c=["Y"] * 4, unused=[1, 2, 3, 4], other=[1, 2, 3, 4])
    assert [name for name, _ in told(made, data, "error")] == ["uncaught_answer", "unknown_name"]
    wanted = ["unused_column", "unused_indicator", "second_top", "nothing_to_earn"]
    assert [name for name, _ in told(made, data)] == wanted


# --- answers no line catches


def test_unknown_spellings_are_listed_with_counts_units_and_suggestions(index):
    data = table([*UNITS, "T", "U"], a=["nr*", "Yess", "NR* ", "Y", "nr*", "yess"])
    assert message(index(YES_NO), data, "uncaught_answer", "error") == (
        'a: 5 answers have no line in its points: "nr*" 3 times (P, R, T), "Yess" 2 times (Q, U; did you mean "yes"?). '
        "Add a spelling to answers.status, or a line for each"
    )


def test_words_of_lines_are_suggested_where_there_is_no_scale(index):
    made = index("indicators: {a: {points: {adopted: 1, planned: 0.5, 1: 0.2}}}" + ONE)
    found = message(made, table(a=["adoptd", "planned", "adoptd", "10"]), "uncaught_answer", "error")
    assert '"adoptd" 2 times (P, R; did you mean "adopted"?), "10" (S, row 4). Add a line for each' in found


def test_text_among_numbers_is_counted(index):
    found = message(index("indicators: {a: {}}" + ONE), table(a=["x", "1", "X", "y"]), "text_for_number", "error")
    assert '3 of 4 values are text where a number is expected: "x" 2 times (P, R), "y" (S, row 4).' in found


def test_a_number_where_a_category_belongs_is_an_error_in_a_closed_map(index):
    found = message(index(YES_NO), table(a=["Y", 3, "N", "3.0"]), "uncaught_answer", "error")
    assert 'a: 2 answers have no line in its points: "3" 2 times (Q, S)' in found


def test_a_number_where_sentences_ask_for_categories_is_a_note(index):
    made = index("indicators: {a: {points: {answer is yes: 1, 'answer in (no, nor)': 0}}}" + ONE)
    data = table(a=["yes", 3, "no", "7"])
    assert points(made, data) == [1, 3, 0, 7]
    found = ei.check(made, data).query("check == 'number_among_categories'")
    assert found["units"].tolist() == ["Q, S"]
    words = "a: 2 answers are numbers and stay as they are (Q, S), and its points ask for categories (yes, no, nor). "
    assert found["message"].item().startswith(words)
    assert told(made, table(a=["yes", "no", "nor", "yes"])) == []


@pytest.mark.parametrize(
    "lines",
    ["{answer is yes: 1, else: value}", "{answer is yes: 1, value > 0: 2}", "{value is 3: 1}", "{law is yes: 1}"],
)
def test_numbers_that_a_line_catches_or_asks_for_are_no_note(index, lines):
    made = index(f"indicators: {{a: {{points: {lines}}}}}" + ONE)
    data = table(a=[3, 3, 3, 3], law=["yes", "no", "yes", "no"])
    assert "number_among_categories" not in dict(told(made, data))


# --- spellings


@pytest.mark.parametrize(
    "cells",
    [
        ["yes", " YES ", "Y", "y\t"],
        pd.Categorical(["Yes", "yes", "Y", "yes "]),
        pd.Series(["YES", "Y", "yEs", "y"], dtype="string"),
    ],
    ids=["text", "categorical", "string"],
)
def test_case_and_outer_blanks_are_no_part_of_a_spelling(index, cells):
    assert points(index(YES_NO), table(a=cells)) == [1, 1, 1, 1]


def test_blanks_inside_a_spelling_are_part_of_it(index):
    assert '"y es" (P, row 1' in message(index(YES_NO), table(a=["y es", "Y", "Y", "N"]), "uncaught_answer", "error")


@pytest.mark.parametrize("scale", ["", "answers: {code: {na: [], no: [], se: []}}\n"])
def test_norway_and_namibia_are_units_and_answers(index, tmp_path, scale):
    made = index(scale + "nothing: skip\nindicators: {a: {points: {NA: 3, NO: 2, SE: 1}}}" + ONE)
    path = tmp_path / "codes.csv"
    path.write_text("unit,a\nNA,NO\nNO,NA\nSE,\nDK,se\n", encoding="utf-8")
    result = ei.compute(made, path)
    assert list(result.scores.index) == ["NA", "NO", "SE", "DK"]
    np.testing.assert_array_equal(result.points["a"], [2, 3, np.nan, 1])
    assert message(made, path, "no_answers").startswith("1 of 4 units has no answer to any indicator (SE)")
    frame = table(["NA", "NO", "SE", "DK"], a=pd.Categorical(["NO", "NA", None, "SE"]))
    np.testing.assert_array_equal(points(made, frame), [2, 3, np.nan, 1])


@pytest.mark.parametrize(
    "cells",
    [
        [0, 1, 2, 1],
        [0.0, 1.0, 2.0, 1.0],
        ["0", "1.0", " 2", "1"],
        [0, "1", 2.0, np.int8(1)],
        pd.Categorical([0, 1, 2, 1]),
        pd.Categorical(["0", "1", "2", "1.0"]),
        pd.array([0, 1, 2, 1], dtype="Int8"),
    ],
    ids=["whole", "floats", "text", "mixed", "categorical", "categorical text", "nullable"],
)
def test_codes_are_codes_whatever_they_are_kept_as(index, cells):
    assert points(index("indicators: {a: {points: {0: 0, 1: 0.5, 2: 1}}}" + ONE), table(a=cells)) == [0, 0.5, 1, 0.5]
    coded = index(
        "answers: {s: {none: [0], some: [1], all: [2]}}\nindicators: {a: {points: {none: 0, some: 0.5, all: 1}}}" + ONE
    )
    read = table(a=[str(cell).strip().removesuffix(".0") if isinstance(cell, str) else cell for cell in cells])
    assert points(coded, read) == [0, 0.5, 1, 0.5]


@pytest.mark.parametrize("cells", [[True, False, True, False], ["true", "FALSE", True, False]])
def test_booleans_are_words(index, cells):
    assert points(index("indicators: {a: {points: {true: 1, false: 0}}}" + ONE), table(a=cells)) == [1, 0, 1, 0]
    found = message(index(YES_NO), table(a=cells), "uncaught_answer", "error")
    assert '"True" 2 times (P, R' in found or '"true" 2 times (P, R' in found


def test_a_category_that_is_a_kind_of_nothing_is_spelt_in_the_scale_and_stays_nothing(index):
    made = index(
        "nothing: {missing: skip, unknown: skip, refused: 0}\n"
        "answers: {status: {yes: [Y], no: [N], unknown: [DK], refused: [RF], missing: [.]}}\n"
        "indicators: {a: {points: {yes: 1, no: 0.5}}}" + ONE
    )
    data = table([*UNITS, "T"], a=["Y", "dk", ".", "rf", "Unknown"])
    np.testing.assert_array_equal(points(made, data), [1, np.nan, np.nan, 0, np.nan])
    assert "(Q, R, S, T)" in message(made, data, "no_answers")


# --- gates and caps


@pytest.mark.parametrize(
    "text",
    [
        "indicators: {a: {points: {lawe is no: 0, else: 1}}, law: {}}\nnodes: {top: {of: [a, law]}}",
        "indicators: {a: {}, law: {}}\nnodes: {top: {of: [a, law], points: {lawe is no: 0}}}",
        "indicators: {a: {points: {value > lawe: lawe}}, law: {}}\nnodes: {top: {of: [a, law]}}",
    ],
    ids=["indicator", "node", "cap"],
)
def test_a_gate_on_a_missing_item_is_an_error_that_suggests_one(index, text):
    found = message(index(text), table(a=[1, 2, 3, 4], law=[1, 2, 3, 4]), "unknown_name", "error")
    assert '"lawe" is neither a column of the data nor an indicator; did you mean "law"?' in found


def test_a_rule_that_closes_a_circle_is_refused_where_it_is_asked_for(index):
    made = index(
        "points: {one: {yes: 1, no: 0}, two: {a is no: 0, yes: 1, no: 0}}\n"
        "rules: {strict: {one: {b is no: 0}}}\n"
        "indicators: {a: {points: one}, b: {points: two}}\nnodes: {top: {of: [a, b]}}"
    )
    with pytest.raises(ei.SpecError, match="points of indicators read each other: a -> b -> a"):
        made.with_rules("strict")


def test_a_rule_that_takes_else_away_opens_a_hole(index):
    made = index(
        "points: {speed: {value > 80: 2, value < 80: 1, else: 0}}\nrules: {open: {speed: {else: ~}}}\n"
        "indicators: {a: {points: speed}}" + ONE
    )
    assert points(made, table(a=[90, 80, 70, 1])) == [2, 0, 1, 1]
    with pytest.raises(ei.SpecError, match="80 is in no line"):
        made.with_rules("open")


# --- bands


def test_bands_that_share_numbers_are_a_note(index):
    made = index(
        "points:\n  speed: {value >= 50 and value <= 80: 1, value >= 70 and value <= 99: 2, value > 99: 3, else: 0}\n"
        "indicators: {a: {points: speed}, b: {points: speed}}\nnodes: {top: {of: [a, b]}}"
    )
    assert told(made) == [
        (
            "shared_bands",
            (
                'points "speed": 70 to 80 are in both "value >= 50 and value <= 80" and "value >= 70 and value <= 99"; '
                "the first line decides"
            ),
        )
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "{value > 80: 2, value > 50: 1, else: 0}",
        "{value >= 0 and value < 10: 1, value >= 10 and value < 20: 2, else: 0}",
        "{value < 5 and value > law: 1, value > 3 and value < 9: 2, else: 0}",
    ],
)
def test_steps_of_one_ladder_share_nothing_worth_a_note(index, lines):
    made = index(f"indicators: {{a: {{points: {lines}}}, law: {{}}}}\nnodes: {{top: {{of: [a, law]}}}}")
    assert told(made) == []


# --- attainable of zero


@pytest.mark.parametrize(
    ("record", "node"),
    [
        ("{points: {yes: 0, no: 0}}", ""),
        ("{points: {yes: skip, no: 0, else: void}, steps: [out_of 3, times 100, round 2]}", ", aggregate: sum"),
        ("{points: {value > 3: 0, else: 0}}", ", aggregate: pool, steps: [times 100]"),
    ],
)
def test_a_node_that_no_answer_can_earn_anything_is_a_note(index, record, node):
    made = index(f"nothing: skip\nindicators: {{a: {record}}}\nnodes: {{top: {{of: [a]{node}}}}}")
    assert told(made) == [
        ("nothing_to_earn", "top: no answer can earn anything; every line of a gives 0, skip or void")
    ]


@pytest.mark.parametrize(
    ("record", "node"),
    [
        ("{points: {yes: 0, no: 0.1}}", ""),
        ("{points: {yes: 0, else: value}}", ""),
        ("{points: {value > 3: 0}}", ""),
        ("{points: {yes: 0, no: 0}, steps: [goalposts 6 0]}", ""),
        ("{points: {yes: 0, unknown: 0}}", ""),
        ("{points: {yes: 0, no: 0}}", ", aggregate: product"),
        ("{points: {yes: 0, no: 0}}", ", points: {value < 1: 1}"),
        ("{points: {yes: 0, no: 0}}", ", steps: [floor 1]"),
        ("{}", ""),
    ],
)
def test_a_node_that_some_answer_can_earn_something_is_none(index, record, node):
    nothing = "{missing: 1}" if "unknown" in record else "skip"
    made = index(f"nothing: {nothing}\nindicators: {{a: {record}}}\nnodes: {{top: {{of: [a]{node}}}}}")
    assert "nothing_to_earn" not in dict(told(made))


def test_children_without_weight_earn_nothing(index):
    made = index("indicators: {a: {points: {yes: 0, no: 0}}, b: {}}\nnodes: {top: {of: {a: 1, b: 0}}}")
    assert message(made, None, "nothing_to_earn").endswith("every line of a gives 0, skip or void")


# --- external input out of range


def test_values_outside_their_goalposts_name_units_and_by_how_much(index):
    made = index("nothing: skip\nindicators: {a: {steps: [goalposts 20 85]}}" + ONE)
    data = table([*UNITS, "T"], a=[20, 85, 90.5, 15, None])
    found = ei.check(made, data)
    assert dict(zip(found["check"], found["units"], strict=True)) == {"no_answers": "T", "outside_goalposts": "R, S"}
    assert message(made, data, "outside_goalposts") == (
        "a: 2 of 5 values lie outside goalposts 20 85 (R 90.5, 5.5 above; S 15, 5 below). Goalposts never clip: "
        "below the worst a value is less than 0, beyond the best more than 1. If that is not meant, write floor and "
        "cap before it"
    )
    np.testing.assert_allclose(ei.compute(made, data).scores["top"], [0, 1, 70.5 / 65, -5 / 65, np.nan])


@pytest.mark.parametrize(
    ("steps", "cells", "units"),
    [
        ("goalposts 6 0", [6, 0, 7, -1], "R, S"),
        ("goalposts 100 75000 log", [100, 75000, 80000, 50], "R, S"),
        ("out_of 100, goalposts 0 1", [0, 100, 101, -1], "R, S"),
        ("times 0.1, goalposts 0 0.3", [3, 1, 2, 0], ""),  # 0.30000000000000004 is rounding
        ("goalposts 0 1, cap 1", [0, 1, 2, -1], "S"),
        ("goalposts 0 1, floor 0", [0, 1, 2, -1], "R"),
        ("goalposts 0 1, floor 0, cap 1", [0, 1, 2, -1], ""),
        ("cap 1, goalposts 0 1", [0, 1, 2, 0.5], ""),
        ("minmax", [0, 1, 2, -1], ""),
    ],
)
def test_values_outside_goalposts_of_every_kind(index, steps, cells, units):
    for text in (
        f"indicators: {{a: {{steps: [{steps}]}}}}" + ONE,
        f"indicators: {{a: {{}}}}\nnodes: {{top: {{of: [a], steps: [{steps}]}}}}",
    ):
        found = ei.check(index(text), table(a=cells))
        assert ", ".join(found.loc[found["check"] == "outside_goalposts", "units"]) == units


def test_many_values_outside_goalposts_are_counted(index):
    made = index("indicators: {a: {steps: [goalposts 0 1]}}" + ONE)
    data = table([f"U{n:02d}" for n in range(20)], a=range(20))
    assert "(U02 2, 1 above; U03 3, 2 above;" in message(made, data, "outside_goalposts")
    assert "U09 9, 8 above and 10 more)" in message(made, data, "outside_goalposts")


# --- an item in no node


def test_an_item_in_no_node_is_a_note_and_keeps_its_points(index):
    made = index("indicators: {a: {}, b: {points: {yes: 1, no: 0}}}" + ONE)
    data = table(a=[1, 2, 3, 4], b=["yes", "no", "no", "yes"])
    message = "b is an indicator that no node uses; to count it, name it in the of of a node"
    assert told(made, data) == [("unused_indicator", message)]
    assert points(made, data, "b") == [1, 0, 0, 1]


# --- flags without their answers


def flags(text: dict[str, Any], data: pd.DataFrame) -> list[ei.Fault]:
    """Findings about the attributes of a table; compute refuses an index with a star until it reads them."""
    file = IndexFile.model_validate(text)
    return list(flags_without_answers(Columns(file, resolve(file), data, read_rows(data, file))))


SCREENED = {
    "index": "screened",
    "columns": {"unit": "country", "period": "date", "flag": "*_flag"},
    "nothing": "skip",
    "answers": {"level": {"none": ["0"], "some": ["1"], "missing": ["."]}},
    "indicators": {"C1": {}, "C2": {"points": {"none": 0, "some": 1}}, "own": {"from": "my_flag"}},
    "nodes": {"top": {"of": {"C1": 1, "C2": 1, "own": 1}}},
}


def screened(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"country": ["ABW", "ABW", "BEL", "BEL"], "date": ["2020-01-15", "2020-01-16"] * 2, **columns})


def test_a_flag_without_its_answer_names_the_rows():
    data = screened(C1=[None, 2, None, 1], C1_flag=[1, 1, 0, None], C2=["0", ".", "1", ""], C2_flag=[1, 1, 1, ""])
    found = flags(SCREENED, data)
    assert [fault.message for fault in found] == [
        "C1_flag: 2 answers have a flag and no C1: ABW 2020-01-15, BEL 2020-01-15",
        "C2_flag: 1 answer has a flag and no C2: ABW 2020-01-16",
    ]
    assert [(fault.check, fault.column) for fault in found] == [
        ("flag_without_answer", "C1_flag"),
        ("flag_without_answer", "C2_flag"),
    ]
    assert found[0].units == ("ABW 2020-01-15", "BEL 2020-01-15")


def test_a_flag_of_no_column_is_named():
    data = screened(C1=[1, 2, 3, 1], C22_flag=[1, 1, 0, 1], C2=["0", "1", "1", "0"], my_flag=[1, 1, 1, 1])
    (fault,) = flags(SCREENED, data)
    assert fault.check == "flag_without_column"
    assert fault.message == 'C22_flag fits "*_flag" (flag), and the data has no column "C22"; did you mean "C2"?'


def test_flags_beside_their_answers_are_no_note():
    data = screened(C1=[1, 2, 3, None], C1_flag=[1, 1, 0, None], C2=["0", "1", "1", "0"], my_flag=[1, 1, 1, 1])
    assert flags(SCREENED, data) == []
    plain = {**SCREENED, "columns": {"unit": "country", "period": "date"}}
    assert flags(plain, data.assign(C1_flag=1)) == []


@pytest.mark.parametrize("broken", [False, True])
def test_check_tells_flags_beside_everything_else(index, broken):
    made = index('columns: {flag: "*_flag"}\nnothing: skip\nindicators: {a: {}}' + ONE)
    data = table(a=["x" if broken else 1, None, 3, 4], a_flag=[1, 1, None, 1])
    found = ei.check(made, data).query("check == 'flag_without_answer'")
    assert found[["severity", "column", "units"]].to_numpy().tolist() == [["note", "a_flag", "Q"]]
    assert [name for name, _ in told(made, data, "error")] == ["text_for_number"] * broken


def test_a_slip_of_a_spelling_is_told_that_spelling():
    index, data = ei.load_index("unctad-cyberlaw-2026"), ei.sample("unctad-cyberlaw-2026")
    slip = data.assign(Cybercrime=data["Cybercrime"].replace({"Draft Legislation": "Drafft Legislation"}))
    with pytest.raises(ei.DataError, match=r'"Drafft Legislation" 5 times .*did you mean "Draft Legislation"'):
        ei.compute(index, slip)
