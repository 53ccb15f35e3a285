"""What could have been chosen otherwise: a doubt, named, composable, and written down."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.errors import EgovindexError, Fault, MethodError, did_you_mean, listed
from egovindex.index import Index
from egovindex.sensitivity import lawreading as read
from egovindex.sensitivity.numberlaws import LeaveOneOut, Uniform
from egovindex.sensitivity.saving import save_text
from egovindex.sensitivity.weightlaws import Between
from egovindex.shown import Shown
from egovindex.spec import values

if TYPE_CHECKING:
    from egovindex.compute import AnyIndex

__all__ = ["ALL", "KINDS", "Doubt", "Part"]

ALL = "*"  # the key of what is meant for every node or record
_NAMED_EACH = ("points", "nothing", "values", "recipes")  # each address has a law of its own


@dataclass(frozen=True)
class Part:
    """One doubt of several.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    key
        Node, record or address that is meant; :data:`ALL` for every one.
    law
        Its law.
    told
        The same in words.
    file, line
        Where it is written, if it comes from a file.
    """

    kind: str
    key: str
    law: Any = field(compare=False)
    told: str = ""
    file: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """Its name: of a factor, a column of settings, or a group of both."""
        return self.kind if self.key == ALL else f"{self.kind}.{self.key}"


def _address(key: Any) -> str:
    return ".".join(map(str, key)) if isinstance(key, (tuple, list)) else str(key)


# what reads the law of each kind
KINDS: dict[str, Callable[[Any], Any]] = {
    "weights": read.weight_law,
    "points": read.outcome_law,
    "nothing": read.outcome_law,
    "rules": read.alternatives,
    "normalise": read.alternatives,
    "steps": read.alternatives,
    "aggregate": read.alternatives,
    "values": read.error_law,
    "coder": read.coder_law,
    "include": read.inclusion,
    "recipes": read.recipe_law,
}


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Doubt(Shown):
    """What could have been chosen otherwise when an index was made.

    Each argument takes one law for all it may be about, or ``{node, record or address: law}``, in which ``"*"`` stands
    for all that are not named. A pair of numbers is a range, a list some alternatives. Doubts are put together with
    ``+`` and never say the same thing twice.

    Parameters
    ----------
    weights
        Of the children of each node below the one looked at: :func:`within`, :func:`simplex`, ... ; a list of weight
        sets; ``None`` fixes a node.
    points
        What lines of points earn, by address as :meth:`Index.numbers` lists them; :func:`monotone` for a whole map.
    nothing
        What a kind of nothing counts as: ``{"unknown": ["skip", 0]}``.
    rules
        Rules in place of those asked for: ``["strict", "graded"]``; a pair of names is laid over together.
    normalise
        The last ``zscore``, ``minmax``, ``goalposts`` or ``rank`` of a record, in steps: ``["minmax", "zscore"]``.
    steps
        Any other step, which takes the place of the one of the same name: ``["winsorise 1", "winsorise 5"]``.
    aggregate
        How a node makes one value out of its children: ``{"EGDI": ["mean", "geometric"]}``.
    values
        Error of measured numbers: ``{"internet": error(sd=2)}``.
    coder
        Which other category coders could have given: :func:`confusion`, :func:`disagreement`, :func:`confidence`; of
        all answers, or ``{indicator: law}``.
    include
        Records that could be left out: a list, ``{record: chance that it is in}``, or :func:`leave_one_out`.
    recipes
        Whole variants of the index: ``{"edition": {"2022": other, "2024": index}}``.
    name, title, note, source
        For people, and for the file.

    Raises
    ------
    MethodError
        A law cannot be read; all are told.

    Examples
    --------
    >>> import egovindex as ei
    >>> ei.Doubt(weights=ei.within(0.25), aggregate={"EGDI": ["mean", "geometric"]}, name="method")
    <Doubt method> 2 doubts
      weights         within 0.25
      aggregate.EGDI  one of mean, geometric
    """

    parts: tuple[Part, ...]
    name: str | None = field(compare=False)
    title: str | None = field(compare=False)
    note: str | None = field(compare=False)
    source: str | None = field(compare=False)

    def __init__(
        self,
        *,
        weights: Any = None,
        points: Mapping[Any, Any] | None = None,
        nothing: Mapping[str, Any] | None = None,
        rules: Any = None,
        normalise: Any = None,
        steps: Any = None,
        aggregate: Any = None,
        values: Any = None,
        coder: Any = None,
        include: Any = None,
        recipes: Mapping[str, Any] | None = None,
        name: str | None = None,
        title: str | None = None,
        note: str | None = None,
        source: str | None = None,
    ) -> None:
        given = {
            "weights": weights, "points": points, "nothing": nothing, "rules": rules, "normalise": normalise,
            "steps": steps, "aggregate": aggregate, "values": values, "coder": coder, "include": include,
            "recipes": recipes,
        }  # fmt: skip
        faults: list[Fault] = []
        parts: list[Part] = []
        for kind, raw in given.items():
            if raw is None:
                continue
            for key, one in _by_key(kind, raw):
                try:
                    parts.append(_part(kind, key, one))
                except EgovindexError as error:
                    faults += [_placed(fault, kind, key) for fault in error.faults]
        if faults:
            raise MethodError(faults)
        self._set(parts, name, title, note, source)

    def _set(self, parts: Any, name: str | None, title: str | None, note: str | None, source: str | None) -> None:
        order = list(KINDS)  # however it was put together, a doubt is the same
        fixed = {
            "parts": tuple(sorted(parts, key=lambda part: order.index(part.kind))),
            "name": name,
            "title": title,
            "note": note,
            "source": source,
        }
        for key, value in fixed.items():
            object.__setattr__(self, key, value)
        labels = [part.label for part in self.parts]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            message = f"{listed(twice)}: said twice; a doubt says each thing once. Leave one out with without(...)"
            raise MethodError(Fault(message, check="doubt_twice"))

    @classmethod
    def of(cls, parts: Any, name: str | None = None, **more: str | None) -> Doubt:
        """A doubt out of its parts.

        Raises
        ------
        MethodError
            Two of them say the same thing.
        """
        found = object.__new__(cls)
        found._set(parts, name, more.get("title"), more.get("note"), more.get("source"))
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Doubt) and self._said == other._said

    def __hash__(self) -> int:
        return hash(self._said)

    @cached_property
    def _said(self) -> tuple[tuple[str, str, str], ...]:
        """Everything that is doubted, whatever the order."""
        return tuple(sorted(map(_key, self.parts)))

    # --- put together
    def __add__(self, other: Doubt) -> Doubt:
        if not isinstance(other, Doubt):
            return NotImplemented
        names = [name for name in (self.name, other.name) if name]
        return Doubt.of((*self.parts, *other.parts), " + ".join(names) or None)

    def only(self, *labels: str) -> Doubt:
        """The parts of these labels, such as ``"weights"`` or ``"aggregate.EGDI"``, and no others.

        Examples
        --------
        >>> import egovindex as ei
        >>> ei.Doubt(weights=ei.simplex(), rules=["strict", "graded"]).only("rules")
        <Doubt> 1 doubt
          rules  one of strict, graded
        """
        chosen = self._chosen(labels)
        return Doubt.of([part for part in self.parts if part in chosen], self.name)

    def without(self, *labels: str) -> Doubt:
        """All parts but those of these labels."""
        chosen = self._chosen(labels)
        return Doubt.of([part for part in self.parts if part not in chosen], self.name)

    def _chosen(self, labels: tuple[str, ...]) -> list[Part]:
        known = [*dict.fromkeys([*(part.label for part in self.parts), *(part.kind for part in self.parts)])]
        unknown = [label for label in labels if label not in known]
        if unknown:
            faults = [
                Fault(f'no doubt is about "{label}"{did_you_mean(label, known)}', check="unknown_doubt")
                for label in unknown
            ]
            raise MethodError(faults)
        return [part for part in self.parts if part.label in labels or part.kind in labels]

    @classmethod
    def declared(cls, index: AnyIndex, *, name: str | None = None) -> Doubt:
        """The ranges that stand in the file of an index, beside its numbers of points and its weights.

        Every number is as likely as any other in its range. The other weights of a node take up what those with a
        range leave.

        Raises
        ------
        MethodError
            No number of the file has a range.

        Examples
        --------
        >>> import egovindex as ei
        >>> ei.Doubt.declared(ei.load_index("unctad-cyberlaw-2026").with_rules("graded"))
        <Doubt declared in unctad-cyberlaw-2026> 1 doubt
          points.status.draft  uniform 0.2 0.7
        """
        from egovindex.loading import load_index
        from egovindex.spec.addresses import lines_of

        chosen = load_index(index)
        parts: list[Part] = []
        for line in lines_of(chosen.file):
            if isinstance(line.outcome, values.Quantity) and line.outcome.range is not None:
                kind = "nothing" if line.address[0] == "nothing" else "points"
                key = line.address[1] if kind == "nothing" else line.short
                parts.append(_part(kind, key, Uniform(*line.outcome.range)))
        for branch in chosen.tree.branches.values():
            total = sum(weight.value for weight in branch.weights)
            ranges = {c: w.range for c, w in zip(branch.children, branch.weights, strict=True) if w.range is not None}
            if ranges and total > 0:
                low, high = (tuple((c, ends[at] / total) for c, ends in ranges.items()) for at in (0, 1))
                parts.append(_part("weights", branch.id, Between(low, high)))
        if not parts:
            message = f"no number of {chosen.id} has a range, as in {{value: 0.4, range: [0.2, 0.6]}}"
            raise MethodError(Fault(message, check="nothing_declared"))
        return cls.of(parts, name or f"declared in {chosen.id}")

    # --- written
    def document(self) -> dict[str, Any]:
        """As plain data, in the form of a file."""
        about = {"doubt": self.name or "unnamed", "title": self.title, "note": self.note, "source": self.source}
        found: dict[str, Any] = {key: value for key, value in about.items() if value is not None}
        for kind in dict.fromkeys(part.kind for part in self.parts):
            laws = {part.key: _written(part.law) for part in self.parts if part.kind == kind}
            # a mapping says which records are meant; only a law in one line, or a list, may stand alone
            alone = set(laws) == {ALL} and (kind == "include" or not isinstance(laws[ALL], dict))
            found[kind] = laws[ALL] if alone else laws
        return found

    def to_yaml(self) -> str:
        """As the text of a file, which :func:`load_doubt` reads back.

        Examples
        --------
        >>> import egovindex as ei
        >>> print(ei.Doubt(weights=ei.within(0.25), name="quarter").to_yaml(), end="")
        doubt: quarter
        weights: within 0.25
        """
        from egovindex.spec.write import yaml_text

        return yaml_text(self.document(), None)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a file that :func:`load_doubt` reads back.

        Raises
        ------
        DataError
            The file exists, or cannot be written.
        """
        save_text(self.to_yaml(), path, overwrite=overwrite)

    # --- shown
    def _lines(self) -> Iterator[tuple[str, str]]:
        yield from ((part.label, part.told) for part in self.parts)

    def _head(self) -> str:
        n = len(self.parts)
        return f"<Doubt{f' {self.name}' if self.name else ''}> {n} doubt{'' if n == 1 else 's'}"

    def __repr__(self) -> str:
        widest = max((len(label) for label, _ in self._lines()), default=0)
        return "\n".join([self._head(), *(f"  {label:<{widest}}  {told}" for label, told in self._lines())])

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{html.escape(a)}</th><td>{html.escape(b)}</td></tr>" for a, b in self._lines())
        return f"<b>{html.escape(self._head())}</b><table>{rows}</table>"


