"""The models of an instrument: a questionnaire as data."""

from __future__ import annotations

from typing import Annotated
from typing import Literal as OneOf

from pydantic import Field

from egovindex.spec.fields import FROZEN, FrozenDict, Id, Names, Scale, SourceField, TestField, Text, kind_of
from egovindex.spec.frozen import Frozen

__all__ = ["Check", "InstrumentBody", "InstrumentFile", "Item", "Named"]


class Item(Frozen):
    """One question of an instrument."""

    number: Text | None = Field(None, description="number in the printed form")
    section: Text | None = Field(None, description="section of the printed form")
    label: Text | None = Field(None, description="the question, for people")
    topic: Text | None = Field(None, description="what it is about")
    match: Names | None = Field(None, description="words that find it in a printed form")
    kind: OneOf["one", "many", "number", "date", "text", "link", "contact"] | None = Field(
        None, description="what is answered; many gives a column of yes and no for each choice"
    )
    answers: Text | None = Field(None, description="scale of the respondent's own mark")
    other: Text | None = Field(None, description="the category of an answer in the respondent's own words")
    coded_as: Names | None = Field(None, description="scales that a coder uses")
    required: Annotated[OneOf["true", "false"], kind_of("flag")] | None = Field(
        None, description="whether it must be answered", json_schema_extra={"default": "false"}
    )
    ask_if: TestField | None = Field(None, description="routing: asked only where the test holds")
    routing: OneOf["hard", "soft", "paired"] | None = Field(
        None,
        description="how the form leads here: hard hides it where ask_if fails, soft says so in words, paired has it "
        "beside the item that it documents",
        json_schema_extra={"default": "hard"},
    )
    evidence: Id | None = Field(None, description="the item that documents this one")
    personal: OneOf["person", "role", "organisation", "may_name"] | None = Field(
        None, description="personal data, dropped when answers are read"
    )
    sdg: Names | None = Field(None, description="indicators or targets of the Sustainable Development Goals, or all")
    same_as: Text | None = Field(None, description="the claim that it is the same question: instrument/item")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where it comes from")


class Check(Frozen):
    """A validity constraint of an instrument: reported, never scored."""

    wrong_if: TestField = Field(description="answers that cannot be")
    say: Text = Field(description="what is told about them")


class InstrumentBody(Frozen):
    """A questionnaire without its name, as it stands in an index."""

    title: Text | None = Field(None, description="name for people")
    edition: Text | None = Field(None, description="edition or year")
    language: Text | None = Field(None, description="language of labels and answers, as in en")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="who asks")
    answers: Annotated[dict[Text, Scale], FROZEN] = Field(
        default_factory=FrozenDict, description="scales: category with its spellings, in order"
    )
    columns: Annotated[dict[Text, Text], FROZEN] = Field(
        default_factory=FrozenDict, description="short names for headings of the answers"
    )
    items: Annotated[dict[Id, Item], FROZEN] = Field(description="the questions; CSV has their keys as columns")
    checks: Annotated[dict[Text, Check], FROZEN] = Field(default_factory=FrozenDict, description="validity constraints")
    unit: Id | None = Field(None, description="the item that says who answers: a country, an agency")
    consent: Id | None = Field(None, description="the item that says whether the answers may be published")
    nothing: Annotated[dict[Text, Names], FROZEN] = Field(
        default_factory=FrozenDict, description="kinds of nothing with the words respondents write for them"
    )


class Named(Frozen):
    """What stands first in the file of an instrument."""

    instrument: Id = Field(description="name, equal to the file name")


class InstrumentFile(InstrumentBody, Named):
    """A questionnaire as data."""
