"""The files as frozen models: an index, a weight set, an instrument.

Two records, one pipeline. An *indicator* takes its value from the data, a *node* from its children;
from there both go the same way: value -> ``points`` -> ``steps`` -> parent. The whole grammar is read
and checked here, also where a construct is computed only by a later release (:mod:`.later`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from typing import Literal as OneOf

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    Tag,
    WithJsonSchema,
    model_serializer,
)

from egovindex.spec import language, values
from egovindex.spec.words import KINDS

__all__ = [
    "Best",
    "Check",
    "Defaults",
    "FrozenDict",
    "IndexFile",
    "Indicator",
    "InstrumentFile",
    "Item",
    "Node",
    "PointsMap",
    "Record",
    "Reference",
    "Rule",
    "WeightSet",
]


class FrozenDict(dict[Any, Any]):
    """A dict that refuses to change; models that hold one stay frozen all the way down."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("an index is frozen; ask it for a changed copy (with_, with_weights, with_rules)")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> FrozenDict:
        return self


def _json(schema: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema(schema)


_NUMBER_TEXT = {"type": ["number", "string"]}
_QUANTITY_JSON: dict[str, Any] = {
    "description": "a number, a fraction such as 1/3, or the long form",
    "anyOf": [
        _NUMBER_TEXT,
        {
            "type": "object",
            "required": ["value"],
            "additionalProperties": False,
            "properties": {
                "value": _NUMBER_TEXT,
                "source": {"anyOf": [{"type": "string"}, {"type": "object"}]},
                "basis": {"enum": list(values.BASES)},
                "range": {"type": "array", "items": _NUMBER_TEXT, "minItems": 2, "maxItems": 2},
                "note": {"type": ["string", "number"]},
            },
        },
    ],
}
_SOURCE_JSON: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "required": ["title"],
            "additionalProperties": False,
            "properties": {
                **{key: {"type": ["string", "number"]} for key in ("title", "page", "url", "date", "note")},
                "basis": {"enum": list(values.BASES)},
            },
        },
    ]
}
_TEXT_JSON: dict[str, Any] = {"type": ["string", "number", "boolean"]}


def _write_step(step: values.Step) -> Any:
    if all(values.write_quantity(q) == language.number_text(q.value) for q in step.numbers):
        return str(step)
    numbers = [values.write_quantity(q) for q in step.numbers]
    return {" ".join([step.name, *step.words]): numbers[0] if len(numbers) == 1 else numbers}


def _write_from(columns: tuple[values.Column, ...]) -> Any:
    return columns[0].text if len(columns) == 1 else [c.text for c in columns]


def _read_line(raw: Any) -> Any:
    return language.parse_line(values.parse_text(raw)) if isinstance(raw, (str, int, float)) else raw


def _read_test(raw: Any) -> Any:
    return language.parse_test(values.parse_text(raw)) if isinstance(raw, (str, int, float)) else raw


def _read_formula(raw: Any) -> Any:
    return language.parse_formula(values.parse_text(raw)) if isinstance(raw, (str, int, float)) else raw


def _write_children(children: Mapping[str, values.Quantity]) -> Any:
    if all(q == values.Quantity(1.0) for q in children.values()):
        return list(children)
    return {child: values.write_quantity(q) for child, q in children.items()}


def _read_optional_outcome(raw: Any) -> Any:
    return None if raw is None else values.parse_outcome(raw)


