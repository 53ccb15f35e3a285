"""Property tests of your own: how do scores respond to answers and weights?

Three Hypothesis strategies draw invented indices, tables that fit an index (also your own), and
weight sets; :func:`check_laws` tries the laws that a composite index should keep, on a table of yours
or on drawn ones, with a minimal counterexample where one fails. Only the strategies need Hypothesis::

    from hypothesis import given
    from egovindex import testing


    @given(testing.tables("un-egdi-parts-2024"))
    def test_no_score_above_one(table):
        assert (egovindex.compute("un-egdi-parts-2024", table).scores["EGDI"] <= 1).all()

Everything is drawn as small integers and mapped to labels once, which is fast and shrinks to small
cases. Units and agencies are invented: nobody takes a test for a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.errors import DataError, Fault, MethodError, SpecError, did_you_mean, listed
from egovindex.evaluate import evaluate
from egovindex.formulas import holds
from egovindex.index import Index, load_index
from egovindex.kernels.rank import competition_ranks
from egovindex.plan import NodePlan, Plan
from egovindex.points import MISSING, SCORED, VOID, VOIDED
from egovindex.result import IndexResult
from egovindex.scores import Scores
from egovindex.spec import language, values
from egovindex.spec.expand import expand_index
from egovindex.spec.load import document_of, validated_index
from egovindex.spec.model import WeightSet
from egovindex.spec.tree import Branch, Leaf
from egovindex.spec.words import AGGREGATES
from egovindex.tables import row_headings

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["LAWS", "UNITS", "assert_results_equal", "check_laws", "indices", "tables", "weight_sets"]

AnyIndex = str | Path | Index
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.intp]
Limits = tuple[float, float]
Numbers = Limits | Mapping[str, Limits] | None

UNITS = (
    *("Abaria", "Belmora", "Cordania", "Dremia", "Estovia", "Fennmark", "Galdora", "Hestria", "Iskandia", "Jorvia"),
    *("Kaldera", "Lorvania", "Meridia", "Norlund", "Ostria", "Pelagia", "Quorland", "Ravinia", "Sundara", "Tavaria"),
    *("Umbria Nova", "Veldania", "Westmark", "Xanthia", "Yarnovia", "Zephyria"),
)
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


def _strategies() -> Any:
    """Hypothesis, or a message that says how to get it."""
    try:
        import hypothesis.strategies
    except ImportError:
        message = 'strategies draw with Hypothesis, which is not installed: pip install "egovindex[testing]"'
        raise ImportError(message) from None
    return hypothesis.strategies


def _nice(number: float) -> float:
    """A number with at most six digits, so that a counterexample can be read."""
    short = float(f"{number:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


# --- what an indicator may be told -------------------------------------------------------------


def _limits_of(steps: Sequence[values.Step]) -> Limits:
    """Sensible numbers for a column, read off the first step that has limits."""
    low, high = 0.0, 100.0
    for step in steps:
        given = [quantity.value for quantity in step.numbers]
        if step.name == "goalposts":
            worst, best = given
            # a little better than the best is common, worse than the worst ends a geometric mean
            beyond = best if "log" in step.words else best + (best - worst) / 20
            low, high = min(worst, beyond), max(worst, beyond)
        elif step.name == "cap":
            low, high = min(0.0, 1.2 * given[0]), max(1.2 * given[0], 1.0)
        elif step.name == "floor":
            low, high = given[0] - abs(given[0]) / 2, given[0] + max(10.0, abs(given[0]))
        elif step.name == "grid":
            high = 1.0
        elif step.name in ("out_of", "distance"):
            high = abs(given[0]) * (1 if step.name == "out_of" else 2) if given else high
        elif step.name == "times":
            high = 100 / max(abs(given[0]), 1.0)
        elif step.name != "log":
            continue
        break
    logs = [at for at, step in enumerate(steps) if step.name == "log" or "log" in step.words]
    lifted = any(step.name == "floor" and step.numbers[0].value > 0 for step in steps[: logs[0]]) if logs else True
    return (low if lifted else max(low, high / 100)), high


def _spread(low: float, high: float) -> list[float]:
    """Numbers between two limits: round ones first, some uneven ones after."""
    even = np.linspace(low, high, 11)
    uneven = low + (high - low) * (np.arange(1, 20) * 0.6180339887498949 % 1)
    return list(dict.fromkeys(_nice(float(number)) for number in (*even, *uneven)))


def _truth(test: Any, answer: float | str, own: Collection[str]) -> bool | None:
    """Whether a sentence is true of an answer alone; ``None`` where it depends on something else."""
    if isinstance(test, (language.And, language.Or)):
        parts = [_truth(part, answer, own) for part in test.of]
        decisive = isinstance(test, language.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(test, language.Not):
        inner = _truth(test.of, answer, own)
        return None if inner is None else not inner
    if isinstance(test, language.Is):
        if test.name not in own:
            return None
        return any(_is(category, answer) for category in test.categories) != test.negated
    if set(language.names_in(test)) - {"value"}:
        return None
    number = np.array([answer if isinstance(answer, (int, float)) else np.nan])
    return bool(np.all(holds(test, lambda _: number, _no_category)))


def _no_category(test: language.Is) -> Bools:
    raise AssertionError(f"a comparison has no categories: {test}")


def _is(category: str, answer: float | str) -> bool:
    if isinstance(answer, str):
        return category.strip().casefold() == answer.strip().casefold()
    try:
        return language.parse_number(category) == answer
    except ValueError:
        return False


@dataclass(frozen=True)
class _Reader:
    """What one indicator accepts in its column."""

    leaf: Leaf
    kinds: frozenset[str]  # every known kind of nothing
    policies: frozenset[str]  # kinds the file has a policy for
    scale: Mapping[str, tuple[str, ...]]

    @cached_property
    def own(self) -> frozenset[str]:
        return frozenset({"answer", "value", self.leaf.id, *(column.text for column in self.leaf.columns)})

    @cached_property
    def named(self) -> list[str]:
        """Categories and numbers that lines name."""
        found = [line.test.text for line in self.leaf.lines if isinstance(line.test, language.Literal)]
        for line in self.leaf.lines:
            if not isinstance(line.test, (language.Literal, language.Else)):
                found += [c for i in language.categories_in(line.test) if i.name in self.own for c in i.categories]
        return [word for word in found if word.casefold() not in self.kinds]

    @cached_property
    def thresholds(self) -> list[float]:
        """Numbers that lines compare the answer with."""
        found: list[float] = []
        for line in self.leaf.lines:
            if not isinstance(line.test, (language.Literal, language.Else)):
                found += _numbers_beside(line.test, "value")
        return found

    @cached_property
    def nothing(self) -> frozenset[str]:
        """Kinds of nothing that have a policy here."""
        tests = [line.test for line in self.leaf.lines]
        own = {test.text.casefold() for test in tests if isinstance(test, language.Literal)} & self.kinds
        return self.policies | own

    def accepts(self, answer: float | str) -> bool:
        """Whether some line catches the answer, or a number may pass."""
        closed = False
        for line in self.leaf.lines:
            test, outcome = line.test, line.outcome
            names = set(language.names_in(outcome)) if isinstance(outcome, language.Formula) else set()
            if isinstance(test, language.Literal):
                closed = closed or test.text.casefold() not in self.kinds
                holds: bool | None = _is(test.text, answer)
            else:
                holds = True if isinstance(test, language.Else) else _truth(test, answer, self.own)
            if holds and not (names and isinstance(answer, str)):
                return True
        return not isinstance(answer, str) and not closed

    def cells(self, limits: Limits | None) -> list[Any]:
        """Answers, simplest first, in several spellings."""
        found: list[Any] = []
        words: list[float | str] = []
        for word in dict.fromkeys([*self.named, *self.scale]):
            if word.casefold() in self.kinds:
                continue
            try:
                words.append(_nice(language.parse_number(word)))
            except ValueError:
                words.append(word)
        words = [word for word in words if self.accepts(word)]
        found += words
        for word in words:
            if isinstance(word, str):
                found += [word.upper(), *self.scale.get(word, ())[:1]]
        if not self.scale and not any(isinstance(word, str) for word in words):
            found += [number for number in self.numbers(limits) if self.accepts(number)]
            found += ["given"] if self.accepts("given") else []
        return list(dict.fromkeys(found))

    def numbers(self, limits: Limits | None) -> list[float]:
        marks = self.thresholds
        if limits is None and marks:
            limits = min(0.0, *marks), 1.5 * max(1.0, *marks)
        low, high = limits or _limits_of(self.leaf.steps)
        around = [_nice(mark + shift * (high - low)) for mark in marks for shift in (0, 0.02, -0.02)]
        return [*_spread(low, high), *(number for number in around if low <= number <= high)]


def _numbers_beside(tree: Any, name: str) -> list[float]:
    """Numbers that a test compares a name with."""
    if isinstance(tree, (language.And, language.Or)):
        return [number for part in tree.of for number in _numbers_beside(part, name)]
    if isinstance(tree, language.Not):
        return _numbers_beside(tree.of, name)
    if isinstance(tree, language.Compare):
        sides = (tree.left, tree.right)
        if language.Name(name) in sides:
            return [side.value for side in sides if isinstance(side, language.Number)]
    return []


@dataclass(frozen=True)
class _Column:
    """A heading with the cells that may stand under it, simplest first."""

    heading: str
    cells: tuple[Any, ...]
    nothing: tuple[Any, ...] = ()  # spellings of nothing; None is a blank
    least: int = 0  # answers that are needed, by a step such as top 10
    differs: bool = False  # zscore and minmax need two that differ
    gaps: int = 32  # of 256 codes, the highest that stand for nothing

    @property
    def numeric(self) -> bool:
        return all(isinstance(cell, (int, float)) for cell in self.cells) and set(self.nothing) <= {None}

    def series(self, codes: Codes, groups: Sequence[Codes]) -> list[Any] | Floats:
        """Codes 0 to 255 as cells: zeros walk through the cells, the highest are nothing."""
        at = (codes + np.arange(len(codes))) % len(self.cells)
        blank = (codes >= 256 - self.gaps) if self.nothing else np.zeros(len(codes), dtype=bool)
        for rows in groups:
            least = max(self.least, 2 if self.differs else 0)
            lacking = least - int((~blank[rows]).sum())
            if lacking > 0:
                blank[rows[blank[rows]][:lacking]] = False
            answered = rows[~blank[rows]]
            if self.differs and len(answered) > 1 and len(set(at[answered])) == 1:
                at[answered[0]] = (at[answered[0]] + len(self.cells) // 2) % len(self.cells)
        found = [self.cells[position] for position in at]
        for row in np.flatnonzero(blank):
            found[row] = self.nothing[(255 - codes[row]) % len(self.nothing)]
        if self.numeric:
            return np.array([np.nan if cell is None else cell for cell in found], dtype=np.float64)
        return found


class _TableMaker:
    """Turns codes into a table that fits an index."""

    def __init__(self, index: Index, *, numbers: Numbers, blanks: bool, periods: Sequence[Any]) -> None:
        self.index = index
        self.file = index.file
        self.tree = index.tree
        self.numbers = numbers
        self.blanks = blanks
        self.kinds = frozenset(kind.casefold() for kind in self.tree.kinds)
        self.keys = row_headings(self.file)
        reference = self.file.reference
        named = reference is not None and reference.periods not in ("each", "all")
        self.periods = tuple(periods) or ((reference.periods,) if named and reference is not None else ())
        self.across = reference is not None and reference.periods == "all"
        columns = list(self._columns())
        # about one gap in a row, so that not every score of a wide index is void
        gaps = min(32, max(256 // max(len(columns), 1), 1))
        self.columns = tuple(replace(column, gaps=gaps) for column in columns)

    @property
    def least(self) -> int:
        """Units without which a step cannot be learned."""
        return max((column.least for column in self.columns), default=0)

    def size(self, units: int) -> int:
        """Codes that a table of so many units takes."""
        return units * max(len(self.periods), 1) * len(self.columns)

    def frame(self, codes: Codes, units: int) -> pd.DataFrame:
        """The table of these codes."""
        rows = units * max(len(self.periods), 1)
        codes = codes.reshape(rows, len(self.columns))
        position = np.arange(rows)
        found: dict[str, Any] = {self.keys["unit"]: [_unit(at % units) for at in position]}
        groups: tuple[Codes, ...] = (position,)
        if self.periods:
            found[self.keys["period"]] = [self.periods[at // units] for at in position]
            groups = groups if self.across else tuple(position.reshape(len(self.periods), units))
        for at, column in enumerate(self.columns):
            found[column.heading] = column.series(codes[:, at], groups)
        return pd.DataFrame(found)

    def scored(self, table: pd.DataFrame) -> pd.DataFrame | None:
        """The table, or ``None`` where the index is not defined for it."""
        try:
            evaluate(self.index.plan(table))
        except MethodError:
            return None
        except DataError as error:
            if {fault.check for fault in error.faults} <= _BY_CHANCE:
                return None
            raise
        return table

    # --- columns
    def heading(self, name: str) -> str:
        return self.file.columns.get(name, name)

    def reader(self, leaf: Leaf) -> _Reader:
        policies = frozenset(kind.casefold() for kind in self.tree.nothing)
        scale = self.file.answers.get(leaf.scale, {}) if leaf.scale is not None else {}
        return _Reader(leaf, self.kinds, policies, scale)

    def _limits(self, heading: str) -> Limits | None:
        if isinstance(self.numbers, Mapping):
            return self.numbers.get(heading)
        return self.numbers

    def _columns(self) -> Iterator[_Column]:
        readers: dict[str, list[_Reader]] = {}
        parts: dict[str, list[_Reader]] = {}
        for leaf in self.tree.leaves.values():
            for column in leaf.columns:
                if column.formula is None:
                    readers.setdefault(self.heading(column.text), []).append(self.reader(leaf))
                    continue
                for name in language.names_in(column.formula):
                    other = self.tree.leaves.get(name)
                    known = other is not None and name not in self.file.columns
                    heading = other.columns[0].text if known and other is not None else name
                    parts.setdefault(self.heading(heading), []).append(self.reader(leaf))
        for heading, found in readers.items():
            yield self._read_column(heading, found, parts.pop(heading, []))
        for heading, found in parts.items():
            limits = self._limits(heading) or (1.0, 100.0)
            yield _Column(heading, tuple(_spread(*limits)), self._nothing(found))
        yield from self._other_columns({*readers, *parts, *self.keys.values()})

    def _read_column(self, heading: str, readers: list[_Reader], parts: list[_Reader]) -> _Column:
        """A column that indicators read; each must accept every cell."""
        limits = self._limits(heading)
        cells = list(dict.fromkeys(cell for reader in readers for cell in reader.cells(limits)))
        spelt = {s: c for reader in readers for c, spellings in reader.scale.items() for s in spellings}

        def fits(cell: Any) -> bool:
            return all(reader.accepts(spelt.get(cell, cell)) for reader in readers)

        # a formula divides by it
        cells = [cell for cell in cells if fits(cell) and (not parts or isinstance(cell, (int, float)))] or [0, 1]
        steps = [step for reader in readers for step in reader.leaf.steps]
        return _Column(
            heading,
            tuple(cells),
            self._nothing([*readers, *parts]),
            least=max((int(s.numbers[0].value) for s in steps if s.name in ("top", "bottom")), default=0),
            differs=any(step.name in ("zscore", "minmax") for step in steps),
        )

    def _nothing(self, readers: list[_Reader]) -> tuple[Any, ...]:
        """Kinds of nothing that every reader has a policy for, as they are spelt."""
        if not self.blanks:
            return ()
        kinds = frozenset.intersection(*(reader.nothing for reader in readers))
        found: list[Any] = [None] if "missing" in kinds else []
        found += sorted(kinds - {"missing"})
        for reader in readers:
            for category, spellings in reader.scale.items():
                if category.casefold() in kinds:
                    found += spellings[:1]
        return tuple(dict.fromkeys(found))

    def _other_columns(self, done: set[str]) -> Iterator[_Column]:
        """Columns that only tests read."""
        words: dict[str, list[Any]] = {}
        formulas: set[str] = set()
        for tree, is_outcome in self._trees():
            for test in language.categories_in(tree):
                words.setdefault(test.name, []).extend(test.categories)
            for name in language.names_in(tree):
                words.setdefault(name, []).extend(_numbers_beside(tree, name))
                if is_outcome:
                    formulas.add(name)
        known = {"value", "answer", *self.tree.leaves, *self.tree.branches} - set(self.file.columns)
        for name, found in words.items():
            heading = self.heading(name)
            if name in known or heading in done:
                continue
            done.add(heading)
            yield self._other_column(heading, found, as_number=name in formulas)

    def _other_column(self, heading: str, found: list[Any], *, as_number: bool) -> _Column:
        cells: list[Any] = []
        for word in found:
            if isinstance(word, float):
                cells += [_nice(word), _nice(word + 1), _nice(word - 1)]
            elif word.casefold() not in self.kinds:
                try:
                    cells.append(_nice(language.parse_number(word)))
                except ValueError:
                    cells.append(word)
        numbers = [cell for cell in cells if not isinstance(cell, str)]
        if as_number or not cells:
            return _Column(heading, tuple(dict.fromkeys([*numbers, *_spread(*(self._limits(heading) or (1.0, 10.0)))])))
        other = [0] if numbers else ["xyz"]  # no category looks like it, so no message asks whether it was meant
        return _Column(heading, tuple(dict.fromkeys([*cells, *other])), (None,) if self.blanks else ())

    def _trees(self) -> Iterator[tuple[Any, bool]]:
        """Every test and formula that reads columns; whether it is an outcome."""
        records: tuple[Leaf | Branch, ...] = (*self.tree.leaves.values(), *self.tree.branches.values())
        for record in records:
            for line in record.lines:
                if not isinstance(line.test, (language.Literal, language.Else)):
                    yield line.test, False
                if isinstance(line.outcome, language.Formula):
                    yield line.outcome, True
        if self.file.reference is not None and self.file.reference.where is not None:
            yield self.file.reference.where, False


# faults of a table that depend on chance: a division by zero, a category that no unit happens to have
_BY_CHANCE = {"formula_undefined", "never_occurs", "uncaught_answer", "no_reference"}
# what the rounding of numbers or their order may refuse
_PARTIAL = {"log", "top", "bottom", "zscore", "minmax", "rank", "goalposts", "winsorise"}


def _unit(at: int) -> str:
    turn, name = divmod(at, len(UNITS))
    return UNITS[name] if turn == 0 else f"{UNITS[name]} {turn + 1}"


def _may_refuse(index: Index) -> bool:
    """Whether some table that fits the index cannot be scored by it."""
    tree = index.tree
    records: tuple[Leaf | Branch, ...] = (*tree.leaves.values(), *tree.branches.values())
    if any(step.name in _PARTIAL or "median" in step.words for record in records for step in record.steps):
        return True
    if any(isinstance(line.outcome, language.Formula) for record in records for line in record.lines):
        return True
    if any(column.formula is not None for leaf in tree.leaves.values() for column in leaf.columns):
        return True
    unusual = any(b.formula is not None or b.aggregate in ("geometric", "harmonic") for b in tree.branches.values())
    return unusual or index.file.reference is not None or any(record.lines for record in tree.branches.values())


# --- strategies --------------------------------------------------------------------------------


def tables(
    index: AnyIndex,
    *,
    min_units: int = 2,
    max_units: int = 8,
    periods: Sequence[Any] = (),
    blanks: bool = True,
    numbers: Numbers = None,
    scorable: bool = True,
) -> SearchStrategy[pd.DataFrame]:
    """Tables that fit an index, also one of your own.

    Categories are taken from the scales and from the lines of points, in several spellings; numbers from
    the limits that stand in the steps, else from 0 to 100; kinds of nothing only where the index has a
    policy for them. The simplest table has ``min_units`` units with the first answers.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    min_units, max_units
        Number of units; raised where a step such as ``top 10`` needs more.
    periods
        Labels of periods; every unit stands in each. None by default.
    blanks
        Whether there may be gaps.
    numbers
        Lowest and highest number, for all columns or by heading: ``{"gdp": (100, 90000)}``.
    scorable
        Leave out tables that the index refuses, such as a constant column under ``zscore``.

    Returns
    -------
    SearchStrategy[DataFrame]

    Raises
    ------
    ImportError
        Hypothesis is not installed.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(tables("unctad-cyberlaw-2026"))
    ... def no_more_than_five(table):
    ...     assert (ei.compute("unctad-cyberlaw-2026", table).scores["areas"] <= 5).all()
    >>> no_more_than_five()
    """
    st = _strategies()
    maker = _TableMaker(load_index(index), numbers=numbers, blanks=blanks, periods=periods)
    fewest = max(min_units, maker.least, 1)
    sizes = st.integers(fewest, max(max_units, fewest))

    def drawn(units: int) -> Any:
        codes = st.binary(min_size=maker.size(units), max_size=maker.size(units))
        return codes.map(lambda found: maker.frame(np.frombuffer(found, dtype=np.uint8).astype(np.intp), units))

    strategy: SearchStrategy[pd.DataFrame] = sizes.flatmap(drawn)
    if not scorable or not _may_refuse(maker.index):
        return strategy
    return strategy.filter(lambda table: maker.scored(table) is not None)


def weight_sets(index: AnyIndex, *, zeros: bool = False) -> SearchStrategy[WeightSet]:
    """Weight sets for an index: whole weights of 1 to 9 for every child of every node.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    zeros
        Whether weights may be zero; never all of one node.

    Returns
    -------
    SearchStrategy[WeightSet]

    Raises
    ------
    ImportError
        Hypothesis is not installed.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(weight_sets("un-egdi-parts-2024"))
    ... def names_every_child(weights):
    ...     assert set(weights.nodes["EGDI"]) == {"osi", "tii", "hci"}
    >>> names_every_child()
    """
    st = _strategies()
    chosen = load_index(index)
    children = {name: branch.children for name, branch in chosen.tree.branches.items() if branch.children}
    size = sum(map(len, children.values()))

    def weighed(codes: bytes) -> WeightSet:
        numbers = iter(0 if zeros and code % 10 == 9 else 1 + code % 9 for code in codes)
        nodes = {node: {child: next(numbers) for child in below} for node, below in children.items()}
        for node, below in nodes.items():
            if not any(below.values()):
                nodes[node] = dict.fromkeys(below, 1)
        return WeightSet.model_validate({"weights": "drawn", "index": chosen.id, "nodes": nodes})

    strategy: SearchStrategy[WeightSet] = st.binary(min_size=size, max_size=size).map(weighed)
    return strategy


def indices(
    *,
    aggregates: Collection[str] | None = None,
    max_indicators: int = 8,
    max_depth: int = 3,
    numeric: bool = False,
    steps: Collection[str] | None = None,
    points: bool = True,
    nothing: bool = True,
    need: bool = True,
    rules: bool = True,
) -> SearchStrategy[Index]:
    """Invented indices of every shape: ragged trees, shared children, several tops, all of the language.

    The numbers of an index fit its methods, so that nearly every table drawn by :func:`tables` has
    scores: no logarithm of zero, no geometric mean of negative values.

    Parameters
    ----------
    aggregates
        Aggregates to draw from, and ``"formula"`` for nodes with a formula; all by default.
    max_indicators, max_depth
        Most indicators, and most levels of nodes.
    numeric
        Only numbers in the data: no scales, no words.
    steps
        Names of steps to draw from; all by default, ``()`` for none.
    points
        Whether indicators and nodes may have points.
    nothing
        Whether blanks have a policy (``skip``, ``void`` or a number, by kind).
    need
        Whether nodes may ask for answered children.
    rules
        Whether named rules may stand over the points.

    Returns
    -------
    SearchStrategy[Index]

    Raises
    ------
    ImportError
        Hypothesis is not installed.
    MethodError
        An aggregate or a step of that name does not exist.

    Examples
    --------
    >>> import egovindex as ei
    >>> from hypothesis import given, settings, strategies
    >>> with_table = indices(aggregates=["mean"]).flatmap(lambda i: strategies.tuples(strategies.just(i), tables(i)))
    >>> @settings(database=None, derandomize=True, max_examples=10)
    ... @given(with_table)
    ... def scores_every_unit(drawn):
    ...     index, table = drawn
    ...     assert len(ei.compute(index, table).scores) == len(table)
    >>> scores_every_unit()
    """
    st = _strategies()
    known = [*AGGREGATES, "formula"]
    _refuse_unknown("aggregate", aggregates or (), known)
    _refuse_unknown("step", steps or (), values.STEPS)
    options = _Options(
        aggregates=tuple(known if aggregates is None else [name for name in known if name in aggregates]),
        steps=tuple(values.STEPS if steps is None else [name for name in values.STEPS if name in steps]),
        max_indicators=max(max_indicators, 1),
        max_depth=max(max_depth, 1),
        numeric=numeric,
        points=points,
        nothing=nothing,
        need=need,
        rules=rules and points and not numeric,
    )

    def write(draw: Callable[[Any], Any]) -> Index:
        document = _Writer(lambda n: int(draw(st.integers(0, n - 1))), options).document()
        expanded, faults = expand_index(document_of(document, "invented"))
        return Index(validated_index(expanded, faults), expanded.origins)

    strategy: SearchStrategy[Index] = st.composite(write)()
    return strategy


def _refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    words = list(known)
    for name in given:
        if name not in words:
            hint = did_you_mean(name, words)
            message = f'there is no {what} "{name}"{hint} Known: {listed(words, most=30)}'
            raise MethodError(Fault(message, check=f"unknown_{what}"))


# --- invented indices --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Options:
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

# what may be done to numbers between two limits; the first number is the simplest
_STEP_TEXTS: dict[str, Callable[[float, float], Sequence[str]]] = {
    "minmax": lambda _, __: ["minmax", "minmax 0 100", "minmax 1 100", "minmax -1 1"],
    "zscore": lambda _, __: ["zscore", "zscore sample", "zscore 10 2", "zscore sample 100 15"],
    "goalposts": lambda a, b: _goalposts_texts(_nice(a), _nice(b)),
    "rank": lambda _, __: ["rank"],
    "out_of": lambda _, b: [f"out_of {_nice(max(b, 1))}", "out_of 3"],
    "times": lambda _, __: ["times 100", "times 1/3", "times -1"],
    "round": lambda _, __: ["round 1", "round 0", "round 2 half_up"],
    "cap": lambda a, b: [f"cap {_nice(b - (b - a) / 4)}"],
    "floor": lambda a, b: [f"floor {_nice(a + (b - a) / 4)}"],
    "grid": lambda _, __: ["grid 4", "grid 25"],
    "top": lambda _, __: ["top 2", "top 1"],
    "bottom": lambda _, __: ["bottom 2", "bottom 1"],
    "distance": lambda a, b: [f"distance {_nice((a + b) / 2)}", "distance median"],
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


def _after(step: values.Step, low: float, high: float) -> Limits:  # noqa: C901 - one line for each step
    """Limits after a step."""
    numbers = [quantity.value for quantity in step.numbers]
    ends: tuple[float, ...]
    match step.name:
        case "out_of":
            ends = low / numbers[0], high / numbers[0]
        case "times":
            ends = low * numbers[0], high * numbers[0]
        case "floor":
            ends = max(low, numbers[0]), max(high, numbers[0])
        case "cap":
            ends = min(low, numbers[0]), min(high, numbers[0])
        case "log":
            ends = float(np.log(low)), float(np.log(high))
        case "distance":
            far = max(abs(low - numbers[0]), abs(high - numbers[0])) if numbers else high - low
            ends = 0.0, far
        case "zscore":
            mean, sd = numbers or (0.0, 1.0)
            ends = mean - _FARTHEST * sd, mean + _FARTHEST * sd
        case "minmax":
            ends = tuple(numbers) or (0.0, 1.0)
        case "rank":
            ends = 0.0, 1.0
        case "goalposts":
            scale = np.log if "log" in step.words else np.asarray
            worst, best, a, b = (float(scale(number)) for number in (*numbers, low, high))
            ends = (a - worst) / (best - worst), (b - worst) / (best - worst)
        case "grid":
            ends = np.floor(low * numbers[0]) / numbers[0], np.ceil(high * numbers[0]) / numbers[0]
        case "round":
            ends = float(np.floor(low)), float(np.ceil(high))
        case _:
            ends = low, high
    return min(ends), max(ends)


class _Writer:
    """Writes an index out of small integers: zero is the simplest choice everywhere."""

    def __init__(self, code: Callable[[int], int], options: _Options) -> None:
        self.code = code
        self.options = options
        self.parts: list[_Part] = []
        self.file: dict[str, Any] = {}
        self.scored_kinds = True

    def maybe(self, one_in: int) -> bool:
        return self.code(one_in) == one_in - 1

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.code(len(choices))] if len(choices) > 1 else choices[0]

    def document(self) -> dict[str, Any]:
        self.file = {"index": "invented", "title": "An invented index"}
        self.write_nothing()
        indicators = [self.indicator(name) for name in self.names(_INDICATORS, self.options.max_indicators)]
        self.parts += indicators
        nodes = self.nodes()
        if self.maybe(3):
            nodes = nodes[::-1]
        self.file["indicators"] = {part.name: part.record for part in indicators}
        self.file["nodes"] = {part.name: part.record for part in nodes}
        if self.maybe(6):
            self.file["defaults"] = {"nodes": {"classes": {"High": "0.5", "Low": "else"}}}
        if "points" in self.file and self.options.rules:
            self.write_rules()
        return self.file

    def names(self, words: Sequence[str], most: int) -> list[str]:
        count = 1 + self.code(most)
        return [words[at] if at < len(words) else f"{words[at % len(words)]}_{at // len(words)}" for at in range(count)]

    # --- the file
    def write_nothing(self) -> None:
        if not self.options.nothing:
            return
        policies: list[Any] = [None, "skip", "void", "0", {"missing": "skip", "unknown": "0", "not_applicable": "skip"}]
        policies += [{"missing": "0", "refused": "skip"}, {"missing": "skip", "unknown": "void", "refused": "1/2"}]
        chosen = self.pick(policies[:2] + policies[3:4] if self.options.numeric else policies)
        if chosen is not None:
            self.file["nothing"] = chosen

    def write_scale(self) -> None:
        """The scale that most indicators with answers share, its map, and a map of states."""
        if "points" in self.file:
            return
        nothing = self.file.get("nothing")
        scale: dict[str, list[str]] = {"yes": ["Y", "oui"], "drafted": ["in work"], "no": ["N"]}
        if isinstance(nothing, dict) and "refused" in nothing:
            scale["refused"] = ["no comment"]
        drafted = {"value": "0.4", "range": ["0.2", "0.6"], "basis": "ours"} if self.maybe(3) else self.pick(_SHARES)
        status: dict[str, Any] = {"yes": "1", "drafted": drafted, "no": "0"}
        if self.options.nothing and self.maybe(3):
            status["missing"] = self.pick(["0", "skip", "void"])
        self.file["answers"] = {"status": scale}
        self.file["points"] = {"status": status, "state": {"state is closed": "skip", "state is broken": "void"}}

    def write_rules(self) -> None:
        if self.maybe(2):
            self.file["rules"] = {
                "strict": {"label": "Only what is adopted counts", "status": {"drafted": "0"}},
                "open": {"status": {"proof is missing": "1/4", "drafted": "3/4"}, "replaces": "strict"},
            }
            if self.maybe(2):
                self.file["rule"] = self.pick(["strict", "open"])

    # --- indicators
    def indicator(self, name: str) -> _Part:
        menu = ["number"]
        if self.options.points:
            menu += [] if self.options.numeric else ["scale", "proof", "state", "text"]
            menu += ["codes", "bands", "flagged", "reversed", "capped"]
        menu += ["first_of", "ratio"]
        kind = self.pick(menu)
        record, low, high = getattr(self, f"_{kind}")(name)
        part = _Part(name, record, low, high)
        label = self.pick(_LABELS) if self.maybe(4) else ""
        if label:
            record["label"] = label
        if kind not in ("number", "text") and self.maybe(2):
            self.add_steps(part, most=1)
        if self.options.nothing and self.options.points and "points" not in record and self.maybe(6):
            record["points"] = {"missing": self.pick(["skip", "0", "void", str(_nice(high))])}
            if not record.get("steps"):
                part.low, part.high = min(low, 0.0), max(high, 0.0)
            elif record["points"]["missing"] in ("0", "void"):
                record["points"] = {"missing": "skip"}
        return part

    def _number(self, name: str) -> tuple[dict[str, Any], float, float]:
        openers = [text.split("; ") for text in _OPENERS]
        openers = [texts for texts in openers if {text.split()[0] for text in texts} <= set(self.options.steps)]
        part = _Part(name, {}, 0.0, 100.0)
        if openers and self.maybe(2):
            part.record["steps"] = list(self.pick(openers))
            steps = [values.parse_step(text) for text in part.record["steps"]]
            part.low, part.high = _limits_of(steps)
            for step in steps:
                part.low, part.high = _after(step, part.low, part.high)
            if self.maybe(2):
                self.add_steps(part, most=2)
        return part.record, part.low, part.high

    def _scale(self, name: str) -> tuple[dict[str, Any], float, float]:
        self.write_scale()
        record: dict[str, Any] = {"points": "status"}
        if self.maybe(3):
            record["answers"] = "status"
        if self.options.nothing and self.maybe(3):
            record["points"] = ["status", {"missing": self.pick(["0", "skip", "void"])}]
        return record, 0.0, 1.0

    def _proof(self, name: str) -> tuple[dict[str, Any], float, float]:
        self.write_scale()
        lines = {"answer is yes and proof is missing": "0", "yes": "1", "no": "0"}
        return {"points": lines, "answers": "status"}, 0.0, 1.0

    def _state(self, name: str) -> tuple[dict[str, Any], float, float]:
        self.write_scale()
        return {"points": ["state", "status"]}, 0.0, 1.0

    def _text(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"else": "1", "missing": "0"} if self.options.nothing else {"else": "1"}}, 0.0, 1.0

    def _codes(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"0": "0", "1": self.pick(_SHARES), "2": "1"}}, 0.0, 1.0

    def _bands(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"value > 60": "1", "value >= 20": "1/2", "else": "0"}}, 0.0, 1.0

    def _flagged(self, name: str) -> tuple[dict[str, Any], float, float]:
        lines = {"0": "0", "not flag is 1 and value > 10": "value - 10", "else": "value"}
        return {"points": lines}, 0.0, 100.0

    def _reversed(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"points": {"value > 80": "max(80 - value, -10)", "else": "80 - value"}}, -20.0, 80.0

    def _capped(self, name: str) -> tuple[dict[str, Any], float, float]:
        limit = self.pick(["limit", *(part.name for part in self.parts if part.record == {})])
        return {"points": {f"value > {limit}": limit}}, 0.0, 100.0

    def _first_of(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"from": [f"{name}_new", f"{name}_old"]}, 0.0, 100.0

    def _ratio(self, name: str) -> tuple[dict[str, Any], float, float]:
        return {"from": f"{name}_users / {name}_people"}, 0.01, 100.0

    # --- steps
    def add_steps(self, part: _Part, *, most: int) -> None:
        """More steps, each defined for the numbers that reach it."""
        steps: list[str] = list(part.record.get("steps", ()))
        for _ in range(1 + self.code(most)):
            texts = {name: _STEP_TEXTS[name](part.low, part.high) for name in _STEP_TEXTS if name in self.options.steps}
            texts = {name: found for name, found in texts.items() if found}
            if part.high - part.low < 1e-6 or not texts:
                break
            chosen = self.pick(texts[self.pick(list(texts))])
            low, high = _after(values.parse_step(chosen), part.low, part.high)
            if max(abs(low), abs(high)) > _LARGEST:
                break
            steps.append(chosen)
            part.low, part.high = low, high
        if steps:
            part.record["steps"] = steps
        if any(step.split()[0] in ("zscore", "minmax", "rank") for step in steps) and self.maybe(3):
            part.record["direction"] = "down"

    # --- nodes
    def nodes(self) -> list[_Part]:
        found: list[_Part] = []
        names = self.names(_NODES, 2 + len(self.parts))
        for turn, name in enumerate(names):
            loose = [part for part in self.parts if part.parents == 0 and part.depth < self.options.max_depth]
            if not loose:
                break
            last = turn == len(names) - 1 and not self.maybe(3)
            children = loose if last else self.some(loose)
            used = [p for p in self.parts if p.parents and p not in children and p.depth < self.options.max_depth]
            shared = self.pick(used) if used and self.maybe(6) else None
            node = self.node(name, [*children, shared] if shared is not None else children)
            for child in children:
                child.parents += 1
            if shared is not None:
                shared.parents += 1
            found.append(node)
            self.parts.append(node)
        return found

    def some(self, parts: list[_Part]) -> list[_Part]:
        count = min(len(parts), 4)
        mask = 1 + self.code(2**count - 1)
        return [part for at, part in enumerate(parts[:count]) if mask >> at & 1]

    def node(self, name: str, children: list[_Part]) -> _Part:
        low, high = min(part.low for part in children), max(part.high for part in children)
        node = _Part(name, {}, low, high, depth=1 + max(part.depth for part in children))
        aggregate = self.pick(self.possible(children))
        if aggregate == "formula":
            self.write_formula(node, children)
        else:
            self.write_children(node, aggregate, children)
            if self.options.need and self.maybe(4):
                node.record["need"] = self.pick(["1", "50%", "100%", str(len(children))])
        if self.options.points and self.maybe(4):
            self.write_node_points(node)
        if self.options.steps and self.maybe(3):
            self.add_steps(node, most=2)
        if self.maybe(5):
            middle = _nice((node.low + node.high) / 2)
            upper = {"High": f"value >= {middle}", "Low": "else"}
            node.record["classes"] = self.pick([{"Top": middle, "Rest": "else"}, upper])
        return node

    def possible(self, children: list[_Part]) -> list[str]:
        """Aggregates that are defined for these children."""
        allowed = set(self.options.aggregates)
        largest = max(max(abs(part.low), abs(part.high)) for part in children)
        if min(part.low for part in children) < 0:
            allowed -= {"geometric", "harmonic"}
        if largest ** (2 * len(children)) > _LARGEST:
            allowed.discard("product")
        if largest * 9 * len(children) > _LARGEST:
            allowed -= {"sum", "formula"}
        return [name for name in self.options.aggregates if name in allowed] or ["mean"]

    def write_children(self, node: _Part, aggregate: str, children: list[_Part]) -> None:
        weights = self.weights(aggregate, children)
        equal = all(weight == "1" for weight in weights)
        alone = all(part.parents == 0 for part in children)
        if alone and self.maybe(4):
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

    def weights(self, aggregate: str, children: list[_Part]) -> list[str]:
        style = self.code(4)
        if style == 0:
            return ["1"] * len(children)
        choices = [["1", "2", "3", "5"], ["1", "0", "2"], ["1", "1/3", "0.25", "2"]][style - 1]
        if aggregate == "sum" and style == 1:
            choices = ["1", "-1", "2", "-1/2"]
        if aggregate == "product":
            whole = min(part.low for part in children) < 0
            choices = ["1", "2", "0"] if whole else ["1", "2", "1/2"]
        found = [self.pick(choices) for _ in children]
        return found if any(weight != "0" for weight in found) else ["1"] * len(children)

    def write_formula(self, node: _Part, children: list[_Part]) -> None:
        names = [part.name for part in children]
        total = " + ".join(names)
        texts = [f"({total}) / {len(names)}", f"max({', '.join(names)}) - {names[0]} / 4", f"abs({total} - 1) / 2"]
        if len(names) == 1:
            texts = [f"{total} / 2 + 1", f"min({total}, 0.5)"]
        node.record["from"] = self.pick(texts)
        farthest = 2 + len(names) * max(abs(node.low), abs(node.high))
        node.low, node.high = -farthest, farthest

    def write_node_points(self, node: _Part) -> None:
        low, high = node.low, node.high
        middle = _nice((low + high) / 2)
        menu: list[tuple[dict[str, str], Limits]] = [
            ({f"value >= {middle}": "1", "else": "0"}, (0.0, 1.0)),
            ({f"value > {middle}": f"min(value, {middle})"}, (low, high)),
            ({"flag is 1": "skip"}, (low, high)),
        ]
        if self.options.nothing:
            within = _nice(min(max(0.0, low), high))
            menu += [
                ({"missing": str(within)}, (low, high)),
                ({"missing": "skip"}, (low, high)),
                ({"missing": "void"}, (low, high)),
                ({"value is missing": str(within), f"value >= {middle}": "value"}, (low, high)),
                ({"0": "void", "else": "value"}, (low, high)),
            ]
        others = [part for part in self.parts if part.low >= low and part.high <= high]
        if others:
            other = self.pick(others)
            menu.append(({f"value > {other.name}": other.name}, (low, high)))
            menu.append(({f"{other.name} is missing": "skip"}, (low, high)))
        graded = [part for part in self.parts if part.record.get("points") == "status"]
        if graded:
            menu.append(({f"{self.pick(graded).name} is not yes": "skip"}, (low, high)))
        node.record["points"], (node.low, node.high) = self.pick(menu)


_SHARES = ("1/2", "0.25", "2/3")


# --- laws --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Finding:
    """What one law says of one node on one table; ``holds`` is ``None`` where it does not apply."""

    node: str
    holds: bool | None
    detail: str = ""


# Sums of the same numbers in another order differ by about 1e-15; what a change of 1e-12 in the inputs
# does is allowed besides, so that a score on the edge of a rounding is no counterexample.
_TOLERANCE = 1e-12
_NUDGE = 1e-12


# an index with one edge less, by the edge
_Smaller = dict[tuple[str, str], Index | None]


class _Case:
    """An index against one table, with all that laws ask for."""

    def __init__(self, index: Index, table: pd.DataFrame, seed: int, smaller: _Smaller | None = None) -> None:
        self.index = index
        self.smaller = {} if smaller is None else smaller
        self.table = table
        self.plan: Plan = index.plan(table)
        self.scores: Scores = evaluate(self.plan)
        self.rng = np.random.default_rng(seed)

    @property
    def rows(self) -> int:
        return len(self.plan.rows)

    def unit(self, row: int) -> str:
        return self.plan.rows.name(int(row))

    @cached_property
    def leaves(self) -> dict[str, Floats]:
        result = IndexResult(self.index, self.plan, self.scores).indicators
        return {name: result[name].to_numpy(dtype=np.float64) for name in result}

    @cached_property
    def x(self) -> Floats:
        return self.plan.x()

    def without(self, node: str, child: str) -> Index | None:
        """The index with one edge less; ``None`` where a default makes the edge."""
        if (node, child) not in self.smaller:
            self.smaller[node, child] = _without(self.index, node, child)
        return self.smaller[node, child]

    def value(self, name: str) -> Floats:
        """Scores of a node, or an indicator after its steps; NaN where there is none."""
        return self.scores.by_node[name] if name in self.scores.by_node else self.leaves[name]

    def aggregated(self, node: str, scores: Scores | None = None) -> Floats:
        """A node before its own points and steps."""
        found = (scores or self.scores).aggregated[node]
        return np.broadcast_to(found, (*found.shape[:-1], self.rows))

    @cached_property
    def leeway(self) -> dict[str, Floats]:
        """How far each node's scores move when the inputs change by 1e-12."""
        return self.leeway_of(self.x, self.plan.weights)

    def leeway_of(self, x: Floats, weights: Floats, outcomes: Floats | None = None) -> dict[str, Floats]:
        """The same for other inputs, of one draw."""
        nominal = evaluate(self.plan, x=x, weights=weights, outcomes=outcomes)
        rng = np.random.default_rng(0)
        nudged = weights * (1 + _NUDGE * rng.uniform(-1, 1, (4, *weights.shape)))
        # equal answers stay equal
        waves = np.sin(np.nan_to_num(x) * 1e4 + np.arange(4.0)[:, None, None])
        found = {node: np.zeros(self.rows) for node in nominal.nodes}
        for moved in (x, x + _NUDGE * waves * np.abs(x)):
            try:
                scores = evaluate(self.plan, x=moved, weights=nudged, outcomes=outcomes)
            except MethodError:  # a hair over the edge of what a method takes
                continue
            for node, at in found.items():
                both = np.stack(np.broadcast_arrays(scores[node], nominal[node][None, :]))
                gaps = np.isnan(both[0]) != np.isnan(both[1])
                far = np.where(gaps, np.inf, np.abs(np.nan_to_num(both[0]) - np.nan_to_num(both[1])))
                found[node] = np.maximum(at, far.max(axis=0))
        return found

    def differing(self, node: str, found: Floats, expected: Floats, leeway: Floats | None = None) -> int | None:
        """The first row where two arrays of scores differ by more than rounding explains."""
        gaps = np.isnan(found) != np.isnan(expected)
        far = np.abs(np.nan_to_num(found) - np.nan_to_num(expected))
        allowed = _TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(expected)).max(initial=0.0))
        bad = gaps | (far > allowed)
        if bad.any():
            moves = self.leeway[node] if leeway is None else leeway
            bad &= ~np.where(gaps, np.isinf(moves), far <= allowed + moves)
        return int(np.flatnonzero(bad)[0]) if bad.any() else None

    def counted(self, finding: _Finding) -> _Finding:
        """The finding, unless nobody has a score that could have broken the law."""
        if finding.holds and np.isnan(self.scores[finding.node]).all():
            return replace(finding, holds=None, detail="no unit has a score")
        return finding

    def drawn_weights(self, draws: int) -> Floats:
        """Other weights of the same signs, zeros kept."""
        return self.plan.weights * self.rng.uniform(0.25, 4.0, (draws, len(self.plan.weights)))


