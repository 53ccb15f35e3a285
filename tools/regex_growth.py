"""How the work of every regular expression in src grows with the text, counted in steps rather than in seconds.

Python's matcher goes back and tries again; on hostile text that may take steps in the square of its length, or more.
Here a small matcher of the same kind counts its steps. Texts are pumped: what a pattern repeats, many times over, with
an end that does not fit. A pattern is linear if twice the text takes about twice the steps.

    python tools/regex_growth.py            every pattern: its exponent, and the worst text found
    python tools/regex_growth.py --seconds  the same with Python's own matcher, on long texts
"""

from __future__ import annotations

import argparse
import ast
import importlib
import itertools
import math
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src"

CALLS = ("compile", "match", "search", "sub", "subn", "fullmatch", "split", "findall", "finditer")
MOST_STEPS = 60_000
_MOST_STARTS, _MOST_PUMPS = 12, 36


@dataclass(frozen=True)
class Use:
    """One pattern of the source, and how it is used."""

    place: str  # module:name, or module:line where it has no name
    pattern: str
    flags: int
    how: frozenset[str]

    @property
    def modes(self) -> list[str]:
        """How its steps are to be counted."""
        how = self.how or {"finditer"}
        return sorted({word if word in ("fullmatch", "match", "search") else "finditer" for word in how})


# ------------------------------------------------------------------------------------- what stands in the source


