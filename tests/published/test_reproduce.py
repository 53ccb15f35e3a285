"""`reproduce`: what is told is what the samples and their records say, and a changed figure is told."""

from __future__ import annotations

import json
import sys
from functools import partial

import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec import samples as records
from egovindex.spec.samples import packaged_samples, read_record
from tests.published.tables import by_unit

MODULE = sys.modules["egovindex.reproduce"]  # the function of that name hides it


@pytest.fixture(scope="module")
def found() -> ei.Reproduction:
    return ei.reproduce()


def row(found: ei.Reproduction, index: str, node: str, variant: str = "") -> pd.Series:
    table = found.table.set_index(["index", "variant", "node"])
    return table.loc[(index, variant, node)]


def cells_of(index: str) -> int:
    """Values that were published of one node."""
    return 6663 if index.startswith("oxcgrt") else 198 if index.startswith("wb") else 193


# All of it ----------------------------------------------------------------------------------------


def test_everything_is_as_recorded(found):
    assert found.as_recorded
    assert found.findings.empty
    unpublished = ["msq-readiness-2022"]  # nobody publishes a score of the Member State Questionnaire
    assert found.table["index"].unique().tolist() == [name for name in packaged_samples() if name not in unpublished]
    assert found.without == tuple(f"un-egdi-parts-{y}" for y in (2003, 2004, 2005, *range(2008, 2023, 2)))


@pytest.mark.parametrize(
    ("index", "variant", "node", "equal", "largest", "where", "ranks", "sizes"),
    [
        ("un-egdi-2024", "corrected", "EGDI", 127, 0.000177, "PNG", 187, 4),
        ("un-egdi-2024", "corrected", "OSI", 193, 0.000050, "GAB", 0, 4),
        ("un-egdi-2024", "as-copied", "EGDI", 67, 0.012967, "OMN", 171, 2),
        ("un-egdi-2024", "as-copied", "HCI", 23, 0.038967, "OMN", 0, 4),
        ("un-egdi-parts-2024", "", "EGDI", 40, 0.000037, "KNA", 192, 4),
        ("un-epi-2024", "", "EPI", 187, 0.178052, "KWT", 0, 0),
        ("un-osi-2024", "", "OSI", 193, 0.000050, "GAB", 0, 4),
        ("un-tii-2024", "", "TII", 155, 0.000100, "BWA", 0, 4),
        ("un-hci-2024", "corrected", "HCI", 51, 0.000463, "PNG", 0, 4),
        ("undp-hdi-2022", "", "HDI", 193, 0.0, "", 0, 4),
        ("wb-gtmi-2022", "", "GTMI", 6, 0.015947, "GIN", 0, 0),
        ("wb-gtmi-2022", "", "CGSI", 6, 0.063786, "GIN", 0, 1),
        ("wb-gtmi-2022", "", "PSDI", 198, 0.0, "", 0, 4),
        ("wb-gtmi-2022", "", "DCEI", 198, 0.0, "", 0, 4),
        ("wb-gtmi-2022", "", "GTEI", 198, 0.0, "", 0, 4),
        ("wb-gtmi-parts-2022", "", "GTMI", 198, 0.0, "", 0, 4),
        ("wb-gtmi-parts-2022", "", "CGSI", 198, 0.0, "", 0, 4),
        ("oxcgrt-2022", "", "SI", 6663, 0.0, "", 0, 0),
    ],
)
def test_what_is_told(found, index, variant, node, equal, largest, where, ranks, sizes):
    told = row(found, index, node, variant)
    assert (told["cells"], told["equal"], told["where"]) == (cells_of(index), equal, where)
    assert told["largest"] == pytest.approx(largest, abs=5e-7)
    assert (told["ranks_equal"], told["sizes_equal"]) == (ranks, sizes)


def test_counts_of_the_cyberlaw_are_told_as_sizes(found):
    told = row(found, "unctad-cyberlaw-2026", "areas")
    assert (told["cells"], told["sizes"], told["sizes_equal"]) == (0, 6, 6)


@pytest.mark.parametrize("area", ["etransactions", "consumer", "privacy", "cybercrime", "taxation"])
def test_answers_of_the_cyberlaw_are_told_as_sizes(found, area):
    told = row(found, "unctad-cyberlaw-2026", area)
    assert (told["cells"], told["sizes"], told["sizes_equal"]) == (0, 4, 4)


def test_told_figures_are_those_of_compute(found):
    data = ei.sample("un-egdi-2024", "as-copied")
    result, published = ei.compute("un-egdi-2024", data), data.set_index("iso3")
    away = (by_unit(result.scores)["HCI"] - published["hci"]).abs()
    told = row(found, "un-egdi-2024", "HCI", "as-copied")
    assert told["largest"] == away.max()
    assert told["equal"] == (away <= 5e-5 + 1e-12).sum()
    missed = found.misses.query("index == 'un-egdi-2024' and variant == 'as-copied' and node == 'HCI'")
    assert set(missed["of"]) == set(away.index[away > 5e-5 + 1e-12])