Law = Callable[[_Case], Iterator[_Finding]]

_SCALE_FREE = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max", "weakest")
_BETWEEN = ("mean", "pool", "geometric", "harmonic", "ladder", "min", "max")
_TOWARD = ("mean", "pool", "geometric", "harmonic")
_WITHOUT = ("mean", "pool", "sum", "product", "geometric", "harmonic")


def _not_for(branch: Branch, allowed: Sequence[str], why: Mapping[str, str]) -> str | None:
    """The reason for which a law does not apply to what a node is made by."""
    if branch.formula is not None:
        return "the node is a formula"
    if branch.aggregate in allowed:
        return None
    return f"aggregate {branch.aggregate}: {why.get(branch.aggregate, why[''])}"


def _law_range(case: _Case) -> Iterator[_Finding]:
    """A score lies between its lowest and its highest child."""
    why = {"weakest": "half a step may be added", "": "a total may lie outside its parts"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _BETWEEN, why)
        if reason is None and branch.lines:
            reason = "the node has points of its own"
        if reason is None and branch.steps:
            reason = f"steps {listed(branch.steps)} change the scale"
        if reason is not None:
            yield _Finding(name, None, reason)
            continue
        children = np.stack([case.value(child) for child in branch.children])
        low = np.where(np.isnan(children), np.inf, children).min(axis=0)
        high = np.where(np.isnan(children), -np.inf, children).max(axis=0)
        score = case.scores[name]
        slack = _TOLERANCE * np.maximum(1.0, np.abs(np.nan_to_num(children)).max(axis=0))
        bad = np.flatnonzero((score < low - slack) | (score > high + slack))
        if bad.size:
            row = bad[0]
            detail = f"{case.unit(row)} has {score[row]:.10g}, its children {low[row]:.10g} to {high[row]:.10g}"
            yield _Finding(name, False, detail)
        else:
            yield _Finding(name, True, f"{int((~np.isnan(score)).sum())} scores")


