"""What the commands of exact answers share: options, faults in their words, and how results are told and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from egovindex.cli import complete
from egovindex.cli.output import about_index, plain, put_table
from egovindex.errors import MethodError, SpecError

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.certainty import Certainty
    from egovindex.robustness.forms import LinearForm

__all__ = [
    "PeriodName",
    "TimeLimit",
    "Units",
    "about_certainty",
    "about_varied",
    "by_name",
    "certificate_table",
    "in_words",
    "of_units",
    "reworded_text",
    "told_numbers",
    "write_or_print",
]

Units = Annotated[
    list[str] | None,
    typer.Option(
        "--unit",
        metavar="UNIT",
        help="Some units; all if not given. May be repeated.",
        autocompletion=complete.units,
    ),
]
PeriodName = Annotated[
    str | None, typer.Option("--period", metavar="PERIOD", help="Needed where there are several periods.")
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", min=0, metavar="SECONDS", help="Then what is not proven has certain bounds."),
]

# how the library asks for what has an option here
_WORDS = {
    "leave period= out": "leave --period out",
    "period=": "--period ",
    "total=": "--total",
    "digits=": "--digits",
    "answers={...}": "--answers ITEM=A|B",
    "answers={COLUMN: [...]}": "--answers COLUMN=A|B",
    'target={"score": ...}': "--score",
    "name few in only=": "name few with --only",
    'take doubt.only("weights")': "leave them out",
    "Leave the draws out here (n=None), and draw with simulate": "Leave --draws out, and draw with simulate",
    ", or nodes=": ", or only ",
}
_LAWS = re.compile(r"weights=\{'(?P<node>[^']*)': \.\.\.\}")
_ORDER = re.compile(r"points=\{'(?P<map>[^']*)': \[(?P<order>[^\]]*)\]\}")


# --- faults
@contextmanager
def in_words(places: Mapping[str, str], nodes: str = "--weights '{}=LAW'") -> Iterator[None]:
    """Errors of the library in the words of the command line, with the option or file where each was said.

    Parameters
    ----------
    places
        Option or file by the name of the check; or by what the message begins with, up to a colon.
    nodes
        How nodes are named whose weights may vary.
    """
    try:
        yield
    except MethodError as error:
        faults = []
        for fault in error.faults:
            start, colon, rest = fault.message.partition(": ")
            begins = bool(colon) and start in places
            file = fault.file or (places[start] if begins else places.get(fault.check))
            faults.append(replace(fault, message=reworded_text(rest if begins else fault.message, nodes), file=file))
        of_a_file = [fault for fault in faults if fault.file is not None and not fault.file.startswith("--")]
        raise (SpecError if of_a_file else MethodError)(faults) from None


def reworded_text(message: str, nodes: str = "--weights '{}=LAW'") -> str:
    """A message of the library in the words of the command line."""
    for word, option in _WORDS.items():
        message = message.replace(word, option)
    message = message.replace("weights={node: law}", nodes.format("NODE"))
    message = _LAWS.sub(lambda found: nodes.format(found["node"]), message)
    return _ORDER.sub(lambda found: f'--points "{found["map"]}: {_order_told(found["order"])}"', message)


def _order_told(order: str) -> str:
    return " < ".join(text.strip().strip("'") for text in order.split(","))


# --- what is told
def about_certainty(certainty: Certainty) -> dict[str, Any]:
    """What JSON says of how certain the numbers are."""
    found = {"kind": certainty.kind, "how": certainty.how, "n": certainty.n, "seed": plain(certainty.seed)}
    found["error"] = plain(certainty.error)
    return {name: value for name, value in found.items() if value is not None}


def about_varied(form: LinearForm, table: str) -> dict[str, Any]:
    """What stands around every table in JSON."""
    return {**about_index(form.result.index), "table": table, "node": form.node, "period": plain(form.period)}


def by_name(numbers: Mapping[str, Mapping[str, float]]) -> Iterator[tuple[str, str, float]]:
    """Numbers by node and child, or by map and category, one after the other."""
    yield from ((first, second, number) for first, inner in numbers.items() for second, number in inner.items())


def certificate_table(form: LinearForm, found: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    """Weights or points of a certificate beside those of the index."""
    import pandas as pd

    own = form.table_of(form.shares)
    rows = [(first, second, own[first][second], number) for first, second, number in by_name(found)]
    names = ("node", "child") if hasattr(form, "ways") else ("map", "category")
    return pd.DataFrame(rows, columns=[*names, "as_it_is", "certificate"])


def of_units(table: pd.DataFrame, form: LinearForm, units: list[str] | None) -> pd.DataFrame:
    """The rows of some units, in the order of the table; the unknown are told."""
    if not units:
        return table
    chosen = {form.units[at] for at in form.positions(units)}
    return table[[str(name) in chosen for name in table.index]]


def told_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """The table without infinite numbers, for which neither people nor JSON have a word: nothing in their place."""
    import numpy as np

    infinite = [name for name in table if table[name].dtype.kind == "f" and np.isinf(table[name]).any()]
    return table.assign(**{str(name): table[name].replace([np.inf, -np.inf], np.nan) for name in infinite})


def write_or_print(
    rows: pd.DataFrame,
    about: Mapping[str, Any],
    *,
    out: Path | None,
    force: bool,
    excel_safe: bool,
    as_json: bool,
    as_csv: bool,
) -> bool:
    """Write the table and print it for programs; ``False`` where nothing was asked for, and people look."""
    from egovindex.cli.save import save_table

    if out is not None:
        written = told_numbers(rows) if out.suffix.lower() in (".json", ".xlsx") else rows
        save_table(written, about, out, excel_safe=excel_safe, force=force)
        typer.echo(f"{out.name}: {len(rows)} rows", err=True)
    if as_json or as_csv:
        put_table(about, told_numbers(rows) if as_json else rows, as_json=as_json, excel_safe=excel_safe)
    return out is not None or as_json or as_csv
