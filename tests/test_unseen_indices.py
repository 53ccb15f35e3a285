"""Four invented indices, written from the pages alone, against the same rules in plain Python with fractions.

Their files are in ``data/unseen``. Nothing of the package is used on the other side: answers are made here together
with what they are worth, and scores are fractions until the last line.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

HERE = Path(__file__).parent / "data" / "unseen"
EXACT = 1e-12  # of scores up to 100: sums in another order


def index(name: str) -> ei.Index:
    return ei.load_index(HERE / f"unseen-{name}.yaml")


def furthest(scores: pd.Series, wanted: list[Fraction]) -> float:
    """Largest difference; NaN, which fails every comparison, where a score is missing."""
    return float(np.abs(scores.to_numpy() - np.array([float(value) for value in wanted])).max())


# (a) yes and no in eight groups, one threshold with alternatives; 10,000 rows of unit and period

GROUPS = {
    "mobility": 4,
    "workplace": 4,
    "pay": 4,
    "marriage": 5,
    "parenthood": 5,
    "entrepreneurship": 4,
    "assets": 5,
    "pension": 4,
}


def laws() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The table, which questions are answered with yes, and who has the leave."""
    rng = np.random.default_rng(1)
    rows = 10_000
    truth = rng.random((rows, 35)) < rng.random((rows, 1))
    yes, no = ["Yes", "yes", "Y", " YES ", "TRUE", "oui", "Sí"], ["No", "no", "N", "false", "NON "]
    said = np.where(truth, rng.choice(yes, truth.shape), rng.choice(no, truth.shape))
    table = pd.DataFrame(said, columns=[f"q{k:02d}" for k in range(1, 36)])
    table.insert(0, "Report year", np.tile(np.arange(2001, 2021), 500))
    table.insert(0, "Economy", np.repeat([f"E{k:03d}" for k in range(500)], 20))
    weeks, days = rng.integers(8, 20, rows), rng.integers(80, 115, rows)
    answered = rng.integers(0, 3, rows)  # in weeks, in days, in both
    table["Paid leave (weeks)"] = np.where(answered != 1, weeks, np.nan)
    table["Paid leave (days)"] = np.where(answered != 0, days, np.nan)
    leave = ((answered != 1) & (weeks >= 14)) | ((answered != 0) & (days >= 98))
    return table, truth, leave


def test_binary_questions_in_unequal_groups():
    table, truth, leave = laws()
    result = ei.compute(index("law"), table)
    at, groups = 0, []
    for group, size in GROUPS.items():
        yes = truth[:, at : at + size].sum(axis=1) + (leave if group == "parenthood" else 0)
        asked = size + (group == "parenthood")
        wanted = [Fraction(100 * int(count), asked) for count in yes]
        assert furthest(result.scores[group], wanted) < EXACT, group
        groups.append(wanted)
        at += size
    assert furthest(result.scores["law"], [sum(row, Fraction(0)) / 8 for row in zip(*groups, strict=True)]) < EXACT
    # negative control: one group weighs what it should not
    assert (
        furthest(result.scores["law"], [sum(row, Fraction(0)) / 8 for row in zip(*groups[:-1], groups[0], strict=True)])
        > 1
    )


def test_a_leave_that_nobody_measured_is_an_error():
    table = laws()[0].head(40).copy()
    table.loc[3, ["Paid leave (weeks)", "Paid leave (days)"]] = np.nan
    with pytest.raises(ei.DataError, match="weeks: 1 of 40 values are blank"):
        ei.compute(index("law"), table)


# (b) graded answers in six dimensions of unequal size; ranks, bands; (e) other rules, a weight set

WORTH = dict(zip("abcdefny", map(Fraction, ["0", ".25", ".33", ".5", ".67", ".75", ".83", "1"]), strict=True))
SIZES = (14, 5, 1, 8, 12, 2)
OWN = {"b": Fraction(1, 2), "y": Fraction(1), "a": Fraction(0)}  # the first question on scope


def rights() -> pd.DataFrame:
    letters = np.random.default_rng(2).choice(list("ABCDEFNYabcdefny"), size=(150, 42))
    letters[7] = letters[3]  # a tie
    table = pd.DataFrame(letters, columns=[f"R{k:02d}" for k in range(1, 43)])
    table.insert(0, "Country", [f"C{k}" for k in range(150)])
    return table