def _law_weight_scale(case: _Case) -> Iterator[_Finding]:
    """Only ratios of weights matter."""
    factors = np.array([4.0, 1 / 3, 1000.0])
    why = {"": "its weights are amounts, not shares"}
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _SCALE_FREE, why)
        if reason is not None:
            yield _Finding(name, None, reason)
            continue
        weights = np.tile(case.plan.weights, (len(factors), 1))
        weights[:, node.edges] *= factors[:, None]
        scores = evaluate(case.plan, weights=weights)[name]
        for factor, found in zip(factors, scores, strict=True):
            row = case.differing(name, found, case.scores[name])
            if row is not None:
                moved = f"{case.scores[name][row]:.17g} became {found[row]:.17g}"
                yield _Finding(name, False, f"weights times {factor:.4g}: {case.unit(row)} {moved}")
                break
        else:
            yield _Finding(name, True, f"factors {listed(f'{factor:.4g}' for factor in factors)}")


def _law_exchangeable(case: _Case) -> Iterator[_Finding]:
    """Units in another order have the same scores."""
    if case.rows < 2:
        yield from (_Finding(name, None, "one row has no other order") for name in case.scores.nodes)
        return
    failed: dict[str, str] = {}
    orders = [np.arange(case.rows)[::-1], case.rng.permutation(case.rows)]
    for order in orders:
        scores = evaluate(case.index.plan(case.table.iloc[order]))
        for name in case.scores.nodes:
            row = case.differing(name, scores[name], case.scores[name][order])
            if row is not None and name not in failed:
                was = case.scores[name][order][row]
                failed[name] = f"{case.unit(order[row])} had {was:.17g} and has {scores[name][row]:.17g} in another row"
    for name in case.scores.nodes:
        yield _Finding(name, name not in failed, failed.get(name, f"{len(orders)} orders of {case.rows} rows"))


