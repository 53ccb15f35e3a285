"""From names and paths to checked models: `like`, names of files, origins."""

from __future__ import annotations

from pathlib import Path

import pytest

import egovindex as ei
from egovindex.spec import load
from egovindex.spec.model import FrozenDict


@pytest.fixture
def write(tmp_path):
    """Files by name, without their ending."""

    def written(**files: str) -> Path:
        for name, text in files.items():
            stem = name.replace("_", "-")
            (tmp_path / f"{stem}.yaml").write_text(f"index: {stem}\n{text}", encoding="utf-8")
        return tmp_path

    return written


BASE = """\
points: {m: {yes: 1, no: 0}}
nothing: skip
indicators:
  a: {points: m}
  b: {label: B}
nodes:
  top: {of: [a, b]}
"""


def faults(path: Path) -> list[str]:
    with pytest.raises(ei.SpecError) as caught:
        ei.load_index(path)
    return [str(fault) for fault in caught.value.faults]


# --- like


def test_like_once(write):
    folder = write(base=BASE, edition="like: base\nnodes: {top: {of: {a: 2, b: 1}}}")
    index = ei.load_index(folder / "edition.yaml")
    assert index.id == "edition"
    assert [quantity.value for quantity in index.tree.branches["top"].weights] == [2, 1]
    assert index.file.like is None  # what is kept is the merged file


def test_like_twice(write):
    folder = write(
        base=BASE,
        edition="like: base\nnodes: {top: {of: {a: 2, b: 1}}}\nindicators: {c: {}}",
        variant="like: edition\nindicators: {c: ~}\npoints: {m: {no: 0.1}}",
    )
    index = ei.load_index(folder / "variant.yaml")
    assert list(index.file.indicators) == ["a", "b"]
    assert [quantity.value for quantity in index.tree.branches["top"].weights] == [2, 1]
    assert {str(line): outcome.value for line, outcome in index.file.points["m"].items()} == {"no": 0.1, "yes": 1}


def test_like_thrice_is_refused(write):
    folder = write(base=BASE, edition="like: base", variant="like: edition", further="like: variant")
    assert ei.load_index(folder / "variant.yaml").id == "variant"
    assert faults(folder / "further.yaml") == [
        "edition.yaml:2: like goes too far: further -> variant -> edition -> base; at most 2"
    ]


def test_each_line_knows_its_file(write):
    folder = write(
        base=BASE,
        edition="like: base\nindicators:\n  b: {steps: [log]}",
        variant="like: edition\npoints:\n  m: {no: 0.1}",
    )
    origins = ei.load_index(folder / "variant.yaml").origins
    assert {str(origins[path]) for path in [("index",)]} == {"variant.yaml:1"}
    assert str(origins["points", "m", "no"]) == "variant.yaml:4"
    assert str(origins["points", "m", "yes"]) == "base.yaml:2"
    assert str(origins["indicators", "b", "label"]) == "base.yaml:6"
    assert str(origins["indicators", "b", "steps"]) == "edition.yaml:4"
    assert str(origins["nodes", "top", "of", "a"]) == "base.yaml:8"


def test_a_base_is_looked_for_beside_the_file_first(write):
    folder = write(un_egdi_parts_2024=BASE, variant="like: un-egdi-parts-2024")
    assert list(ei.load_index(folder / "variant.yaml").file.indicators) == ["a", "b"]


def test_a_base_may_be_packaged(write):
    folder = write(variant="like: un-egdi-parts-2024\nnodes: {EGDI: {aggregate: geometric}}")
    index = ei.load_index(folder / "variant.yaml")
    assert index.tree.branches["EGDI"].aggregate == "geometric"
    assert {origin.file for origin in index.origins.values()} == {"variant.yaml", "un-egdi-parts-2024.yaml"}


@pytest.mark.parametrize("name", ["../base", "base.yaml", "/etc/passwd", "sub/base", "1base"])
def test_like_takes_a_name_never_a_path(write, name):
    folder = write(base=BASE, variant=f"like: {name}")
    assert faults(folder / "variant.yaml") == [
        "variant.yaml:2: like: the name of one index is expected, without folder or ending"
    ]


def test_a_removed_like_is_no_like(write):
    folder = write(variant=f"like: ~\n{BASE}")
    assert ei.load_index(folder / "variant.yaml").id == "variant"


