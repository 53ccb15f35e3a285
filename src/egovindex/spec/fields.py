"""The kinds of value that stand in a file, for the models: how each is read, written, and called in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from typing import Literal as OneOf

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    PlainSerializer,
    PlainValidator,
    Tag,
    WithJsonSchema,
)

from egovindex.spec import language, values
from egovindex.spec.words import KINDS

__all__ = [
    "FROZEN",
    "BoundField",
    "ChildWeights",
    "Children",
    "FormulaField",
    "FromField",
    "FrozenDict",
    "Id",
    "Layers",
    "Names",
    "NeedField",
    "Nothing",
    "OptionalOutcome",
    "PointsList",
    "PointsMap",
    "PointsPatch",
    "QuantityField",
    "Scale",
    "SourceField",
    "StepField",
    "TestField",
    "Text",
    "kind_of",
]


class FrozenDict(dict[Any, Any]):
    """A dict that refuses to change; models that hold one stay frozen all the way down."""

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("an index is frozen; ask it for a changed copy (with_, with_weights, with_rules, with_points)")

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


def kind_of(name: str) -> WithJsonSchema:
    """The kind of value it is, by its name in :data:`egovindex.spec.schema.VALUES`."""
    return WithJsonSchema({"x-value": name})


def _write_step(step: values.Step) -> Any:
    if all(values.write_quantity(q) == language.number_text(q.value) for q in step.numbers):
        return str(step)
    numbers = [values.write_quantity(q) for q in step.numbers]
    return {" ".join([step.name, *step.words]): numbers[0] if len(numbers) == 1 else numbers}


def _write_from(columns: tuple[values.Column, ...]) -> Any:
    return columns[0].text if len(columns) == 1 else [c.text for c in columns]


def _read_line(raw: Any) -> Any:
    parsed = isinstance(raw, (language.Literal, language.Else, language.Test))
    return raw if parsed else language.parse_line(values.parse_text(raw))


def _read_test(raw: Any) -> Any:
    return raw if isinstance(raw, language.Test) else language.parse_test(values.parse_text(raw))


def _read_formula(raw: Any) -> Any:
    return raw if isinstance(raw, language.Formula) else language.parse_formula(values.parse_text(raw))


def _write_children(children: Mapping[str, values.Quantity]) -> Any:
    if all(q == values.Quantity(1.0) for q in children.values()):
        return list(children)
    return {child: values.write_quantity(q) for child, q in children.items()}


def _read_optional_outcome(raw: Any) -> Any:
    return None if raw is None else values.parse_outcome(raw)


Text = Annotated[str, PlainValidator(values.parse_text), kind_of("text")]
Id = Annotated[str, PlainValidator(values.parse_id), kind_of("id")]
SourceField = Annotated[
    values.Source,
    PlainValidator(values.parse_source),
    PlainSerializer(values.write_source),
    kind_of("source"),
]
QuantityField = Annotated[
    values.Quantity,
    PlainValidator(values.parse_quantity),
    PlainSerializer(values.write_quantity),
    kind_of("number"),
]
Line = Annotated[
    language.Literal | language.Else | language.Test,
    PlainValidator(_read_line),
    PlainSerializer(str),
    kind_of("line"),
]
TestField = Annotated[language.Test, PlainValidator(_read_test), PlainSerializer(str), kind_of("test")]
FormulaField = Annotated[language.Formula, PlainValidator(_read_formula), PlainSerializer(str), kind_of("formula")]
OutcomeField = Annotated[
    values.Outcome,
    PlainValidator(values.parse_outcome),
    PlainSerializer(values.write_outcome),
    kind_of("outcome"),
]
OptionalOutcome = Annotated[
    values.Outcome | None,
    PlainValidator(_read_optional_outcome),
    PlainSerializer(lambda outcome: None if outcome is None else values.write_outcome(outcome)),
    kind_of("outcome"),
]
BoundField = Annotated[
    values.Quantity | language.Test | language.Else,
    PlainValidator(values.parse_bound),
    PlainSerializer(lambda b: values.write_quantity(b) if isinstance(b, values.Quantity) else str(b)),
    kind_of("bound"),
]
StepField = Annotated[
    values.Step,
    PlainValidator(values.parse_step),
    PlainSerializer(_write_step),
    kind_of("step"),
]
NeedField = Annotated[values.Need, PlainValidator(values.parse_need), PlainSerializer(str), kind_of("need")]
FromField = Annotated[
    tuple[values.Column, ...],
    PlainValidator(values.parse_from),
    PlainSerializer(_write_from),
    kind_of("columns"),
]
FROZEN = AfterValidator(FrozenDict)


def one_or_many(raw: Any) -> Any:
    return [raw] if isinstance(raw, (str, Mapping)) else raw


def _some(names: tuple[Any, ...]) -> tuple[Any, ...]:
    if not names or () in names:
        raise ValueError("an empty list; write at least one name, or leave the key out")
    return names


Names = Annotated[
    tuple[Text, ...],
    AfterValidator(_some),
    BeforeValidator(one_or_many),
    PlainSerializer(lambda names: names[0] if len(names) == 1 else list(names)),
    kind_of("names"),
]
PointsMap = Annotated[dict[Line, OutcomeField], FROZEN, kind_of("lines")]
PointsPatch = Annotated[dict[Line, OptionalOutcome], FROZEN, kind_of("lines")]


def _write_points(points: tuple[Any, ...] | None) -> Any:
    if points is None:
        return None
    written = [
        part if isinstance(part, str) else {str(line): values.write_outcome(o) for line, o in part.items()}
        for part in points
    ]
    return written[0] if len(written) == 1 else written


Children = Annotated[
    dict[Id, QuantityField],
    FROZEN,
    PlainSerializer(_write_children),
    kind_of("children"),
]
PointsList = Annotated[
    tuple[
        Annotated[
            Annotated[Text, Tag("name")] | Annotated[PointsMap, Tag("map")],
            Discriminator(lambda raw: "map" if isinstance(raw, Mapping) else "name"),
        ],
        ...,
    ],
    BeforeValidator(one_or_many),
    PlainSerializer(_write_points),
    kind_of("points"),
]


def _read_nothing(raw: Any) -> Any:
    # a bare outcome means every known kind, spelled out before anything is merged (section 4.2)
    return raw if isinstance(raw, Mapping) else dict.fromkeys(KINDS, raw)


def _read_layers(raw: Any) -> Any:
    if raw is None or (isinstance(raw, (list, tuple)) and raw and all(isinstance(r, (list, tuple)) for r in raw)):
        return raw
    return [one_or_many(raw)]


def _write_layers(layers: tuple[tuple[str, ...], ...] | None) -> Any:
    if layers is None:
        return None
    if len(layers) == 1:
        return layers[0][0] if len(layers[0]) == 1 else list(layers[0])
    return [list(layer) for layer in layers]


Scale = Annotated[dict[Text, Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]], FROZEN, kind_of("scale")]
Nothing = Annotated[
    dict[Text, OutcomeField],
    BeforeValidator(_read_nothing),
    FROZEN,
    kind_of("policy"),
]
Layers = Annotated[
    tuple[tuple[Text, ...], ...],
    AfterValidator(_some),
    BeforeValidator(_read_layers),
    PlainSerializer(_write_layers),
    kind_of("layers"),
]
ChildWeights = Annotated[
    Annotated[OneOf["equal", "entropy", "pca"], Tag("word")] | Annotated[dict[Id, QuantityField], FROZEN, Tag("map")],
    Discriminator(lambda raw: "map" if isinstance(raw, Mapping) else "word"),
    kind_of("weights"),
]