def _sign_of_steps(steps: Sequence[values.Step], *, down: bool) -> int:
    """1 where steps keep the order (learned values kept), -1 where they turn it, 0 where neither."""
    sign = 1
    flip = max((at for at, s in enumerate(steps) if s.name in ("zscore", "minmax", "rank")), default=-1)
    for at, step in enumerate(steps):
        if step.name == "distance":
            return 0
        if step.name in ("times", "out_of"):
            sign *= int(np.sign(step.numbers[0].value))
        if step.name == "goalposts" and step.numbers[0].value > step.numbers[1].value:
            sign = -sign
        if down and at == flip:
            sign = -sign
    return sign


def _signs(case: _Case) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """For each node, the sense in which it moves with each indicator; and why some move in none."""
    signs: dict[str, dict[str, int]] = {}
    reasons: dict[str, str] = {}
    tree = case.index.tree
    for name, leaf in tree.leaves.items():
        signs[name] = {name: _sign_of_steps(leaf.steps, down=leaf.down)}
        if signs[name][name] == 0:
            reasons[name] = f"{name} has a step that is not monotone (distance)"
    for node in case.plan.nodes:
        branch = node.branch
        reason = _not_monotone(case, branch)
        own = 0 if reason else _sign_of_steps(branch.steps, down=branch.down)
        if own == 0:
            reasons[branch.id] = reason or f"{branch.id} has a step that is not monotone"
        found: dict[str, int] = {}
        weights = case.plan.weights[node.edges] if branch.formula is None else np.ones(len(branch.inputs))
        for child, weight in zip(branch.inputs, weights, strict=True):
            edge = int(np.sign(weight)) if branch.aggregate == "sum" else 1
            for leaf_name, sign in signs[child].items():
                sense = own * edge * sign
                # two ways of different sense leave none
                found[leaf_name] = sense if found.get(leaf_name, sense) == sense else 0
        read = {n for line in branch.lines for n in _names_read(line)} & set(signs)
        for other in read:
            found.update(dict.fromkeys(signs[other], 0))
        signs[branch.id] = found
    return signs, reasons