Text = Annotated[str, PlainValidator(values.parse_text), _json(_TEXT_JSON)]
Id = Annotated[str, PlainValidator(values.parse_id), _json({"type": "string"})]
SourceField = Annotated[
    values.Source,
    PlainValidator(values.parse_source),
    PlainSerializer(values.write_source),
    _json(_SOURCE_JSON),
]
QuantityField = Annotated[
    values.Quantity,
    PlainValidator(values.parse_quantity),
    PlainSerializer(values.write_quantity),
    _json(_QUANTITY_JSON),
]
Line = Annotated[
    language.Literal | language.Else | language.Test,
    PlainValidator(_read_line),
    PlainSerializer(str),
    _json({"type": "string"}),
]
TestField = Annotated[language.Test, PlainValidator(_read_test), PlainSerializer(str), _json({"type": "string"})]
FormulaField = Annotated[
    language.Formula, PlainValidator(_read_formula), PlainSerializer(str), _json({"type": "string"})
]
OutcomeField = Annotated[
    values.Outcome,
    PlainValidator(values.parse_outcome),
    PlainSerializer(values.write_outcome),
    _json({"description": "number, formula, skip, void, last, parent, mean, median", **_QUANTITY_JSON}),
]
OptionalOutcome = Annotated[
    values.Outcome | None,
    PlainValidator(_read_optional_outcome),
    PlainSerializer(lambda outcome: None if outcome is None else values.write_outcome(outcome)),
    _json({"anyOf": [_QUANTITY_JSON, {"type": "null"}]}),
]
BoundField = Annotated[
    values.Quantity | language.Test | language.Else,
    PlainValidator(values.parse_bound),
    PlainSerializer(lambda b: values.write_quantity(b) if isinstance(b, values.Quantity) else str(b)),
    _json(_QUANTITY_JSON),
]
StepField = Annotated[
    values.Step,
    PlainValidator(values.parse_step),
    PlainSerializer(_write_step),
    _json({"anyOf": [{"type": "string"}, {"type": "object", "minProperties": 1, "maxProperties": 1}]}),
]
NeedField = Annotated[values.Need, PlainValidator(values.parse_need), PlainSerializer(str), _json(_NUMBER_TEXT)]
FromField = Annotated[
    tuple[values.Column, ...],
    PlainValidator(values.parse_from),
    PlainSerializer(_write_from),
    _json({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
_Frozen = AfterValidator(FrozenDict)


def _one_or_many(raw: Any) -> Any:
    return [raw] if isinstance(raw, (str, Mapping)) else raw


def _text_or_texts(inner: dict[str, Any]) -> WithJsonSchema:
    return _json({"anyOf": [inner, {"type": "array", "items": inner}]})


Names = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_many),
    PlainSerializer(lambda names: names[0] if len(names) == 1 else list(names)),
    _text_or_texts({"type": "string"}),
]
PointsMap = Annotated[dict[Line, OutcomeField], _Frozen]
PointsPatch = Annotated[dict[Line, OptionalOutcome], _Frozen]
_POINTS_JSON: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {"type": "object", "additionalProperties": _QUANTITY_JSON},
    ]
}
_POINTS_JSON["anyOf"].append({"type": "array", "items": {"anyOf": list(_POINTS_JSON["anyOf"])}})


def _write_points(points: tuple[Any, ...] | None) -> Any:
    if points is None:
        return None
    written = [
        part if isinstance(part, str) else {str(line): values.write_outcome(o) for line, o in part.items()}
        for part in points
    ]
    return written[0] if len(written) == 1 else written


class Frozen(BaseModel):
    """Base of all records of the language: frozen, unknown keys refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="strings", defer_build=True
    )

    @model_serializer(mode="wrap")
    def _only_what_was_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Keys that were not written are not printed; a written ``~`` is."""
        written = {type(self).model_fields[name].alias or name for name in self.model_fields_set}
        return {key: value for key, value in handler(self).items() if key in written}


PointsList = Annotated[
    tuple[
        Annotated[
            Annotated[Text, Tag("name")] | Annotated[PointsMap, Tag("map")],
            Discriminator(lambda raw: "map" if isinstance(raw, Mapping) else "name"),
        ],
        ...,
    ],
    BeforeValidator(_one_or_many),
    PlainSerializer(_write_points),
]


