"""Results to draw: packaged ones, and one that is invented to be nasty."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import egovindex as ei

pytest.importorskip("matplotlib")

NASTY = (
    "<script>alert('x')</script> & \"co\"",
    "عمان - الأردن",
    "$\\alpha_1$ $broken_{$",
    "line\nbreak\x00\x1b[31m\u202econtrol\uffff--",
    "République très-très-très démocratique et populaire de la Nouvelle Île Lointaine du Nord",
    "Plain",
)


@pytest.fixture(scope="session")
def egdi():
    return ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))


@pytest.fixture(scope="session")
def egdi_services():
    index = ei.load_index("un-egdi-2024").with_weights("services-first")
    return ei.compute(index, ei.sample("un-egdi-2024"))


@pytest.fixture(scope="session")
def cyberlaw():
    return ei.compute("unctad-cyberlaw-2026", ei.sample("unctad-cyberlaw-2026"))


@pytest.fixture(scope="session")
def tiny():
    """A geometric mean over two means, with labels that a careless picture stumbles over."""
    frame = pd.DataFrame(
        {
            "id": ["top", "law", "access", "a", "b", "c", "d"],
            "in": [None, "top", "top", "law", "law", "access", "access"],
            "weight": [None, 2, 1, 1, 1, 1, 3],
            "label": ["Readiness $x^2$ <b>", "Law & <i>order</i>", "Access", "Portal $alpha$", "B" * 90, "وصول", "D"],
            "aggregate": ["geometric", "mean", "mean", None, None, None, None],
        }
    )
    return ei.Index.from_frame(frame, index="tiny", nothing={"missing": "void"})


@pytest.fixture(scope="session")
def panel_data():
    rng = np.random.default_rng(1)
    rows = [
        {"unit": unit, "period": period, "kind": "x" if at < 3 else "y", **dict(zip("abcd", values, strict=True))}
        for period in (2022, 2024)
        for at, (unit, values) in enumerate(zip(NASTY, rng.uniform(0.1, 1, (len(NASTY), 4)), strict=True))
    ]
    rows[-1]["d"] = np.nan  # Plain has no score in 2024
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def panel(tiny, panel_data):
    return ei.compute(tiny, panel_data)


@pytest.fixture(scope="session")
def lenient(tiny):
    """The same, but who has no answer keeps a score: out of what there is."""
    return tiny.with_(nothing={"missing": "skip"})


@pytest.fixture(scope="session")
def doubt():
    """Any weights; and whoever has no answer may lose the score, as Plain does in 2024."""
    return ei.Doubt(weights=ei.simplex(), nothing={"missing": ["skip", "void"]})


@pytest.fixture(scope="session")
def panel_draws(lenient, panel_data, doubt):
    return ei.simulate(lenient, panel_data, doubt, n=200, rng=1)


@pytest.fixture(scope="session")
def panel_sobol(lenient, panel_data, doubt):
    return ei.sobol(lenient, panel_data, doubt, n=32, rng=1, target="rank")


@pytest.fixture(scope="session")
def panel_moved(lenient, panel_data, doubt):
    return ei.one_at_a_time(lenient, panel_data, doubt, target=("rank", NASTY[2], 2024))


@pytest.fixture(scope="session")
def method():
    """How the packaged index could have been made otherwise."""
    return ei.Doubt(weights=ei.within(0.25), aggregate={"EGDI": ["mean", "geometric"]})


@pytest.fixture(scope="session")
def egdi_draws(method):
    return ei.simulate("un-egdi-2024", ei.sample("un-egdi-2024"), method, n=300, rng=1)


@pytest.fixture(scope="session")
def egdi_sobol(method):
    return ei.sobol("un-egdi-2024", ei.sample("un-egdi-2024"), method, n=32, rng=1, groups="factors")


@pytest.fixture(scope="session")
def egdi_moved(method):
    return ei.one_at_a_time("un-egdi-2024", ei.sample("un-egdi-2024"), method)


@pytest.fixture(scope="session")
def panel_sure(panel):
    return ei.how_sure(panel, {"top": ei.simplex()}, n=100, rng=1, period=2024)


@pytest.fixture(scope="session")
def egdi_sure(egdi):
    return ei.how_sure(egdi, {"EGDI": ei.within(0.25)}, n=200, rng=1)


@pytest.fixture(scope="session")
def readiness_levers():
    result = ei.compute("msq-readiness-2022", ei.sample("msq-readiness-2022"))
    return ei.levers(result, "KHM", {"score": 0.7}, only=["q106", "q097"])


@pytest.fixture(scope="session")
def panel_levers(readiness_levers):
    """Levers of a unit with a nasty name."""
    data = ei.sample("msq-readiness-2022").assign(unit=NASTY[2])
    result = ei.compute(readiness_levers.result.index, data)
    return ei.levers(result, NASTY[2], {"score": 0.7}, only=["q106", "q097"])


@pytest.fixture
def small_print():
    """What stands below a picture, on one line."""

    def read(ax) -> str:
        return " ".join(next(text for text in ax.texts if text.get_gid() == "caption").get_text().split())

    return read