def _names_read(line: Any) -> Iterator[str]:
    if not isinstance(line.test, (language.Literal, language.Else)):
        yield from language.names_in(line.test)
        yield from (test.name for test in language.categories_in(line.test))
    if isinstance(line.outcome, language.Formula):
        yield from language.names_in(line.outcome)


def _not_monotone(case: _Case, branch: Branch) -> str | None:
    if branch.formula is not None:
        return f"{branch.id} is a formula"
    if branch.lines:
        return f"{branch.id} has points of its own"
    if branch.aggregate == "weakest":
        return f"{branch.id}: raising the weakest child may take its half step away"
    if branch.aggregate == "product":
        below = [case.value(child) for child in branch.children]
        inner = any(child in case.index.tree.branches for child in branch.children)
        if inner or any((value < 0).any() for value in below):
            return f"{branch.id}: a product is monotone only where no child can be negative"
    return None


_RAISED_AT_ONCE = 32


def _law_monotone_values(case: _Case) -> Iterator[_Finding]:
    """Raising one indicator never lowers a node (never raises it, where less is better)."""
    signs, reasons = _signs(case)
    higher = _better(case)
    rises = {leaf: higher[:, at] > case.x[:, at] for leaf, at in case.plan.positions.items()}
    movable = [leaf for leaf, rising in rises.items() if rising.any()]
    failed: dict[str, str] = {}
    tried: dict[str, int] = dict.fromkeys(case.scores.nodes, 0)
    for start in range(0, len(movable), _RAISED_AT_ONCE):
        chunk = movable[start : start + _RAISED_AT_ONCE]
        x = np.tile(case.x, (len(chunk), 1, 1))
        for draw, leaf in enumerate(chunk):
            x[draw, :, case.plan.positions[leaf]] = higher[:, case.plan.positions[leaf]]
        scores = evaluate(case.plan, x=x, learned=case.scores.learned)
        for name in case.scores.nodes:
            for draw, leaf in enumerate(chunk):
                sign = signs[name].get(leaf, 0)
                if sign == 0 or name in failed:
                    continue
                tried[name] += 1
                failed |= _lowered(case, name, leaf, sign, scores[name][draw], x[draw])
    for name in case.scores.nodes:
        if name in failed:
            yield _Finding(name, False, failed[name])
        elif tried[name]:
            left = sorted(leaf for leaf, sign in signs[name].items() if sign == 0)
            without = f"; not monotone in {listed(left)}" if left else ""
            yield _Finding(name, True, f"{tried[name]} indicators raised{without}")
        else:
            below = [reasons[record] for record in (name, *_below(case, name)) if record in reasons]
            yield _Finding(name, None, below[0] if below else "no indicator below it has two values to choose from")