class Record(Frozen):
    """What an indicator and a node have in common."""

    label: Text | None = Field(None, description="name for people")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where it comes from; covers what is below it")
    measured_in: Text | None = Field(None, description='unit of measurement, as in "% of people"')
    in_: Id | None = Field(None, alias="in", description="parent node: the edge said by the child")
    weight: QuantityField | None = Field(None, description="weight of that edge; 1 where it is not written")
    points: PointsList | None = Field(
        None,
        description="what each answer earns: a map, the name of a map, or a list of these read in order",
        json_schema_extra=_POINTS_JSON,
    )
    steps: tuple[StepField, ...] | None = Field(None, description="what is done to the value, in order")
    direction: OneOf["up", "down"] | None = Field(None, description="whether more is better")
    classes: Annotated[dict[Text, BoundField], _Frozen] | None = Field(
        None, description="bands: label with lower bound, test or else; the first that holds"
    )


class Indicator(Record):
    """A leaf of the tree: takes its value from the data."""

    from_: FromField | None = Field(
        None, alias="from", description="column, formula, or list of columns; own id where it is not written"
    )
    answers: Text | None = Field(None, description="the scale its answers are on")


class Node(Record):
    """An inner point of the tree: takes its value from its children."""

    of: Annotated[dict[Id, QuantityField], _Frozen, PlainSerializer(_write_children)] | None = Field(
        None,
        description="children; a list means equal weights; weights need not add up to one",
        json_schema_extra={
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": _QUANTITY_JSON},
            ]
        },
    )
    over: Names | None = Field(None, description="row key along which one child is aggregated")
    where: TestField | None = Field(None, description="only rows that pass the test are aggregated")
    from_: FormulaField | None = Field(None, alias="from", description="formula over nodes")
    aggregate: (
        OneOf["mean", "pool", "sum", "product", "geometric", "harmonic", "min", "max", "weakest", "ladder"] | None
    ) = Field(None, description="how children become one value; mean where it is not written")
    need: NeedField | None = Field(None, description="children that must be answered: a count or a share")


class Rule(Frozen):
    """A named scoring rule: a patch over ``points`` and ``nothing``."""

    label: Text | None = Field(None, description="name for people")
    note: Text | None = None
    source: SourceField | None = None
    replaces: Names | None = Field(None, description="rules that this one takes the place of")
    nothing: Annotated[dict[Text, OptionalOutcome], _Frozen] | None = Field(None, description="lines over nothing")
    points: Annotated[dict[Text, PointsPatch], _Frozen] = Field(
        default_factory=FrozenDict, description="lines over the named maps, read before the map's own"
    )


class Reference(Frozen):
    """From whom bounds, means and medians are learned."""

    periods: Text = Field("each", description="each, all, or one period")
    where: TestField | None = Field(None, description="only units that pass the test")


class Best(Frozen):
    """Before scoring, the best answer of several rows stands for all of them."""

    over: Names
    where: TestField | None = None


class Defaults(Frozen):
    """Keys that every record takes unless it has its own."""

    indicators: Indicator = Field(default_factory=Indicator)
    nodes: Node = Field(default_factory=Node)


def _read_nothing(raw: Any) -> Any:
    # a bare outcome means every known kind, spelled out before anything is merged (section 4.2)
    return raw if isinstance(raw, Mapping) else dict.fromkeys(KINDS, raw)


def _read_layers(raw: Any) -> Any:
    if raw is None or (isinstance(raw, (list, tuple)) and raw and all(isinstance(r, (list, tuple)) for r in raw)):
        return raw
    return [_one_or_many(raw)]


def _write_layers(layers: tuple[tuple[str, ...], ...] | None) -> Any:
    if layers is None:
        return None
    if len(layers) == 1:
        return layers[0][0] if len(layers[0]) == 1 else list(layers[0])
    return [list(layer) for layer in layers]


Scale = Annotated[dict[Text, Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)]], _Frozen]
Nothing = Annotated[
    dict[Text, OutcomeField],
    BeforeValidator(_read_nothing),
    _Frozen,
]
Layers = Annotated[
    tuple[tuple[Text, ...], ...],
    BeforeValidator(_read_layers),
    PlainSerializer(_write_layers),
    _json({"anyOf": [{"type": "string"}, {"type": "array"}]}),
]


