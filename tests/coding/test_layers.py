"""Layers of coded responses: people beside rules, what is settled, and what keeps it from being scored."""

from __future__ import annotations

import pandas as pd
import pytest

import egovindex as ei
from egovindex.coding.coded import COLUMNS

INDEX = """\
index: two
instrument: un-msq-2022
rows: [unit, period]
points: {status: {yes: 1, drafted: 0.5, in_operation: 1, planned: 0, no: 0}}
defaults: {indicators: {points: status}}
indicators: {q036: {}, q104: {}}
nodes: {top: {of: [q036, q104]}}
"""


@pytest.fixture
def coded(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "unit,item,mark,text\nAnvilla,q036,Yes,\nAnvilla,q037,,The law is being drafted.\n"
        "Anvilla,q105,,Statistics are collected.\nBruma,q036,Yes,\n",
        encoding="utf-8",
    )
    return ei.code(ei.read_responses(path, "un-msq-2022", format="tidy"))


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "two.yaml"
    path.write_text(INDEX, encoding="utf-8")
    return path


def codes(coder, *rows):
    """Rows of unit, item, axis and category."""
    table = pd.DataFrame(rows, columns=["unit", "item", "axis", "category"])
    return table.assign(period="2022", coder=coder)


def of(category, unit="Anvilla"):
    """Both items of a unit, the first as given."""
    return [
        (unit, "q036", "legal", category),
        (unit, "q036", "practice", "unknown"),
        (unit, "q104", "practice", "in_operation"),
    ]


def people(coded):
    anna, ben = [*of("drafted"), *of("adopted", "Bruma")], [*of("adopted"), *of("adopted", "Bruma")]
    return coded.with_coding(pd.concat([codes("anna", *anna), codes("ben", *ben)]))


def decision(category, **more):
    found = {"unit": "Anvilla", "period": "2022", "item": "q036", "axis": "legal", "category": category}
    return pd.DataFrame([{**found, "reason": "r", "decided_by": "c", "decided_at": "2026-05-02", **more}])


# --- people
def test_people_have_a_brief_view(coded, index):
    both = people(coded)
    assert both.of(coder="anna").loc[["Anvilla", "Bruma"], ["q036", "q104"]].to_numpy().tolist() == [
        ["drafted", "yes"],
        ["yes", "yes"],
    ]
    assert "  anna: 3 yes, 1 drafted, 74 not coded" in repr(both).splitlines()
    scores = ei.compute(index, both.long(coder="anna")).scores["top"]
    assert scores.tolist() == [0.75, 1.0]


def test_the_brief_view_has_the_words_of_its_axis(coded):
    told = codes("anna", *of("drafted")).assign(
        confidence=["high", "low", "low"], span=["a", "b", "c"], reason=["r", "s", "t"], as_of="2021"
    )
    table = coded.with_coding(told).table
    row = table[(table["coder"] == "anna") & (table["axis"] == "brief") & (table["item"] == "q036")]
    assert row[list(COLUMNS[5:])].to_numpy().tolist() == [["drafted", "high", "a", "r", None, "2021"]]


def test_a_brief_category_that_a_coder_gave_is_kept(coded):
    rows = [*of("drafted"), ("Anvilla", "q036", "brief", "planned"), ("Anvilla", "q104", "brief", None)]
    both = coded.with_coding(codes("anna", *rows))
    assert both.of(coder="anna").loc["Anvilla", ["q036", "q104"]].tolist() == ["planned", "yes"]
    assert not both.table.duplicated(list(COLUMNS[:5])).any()


def test_an_item_that_is_coded_on_one_axis_alone_has_none(coded):
    both = coded.with_coding(codes("anna", ("Anvilla", "q036", "legal", "adopted")))
    long = both.long(coder="anna")
    assert long["answer"].isna().all()
    assert len(long) == len(coded.long())
    assert both.wide(coder="anna").loc[0, ["q036", "q036.legal"]].tolist() == [None, "adopted"]