def test_faults_of_base_and_variant_come_together(write):
    folder = write(
        base=BASE + "  part: {of: [zzz]}\n",
        variant="like: base\nindicators:\n  b: {stesp: [log]}\n  c: {steps: [lgo]}",
    )
    told = faults(folder / "variant.yaml")
    assert [line.split(": ")[0] for line in told] == ["base.yaml:9", "variant.yaml:4", "variant.yaml:5"]


def test_a_fault_of_the_merged_file_is_told_where_its_line_is_written(write):
    folder = write(base=BASE, variant="like: base\nindicators: {b: ~}")
    assert faults(folder / "variant.yaml") == [
        'base.yaml:8: top has a child "b" that is neither an indicator nor a node'
    ]


def test_a_base_needs_not_be_complete(write):
    # two halves: what is checked is the merged file
    folder = write(half="indicators: {a: {}, b: {}}\nnodes: {}", whole="like: half\nnodes: {top: {of: [a, b]}}")
    assert ei.load_index(folder / "whole.yaml").headline == "top"


# --- tables beside


def test_a_table_of_the_base_stands_beside_the_base(write):
    folder = write(
        base="indicators: items.csv\nnodes: {top: {of: [a]}}", variant="like: base\nindicators: {a: {label: A}}"
    )
    (folder / "items.csv").write_text("id,steps\na,log\n", encoding="utf-8")
    index = ei.load_index(folder / "variant.yaml")
    assert [str(step) for step in index.tree.leaves["a"].steps] == ["log"]
    assert str(index.origins["indicators", "a", "steps"]) == "items.csv:2"
    assert str(index.origins["indicators", "a", "label"]) == "variant.yaml:3"


# --- names


def test_a_path_may_be_text_and_the_ending_yml(write):
    folder = write(base=BASE)
    assert ei.load_index(str(folder / "base.yaml")).id == "base"
    (folder / "base.yaml").rename(folder / "base.yml")
    assert ei.load_index(str(folder / "base.yml")).id == "base"


def test_an_index_is_itself():
    index = ei.load_index("un-egdi-2024")
    assert ei.load_index(index) is index


def test_packaged_names_are_indices_only():
    names = load.packaged_indices()
    assert len(names) == 23
    assert names == sorted(names)
    assert load.packaged_weights("un-egdi-2024") == sorted(load.packaged_weights("un-egdi-2024"))
    assert load.packaged_weights("no-such-index") == []


def test_weights_are_found_by_name_and_by_path(write, tmp_path):
    assert ei.load_weights("equal", index="un-egdi-2024").weights == "equal"
    (tmp_path / "mine.yaml").write_text("weights: mine\nindex: base\nnodes: {top: {a: 1, b: 3}}", encoding="utf-8")
    assert ei.load_weights(tmp_path / "mine.yaml").weights == "mine"  # unchecked against its index
    folder = write(base=BASE)
    assert ei.load_weights(str(tmp_path / "mine.yaml"), index=folder / "base.yaml").weights == "mine"


@pytest.mark.parametrize("name", ["../un-egdi-2024/equal", "un-egdi-2024/equal", "equal.yml"])
def test_a_packaged_weight_set_is_a_name(name):
    with pytest.raises(ei.SpecError):
        ei.load_weights(name, index="un-egdi-2024")


# --- models


def test_models_are_frozen_all_the_way_down(write):
    file = ei.load_index(write(base=BASE) / "base.yaml").file
    with pytest.raises(ValueError, match="frozen"):
        file.title = "new"
    with pytest.raises(TypeError, match="an index is frozen; ask it for a changed copy"):
        file.indicators["c"] = None
    with pytest.raises(TypeError, match="frozen"):
        file.points["m"].clear()
    with pytest.raises(TypeError, match="frozen"):
        file.nodes.update(a=1)
    assert isinstance(file.nodes["top"].of, FrozenDict)


def test_what_was_not_written_is_not_printed(write):
    file = ei.load_index(write(base=BASE) / "base.yaml").file
    assert file.model_dump(by_alias=True)["indicators"] == {"a": {"points": "m"}, "b": {"label": "B"}}


def test_equal_files_are_equal_indices(write):
    folder = write(base=BASE)
    one, other = ei.load_index(folder / "base.yaml"), ei.load_index(folder / "base.yaml")
    assert one == other
    assert hash(one) == hash(other)
    assert one != one.with_(title="New")
