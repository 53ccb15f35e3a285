"""What is saved reads back as the same result, from any index and any table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.index import Index
from egovindex.keep.folder import NAMES
from egovindex.keep.rebuild import rebuilt
from egovindex.keep.save import saved_files
from egovindex.verify import IndexResult

PARTS = "un-egdi-parts-2024"
FEW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SPEC = """
index: region
title: Readiness of the region
answers: {status: {yes: [Y, oui], drafted: [], no: []}}
nothing: {missing: skip, unknown: 0}
points: {status: {yes: 1, drafted: 0.5, no: 0}}
rules:
  strict: {points: {status: {drafted: 0}}}
reference: {where: member is yes, periods: REFERENCE}
indicators:
  law: {points: status}
  portal: {steps: [minmax]}
  skills: {steps: [zscore, rank]}
  grade: {points: {value >= 4: 1, level is high: 0.75, else: 0}}
nodes:
  readiness: {of: {rules: 1, means: 3}, classes: {High: 0.5, Low: else}}
  rules: {of: [law, grade]}
  means: {of: [portal, skills]}
"""
ROWS = pd.DataFrame(
    {
        "email": ["a@b.c"] * 6,
        "unit": ["A", "B", "C", "A", "B", "C"],
        "period": [2020, 2020, 2020, 2022, 2022, 2022],
        "member": ["yes", "yes", "no", "yes", "yes", "yes"],
        "law": ["Y", "drafted", "unknown", None, " no ", "OUI"],
        "portal": [0.1, 0.7, 0.30000000000000004, 1e-300, 2.5, 1 / 3],
        "skills": [1, 2, 3, 5, 4, 6],
        "grade": ["004", "1/2", 5, 3.5, "2", "4.0"],
        "level": ["high", "low", "high", "low", "high", None],
        "phone": ["+1"] * 6,
    }
)


def spec(reference: str = "each") -> str:
    return SPEC.replace("REFERENCE", reference)


def index_of(text: str, folder: Path) -> Index:
    path = folder / f"{text.split()[1]}.yaml"
    path.write_text(text, encoding="utf-8")
    return ei.load_index(path)


def same(a: IndexResult, b: IndexResult) -> None:
    for name in ("scores", "ranks", "states", "classes", "coverage", "learned", "indicators", "points", "ranking"):
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name), check_exact=True, obj=name)
    assert (a.index, a.index.history, a.manifest) == (b.index, b.index.history, b.manifest)
    assert repr(a) == repr(b)


def kept(result: IndexResult, folder: Path, **options) -> IndexResult:
    result.save(folder / "kept", overwrite=True, **options)
    return ei.load_result(folder / "kept")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ("oxcgrt-2022", "wb-gtmi-2022") else [])
        for name, row in ei.list_indices().iterrows()
        if row["sample"]
    ],
)
def test_packaged_samples(tmp_path, name, kind):
    result = ei.compute(name, ei.sample(name))
    same(result, kept(result, tmp_path, format=kind))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("reference", ["each", "all", '"2020"'])
@pytest.mark.parametrize("rules", [(), ("strict",)])
def test_panels_rules_and_references(tmp_path, reference, kind, rules):
    index = index_of(spec(reference), tmp_path).with_rules(*rules).with_weights({"means": {"portal": 2, "skills": 1}})
    result = ei.compute(index, ROWS)
    assert result.manifest.learned == "from these data"
    again = kept(result, tmp_path, format=kind)
    same(result, again)
    assert (again.index.weights, again.index.rules) == ("given", rules)


PERIODS = {
    "text": ["2020", "2022"],
    "number": [2020.0, 2022.5],
    "whole": [2020, 2022],
    "nullable": pd.array([2020, 2022], dtype="Int64"),
    "date": pd.to_datetime(["2020-01-01", "2022-06-30"]),
    "day": [date(1, 1, 1), date(2022, 6, 30)],
    "nanoseconds": pd.to_datetime(["2020-01-01 00:00:00.123456788", "2020-01-01 00:00:00.123456789"]),
    "before nanoseconds": np.array(["0001-01-01", "2022-06-30"], dtype="datetime64[us]"),
    "odd text": [" 2020", '=1,"\n'],
}


@pytest.mark.parametrize("format", ["csv", "parquet"])
@pytest.mark.parametrize("kind", PERIODS)
def test_periods_keep_their_type(tmp_path, kind, format):  # noqa: A002 - as it is called
    table = ROWS.assign(period=np.repeat(PERIODS[kind], 3))
    result = ei.compute(index_of(spec(), tmp_path), table)
    again = kept(result, tmp_path, format=format)
    assert again.scores.index.equals(result.scores.index)
    assert again.ranking.equals(result.ranking)
    assert again.manifest == result.manifest
    assert ei.verify(tmp_path / "kept").identical


def test_periods_of_several_kinds_are_refused(tmp_path):
    result = ei.compute(PARTS, ei.sample(PARTS).assign(year=pd.Period("2024", "Y")))
    with pytest.raises(ei.DataError, match="periods of the kind period cannot be kept"):
        result.save(tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("periods", "kind"),
    [
        (pd.to_datetime(["2020-01-01", "2022-01-01"]).tz_localize("Asia/Phnom_Penh"), "datetime"),
        ([2020, "2022"], "mixed-integer"),
    ],
)
def test_other_dates_are_refused_with_the_way_out(tmp_path, periods, kind):
    index = index_of(spec(), tmp_path)
    result = ei.compute(index, ROWS.assign(period=np.repeat(np.array(periods, dtype=object), 3)))
    with pytest.raises(ei.DataError, match=rf"the kind {kind} cannot be kept.*datetime64 without a time zone"):
        result.save(tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_data_that_would_read_back_otherwise_are_not_saved(tmp_path, monkeypatch):
    result = ei.compute(PARTS, ei.sample(PARTS))
    monkeypatch.setattr("egovindex.keep.tables.periods_of", lambda _, cells: [int(cell) + 1 for cell in cells])
    with pytest.raises(ei.DataError, match=r"would not give this result again \(the data\)"):
        result.save(tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("path", [None, 3, b"kept", ["kept"]])
def test_what_is_no_path_is_refused(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    result = ei.compute(PARTS, ei.sample(PARTS))
    for refused in (result.save, result.to_excel, ei.load_result, ei.verify):
        with pytest.raises(ei.DataError, match=f"a path is expected.*found {type(path).__name__}"):
            refused(path)
    assert list(tmp_path.iterdir()) == []


def test_only_columns_that_are_read_are_kept(tmp_path):
    index = index_of(spec(), tmp_path)
    ei.compute(index, ROWS).save(tmp_path / "kept")
    first = (tmp_path / "kept" / "data.csv").read_text(encoding="utf-8").splitlines()[0]
    # member by reference.where, level by a sentence of points; not email, not phone
    assert first == "unit,period,member,law,portal,skills,grade,level"
    everything = b"".join(path.read_bytes() for path in (tmp_path / "kept").iterdir())
    assert b"a@b.c" not in everything
    assert b"phone" not in everything


def test_learned_values_that_were_given_are_kept(tmp_path):
    result = ei.compute(index_of(spec(), tmp_path), ROWS)
    other = ei.what_if(result, {("B", 2022, "portal"): 9.0}).after
    assert other.manifest.learned == "given"
    same(other, kept(other, tmp_path))
    found = ei.verify(tmp_path / "kept")
    assert found.identical
    assert "given" in found.notes[0]


def test_a_long_table_and_a_unit_in_the_index(tmp_path):
    wide = ei.sample(PARTS).head(5)
    long = wide.melt(["iso3", "year"], ["osi", "tii", "hci"], "item", "answer")
    for table in (long, wide.set_index("iso3")):
        result = ei.compute(PARTS, table)
        same(result, kept(result, tmp_path))


def test_a_table_that_would_be_read_as_long_is_refused(tmp_path):
    text = "index: mini\nindicators: {a: {from: item}, b: {from: answer}}\nnodes: {top: {of: [a, b]}}\n"
    long = pd.DataFrame({"unit": ["a", "a"], "item": ["item", "answer"], "answer": [1.0, 2.0]})
    with pytest.raises(ei.DataError, match="read as a long one"):
        ei.compute(index_of(text, tmp_path), long).save(tmp_path / "kept")


@pytest.mark.slow
@FEW
@given(
    testing.indices().flatmap(
        lambda i: st.tuples(st.just(i), testing.tables(i, max_units=6, periods=()), st.sampled_from(["csv", "parquet"]))
    )
)
def test_invented_indices(drawn):
    index, table, kind = drawn
    result = ei.compute(index, table)
    files = saved_files(result, kind)
    made = rebuilt(files)
    same(result, IndexResult(made.index, made.plan, made.nominal))
    fresh = rebuilt(files, afresh=True)
    same(result, IndexResult(fresh.index, fresh.plan, fresh.nominal))
    # saved again, byte for byte
    assert saved_files(IndexResult(made.index, made.plan, made.nominal), kind) == files


@pytest.mark.slow
@FEW
@given(
    testing.indices(numeric=True).flatmap(
        lambda i: st.tuples(st.just(i), testing.tables(i, max_units=4, periods=(2020, 2022)))
    )
)
def test_invented_panels(drawn):
    index, table = drawn
    result = ei.compute(index, table)
    made = rebuilt(saved_files(result, "csv"))
    same(result, IndexResult(made.index, made.plan, made.nominal))


ANSWERS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=True, allow_infinity=False),
    st.sampled_from(
        ["004", "1/2", "1/3", " yes ", "YES", "", " ", "2.0", "-0.0", "true", "NA", "nan", "1e3", "unknown"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)


@FEW
@given(st.lists(ANSWERS, min_size=1, max_size=6))
def test_answers_of_every_kind_read_back(answers):
    index = Index.from_frame(
        pd.DataFrame({"id": ["top", "q"], "in": [None, "top"], "answers": [None, "scale"]}),
        index="mini",
        answers={"scale": {"yes": ["1", "true"], "third": ["1/3"], "two": ["2"]}},
        nothing={"missing": "skip", "unknown": "skip"},
        points={"every": {"yes": 1, "third": 2, "two": 3, "value > 3": 4, "else": 5}},
        defaults={"indicators": {"points": "every"}},
    )
    table = pd.DataFrame({"unit": [f"u{at}" for at in range(len(answers))], "q": pd.Series(answers, dtype=object)})
    try:
        result = ei.compute(index, table)
    except ei.EgovindexError:  # an answer that the index has no line for
        return
    made = rebuilt(saved_files(result, "csv"))
    same(result, IndexResult(made.index, made.plan, made.nominal))


NASTY = [
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "..\\up",
    '"quoted", and a comma',
    "two\nlines",
    "carriage\rreturn",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "\u202egnp.exe",
    "\ufeffBOM",
    "x" * 200,
    "NUL\x00here",
    "#not a comment",
]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_nasty_names_do_no_harm(tmp_path, kind):
    table = pd.DataFrame({"unit": NASTY, "=cmd|' /C calc'!A0": range(len(NASTY)), "<b>": NASTY})
    text = """
