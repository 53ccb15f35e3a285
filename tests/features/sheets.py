"""An index and a table as they are written, and a score that must come out the same in every form of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO

import numpy as np
import pandas as pd

import egovindex as ei
from egovindex.spec.expand import expand_index
from egovindex.spec.load import document_of, validated_index
from egovindex.spec.numbers import number_text
from egovindex.spec.strictyaml import read_yaml

# from a thousand rows on, distinct answers are scored in place of rows
MANY = 5_000


def index(text: str) -> ei.Index:
    """An index out of YAML, called ``demo``."""
    document = read_yaml("index: demo\n" + text, file="demo.yaml")
    expanded, faults = expand_index(document)
    return ei.Index(validated_index(expanded, faults), expanded.origins)


def table(text: str) -> pd.DataFrame:
    """A table out of words between blanks; ``-`` is a blank cell, ``_`` a blank inside a word."""
    read = pd.read_csv(StringIO(text.strip()), sep=r"\s+", dtype=str, keep_default_na=False, na_values=["-"])
    read = read.map(lambda cell: cell.replace("_", " ") if isinstance(cell, str) else cell)
    for name in read.columns:
        numbers = pd.to_numeric(read[name], errors="coerce")
        if name != "unit" and numbers.notna().equals(read[name].notna()) and numbers.notna().any():
            read[name] = numbers
    return read


def scored(
    spec: ei.Index | str, data: pd.DataFrame | str, *, alone: bool = True, tiled: bool = True, places: float = 0.0
) -> ei.IndexResult:
    """The result, after every other form of the same table has given the same.

    Parameters
    ----------
    spec, data
        The index and its wide table, or their text.
    alone
        Whether a unit by itself must score as it does among others; not so where numbers are learned.
    tiled
        Whether copies of all units must score as the first ones; not so for counts such as ``top 2``.
    places
        How far the last digits may differ where a mean is learned from more rows.
    """
    spec = index(spec) if isinstance(spec, str) else spec
    data = table(data) if isinstance(data, str) else data
    result = ei.compute(spec, data)
    expected = said(result)
    for form, make in FORMS.items():
        other = said(ei.compute(spec, make(data)))
        same(expected, other, places, form)
    same(expected, said(ei.compute(turned(spec), data)), 1e-12, "indicators and nodes in another order")
    if tiled:
        copies = MANY // len(data) + 1
        other = said(ei.compute(spec, tile(data, copies)))
        same({what: repeated(frame, copies) for what, frame in expected.items()}, other, places, "tiled")
    if alone:
        units = data["unit"].unique()
        parts = [said(ei.compute(spec, data[data["unit"] == unit])) for unit in units]
        for what, frame in expected.items():
            together = pd.concat([part[what] for part in parts])
            same({what: frame}, {what: together}, places, "each unit alone")
    return result


def said(result: ei.IndexResult) -> dict[str, pd.DataFrame]:
    """Every number of a result, level by level."""
    levels = [tuple(level.rows.keys) for level in result.plan.levels.values()]
    nodes = {level: result.at(*level) for level in levels if _has_nodes(result, level)}
    tables = {"points": result.points, "states": result.states, "coverage": result.coverage, "classes": result.classes}
    return {**{" ".join(level): frame for level, frame in nodes.items()}, **tables}


def _has_nodes(result: ei.IndexResult, level: tuple[str, ...]) -> bool:
    at = {result.plan.tree.levels[name] for name in result.plan.tree.order}
    return any(tuple(result.plan.levels[known].rows.keys) == level for known in at)


def same(expected: dict[str, pd.DataFrame], found: dict[str, pd.DataFrame], places: float, form: str) -> None:
    """Refuse two results that differ in any number, state or class."""
    assert list(expected) == list(found), form
    for what, one in expected.items():
        other = found[what].sort_index().reindex(columns=one.columns)
        pd.testing.assert_frame_equal(
            one.sort_index(), other, check_dtype=False, check_exact=False, rtol=places, atol=places,
            check_index_type=False, check_categorical=False, obj=f"{what} ({form})",
        )  # fmt: skip


def repeated(frame: pd.DataFrame, copies: int) -> pd.DataFrame:
    """A table of results once for each copy of the units."""
    keys = frame.index.names
    return tile(frame.reset_index(), copies).set_index(keys if len(keys) > 1 else keys[0])


def tile(data: pd.DataFrame, copies: int) -> pd.DataFrame:
    """The same rows again and again, with units of new names."""
    tiled = data.iloc[np.tile(np.arange(len(data)), copies)].reset_index(drop=True)
    ends = np.repeat(np.arange(copies), len(data)).astype(str).astype(object)
    names = [name for name in ("unit", "parent") if name in data]
    return tiled.assign(**{name: tiled[name].astype(object) + "." + ends for name in names})


def turned(spec: ei.Index) -> ei.Index:
    """The same index with its records written in the opposite order."""
    written = read_yaml(spec.to_yaml(), file="demo.yaml").data
    first = [name for name in spec.file.nodes if name == spec.headline]
    rest = [name for name in reversed(list(spec.file.nodes)) if name != spec.headline]
    written["nodes"] = {name: written["nodes"][name] for name in first + rest}
    written["indicators"] = dict(reversed(written["indicators"].items()))
    expanded, faults = expand_index(document_of(written, "demo.yaml"))
    return ei.Index(validated_index(expanded, faults))


# --- forms of one table
KEYS = ("unit", "period", "parent", "region", "service", "event", "url")


def _cells(data: pd.DataFrame, change: Callable[[object], object]) -> pd.DataFrame:
    """A table with its answers changed, and what identifies rows left alone."""
    answers = data[[name for name in data if name not in KEYS]].map(change)
    return data.assign(**{name: answers[name] for name in answers})


def _as_text(data: pd.DataFrame) -> pd.DataFrame:
    return _cells(data, lambda x: x if isinstance(x, str) or pd.isna(x) else number_text(x)).astype(object)


def _noisy(data: pd.DataFrame) -> pd.DataFrame:
    """Words in other cases, with blanks around them."""
    return _cells(data, lambda x: f"  {x.upper()} " if isinstance(x, str) else x)


def _nullable(data: pd.DataFrame) -> pd.DataFrame:
    return data.convert_dtypes()


def _categories(data: pd.DataFrame) -> pd.DataFrame:
    """Categoricals, in an order of their own and with a category that no row has."""
    found = {}
    for name in data.columns.drop("unit"):
        known = list(dict.fromkeys(data[name].dropna()))[::-1]
        unused = [max(known) + 1 if known and not isinstance(known[0], str) else "never said"]
        found[name] = pd.Categorical(data[name], categories=known + unused)
    return data.assign(**found)


def _long(data: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("unit", "period", "event", "service", "url") if name in data]
    return data.melt(keys, var_name="item", value_name="answer").sample(frac=1, random_state=2)


FORMS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "reversed rows": lambda data: data.iloc[::-1],
    "reversed columns": lambda data: data.iloc[:, ::-1],
    "an index of its own": lambda data: data.set_index("unit"),
    "text": _as_text,
    "nullable": _nullable,
    "categories": _categories,
    "noisy words": _noisy,
    "long": _long,
}


def rows_of(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Rows of a table as plain Python, ``None`` for a blank."""
    for row in frame.to_dict("records"):
        yield {name: None if isinstance(x, float) and np.isnan(x) else x for name, x in row.items()}


def listed(series: pd.Series) -> list[object]:
    """A column as plain Python, ``None`` for no score."""
    return [None if pd.isna(x) else x for x in series]
