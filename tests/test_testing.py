"""`egovindex.testing`: strategies that fit and shrink, laws that are kept and broken, results compared."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing
from egovindex.kernels import aggregate
from egovindex.spec import language, values
from egovindex.spec.words import AGGREGATES
from tests.properties.drawn import index_of

FEW = settings(max_examples=20, deadline=None, database=None, derandomize=True)
SEARCH = settings(
    max_examples=1000, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
PACKAGED = list(ei.list_indices().index)
# a law compiles the index once per edge: a minute where there are two hundred
SAMPLED = [name for name, row in ei.list_indices().iterrows() if row["sample"] and row["indicators"] < 100]
LARGE = ("un-egdi-2024", "msq-readiness-2022", "oxcgrt-2022", "wb-gtmi-2022")


def large_ones_wait(names):
    return [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in names]


def smallest(strategy, condition):
    return find(strategy, condition, settings=SEARCH)


def records(index):
    return (*index.tree.leaves.values(), *index.tree.branches.values())


# Shrinking ----------------------------------------------------------------------------------------


def test_the_simplest_index_has_one_number_in_one_mean():
    index = smallest(testing.indices(), lambda _: True)
    assert index.document() == {
        "index": "invented",
        "title": "An invented index",
        "indicators": {"portal": {}},
        "nodes": {"readiness": {"of": ["portal"]}},
    }


@pytest.mark.slow
@pytest.mark.parametrize("aggregate_", ["geometric", "ladder"])
def test_an_aggregate_shrinks_to_one_node(aggregate_):
    index = smallest(
        testing.indices(), lambda index: any(b.aggregate == aggregate_ for b in index.tree.branches.values())
    )
    assert len(index.tree.leaves) == 1
    assert len(index.tree.branches) == 1
    assert not any(record.steps or record.lines for record in records(index))


@pytest.mark.slow
def test_two_needs_shrink_to_what_needs_them():
    """A step under a node of depth two: no sibling, no points, no words."""

    def deep_with_step(index):
        steps = [step.name for leaf in index.tree.leaves.values() for step in leaf.steps]
        return len(index.tree.branches) > 1 and "cap" in steps

    index = smallest(testing.indices(), deep_with_step)
    assert len(index.tree.leaves) == 1
    assert len(index.tree.branches) == 2
    assert len(index.tree.leaves["portal"].steps) <= 2
    assert not any(record.lines for record in records(index))


def test_the_simplest_table_has_two_units_and_no_gap():
    table = smallest(testing.tables("un-egdi-parts-2024"), lambda _: True)
    assert table["iso3"].tolist() == ["Abaria", "Belmora"]
    assert table[["osi", "tii", "hci"]].to_numpy().tolist() == [[0, 0, 0], [10, 10, 10]]


def test_one_gap_is_the_only_gap():
    table = smallest(testing.tables("un-egdi-parts-2024"), lambda table: table["tii"].isna().any())
    assert table[["osi", "tii", "hci"]].isna().to_numpy().sum() == 1
    assert len(table) == 2


@pytest.mark.slow
def test_a_case_shrinks_as_a_whole():
    """The smallest index and table on which leaving a gap out is not the same as counting it as zero."""
    cases = testing.indices(points=False, steps=(), max_indicators=3).flatmap(
        lambda i: st.tuples(st.just(i), testing.tables(i))
    )

    def differs(case):
        index, table = case
        if index.file.nothing is None:
            return False
        left_out = ei.compute(index.with_(nothing="skip"), table).scores
        return not left_out.equals(ei.compute(index.with_(nothing="0"), table).scores)

    index, table = smallest(cases, differs)
    assert len(index.tree.leaves) == 1
    assert len(index.tree.branches) == 1
    assert len(table) == 2


def test_weights_shrink_to_ones():
    found = smallest(
        testing.weight_sets("un-egdi-parts-2024"),
        lambda w: w.nodes["EGDI"]["osi"].value > w.nodes["EGDI"]["hci"].value,
    )
    assert {child: quantity.value for child, quantity in found.nodes["EGDI"].items()} == {"osi": 2, "tii": 1, "hci": 1}


# Indices ------------------------------------------------------------------------------------------


def a_thousand_indices(**options):
    found = []

    @settings(max_examples=600, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(testing.indices(**options))
    def collect(index):
        found.append(index)

    collect()
    return found


@pytest.mark.slow
def test_nothing_of_the_language_is_left_out():
    found = a_thousand_indices()
    trees = [index.tree for index in found]
    steps = {step.name for index in found for record in records(index) for step in record.steps}
    assert steps == set(values.STEPS)
    words = {word for index in found for record in records(index) for step in record.steps for word in step.words}
    assert words >= {"median", "sample", "log", "half_up"}
    branches = [branch for tree in trees for branch in tree.branches.values()]
    assert {branch.aggregate for branch in branches} == set(AGGREGATES)
    assert any(branch.formula is not None for branch in branches)
    assert {str(branch.need) for branch in branches} >= {"None", "1", "2", "50%", "100%"}
    outcomes = [line.outcome for index in found for record in records(index) for line in record.lines]
    assert {str(outcome) for outcome in outcomes if isinstance(outcome, values.Word)} == {"skip", "void"}
    assert any(isinstance(outcome, language.Formula) for outcome in outcomes)
    policies = {str(policy) for tree in trees for policy in tree.nothing.values() if isinstance(policy, values.Word)}
    assert policies == {"skip", "void"}
    assert any(isinstance(policy, values.Quantity) for tree in trees for policy in tree.nothing.values())
    assert any("refused" in tree.kinds for tree in trees)
    assert any(record.down for index in found for record in records(index))
    assert any(len(tree.tops) > 1 for tree in trees)
    assert any(len(above) > 1 for tree in trees for above in tree.parents.values())
    assert any(quantity.value < 0 for branch in branches for quantity in branch.weights)
    assert any(quantity.value == 0 for branch in branches for quantity in branch.weights)
    assert any(branch.lines for branch in branches)
    assert any(index.rules for index in found)
    assert any("in" in record for index in found for record in index.document()["indicators"].values())
    assert any(len(leaf.columns) > 1 for tree in trees for leaf in tree.leaves.values())
    assert any(leaf.columns[0].formula is not None for tree in trees for leaf in tree.leaves.values())
    assert max(len(tree.leaves) for tree in trees) == 8


def test_options_are_kept():
    found = a_thousand_indices(
        aggregates=["mean", "formula"],
        max_indicators=3,
        max_depth=2,
        numeric=True,
        steps=["minmax", "cap"],
        points=False,
        nothing=False,
        need=False,
    )
    for index in found:
        tree = index.tree
        assert len(tree.leaves) <= 3
        assert depth(tree, index) <= 2
        assert {branch.aggregate for branch in tree.branches.values()} == {"mean"}
        assert {step.name for record in records(index) for step in record.steps} <= {"minmax", "cap"}
        assert not any(record.lines for record in records(index))
        assert not tree.nothing
        assert not any(branch.need for branch in tree.branches.values())
        assert not index.file.answers
        assert not index.rules
    assert max(depth(index.tree, index) for index in found) == 2


@FEW
@given(data=st.data())
def test_numeric_indices_read_numbers_only(data):
    index = data.draw(testing.indices(numeric=True))
    table = data.draw(testing.tables(index)).drop(columns="unit")
    assert all(dtype.kind == "f" for dtype in table.dtypes)


def depth(tree, index):
    levels = dict.fromkeys(tree.leaves, 0)
    for name, branch in tree.branches.items():
        levels[name] = 1 + max(levels[child] for child in branch.inputs)
    return max(levels.values())


def test_what_does_not_exist_is_refused_by_name():
    with pytest.raises(ei.MethodError, match='no aggregate "median"'):
        testing.indices(aggregates=["median"])
    with pytest.raises(ei.MethodError, match='no step "min_max"; did you mean "minmax"'):
        testing.indices(steps=["min_max"])
    with pytest.raises(ei.MethodError, match='no law "monotone_value"; did you mean "monotone_values"'):
        testing.check_laws("undp-hdi-2022", "monotone_value")


# Tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", large_ones_wait(PACKAGED))
@FEW
@given(data=st.data())
def test_tables_fit_every_packaged_index(name, data):
    table = data.draw(testing.tables(name))
    found = ei.check(name, table)
    assert not (found["severity"] == "error").any(), found["message"].tolist()
    assert ei.load_index(name).headline in ei.compute(name, table).scores


@FEW
@given(table=testing.tables("unctad-cyberlaw-2026", min_units=8))
def test_answers_are_those_of_the_scale(table):
    answers = set(table.drop(columns="code").to_numpy().ravel())
    scale = {"legislation", "draft", "none", "no_data", "Legislation", "Draft Legislation", "No Legislation", "No Data"}
    assert {answer.casefold() for answer in answers} <= {answer.casefold() for answer in scale}


def test_kinds_of_nothing_only_where_there_is_a_policy():
    index = index_of(
        {
            "nothing": {"unknown": "skip"},
            "indicators": {"a": {}, "b": {"points": {"missing": "0"}}},
            "nodes": {"top": {"of": ["a", "b"]}},
        }
    )
    seen = {"a": set(), "b": set()}

    @settings(FEW, max_examples=100)
    @given(testing.tables(index))
    def collect(table):
        for name, found in seen.items():
            found |= set(table.loc[table[name].map(pd.isna), name].map(lambda _: None))
            found |= {cell for cell in table[name] if isinstance(cell, str)}

    collect()
    assert seen == {"a": {"unknown"}, "b": {"unknown", None}}


@FEW
@given(table=testing.tables("un-egdi-2024", blanks=False))
def test_tables_without_gaps(table):
    assert not table.isna().any(axis=None)
    assert all(dtype.kind == "f" for dtype in table.drop(columns="iso3").dtypes)
    assert len(table) >= 12, "top 10 needs units, and they must not all end at the limit"


PECULIAR = {
    "columns": {"unit": "State", "region": "Region", "people": "Population (m)", "age": "Age"},
    "answers": {"level": {"full": ["F"], "partial": ["P", "half"], "closed_down": ["X"]}},
    "nothing": {"missing": "skip", "unknown": "void"},
    "reference": {"where": "region in (north, south)"},
    "indicators": {
        "access": {
            "from": ["Access 2024", "Access 2022"],
            "answers": "level",
            "points": {"full": "1", "partial": "0.5", "closed_down": "void"},
        },
        "density": {"from": "sites / people", "steps": ["log", "zscore"]},
        "leave": {"points": {"value >= 98 or weeks >= 14": "1", "else": "0"}},
        "steps": {"points": {"0": "0", "value > 0": "1"}},
        "link": {"points": {"else": "1", "missing": "0"}},
        "score": {"steps": ["goalposts 20 85"], "points": {"value > age": "age"}},
    },
    "nodes": {
        "top": {"of": ["low", "leave", "steps", "link"], "points": {"link is missing": "value / 2"}},
        "low": {"of": ["access", "density", "score"], "points": {"region is closed": "skip"}},
    },
}


@FEW
@given(table=testing.tables(index_of(PECULIAR), min_units=5))
def test_tables_fit_an_index_with_columns_of_its_own(table):
    assert set(table) >= {"State", "Region", "Population (m)", "sites", "weeks", "Age", "Access 2024", "Access 2022"}
    assert set(table["Region"].dropna()) <= {"north", "south", "closed", "xyz"}
    assert set(table["steps"].dropna().map(lambda cell: cell if isinstance(cell, str) else cell >= 0)) <= {
        True,
        "unknown",
    }
    ei.compute(index_of(PECULIAR), table)


@FEW
@given(table=testing.tables("undp-hdi-2022", numbers={"gnipc_2022": (1000, 2000)}, min_units=3, max_units=3))
def test_numbers_may_be_limited(table):
    assert all(1000 <= cell <= 2000 for cell in table["gnipc_2022"] if isinstance(cell, float) and not np.isnan(cell))
    assert len(table) == 3


@FEW
@given(table=testing.tables("un-egdi-parts-2024", periods=[2022, 2024]))
def test_panels_have_every_unit_in_every_period(table):
    assert (table.groupby("iso3")["year"].nunique() == 2).all()
    assert ei.compute("un-egdi-parts-2024", table).scores.index.names == ["unit", "period"]


def test_a_named_period_of_reference_is_there():
    index = index_of(
        {"reference": {"periods": "2020"}, "indicators": {"a": {"steps": ["zscore"]}}, "nodes": {"top": {"of": ["a"]}}}
    )
    table = smallest(testing.tables(index), lambda _: True)
    assert set(table["period"]) == {"2020"}


# Weight sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("zeros", [False, True])
@FEW
@given(data=st.data())
def test_weight_sets_fit(zeros, data):
    index = data.draw(testing.indices())
    chosen = data.draw(testing.weight_sets(index, zeros=zeros))
    assert chosen.index == index.id
    for node, children in chosen.nodes.items():
        weights = [quantity.value for quantity in children.values()]
        assert tuple(children) == index.tree.branches[node].children
        assert max(weights) > 0
        assert min(weights) >= (0 if zeros else 1)
    index.with_weights(chosen)


# Laws ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", large_ones_wait(SAMPLED))
def test_packaged_indices_keep_their_laws_on_their_samples(name):
    # all rows, but for the laws that try every unit against every other
    one_by_one = ["independent", "rank_stability", "missing_bounds", "continuous_weights"]
    quick = [law for law in testing.LAWS if law not in one_by_one]
    data = ei.sample(name)
    found = testing.check_laws(name, quick, data=data, n=2)
    few = testing.check_laws(name, one_by_one, data=data if "item" in data else data.head(30), n=1)
    assert {*found["law"], *few["law"]} == set(testing.LAWS)
    assert not (found["holds"] == False).any()  # noqa: E712 - <NA> is neither
    assert not ((few["holds"] == False) & few["promised"]).any()  # noqa: E712
    assert found.loc[found["law"] == "exchangeable", "holds"].all()


@pytest.mark.parametrize("name", ["un-egdi-parts-2008", "un-egdi-2024", "unctad-cyberlaw-2026"])
def test_packaged_indices_keep_their_laws_on_invented_tables(name):
    found = testing.check_laws(name, [law for law in testing.LAWS if law != "independent"], n=2)
    assert found.loc[found["law"] == "draws", "holds"].all()


def test_a_law_that_does_not_apply_says_why():
    index = index_of(
        {
            "indicators": {"a": {"steps": ["distance 3"]}, "b": {}},
            "nodes": {
                "top": {"of": ["total", "ratio", "lowest"], "need": "1"},
                "total": {"of": {"a": "1", "b": "-1"}, "aggregate": "sum"},
                "ratio": {"from": "a / (b + 1)"},
                "lowest": {"of": ["a", "b"], "aggregate": "weakest"},
            },
        }
    )
    found = testing.check_laws(index, n=2).set_index(["law", "node"])
    told = found.loc[found["holds"].isna(), "detail"].to_dict()
    assert told["range", "total"] == "aggregate sum: a total may lie outside its parts"
    assert told["range", "ratio"] == "the node is a formula"
    assert told["range", "lowest"] == "aggregate weakest: half a step may be added"
    assert told["weight_scale", "total"] == "aggregate sum: its weights are amounts, not shares"
    assert told["monotone_values", "ratio"] == "ratio is a formula"
    assert told["monotone_weights", "lowest"] == "aggregate weakest: its weights say nothing"
    assert told["zero_weight", "top"] == "need counts children of no weight too"
    assert "not monotone in a" in found.loc[("monotone_values", "total"), "detail"]
    assert found["detail"].str.len().gt(0).all()


def test_a_node_without_scores_keeps_no_law():
    index = index_of({"nothing": "skip", "indicators": {"a": {}}, "nodes": {"top": {"of": ["a"]}}})
    found = testing.check_laws(index, data=pd.DataFrame({"unit": ["x", "y"], "a": [np.nan, np.nan]}))
    assert found["holds"].isna().all()
    assert found.loc[found["law"] == "range", "detail"].item() == "no unit has a score"


def too_high(children, weights, units):
    value, share = aggregate.mean(children, weights, units)
    return np.where(value > 50, value + 100, value), share


def test_a_planted_violation_is_told_with_its_smallest_table(monkeypatch):
    index = index_of(
        {"indicators": {"a": {}, "b": {}, "c": {}}, "nodes": {"top": {"of": ["a", "b"]}, "other": {"of": ["c"]}}}
    )
    table = pd.DataFrame({"unit": [f"u{n}" for n in range(40)], "a": 10.0, "b": 20.0, "c": 1.0, "note": "x"})
    table.loc[17, ["a", "b"]] = 60.0, 70.0
    monkeypatch.setitem(aggregate.AGGREGATES, "mean", too_high)
    with pytest.raises(AssertionError) as caught:
        testing.check_laws(index, "range", data=table)
    told = str(caught.value).splitlines()
    assert told[0] == "range does not hold for top: u17 has 165, its children 60 to 70"
    assert told[1] == "smallest table found, 1 of 40 rows:"
    assert told[2].split() == ["unit", "a", "b", "c"]
    assert told[3].split() == ["u17", "60.0", "70.0", "1.0"]
    assert len(told) == 4, "one node fails, the other is not told"
    found = testing.check_laws(index, "range", data=table, raise_errors=False).set_index("node")
    assert found["holds"].to_dict() == {"top": False, "other": True}
    assert found.loc["top", "detail"].startswith("u17 has 165")


def test_findings_are_the_same_for_the_same_seed():
    one, two = (testing.check_laws("undp-hdi-2022", n=2, rng=7) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_an_index_that_no_invented_table_fits():
    index = index_of({"indicators": {"a": {}}, "nodes": {"top": {"of": ["low"]}, "low": {"from": "log(0 - a)"}}})
    with pytest.raises(ei.MethodError, match=r"give a table of your own with data="):
        testing.check_laws(index, n=1)


def test_data_that_do_not_fit_are_told_as_ever():
    with pytest.raises(ei.DataError, match="osi"):
        testing.check_laws("un-egdi-parts-2024", data=pd.DataFrame({"iso3": ["x"]}))


# Results ------------------------------------------------------------------------------------------

PAIR = pd.DataFrame({"iso3": ["A", "B", "C"], "osi": [0.5, 0.6, 0.7], "tii": [0.5, 0.6, 0.7], "hci": [0.5, 0.6, 0.7]})


def computed(**changes):
    return ei.compute("un-egdi-parts-2024", PAIR.assign(**changes))


def test_equal_results_in_any_order_of_rows():
    testing.assert_results_equal(computed(), ei.compute("un-egdi-parts-2024", PAIR.iloc[[2, 0, 1]]))


def test_a_difference_is_told_largest_first():
    with pytest.raises(AssertionError) as caught:
        testing.assert_results_equal(computed(), computed(osi=[0.5, 0.9, 1.3]))
    told = str(caught.value).splitlines()
    assert told[0] == "scores: 2 of 3 differ by more than 0, the largest first"
    assert told[1].startswith("  C EGDI: ")
    assert told[2].startswith("  B EGDI: ")
    assert "classes: B EGDI: High and High" not in told
    assert any(line.startswith("classes: C EGDI: High and Very high") for line in told)
    testing.assert_results_equal(computed(), computed(osi=[0.5, 0.9, 1.3]), tolerance=0.21)


def test_a_gap_is_a_difference_at_any_tolerance():
    with pytest.raises(AssertionError, match=r"A EGDI: 0.5 and nan(.|\n)*states: A EGDI: scored and void"):
        testing.assert_results_equal(computed(), computed(osi=[np.nan, 0.6, 0.7]), tolerance=10)


def test_other_units_and_nodes_are_named():
    with pytest.raises(AssertionError, match="units only in the first result: C"):
        testing.assert_results_equal(computed(), ei.compute("un-egdi-parts-2024", PAIR.head(2)))
    other = index_of({"indicators": {"osi": {}}, "columns": {"unit": "iso3"}, "nodes": {"top": {"of": ["osi"]}}})
    with pytest.raises(
        AssertionError, match=r"nodes only in the first result: EGDI\nnodes only in the second result: top"
    ):
        testing.assert_results_equal(computed(), ei.compute(other, PAIR))


# Hypothesis is only asked for when it is needed -----------------------------------------------------


def test_without_hypothesis_the_extra_is_named():
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from egovindex import testing\n"
        "testing.check_laws('un-egdi-parts-2024', n=1)\n"
        "for strategy in (testing.indices, lambda: testing.tables('undp-hdi-2022'),\n"
        "                 lambda: testing.weight_sets('undp-hdi-2022')):\n"
        "    try: strategy()\n"
        "    except ImportError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count('pip install "egovindex[testing]"') == 3