def _key(part: Part) -> tuple[str, str, str]:
    return part.kind, part.key, json.dumps(_written(part.law), sort_keys=True, default=str)


def _by_key(kind: str, raw: Any) -> Iterator[tuple[str, Any]]:
    """Laws by what they are about."""
    if kind == "include":
        yield ALL, raw
    elif isinstance(raw, Mapping):
        yield from ((_address(key), one) for key, one in raw.items())
    elif kind in _NAMED_EACH and kind != "values":
        example = {"points": '{"status.drafted": (0.2, 0.6)}', "nothing": '{"unknown": ["skip", 0]}'}
        message = f"{kind} takes a mapping, as in {example.get(kind, '{name: {label: keys}}')}; found {raw!r:.60}"
        raise MethodError(Fault(message, check="bad_law"))
    else:
        yield ALL, raw


def _part(kind: str, key: str, raw: Any) -> Part:
    law = KINDS[kind](raw)
    return Part(kind, key, law, told_of(law))


def told_of(law: Any) -> str:
    """A law in words."""
    if law is None:
        return "fixed"
    if isinstance(law, dict):
        return ", ".join(
            f"{name} in with chance {chance:g}" if isinstance(chance, float) else name for name, chance in law.items()
        )
    return str(law)


def _placed(fault: Fault, kind: str, key: str) -> Fault:
    place = kind if key == ALL else f"{kind}.{key}"
    return Fault(f"{place}: {fault.message}", path=place, check=fault.check or "bad_law")


def _written(law: Any) -> Any:
    if law is None:
        return "fixed"
    if isinstance(law, LeaveOneOut):
        return law.written()
    if isinstance(law, dict):
        return {name: _of_recipe(one) for name, one in law.items()}
    return law.written()


def _of_recipe(one: Any) -> Any:
    from egovindex.spec.vary import as_read

    return {"index": one.document()} if isinstance(one, Index) else as_read(one)
