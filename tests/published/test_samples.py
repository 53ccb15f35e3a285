"""The packaged sample tables are the files that their README describes."""

from __future__ import annotations

import gzip
import hashlib
import re

import pandas as pd
import pytest

import egovindex as ei

SAMPLES = ["un-egdi-2024", "un-egdi-parts-2024", "unctad-cyberlaw-2026", "undp-hdi-2022"]


def test_digests_in_the_readme_are_those_of_the_files(root):
    folder = root / "indicators" / "samples"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+?)` \| (\d+) \| `([0-9a-f]{64})` \|$", readme, re.MULTILINE)
    assert {name for name, _, _ in rows} == {path.name for path in folder.glob("*.csv*")}
    for name, count, digest in rows:
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
        content = gzip.decompress(content) if name.endswith(".gz") else content
        assert content.count(b"\n") == int(count) + 1
        assert b"\r" not in content
        content.decode("utf-8")


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_complete(name):
    data = ei.sample(name)
    assert not data.isna().any(axis=None)
    assert data["country"].str.len().min() > 3


def test_corrections_are_applied_and_named(root):
    copied, corrected = ei.sample("un-egdi-2024", variant="as-copied"), ei.sample("un-egdi-2024")
    table = pd.read_csv(root / "indicators" / "samples" / "un-egdi-2024.corrections.csv")
    assert len(table) == 13
    before, after = copied.set_index("iso3"), corrected.set_index("iso3")
    for row in table.itertuples():
        assert before.loc[row.unit, row.column] == row.table_value
        assert after.loc[row.unit, row.column] == row.value
        assert after.loc[row.unit, "corrected"] == row.column
    assert (after["corrected"] == "").sum() == 193 - 13
    differs = (after[before.columns] != before).sum().loc[lambda count: count > 0]
    assert differs.to_dict() == {"gross_enrolment_pct": 9, "egov_literacy": 4}
    assert "corrected" not in copied


def test_both_samples_of_2024_hold_the_same_published_values():
    names = ["un-egdi-2024", "un-egdi-parts-2024"]
    raw, parts = (ei.sample(name).set_index("iso3") for name in names)
    assert (raw["rank"] == parts["rank"]).all()
    for column in ["osi", "tii", "hci", "egdi"]:
        assert (raw[column] - parts[column]).abs().max() <= 5.01e-5
