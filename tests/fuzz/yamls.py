"""Files of YAML: indices, instruments, weight sets, doubts, bindings, codebooks; and the tables that indices read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import egovindex as ei
from tests.fuzz.reader import Reader, sound
from tests.fuzz.trees import mutated_yaml
from tests.responses.tables_of_forms import FORM

__all__ = ["READERS"]

_WORDS = (
    "index", "indicators", "nodes", "like", "remove", "of", "in", "from", "points", "weight", "weights",
    "aggregate", "steps", "nothing", "rules", "answers", "classes", "defaults", "instrument", "items", "kind",
    "range", "title", "unit", "columns", "caps", "gates", "best", "over", "sum", "mean", "geometric", "distance",
    "minmax", "zscore", "goalposts 0 1", "round 2", "log", "skip", "void", "blank", "else", "value >= 3", "a + b",
    "max(a, b)", "if", "set", "formula", "label", "source", "basis", "part", "coded_as", "personal", "person",
    "match", "number", "many", "one", "text", "kinds", "rests_on", "words", "where", "unless", "says", "instead_of",
    "confidence", "brief", "doubt", "include", "recipes", "normalise", "within 0.25", "uniform 0.2 0.6",
    "triangular 0 0.5 1", "dirichlet 4", "one of", "binding", "column", "shape", "onehot", "delimited", "sep",
    "value", "technical", "separator", "~", "{}", "[]",
)  # fmt: skip

_SMALL = b"""index: small
nothing: skip
answers: {s: {yes: [Yes, Ja], draft: [Draft], no: [No]}}
points: {p: {yes: 1, draft: 0.5, no: 0}, q: {value >= 10: 1, else: 0}}
rules: {strict: {points: {p: {draft: 0}}}}
indicators:
  a: {answers: s, points: p}
  b: {points: q}
  c: {steps: [minmax, round 3]}
nodes:
  top: {of: {a: 2, b: 1, c: 1}, aggregate: mean, steps: [round 4]}
"""
_DOUBT = b"""doubt: all
title: a doubt
weights: within 0.25
include: [a, b]
normalise: [minmax, zscore]
aggregate: {top: [mean, geometric]}
rules: [default, strict]
points: {'p.draft': uniform 0.2 0.6, 'p.yes': triangular 0.8 0.9 1}
nothing: {b: [skip, 0]}
recipes: {'*': {one: {nodes: {top: {aggregate: mean}}}, other: {nodes: {top: {aggregate: geometric}}}}}
"""
_BINDING = b"""binding: lake
instrument: lake-form
separator: ";"
unit: Country
period: {value: 2024}
technical: [1, Start time, {heading: "2024"}]
missing: {"-99": refused}
items:
  q1: {column: Country}
  q3: {column: 3, values: {Ja: yes, Nein: no}}
  q5: {shape: {onehot: {columns: {portal: P, app: A}, true: ["1"], false: ["0"]}}}
  q6: {column: Channels, shape: {delimited: {sep: ";", of: label}}}
"""
_EDGES = b"id,in,weight,label\na,top,2,First\nb,top,1,Second\nc,top,1,Third\n"
_OF_TABLE = b"""index: small
nothing: skip
indicators: table.csv
nodes: {top: {}}
"""


@cache
def small() -> ei.Index:
    """The index that weights, labels and doubts of this file are for."""
    from egovindex.spec.load import validated_index
    from egovindex.spec.strictyaml import read_yaml

    document = read_yaml(_SOUND.decode())
    return ei.Index(validated_index(document), document.origins)


_SOUND = b"""index: small
nothing: skip
answers: {s: {yes: [Yes, Ja], draft: [Draft], no: [No]}}
points: {p: {yes: 1, draft: 0.5, no: 0}}
indicators: {a: {answers: s, points: p}, b: {}, c: {}}
nodes: {top: {of: {a: 2, b: 1, c: 1}}}
"""


def _index(path: Path) -> object:
    index = ei.load_index(path)
    index.to_yaml()
    return index, index.tree


def _weights(path: Path) -> object:
    return ei.load_weights(path), ei.load_weights(path, index="un-egdi-2024")


def _doubt(path: Path) -> object:
    doubt = ei.load_doubt(path)
    return doubt, doubt.to_yaml() if hasattr(doubt, "to_yaml") else None


def _with_table(path: Path) -> object:
    file = path.with_name("small.yaml")
    file.write_bytes(_OF_TABLE.replace(b"table.csv", path.name.encode()))
    try:
        return ei.load_index(file)
    finally:
        file.unlink()


def _labels(path: Path) -> object:
    return small().with_labels(path)


def _named(contents: list[bytes]) -> list[bytes]:
    """Files under the name that the fuzzer gives them."""
    return [_NAME.sub(rb"\1 small", content, count=1) for content in contents]


_NAME = re.compile(rb"^(index:|instrument:|weights:) .*$", re.MULTILINE)


def _of_indices() -> list[bytes]:
    files = (
        "indicators/un-*.yaml",
        "indicators/w*.yaml",
        "tests/broken_specs/*.yaml",
        "src/egovindex/testing/region/*.yaml",
    )
    return [_SMALL] * 40 + [_SOUND] * 5 + _named([content for pattern in files for content in sound(pattern)])


def _of_instruments() -> list[bytes]:
    of_specs = [content for content in sound("tests/broken_specs/**/*.yaml") if content.startswith(b"instrument:")]
    return _named([FORM.encode()] * 10 + [*of_specs, *sound("indicators/un-msq-2022.yaml")])


def _of_weights() -> list[bytes]:
    return _named([*sound("weights/un-egdi-2024/*.yaml"), *sound("tests/broken_specs/weights/*.yaml")])


def _of_labels() -> list[bytes]:
    own = b"path,label\ntitle,Kleine\nindicators.a,Erste\nnodes.top,Alle\nanswers.s.yes,Ja\n"
    return [own, own, own, *sound("indicators/un-egdi-2024.fr.csv")]


_LABELS = ("title", "nodes.top", "answers.s.no", "indicators.b")


def _of_yaml(name: str, read: Callable[[Path], object], seeds: Callable[[], list[bytes]], share: float = 1.0) -> Reader:
    return Reader(name, ".yaml", read, cache(seeds), mutated_yaml, _WORDS, share)


READERS = [
    _of_yaml("index", _index, _of_indices, 3),
    Reader("index_table", ".csv", _with_table, lambda: [_EDGES, *sound("tests/broken_specs/*.csv")], words=_WORDS),
    _of_yaml("instrument", ei.load_instrument, _of_instruments),
    _of_yaml("weights", _weights, _of_weights),
    _of_yaml("doubt", _doubt, lambda: [_DOUBT]),
    _of_yaml("binding", ei.load_binding, lambda: [_BINDING]),
    _of_yaml("codebook", ei.load_codebook, lambda: sound("indicators/un-msq-2022-rules.yaml")),
    Reader("labels", ".csv", _labels, _of_labels, words=_LABELS),
]
