"""The JSON Schema: takes every packaged file, however it was read, and refuses what editors can refuse."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import yaml

from egovindex.packaged import indicators_folder, weights_folder
from egovindex.spec import model
from egovindex.spec.schema import VALUES, json_schema
from egovindex.spec.strictyaml import read_text, read_yaml
from egovindex.spec.values import STEPS

BROKEN = Path(__file__).parents[1] / "broken_specs"
KINDS = ("index", "weights", "instrument")


def kind_of(path: Path) -> str:
    """What a file of `indicators/` is: its first key says so. A codebook is read by `coding`; no schema is of it."""
    return path.read_text(encoding="utf-8").split(":", maxsplit=1)[0]


PACKAGED = [(path, kind_of(path)) for path in sorted(indicators_folder().glob("*.yaml")) if kind_of(path) in KINDS]
PACKAGED += [(path, "weights") for path in sorted(weights_folder().glob("*/*.yaml"))]
SOUND = [
    (path, {"weights": "weights", "instruments": "instrument"}.get(path.parent.name, "index"))
    for path in sorted(BROKEN.rglob("*.yaml"))
    if path.read_bytes().startswith(b"# sound")
]


class Core(yaml.SafeLoader):
    """YAML 1.2 with its core schema, as editors read it: yes and dates are text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in [
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$", "-+.0123456789"),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def ordinary(path: Path) -> Any:
    """A file as an ordinary reader has it; keys are text, as in JSON."""

    def text_keys(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): text_keys(inner) for key, inner in value.items()}
        return [text_keys(inner) for inner in value] if isinstance(value, list) else value

    return text_keys(yaml.load(path.read_text(encoding="utf-8"), Loader=Core))


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(kind))


def refusals(kind: str, document: Any) -> list[str]:
    return [error.json_path for error in validator(kind).iter_errors(document)]


