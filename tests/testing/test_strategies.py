"""Strategies of `egovindex.testing`: what they draw fits, shrinks, and prints as code that makes it again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import egovindex as ei
from egovindex import testing

FEW = settings(max_examples=10, deadline=None, database=None, derandomize=True)
SEARCH = settings(
    max_examples=200,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
PARTS = "un-egdi-parts-2024"
ISLES = testing.invented_region()
RESULT = ei.compute(ISLES.index, ISLES.answers)
KINDS = ["integer", "simplex", "bounded", "ordered", "sparse", "extreme"]


def rebuilt(code):
    return eval(code, {"pd": pd, "ei": ei, "testing": testing})


def smallest(strategy, condition=lambda _: True):
    return find(strategy, condition, settings=SEARCH)


# As code ------------------------------------------------------------------------------------------


def same(a, b):
    if isinstance(a, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b)
    elif isinstance(a, ei.Index):
        assert a.document() == b.document()
    else:
        assert a == b


EVERY = {
    "tables": testing.tables(ISLES.index),
    "tables of numbers": testing.tables("un-egdi-2024"),
    "indices": testing.indices(),
    "instruments": testing.instruments(),
    "answers": testing.instruments().flatmap(testing.answers),
    "weight_sets": testing.weight_sets(PARTS, kind="simplex"),
    "doubts": testing.doubts(ISLES.index),
    "changes": testing.changes(RESULT),
}


@pytest.mark.parametrize("name", EVERY)
@FEW
@given(data=st.data())
def test_every_example_is_code_that_makes_it_again(name, data):
    example = data.draw(EVERY[name])
    same(example, rebuilt(testing.as_code(example)))


def printed_by(strategy, condition):
    @settings(SEARCH)
    @given(found=strategy)
    def fails(found):
        assert not condition(found)

    with pytest.raises(AssertionError) as caught:
        fails()
    # where it knows that it runs in CI, Hypothesis adds a note on how to reproduce the failure
    (note,) = (note for note in caught.value.__notes__ if "fails(" in note)
    # the call as it is printed, with a function that gives back what it is called with
    call = note[note.index("fails(") :]
    return call.replace("fails(", "(lambda found: found)(", 1)


@pytest.mark.parametrize("name", EVERY)
def test_a_failing_test_prints_that_code(name):
    """What stands after ``found=`` in a failing test is the smallest example, as code."""
    same(smallest(EVERY[name]), rebuilt(printed_by(EVERY[name], lambda _: True)))


def test_a_case_of_index_and_table_is_printed_whole():
    cases = testing.indices().flatmap(lambda i: st.tuples(st.just(i), testing.tables(i)))
    index, table = rebuilt(printed_by(cases, lambda case: len(case[1]) > 2))
    assert len(ei.compute(index, table).scores) == 3


@FEW
@given(testing.indices().flatmap(lambda i: st.tuples(st.just(i), testing.tables(i))))
def test_a_case_made_again_has_the_same_scores(case):
    index, table = case
    again = ei.compute(rebuilt(testing.as_code(index)), rebuilt(testing.as_code(table)))
    testing.assert_results_equal(ei.compute(index, table), again)


def test_what_is_no_document_is_refused():
    with pytest.raises(ei.MethodError, match="first key says what it is"):
        testing.from_document({"nodes": {}})
    with pytest.raises(ei.SpecError):
        testing.from_document({"instrument": "f", "items": {"q": {"answers": "nowhere"}}})
    with pytest.raises(ei.SpecError):
        testing.from_document({"weights": "w", "index": "i"})


# Instruments --------------------------------------------------------------------------------------


def test_the_simplest_instrument_has_one_question():
    assert smallest(testing.instruments()).document()["items"] == {
        "q1": {"label": "Question 1", "kind": "one", "answers": "status"}
    }


def test_a_gate_shrinks_to_two_questions():
    form = smallest(testing.instruments(), lambda f: any(item.ask_if for item in f.file.items.values()))
    assert {name: item.kind for name, item in form.file.items.items()} == {"q1": "one", "q2": "one"}


def test_instruments_have_all_of_the_language():
    for wanted in ("ask_if", "evidence", "coded_as", "required"):
        smallest(testing.instruments(), lambda f, w=wanted: any(getattr(i, w) for i in f.file.items.values()))
    smallest(testing.instruments(), lambda f: bool(f.file.checks))
    plain = testing.instruments(routing=False, checks=False, max_items=2)

    @settings(FEW)
    @given(plain)
    def none(form):
        assert len(form.items) <= 2
        assert not form.file.checks
        assert not any(item.ask_if for item in form.file.items.values())

    none()


def over(form):
    """An index over all items of a form that have a scale."""
    nodes = [name for name, item in form.file.items.items() if item.kind == "one"]
    return testing.from_document(
        {
            "index": "over",
            "instrument": form.named(),
            "nothing": "skip",
            "points": {f"p_{s}": {c: str(at) for at, c in enumerate(cs)} for s, cs in form.file.answers.items()},
            "indicators": {name: {"points": f"p_{form.file.items[name].answers}"} for name in nodes},
            "nodes": {"top": {"of": nodes}},
        }
    )


WITH_ANSWERS = (
    testing.instruments()
    .filter(lambda f: any(item.kind == "one" for item in f.file.items.values()))
    .flatmap(lambda f: st.tuples(st.just(f), testing.answers(f)))
)


@FEW
@given(WITH_ANSWERS)
def test_answers_are_on_their_scales_and_only_where_asked(case):
    form, table = case
    index = over(form)
    found = ei.check(index, table)
    assert not set(found["check"]) & {"answer_off_scale", "answered_unasked"}, found["message"].tolist()
    assert not (found["severity"] == "error").any(), found["message"].tolist()
    assert len(ei.compute(index, table).scores) == len(table)


@FEW
@given(WITH_ANSWERS)
def test_a_spelling_scores_as_its_category(case):
    """What stands in the data may be any spelling of a category."""
    form, table = case
    index = over(form)
    plain = table.copy()
    for name, item in form.file.items.items():
        if item.kind == "one":
            spelt = {s: c for c, spellings in form.file.answers[item.answers].items() for s in spellings}
            plain[name] = [spelt.get(cell, cell) for cell in table[name]]
    testing.assert_results_equal(ei.compute(index, table), ei.compute(index, plain))


def test_answers_on_paper_are_found_where_nobody_asked():
    form = testing.from_document(
        {
            "instrument": "f",
            "answers": {"s": {"yes": ["Y"], "no": []}},
            "items": {"a": {"answers": "s"}, "b": {"answers": "s", "ask_if": "a is yes"}},
        }
    )
    table = smallest(testing.answers(form, routed=False), lambda t: ((t["a"] == "no") & t["b"].notna()).any())
    assert len(table) == 2
    routed = smallest(testing.answers(form, blanks=False), lambda t: (t["a"] == "no").any())
    assert routed.loc[routed["a"] == "no", "b"].isna().all()


@FEW
@given(table=testing.answers(ei.list_instruments().index[0], max_units=3))
def test_answers_to_a_packaged_instrument(table):
    assert 2 <= len(table) <= 3


# Weights ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_every_kind_of_weights_gives_scores(kind, data):
    index = data.draw(testing.indices())
    weights = data.draw(testing.weight_sets(index, kind=kind))
    ei.compute(index.with_weights(weights), data.draw(testing.tables(index.with_weights(weights))))


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_kinds_are_what_they_are_called(kind, data):
    nodes = data.draw(testing.weight_sets("un-egdi-2024", kind=kind)).nodes
    own = ei.load_index("un-egdi-2024").tree.branches
    for node, children in nodes.items():
        found = np.array([quantity.value for quantity in children.values()])
        was = np.array([quantity.value for quantity in own[node].weights])
        assert {
            "integer": lambda f=found: set(f) <= set(range(1, 10)),
            "simplex": lambda f=found: abs(f.sum() - 1) < 1e-12 and f.min() >= 0,
            "bounded": lambda f=found, w=was: (np.abs(f - w) <= 0.25 * np.abs(w) + 1e-12).all(),
            "ordered": lambda f=found: (np.diff(f) <= 0).all() and f.min() >= 1,
            "sparse": lambda f=found: 1 <= (f > 0).sum() <= 2,
            "extreme": lambda f=found: set(np.round(np.log10(f))) <= {0, 3, 6, 9, -3, -6, -9},
        }[kind]()


def test_weights_shrink_to_few_that_differ():
    found = smallest(testing.weight_sets(PARTS, kind="extreme"), lambda w: w.nodes["EGDI"]["tii"].value > 1)
    assert {name: weight.value for name, weight in found.nodes["EGDI"].items()} == {"osi": 1, "tii": 1e9, "hci": 1}


def test_an_unknown_kind_is_told():
    with pytest.raises(ei.MethodError, match='no kind of weights "simplexx"; did you mean "simplex"'):
        testing.weight_sets(PARTS, kind="simplexx")


# Doubts and changes -------------------------------------------------------------------------------


@FEW
@given(doubt=testing.doubts(ISLES.index))
def test_doubts_are_drawn(doubt):
    assert len(ei.simulate(ISLES.index, ISLES.answers, doubt, n=4, rng=0).summary) == 4


@pytest.mark.slow
def test_doubts_are_of_several_kinds_and_shrink_to_one():
    assert len(smallest(testing.doubts(ISLES.index)).parts) == 1
    for kind in ("weights", "points", "nothing", "aggregate", "include", "values"):
        found = smallest(testing.doubts(ISLES.index), lambda d, k=kind: any(p.kind == k for p in d.parts))
        assert len(found.parts) == 1


def test_nothing_to_doubt_is_told():
    index = testing.from_document(
        {"index": "one", "indicators": {"a": {"points": {"else": "value"}}}, "nodes": {"t": {"of": ["a"]}}}
    )
    with pytest.raises(ei.MethodError, match="nothing about one can be doubted"):
        smallest(testing.doubts(index))


@FEW
@given(new=testing.changes(RESULT))
def test_changes_are_taken_and_move_nobody_else(new):
    found = ei.what_if(RESULT, new)
    assert len(found.changes) == len(new)
    assert len(found.others) == 0


def test_a_change_shrinks_to_one_cell():
    assert smallest(testing.changes(RESULT)) == {("Northholm", "law"): "adopted"}
    lower = smallest(testing.changes(RESULT), lambda new: (ei.what_if(RESULT, new).units["score_b"] < 0.1).any())
    assert len(lower) == 1


@FEW
@given(data=st.data())
def test_a_changed_table_scores_as_the_change(data):
    """Learned again, a change is the same as another table."""
    index = data.draw(testing.indices())
    table = data.draw(testing.tables(index, min_units=3))
    result = ei.compute(index, table)
    new = data.draw(testing.changes(result))
    other = table.astype(object).set_index("unit")
    for (unit, column), answer in new.items():
        other.loc[unit, column] = answer
    other = other.reset_index().infer_objects()
    try:
        expected = ei.compute(index, other)
    except ei.EgovindexError:
        return
    testing.assert_results_equal(ei.what_if(result, new, learn="each_draw").after, expected)


# The invented region ------------------------------------------------------------------------------


def test_the_isles_come_out_as_by_hand():
    region = testing.invented_region()
    found = ei.compute(region.index, region.answers)
    pd.testing.assert_frame_equal(found.scores[list(region.scores)], region.scores, rtol=1e-15, atol=0)
    assert found.ranks["isles"].tolist() == [1, 2, 3, 3]
    assert found.classes["isles"].tolist() == ["High", "High", "Low", "Low"]


def test_each_region_has_a_table_of_its_own():
    answers = testing.invented_region().answers
    answers.loc[0, "online"] = 0
    assert testing.invented_region().answers.loc[0, "online"] == 40