def plain_rights(
    table: pd.DataFrame, worth: dict[str, Fraction], weights: tuple[int, ...] = (1,) * 6
) -> list[Fraction]:
    cuts = np.cumsum([0, *SIZES])
    scores = []
    for row in table.drop(columns="Country").itertuples(index=False):
        points = [worth[letter.lower()] for letter in row]
        points[14] = OWN.get(row[14].lower(), points[14])
        parts = [sum(points[a:b], Fraction(0)) / (b - a) for a, b in pairwise(cuts)]
        scores.append(100 * sum((w * x for w, x in zip(weights, parts, strict=True)), Fraction(0)) / sum(weights))
    return scores


def band(score: Fraction) -> str:
    return "Very strong" if score >= 66 else "Strong" if score >= 55 else "Fair" if score >= 45 else "Weak"


def test_graded_answers_in_dimensions_of_unequal_size():
    table = rights()
    result = ei.compute(index("rights"), table)
    wanted = plain_rights(table, WORTH)
    assert furthest(result.scores["rights"], wanted) < EXACT
    ranks = [1 + sum(other > score for other in wanted) for score in wanted]
    assert len(set(ranks)) < len(ranks)
    assert result.ranks["rights"].tolist() == ranks
    assert result.classes["rights"].tolist() == [band(score) for score in wanted]


@pytest.mark.parametrize(
    ("rules", "changed"),
    [
        (["generous"], {"n": Fraction(1), "c": Fraction(1, 2)}),
        (
            ["halves"],
            {"b": Fraction(0), "c": Fraction(1, 2), "e": Fraction(1, 2), "f": Fraction(1, 2), "n": Fraction(1)},
        ),
    ],
)
@pytest.mark.parametrize("by_size", [False, True])
def test_another_rule_and_another_weight_set(rules, changed, by_size):
    table, recipe = rights(), index("rights").with_rules(*rules)
    if by_size:
        recipe = recipe.with_weights(HERE / "by-size.yaml")
    wanted = plain_rights(table, {**WORTH, **changed}, SIZES if by_size else (1,) * 6)
    assert furthest(ei.compute(recipe, table).scores["rights"], wanted) < EXACT
    assert furthest(ei.compute(index("rights"), table).scores["rights"], wanted) > 1


# (c) five tiers, each rounded to two decimals, halves up


def rounded(value: Fraction) -> Fraction:
    return Fraction(math.floor(value * 100 + Fraction(1, 2)), 100)


def spread(values: list[Fraction], *, down: bool = False) -> list[Fraction]:
    low, high = min(values), max(values)
    return [rounded(100 * ((high - x) if down else (x - low)) / (high - low)) for x in values]


def limited(values: list[Fraction], low: int, high: int) -> list[Fraction]:
    return [min(max(x, Fraction(low)), Fraction(high)) for x in values]


TIERS = {
    "i1": {"m01": 1, "m02": 1},
    "i2": {"m03": 1, "m04": 1, "m05": 1},
    "i3": {"m06": 1, "m07": 1},
    "i4": {"m08": Fraction("0.7"), "m09": Fraction("0.3")},
    "i5": {"m10": 1, "m11": 1},
    "i6": {"m12": 1},
    "skills": {"i1": 3, "i2": 1},
    "health": {"i3": 1},
    "money": {"i4": 1},
    "air": {"i5": 1, "i6": 1},
    "people": {"skills": 1, "health": 1},
    "place": {"money": Fraction(1, 3), "air": Fraction(2, 3)},
    "total": {"people": Fraction("0.6"), "place": Fraction("0.4")},
}


def test_five_tiers_rounded_at_each_are_equal_to_the_last_bit():
    tenths = np.random.default_rng(3).integers(0, 1001, size=(400, 12))
    names = [f"m{k:02d}" for k in range(1, 13)]
    table = pd.DataFrame(tenths / 10, columns=names).rename(columns={"m08": "Debt (% of income)"})
    table.insert(0, "City", [f"T{k}" for k in range(400)])
    raw = {name: [Fraction(int(x), 10) for x in tenths[:, at]] for at, name in enumerate(names)}
    found = {name: spread(raw[name], down=name in ("m05", "m06")) for name in names}
    found["m07"] = spread([abs(x - 50) for x in raw["m07"]], down=True)
    found["m08"] = spread([max(40 - x, x - 60, Fraction(0)) for x in raw["m08"]], down=True)
    found["m09"] = [rounded(100 * (x - 20) / 60) for x in limited(raw["m09"], 20, 80)]
    found["m10"] = spread(limited(raw["m10"], 10, 90))
    for node, of in TIERS.items():
        total = sum(map(Fraction, of.values()), Fraction(0))
        parts = zip(*([Fraction(weight) * x for x in found[child]] for child, weight in of.items()), strict=True)
        found[node] = [rounded(sum(part, Fraction(0)) / total) for part in parts]
    result = ei.compute(index("tiers"), table)
    values = result.indicators.join(result.scores)
    assert {name: furthest(values[name], found[name]) for name in found} == dict.fromkeys(found, 0.0)
    # negative control: halves to the even digit are another index
    even = index("tiers").with_(nodes={node: {"steps": ["round 2"]} for node in TIERS})
    assert furthest(ei.compute(even, table).scores["total"], found["total"]) > 0