index: nasty
title: "=<b>title</b>"
answers: {scale: {any: []}}
indicators:
  a: {from: "=cmd|' /C calc'!A0", label: "=1+1"}
  b: {from: "<b>", points: {"+1": 2, else: 1}, label: "<i>"}
nodes: {top: {of: [a, b], label: "../x", classes: {"=A1": 3, "<u>": else}}}
"""
    result = ei.compute(index_of(text, tmp_path), table)
    same(result, kept(result, tmp_path, format=kind))
    assert {p.name for p in (tmp_path / "kept").iterdir()} <= set(NAMES)
    assert ei.verify(tmp_path / "kept").identical
    assert "<b>title" not in result.manifest._repr_html_()


@pytest.mark.parametrize("name", ["=1+1", "two\nlines", "\u202eabc", "x" * 200, "a b", "-rf", "<b>"])
def test_nasty_folders(tmp_path, name):
    ei.compute(PARTS, ei.sample(PARTS)).save(tmp_path / name)
    found = ei.verify(tmp_path / name)
    assert found.identical
    assert len(repr(found).splitlines()) == 1
    assert "\u202e" not in repr(found)
    assert "<b>" not in found._repr_html_().replace("<b>&lt;Verification", "")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_text_that_utf8_cannot_hold_is_refused(tmp_path):
    index = ei.load_index(PARTS).with_(
        points={"half": {"A\ud800": 1, "else": 0}}, indicators={"osi": {"points": "half"}}
    )
    table = ei.sample(PARTS).head(2).assign(osi=pd.Series(["A\ud800", "B"], dtype=object))
    with pytest.raises(ei.DataError, match=r"UTF-8 cannot hold: 'A\\ud800'"):
        ei.compute(index, table).save(tmp_path / "kept")


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ei.MethodError, match='format is one of csv, parquet, found "parket"; did you mean "parquet"'):
        ei.compute(PARTS, ei.sample(PARTS)).save(tmp_path / "kept", format="parket")


def test_what_the_files_would_not_give_is_not_saved(tmp_path):
    result = ei.compute(PARTS, ei.sample(PARTS))
    moved = ei.evaluate(result.plan, weights=result.plan.weights * [1, 2, 3])
    with pytest.raises(ei.DataError, match="would not give this result again"):
        IndexResult(result.index, result.plan, moved).save(tmp_path / "kept")
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_names_the_original_without_its_folder(tmp_path):
    path = tmp_path / "my table.csv"
    path.write_text("iso3,year,osi,tii,hci\nNA,2024,0.5,0.75,1\n", encoding="utf-8")
    result = ei.compute(PARTS, path)
    assert result.manifest.original.name == "my table.csv"
    same(result, kept(result, tmp_path))
    everything = b"".join(p.read_bytes() for p in (tmp_path / "kept").iterdir())
    assert str(tmp_path).encode() not in everything
    assert ei.compute(PARTS, ei.read_table(path)).manifest.original is None


def test_the_digest_of_the_data_does_not_depend_on_types_or_further_columns():
    table = ei.sample(PARTS)
    digest = ei.compute(PARTS, table).manifest.data_sha256
    for other in (table.assign(further=1), table.astype({"osi": object}), table.convert_dtypes()):
        assert ei.compute(PARTS, other).manifest.data_sha256 == digest
    table.loc[0, "osi"] += 1e-16
    assert ei.compute(PARTS, table).manifest.data_sha256 != digest or table.loc[0, "osi"] == ei.sample(PARTS)["osi"][0]


def test_the_manifest_is_small_and_says_all():
    manifest = ei.compute("undp-hdi-2022", ei.sample("undp-hdi-2022")).manifest
    assert (manifest.egovindex, manifest.pandas, manifest.numpy) == (ei.__version__, pd.__version__, np.__version__)
    assert repr(manifest).splitlines()[0].split() == ["egovindex", ei.__version__]
    with pytest.raises(AttributeError):
        manifest.rows = 3


TWICE = """
import sys, egovindex as ei
for name in ("un-egdi-2024", "unctad-cyberlaw-2026"):
    for kind in ("csv", "parquet"):
        ei.compute(name, ei.sample(name)).save(f"{name}-{kind}", format=kind)
"""


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path):
    runs = [("1", "UTC", "C.UTF-8"), ("2", "Asia/Kathmandu", "C")]
    found = []
    for seed, zone, locale in runs:
        folder = tmp_path / seed
        folder.mkdir()
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        subprocess.run([sys.executable, "-c", TWICE], cwd=folder, env=env, check=True)
        found.append({p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})
    assert len(found[0]) == 4 * 11
    assert found[0] == found[1]


def test_sha256sum_reads_the_list(tmp_path):
    ei.compute(PARTS, ei.sample(PARTS)).save(tmp_path / "kept")
    if subprocess.run(["bash", "-c", "command -v sha256sum"], check=False, capture_output=True).returncode:
        pytest.skip("no sha256sum here")
    done = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "kept", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(": OK") == 10


def test_the_manifest_is_plain_json(tmp_path):
    ei.compute(PARTS, ei.sample(PARTS)).save(tmp_path / "kept")
    found = json.loads((tmp_path / "kept" / "manifest.json").read_text(encoding="utf-8"))
    assert found["index"] == PARTS
    assert found["columns"] == {"iso3": "text", "year": "whole", "osi": "number", "tii": "number", "hci": "number"}