def _below(case: _Case, node: str) -> Iterator[str]:
    for child in case.index.tree.branches[node].inputs:
        yield child
        if child in case.index.tree.branches:
            yield from _below(case, child)


def _better(case: _Case) -> Floats:
    """For each unit and indicator the value of another unit, where that is higher."""
    higher = case.x.copy()
    for leaf, at in case.plan.positions.items():
        scored = np.flatnonzero(_scored(case, leaf))
        if scored.size:
            higher[scored, at] = np.maximum(case.x[scored, at], case.rng.permutation(case.x[scored, at]))
            lowest = scored[case.x[scored, at].argmin()]
            higher[lowest, at] = case.x[scored, at].max()
    return higher


def _scored(case: _Case, leaf: str) -> Bools:
    state = case.plan.leaves[leaf].state
    return np.ones(case.rows, dtype=bool) if state is None else state == SCORED


def _lowered(case: _Case, node: str, leaf: str, sign: int, found: Floats, x: Floats) -> dict[str, str]:
    nominal = case.scores[node]
    slack = _TOLERANCE * max(1.0, float(np.abs(np.nan_to_num(nominal)).max(initial=0.0)))
    bad = np.flatnonzero((sign * (found - nominal) < -slack) | (np.isnan(found) != np.isnan(nominal)))
    if not bad.size:
        return {}
    row, at = bad[0], case.plan.positions[leaf]
    verb = "lowered" if sign > 0 else "raised"
    return {
        node: f"{leaf} of {case.unit(row)} from {case.x[row, at]:.10g} to {x[row, at]:.10g} "
        f"{verb} {node} from {nominal[row]:.17g} to {found[row]:.17g}"
    }