def uses(top: Path = SRC) -> tuple[list[Use], list[str]]:
    """Every pattern of the source, and the places where one is made out of what is not known here."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(top.rglob("*.py"))}
    found, unknown = [], []
    for path, tree in trees.items():
        module = ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__")
        names = {id(call): name for name, call in _named(tree)}
        for call in ast.walk(tree):
            if not _is_of_re(call):
                continue
            name = names.get(id(call), "")
            how = _methods(trees, path, name) if call.func.attr == "compile" else {call.func.attr}
            place = f"{module}:{name or call.lineno}"
            try:
                space = vars(importlib.import_module(module))
                pattern, flags = _written(call, space)
            except NameError:
                unknown.append(f"{module}:{ast.unparse(call)}")
                continue
            patterns = pattern if isinstance(pattern, list) else [pattern]
            found += [
                Use(place, one if isinstance(one, str) else one.decode("latin-1"), flags, frozenset(how))
                for one in patterns
            ]
    return found, unknown


def _methods(trees: dict[Path, ast.AST], home: Path, name: str) -> set[str]:
    """What is called on a name, where it is made and, if it is public, elsewhere."""
    places = [home] if name.startswith("_") else list(trees)
    return {
        node.attr
        for place in places
        for node in ast.walk(trees[place])
        if isinstance(node, ast.Attribute)
        and node.attr in CALLS
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def _named(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            for inner in ast.walk(node.value):
                yield node.targets[0].id, inner


def _is_of_re(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in CALLS
    )


def _written(call: ast.Call, space: dict[str, Any]) -> tuple[Any, int]:
    """The pattern and flags of a call, out of the names of its module; a list where a comprehension makes several."""
    flags = 0
    for word in [*call.args[1:], *(word.value for word in call.keywords if word.arg == "flags")]:
        if any(isinstance(part, ast.Attribute) and part.attr.isupper() for part in ast.walk(word)):
            flags |= int(eval(compile(ast.Expression(word), "re", "eval"), space))  # noqa: S307 - our own source
    pattern = call.args[0]
    if isinstance(pattern, ast.JoinedStr) and any(
        isinstance(part, ast.Name) and part.id not in space for part in ast.walk(pattern)
    ):
        made = space.get("_SIGNS") if "signs" in ast.unparse(pattern) else None
        if made is None:
            raise NameError(ast.unparse(pattern))
        return [one.pattern for one in made], int(made[0].flags) & ~re.UNICODE.value
    return eval(compile(ast.Expression(pattern), "re", "eval"), space), flags  # noqa: S307 - our own source


# ------------------------------------------------------------------------------------------ a matcher that counts


class TooManyStepsError(Exception):
    """The text takes more steps than are counted."""


class Counter:
    """A matcher that goes back and tries again, and counts."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.tree = parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.text = ""
        self.steps = 0

    def count(self, text: str, mode: str) -> int:
        """Steps of one call: ``fullmatch``, ``match``, ``search`` or ``finditer`` to its end."""
        self.text, self.steps = text, 0
        try:
            self._run(mode)
        except (TooManyStepsError, RecursionError):
            return MOST_STEPS
        return self.steps

    def _run(self, mode: str) -> None:
        nodes, last = list(self.tree), len(self.text)
        start = 0
        while start <= last:
            ends: list[int] = []

            def then(at: int, ends: list[int] = ends) -> bool:
                if mode == "fullmatch" and at != last:
                    return False
                ends.append(at)
                return True

            found = self._sequence(nodes, 0, start, {}, then)
            if mode in ("fullmatch", "match") or (found and mode == "search"):
                return
            start = max(ends[0], start + 1) if found else start + 1

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManyStepsError

    def _sequence(  # noqa: PLR0911 - one way for each kind
        self, nodes: list[Any], at: int, pos: int, groups: dict[int, str], then: Callable[[int], bool]
    ) -> bool:
        if at == len(nodes):
            return then(pos)
        kind, value = nodes[at]
        rest = lambda end: self._sequence(nodes, at + 1, end, groups, then)  # noqa: E731
        self._step()
        if kind in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            return pos < len(self.text) and self._is(kind, value, self.text[pos]) and rest(pos + 1)
        if kind is op.BRANCH:
            return any(self._sequence(list(way), 0, pos, groups, rest) for way in value[1])
        if kind is op.SUBPATTERN:
            group, _, _, body = value
            return self._sequence(list(body), 0, pos, groups, lambda end: self._kept(groups, group, pos, end, rest))
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            return self._repeat(kind, value, pos, groups, rest)
        if kind is op.ATOMIC_GROUP:
            return self._atom(list(value), pos, groups, rest)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return self._look(kind, value, pos, groups) and rest(pos)
        if kind is op.AT:
            return self._at(value, pos) and rest(pos)
        if kind is op.GROUPREF:
            written = groups.get(value, "")
            return self.text.startswith(written, pos) and rest(pos + len(written))
        raise NotImplementedError(str(kind))

    def _kept(
        self, groups: dict[int, str], group: int | None, start: int, end: int, rest: Callable[[int], bool]
    ) -> bool:
        if group is not None:
            groups[group] = self.text[start:end]
        return rest(end)

    def _atom(self, body: list[Any], pos: int, groups: dict[int, str], rest: Callable[[int], bool]) -> bool:
        ends: list[int] = []
        found = self._sequence(body, 0, pos, groups, lambda end: ends.append(end) is None)
        return found and rest(ends[0])

    def _look(self, kind: Any, value: Any, pos: int, groups: dict[int, str]) -> bool:
        direction, body = value
        start = pos if direction > 0 else pos - body.getwidth()[0]
        wanted = (lambda _: True) if direction > 0 else (lambda end: end == pos)
        found = start >= 0 and self._sequence(list(body), 0, start, groups, wanted)
        return found if kind is op.ASSERT else not found

    def _repeat(self, kind: Any, value: Any, pos: int, groups: dict[int, str], rest: Callable[[int], bool]) -> bool:
        low, high, body = value
        most = math.inf if high is op.MAXREPEAT else int(high)
        body = list(body)
        if len(body) == 1 and body[0][0] in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            return self._of_one(kind, low, most, body[0], pos, rest)

        def further(count: int, here: int) -> bool:
            def again(end: int) -> bool:
                return end > here and further(count + 1, end)

            more = lambda: count < most and self._sequence(body, 0, here, groups, again)  # noqa: E731
            if kind is op.MIN_REPEAT:
                return (count >= low and rest(here)) or more()
            if kind is op.POSSESSIVE_REPEAT:
                return bool(more()) or (count >= low and rest(here))
            return bool(more()) or (count >= low and rest(here))

        return further(0, pos)

    def _of_one(self, kind: Any, low: int, most: float, one: Any, pos: int, rest: Callable[[int], bool]) -> bool:
        longest = pos
        while longest < len(self.text) and longest - pos < most and self._is(*one, self.text[longest]):
            self._step()
            longest += 1
            if kind is op.MIN_REPEAT and longest - pos > low and rest(longest - 1):
                return True
        if longest - pos < low:
            return False
        if kind is op.POSSESSIVE_REPEAT:
            return rest(longest)
        if kind is op.MIN_REPEAT:
            return rest(longest)
        return any(self._back(end, rest) for end in range(longest, pos + low - 1, -1))

    def _back(self, end: int, rest: Callable[[int], bool]) -> bool:
        self._step()
        return rest(end)

    def _at(self, value: Any, pos: int) -> bool:
        text, last = self.text, len(self.text)
        if value in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return pos == 0 or (bool(self.flags & re.MULTILINE) and text[pos - 1] == "\n")
        if value is op.AT_END:
            return (
                pos == last
                or (pos == last - 1 and text[pos] == "\n")
                or (bool(self.flags & re.MULTILINE) and text[pos] == "\n")
            )
        if value is op.AT_END_STRING:
            return pos == last
        before = pos > 0 and (text[pos - 1].isalnum() or text[pos - 1] == "_")
        behind = pos < last and (text[pos].isalnum() or text[pos] == "_")
        return (before != behind) == (value is op.AT_BOUNDARY)

    def _is(self, kind: Any, value: Any, letter: str) -> bool:
        letters = {letter, letter.lower(), letter.upper()} if self.flags & re.IGNORECASE else {letter}
        return any(_one_is(kind, value, one, self.flags) for one in letters)