def test_each_miss_has_a_reason_and_a_source(found):
    assert (found.misses["reason"].str.len() > 20).all()
    assert found.misses["source"].str.contains("basis: (?:ours|assumed)").all()
    assert found.reasons["number"].sum() == len(found.misses)


# The records --------------------------------------------------------------------------------------


def test_recorded_sizes_are_those_of_the_printed_groups():
    groups = ei.sample("un-egdi-2024")["egdi_group"].str.removesuffix(" EGDI").str.capitalize()
    for name in ("un-egdi-2024", "un-egdi-parts-2024"):
        assert dict(read_record(name).published["EGDI"].classes) == groups.value_counts().to_dict()
    codes = ei.sample("undp-hdi-2022")["hdicode"].str.capitalize()
    assert dict(read_record("undp-hdi-2022").published["HDI"].classes) == codes.value_counts().to_dict()


def test_recorded_counts_are_those_of_the_cyberlaw_table():
    areas = ei.sample("unctad-cyberlaw-2026").iloc[:, 2:7]
    counts = (areas == "Legislation").sum(axis=1).value_counts()
    recorded = read_record("unctad-cyberlaw-2026").published["areas"].counts
    assert {int(value): size for value, size in recorded.items()} == counts.to_dict()


def test_recorded_answers_are_those_of_the_cyberlaw_table():
    data = ei.sample("unctad-cyberlaw-2026")
    spelt = {
        "legislation": "Legislation",
        "draft": "Draft Legislation",
        "none": "No Legislation",
        "no_data": "No Data",
    }
    columns = ei.load_index("unctad-cyberlaw-2026").file.columns
    published = read_record("unctad-cyberlaw-2026").published
    areas = [name for name in published if name != "areas"]
    assert len(areas) == 5
    for area in areas:
        found = data[columns[area]].value_counts()
        assert dict(published[area].answers) == {name: found.get(word, 0) for name, word in spelt.items()}


def test_recorded_groups_are_those_of_the_govtech_table():
    data = ei.sample("wb-gtmi-2022")
    columns = {"GTMI": "Grp", "CGSI": "GT1", "PSDI": "GT2", "DCEI": "GT3", "GTEI": "GT4"}
    for name in ("wb-gtmi-2022", "wb-gtmi-parts-2022"):
        published = read_record(name).published
        for node, column in columns.items():
            assert dict(published[node].classes) == data[column].value_counts().to_dict()


def test_no_bound_is_wider_than_its_last_digit(found):
    values = found.misses[found.misses["what"] == "values"]
    away = (values["computed"] - values["published"]).abs()
    for name in packaged_samples():
        for known in read_record(name).known:
            here = values["index"].eq(name) & values["node"].eq(known.node) & values["of"].isin(known.units)
            here &= values["variant"].isin([known.variant] if known.variant else ["", "corrected", "as-copied"])
            if known.within is not None and here.any():
                assert known.within.value - away[here].max() < 1e-5


@pytest.mark.parametrize("other", ["units: [AUT]", "within: 0.1", "sizes: {a: 1}", "what: ranks", "ties: 0"])
def test_ties_are_found_and_not_listed(tmp_path, monkeypatch, other):
    (tmp_path / "samples").mkdir()
    monkeypatch.setattr(records, "indicators_folder", lambda: tmp_path)
    path = tmp_path / "samples" / "mine.yaml"
    known = "ties: 3, " if other != "ties: 0" else ""
    path.write_text(f"sample: mine\nknown:\n  - {{node: A, {known}{other}, reason: r, source: s}}\n")
    with pytest.raises(ei.SpecError, match="ties"):
        read_record("mine")


def test_a_record_is_read_strictly(tmp_path, monkeypatch):
    (tmp_path / "samples").mkdir()
    monkeypatch.setattr(records, "indicators_folder", lambda: tmp_path)
    path = tmp_path / "samples" / "mine.yaml"
    path.write_text("sample: yours\npublished: {A: {column: a}}\nknown:\n  - {node: A, reason: none}\n")
    with pytest.raises(ei.SpecError) as raised:
        read_record("mine")
    said = str(raised.value)
    assert "mine.yaml:2" in said
    assert "column and digits go together" in said
    assert "source" in said


# Negative controls --------------------------------------------------------------------------------


def with_cell(monkeypatch: pytest.MonkeyPatch, unit: str, column: str, change: float) -> None:
    """Every table that is compared has one other cell."""

    def changed(name: str, *variant: str | None) -> pd.DataFrame:
        table = ei.sample(name, *variant)
        if column in table:
            table.loc[table["iso3"] == unit, column] += change
        return table

    monkeypatch.setattr(MODULE, "sample", changed)


