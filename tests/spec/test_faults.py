"""Complaints of the models as faults: each once, at its line, and none that only follows from another."""

from __future__ import annotations

import pytest

import egovindex as ei
from egovindex.spec import load
from egovindex.spec.expand import expand_index
from egovindex.spec.strictyaml import read_yaml


def told(text: str) -> list[tuple[int | None, str]]:
    """Line and message of every fault of a file."""
    document, faults = expand_index(read_yaml(f"index: demo\n{text}", file="demo.yaml"))
    with pytest.raises(ei.SpecError) as caught:
        load.validated_index(document, faults)
    return [(fault.line, fault.message.split(";")[0].split(". ")[0]) for fault in caught.value.faults]


AB = "indicators: {a: {}, b: {}}\n"
TOP = "nodes: {top: {of: [a, b]}}\n"


@pytest.mark.parametrize("count", [2, 3, 12])
def test_every_wrong_item_of_a_list_is_told_once_at_its_line(count):
    steps = "".join(f"      - wrong{n}\n" for n in range(count))
    found = told(f"indicators:\n  a:\n    steps:\n{steps}  b: {{}}\n{TOP}")
    assert found == [(n + 5, f'indicators.a.steps.{n}: "wrong{n}" is not a step') for n in range(count)]


def test_wrong_items_between_right_ones_are_told_by_their_places():
    found = told(f"indicators:\n  a: {{steps: [cap 1, zscor, log, lgo, round 2]}}\n  b: {{}}\n{TOP}")
    assert [message.split(":")[0] for _, message in found] == ["indicators.a.steps.1", "indicators.a.steps.3"]


def test_faults_of_values_and_faults_of_the_whole_file_come_together():
    found = told("indicators:\n  a: {step: []}\nnodes:\n  top: {of: [a, zzz]}\n  part: {of: {a: much}, need: 3}")
    assert found == [
        (3, 'unknown key "step" in indicators.a'),
        (5, 'top has a child "zzz" that is neither an indicator nor a node'),
        (6, 'nodes.part.of.a: "much" is not a number'),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # a record that is no map is still a record
        (f"indicators:\n  a: text\n  b: {{}}\n{TOP}", 'indicators.a: a map is expected, found "text"'),
        (f"{AB}nodes:\n  top: {{of: [a, part]}}\n  part: text\n", 'nodes.part: a map is expected, found "text"'),
        ("nodes: {top: {of: [a]}}\nindicators:\n  - a\n", "indicators: a map is expected, found a list"),
        # what hangs on a wrong value is not told
        (f"{AB}nodes:\n  top: {{off: [a, b]}}\n", 'unknown key "off" in nodes.top'),
        (f"{AB}nodes:\n  top: {{of: 5}}\n", 'nodes.top.of.5: "5" cannot be an id'),
        (f"{AB}nodes:\n  top: {{of: {{a: x}}}}\n", 'nodes.top.of.a: "x" is not a number'),
        (f"{AB}nodes:\n  top: {{of: [a], classes: {{High: x, Low: else}}}}\n", 'nodes.top.classes.High: "x" is not'),
        ("nothing: skip\npoints: {m: 5}\n" + AB + TOP, 'points.m: a map is expected, found "5"'),
        (
            f"indicators:\n  a: {{direction: down, steps: [zscor]}}\n  b: {{}}\n{TOP}",
            'indicators.a.steps.0: "zscor" is',
        ),
        (f"indicatorss: {{a: {{}}, b: {{}}}}\n{TOP}", 'unknown key "indicatorss"'),
        ("answers: {s: {yes: {a: b}}}\nnothing: skip\npoints: {s: {yes: 1}}\n" + AB + TOP, "answers.s.yes"),
    ],
)
def test_a_wrong_value_is_told_without_what_follows_from_it(text, message):
    found = told(text)
    assert len(found) == 1, found
    assert found[0][1].startswith(message)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{steps: [lgo]}", 'indicators.a1.steps.0: "lgo" is not a step'),
        ("{stesp: [log]}", 'unknown key "stesp" in indicators.a1'),
        ("{points: levle}", 'a1: there is no points map "levle"'),
        ("{answers: status}", 'a1: there is no scale "status"'),
        ("{direction: down}", "a1: direction down has no effect: none of its steps is zscore, minmax or rank"),
        ("text", 'indicators.a1: a map is expected, found "text"'),
    ],
)
def test_a_fault_that_is_written_once_for_a_range_is_told_once(record, message):
    found = told(f"indicators:\n  a1..a30: {record}\nnodes: {{top: {{of: [a1..a30]}}}}")
    assert found == [(3, message)]


def test_a_fault_of_the_defaults_is_told_once():
    assert told(f"defaults:\n  indicators: {{points: levle, answers: status}}\n{AB}{TOP}") == [
        (3, 'defaults.indicators: there is no points map "levle"'),
        (3, 'defaults.indicators: there is no scale "status"'),
    ]


def test_the_same_fault_written_twice_is_told_twice_also_in_one_line():
    found = told(f"indicators: {{a: {{steps: [lgo]}}, b: {{steps: [lgo]}}}}\n{TOP}")
    assert found == [(2, 'indicators.a.steps.0: "lgo" is not a step'), (2, 'indicators.b.steps.0: "lgo" is not a step')]
    found = told(f"indicators: {{a: {{points: m}}, b: {{points: m}}}}\n{TOP}")
    assert found == [(2, 'a: there is no points map "m"'), (2, 'b: there is no points map "m"')]


def test_two_children_that_are_missing_from_one_range_are_both_told():
    found = told("indicators: {a1: {}, a3: {}}\nnodes:\n  top: {of: [a1..a4]}")
    assert [message.split('"')[1] for _, message in found] == ["a2", "a4"]


def test_one_value_written_for_a_list_has_the_place_of_the_key():
    assert told(f"nothing: skip\nindicators:\n  a: {{points: {{1: 1/0}}}}\n  b: {{}}\n{TOP}") == [
        (4, 'indicators.a.points.1: "1/0" divides by zero')
    ]