def _one_is(kind: Any, value: Any, letter: str, flags: int) -> bool:
    if kind is op.LITERAL:
        return ord(letter) == value if len(letter) == 1 else False
    if kind is op.NOT_LITERAL:
        return ord(letter[0]) != value
    if kind is op.ANY:
        return letter != "\n" or bool(flags & re.DOTALL)
    found, turned = False, False
    for what, of in value:
        if what is op.NEGATE:
            turned = True
        elif what is op.LITERAL:
            found |= len(letter) == 1 and ord(letter) == of
        elif what is op.RANGE:
            found |= len(letter) == 1 and of[0] <= ord(letter) <= of[1]
        elif what is op.CATEGORY:
            found |= _of_category(of, letter)
    return found != turned


def _of_category(category: Any, letter: str) -> bool:
    name = str(category)
    found = {
        "DIGIT": letter.isdigit(), "SPACE": letter.isspace(), "WORD": letter.isalnum() or letter == "_",
    }[name.rpartition("_")[2]]  # fmt: skip
    return found != ("NOT" in name)


# ------------------------------------------------------------------------------------------------ hostile texts


def letters_of(tree: Any, flags: int) -> list[str]:
    """One letter of each kind that a pattern tells apart."""
    seen: dict[tuple[bool, ...], str] = {}
    ones = [(kind, value) for kind, value in _leaves(tree) if kind in (op.LITERAL, op.NOT_LITERAL, op.IN)]
    written = [chr(value) for kind, value in ones if kind is op.LITERAL]
    written += [chr(of) for kind, value in ones if kind is op.IN for what, of in value if what is op.LITERAL]
    for letter in dict.fromkeys([*written, *"a1 .-_@/:(\n\té\x00"]):
        seen.setdefault(tuple(_one_is(kind, value, letter, flags) for kind, value in ones), letter)
    return list(seen.values())


def _leaves(tree: Any) -> Iterator[tuple[Any, Any]]:
    for kind, value in tree:
        yield kind, value
        for below in _below(kind, value):
            yield from _leaves(below)