@pytest.mark.parametrize(
    ("index", "column", "change"),
    [
        ("un-osi-2024", "osi_sp", 1 / 83),  # an input, by one feature
        ("un-osi-2024", "osi", 0.0001),  # a printed value, by its last digit
        ("un-tii-2024", "internet_users_pct", 0.5),
        ("un-hci-2024", "mean_years_schooling", 0.1),
        ("un-epi-2024", "osi_epi", -1 / 73),
        ("un-egdi-2024", "osi_tec", -1 / 16),
        ("un-egdi-parts-2024", "tii", 0.001),
        ("undp-hdi-2022", "le_2022", 0.5),
    ],
)
def test_control_one_other_cell_is_told(index, column, change, monkeypatch):
    with_cell(monkeypatch, "DNK", column, change)
    found = ei.reproduce(index)
    assert not found.as_recorded
    assert "DNK" in set(found.findings["of"])
    assert found.findings["finding"].str.contains("not recorded|recorded as within").any()


def test_control_a_recorded_miss_that_is_met_is_told(monkeypatch):
    with_cell(monkeypatch, "KWT", "epi", 0.4795 - 0.3014)
    found = ei.reproduce("un-epi-2024")
    assert not found.as_recorded
    assert found.findings[["of", "finding"]].values.tolist() == [["KWT", "recorded as a miss, and is met or not there"]]


def test_control_a_miss_that_has_grown_is_told(monkeypatch):
    with_cell(monkeypatch, "KWT", "epi", -0.1)
    told = ei.reproduce("un-epi-2024").findings
    assert told["of"].tolist() == ["KWT"]
    assert "recorded as within 0.17806" in told["finding"].item()


def test_control_a_missing_state_is_told(monkeypatch):
    monkeypatch.setattr(MODULE, "sample", lambda *a: ei.sample(*a).query("iso3 != 'BEL'"))
    assert "BEL" in set(ei.reproduce("un-epi-2024").findings["of"])


def test_control_another_weight_does_not_reproduce():
    index = ei.load_index("un-osi-2024")
    other = index.with_weights({"OSI": {"osi_if": 10, "osi_cp": 5, "osi_sp": 44, "osi_epi": 36, "osi_tec": 5}})
    assert ei.reproduce(index).as_recorded
    assert not ei.reproduce(other).as_recorded


def test_control_another_answer_changes_the_counts_of_its_area(monkeypatch):
    def changed(name, *variant):
        return ei.sample(name, *variant).replace({"Cybercrime": {"Draft Legislation": "No Legislation"}})

    monkeypatch.setattr(MODULE, "sample", changed)
    found = ei.reproduce("unctad-cyberlaw-2026")
    told = found.findings[["node", "what", "of", "published", "computed"]].values.tolist()
    assert told == [["cybercrime", "answers", "draft", 5, 0], ["cybercrime", "answers", "none", 14, 19]]
    assert not found.as_recorded


def test_control_another_rule_changes_the_counts():
    found = ei.reproduce(ei.load_index("unctad-cyberlaw-2026").with_rules("graded"))
    assert set(found.findings["what"]) == {"counts"}
    assert not found.as_recorded


def test_an_index_without_published_values_says_so():
    with pytest.raises(ei.DataError, match="no data and no published values ship for un-egdi-parts-2008"):
        ei.reproduce("un-egdi-parts-2008")


# The command --------------------------------------------------------------------------------------


@pytest.fixture
def run():
    testing = pytest.importorskip("typer.testing")
    from egovindex.cli.app import app

    return partial(testing.CliRunner(env={"COLUMNS": "120", "NO_COLOR": "1"}).invoke, app)


def test_the_command_ends_with_0_and_names_the_reasons(run):
    done = run(["reproduce", "un-epi-2024"])
    assert done.exit_code == 0
    assert "187 of 193" in done.output
    assert "un-epi-2024: 6 values of EPI" in done.output
    assert "Two vintages of one number" in done.output


def test_the_command_ends_with_1_if_a_cell_is_another(run, monkeypatch):
    with_cell(monkeypatch, "DNK", "osi_sp", 1 / 83)
    done = run(["reproduce", "un-osi-2024"])
    assert done.exit_code == 1
    assert "not as recorded" in done.output
    assert "DNK" in done.output


@pytest.mark.slow
def test_the_command_without_an_index_names_what_does_not_ship(run):
    done = run(["reproduce", "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["as_recorded"], told["findings"]) == (0, True, [])
    assert "un-egdi-parts-2008" in told["without"]
    assert len(told["rows"]) == 16 + 5 + 2 * 5 + 4


def test_the_command_refuses_an_index_without_published_values(run):
    done = run(["reproduce", "un-egdi-parts-2008"])
    assert done.exit_code == 2
    assert "no data and no published values ship" in done.output


def test_misses_are_listed_one_by_one(run):
    done = run(["reproduce", "un-epi-2024", "--misses", "--csv"])
    lines = done.output.splitlines()
    assert lines[0].startswith("index,variant,node,what,of,published,computed")
    assert [line.split(",")[4] for line in lines[1:]] == ["BEL", "CYP", "KEN", "KWT", "MLT", "OMN"]