# (d) a benchmark of addresses: gates, best answers, shares, an overriding state, two years together

ITEMS = ("b1", "b2", "b3", "t1", "t2", "t3", "t4", "e1", "e2")
Value = Fraction | None


def bench() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    services = [(c, e, s) for c in range(12) for e in range(6) for s in range(int(rng.integers(2, 5)))]
    rows = []
    for c, e, s in services:
        level, automated = rng.choice(["central", "regional", "local"]), rng.random() < 0.1
        for u in range(int(rng.integers(1, 5))):
            offline = rng.random() < 0.1 and level != "central"
            row = {"Country": f"C{c:02d}", "Life event": f"event {e}", "service": f"s{s}", "url": f"a{c}.{e}.{s}.{u}"}
            row |= {"level": level, "collected": 2023 + e % 2}
            row["state"] = "Automated" if automated else "Offline" if offline else "Online"
            row |= {q: rng.choice(["Yes", "no", "Not relevant"], p=[0.5, 0.35, 0.15]) for q in ITEMS}
            row["t1"] = rng.choice(["Yes", "no"])
            blank = ("t2", "t3", "t4") if row["t1"] == "no" else ()
            row |= dict.fromkeys(("b1", "b2", "e1", "t3") if automated else blank)
            rows.append(row)
    return pd.DataFrame(rows)


def mean(values: list[Value], weights: tuple[int, ...] | None = None) -> Value:
    pairs = [(x, w) for x, w in zip(values, weights or (1,) * len(values), strict=True) if x is not None]
    return sum((x * w for x, w in pairs), Fraction(0)) / sum(w for _, w in pairs) if pairs else None


def address(answers: dict[str, Value]) -> Value:
    form = [answers["t1"], *(answers[q] for q in ("t2", "t3", "t4") if answers["t1"] == 1)]
    basic = mean([answers["b1"], answers["b2"], answers["b3"], mean(form)])
    return mean([basic, mean([answers["e1"], answers["e2"]])], (80, 20))


def plain_service(rows: list[dict], not_relevant: Value) -> Value:
    if rows[0]["state"] == "Automated":
        return Fraction(1)
    worth = {"Yes": Fraction(1), "no": Fraction(0), "Not relevant": not_relevant, None: None}
    rows = [row for row in rows if row["state"] != "Offline"]
    answers = [{q: worth[row[q]] for q in ITEMS} for row in rows]
    if rows and rows[0]["level"] == "central":
        best = {q: max((a[q] for a in answers if a[q] is not None), default=None) for q in ITEMS}
        answers = [best]
    return mean([address(a) for a in answers])


def plain_bench(table: pd.DataFrame, not_relevant: Value = None) -> list[Value]:
    table = table.astype(object).where(table.notna(), None)
    services = {
        key: plain_service(part.to_dict("records"), not_relevant)
        for key, part in table.groupby(["Country", "Life event", "service"])
    }
    events: dict[str, dict[str, list[Value]]] = {}
    for (country, event, _), score in services.items():
        events.setdefault(country, {}).setdefault(event, []).append(score)
    return [100 * mean([mean(scores) for scores in events[country].values()]) for country in sorted(events)]


def test_a_benchmark_of_addresses():
    table = bench()
    result = ei.compute(index("bench"), table)
    assert result.scores.index.tolist() == sorted(table["Country"].unique())
    assert furthest(result.scores["benchmark"], plain_bench(table)) < EXACT
    # negative control: addresses of central level scored one by one, as those of the others
    assert furthest(result.scores["benchmark"], plain_bench(table.assign(level="local"))) > 1


