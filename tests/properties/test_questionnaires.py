"""What `check` tells of a questionnaire, against the same sentences in plain Python."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei

YES_NO = st.sampled_from(["yes", "no", "unknown", None])
ROW = st.tuples(YES_NO, YES_NO, st.one_of(st.none(), st.integers(0, 20)))

FORM = {
    "answers": {"yn": {"yes": [], "no": []}},
    "items": {
        "a": {"answers": "yn", "required": "true"},
        "b": {"answers": "yn", "ask_if": "a is yes", "required": "true"},
        "c": {"kind": "number"},
    },
    "checks": {"many": {"wrong_if": "b is not yes and c > 10", "say": "c without b"}},
}
INDEX = ei.Index.from_frame(
    pd.DataFrame({"id": ["top", "a", "b"], "in": [None, "top", "top"]}),
    index="drawn",
    nothing="skip",
    instrument={"form": FORM},
    defaults={"indicators": {"points": {"yes": 1, "no": 0}}},
)


@given(st.lists(ROW, min_size=1, max_size=12))
def test_every_row_that_is_wrong_is_named_and_no_other(rows):
    units = [f"u{at}" for at in range(len(rows))]
    data = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=object).assign(unit=units)
    table = ei.check(INDEX, data)
    told = {check: set(units.split(", ")) for check, units in zip(table["check"], table["units"], strict=True) if units}
    named_rows = [(unit, *row) for unit, row in zip(units, rows, strict=True)]
    wanted = {
        "answers_disagree": {u for u, _, b, c in named_rows if b == "no" and c is not None and c > 10},
        "answered_unasked": {u for u, a, b, _ in named_rows if b in ("yes", "no") and a != "yes"},
    }
    for check, named in wanted.items():
        assert told.get(check, set()) == named
    blank = {
        "a": {u for u, a, _, _ in named_rows if a is None},
        "b": {u for u, a, b, _ in named_rows if b is None and a == "yes"},
    }
    found = table[table["check"] == "required_blank"].set_index("column")["units"]
    assert {item: set(found[item].split(", ")) for item in found.index} == {i: u for i, u in blank.items() if u}