def test_a_workbook_is_scored(coded, index, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "w.xlsx"
    ei.coder_workbook(coded.responses, "un-msq-2022", path, coders=["anna"])
    book = openpyxl.load_workbook(path)
    sheet = book["anna"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for line in range(2, sheet.max_row + 1):
        for axis in ei.load_instrument("un-msq-2022").file.items[sheet.cell(line, at["item"]).value].coded_as:
            sheet.cell(line, at[axis]).value = "adopted" if axis == "legal" else "in_operation"
    book.save(path)
    both = coded.with_coding(ei.read_coding(path, "un-msq-2022"))
    assert ei.compute(index, both.long(coder="anna")).scores["top"].tolist() == [1.0, 1.0]


def test_the_coding_of_other_responses_is_refused(coded):
    with pytest.raises(ei.DataError) as caught:
        coded.with_coding(codes("anna", *of("adopted", "Cadria")).assign(period="2022"))
    assert "Cadria, period 2022: there is no such response (units: Anvilla, Bruma)" in str(caught.value)
    with pytest.raises(ei.DataError, match=r"period blank.*Anvilla has answered for 2022"):
        coded.with_coding(codes("anna", *of("adopted")).assign(period=None))
    with pytest.raises(ei.DataError, match="DataFrame is expected"):
        coded.with_coding(None)


# --- settled
def test_what_is_open_is_told(coded, index):
    settled = people(coded).settled(coders=["anna", "ben"])
    assert settled.brief.loc[["Anvilla", "Bruma"], ["q036", "q104"]].to_numpy().tolist() == [
        [None, "yes"],
        ["yes", "yes"],
    ]
    with pytest.raises(ei.DataError) as caught:
        ei.compute(index, settled)
    (fault,) = caught.value.faults
    assert (fault.check, fault.column, fault.units) == ("not_settled", "q036", ("Anvilla",))
    assert fault.message == (
        "q036 is not settled: Anvilla (legal: rules says drafted, anna says drafted, ben says adopted); decide "
        "(open_items lists what is open), or take one coder, as in coded.long(coder=...)"
    )
    found = ei.check(index, settled)
    assert found.loc[found["severity"] == "error", ["check", "column"]].to_numpy().tolist() == [["not_settled", "q036"]]
    with pytest.raises(ei.DataError, match="q014 is not settled"):  # nobody says what is read
        settled.as_table()


def test_an_item_that_no_unit_has_settled(coded, index):
    settled = coded.with_coding(codes("anna", *of("adopted"), *of("adopted", "Bruma"))).settled()
    assert settled.long().set_index(["unit", "item"])["answer"].loc[("Anvilla", "q036")] is None
    assert settled.wide()["q036"].tolist() == [None, None]  # no mark takes its place
    with pytest.raises(ei.DataError) as caught:
        ei.compute(index, settled)
    assert [fault.column for fault in caught.value.faults] == ["q036", "q104"]
    assert caught.value.faults[0].units == ("Anvilla", "Bruma")


def test_what_is_decided_is_scored(coded, index):
    settled = people(coded).settled(decision("drafted"), coders=["anna", "ben"])
    assert ei.compute(index, settled).scores["top"].tolist() == [0.75, 1.0]


def test_what_reconcile_gives_is_scored(coded, index):
    both = people(coded)
    done = ei.reconcile(both.table, decision("drafted"), "un-msq-2022", coders=["anna", "ben"])
    with pytest.raises(ei.DataError, match="with_coding") as caught:
        ei.compute(index, done)
    assert caught.value.faults[0].check == "coding_table"
    settled = both.with_coding(done[done["coder"] == "adjudicated"])
    assert ei.compute(index, settled).scores["top"].tolist() == [0.75, 1.0]
    log = settled.table[settled.table["decided_by"].notna()]
    assert log[["item", "axis", "decided_by", "decided_at"]].to_numpy().tolist() == [
        ["q036", "legal", "c", "2026-05-02"]
    ]


# --- dates
@pytest.mark.parametrize(
    "wrong", [{"decided_at": "yesterday"}, {"decided_at": "2026-02-30"}, {"decided_at": "2026"}, {"as_of": "soon"}]
)
def test_dates_are_dates(coded, wrong):
    with pytest.raises(ei.DataError) as caught:
        people(coded).settled(decision("drafted", **wrong), coders=["anna", "ben"])
    assert {fault.check for fault in caught.value.faults} == {"bad_date"}


@pytest.mark.parametrize("when", ["2026-05-02", pd.Timestamp("2026-05-02"), pd.Timestamp("2026-05-02").date()])
def test_dates_as_tables_have_them(coded, when):
    done = ei.reconcile(people(coded).table, decision("drafted", decided_at=when, as_of=when), coders=["anna", "ben"])
    assert done.loc[done["decided_by"].notna(), ["decided_at", "as_of"]].to_numpy().tolist() == [["2026-05-02"] * 2]


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13", "02.05.2026", ""])
def test_as_of_is_a_date(coded, as_of):
    with pytest.raises(ei.MethodError, match="as_of is a date"):
        ei.code(coded.responses, as_of=as_of)
    assert ei.code(coded.responses, as_of="2026").table["as_of"].unique().tolist() == ["2026"]


# --- coders of one's own
def test_no_responses(coded):
    for nothing in (None, coded.responses.table, "a.csv"):
        with pytest.raises(ei.DataError, match="what read_responses returned is expected, found"):
            ei.code(nothing)


def test_a_coder_that_is_no_function(coded):
    with pytest.raises(ei.MethodError, match="coder is a function of a Question, found str"):
        ei.code(coded.responses, coder="anna")


def test_a_coder_that_fails_is_named_without_its_words(coded):
    asked = []

    def failing(question):
        asked.append(question.item)
        if question.item == "q036":
            raise ValueError(f"secret: {question.evidence}")
        return dict.fromkeys(question.axes, "unknown")

    with pytest.raises(ei.CodingError) as caught:
        ei.code(coded.responses, coder=failing)
    assert "q036 of Anvilla: the coder raised ValueError" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert asked[-1] == "q036"


@pytest.mark.parametrize("name", ["adjudicated", "Declared"])
def test_names_of_layers_are_no_coders(coded, name):
    with pytest.raises(ei.MethodError, match="no coder can be called"):
        ei.code(coded.responses, coder=lambda question: dict.fromkeys(question.axes, "unknown"), name=name)


@pytest.mark.parametrize(
    ("given", "told"), [("maybe", 'found "maybe"'), ("Karl Mann drafts it", "found a text of 19 characters")]
)
def test_what_a_coder_gives_is_told_where_it_can_be_a_category(coded, given, told):
    with pytest.raises(ei.CodingError) as caught:
        ei.code(coded.responses, coder=lambda question: dict.fromkeys(question.axes, given))
    assert told in str(caught.value)
    assert ("Karl" in str(caught.value)) is False
