"""Bindings: which column of a table is which item.

An instrument says what is asked; a binding says where the answers stand in one kind of file. It is written in YAML, or
made in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from egovindex.errors import DataError, Fault, SpecError, did_you_mean, listed
from egovindex.responses.states import NOTHING
from egovindex.spec.fields import FrozenDict

__all__ = ["KINDS_OF_NOTHING", "PROFILES", "Binding", "Bound", "Column", "Delimited", "Fixed", "OneHot", "load_binding"]

PROFILES = ("msforms", "gforms", "wide")
KINDS_OF_NOTHING = tuple(NOTHING)
SEPARATORS = (",", ";", "\t")

# number counted from 1, or heading
Column = int | str


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return FrozenDict(mapping)


@dataclass(frozen=True)
class Fixed:
    """A value that all rows have."""

    value: str


@dataclass(frozen=True)
class OneHot:
    """A column for each choice.

    Parameters
    ----------
    columns
        Column of each choice.
    true, false
        What is written where the choice is ticked, and where it is not; ``""`` is a blank cell.
    """

    columns: Mapping[str, Column]
    true: tuple[str, ...] = ("1",)
    false: tuple[str, ...] = ("0",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", _frozen(self.columns))
        object.__setattr__(self, "true", tuple(self.true))
        object.__setattr__(self, "false", tuple(self.false))


@dataclass(frozen=True)
class Delimited:
    """One column with all choices that are ticked.

    Parameters
    ----------
    sep
        What stands between them.
    of
        ``"label"``: options as people read them, in any spelling of the scale; ``"code"``: names of categories.
    """

    sep: str = ";"
    of: str = "label"


@dataclass(frozen=True)
class Bound:
    """Where the answers to one item stand.

    Parameters
    ----------
    column
        The column; ``None`` where each choice has its own.
    shape
        ``"single"``, :class:`OneHot` or :class:`Delimited`.
    values
        What is written, and the category that it means; what is not named stays as written.
    """

    column: Column | None = None
    shape: str | OneHot | Delimited = "single"
    values: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _frozen(self.values))


@dataclass(frozen=True)
class Binding:
    """Which column of a table is which item.

    Parameters
    ----------
    name
        Its name.
    instrument
        Id of the instrument.
    items
        For each item where its answers stand; a plain number or heading is a column of its own.
    profile
        ``"wide"``, ``"msforms"`` or ``"gforms"``: the format it is for.
    unit, period
        Column, or :class:`Fixed` value, that says who answers and when; ``None``: nothing does.
    missing
        What is written where there is no answer, with the kind of nothing that it means; ``""`` is a blank cell. In
        the draft the kind stands in place of the text.
    technical
        Columns that are no questions: left out, and never read.
    separator
        Between the cells of a CSV file; ``None``: as the first row has it.

    Examples
    --------
    >>> Binding("alva", "demo", {"q1": 3, "q2": Bound("Which?", Delimited(";"))}, missing={"": "skipped"})
    <Binding alva> wide, instrument demo, 2 items
    """

    name: str
    instrument: str
    items: Mapping[str, Bound]
    profile: str = "wide"
    unit: Column | Fixed | None = None
    period: Column | Fixed | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    technical: tuple[Column, ...] = ()
    separator: str | None = None

    def __post_init__(self) -> None:
        given: Any = self.items
        if not isinstance(given, Mapping) or not isinstance(self.missing, Mapping):
            message = 'items and missing are maps, as in items={"q001": 7} and missing={"": "skipped"}'
            raise SpecError(Fault(message, check="not_a_map"))
        items = {name: one if isinstance(one, Bound) else Bound(one) for name, one in given.items()}
        object.__setattr__(self, "items", _frozen(items))
        object.__setattr__(self, "missing", _frozen(self.missing))
        object.__setattr__(self, "technical", tuple(self.technical))
        faults = [fault for _, fault in faults_of(self)]
        if faults:
            raise SpecError(faults)

    def __repr__(self) -> str:
        return f"<Binding {self.name}> {self.profile}, instrument {self.instrument}, {len(self.items)} items"


# --- what may be wrong with one, whoever wrote it
def faults_of(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    """Every fault of a binding, with the keys of its place."""
    yield from _unknown_profile(binding)
    yield from _unknown_kinds(binding)
    yield from _wrong_columns(binding)
    yield from _wrong_shapes(binding)
    yield from _columns_used_twice(binding)


def _unknown_profile(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    if binding.profile not in PROFILES:
        hint = did_you_mean(binding.profile, PROFILES, otherwise=".")
        message = f'there is no profile "{binding.profile}"{hint} Profiles: {listed(PROFILES)}'
        yield ("profile",), Fault(message, check="unknown_profile")
    if binding.separator is not None and binding.separator not in SEPARATORS:
        message = f"a separator is a comma, a semicolon or a tab; found {binding.separator!r}"
        yield ("separator",), Fault(message, check="unknown_separator")


def _unknown_kinds(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    for written, kind in binding.missing.items():
        if kind not in KINDS_OF_NOTHING:
            hint = did_you_mean(kind, KINDS_OF_NOTHING, otherwise=".")
            message = f'missing: "{kind}" is no kind of nothing{hint} Kinds: {listed(KINDS_OF_NOTHING)}'
            yield ("missing", written), Fault(message, check="unknown_kind")


def _wrong_columns(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    for path, column in every_column(binding):
        whole = isinstance(column, int) and not isinstance(column, bool)
        if (whole and int(column) < 1) or (isinstance(column, str) and not column.strip()):
            message = f"{'.'.join(path)}: a column is a heading, or a number counted from 1; found {column!r}"
            yield path, Fault(message, check="not_a_column")
        elif not whole and not isinstance(column, str):
            message = f"{'.'.join(path)}: a column is a heading, or a whole number; found {column!r:.40}"
            yield path, Fault(message, check="not_a_column")


def _wrong_shapes(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    for name, bound in binding.items.items():
        path = ("items", name)
        shape: Any = bound.shape
        if not isinstance(shape, (OneHot, Delimited)) and shape != "single":
            message = f"items.{name}: a shape is single, onehot or delimited; found {shape!r:.40}"
            yield path, Fault(message, check="unknown_shape")
        elif isinstance(shape, OneHot):
            yield from _wrong_onehot(path, bound, shape)
        elif bound.column is None:
            yield path, Fault(f"items.{name}: column is missing: a heading, or a number", check="missing_key")
        if isinstance(shape, Delimited) and (not shape.sep or shape.of not in {"code", "label"}):
            message = f"items.{name}: delimited has a sep that is not empty, and of: code or of: label"
            yield path, Fault(message, check="bad_delimited")


def _wrong_onehot(path: tuple[str, ...], bound: Bound, shape: OneHot) -> Iterable[tuple[tuple[str, ...], Fault]]:
    where = ".".join(path)
    if bound.column is not None or not shape.columns:
        message = f"{where}: onehot has a column for each choice, under columns, and no column beside them"
        yield path, Fault(message, check="bad_onehot")
    both = sorted(set(shape.true) & set(shape.false))
    if both or not shape.true:
        found = f"{listed(map(repr, both))} is in both" if both else "true is empty"
        message = f"{where}: {found}; true says what is written where a choice is ticked, false where it is not"
        yield path, Fault(message, check="bad_onehot")


def _columns_used_twice(binding: Binding) -> Iterable[tuple[tuple[str, ...], Fault]]:
    first: dict[Column, str] = {}
    for path, column in every_column(binding):
        if path[0] not in {"items", "technical"} or not isinstance(column, (int, str)):
            continue
        if column in first:
            message = f"{'.'.join(path)}: column {column!r} is bound to {first[column]} already"
            yield path, Fault(message, check="column_twice")
        first.setdefault(column, ".".join(path))


def every_column(binding: Binding) -> list[tuple[tuple[str, ...], Column]]:
    """Every column that a binding names, with the keys of its place."""
    found: list[tuple[tuple[str, ...], Column]] = []
    for key in ("unit", "period"):
        given = getattr(binding, key)
        if given is not None and not isinstance(given, Fixed):
            found.append(((key,), given))
    for name, bound in binding.items.items():
        if bound.column is not None:
            found.append((("items", name), bound.column))
        if isinstance(bound.shape, OneHot):
            found += [(("items", name, choice), column) for choice, column in bound.shape.columns.items()]
    return found + [(("technical", str(at)), column) for at, column in enumerate(binding.technical)]


def load_binding(binding: str | Path | Binding) -> Binding:
    r"""A binding out of a file; a binding is returned as it is.

    Parameters
    ----------
    binding
        Path of a YAML file whose first key is ``binding``, its name. The other keys are those of :class:`Binding`,
        ``title``, ``note`` and ``source``. A column of digits is a number, any other text a heading; a heading of
        digits is written as ``heading: "2024"``. A fixed unit or period is written as ``{value: Alva}``.

    Raises
    ------
    SpecError
        The file is missing, or says something it may not: every fault with its line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "alva.yaml"
    ...     _ = path.write_text("binding: alva\ninstrument: demo\nitems: {q1: {column: 3, values: {Ja: yes}}}")
    ...     load_binding(path).items["q1"]
    Bound(column=3, shape='single', values={'Ja': 'yes'})
    """
    given: Any = binding
    if isinstance(given, Binding):
        return given
    if not isinstance(given, (str, PathLike)):
        message = f"a binding is a Binding, or the path of a YAML file; found {given!r:.60}"
        raise DataError(Fault(message, check="not_a_binding"))
    from egovindex.responses.bindingfile import binding_of
    from egovindex.spec.strictyaml import read_text, read_yaml

    path = Path(given)
    return binding_of(read_yaml(read_text(path), file=path.name))