def _below(kind: Any, value: Any) -> list[Any]:
    if kind is op.BRANCH:
        return list(value[1])
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    return [value[1]] if kind in (op.ASSERT, op.ASSERT_NOT) else []


def samples(tree: Any, letters: list[str], flags: int) -> str:
    """A short text that a tree matches, as far as can be told without trying."""
    made = ""
    for kind, value in tree:
        if kind in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            made += next((one for one in letters if _one_is(kind, value, one, flags)), "")
        elif kind is op.BRANCH:
            made += samples(value[1][0], letters, flags)
        elif kind is op.SUBPATTERN:
            made += samples(value[3], letters, flags)
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            made += samples(value[2], letters, flags) * max(int(value[0]), 1 if value[1] is op.MAXREPEAT else 0)
        elif kind is op.ATOMIC_GROUP:
            made += samples(value, letters, flags)
    return made


def pumps(pattern: str, flags: int) -> Iterator[tuple[str, str, str]]:
    """Beginning, what is repeated, and end of hostile texts."""
    tree = parser.parse(pattern, flags)
    flags = tree.state.flags
    letters = letters_of(tree, flags)
    nodes = list(tree)
    starts = dict.fromkeys(["", *(samples(nodes[:at], letters, flags) for at in range(1, len(nodes) + 1))])
    bodies = [
        samples(value[2], letters, flags)
        for kind, value in _leaves(tree)
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and (value[1] is op.MAXREPEAT or value[1] > 3)
    ]
    pairs = ["".join(pair) for pair in itertools.permutations(letters[:6], 2)]
    repeated = dict.fromkeys(one for one in [*letters, *bodies, *pairs] if one)
    starts = list(starts)[:_MOST_STARTS]
    yield from itertools.product(starts, list(repeated)[:_MOST_PUMPS], ("\x00", ""))


def exponent(use: Use, length: int = 40) -> tuple[float, str]:
    """How the steps grow with the length of the worst text found, and that text in short."""
    counter = Counter(use.pattern, use.flags)
    worst, told = 0.0, ""
    for mode, (start, pump, end) in itertools.product(use.modes, pumps(use.pattern, use.flags)):
        times = max(length // len(pump), 4)
        few, many = (counter.count(start + pump * (times * factor) + end, mode) for factor in (1, 2))
        grown = math.inf if many >= MOST_STEPS else math.log2(max(many, 1) / max(few, 1))
        if grown > worst:
            worst, told = grown, f"{start!r} + {pump!r} * n + {end!r}"
        if worst > 1.7:
            break
    return worst, told


def seconds(use: Use, text: str) -> float:
    """What Python's own matcher takes."""
    compiled = re.compile(use.pattern, use.flags)
    began = time.perf_counter()
    if use.how and use.how <= {"fullmatch"}:
        compiled.fullmatch(text)
    elif use.how and use.how <= {"fullmatch", "match"}:
        compiled.match(text)
    else:
        for _ in compiled.finditer(text):
            pass
    return time.perf_counter() - began


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", action="store_true", help="measure Python's own matcher on long texts")
    asked.add_argument("--only", default="", help="places that hold this text")
    options = asked.parse_args()
    sys.setrecursionlimit(20_000)
    found, unknown = uses()
    for use in found:
        if options.only not in use.place:
            continue
        grown, text = exponent(use)
        line = f"{grown:5.2f}  {use.place}  {'+'.join(sorted(use.how)) or '?'}  {text}"
        if options.seconds and text:
            start, pump, end = (ast.literal_eval(part.removesuffix(" * n")) for part in text.split(" + "))
            times = [seconds(use, start + pump * n + end) for n in (2_000, 4_000)]
            line += f"  {times[0]:.4f} s, {times[1]:.4f} s"
        print(line)
    for place in unknown:
        print(f"made as it runs: {place}")


if __name__ == "__main__":
    main()
