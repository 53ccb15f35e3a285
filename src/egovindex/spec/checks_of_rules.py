"""Faults of scoring rules: names, lines, and which of them are in force together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.spec import language, tree
from egovindex.spec.model import IndexFile
from egovindex.spec.places import IndexCheck, Place, no_effect

__all__ = ["CHECKS", "rules_disagree"]


def rule_removes_nothing(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, rule in file.rules.items():
        others = [other for known, other in file.rules.items() if known != name]
        said = {
            *(file.nothing or {}),
            *(kind for r in others for kind, o in (r.nothing or {}).items() if o is not None),
        }
        for kind, outcome in (rule.nothing or {}).items():
            if outcome is None and kind not in said:
                message = no_effect(f'rule "{name}", nothing, {kind}', "nothing has no line for it")
                message += did_you_mean(kind, said)
                yield place("rule_removes_nothing", ("rules", name, "nothing", kind), message)
        for points, patch in rule.points.items():
            lines = [*file.points.get(points, ())]
            lines += [line for r in others for line, o in r.points.get(points, {}).items() if o is not None]
            known = {language.line_key(str(line)) for line in lines}
            for line, outcome in patch.items():
                if outcome is None and language.line_key(str(line)) not in known:
                    message = no_effect(f'rule "{name}", {line}', f'points "{points}" has no such line')
                    message += did_you_mean(str(line), map(str, lines))
                    yield place("rule_removes_nothing", ("rules", name, "points", points, str(line)), message)


def unknown_rule(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name in tree.rules_in_force(file):
        if name not in file.rules:
            hint = did_you_mean(name, file.rules, otherwise=".")
            yield place(
                "unknown_rule", ("rule",), f'there is no rule "{name}"{hint} Rules: {listed(file.rules) or "none"}'
            )
    for name, rule in file.rules.items():
        for other in rule.replaces or ():
            if other not in file.rules:
                yield place(
                    "unknown_rule",
                    ("rules", name, "replaces"),
                    f'rule "{name}" replaces "{other}", which is not a rule{did_you_mean(other, file.rules)}',
                )


def rule_beside_its_replacement(file: IndexFile, place: Place) -> Iterator[Fault]:
    below: list[str] = []
    for layer in file.rule or ():
        below += layer
        for name in layer:
            replaced = (
                [other for other in file.rules[name].replaces or () if other in below] if name in file.rules else []
            )
            for other in replaced:
                message = f'rule: "{name}" replaces "{other}", and both are in force; keep one of them'
                yield place("rule_beside_its_replacement", ("rule",), message)


def rule_twice(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, count in Counter(tree.rules_in_force(file)).items():
        if count > 1:
            yield place("rule_twice", ("rule",), f'rule: "{name}" is in force {count} times; name it once')


def rule_beyond_points(file: IndexFile, place: Place) -> Iterator[Fault]:
    for name, rule in file.rules.items():
        for points in rule.points:
            if points not in file.points:
                hint = did_you_mean(points, [*file.points, "nothing"], otherwise=".")
                yield place(
                    "rule_beyond_points",
                    ("rules", name, "points", points),
                    f'rule "{name}": "{points}" is not a named points map{hint} '
                    f"A rule may set lines of {listed(file.points) or 'named maps'} and of nothing",
                )


def rules_disagree(file: IndexFile, place: Place) -> Iterator[Fault]:
    """Rules in force that set a line differently; asked once all else is right."""
    try:
        tree.apply_rules(file)
    except SpecError as error:
        yield from (place(f.check, ("rule",), f.message) for f in error.faults)


CHECKS: tuple[IndexCheck, ...] = (
    rule_removes_nothing,
    unknown_rule,
    rule_beside_its_replacement,
    rule_twice,
    rule_beyond_points,
)