def _law_monotone_weights(case: _Case) -> Iterator[_Finding]:
    """Raising the weight of a child moves the score toward that child (before the node's own steps)."""
    why = {"": "its weights are amounts, not shares", "ladder": "it moves toward the lowest child so far"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _TOWARD, why)
        if reason is None and len(branch.children) < 2:
            reason = "it has one child"
        if reason is not None:
            yield _Finding(name, None, reason)
            continue
        yield _moved_toward(case, node)


def _moved_toward(case: _Case, node: NodePlan) -> _Finding:
    branch, name = node.branch, node.branch.id
    own = case.plan.weights[node.edges]
    weights = np.tile(case.plan.weights, (len(own), 1))
    weights[:, node.edges] += np.diag(own.max() * case.rng.uniform(0.2, 2.0, len(own)))
    scores = evaluate(case.plan, weights=weights, learned=case.scores.learned)
    before = case.aggregated(name)
    moved = np.broadcast_to(case.aggregated(name, scores), (len(own), case.rows))
    for draw, child in enumerate(branch.children):
        value, after = case.value(child), moved[draw]
        slack = _TOLERANCE * np.maximum(1.0, np.maximum(np.abs(np.nan_to_num(before)), np.abs(np.nan_to_num(value))))
        way, step = value - before, after - before
        # a child without a score pulls nowhere
        away = np.where(np.isnan(way), np.abs(step) > slack, np.sign(way) * step < -slack)
        beyond = np.abs(step) > np.abs(way) + slack
        bad = np.flatnonzero(~np.isnan(step) & (away | beyond))
        if bad.size:
            row = bad[0]
            detail = f"more weight for {child} ({value[row]:.10g}) moved {case.unit(row)} "
            return _Finding(name, False, f"{detail}from {before[row]:.17g} to {after[row]:.17g}")
    return _Finding(name, True, f"{len(own)} weights raised{', before its steps' if branch.steps else ''}")


def _law_draws(case: _Case) -> Iterator[_Finding]:
    """A batch of draws equals its draws one at a time, with the same ranks."""
    draws = 4
    failed: dict[str, str] = {}
    compared = 0
    inputs = {
        "weights": case.drawn_weights(draws),
        "x": _other_answers(case, draws),
        "outcomes": _outcomes(case, draws),
    }
    for names in (["weights"], ["x"], ["outcomes"], ["weights", "x", "outcomes"]):
        given = {name: inputs[name] for name in names}
        try:
            alone = [evaluate(case.plan, **{key: array[draw] for key, array in given.items()}) for draw in range(draws)]
        except MethodError:
            continue  # these draws leave what the index is defined for
        batch = evaluate(case.plan, **given)
        compared += 1
        for draw in range(draws):
            one = {key: array[draw] for key, array in given.items()}
            for name, told in _unlike(case, batch, alone[draw], draw, one).items():
                failed.setdefault(name, f"draws of {listed(names)}: {told}")
    for name in case.scores.nodes:
        if name in failed:
            yield _Finding(name, False, failed[name])
        else:
            detail = f"{draws} draws of each of {compared} kinds" if compared else "no draw could be scored"
            yield _Finding(name, True if compared else None, detail)


