"""Repeated records: best answers, over, where, and what lives on which rows, against plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import egovindex as ei
from egovindex.spec.expand import expand_index
from egovindex.spec.load import document_of, validated_index


def index_of(**keys):
    document, faults = expand_index(document_of({"index": "demo", **keys}, "demo.yaml"))
    return ei.Index(validated_index(document, faults))


ANSWERS = {"yes_no": {"yes": [], "no": [], "not_relevant": ["NR"], "missing": ["."]}}
SERVICES = {
    "rows": ["unit", "event", "service", "url"],
    "columns": {"level": "Level", "state": "State", "type": "Type"},
    "answers": ANSWERS,
    "nothing": {"missing": "skip", "not_relevant": "skip"},
    "best": {"over": "url", "where": "level is central"},
    "points": {
        "yes_no": {"yes": "1", "no": "0"},
        "state": {"state is proactive": "1", 'state is "not applicable"': "skip"},
    },
    "defaults": {"indicators": {"points": "yes_no"}},
    "indicators": {"A1": {}, "A2": {}, "F1": {}, "F2": {}},
    "nodes": {
        "benchmark": {"of": "event_score", "over": "event"},
        "event_score": {"of": {"informational": "20", "transactional": "80"}},
        "informational": {"of": "availability", "over": "service", "where": "type is informational"},
        "transactional": {"of": "availability", "over": "service", "where": "type is transactional"},
        "availability": {"of": "url_availability", "over": "url"},
        "url_availability": {"of": {"A1": "25", "A2": "50"}, "points": "state"},
        "eid": {"of": "url_eid", "over": "url"},
        "url_eid": {"of": ["F2"], "points": ["state", {"F1 is not yes": "skip"}]},
    },
}


def answer():
    return st.sampled_from(["Yes", "no", "NR", ".", "YES "])


@st.composite
def tables(draw):
    rows = []
    for unit in ["AT", "BE"]:
        for event in draw(st.lists(st.sampled_from(["move", "work", "study"]), min_size=1, unique=True)):
            for service in draw(st.lists(st.sampled_from(["s1", "s2", "s3"]), min_size=1, unique=True)):
                level = draw(st.sampled_from(["central", "local"]))
                kind = draw(st.sampled_from(["transactional", "informational"]))
                state = draw(st.sampled_from([None, None, "proactive", "not applicable"]))
                rows += [
                    {
                        "unit": unit, "event": event, "service": service, "url": f"u{url}",
                        "Level": level, "Type": kind, "State": state,
                        **{item: draw(answer()) for item in ("A1", "A2", "F1", "F2")},
                    }
                    for url in range(draw(st.integers(1, 3)))
                ]  # fmt: skip
    return pd.DataFrame(rows)


def in_plain_python(table):  # noqa: C901, PLR0912 - in one piece, as one reads it
    """Scores of availability, eid and the headline, straight from the words of the index."""
    order = ["yes", "no", "not_relevant", "missing"]
    spelt = {"yes": "yes", "no": "no", "nr": "not_relevant", ".": "missing"}
    services = defaultdict(list)
    for row in table.to_dict("records"):
        read = {item: spelt[row[item].strip().casefold()] for item in ("A1", "A2", "F1", "F2")}
        services[row["unit"], row["event"], row["service"]].append({**row, **read})
    availability, eid, kinds = {}, {}, {}
    for key, urls in services.items():
        if urls[0]["Level"] == "central":
            best = {item: min((url[item] for url in urls), key=order.index) for item in ("A1", "A2", "F1", "F2")}
        else:
            best = {}
        scores, ids = [], []
        for given_url in urls:
            url = {**given_url, **best}
            if url["State"] == "proactive":
                scores.append(Fraction(1)), ids.append(Fraction(1))
                continue
            if url["State"] == "not applicable":
                continue
            held = [(w, Fraction(url[i] == "yes")) for i, w in (("A1", 25), ("A2", 50)) if url[i] in ("yes", "no")]
            if held:
                scores.append(sum(w * x for w, x in held) / sum(w for w, _ in held))
            # a sentence holds for a kind of nothing only when it names it
            if url["F2"] in ("yes", "no") and url["F1"] != "no":
                ids.append(Fraction(url["F2"] == "yes"))
        availability[key] = sum(scores) / len(scores) if scores else None
        eid[key] = sum(ids) / len(ids) if ids else None
        kinds[key] = urls[0]["Type"]
    units = {}
    for unit in {key[0] for key in services}:
        events = []
        for event in {key[1] for key in services if key[0] == unit}:
            parts = []
            for kind, share in (("informational", 20), ("transactional", 80)):
                found = [a for k, a in availability.items() if k[:2] == (unit, event) and kinds[k] == kind]
                found = [a for a in found if a is not None]
                if found:
                    parts.append((share, sum(found) / len(found)))
            if parts:
                events.append(sum(w * x for w, x in parts) / sum(w for w, _ in parts))
        units[unit] = sum(events) / len(events) if events else None
    return availability, eid, units


@given(tables())
def test_services_of_life_events_as_plain_python_scores_them(table):
    both = {"transactional", "informational"} <= set(table["Type"])
    if not both:
        return
    result = ei.compute(index_of(**SERVICES), table)
    availability, eid, units = in_plain_python(table)
    found = result.at("unit", "event", "service")
    for key in availability:
        for node, expected in (("availability", availability[key]), ("eid", eid[key])):
            computed = found.loc[key, node]
            assert math.isnan(computed) if expected is None else computed == pytest.approx(float(expected), abs=1e-12)
    for unit, expected in units.items():
        computed = result.scores.loc[unit, "benchmark"]
        assert math.isnan(computed) if expected is None else computed == pytest.approx(float(expected), abs=1e-12)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(table, random):
    if not {"transactional", "informational"} <= set(table["Type"]):
        return
    shuffled = list(range(len(table)))
    random.shuffle(shuffled)
    index = index_of(**SERVICES)
    one, other = ei.compute(index, table), ei.compute(index, table.iloc[shuffled])
    pd.testing.assert_frame_equal(one.scores.sort_index(), other.scores.sort_index(), check_exact=True)
    level = ("unit", "event", "service")
    pd.testing.assert_frame_equal(one.at(*level).sort_index(), other.at(*level).sort_index(), check_exact=True)


def simple(how="mean", **node):
    return index_of(
        rows=["unit", "service"],
        nothing="skip",
        indicators={"x": {}},
        nodes={"top": {"of": "x", "over": "service", "aggregate": how, **node}},
    )


TABLE = pd.DataFrame(
    {"unit": ["A", "A", "A", "B", "C"], "service": ["1", "2", "3", "1", "1"], "x": [1.0, 2.0, 6.0, 5.0, np.nan]}
)


@pytest.mark.parametrize(("how", "expected"), [("mean", 3), ("sum", 9), ("min", 1), ("max", 6)])
def test_four_ways_to_take_records_together(how, expected):
    scores = ei.compute(simple(how), TABLE).scores["top"]
    assert scores.tolist()[:2] == [expected, 5]
    assert math.isnan(scores["C"])


def test_a_gap_among_records_leaves_a_mean_and_lowers_coverage():
    table = TABLE.assign(x=[1.0, np.nan, 6.0, 5.0, 2.0])
    result = ei.compute(simple(), table)
    assert result.scores["top"].tolist() == [3.5, 5, 2]
    assert result.coverage["top"].tolist() == [2 / 3, 1, 1]
    assert result.attainable["top"].tolist() == [2 / 3, 1, 1]
    assert ei.compute(simple("sum"), table).scores["top"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize(("need", "scored"), [("2", ["A"]), ("3", []), ("60%", ["A", "B", "C"]), ("70%", ["B", "C"])])
def test_need_counts_answered_records(need, scored):
    table = TABLE.assign(x=[1.0, np.nan, 6.0, 5.0, 2.0])
    scores = ei.compute(simple(need=need), table).scores["top"].dropna()
    assert scores.index.tolist() == scored


def test_periods_may_be_taken_together():
    index = index_of(
        rows=["unit", "event", "period"],
        indicators={"x": {}},
        nodes={"top": {"of": "x", "over": ["event", "period"]}},
    )
    table = pd.DataFrame(
        {"unit": ["A", "A", "B", "B"], "event": ["e", "f", "e", "f"], "period": [2021, 2022] * 2, "x": [1.0, 3, 5, 8]}
    )
    assert ei.compute(index, table).scores["top"].to_dict() == {"A": 2.0, "B": 6.5}


def test_a_step_learns_on_the_rows_of_its_node():
    index = index_of(
        rows=["unit", "service"],
        indicators={"x": {}},
        nodes={"top": {"of": "x", "over": "service", "steps": ["zscore"]}},
    )
    table = pd.DataFrame({"unit": ["A"] * 5 + ["B"], "service": list("abcdea"), "x": [1.0] * 5 + [3.0]})
    assert ei.compute(index, table).scores["top"].to_dict() == {"A": -1.0, "B": 1.0}


@given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5), min_size=1, max_size=6))
def test_the_mean_over_records_is_the_mean_of_each_unit(values):
    rows = [{"unit": f"u{u}", "service": f"s{s}", "x": x} for u, xs in enumerate(values) for s, x in enumerate(xs)]
    scores = ei.compute(simple(), pd.DataFrame(rows)).scores["top"]
    for u, xs in enumerate(values):
        assert scores[f"u{u}"] == pytest.approx(fmean(xs), abs=1e-9)


def test_draws_go_through_records():
    from egovindex.evaluate import evaluate

    index, table = index_of(**SERVICES), None
    rows = [
        {"unit": u, "event": "e", "service": s, "url": w, "Level": "local", "Type": t, "State": None,
         "A1": a, "A2": b, "F1": "yes", "F2": "no"}
        for u, s, w, t, a, b in [
            ("A", "1", "x", "transactional", "yes", "no"), ("A", "1", "y", "transactional", "no", "no"),
            ("A", "2", "x", "informational", "yes", "yes"), ("B", "1", "x", "transactional", "no", "yes"),
        ]
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    plan = index.plan(table)
    weights = np.stack([plan.weights, plan.weights])
    weights[1, [edge == ("url_availability", "A1") for edge in plan.edges]] = 50
    drawn = evaluate(plan, weights=weights)
    assert np.array_equal(drawn["benchmark"][0], evaluate(plan)["benchmark"])
    assert drawn["availability"].tolist() == [[1 / 6, 1, 2 / 3], [1 / 4, 1, 1 / 2]]


# --- what is refused
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"best": {"over": "service"}}, ["best", "service", "unit, url"]),
        ({"nodes": {"top": {"of": "x", "over": "service"}}}, ["over service", "(unit, url)"]),
        ({"nodes": {"top": {"of": "x", "over": "unit"}}}, ["units are what is scored"]),
        (
            {"nodes": {"top": {"of": ["x", "mean"]}, "mean": {"of": "x", "over": "url"}}},
            ["x lives on (unit, url), mean on (unit)", "Aggregate x with over: url first"],
        ),
    ],
)
def test_rows_that_do_not_fit_are_told_at_load(keys, said):
    base = {"rows": ["unit", "url"], "indicators": {"x": {}}, "nodes": {"top": {"of": "x", "over": "url"}}}
    with pytest.raises(ei.SpecError) as caught:
        index_of(**{**base, **keys})
    for part in said:
        assert part in str(caught.value)


def test_a_column_that_differs_among_rows_taken_together():
    rows = [("A", "1", "central", "x"), ("A", "1", "local", "y"), ("B", "1", "local", "x")]
    table = pd.DataFrame(rows, columns=["unit", "service", "level", "url"]).assign(x=1.0)
    index = index_of(
        rows=["unit", "service", "url"],
        indicators={"x": {}},
        nodes={
            "top": {"of": "mean", "over": "service", "where": "level is local"},
            "mean": {"of": "x", "over": "url"},
        },
    )
    with pytest.raises(ei.DataError, match=r"differs among the rows taken together there \(A 1\)"):
        ei.compute(index, table)


def test_a_record_twice_and_a_key_without_a_column():
    with pytest.raises(ei.DataError, match="unit and service in more than one row: A 1"):
        ei.compute(simple(), TABLE.assign(service="1"))
    with pytest.raises(ei.DataError, match='no column "service", which rows names as a key; did you mean "servce"'):
        ei.compute(simple(), TABLE.rename(columns={"service": "servce"}))


def test_no_row_passes_where():
    result = ei.compute(simple(where="kind is b"), TABLE.assign(kind="a"))
    assert result.scores["top"].isna().all()
    assert [note.check for note in result.plan.notes] == ["never_occurs", "no_row_passes"]


# --- what is learned where rows are taken together
LEARNS = {
    "rows": ["unit", "rec"],
    "nothing": "skip",
    "indicators": {"a": {}},
    "nodes": {"top": {"of": "a", "over": "rec", "steps": ["minmax"]}},
}
LEARNED = pd.DataFrame(
    {"unit": [*"xxyyzz"], "rec": [*"ababab"], "a": [1.0, 2, 3, 4, 5, 9], "lvl": [*"cdccdc"], "own": [*"ccccdd"]}
)


@pytest.mark.parametrize("order", [1, -1])
def test_a_reference_population_whose_rows_disagree_is_refused(order):
    """The first row of each unit decided, so that the order of the data changed the scores."""
    index = index_of(**LEARNS, reference={"where": "lvl is c"})
    with pytest.raises(
        ei.DataError, match=r"where: lvl is c\" differs among the rows taken together there \((x, z|z, x)\)"
    ):
        ei.compute(index, LEARNED[::order])


@pytest.mark.parametrize("order", [1, -1])
def test_so_a_reference_population_of_units_is_learned_from(order):
    scores = ei.compute(index_of(**LEARNS, reference={"where": "own is c"}), LEARNED[::order]).scores["top"]
    assert scores.to_dict() == {"x": 0, "y": 1, "z": 2.75}


def test_rows_may_disagree_where_nothing_is_learned_from_them():
    nodes = {"top": {"of": "one", "over": "rec"}, "one": {"of": ["a"], "steps": ["minmax"]}}
    index = index_of(**{**LEARNS, "nodes": nodes}, reference={"where": "lvl is c"})
    assert ei.compute(index, LEARNED).scores["top"].to_dict() == {"x": 1 / 16, "y": 5 / 16, "z": 3 / 4}


@pytest.mark.parametrize("order", [1, -1])
def test_a_group_in_which_rows_disagree_is_refused(order):
    nodes = {"top": {"of": "a", "over": "rec", "points": {"missing": "mean by lvl"}}}
    table = LEARNED.assign(a=[np.nan, np.nan, 3, 4, 5, 9])[::order]
    with pytest.raises(ei.DataError, match=r'"lvl" differs among the rows taken together there \((x, z|z, x)\)'):
        ei.compute(index_of(**{**LEARNS, "nodes": nodes}), table)


def test_a_unit_without_a_group_is_not_filled_from_others_without_one():
    nodes = {"top": {"of": "a", "over": "rec", "points": {"missing": "mean by own"}}}
    table = LEARNED.assign(a=[np.nan, np.nan, 3, 4, 5, 9], own=[None, None, *"cc", None, None])
    with pytest.raises(ei.MethodError, match=r"the group within which the mean is taken is blank \(x\)"):
        ei.compute(index_of(**{**LEARNS, "nodes": nodes}), table)


def of_services():
    return index_of(
        rows=["unit", "service"],
        nothing="skip",
        indicators={"x": {}},
        nodes={"top": {"of": "service_score", "over": "service"}, "service_score": {"of": "x"}},
    )


@pytest.mark.parametrize("verb", ["contributions", "ranking_of", "effective_weights"])
def test_what_lives_on_other_rows_is_told_so(verb):
    result = ei.compute(of_services(), TABLE)
    with pytest.raises(ei.MethodError, match=r'node "service_score" lives on \(unit, service\).* see result\.at\('):
        getattr(result, verb)("service_score")


@pytest.mark.parametrize("by", ["child", "indicator"])
def test_pictures_of_one_unit_take_no_value_of_another_record(by):
    pytest.importorskip("matplotlib")
    # the record in the row of the unit's number has no value, and the unit has a score
    result = ei.compute(of_services(), TABLE.assign(x=[np.nan, 2.0, 6.0, 5.0, 1.0]))
    assert result.scores["top"].tolist() == [4, 5, 1]
    assert "no value" not in [text.get_text() for text in result.plot.waterfall("A", by=by).texts]
    with pytest.raises(ei.MethodError, match="no unit has one row"):
        result.plot.profile("A", by=by)
