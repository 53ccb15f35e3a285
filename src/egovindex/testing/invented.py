"""Invented indices, written out of small integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from egovindex.spec import values
from egovindex.testing.cells import Limits, limits_of, nice

__all__ = ["FILE_CODES", "INDICATOR_CODES", "NODE_CODES", "Options", "Writer"]

_INDICATORS = (
    *("portal", "payments", "open_data", "helpdesk", "broadband", "identity", "literacy", "privacy", "training"),
    *("archive", "registry", "petition"),
)
_NODES = ("readiness", "services", "access", "skills", "law", "agency", "reach", "trust")
_LABELS = (
    "",
    "Portal of the Agency",
    'Forms: "online", yes',
    "no",
    "1.10",
    "# of forms",
    "null",
    "Ämter & Büros - 50 %",
)


@dataclass(frozen=True)
class Options:
    """What may occur in an invented index; see :func:`egovindex.testing.indices`."""

    aggregates: tuple[str, ...]
    steps: tuple[str, ...]
    max_indicators: int
    max_depth: int
    numeric: bool
    points: bool
    nothing: bool
    need: bool
    rules: bool


@dataclass
class _Part:
    """A record under way: what is written, and between which numbers it stays."""

    name: str
    record: dict[str, Any]
    low: float
    high: float
    depth: int = 0
    parents: int = 0


# a standard score of n units is below the square root of n
_FARTHEST = 10.0
_LARGEST = 1e6
_NARROWEST = 1e-6

# what may be done to numbers between two limits; the first number is the simplest
_STEP_TEXTS: dict[str, Callable[[float, float], Sequence[str]]] = {
    "minmax": lambda _, __: ["minmax", "minmax 0 100", "minmax 1 100", "minmax -1 1"],
    "zscore": lambda _, __: ["zscore", "zscore sample", "zscore 10 2", "zscore sample 100 15"],
    "goalposts": lambda a, b: _goalposts_texts(nice(a), nice(b)),
    "rank": lambda _, __: ["rank"],
    "out_of": lambda _, b: [f"out_of {nice(max(b, 1))}", "out_of 3"],
    "times": lambda _, __: ["times 100", "times 1/3", "times -1"],
    "round": lambda _, __: ["round 1", "round 0", "round 2 half_up"],
    "cap": lambda a, b: [f"cap {nice(b - (b - a) / 4)}"],
    "floor": lambda a, b: [f"floor {nice(a + (b - a) / 4)}"],
    "grid": lambda _, __: ["grid 4", "grid 25"],
    "top": lambda _, __: ["top 2", "top 1"],
    "bottom": lambda _, __: ["bottom 2", "bottom 1"],
    "distance": lambda a, b: [f"distance {nice((a + b) / 2)}", "distance median"],
    "winsorise": lambda _, __: ["winsorise 1", "winsorise 5"],
    "log": lambda a, _: ["log"] if a > 1e-3 else [],
}


def _goalposts_texts(low: float, high: float) -> list[str]:
    if not low < high:
        return []
    plain = [f"goalposts {low} {high}", f"goalposts {high} {low}"]
    return [*plain, f"goalposts {low} {high} log"] if low > 1e-3 else plain


_OPENERS = (
    *("minmax", "zscore", "goalposts 20 85", "cap 60", "floor 20", "grid 4", "out_of 4", "times 100", "log"),
    *("goalposts 6 0", "goalposts 1 100 log", "distance 40", "distance median", "top 2", "bottom 2"),
    *("winsorise 1", "rank", "round 0", "floor 1; log", "log; zscore"),
)


def _log_ends(numbers: Sequence[float], low: float, high: float) -> Sequence[float]:
    worst, best, *ends = (float(np.log(number)) for number in (*numbers, low, high))
    return [(end - worst) / (best - worst) for end in ends]


# numbers of a step, lowest and highest value before it -> two values between which all are after it
_ENDS: dict[str, Callable[[Sequence[float], float, float], Sequence[float]]] = {
    "out_of": lambda p, low, high: (low / p[0], high / p[0]),
    "times": lambda p, low, high: (low * p[0], high * p[0]),
    "floor": lambda p, low, high: (max(low, p[0]), max(high, p[0])),
    "cap": lambda p, low, high: (min(low, p[0]), min(high, p[0])),
    "log": lambda _, low, high: (float(np.log(low)), float(np.log(high))),
    "distance": lambda p, low, high: (0.0, max(abs(low - p[0]), abs(high - p[0])) if p else high - low),
    "zscore": lambda p, _, __: (p[0] - _FARTHEST * p[1], p[0] + _FARTHEST * p[1]) if p else (-_FARTHEST, _FARTHEST),
    "minmax": lambda p, _, __: p or (0.0, 1.0),
    "rank": lambda _, __, ___: (0.0, 1.0),
    "goalposts": lambda p, low, high: [(end - p[0]) / (p[1] - p[0]) for end in (low, high)],
    "grid": lambda p, low, high: (float(np.floor(low * p[0])) / p[0], float(np.ceil(high * p[0])) / p[0]),
    "round": lambda _, low, high: (float(np.floor(low)), float(np.ceil(high))),
}


def _after(step: values.Step, low: float, high: float) -> Limits:
    """Limits after a step."""
    numbers = [quantity.value for quantity in step.numbers]
    if step.name not in _ENDS:
        return low, high
    ends = (
        _log_ends(numbers, low, high)
        if step.name == "goalposts" and step.words
        else _ENDS[step.name](numbers, low, high)
    )
    return min(ends), max(ends)


# codes that the file, an indicator and a node take at most; each choice has its own, and the same list to
# choose from wherever it can be, so that a simpler choice here changes none there
FILE_CODES, INDICATOR_CODES, NODE_CODES = 12, 16, 40


class Writer:
    """Writes an index out of codes 0 to 255, zero being the simplest choice everywhere.

    The file and every record have codes of their own, so that one can be left out or made simpler
    without changing the others.

    Parameters
    ----------
    file
        Codes of the file.
    indicators, nodes
        Codes of each record.
    options
        What may occur.
    """

    def __init__(self, file: bytes, indicators: Sequence[bytes], nodes: Sequence[bytes], options: Options) -> None:
        self.record = file
        self.codes = iter(file)
        self.indicators = indicators
        self.nodes = nodes
        self.options = options
        self.parts: list[_Part] = []
        self.file: dict[str, Any] = {}

    def _at(self, start: int) -> None:
        """Go on with the codes of the record from here."""
        self.codes = iter(self.record[start:])

    def _code(self, below: int) -> int:
        return next(self.codes, 0) % below

    def _maybe(self, one_in: int) -> bool:
        return self._code(one_in) == one_in - 1

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[self._code(len(choices))] if len(choices) > 1 else choices[0]

    def document(self) -> dict[str, Any]:
        """The file of an index as plain data."""
        self.file = {"index": "invented", "title": "An invented index"}
        self._write_nothing()
        self._write_scale()
        rules = self._rules()
        turned = self._maybe(3)
        if self._maybe(6):
            self.file["defaults"] = {"nodes": {"classes": {"High": "0.5", "Low": "else"}}}
        for at, codes in enumerate(self.indicators):
            self.record = codes
            self.parts.append(self._indicator(_named(_INDICATORS, at)))
        indicators, nodes = list(self.parts), self._nodes()
        self.file["indicators"] = {part.name: part.record for part in indicators}
        self.file["nodes"] = {part.name: part.record for part in (nodes[::-1] if turned else nodes)}
        if any(_reads_scale(part.record) for part in indicators):
            self.file |= rules
        else:
            self.file = {key: found for key, found in self.file.items() if key not in ("answers", "points")}
        return self.file

    # --- the file
    def _write_nothing(self) -> None:
        if not self.options.nothing:
            return
        policies: list[Any] = [None, "skip", "void", "0", {"missing": "skip", "unknown": "0", "not_applicable": "skip"}]
        policies += [{"missing": "0", "refused": "skip"}, {"missing": "skip", "unknown": "void", "refused": "1/2"}]
        blanks = [None, *({"missing": outcome} for outcome in ("skip", "void", "0"))]
        chosen = self._pick(blanks if self.options.numeric else policies)
        if chosen is not None:
            self.file["nothing"] = chosen

    def _write_scale(self) -> None:
        """The scale that most indicators with answers share, its map, and a map of states."""
        nothing = self.file.get("nothing")
        scale: dict[str, list[str]] = {"yes": ["Y", "oui"], "drafted": ["in work"], "no": ["N"]}
        if isinstance(nothing, dict) and "refused" in nothing:
            scale["refused"] = ["no comment"]
        drafted = {"value": "0.4", "range": ["0.2", "0.6"], "basis": "ours"} if self._maybe(3) else self._pick(_SHARES)
        status: dict[str, Any] = {"yes": "1", "drafted": drafted, "no": "0"}
        if self.options.nothing and self._maybe(3):
            status["missing"] = self._pick(["0", "skip", "void"])
        self.file["answers"] = {"status": scale}
        self.file["points"] = {"status": status, "state": {"state is closed": "skip", "state is broken": "void"}}

    def _rules(self) -> dict[str, Any]:
        if not self.options.rules or not self._maybe(2):
            return {}
        rules = {
            "strict": {"label": "Only what is adopted counts", "status": {"drafted": "0"}},
            "open": {"status": {"proof is missing": "1/4", "drafted": "3/4"}, "replaces": "strict"},
        }
        chosen = self._pick([None, "strict", "open"])
        return {"rules": rules} if chosen is None else {"rules": rules, "rule": chosen}

    # --- indicators
    def _indicator(self, name: str) -> _Part:
        menu = ["number"]
        if self.options.points:
            menu += [] if self.options.numeric else ["scale", "proof", "state", "text"]
            menu += ["codes", "bands", "flagged", "reversed", "capped"]
        menu += ["first_of", "ratio"]
        self._at(0)
        kind = self._pick(menu)
        record, low, high = getattr(self, f"_{kind}")(name)
        part = _Part(name, record, low, high)
        self._at(3)
        if self._maybe(4):
            record["label"] = self._pick(_LABELS)
        self._at(5)
        if kind != "text" and self.options.steps and self._maybe(2):
            self._add_steps(part, most=2)
        self._at(12)
        if self.options.nothing and self.options.points and "points" not in record and self._maybe(6):
            self._add_missing(part)
        return part

    def _add_missing(self, part: _Part) -> None:
        """A line for blanks; a number only where no step would meet it."""
        outcome = self._pick(["skip", "0", "void", "50"])
        if not part.record.get("steps"):
            part.low, part.high = min(part.low, 0.0), max(part.high, 50.0)
        elif outcome in ("0", "50"):
            outcome = "skip"
        part.record["points"] = {"missing": outcome}

    def _number(self, name: str) -> tuple[dict[str, Any], float, float]:
        openers = [text.split("; ") for text in _OPENERS]
        openers = [texts for texts in openers if {text.split()[0] for text in texts} <= set(self.options.steps)]
        part = _Part(name, {}, 0.0, 100.0)
        if openers and self._maybe(2):
            part.record["steps"] = list(self._pick(openers))
            steps = [values.parse_step(text) for text in part.record["steps"]]
            part.low, part.high = limits_of(steps)
            for step in steps:
                part.low, part.high = _after(step, part.low, part.high)
        return part.record, part.low, part.high

    def _scale(self, _name: str) -> tuple[dict[str, Any], float, float]:
        record: dict[str, Any] = {"points": "status"}
        if self._maybe(3):
            record["answers"] = "status"
        if self.options.nothing and self._maybe(3):
            record["points"] = ["status", {"missing": self._pick(["0", "skip", "void"])}]
        return record, 0.0, 1.0

    def _proof(self, _name: str) -> tuple[dict[str, Any], float, float]:
        lines = {"answer is yes and proof is missing": "0", "yes": "1", "no": "0"}
        return {"points": lines, "answers": "status"}, 0.0, 1.0

    def _state(self, _name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": ["state", "status"]}, 0.0, 1.0

    def _text(self, _name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"else": "1", "missing": "0"} if self.options.nothing else {"else": "1"}}, 0.0, 1.0

    def _codes(self, _name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"0": "0", "1": self._pick(_SHARES), "2": "1"}}, 0.0, 1.0

    def _bands(self, _name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"value > 60": "1", "value >= 20": "1/2", "else": "0"}}, 0.0, 1.0

    def _flagged(self, _name: str) -> tuple[dict[str, Any], float, float]:
        lines = {"0": "0", "not flag is 1 and value > 10": "value - 10", "else": "value"}
        return {"points": lines}, 0.0, 100.0

    def _reversed(self, _name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"value > 80": "max(80 - value, -10)", "else": "80 - value"}}, -20.0, 80.0

    def _capped(self, _name: str) -> tuple[dict[str, Any], float, float]:
        limit = self._pick(["limit", *(part.name for part in self.parts if part.record == {})])
        return {"points": {f"value > {limit}": limit}}, 0.0, 100.0

    def _first_of(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"from": [f"{name}_new", f"{name}_old"]}, 0.0, 100.0

    def _ratio(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"from": f"{name}_users / {name}_people"}, 0.01, 100.0

    # --- steps
    def _add_steps(self, part: _Part, *, most: int) -> None:
        """More steps, each defined for the numbers that reach it."""
        steps: list[str] = list(part.record.get("steps", ()))
        names = [name for name in _STEP_TEXTS if name in self.options.steps]
        for _ in range(1 + self._code(most)):
            name, variant = self._pick(names), self._code(4)
            texts = _STEP_TEXTS[name](part.low, part.high) if part.high - part.low > _NARROWEST else []
            if not texts:
                continue
            chosen = texts[variant % len(texts)]
            low, high = _after(values.parse_step(chosen), part.low, part.high)
            if max(abs(low), abs(high)) <= _LARGEST:
                steps.append(chosen)
                part.low, part.high = low, high
        if steps:
            part.record["steps"] = steps
        turned = self._maybe(3)
        if turned and any(step.split()[0] in ("zscore", "minmax", "rank") for step in steps):
            part.record["direction"] = "down"

    # --- nodes
    def _nodes(self) -> list[_Part]:
        found: list[_Part] = []
        for turn, codes in enumerate(self.nodes):
            self.record = codes
            self._at(0)
            loose = [part for part in self.parts if part.parents == 0 and part.depth < self.options.max_depth]
            if not loose:
                break
            stays_open, mask, shares = self._maybe(3), 1 + self._code(15), self._maybe(6)
            last = turn == len(self.nodes) - 1 and not stays_open
            children = loose if last else [part for at, part in enumerate(loose[:4]) if mask >> at & 1] or loose[:1]
            used = [p for p in self.parts if p.parents and p not in children and p.depth < self.options.max_depth]
            if used and shares:
                children = [*children, self._pick(used)]
            node = self._node(_named(_NODES, turn), children)
            for child in children:
                child.parents += 1
            found.append(node)
            self.parts.append(node)
        return found

    def _node(self, name: str, children: list[_Part]) -> _Part:
        low, high = min(part.low for part in children), max(part.high for part in children)
        node = _Part(name, {}, low, high, depth=1 + max(part.depth for part in children))
        self._at(4)
        aggregate = self._aggregate(children)
        if aggregate == "formula":
            self._write_formula(node, children)
        else:
            self._write_children(node, aggregate, children)
        self._at(5)
        if self.options.need and aggregate != "formula" and self._maybe(4):
            node.record["need"] = self._pick(["1", "50%", "100%", str(len(children))])
        self._at(7)
        if self.options.points and self._maybe(4):
            self._write_node_points(node)
        self._at(11)
        if self.options.steps and self._maybe(3):
            self._add_steps(node, most=2)
        self._at(18)
        if self._maybe(5):
            middle = nice((node.low + node.high) / 2)
            upper = {"High": f"value >= {middle}", "Low": "else"}
            node.record["classes"] = self._pick([{"Top": middle, "Rest": "else"}, upper])
        return node

    def _aggregate(self, children: list[_Part]) -> str:
        """An aggregate that is defined for these children."""
        undefined: set[str] = set()
        largest = max(max(abs(part.low), abs(part.high)) for part in children)
        if min(part.low for part in children) < 0:
            undefined |= {"geometric", "harmonic"}
        if largest ** (2 * len(children)) > _LARGEST:
            undefined.add("product")
        if largest * 9 * len(children) > _LARGEST:
            undefined |= {"sum", "formula"}
        chosen: str = self._pick(self.options.aggregates)
        if chosen in undefined:
            chosen = next((name for name in self.options.aggregates if name not in undefined), "mean")
        return chosen

    def _write_children(self, node: _Part, aggregate: str, children: list[_Part]) -> None:
        weights = self._weights(aggregate, children)
        equal = all(weight == "1" for weight in weights)
        alone = all(part.parents == 0 for part in children)
        self._at(20)
        if self._maybe(4) and alone:
            for part, weight in zip(children, weights, strict=True):
                part.record["in"] = node.name
                if weight != "1":
                    part.record["weight"] = weight
        elif equal:
            node.record["of"] = [part.name for part in children]
        else:
            node.record["of"] = {part.name: weight for part, weight in zip(children, weights, strict=True)}
        if aggregate != "mean":
            node.record["aggregate"] = aggregate
        numbers = [values.parse_quantity(weight).value for weight in weights]
        if aggregate == "sum":
            ends = [sorted((w * p.low, w * p.high)) for w, p in zip(numbers, children, strict=True)]
            node.low, node.high = sum(a for a, _ in ends), sum(b for _, b in ends)
        elif aggregate == "product":
            largest = [max(abs(p.low), abs(p.high), 1.0) ** w for w, p in zip(numbers, children, strict=True)]
            node.high = float(np.prod(largest))
            node.low = 0.0 if node.low >= 0 else -node.high
        elif aggregate == "weakest":
            node.high += 0.5

    def _weights(self, aggregate: str, children: list[_Part]) -> list[str]:
        self._at(21)
        style = self._code(4)
        if style == 0:
            return ["1"] * len(children)
        choices = [["1", "2", "3", "5"], ["1", "0", "2"], ["1", "1/3", "0.25", "2"]][style - 1]
        if aggregate == "sum" and style == 1:
            choices = ["1", "-1", "2", "-1/2"]
        if aggregate == "product":
            whole = min(part.low for part in children) < 0
            choices = ["1", "2", "0"] if whole else ["1", "2", "1/2"]
        found = [self._pick(choices) for _ in children]
        return found if any(weight != "0" for weight in found) else ["1"] * len(children)

    def _write_formula(self, node: _Part, children: list[_Part]) -> None:
        names = [part.name for part in children]
        total = " + ".join(names)
        texts = [f"({total}) / {len(names)}", f"max({', '.join(names)}) - {names[0]} / 4", f"abs({total} - 1) / 2"]
        if len(names) == 1:
            texts = [f"{total} / 2 + 1", f"min({total}, 0.5)"]
        self._at(21)
        node.record["from"] = self._pick(texts)
        farthest = 2 + len(names) * max(abs(node.low), abs(node.high))
        node.low, node.high = -farthest, farthest

    def _write_node_points(self, node: _Part) -> None:
        low, high = node.low, node.high
        middle = nice((low + high) / 2)
        plain: list[tuple[dict[str, str], Limits]] = [
            ({f"value >= {middle}": "1", "else": "0"}, (0.0, 1.0)),
            ({f"value > {middle}": f"min(value, {middle})"}, (low, high)),
            ({"flag is 1": "skip"}, (low, high)),
        ]
        within = nice(min(max(0.0, low), high))
        of_gaps = [
            {"missing": str(within)},
            {"missing": "skip"},
            {"missing": "void"},
            {"value is missing": str(within), f"value >= {middle}": "value"},
            {"0": "void", "else": "value"},
        ]
        of_others = [*self._lines_on_others(node)]
        kind, which = self._code(3), self._code(30)
        if kind == 1 and self.options.nothing:
            node.record["points"] = of_gaps[which % len(of_gaps)]
        elif kind == 2 and of_others:
            node.record["points"] = of_others[which % len(of_others)]
        else:
            node.record["points"], (node.low, node.high) = plain[which % len(plain)]

    def _lines_on_others(self, node: _Part) -> Iterator[dict[str, str]]:
        """Lines that read another record: a cap, a gate, a state."""
        for other in self.parts:
            if other.low >= node.low and other.high <= node.high:
                yield {f"value > {other.name}": other.name}
            yield {f"{other.name} is missing": "skip"}
            if other.record.get("points") == "status":
                yield {f"{other.name} is not yes": "skip"}


def _named(words: Sequence[str], at: int) -> str:
    turn, word = divmod(at, len(words))
    return words[word] if turn == 0 else f"{words[word]}_{turn}"


def _reads_scale(record: dict[str, Any]) -> bool:
    points = record.get("points")
    return "answers" in record or points == "status" or (isinstance(points, list) and "status" in points)


_SHARES = ("1/2", "0.25", "2/3")
