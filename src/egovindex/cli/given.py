"""What is given on the command line: an index with weights, rules and points, a table, a form of output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import egovindex as ei
from egovindex.cli.faults import UsageFault
from egovindex.compute import read_for
from egovindex.errors import MethodError, SpecError

if TYPE_CHECKING:
    import pandas as pd

# where the library says that something was given, and the option that gave it
_CALLS = {"with_rules(...)": "--rules", "with_points(...)": "--points"}

__all__ = ["chosen_index", "files_among", "instrument_named", "one_format", "reworded", "table_of"]


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Refuse two forms of output at once."""
    if as_json and as_csv:
        raise UsageFault("--json and --csv do not go together")


def chosen_index(
    name: str,
    weights: str | None,
    rules: list[str] | None,
    points: list[str] | None = None,
    *,
    only: bool = False,
    labels: str | None = None,
) -> ei.Index:
    """The index with the weight set, the rules, the points and the labels that are asked for."""
    index = ei.load_index(name)
    if weights is not None:
        index = index.with_weights(weights)
    asked = [rule.strip() for given in rules or () for rule in given.split(",") if rule.strip()]
    if only and not asked:
        raise UsageFault("--only-rules needs --rules")
    with reworded(_CALLS):
        if asked:
            index = index.with_rules(*asked, only=only)
        if points:
            index = index.with_points(_points_from_words(points))
    return index if labels is None else index.with_labels(labels)


def _points_from_words(words: list[str]) -> dict[str | tuple[str, ...], str]:
    """Outcomes by address; the last equals sign parts the two, since a line may hold one (``value >= 3``)."""
    found: dict[str | tuple[str, ...], str] = {}
    for word in words:
        address, sign, outcome = word.rpartition("=")
        if not sign or not address.strip() or not outcome.strip():
            raise UsageFault(f'--points is written ADDRESS=OUTCOME, as in status.drafted=0.4; found "{word}"')
        if address.strip() in found:
            raise UsageFault(f'--points sets "{address.strip()}" twice; keep one')
        found[address.strip()] = outcome.strip()
    return found


def instrument_named(name: str) -> ei.Instrument | None:
    """The instrument of that name or path; ``None`` for everything else."""
    from egovindex.spec.instruments import packaged_instruments
    from egovindex.spec.strictyaml import read_text, read_yaml

    if name in packaged_instruments():
        return ei.load_instrument(name)
    path = Path(name)
    if not name.endswith((".yaml", ".yml")) or not path.is_file():
        return None
    data = read_yaml(read_text(path), file=path.name).data
    is_one = isinstance(data, dict) and "instrument" in data and not data.keys() & {"index", "like"}
    return ei.load_instrument(path) if is_one else None


def table_of(index: ei.Index, data: Path | None, variant: str | None, *, sample: bool) -> tuple[pd.DataFrame, str]:
    """The table, and what to call it."""
    if (data is None) != sample:
        raise UsageFault(
            "give either DATA or --sample" if sample else "DATA is missing; --sample uses the packaged one"
        )
    if variant is not None and not sample:
        raise UsageFault("--variant goes with --sample")
    if data is None:
        return ei.sample(index, variant), "the packaged sample" + (f", {variant}" if variant else "")
    return read_for(index, data), data.name


def files_among(data: Path | None, *names: str | None) -> Iterable[Path]:
    """Files that may be read: the data, and each index or weight set that could be a path."""
    return [path for path in (data, *(Path(name) for name in names if name)) if path is not None]


@contextmanager
def reworded(words: Mapping[str, str]) -> Iterator[None]:
    """Errors of the library in the words of the command line: ``--period`` for ``period=``."""
    try:
        yield
    except (MethodError, SpecError) as error:
        faults = []
        for fault in error.faults:
            message = fault.message
            for word, option in words.items():
                message = message.replace(word, option)
            faults.append(replace(fault, message=message, file=words.get(fault.file or "", fault.file)))
        raise type(error)(faults) from None