def index(**keys: Any) -> dict[str, Any]:
    return {"index": "demo", "indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"]}}, **keys}


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_is_a_schema_without_an_address_and_with_a_title(kind):
    schema = json_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["title"] == f"egovindex {kind}"
    assert "$id" not in schema
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("kind", KINDS)
def test_every_reference_leads_somewhere(kind):
    schema = json_schema(kind)
    text = json.dumps(schema)
    named = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert named
    assert named <= set(schema["$defs"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_is_described(kind):
    schema = json_schema(kind)
    parts = [schema, *schema["$defs"].values()]
    bare = [
        key for part in parts if "title" not in part for key, value in part.get("properties", {}).items() if not value
    ]
    assert bare == []
    records = [part for name, part in schema["$defs"].items() if name not in VALUES]
    for part in [schema, *records]:
        assert [key for key, value in part["properties"].items() if "description" not in value] == []


@pytest.mark.parametrize(("path", "kind"), PACKAGED, ids=lambda value: getattr(value, "stem", value))
@pytest.mark.parametrize("reader", ["strict", "ordinary"])
def test_packaged_files_are_valid(path, kind, reader):
    document = read_yaml(read_text(path), file=path.name).data if reader == "strict" else ordinary(path)
    assert refusals(kind, document) == []


@pytest.mark.parametrize(("path", "kind"), SOUND, ids=lambda value: getattr(value, "stem", value))
@pytest.mark.parametrize("reader", ["strict", "ordinary"])
def test_sound_files_are_valid(path, kind, reader):
    document = read_yaml(read_text(path), file=path.name).data if reader == "strict" else ordinary(path)
    assert refusals(kind, document) == []


def test_there_are_packaged_files_of_two_kinds():
    assert len([kind for _, kind in PACKAGED if kind == "index"]) >= 15
    assert len([kind for _, kind in PACKAGED if kind == "weights"]) >= 18


@pytest.mark.parametrize(
    "keys",
    [
        {"indicators": "id, steps\na, zscore\nb,"},
        {"indicators": "demo.items.csv", "nodes": "demo.nodes.csv"},
        {"indicators": {"q1..q9": {}, "I-30, I-31, I-28.2": {"points": "yes"}}},
        {"nodes": {"top": {"of": "a"}}},
        {"nodes": {"top": {"of": ["q1..q9", "b"]}}},
        {"nodes": {"top": {"of": {"q1..q9": "1/3", "b": 0.5, "c": {"value": 1, "range": [0, "2"], "basis": "ours"}}}}},
        {"nodes": {"top": {"of": ["a"], "need": 3}}},
        {"nodes": {"top": {"of": ["a"], "need": "80%"}}},
        {"nodes": {"top": {"of": ["a"], "classes": {"High": 0.5, "Middle": "value >= 0.2", "Low": "else"}}}},
        {"nodes": {"top": {"of": ["a"], "classes": None, "points": [{"missing": 0}, "state"]}}},
        {"nodes": {"top": {"from": "(a + b) / 2", "steps": ["out_of 3", {"cap": {"value": 120, "basis": "ours"}}]}}},
        {"nodes": {"top": {"of": "a", "over": ["service", "url"], "where": "type is digital", "aggregate": "max"}}},
        {"nothing": "skip"},
        {"nothing": 0},
        {"nothing": {"missing": "skip", "unknown": {"value": 0, "range": [0, 1]}}},
        {"points": {"flag": {"0": 0, "flag is not 1": "value - 0.5", "else": "value", "missing": "mean by region"}}},
        {"rules": {"strict": {"label": "Strict", "status": {"drafted": 0, "planned": None}, "replaces": ["a", "b"]}}},
        {"rules": {"strict": {"points": {"status": {"drafted": 0}}, "nothing": {"unknown": 0}}}},
        {"rule": "strict"},
        {"rule": ["strict", "graded"]},
        {"rule": [["strict"], ["graded", "known"]]},
        {"edition": 2024, "title": True, "note": "2024-01-01", "rows": ["unit", "event"]},
        {"source": {"title": "A book", "page": 12, "basis": "published"}},
        {"answers": {"yes_no": {"yes": ["Y"], "no": []}}, "columns": {"flag": "*_flag"}},
        {"reference": {"periods": "all", "where": "big is yes"}, "best": {"over": "url"}},
        {"defaults": {"nodes": {"classes": {"High": 0.5, "Low": "else"}}, "indicators": {"steps": ["zscore"]}}},
    ],
)
def test_compact_and_long_forms_are_valid(keys):
    assert refusals("index", index(**keys)) == []


def test_a_variant_needs_no_records_and_may_remove_what_it_inherits():
    variant = {"index": "demo", "like": "base", "source": None, "points": {"status": None}, "nodes": {"top": None}}
    assert refusals("index", variant) == []
    assert refusals("index", {"index": "demo", "nodes": {"top": {"of": ["a"]}}}) == ["$"]


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"refrence": {}}, "$"),
        ({"indicators": {"a": {"step": ["zscore"]}}}, "$.indicators"),
        ({"nodes": {"top": {"of": ["a"], "aggregate": "average"}}}, "$.nodes"),
        ({"nodes": {"top": {"of": ["a"], "steps": ["zscor"]}}}, "$.nodes"),
        ({"nodes": {"top": {"of": ["a"], "need": "half"}}}, "$.nodes"),
        ({"nodes": {"top": {"of": {"a": "much"}}}}, "$.nodes"),
        ({"nodes": {"top": {"of": {"a": True}}}}, "$.nodes"),
        ({"indicators": {"1st": {}}}, "$.indicators"),
        ({"source": {"url": "https://example.org"}}, "$.source"),
        ({"source": {"title": "A book", "basis": "guessed"}}, "$.source"),
        ({"defaults": {"nods": {}}}, "$.defaults"),
        ({"rules": {"strict": "harsh"}}, "$.rules"),
        ({"best": {"where": "a is b"}}, "$.best"),
        ({"index": "no spaces"}, "$.index"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(keys, place):
    assert any(found.startswith(place) for found in refusals("index", index(**keys)))


def test_steps_of_the_schema_are_those_of_the_language():
    for step in STEPS:
        assert refusals("index", index(indicators={"a": {"steps": [f"{step} 1"]}})) == []
        assert refusals("index", index(indicators={"a": {"steps": [f"{step}s 1"]}})) != []


def test_weights_are_maps_lists_or_words():
    def weights(given: Any) -> list[str]:
        return refusals("weights", {"weights": "w", "index": "demo", "nodes": {"top": given}})

    assert weights({"a": "1/2", "b": {"value": 0.5, "range": [0, 1]}}) == []
    assert weights("equal") == weights("entropy") == weights(["a", "b"]) == []
    assert weights("eqaul") != []
    assert weights(3) != []
    assert weights({"a": "much"}) != []


def test_many_broken_files_are_refused_by_the_schema_alone():
    """What an editor underlines before the library is asked."""
    refused = []
    for path in sorted(BROKEN.rglob("*.yaml")):
        kind = {"weights": "weights", "instruments": "instrument"}.get(path.parent.name, "index")
        try:
            document = ordinary(path)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            continue
        if refusals(kind, document):
            refused.append(path.stem)
    assert len(refused) >= 40
    assert {"unknown-key", "unknown-step", "bad-need", "text-for-a-record", "no-items", "unknown-method"} <= set(
        refused
    )
    assert not any(name.startswith("sound") for name in refused)


@pytest.mark.parametrize("name", ["IndexFile", "WeightSet", "InstrumentFile"])
def test_every_field_of_a_model_is_a_key_of_its_schema(name):
    kind = {"IndexFile": "index", "WeightSet": "weights", "InstrumentFile": "instrument"}[name]
    fields = getattr(model, name).model_fields
    assert set(json_schema(kind)["properties"]) == {field.alias or key for key, field in fields.items()}