def test_a_benchmark_under_a_second_rule():
    table, recipe = bench(), index("bench").with_rules("not_relevant_is_no")
    assert furthest(ei.compute(recipe, table).scores["benchmark"], plain_bench(table, Fraction(0))) < EXACT


def test_two_years_taken_together_are_one_period_too():
    """A period among the keys that ``over`` takes away, or no key at all: the same."""
    table = bench()
    document = index("bench").document()
    yearly = index("bench").with_(
        rows=["unit", "period", "event", "service", "url"],
        columns={**document["columns"], "period": "collected"},
        nodes={"benchmark": {"over": ["period", "event"]}},
    )
    assert furthest(ei.compute(yearly, table).scores["benchmark"], plain_bench(table)) < EXACT


def test_a_blank_where_no_question_was_routed_is_an_error():
    table = bench()
    asked = table.index[(table["level"] == "local") & (table["state"] == "Online")][0]
    table.loc[asked, "b3"] = None
    with pytest.raises(ei.DataError, match=r"b3: 1 of \d+ values are blank"):
        ei.compute(index("bench"), table)


# what came out wrong: each mark goes when its fault does


def best_points(folder: Path, points: str, answers: list) -> list[float]:
    """Points of several addresses whose best answer stands for all of them."""
    scale = "answers: said, " if isinstance(answers[0], str) else ""
    text = f"""
index: two
rows: [unit, url]
best: {{over: url}}
answers: {{said: {{yes: [], no: [], planned: []}}}}
indicators: {{a: {{{scale}points: {points}}}}}
nodes: {{top: {{of: [address], over: url}}, address: {{of: [a]}}}}
"""
    path = folder / "two.yaml"
    path.write_text(text, encoding="utf-8")
    urls = [str(k) for k in range(len(answers))]
    return ei.compute(path, pd.DataFrame({"unit": "A", "url": urls, "a": answers})).points["a"].tolist()


@pytest.mark.parametrize(
    ("points", "answers"),
    [
        ("{yes: 1, no: 0}", ["no", "yes"]),
        ("{no: 1, yes: 0}", ["yes", "no"]),
        ("{1: 1, 2: 0.5, 3: 0}", [3, 1]),
        ("{value <= 3: 1, else: 0}", [7, 3]),
        ("{no: 0, else: 1}", ["no", "yes"]),
        ("{answer is no: 1, else: 0}", ["yes", "no"]),
    ],
)
def test_the_best_answer_is_the_one_that_earns_most(tmp_path, points, answers):
    assert best_points(tmp_path, points, answers) == [1.0, 1.0]


VERBS = {
    "check": lambda result, folder: ei.check(result.index, bench()),
    "explain": lambda result, folder: ei.explain(result, "C01").text,
    "peers": lambda result, folder: ei.peers(result, "C01"),
    "compare": lambda result, folder: (
        ei.compare(result, ei.compute(index("bench"), bench().assign(level="local"))).moved
    ),
    "save": lambda result, folder: result.save(folder / "saved"),
}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_verbs_after_repeated_records(tmp_path, verb):
    result = ei.compute(index("bench"), bench())
    if verb in ("explain", "peers"):  # which look at one row of answers for each unit
        with pytest.raises(ei.MethodError, match="no unit has one row to look at"):
            VERBS[verb](result, tmp_path)
        return
    VERBS[verb](result, tmp_path)
    if verb == "save":
        assert ei.load_result(tmp_path / "saved").scores.equals(result.scores)
        assert ei.verify(tmp_path / "saved").identical


def test_contributions_of_repeated_records_add_up():
    result = ei.compute(index("bench"), bench())
    parts = result.contributions()
    assert np.allclose(parts.drop(columns="score").sum(axis=1), parts["score"], atol=1e-9, equal_nan=True)
    assert parts.drop(columns=["score", "base", "steps"]).abs().sum().sum() > 0


def test_a_what_if_changes_no_other_unit():
    """It may be refused, or change each record of the unit; it must not move somebody else."""
    result = ei.compute(index("bench"), bench())
    for unit in result.scores.index:
        try:
            after = ei.what_if(result, {(unit, "e1"): "no", (unit, "b1"): "no"}).after
        except ei.EgovindexError:
            continue
        before, found = (scores.drop(index=unit)["benchmark"] for scores in (result.scores, after.scores))
        assert (found - before).abs().max() < EXACT, unit
