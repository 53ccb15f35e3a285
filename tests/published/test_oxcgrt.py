"""The four indices of the Oxford COVID-19 Government Response Tracker.

OxCGRT, Blavatnik School of Government (CC BY 4.0): levels and flags of 186 countries and territories on the 15th of 36
months, and the indices with two decimals. The formula of the methodology, in NumPy, is the second witness.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec.samples import read_record
from tests.published.tables import largest

MODULE = sys.modules["egovindex.reproduce"]
HIGHEST = {
    "C1": 3, "C2": 3, "C3": 2, "C4": 4, "C5": 2, "C6": 3, "C7": 2, "C8": 4,
    "E1": 2, "E2": 2, "H1": 2, "H2": 3, "H3": 2, "H6": 4, "H7": 5, "H8": 3,
}  # fmt: skip
PLAIN = {"C8", "E2", "H2", "H3"}
C, E, H = (["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"], ["E1", "E2"], ["H1", "H2", "H3", "H6", "H7", "H8"])
PARTS = {"GRI": [*C, *E, *H], "CHI": [*C, *H], "SI": [*C, "H1"], "ESI": E}
TIES = 577


@pytest.fixture(scope="module")
def data():
    return ei.sample("oxcgrt-2022").set_index(["country_code", "date"], drop=False)


@pytest.fixture(scope="module")
def written_out(root, tmp_path_factory) -> ei.Index:
    """The packaged file with the column of every flag by name: it needs no attribute of answers."""
    text = (root / "indicators" / "oxcgrt-2022.yaml").read_text(encoding="utf-8")
    head, table = text.replace(', flag: "*_flag"', "").split("indicators: |\n")
    table, nodes = table.split("defaults:")
    lines = []
    for row in table.strip().splitlines()[1:]:
        name, label, points, steps = (cell.strip() for cell in row.split(","))
        if points == "flagged":
            points = f'{{0: 0, "{name}_flag is not 1": value - 0.5, else: value, missing: 0}}'
        lines.append(f"  {name}: {{label: {label}, points: {points}, steps: [{steps}]}}\n")
    head = "".join(line for line in head.splitlines(keepends=True) if not line.startswith("  flagged:"))
    path = tmp_path_factory.mktemp("oxcgrt") / "oxcgrt-2022.yaml"
    path.write_text(f"{head}indicators:\n{''.join(lines)}defaults:{nodes}", encoding="utf-8")
    return ei.load_index(path)


@pytest.fixture(scope="module")
def packaged() -> ei.Index:
    return ei.load_index("oxcgrt-2022")


BOTH = ["written_out", "packaged"]


@pytest.fixture(scope="module", params=BOTH)
def index(request) -> ei.Index:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def result(index, data):
    return ei.compute(index, data)


def formula(data: pd.DataFrame, node: str) -> pd.Series:
    """Unrounded, by the methodology: the mean of 100 (v - 0.5 (F - f)) / N, 0 where v is 0 or blank."""
    total, answered = np.zeros(len(data)), np.zeros(len(data))
    for name in PARTS[node]:
        v = data[name].to_numpy(float)
        lost = 0.0 if name in PLAIN else 0.5 * (1 - data[f"{name}_flag"].fillna(0).to_numpy(float))
        total += np.where(v > 0, 100 * (v - lost) / HIGHEST[name], 0)
        answered += ~np.isnan(v)
    need = 2 if node == "ESI" else len(PARTS[node]) - 1
    return pd.Series(np.where(answered >= need, total / len(PARTS[node]), np.nan), data.index)


# The table and the formula ---------------------------------------------------------------------------


def test_the_table_is_whole(data):
    assert len(data) == 6663
    assert data.index.is_unique
    assert data["country_code"].nunique() == 186
    assert data["date"].nunique() == 36
    assert data["date"].str.endswith("-15").all()
    assert not data[[*HIGHEST, *PARTS]].isna().any(axis=None)


@pytest.mark.parametrize("name", HIGHEST)
def test_a_level_lies_between_0_and_the_highest(data, name):
    assert data[name].between(0, HIGHEST[name]).all()
    assert (data[name] % 1 == 0).all()
    if name not in PLAIN:
        assert (data[f"{name}_flag"].isna() == (data[name] == 0)).all()


@pytest.mark.parametrize(("node", "ties"), {"GRI": TIES, "CHI": 0, "SI": 0, "ESI": 0}.items())
def test_the_formula_is_that_of_the_published_index(data, node, ties):
    away = (formula(data, node) - data[node]).abs()
    assert away.max() <= 0.005 + 1e-9
    assert (away > 0.005 - 1e-9).sum() == ties


# The index -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("node", ["SI", "CHI", "ESI"])
def test_an_index_is_the_published_one(result, data, node):
    assert (result.scores[node].round(2) == data[node]).all()


def test_government_response_is_the_published_one_but_for_ties(result, data):
    computed = result.scores["GRI"].round(2)
    equal = computed == data["GRI"]
    assert equal.sum() >= 6560
    away = (formula(data, "GRI") - data["GRI"])[~equal].abs()
    assert ((away - 0.005).abs() <= 1e-9).all()
    assert (computed - data["GRI"])[~equal].abs().to_numpy() == pytest.approx(0.01)


@pytest.mark.parametrize("node", PARTS)
def test_unrounded_it_is_the_formula(index, data, node):
    exact = ei.compute(index.with_(nodes={name: {"steps": ["times 100"]} for name in PARTS}), data)
    assert largest(exact.scores[node] - formula(data, node)) < 1e-10


@pytest.mark.parametrize("node", PARTS)
@pytest.mark.parametrize("blank", [1, 2])
def test_one_blank_is_no_measure_and_two_are_no_index(index, data, node, blank):
    few = data.loc[["GBR"]].copy()
    few[PARTS[node][:blank]] = np.nan
    computed = ei.compute(index, few).scores[node]
    expected = formula(few, node)
    assert expected.isna().all() == (blank == 2 or node == "ESI")
    assert (computed.isna() == expected.isna()).all()
    assert ((computed - expected).dropna().abs() <= 0.005 + 1e-9).all()


def test_it_is_reproduced_as_recorded(index):
    found = ei.reproduce(index)
    assert found.as_recorded
    table = found.table.set_index("node")
    assert table["cells"].tolist() == [6663] * 4
    assert table.loc[["CHI", "SI", "ESI"], "equal"].tolist() == [6663] * 3
    assert table.loc["GRI", "equal"] >= 6560
    assert len(found.misses) == 6663 - table.loc["GRI", "equal"]
    assert found.misses["reason"].str.contains("last bit").all()
    assert found.misses["of"].str.fullmatch(r"[A-Z]{3} 202\d-\d\d-15").all()
    assert read_record("oxcgrt-2022").known[0].ties == TIES


# Negative controls ---------------------------------------------------------------------------------------


def test_control_another_loss_for_a_flag_does_not_give_the_published_index(written_out, data):
    other = written_out.with_(indicators={"C6": {"points": {"0": 0, "else": "value"}}})
    assert (ei.compute(other, data).scores["SI"].round(2) != data["SI"]).sum() > 500


@pytest.mark.parametrize("column", ["C2", "C2_flag"])
def test_control_one_other_answer_is_told(written_out, monkeypatch, column):
    def changed(name, *variant):
        table = ei.sample(name, *variant)
        row = (table["country_code"] == "FRA") & (table["date"] == "2020-11-15")
        assert table.loc[row, ["C2", "C2_flag"]].to_numpy().tolist() == [[3, 1]]
        table.loc[row, column] = {"C2": 2, "C2_flag": 0}[column]
        return table

    monkeypatch.setattr(MODULE, "sample", changed)
    found = ei.reproduce(written_out)
    assert not found.as_recorded
    assert {"FRA 2020-11-15"} <= set(found.findings["of"]) <= {"FRA 2020-11-15", "ties"}
    assert {"SI", "CHI", "GRI"} == set(found.findings["node"])


def test_control_a_printed_value_off_by_its_last_digit_is_no_tie(written_out, monkeypatch):
    def changed(name, *variant):
        table = ei.sample(name, *variant)
        at = table.index[(table["country_code"] == "DEU") & (table["date"] == "2021-03-15")]
        table.loc[at, "GRI"] += 0.01
        return table

    monkeypatch.setattr(MODULE, "sample", changed)
    findings = ei.reproduce(written_out).findings
    assert findings["of"].tolist() == ["DEU 2021-03-15"]
    assert "off by 0.01, and not recorded" in findings["finding"].item()


def test_control_another_number_of_ties_is_told(written_out, monkeypatch):
    record = read_record("oxcgrt-2022")
    other = record.model_copy(update={"known": (record.known[0].model_copy(update={"ties": 500}),)})
    monkeypatch.setattr("egovindex.spec.samples.read_record", lambda _name: other)
    findings = ei.reproduce(written_out).findings
    assert findings[["of", "finding"]].values.tolist() == [
        ["ties", "577 values lie between two printed ones, recorded as 500"]
    ]


def test_the_table_is_read_packed_and_unpacked(root, tmp_path, data):
    import gzip

    packed = root / "indicators" / "samples" / "oxcgrt-2022.csv.gz"
    plain = Path(tmp_path) / "plain.csv"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    pd.testing.assert_frame_equal(ei.read_table(packed), ei.read_table(plain))
    pd.testing.assert_frame_equal(ei.read_table(packed), data.reset_index(drop=True))
