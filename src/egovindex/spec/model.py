"""The files as frozen models: an index, a weight set; for an instrument see :mod:`.questions`.

Two records, one pipeline. An *indicator* takes its value from the data, a *node* from its children;
from there both go the same way: value -> ``points`` -> ``steps`` -> parent. The whole grammar is read
and checked here.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Annotated, Any
from typing import Literal as OneOf

from pydantic import (
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from egovindex.errors import listed
from egovindex.spec.fields import (
    FROZEN,
    BoundField,
    Children,
    ChildWeights,
    FormulaField,
    FromField,
    FrozenDict,
    Id,
    Layers,
    Names,
    NeedField,
    Nothing,
    OptionalOutcome,
    PointsList,
    PointsMap,
    PointsPatch,
    QuantityField,
    Scale,
    SourceField,
    StepField,
    TestField,
    Text,
    kind_of,
)
from egovindex.spec.frozen import Frozen, written
from egovindex.spec.items import Taken, taken_from
from egovindex.spec.questions import Check, InstrumentBody, InstrumentFile, Item

__all__ = [
    "Best",
    "Check",
    "Defaults",
    "FrozenDict",
    "IndexFile",
    "Indicator",
    "InstrumentBody",
    "InstrumentFile",
    "Item",
    "Node",
    "PointsMap",
    "Record",
    "Reference",
    "Rule",
    "WeightSet",
]


class Record(Frozen):
    """What an indicator and a node have in common."""

    label: Text | None = Field(None, description="name for people")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where it comes from; covers what is below it")
    measured_in: Text | None = Field(None, description='unit of measurement, as in "% of people"')
    in_: Id | None = Field(None, alias="in", description="parent node: the edge said by the child")
    weight: QuantityField | None = Field(None, description="weight of that edge", json_schema_extra={"default": 1})
    points: PointsList | None = Field(
        None,
        description="what each answer earns: a map, the name of a map, or a list of these read in order",
    )
    steps: tuple[StepField, ...] | None = Field(None, description="what is done to the value, in order")
    direction: OneOf["up", "down"] | None = Field(
        None,
        description="whether more is better; down acts in zscore, minmax and rank, and is an error without one",
        json_schema_extra={"default": "up"},
    )
    classes: Annotated[dict[Text, BoundField], FROZEN] | None = Field(
        None, description="bands on the value after steps; the first that holds"
    )


class Indicator(Record):
    """A leaf of the tree: takes its value from the data."""

    from_: FromField | None = Field(
        None,
        alias="from",
        description="where the answer is found, of a list in the first column that has one; its own id if not written",
    )
    answers: Text | None = Field(None, description="the scale its answers are on; else the one its points use")


class Node(Record):
    """An inner point of the tree: takes its value from its children."""

    of: Children | None = Field(
        None, description="children; a list means equal weights; weights need not add up to one"
    )
    over: Names | None = Field(
        None, description="row keys along which one child is aggregated, in place of across children"
    )
    where: TestField | None = Field(None, description="only rows that pass the test are aggregated")
    from_: FormulaField | None = Field(None, alias="from", description="formula over records, in place of children")
    aggregate: (
        OneOf["mean", "pool", "sum", "product", "geometric", "harmonic", "min", "max", "weakest", "ladder"] | None
    ) = Field(None, description="how children become one value", json_schema_extra={"default": "mean"})
    need: NeedField | None = Field(
        None,
        description="children that must be answered, a count or a share; fewer: no score",
        json_schema_extra={"default": 0},
    )


class Rule(Frozen):
    """A named scoring rule: a patch over ``points`` and ``nothing``."""

    label: Text | None = Field(None, description="name for people")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="who set the rule, when, how")
    replaces: Names | None = Field(None, description="rules that this one takes the place of")
    nothing: Annotated[dict[Text, OptionalOutcome], FROZEN, kind_of("lines")] | None = Field(
        None, description="lines over the file's nothing"
    )
    points: Annotated[dict[Text, PointsPatch], FROZEN] = Field(
        default_factory=FrozenDict,
        description="lines over named maps, read before the map's own; a map's name may be a key itself",
    )


class Reference(Frozen):
    """From whom bounds, means and medians are learned."""

    periods: Text = Field("each", description="each, all, or one period")
    where: TestField | None = Field(None, description="only units that pass the test")


class Best(Frozen):
    """Before scoring, the best answer of several rows stands for all of them."""

    over: Names = Field(description="row keys whose rows are taken together")
    where: TestField | None = Field(None, description="only rows that pass the test")


class Defaults(Frozen):
    """Keys that every record takes unless it has its own."""

    indicators: Indicator = Field(default_factory=Indicator, description="keys of every indicator")
    nodes: Node = Field(default_factory=Node, description="keys of every node")


class IndexFile(Frozen):
    """An index: the whole recipe from answers to classes."""

    index: Id = Field(description="name, equal to the file name")
    title: Text | None = Field(None, description="name for people")
    edition: Text | None = Field(None, description="edition or year")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where the recipe comes from; required when packaged")
    like: Id | None = Field(
        None, description="complete file that this one varies; no further than an edition of a base, a variant of that"
    )
    instrument: Annotated[dict[Id, InstrumentBody], FROZEN] | None = Field(
        None,
        description="where item ids and scales come from: a name, a list of names, or the questionnaires themselves, "
        "which a name stands for",
    )
    rows: Names | None = Field(
        None,
        description="what identifies a data row, unit first",
        json_schema_extra={"default": ["unit", "period"]},
    )
    columns: Annotated[dict[Text, Text], FROZEN] = Field(
        default_factory=FrozenDict,
        description="short names for headings of the data; a star stands for the column of each answer",
    )
    answers: Annotated[dict[Text, Scale], FROZEN] = Field(
        default_factory=FrozenDict, description="scales: category with its spellings, in order"
    )
    nothing: Nothing | None = Field(
        None,
        description="what each kind of nothing earns; naming a kind declares it; none: a blank is an error",
    )
    points: Annotated[dict[Text, PointsMap], FROZEN] = Field(
        default_factory=FrozenDict, description="named maps of points lines"
    )
    rules: Annotated[dict[Text, Rule], FROZEN] = Field(
        default_factory=FrozenDict, description="named scoring rules over points and nothing"
    )
    rule: Layers | None = Field(None, description="the rule, or rules, in force if none is asked for")
    reference: Reference | None = Field(None, description="from whom bounds, means and medians are learned")
    best: Best | None = Field(None, description="the best answer of several rows stands for all of them")
    defaults: Defaults = Field(default_factory=Defaults, description="keys every record takes unless it has its own")
    indicators: Annotated[dict[Id, Indicator], FROZEN] = Field(
        description="the leaves of the tree; CSV has their keys as columns"
    )
    nodes: Annotated[dict[Id, Node], FROZEN] = Field(
        description="the inner points of the tree; the first that is nobody's child is the headline"
    )
    _taken: Taken = PrivateAttr(default_factory=Taken)
    _own_answers: frozenset[str] = PrivateAttr(default=frozenset())
    _own_columns: frozenset[str] = PrivateAttr(default=frozenset())

    @model_validator(mode="after")
    def _take_from_instruments(self) -> IndexFile:
        """Scales and short names of the instruments stand below the file's own, and are not written again."""
        self._taken = taken_from(self.instrument)
        self._own_answers, self._own_columns = frozenset(self.answers), frozenset(self.columns)
        if self.instrument:  # past the guard of a frozen model: this is still its making
            self.__dict__["answers"] = FrozenDict({**self._taken.answers, **self.answers})
            self.__dict__["columns"] = FrozenDict({**self._taken.columns, **self.columns})
        return self

    @model_serializer(mode="wrap")
    def _only_what_was_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found = written(self, handler)
        for key, own in (("answers", self._own_answers), ("columns", self._own_columns)):
            if key in found:
                found[key] = {name: value for name, value in found[key].items() if name in own}
        return found

    @property
    def taken(self) -> Taken:
        """What comes from the instruments that the file names."""
        return self._taken

    @property
    def own_answers(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Scales that the file spells itself."""
        return {name: scale for name, scale in self.answers.items() if name in self._own_answers}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexFile) and self.model_dump_json(by_alias=True) == other.model_dump_json(
            by_alias=True
        )

    def __hash__(self) -> int:
        return hash(self.model_dump_json(by_alias=True))


class WeightSet(Frozen):
    """A named, sourced set of weights for one index.

    Examples
    --------
    >>> from egovindex.spec.model import WeightSet
    >>> trial = WeightSet(weights="trial", index="demo", nodes={"top": {"a": "1/2", "b": "1/2"}})
    >>> trial.nodes["top"]["a"].value
    0.5
    """

    weights: Id = Field(description="name of the set, equal to the file name")
    index: Id = Field(description="the index it is for")
    title: Text | None = Field(None, description="name for people")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="who chose these weights, when, how")
    nodes: Annotated[dict[Id, ChildWeights], FROZEN] = Field(
        description="per node: child with weight, or a word for weights found by a method"
    )

    def __repr__(self) -> str:
        source = f", source: {self.source.title}" if self.source is not None and self.source.title else ""
        return f"<WeightSet {self.weights}> for {self.index}: {listed(self.nodes)}{source}"

    def _repr_html_(self) -> str:
        return f"<code>{html.escape(repr(self))}</code>"
