"""Every one of the 34 features has a test, a place in the docs and a line in its table."""

from __future__ import annotations

import re
from pathlib import Path

FEATURES = range(1, 35)
HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "methods" / "features.md"


def test_every_feature_has_a_test():
    names = [
        name
        for path in HERE.glob("test_*.py")
        for name in re.findall(r"^def test_(\d\d)_", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert sorted({int(name) for name in names}) == list(FEATURES)


def test_every_feature_has_a_section_with_an_example_that_runs():
    page = PAGE.read_text("utf-8")
    sections = re.split(r"^((?:\(feature-\d+\)=\n)+)### ", page, flags=re.MULTILINE)[1:]
    found = {}
    for labels, body in zip(sections[::2], sections[1::2], strict=True):
        for number in re.findall(r"feature-(\d+)", labels):
            assert int(number) not in found
            found[int(number)] = body
            assert number in re.split(r"[\s,.]+", body.partition(". ")[0])
    assert sorted(found) == list(FEATURES)
    assert [number for number, body in found.items() if ">>> " not in body] == []
    without_file = [number for number, body in found.items() if ":caption:" not in body]
    assert without_file == [34]  # a weight set over the index of the section above it


def test_the_table_of_the_page_names_each_once_and_leads_to_it():
    rows = re.findall(r"^\| \[(\d+)\]\(#feature-(\d+)\) \|(.+)\|(.+)\|(.+)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [int(shown) for shown, *_ in rows] == list(FEATURES)
    assert all(shown == target and all(cell.strip() for cell in cells) for shown, target, *cells in rows)
