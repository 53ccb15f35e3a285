"""The instrument as users hold it: a questionnaire as data, frozen and printable."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.errors import listed
from egovindex.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.spec.questions import InstrumentBody, InstrumentFile
    from egovindex.spec.strictyaml import Origin

__all__ = ["Instrument", "items_frame", "list_instruments", "load_instrument", "question_of"]

_COLUMNS = ("instrument", "item", "number", "section", "label", "kind", "answers", "required", "evidence", "same_as")


@dataclass(frozen=True, eq=False, repr=False)
class Instrument(Shown):
    """A questionnaire as data: items, their scales and routing, and checks of the answers.

    Made by :func:`load_instrument`. It says what is asked, never how it is scored.

    Parameters
    ----------
    file
        The file as a model.
    origins
        File and line of each value.
    """

    file: InstrumentFile
    origins: Mapping[tuple[str | int, ...], Origin] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name of the instrument."""
        return self.file.instrument

    @property
    def title(self) -> str:
        """Name for people."""
        return self.file.title or self.file.instrument

    @cached_property
    def items(self) -> pd.DataFrame:
        """The questions, one row each; see :attr:`Index.items`."""
        return items_frame({self.id: self.file})

    def document(self) -> dict[str, Any]:
        """The file as plain data: maps, lists and text."""
        from egovindex.spec.vary import plain

        content: dict[str, Any] = plain(self.file.model_dump(by_alias=True))
        return content

    def named(self) -> dict[str, Any]:
        """Its content under its id, as an index that names it holds it."""
        return {self.id: {key: value for key, value in self.document().items() if key != "instrument"}}

    def to_yaml(self, *, origins: bool = False) -> str:
        """The file as YAML, with ``origins`` each line with the place where it was written."""
        from egovindex.spec.write import yaml_text

        return yaml_text(self.document(), dict(self.origins) if origins else None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instrument) and self.document() == other.document()

    def __hash__(self) -> int:
        return hash(self.to_yaml())

    def __repr__(self) -> str:
        sections: dict[str, list[str]] = {}
        for name, item in self.file.items.items():
            sections.setdefault(item.section or "", []).append(name)
        size = f"{len(self.file.items)} items, {len(self.file.answers)} scales, {len(self.file.checks)} checks"
        lines = [f"<Instrument {self.id}> {self.title}", f"  {size}"]
        lines += [
            f"  {section}: {listed(names)}" if section else f"  {listed(names)}" for section, names in sections.items()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head, *rest = repr(self).splitlines()
        return f"<b>{html.escape(head)}</b><pre>{html.escape(chr(10).join(rest))}</pre>"


def items_frame(instruments: Mapping[str, InstrumentBody] | None) -> pd.DataFrame:
    """The items of some instruments as a table; see :attr:`Index.items`."""
    import pandas as pd

    rows = [
        {
            **{key: getattr(item, key) for key in _COLUMNS[2:]},
            "instrument": name,
            "item": known,
            "kind": item.kind or "one",
            "required": item.required == "true",
        }
        for name, body in (instruments or {}).items()
        for known, item in body.items.items()
    ]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
    return frame.astype({"required": bool})


def load_instrument(instrument: str | Path | Instrument) -> Instrument:
    r"""Load an instrument.

    Parameters
    ----------
    instrument
        Name of a packaged instrument (see :func:`list_instruments`), path of a YAML file, or an instrument,
        which is returned as it is.

    Returns
    -------
    Instrument

    Raises
    ------
    SpecError
        There is none of that name, or the file has faults: all are told, with file and line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "form.yaml"
    ...     _ = path.write_text("instrument: form\nitems: {q1: {label: Is there a law?}}")
    ...     load_instrument(path).items["label"].tolist()
    ['Is there a law?']
    """
    if isinstance(instrument, Instrument):
        return instrument
    from egovindex.spec.instruments import find_instrument, read_instrument

    is_path = isinstance(instrument, Path) or instrument.endswith((".yaml", ".yml")) or "/" in instrument
    file, document = read_instrument(Path(instrument) if is_path else find_instrument(str(instrument)))
    return Instrument(file, document.origins)


def list_instruments() -> pd.DataFrame:
    """The packaged instruments.

    Returns
    -------
    DataFrame
        Indexed by name; columns ``title, edition, language, items``.

    Examples
    --------
    >>> list_instruments().columns.tolist()
    ['title', 'edition', 'language', 'items']
    """
    import pandas as pd

    from egovindex.spec.instruments import packaged_instruments

    rows = []
    for name in packaged_instruments():
        file = load_instrument(name).file
        rows.append([name, file.title or name, file.edition or "", file.language or "", len(file.items)])
    return pd.DataFrame(rows, columns=["instrument", "title", "edition", "language", "items"]).set_index("instrument")


def question_of(item: str) -> str:
    """The question that an item, or a column of it as in ``q007.portal``, belongs to."""
    return item.partition(".")[0]
