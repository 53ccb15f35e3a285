"""What stands beside a packaged index: its table, what was published of it, and what is known to differ.

A table is ``indicators/samples/<index>.csv``, or ``.csv.gz`` where it is long. A record
``indicators/samples/<index>.yaml`` says which columns and sizes were published and which of them the index does not
meet, each with its reason. A record that is ``like`` another takes that one's table, and what was published and is
known of its nodes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self
from typing import Literal as OneOf

from pydantic import AfterValidator, Field, model_validator

from egovindex.errors import Fault, SpecError
from egovindex.packaged import indicators_folder
from egovindex.spec.faults import validate
from egovindex.spec.fields import FrozenDict, Id, Names, QuantityField, SourceField, Text
from egovindex.spec.frozen import Frozen
from egovindex.spec.strictyaml import read_text, read_yaml

__all__ = ["CORRECTIONS", "Known", "Published", "SampleRecord", "packaged_samples", "read_record", "table_path"]

CORRECTIONS = ".corrections"
KINDS = (".csv", ".csv.gz")

Sizes = Annotated[dict[Text, int], AfterValidator(FrozenDict)]


class Published(Frozen):
    """What was published of one node, or of one indicator, whose answers may have been counted."""

    column: Text | None = Field(None, description="column of the table with the printed values")
    table: Id | None = Field(None, description="the packaged table with that column, if it is another one")
    digits: int | None = Field(None, ge=0, description="places printed behind the point")
    rank: Text | None = Field(None, description="column of the table with the printed ranks")
    classes: Sizes = Field(default_factory=FrozenDict, description="class, and how many units it has in print")
    counts: Sizes = Field(default_factory=FrozenDict, description="value, and how many units have it in print")
    answers: Sizes = Field(default_factory=FrozenDict, description="category, and how many rows have it in print")
    note: Text | None = Field(None, description="remark for people")
    source: SourceField | None = Field(None, description="where it was published, if not where the table was")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.column is None) != (self.digits is None):
            raise ValueError("column and digits go together")
        return self


class Known(Frozen):
    """Published figures of one node that the index is known not to meet, and why."""

    node: Id = Field(description="the node")
    variant: Text | None = Field(None, description="variant of the table; none: every variant")
    what: OneOf["values", "ranks", "classes", "counts", "answers"] = Field("values", description="what differs")
    units: Names = Field((), description="units whose value, or rank, is not the printed one")
    within: QuantityField | None = Field(None, description="how far their values are off, at most")
    ties: int | None = Field(
        None,
        ge=1,
        description="how many values lie exactly between two printed ones: any of them may be printed the other way",
    )
    sizes: Sizes = Field(
        default_factory=FrozenDict, description="class, value or category, and the size computed for it"
    )
    reason: Text = Field(description="why")
    source: SourceField = Field(description="who found the reason, and how sure it is")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.ties is not None:
            if self.what != "values" or self.units or self.sizes or self.within is not None:
                raise ValueError("ties are of values, and take neither units nor within: they are found again")
            return self
        of_units = self.what in ("values", "ranks")
        if of_units != bool(self.units) or of_units == bool(self.sizes):
            raise ValueError(f"{self.what} take {'units' if of_units else 'sizes'}")
        if (self.what == "values") != (self.within is not None):
            raise ValueError("within goes with values, and only with them")
        return self


class SampleRecord(Frozen):
    """The record beside a packaged table."""

    sample: Id = Field(description="name, equal to the file name and to the index")
    like: Id | None = Field(None, description="the sample whose table this one shares")
    source: SourceField | None = Field(None, description="where the figures were published")
    note: Text | None = Field(None, description="remark for people")
    published: Annotated[dict[Id, Published], AfterValidator(FrozenDict)] = Field(
        default_factory=FrozenDict, description="what was published, by node or indicator"
    )
    known: tuple[Known, ...] = Field((), description="what is known to differ from it")

    def below(self, base: SampleRecord) -> SampleRecord:
        """The record with what it does not say itself taken from the one it is like."""
        taken = {node: found for node, found in base.published.items() if node not in self.published}
        known = [one for one in base.known if one.node in taken]
        update: dict[str, Any] = {
            "source": self.source or base.source,
            "published": FrozenDict({**self.published, **taken}),
            "known": (*self.known, *known),
        }
        return self.model_copy(update=update)


def packaged_samples() -> list[str]:
    """Names of the packaged indices that have a table, of their own or shared."""
    folder = indicators_folder() / "samples"
    own = {path.name.split(kind)[0] for kind in KINDS for path in folder.glob(f"*{kind}")}
    own -= {name for name in own if name.endswith(CORRECTIONS)}
    return sorted(own | {path.stem for path in folder.glob("*.yaml") if table_of(path.stem) in own})


def table_of(name: str) -> str:
    """Name of the table that a packaged sample uses."""
    record = _own_record(name)
    return record.like if record is not None and record.like is not None else name


def table_path(name: str) -> Path:
    """File of the table that a packaged sample uses."""
    folder, table = indicators_folder() / "samples", table_of(name)
    paths = [folder / f"{table}{kind}" for kind in KINDS]
    return next((path for path in paths if path.is_file()), paths[0])


def read_record(name: str) -> SampleRecord | None:
    """The record of a packaged sample, with the one it is like below it; ``None`` where there is none.

    Raises
    ------
    SpecError
        With every fault of the file.
    """
    record = _own_record(name)
    if record is None or record.like is None:
        return record
    base = _own_record(record.like)
    return record if base is None else record.below(base)


def _own_record(name: str) -> SampleRecord | None:
    path = indicators_folder() / "samples" / f"{name}.yaml"
    if not path.is_file():
        return None
    document = read_yaml(read_text(path), file=path.name)
    record, faults, _ = validate(SampleRecord, document)
    if record is not None and record.sample != name:
        message = f'sample is "{record.sample}" and the file is "{name}.yaml"'
        faults.append(Fault(message, path.name, 1, "sample", "name_not_file"))
    if faults or record is None:
        raise SpecError(faults)
    return record