def _unlike(case: _Case, batch: Scores, alone: Scores, draw: int, one: Mapping[str, Floats]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in alone.nodes:
        together, single = batch[name][draw], alone[name]
        row = case.differing(name, together, single, np.zeros(case.rows))
        if row is None:
            for rows in case.plan.rows.groups:
                ranks = competition_ranks(together[rows]), competition_ranks(single[rows])
                if (ranks[0] != ranks[1]).any():
                    found[name] = f"ranks {ranks[0].tolist()}, alone {ranks[1].tolist()}"
            continue
        x = one.get("x", case.plan.x(one.get("outcomes")))
        moves = case.leeway_of(x, one.get("weights", case.plan.weights), one.get("outcomes"))
        row = case.differing(name, together, single, moves[name])
        if row is not None:
            found[name] = f"{case.unit(row)} has {together[row]:.17g}, alone {single[row]:.17g}"
    return found


def _other_answers(case: _Case, draws: int) -> Floats:
    """Points in which some units have those of others."""
    x = np.tile(case.x, (draws, 1, 1))
    for leaf, at in case.plan.positions.items():
        scored = np.flatnonzero(_scored(case, leaf))
        for draw in range(draws):
            some = case.rng.random(scored.size) < 0.4
            x[draw, scored[some], at] = case.rng.permutation(case.x[scored, at])[some]
    return x


def _outcomes(case: _Case, draws: int) -> Floats:
    return case.plan.outcomes * case.rng.uniform(0.5, 1.0, (draws, len(case.plan.outcomes)))


def _law_zero_weight(case: _Case) -> Iterator[_Finding]:
    """A child of weight zero is as good as none."""
    why = {"ladder": "a child of no weight still holds the next ones down"}
    why |= dict.fromkeys(("min", "max", "weakest"), "its weights say nothing")
    for node in case.plan.nodes:
        branch, name = node.branch, node.branch.id
        reason = _not_for(branch, _WITHOUT, why)
        if reason is None and branch.need is not None:
            reason = "need counts children of no weight too"
        if reason is None and len(branch.children) < 2:
            reason = "it has one child"
        yield _Finding(name, None, reason) if reason is not None else _weightless(case, node)


def _weightless(case: _Case, node: NodePlan) -> _Finding:
    branch, name = node.branch, node.branch.id
    own = case.plan.weights[node.edges]
    tried = 0
    for at, child in enumerate(branch.children):
        rest = np.delete(own, at)
        smaller = case.without(name, child)
        if smaller is None or not np.abs(rest).sum() > 0:
            continue
        weights = case.plan.weights.copy()
        weights[node.edges.start + at] = 0.0
        zero = case.aggregated(name, evaluate(case.plan, weights=weights, learned=case.scores.learned))
        try:
            none = case.aggregated(name, evaluate(smaller.plan(case.table)))
        except MethodError:
            continue  # the index learns from what is left
        tried += 1
        rows = _free_of(case, branch, child)
        row = case.differing(name, np.where(rows, zero, np.nan), np.where(rows, none, np.nan))
        if row is not None:
            told = f"{child} of weight zero gives {case.unit(row)} {zero[row]:.17g}, without it {none[row]:.17g}"
            return _Finding(name, False, told)
    return _Finding(
        name, True if tried else None, f"{tried} children left out" if tried else "no child can be left out"
    )


def _free_of(case: _Case, branch: Branch, child: str) -> Bools:
    """Rows in which a child neither takes the score away nor is one of a sum that needs it."""
    if child in case.plan.leaves:
        state = case.plan.leaves[child].state
    else:
        state = case.scores.state[child]
    if state is None:
        return np.ones(case.rows, dtype=bool)
    state = np.broadcast_to(state, (case.rows,))
    if branch.aggregate in ("sum", "product"):
        return np.asarray(state == SCORED)
    taking = [VOID] if child in case.plan.leaves or case.plan.skips_missing else [VOID, VOIDED, MISSING]
    return ~np.isin(state, taking)


def _without(index: Index, node: str, child: str) -> Index | None:
    document = index.document()
    record = document["nodes"][node]
    of = record.get("of")
    if isinstance(of, dict):
        record["of"] = {name: weight for name, weight in of.items() if name != child}
    elif of is not None:
        record["of"] = [name for name in of if name != child]
    else:
        below = document["indicators" if child in document["indicators"] else "nodes"][child]
        if below.get("in") != node:
            return None
        below.pop("in")
        below.pop("weight", None)
    expanded, faults = expand_index(document_of(document, index.id))
    try:
        return Index(validated_index(expanded, faults), expanded.origins)
    except SpecError:
        return None


LAWS: dict[str, str] = {
    "range": "a score lies between its lowest and its highest child",
    "weight_scale": "only ratios of weights matter",
    "exchangeable": "units in another order have the same scores",
    "monotone_values": "raising one indicator never lowers a node; raises it nowhere that less is better",
    "monotone_weights": "raising the weight of a child moves the score toward that child",
    "draws": "a batch of draws equals its draws one at a time",
    "zero_weight": "a child of weight zero is as good as none",
}
_LAWS: dict[str, Law] = {
    "range": _law_range,
    "weight_scale": _law_weight_scale,
    "exchangeable": _law_exchangeable,
    "monotone_values": _law_monotone_values,
    "monotone_weights": _law_monotone_weights,
    "draws": _law_draws,
    "zero_weight": _law_zero_weight,
}
_MOST_TRIALS = 60


def check_laws(
    index: AnyIndex,
    laws: Iterable[str] | None = None,
    *,
    data: pd.DataFrame | None = None,
    rng: int = 0,
    n: int = 10,
    raise_errors: bool = True,
) -> pd.DataFrame:
    """Try the laws of a composite index, node by node.

    Which laws a node keeps depends on how it is made: a sum may lie outside the range of its children,
    ``distance`` is not monotone. A law that does not apply is told as such, with the reason; it is not
    counted as kept. :data:`LAWS` lists the laws.

    Values are raised within what occurs in the table, with learned values (bounds, means) kept as they
    are. Scores may differ by rounding, and by what a change of 1e-12 in the inputs does.

    Parameters
    ----------
    index
        An index, the name of a packaged one, or the path of a YAML file.
    laws
        Names of laws; all by default.
    data
        A table of yours; by default ``n`` invented tables of 2 to 8 units.
    rng
        Seed of all that is drawn.
    n
        Number of tables, or of rounds on the table given (there, each costs some evaluations).
    raise_errors
        Raise where a law fails; ``False`` returns the table only.

    Returns
    -------
    DataFrame
        Columns ``law, node, holds, detail``. ``holds`` is ``<NA>`` where the law does not apply; ``detail``
        has the reason, what was tried, or the smallest counterexample found.

    Raises
    ------
    AssertionError
        A law fails: node, unit, numbers, and the smallest table found on which it fails.
    MethodError
        There is no such law; or none of the invented tables can be scored.

    Examples
    --------
    >>> found = check_laws("undp-hdi-2022", ["monotone_values", "range"], n=3)
    >>> found.loc[found["node"] == "HDI", ["law", "holds"]].values.tolist()
    [['monotone_values', True], ['range', <NA>]]
    >>> found["detail"].iloc[-1]
    'the node has steps round 3, which change the scale'
    """
    chosen = load_index(index)
    names = list(LAWS) if laws is None else [laws] if isinstance(laws, str) else list(laws)
    _refuse_unknown("law", names, LAWS)
    rounds = (
        [(data, rng + turn) for turn in range(max(n, 1))] if data is not None else _invented(chosen, rng, max(n, 1))
    )
    found: dict[tuple[str, str], list[_Finding]] = {}
    smaller: _Smaller = {}
    for turn, (table, seed) in enumerate(rounds):
        case = _Case(chosen, table, seed, smaller)
        for law in names:
            if turn and data is not None and law in _SAME_EVERY_ROUND:
                continue
            for finding in _LAWS[law](case):
                known = found.setdefault((law, finding.node), [])
                if not any(one.holds is False for one in known):
                    known.append(
                        _smallest(case, law, finding, seed) if finding.holds is False else case.counted(finding)
                    )
    return _report({key: _summary(known) for key, known in found.items()}, chosen, names, raise_errors=raise_errors)


def _summary(findings: list[_Finding]) -> _Finding:
    """One finding out of those of all rounds."""
    failed = [one for one in findings if one.holds is False]
    kept = [one for one in findings if one.holds]
    last = [*findings, *kept, *failed][-1]
    return replace(last, detail=f"{last.detail} ({len(kept)} times)") if kept and not failed else last


def _report(
    found: Mapping[tuple[str, str], _Finding], index: Index, names: Sequence[str], *, raise_errors: bool
) -> pd.DataFrame:
    order = {name: at for at, name in enumerate(index.tree.order)}
    rows = sorted(found.items(), key=lambda item: (names.index(item[0][0]), order[item[0][1]]))
    failed = [f"{law} does not hold for {node}: {one.detail}" for (law, node), one in rows if one.holds is False]
    if failed and raise_errors:
        raise AssertionError("\n\n".join(failed))
    return pd.DataFrame(
        {
            "law": [law for (law, _), _ in rows],
            "node": [node for (_, node), _ in rows],
            "holds": pd.array([one.holds for _, one in rows], dtype="boolean"),
            "detail": [one.detail for _, one in rows],
        }
    )


# laws that draw nothing
_SAME_EVERY_ROUND = {"range", "weight_scale", "zero_weight"}


def _invented(index: Index, seed: int, n: int) -> list[tuple[pd.DataFrame, int]]:
    """Tables that the index can score."""
    maker = _TableMaker(index, numbers=None, blanks=True, periods=())
    rng = np.random.default_rng(seed)
    found: list[tuple[pd.DataFrame, int]] = []
    fewest = max(2, maker.least)
    for attempt in range(20 * n):
        units = int(rng.integers(fewest, fewest + 7))
        codes = rng.integers(0, 256, maker.size(units)).astype(np.intp)
        table = maker.scored(maker.frame(codes, units))
        if table is not None:
            found.append((table, seed + attempt))
        if len(found) == n:
            return found
    if found:
        return found
    message = f"none of {20 * n} invented tables can be scored by {index.id}; give a table of your own with data="
    raise MethodError(Fault(message, check="no_table"))


def _smallest(case: _Case, law: str, finding: _Finding, seed: int) -> _Finding:
    """The finding on as few rows as are needed to see it."""
    index, table = case.index, case.table
    rows = list(range(len(table)))
    trials, size = 0, max(len(rows) // 2, 1)
    while trials < _MOST_TRIALS:
        for start in range(0, len(rows), size):
            fewer = rows[:start] + rows[start + size :]
            trials += 1
            again = _again(index, law, finding.node, table.iloc[fewer], seed) if fewer else None
            if again is not None:
                rows, finding = fewer, again
                break
        else:
            if size == 1:
                break
            size //= 2
        size = min(size, max(len(rows) // 2, 1))
    read = [column.heading for column in _TableMaker(index, numbers=None, blanks=True, periods=()).columns]
    headings = dict.fromkeys([*row_headings(index.file).values(), *read])
    text = table.iloc[rows][[name for name in headings if name in table.columns]].to_string(index=False, max_rows=12)
    detail = f"{finding.detail}\nsmallest table found, {len(rows)} of {len(table)} rows:\n{text}"
    return replace(finding, detail=detail)


def _again(index: Index, law: str, node: str, table: pd.DataFrame, seed: int) -> _Finding | None:
    try:
        for finding in _LAWS[law](_Case(index, table, seed)):
            if finding.node == node and finding.holds is False:
                return finding
    except (MethodError, DataError):
        return None
    return None


# --- results -----------------------------------------------------------------------------------

_MOST_SHOWN = 8


def assert_results_equal(a: IndexResult, b: IndexResult, *, tolerance: float = 0.0) -> None:
    """Two results are the same: units, nodes, scores, states, coverage, ranks and classes.

    Rows may stand in another order. With a tolerance above zero, ranks and classes are not compared:
    the scores that decide them may differ.

    Parameters
    ----------
    a, b
        Results of :func:`egovindex.compute`.
    tolerance
        Largest difference between two scores or two coverages.

    Raises
    ------
    AssertionError
        With what differs, the largest differences first.

    Examples
    --------
    >>> import egovindex as ei
    >>> table = ei.sample("un-egdi-parts-2024")
    >>> result = ei.compute("un-egdi-parts-2024", table)
    >>> assert_results_equal(result, ei.compute("un-egdi-parts-2024", table.iloc[::-1]), tolerance=1e-15)
    >>> other = ei.compute("un-egdi-parts-2012", table)
    >>> assert_results_equal(result, other, tolerance=0.5)
    """
    told = [*_labels_differ("unit", a.scores.index, b.scores.index), *_labels_differ("node", a.nodes, b.nodes)]
    if told:
        raise AssertionError("\n".join(told))
    for what in ("scores", "coverage"):
        told += _numbers_differ(what, getattr(a, what), getattr(b, what), tolerance)
    for what in ("states", "ranks", "classes") if tolerance == 0 else ("states",):
        told += _words_differ(what, getattr(a, what), getattr(b, what))
    if told:
        raise AssertionError("\n".join(told))


def _labels_differ(what: str, a: Iterable[Any], b: Iterable[Any]) -> Iterator[str]:
    first, second = list(a), list(b)
    for names, others, side in ((first, second, "first"), (second, first, "second")):
        only = [name for name in names if name not in set(others)]
        if only:
            yield f"{what}s only in the {side} result: {listed(only)}"


def _numbers_differ(what: str, a: pd.DataFrame, b: pd.DataFrame, tolerance: float) -> Iterator[str]:
    other = b.reindex(index=a.index, columns=a.columns)
    left, right = a.to_numpy(dtype=np.float64), other.to_numpy(dtype=np.float64)
    far = np.abs(left - right)
    far = np.where(np.isnan(left) != np.isnan(right), np.inf, np.nan_to_num(far))
    bad = np.argwhere(far > tolerance)
    if not len(bad):
        return
    worst = sorted(bad.tolist(), key=lambda at: -far[tuple(at)])
    yield f"{what}: {len(bad)} of {far.size} differ by more than {tolerance:g}, the largest first"
    for row, column in worst[:_MOST_SHOWN]:
        place = f"{_name(a.index[row])} {a.columns[column]}"
        yield f"  {place}: {left[row, column]:.17g} and {right[row, column]:.17g} ({far[row, column]:.3g})"


def _words_differ(what: str, a: pd.DataFrame, b: pd.DataFrame) -> Iterator[str]:
    other = b.reindex(index=a.index)
    yield from _labels_differ(f"{what}: column", a.columns, b.columns)
    for column in a.columns.intersection(b.columns):
        left = a[column].astype(object).where(a[column].notna(), None)
        right = other[column].astype(object).where(other[column].notna(), None)
        bad = [at for at in range(len(a)) if left.iloc[at] != right.iloc[at]]
        for at in bad[:_MOST_SHOWN]:
            yield f"{what}: {_name(a.index[at])} {column}: {left.iloc[at]} and {right.iloc[at]}"
        if len(bad) > _MOST_SHOWN:
            yield f"{what}: {column}: {len(bad) - _MOST_SHOWN} more"


def _name(label: Any) -> str:
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
