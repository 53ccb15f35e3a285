"""What coders could have given otherwise: beside plain loops, beside closed forms, and beside no doubt at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

CONFUSED = {"drafted": {"planned": 0.3, "yes": 0.1}, "planned": {"drafted": 0.2}, "yes": {"drafted": 0.05}}
ITEMS = ("law", "plan", "portal", "consult")


def test_the_law_is_kept(index, data):
    """Shares of the drawn categories are the chances of the law, answer by answer."""
    drawn = ei.simulate(index, data, ei.Doubt(coder=ei.confusion(CONFUSED)), n=4096, rng=1)
    settings = drawn.settings(values=True)
    scale = ["yes", "drafted", "planned", "no"]
    for item in ITEMS:
        for unit, given in zip(data["unit"], data[item], strict=True):
            codes = settings[f"coder.{item}.{unit}"].to_numpy()
            if given == "unknown":
                assert (codes == -1).all()
                continue
            expected = dict.fromkeys(scale, 0.0) | CONFUSED.get(given, {})
            expected[given] = 1.0 - sum(chance for other, chance in expected.items() if other != given)
            for code, category in enumerate(scale):
                share = (codes == code).mean()
                assert abs(share - expected[category]) <= 5 * np.sqrt(
                    expected[category] * (1 - expected[category]) / 4096
                )


def test_a_draw_is_the_index_with_these_categories(index, data):
    doubt = ei.Doubt(
        coder=ei.confusion(CONFUSED),
        points={"status.drafted": (0.2, 0.8)},
        rules=["strict", "lenient"],
        weights={"rules": ei.simplex()},
    )
    drawn = ei.simulate(index, data, doubt, n=256, rng=3)
    for draw in (0, 7, 100):
        again = drawn.result_of(draw)
        np.testing.assert_allclose(
            again.scores["top"].to_numpy(), drawn.scores.loc[draw].to_numpy(), rtol=0, atol=1e-12
        )
        assert again.ranks["top"].tolist() == drawn.ranks.loc[draw].tolist()
        assert not again.plan.data.equals(drawn.result.plan.data)


def test_expected_score_of_independent_errors(index, data):
    """A mean of answers is linear in what each earns: its expectation is that of expected points."""
    drawn = ei.simulate(index, data, ei.Doubt(coder=ei.confusion(CONFUSED)), n=8192, rng=2, node="rules")
    points = {"yes": 1.0, "drafted": 0.5, "planned": 0.25, "no": 0.0}
    expected = []
    for _, row in data.iterrows():
        known = [row[item] for item in ITEMS if row[item] != "unknown"]
        means = []
        for given in known:
            others = CONFUSED.get(given, {})
            means.append((1 - sum(others.values())) * points[given] + sum(c * points[o] for o, c in others.items()))
        expected.append(np.mean(means) if means else np.nan)
    table = drawn.score_intervals()
    off = (table["mean"].to_numpy() - np.array(expected)) / np.maximum(table["se"].to_numpy(), 1e-12)
    assert np.nanmax(np.abs(off)) < 5


def test_no_other_category_changes_nothing(index, data):
    with_it = ei.Doubt(coder={"law": ei.confusion({"planned": {"drafted": 0.5}})}, weights={"top": ei.simplex()})
    table = data.assign(law="yes")  # nobody has planned
    drawn = ei.simulate(index, table, with_it, n=512, rng=5)
    alone = ei.simulate(index, table, ei.Doubt(weights={"top": ei.simplex()}), n=512, rng=5)
    pd.testing.assert_frame_equal(drawn.rank_probabilities(), alone.rank_probabilities())
    assert drawn.diagnostics.loc["coder.law", "method"] == "nobody's category is in doubt in these data"


@pytest.mark.parametrize("chance", [0.999999999, 1.0])
def test_an_error_that_is_certain_is_made(index, data, chance):
    """A category that is always another one was left as it is, since it had one possible category alone."""
    drawn = ei.simulate(index, data, ei.Doubt(coder=ei.confusion({"planned": {"yes": chance}})), n=64, rng=5)
    recoded = data.replace({"planned": "yes"})
    assert not recoded.equals(data)
    expected = ei.compute(index, recoded).scores["top"].to_numpy()
    np.testing.assert_allclose(drawn.score_intervals()["mean"].to_numpy(), expected, rtol=0, atol=1e-12)
    assert drawn.result_of(3).ranks["top"].tolist() == ei.compute(index, recoded).ranks["top"].tolist()


def test_workers_and_block_change_nothing(index, data):
    doubt = ei.Doubt(coder=ei.confusion(CONFUSED), rules=["strict", "lenient"])
    one = ei.simulate(index, data, doubt, n=3000, rng=9, executor=1)
    two = ei.simulate(index, data, doubt, n=3000, rng=9, executor=2, block=37)
    pd.testing.assert_frame_equal(one.rank_probabilities(), two.rank_probabilities())


def test_its_share_of_the_variance(index, data):
    doubt = ei.Doubt(coder=ei.confusion(CONFUSED), weights={"rules": ei.within(0.1)}, nothing={"unknown": ["skip", 0]})
    found = ei.sobol(index, data, doubt, n=256, rng=1, target=("score", "T05"))
    assert set(found.table.index) == {"coder", "weights.rules", "nothing.unknown"}
    assert 0 < found.table.loc["coder", "total"] <= 1.1
    alone = ei.one_at_a_time(index, data, doubt, target=("score", "T05"))
    assert {"all best", "all worst"} <= set(alone.table["setting"])
    assert (alone.tornado["span"] >= 0).all()


def test_confidence_of_each_answer(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(
        "index: c\nanswers: {s: {yes: [], drafted: [], no: []}}\ncolumns: {confidence: '*.confidence'}\n"
        "nothing: {missing: skip}\npoints: {p: {yes: 1, drafted: 0.5, no: 0}}\n"
        "indicators: {a: {points: p}}\nnodes: {top: {of: [a]}}\n",
        encoding="utf-8",
    )
    table = pd.DataFrame(
        {"unit": ["u", "v", "w"], "a": ["yes", "yes", "no"], "a.confidence": ["high", "low", "medium"]}
    )
    law = ei.confidence(high=1, medium=0.8, low=0.5)
    drawn = ei.simulate(path, table, ei.Doubt(coder=law), n=8192, rng=1)
    settings = drawn.settings(values=True)
    shares = {unit: np.bincount(settings[f"coder.a.{unit}"].astype(int), minlength=3) / 8192 for unit in "uvw"}
    np.testing.assert_allclose(shares["u"], [1, 0, 0])
    np.testing.assert_allclose(shares["v"], [0.5, 0.25, 0.25], atol=0.03)
    np.testing.assert_allclose(shares["w"], [0.1, 0.1, 0.8], atol=0.03)
    with pytest.raises(ei.MethodError, match="3 coded answers have no confidence"):
        ei.simulate(path, table.drop(columns="a.confidence"), ei.Doubt(coder=law), n=8, rng=1)


def test_disagreement_of_coders():
    """Two coders, six answers: by hand."""
    one = ["yes", "yes", "drafted", "drafted", "planned", "unknown"]
    other = ["yes", "drafted", "drafted", "planned", "planned", "yes"]
    rows = [
        ("A", f"q{at}", "brief", coder, category)
        for at, pair in enumerate(zip(one, other, strict=True))
        for coder, category in zip(("first", "second"), pair, strict=True)
    ]
    coding = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"])
    law = ei.disagreement(coding)
    found = {coded: dict(others) for coded, others in law.rows}
    # yes: with yes twice, with drafted once; drafted: twice with itself, once with yes, once with planned
    assert found["yes"] == pytest.approx({"drafted": 1 / 3})
    assert found["drafted"] == pytest.approx({"yes": 1 / 4, "planned": 1 / 4})
    assert found["planned"] == pytest.approx({"drafted": 1 / 3})
    assert "2 coders, 5 answers" in str(law)
    with pytest.raises(ei.MethodError, match="needs a second one"):
        ei.disagreement(coding[coding["coder"] == "first"])
    agreed = coding[coding["item"].isin(["q0", "q4"])]
    with pytest.raises(ei.MethodError, match="agree on all 2 answers"):
        ei.disagreement(agreed)


def test_it_is_written_and_read(tmp_path):
    for law in (ei.confusion(CONFUSED, origin="pilot of 2031"), ei.confidence(high=0.95, medium=0.8, low=0.6)):
        doubt = ei.Doubt(coder={"*": law, "law": None}, name="coders")
        doubt.save(tmp_path / "d.yaml", overwrite=True)
        assert ei.load_doubt(tmp_path / "d.yaml") == doubt


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: ei.confusion({"a": {"b": 0.7, "c": 0.6}}), "add up to at most 1; found b 0.7, c 0.6"),
        (lambda: ei.confusion({"a": {"b": -0.1}}), "shares between 0 and 1"),
        (lambda: ei.confusion({"a": {"a": 1}}), "nothing is ever taken for something else"),
        (lambda: ei.confusion([1, 2]), "a confusion is"),
        (lambda: ei.confidence(high=1, medium=1, low=1), "not all 1"),
        (lambda: ei.Doubt(coder=0.1), "a doubt about coders is"),
    ],
)
def test_bad_laws(call, said):
    with pytest.raises(ei.MethodError, match=said):
        call()


def test_what_does_not_fit_the_index(index, data):
    with pytest.raises(ei.MethodError, match='"adopted" is no category of the scale'):
        ei.simulate(index, data, ei.Doubt(coder={"law": ei.confusion({"adopted": {"yes": 0.1}})}), n=8, rng=1)
    with pytest.raises(ei.MethodError, match="users: its answers are on no scale"):
        ei.simulate(index, data, ei.Doubt(coder={"users": ei.confusion(CONFUSED)}), n=8, rng=1)
    skipping = index.with_points({"status.planned": "skip"})
    with pytest.raises(ei.MethodError, match="law: planned earns no number here"):
        ei.simulate(skipping, data, ei.Doubt(coder=ei.confusion(CONFUSED)), n=8, rng=1)
