"""Hostile names in what is shown: pages, pictures, terminals, spreadsheets; and a key that is shown nowhere."""

from __future__ import annotations

import io
import traceback
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import egovindex as ei
from egovindex.files import csv_text, is_formula

BAD = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "$\\frac{$ ]]>",
    "\x1b[31mred",
    "=1+1",
    "@SUM(A1)",
    "&amp;<b>",
]
FILE = """
index: hostile
title: "<script>alert(1)</script>"
indicators: {one: {from: one}, two: {from: two}}
nodes: {whole: {of: [one, two]}}
"""


VALUES = np.linspace(0.1, 0.9, len(BAD))
DATA = pd.DataFrame({"unit": BAD, "one": VALUES, "two": VALUES[::-1] ** 2})


class Markup(HTMLParser):
    """Elements and attributes that run something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "img", "a", "object", "embed", "style", "link"}:
            self.faults.append(tag)
        self.faults += [name for name, _ in attributes if name.startswith("on")]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "hostile.yaml"
    path.write_text(FILE)
    return ei.compute(path, DATA)


def shown(result):
    yield result
    yield ei.compare(result, ei.compute(result.index.with_weights({"whole": {"one": 2, "two": 1}}), DATA))
    yield ei.what_if(result, {(BAD[0], "one"): 0.95})
    yield ei.explain(result, BAD[0])
    yield ei.simulate(result.index, DATA, ei.Doubt(weights={"whole": ei.within(0.5)}), n=16, rng=1)
    yield ei.rank_range(result, weights=ei.within(0.2))
    yield ei.dominance(result, weights=ei.within(0.2))
    yield ei.explain_robustness(result, BAD[1], weights={"whole": ei.within(0.2)})
    yield result.manifest
    yield result.index


def test_pages_of_notebooks_have_no_markup_of_others(result):
    seen = 0
    for thing in shown(result):
        page = getattr(thing, "_repr_html_", lambda: "")() or ""
        assert Markup(page).faults == [], type(thing)
        seen += "&lt;script&gt;" in page
    assert seen >= 5


@pytest.mark.parametrize("picture", ["ranking", "contributions", "profile"])
def test_pictures_have_no_markup_of_others(result, picture, tmp_path):
    from egovindex.plots import save

    ax = result.plot.profile(BAD[0]) if picture == "profile" else getattr(result.plot, picture)()
    text = save(ax, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<script" not in text
    elements = list(ET.fromstring(text).iter())  # well-formed, whatever the names are
    assert not [one.tag for one in elements if one.tag.endswith("script")]
    assert not [name for one in elements for name in one.attrib if name.startswith("on")]


def test_the_control_sees_markup():
    assert Markup(f"<p>{BAD[0]}</p>").faults == ["script"]
    assert Markup('<p title="" onload="alert(1)">').faults == ["onload"]


def test_a_terminal_is_not_told_what_to_do(result, tmp_path):
    from egovindex.cli.app import app

    index, data = tmp_path / "hostile.yaml", tmp_path / "a.csv"
    index.write_text(FILE)
    DATA.to_csv(data, index=False)
    for words in (["score", str(index), str(data)], ["explain", str(index), str(data), "--unit", "\x1b[31mred"]):
        done = CliRunner().invoke(app, words)
        assert "\x1b[31m" not in done.output, words
    assert "\\x1b[31mred" in CliRunner().invoke(app, ["score", str(index), str(data)]).output


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\tx", "\rx", "\n=1"])
def test_a_cell_is_no_formula(text):
    assert is_formula(text)
    table = pd.DataFrame({"unit": [text], text: ["a"]})
    safe = csv_text(table, excel_safe=True)
    assert f"'{text}" in safe
    assert "'" not in csv_text(table)


def test_a_workbook_has_text_and_no_formulas(result, tmp_path):
    bad = [name for name in BAD if name.isprintable()]
    data = pd.DataFrame({"unit": bad, "one": np.linspace(0, 1, len(bad)), "two": 0.5})
    ei.compute(result.index, data).to_excel(tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert all(cell.quotePrefix for cell in cells if is_formula(cell.value))
    assert any(cell.value == "=1+1" for cell in cells)


def test_a_key_is_in_no_repr_error_traceback_or_argument():
    signs = ei.Pseudonyms(b"0123456789abcdef-a-key-of-mine")
    told = [repr(signs), str(signs), f"{signs!r}", repr(vars(type(signs)).get("__slots__"))]
    try:
        signs.of(3)
    except Exception as error:  # noqa: BLE001 - whatever it is
        told += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert "0123456789" not in "".join(told)
    assert not hasattr(signs, "__dict__")


def test_the_command_line_shows_no_locals():
    from egovindex.cli.app import app

    assert app.pretty_exceptions_enable is False
