"""A workbook for people: all tables, text that is text, and an old file that stays whole."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

import egovindex as ei

PARTS = "un-egdi-parts-2024"
SHEETS = ["read me", "inputs", "points", "scores", "ranks", "weights", "sources"]
NASTY = [
    "=1+1",
    "+x",
    "-x",
    "@SUM(A1)",
    "\t=1",
    "\r=2",
    "\n=3",
    "#N/A",
    "<b>",
    "../x",
    "\u202ertl",
    "y" * 200,
    "NA",
    "004",
]


def sheet(path, name: str) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name=name, keep_default_na=False, na_values=[""], dtype=object, engine="openpyxl")


LARGE = ("oxcgrt-2022", "wb-gtmi-2022", "wb-gtmi-parts-2022")


def samples() -> list:
    names = [name for name, row in ei.list_indices().iterrows() if row["sample"]]
    return [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in names]


@pytest.mark.parametrize("name", samples())
def test_the_tables_read_back(tmp_path, name):
    result = ei.compute(name, ei.sample(name))
    path = tmp_path / "book.xlsx"
    result.to_excel(path)
    assert openpyxl.load_workbook(path).sheetnames == SHEETS
    for what in ("scores", "ranks", "points"):
        table = getattr(result, what)
        found = sheet(path, what)
        keys = list(table.index.names)
        assert found.columns.tolist() == [*keys, *table.columns]
        assert found["unit"].astype(str).tolist() == table.index.get_level_values("unit").tolist()
        wanted = table.to_numpy(dtype=float, na_value=float("nan"))
        assert found[list(table.columns)].to_numpy(dtype=float) == pytest.approx(wanted, rel=1e-15, nan_ok=True)
    inputs = sheet(path, "inputs")
    assert len(inputs) == len(result.scores)
    assert "country" not in inputs.columns
    weights = sheet(path, "weights")
    assert list(zip(weights["node"], weights["child"], strict=True)) == list(result.plan.edges)
    share = dict(zip(weights["child"], weights[f"share in {result.headline}"], strict=True))
    expected = result.effective_weights()["share"]
    assert all(share[record] == pytest.approx(expected[record]) for record in expected.index if record in share)
    assert sheet(path, "sources")["title"].notna().any()


def test_text_is_never_a_formula_and_names_do_no_harm(tmp_path):
    heading = "=cmd|' /C calc'!A0"
    table = pd.DataFrame({"unit": NASTY, heading: range(len(NASTY)), "word": NASTY})
    path = tmp_path / "nasty.yaml"
    path.write_text(
        """
index: nasty
title: "=1+1"
edition: "@x"
source: "=HYPERLINK(1)"
indicators:
  a: {from: "=cmd|' /C calc'!A0", label: "=1+1"}
  b: {from: word, points: {"+x": 2, else: 1}, label: "-1"}
nodes: {top: {of: [a, b], label: "@x"}}
""",
        encoding="utf-8",
    )
    ei.compute(path, table).to_excel(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    cells = [cell for one in book for row in one.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    suspect = [
        c for c in cells if isinstance(c.value, str) and c.value.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    ]
    assert len(suspect) >= 7 * 4
    assert all(cell.quotePrefix for cell in suspect)
    assert [cell.value for cell in book["inputs"][1]] == ["unit", heading, "word"]
    units = [row[0].value.replace("_x000D_", "\r") for row in book["inputs"].iter_rows(min_row=2)]
    assert [unit.replace("\r", "\n") for unit in units] == [unit.replace("\r", "\n").strip() for unit in NASTY]


def test_headings_stay_in_sight_and_columns_have_a_width(tmp_path):
    ei.compute(PARTS, ei.sample(PARTS)).to_excel(tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert book["scores"].freeze_panes == "C2"
    assert book["sources"].freeze_panes == "B2"
    for one in book:
        assert all(8 <= column.width <= 48 for column in one.column_dimensions.values())
        assert all(cell.font.bold for cell in one[1] if cell.value)
    titles = {row[0].value: row[1].value for row in book["read me"].iter_rows(min_row=2)}
    assert titles["sheet ranks"].startswith("rank within the period")
    assert titles["units"] == 193


def test_with_other_weights_it_is_in_the_style_of(tmp_path):
    index = ei.load_index(PARTS).with_weights("services-first")
    ei.compute(index, ei.sample(PARTS)).to_excel(tmp_path / "book.xlsx")
    assert openpyxl.load_workbook(tmp_path / "book.xlsx")["read me"]["A1"].value.startswith("In the style of: ")


def test_text_that_a_workbook_cannot_hold_is_refused_at_once(tmp_path):
    table = ei.sample(PARTS).head(3).assign(iso3=["A\x07", "B" * 40_000, "C"])
    with pytest.raises(ei.DataError) as caught:
        ei.compute(PARTS, table).to_excel(tmp_path / "book.xlsx")
    assert {fault.check for fault in caught.value.faults} == {"illegal_text"}
    assert len(caught.value.faults) == 4  # inputs, points, scores, ranks
    assert r"A\x07" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_stays_whole(tmp_path, monkeypatch):
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"precious")
    result = ei.compute(PARTS, ei.sample(PARTS))
    with pytest.raises(ei.DataError, match="overwrite=True replaces it"):
        result.to_excel(path)

    def cut(error):
        def save(self, name):
            name.write_bytes(b"half")
            raise error

        return save

    for error, told in (
        (OSError(28, "No space left on device"), ei.DataError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):
        monkeypatch.setattr("egovindex.keep.workbook.save_book", cut(error))
        with pytest.raises(told):
            result.to_excel(path, overwrite=True)
        assert path.read_bytes() == b"precious"
        assert [p.name for p in tmp_path.iterdir()] == ["book.xlsx"]
    monkeypatch.undo()
    result.to_excel(path, overwrite=True)
    assert openpyxl.load_workbook(path).sheetnames == SHEETS


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ei.DataError, match=r"ends in \.xlsx"):
        ei.compute(PARTS, ei.sample(PARTS)).to_excel(tmp_path / "book.xls")
