"""The packaged weight sets of the EGDI against the method that they cite.

Entropy: Osman and Zablith 2021, J. Business Research 131:426-440. Principal component: Ayanso,
Chatterjee and Cho 2011, Government Information Quarterly 28:522-532. The four-decimal values were
computed beforehand in another program.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml

import egovindex as ei
from tests.published.tables import by_unit

CHILDREN = {"un-egdi-2024": ["OSI", "TII", "HCI"], "un-egdi-parts-2024": ["osi", "tii", "hci"]}
SETS = ["equal", "services-first", *(f"entropy-{y}" for y in range(2014, 2025, 2)), "pca-2024"]
ENTROPY = {
    2014: [0.4502, 0.4536, 0.0963],
    2016: [0.4217, 0.4563, 0.1220],
    2018: [0.3595, 0.5028, 0.1377],
    2020: [0.3936, 0.4461, 0.1603],
    2022: [0.3925, 0.4325, 0.1750],
    2024: [0.4165, 0.3575, 0.2260],
}
PCA_2024 = [0.3274, 0.3320, 0.3406]


@pytest.fixture(scope="module")
def derive(root: Path) -> ModuleType:
    path = root / "tools" / "derive_weights.py"
    spec = importlib.util.spec_from_file_location("derive_weights", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def packaged(root: Path):
    def weights(index: str, name: str) -> list[float]:
        path = root / "weights" / index / f"{name}.yaml"
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert (written["weights"], written["index"]) == (name, index)
        assert written["source"]["basis"] == "ours"
        assert list(written["nodes"]) == ["EGDI"]
        return [float(written["nodes"]["EGDI"][child]) for child in CHILDREN[index]]

    return weights


@pytest.mark.parametrize("index", CHILDREN)
@pytest.mark.parametrize("edition", ENTROPY)
def test_entropy_sets_hold_the_published_digits(packaged, index, edition):
    assert packaged(index, f"entropy-{edition}") == pytest.approx(ENTROPY[edition], abs=5e-5)


@pytest.mark.parametrize("index", CHILDREN)
@pytest.mark.parametrize("edition", [2014, 2018, 2020, 2022, 2024])
def test_entropy_sets_are_what_the_tool_derives(derive, packaged, shared, index, edition):
    table = shared / "data" / "egdi" / f"egdi_{edition}.csv"
    derived = derive.entropy_weights(derive.read_parts(table))
    assert packaged(index, f"entropy-{edition}") == pytest.approx(derived, rel=1e-12)


@pytest.mark.parametrize("index", CHILDREN)
def test_pca_set_is_what_the_tool_derives(derive, packaged, root, index):
    parts = derive.read_parts(root / "indicators" / "samples" / "un-egdi-parts-2024.csv")
    derived, explained = derive.pca_weights(parts)
    assert packaged(index, "pca-2024") == pytest.approx(derived, rel=1e-12)
    assert packaged(index, "pca-2024") == pytest.approx(PCA_2024, abs=5e-5)
    assert explained == pytest.approx(0.855, abs=5e-4)


def test_the_tool_gives_a_zero_its_limit(derive):
    # 0 ln 0 = 0. p = (1, 0) has E = 0 and p = (1/2, 1/2) has E = 1: all weight goes to the first
    parts = np.array([[3.0, 1.0], [0.0, 1.0]])
    assert derive.entropy_weights(parts).tolist() == pytest.approx([1, 0])


def test_the_tool_prints_the_line_of_a_weight_set(derive, root, capsys):
    table = root / "indicators" / "samples" / "un-egdi-parts-2024.csv"
    assert derive.main(["entropy", str(table), "--names", "OSI", "TII", "HCI"]) == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert list(printed["EGDI"].values()) == pytest.approx(ENTROPY[2024], abs=5e-5)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("index", CHILDREN)
def test_every_set_loads_and_its_weights_act(index, name):
    data = ei.sample(index)
    weighted = by_unit(ei.compute(ei.load_index(index).with_weights(name), data).scores)
    if index == "un-egdi-2024":
        parts = weighted[["OSI", "TII", "HCI"]]
        plain = by_unit(ei.compute(ei.load_index(index), data).scores)
        assert (parts == plain[parts.columns]).all(axis=None)  # weights inside the parts stay
    else:
        parts = data.set_index("iso3")[["osi", "tii", "hci"]]
    expected = {"equal": [1, 1, 1], "services-first": [2, 1, 1], "pca-2024": PCA_2024}
    if name.startswith("entropy"):
        expected[name] = ENTROPY[int(name[-4:])]
    weights = np.array(expected[name]) / sum(expected[name])
    assert weighted["EGDI"].to_numpy() == pytest.approx(parts.to_numpy() @ weights, abs=1e-4)
