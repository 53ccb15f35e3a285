"""What is needed to run a result again, in one small frozen record."""

from __future__ import annotations

import hashlib
import html
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import DataError, EgovindexError, Fault
from egovindex.evaluate import evaluate
from egovindex.files import json_text
from egovindex.index import Index
from egovindex.keep.cells import Cells
from egovindex.keep.learned import learned_cells
from egovindex.plan import Plan
from egovindex.scores import Scores
from egovindex.shown import Shown
from egovindex.version import __version__

__all__ = ["VERSIONS", "Manifest", "Original", "manifest_of", "manifest_text", "read_manifest", "sha256"]

VERSIONS = ("egovindex", "python", "numpy", "pandas")
LEARNED = ("nothing", "from these data", "given")


def sha256(content: bytes) -> str:
    """SHA-256 in hexadecimal digits.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Original:
    """The file that the data came from: its name without folders, and the digest of its bytes."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Original:
        """Name and digest of a file."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return cls(path.name.encode("utf-8", "replace").decode("utf-8"), digest)


@dataclass(frozen=True)
class Manifest(Shown):
    """What is needed to run a result again: no time, no place, no person.

    Parameters
    ----------
    egovindex, python, numpy, pandas
        Versions that computed the result.
    index, title, edition, index_sha256
        The index, and the digest of its merged file as :meth:`egovindex.Index.to_yaml` writes it.
    weights, rules, history
        Weight set and rules in force, and all that was laid over the file, in order.
    data_sha256, rows, units, columns
        Digest of the columns that the index reads, as the file ``data.csv`` of a saved result holds them; number of
        rows and of units; kind of each column.
    original
        The file the data came from, if they came from one.
    learned
        ``nothing``, ``from these data``, or ``given``: values of an earlier run were reused.
    rng
        Seed; ``None`` where nothing is random.
    """

    egovindex: str
    python: str
    numpy: str
    pandas: str
    index: str
    title: str
    edition: str | None
    index_sha256: str
    weights: str
    rules: tuple[str, ...]
    history: tuple[tuple[str, str], ...]
    data_sha256: str
    rows: int
    units: int
    columns: tuple[tuple[str, str], ...]
    original: Original | None
    learned: str
    rng: int | None = None

    def __repr__(self) -> str:
        return "\n".join(f"{name:<13} {value}" for name, value in self._lines())

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{n}</th><td>{html.escape(value)}</td></tr>" for n, value in self._lines())
        return f"<table>{rows}</table>"

    def _lines(self) -> list[tuple[str, str]]:
        original = f"{self.original.name} {self.original.sha256}" if self.original else "a table"
        return [
            *((name, str(getattr(self, name))) for name in VERSIONS),
            ("index", f"{self.index} {self.index_sha256}"),
            ("title", self.title + (f", {self.edition}" if self.edition else "")),
            ("weights", self.weights),
            ("rules", ", ".join(self.rules) or "none"),
            ("data", f"{self.rows} rows, {self.units} units, {len(self.columns)} columns {self.data_sha256}"),
            ("original", original),
            ("learned", self.learned),
            ("rng", str(self.rng)),
        ]


def manifest_of(
    index: Index, plan: Plan, nominal: Scores, original: Original | None, data: tuple[Cells, Mapping[str, str]]
) -> Manifest:
    """The manifest of a result.

    Parameters
    ----------
    index, plan, nominal
        The result.
    original
        The file the data came from.
    data
        The columns that were used, with their kinds.
    """
    cells, kinds = data
    return Manifest(
        egovindex=__version__,
        python=platform.python_version(),
        numpy=np.__version__,
        pandas=pd.__version__,
        index=index.id,
        title=index.title,
        edition=index.file.edition,
        index_sha256=sha256(index.to_yaml().encode("utf-8")),
        weights=index.weights,
        rules=index.rules,
        history=index.history,
        data_sha256=sha256(cells.csv()),
        rows=len(cells),
        units=len(set(plan.rows.units)),
        columns=tuple(kinds.items()),
        original=original,
        learned=_how_learned(index, plan, nominal),
    )


def _how_learned(index: Index, plan: Plan, nominal: Scores) -> str:
    if not nominal.learned.values:
        return "nothing"
    try:
        afresh = learned_cells(index, evaluate(plan).learned)
    except EgovindexError:  # these data have nothing to learn from
        return "given"
    return "from these data" if afresh == learned_cells(index, nominal.learned) else "given"


def manifest_text(manifest: Manifest) -> str:
    """A manifest as JSON."""
    content = asdict(manifest)
    return json_text({**content, "columns": dict(manifest.columns)})


def read_manifest(content: bytes, name: str) -> Manifest:
    """A manifest out of JSON.

    Raises
    ------
    DataError
        It is not JSON, or not a manifest: every key that is missing, unknown or of another form is named.
    """
    try:
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError(Fault(f"not JSON: {error}", file=name, check="not_json")) from None
    if not isinstance(found, dict):
        raise DataError(Fault("a manifest is a map of keys", file=name, check="not_a_manifest"))
    form = Manifest.__dataclass_fields__
    wrong = [f'"{key}" is missing' for key in form if key not in found]
    wrong += [f'"{str(key)[:40]}" is unknown' for key in found if key not in form]
    wrong += [f'"{key}" is not {_FORMS[key][0]}' for key in form if key in found and not _FORMS[key][1](found[key])]
    if wrong:
        raise DataError([Fault(message, file=name, check="not_a_manifest") for message in wrong])
    return Manifest(
        **{
            **found,
            "rules": tuple(found["rules"]),
            "history": tuple((kind, what) for kind, what in found["history"]),
            "columns": tuple(found["columns"].items()),
            "original": Original(**found["original"]) if found["original"] else None,
        }
    )


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


_FORMS: dict[str, tuple[str, Any]] = {
    **dict.fromkeys(Manifest.__dataclass_fields__, ("text", _text)),
    **dict.fromkeys(("rows", "units"), ("a whole number", _count)),
    "edition": ("text or null", lambda v: v is None or _text(v)),
    "rng": ("a whole number or null", lambda v: v is None or _count(v)),
    "learned": (f"one of {', '.join(LEARNED)}", lambda v: v in LEARNED),
    "rules": ("a list of texts", _texts),
    "history": ("a list of pairs", lambda v: isinstance(v, list) and all(_texts(p) and len(p) == 2 for p in v)),
    "columns": ("a map of texts", lambda v: isinstance(v, dict) and _texts(list(v.values()))),
    "original": (
        "name and sha256, or null",
        lambda v: v is None or (isinstance(v, dict) and set(v) == {"name", "sha256"} and _texts(list(v.values()))),
    ),
}