class IndexFile(Frozen):
    """An index: the whole recipe from answers to classes."""

    index: Id = Field(description="name, equal to the file name")
    title: Text | None = Field(None, description="name for people")
    edition: Text | None = Field(None, description="edition")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where the recipe comes from; required when packaged")
    like: Id | None = Field(None, description="index of which this file is a variant")
    instrument: Names | None = Field(None, description="where item ids and scales come from")
    rows: Names | None = Field(None, description="what identifies a data row, unit first")
    columns: Annotated[dict[Text, Text], _Frozen] = Field(
        default_factory=FrozenDict, description="short names for headings of the data"
    )
    answers: Annotated[dict[Text, Scale], _Frozen] = Field(
        default_factory=FrozenDict, description="scales: category with its spellings, in order"
    )
    nothing: Nothing | None = Field(
        None,
        description="what each kind of nothing earns",
        json_schema_extra={"anyOf": [_QUANTITY_JSON, {"type": "object", "additionalProperties": _QUANTITY_JSON}]},
    )
    points: Annotated[dict[Text, PointsMap], _Frozen] = Field(
        default_factory=FrozenDict, description="named points maps"
    )
    rules: Annotated[dict[Text, Rule], _Frozen] = Field(default_factory=FrozenDict, description="named scoring rules")
    rule: Layers | None = Field(None, description="the rule, or rules, in force if none is asked for")
    reference: Reference | None = Field(None, description="from whom bounds, means and medians are learned")
    best: Best | None = Field(None, description="the best answer of several rows stands for all of them")
    defaults: Defaults = Field(default_factory=Defaults, description="keys every record takes")
    indicators: Annotated[dict[Id, Indicator], _Frozen] = Field(description="the leaves of the tree")
    nodes: Annotated[dict[Id, Node], _Frozen] = Field(description="the inner points of the tree")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IndexFile) and self.model_dump(by_alias=True) == other.model_dump(by_alias=True)

    def __hash__(self) -> int:
        return hash(self.model_dump_json(by_alias=True))


ChildWeights = Annotated[
    Annotated[OneOf["equal", "entropy", "pca"], Tag("word")] | Annotated[dict[Id, QuantityField], _Frozen, Tag("map")],
    Discriminator(lambda raw: "map" if isinstance(raw, Mapping) else "word"),
]


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
    nodes: Annotated[dict[Id, ChildWeights], _Frozen] = Field(
        description="per node: child with weight, or a word for weights found by a method"
    )


class Item(Frozen):
    """One question of an instrument."""

    number: Text | None = None
    section: Text | None = None
    label: Text | None = None
    topic: Text | None = None
    match: Names | None = Field(None, description="words that find it in a printed form")
    kind: OneOf["one", "many", "number", "date", "text", "link", "contact"] | None = None
    answers: Text | None = Field(None, description="scale of the respondent's own mark")
    coded_as: Names | None = Field(None, description="scales that a coder uses")
    required: OneOf["true", "false"] | None = None
    ask_if: TestField | None = None
    evidence: Id | None = Field(None, description="the item that documents this one")
    personal: OneOf["person", "role", "organisation", "may_name"] | None = None
    same_as: Text | None = None
    note: Text | None = None
    source: SourceField | None = None


class Check(Frozen):
    """A validity constraint of an instrument: reported, never scored."""

    wrong_if: TestField
    say: Text


class InstrumentFile(Frozen):
    """A questionnaire as data."""

    instrument: Id = Field(description="name, equal to the file name")
    title: Text | None = None
    edition: Text | None = None
    language: Text | None = None
    note: Text | None = None
    source: SourceField | None = None
    answers: Annotated[dict[Text, Scale], _Frozen] = Field(default_factory=FrozenDict)
    columns: Annotated[dict[Text, Text], _Frozen] = Field(default_factory=FrozenDict)
    items: Annotated[dict[Id, Item], _Frozen]
    checks: Annotated[dict[Text, Check], _Frozen] = Field(default_factory=FrozenDict)
