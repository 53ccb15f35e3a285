"""Arguments and options that several commands share, spelt once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AsCsv",
    "AsJson",
    "DataFile",
    "IndexName",
    "OnlyRules",
    "Rules",
    "Sample",
    "TableName",
    "Variant",
    "Weights",
]


class TableName(StrEnum):
    """Which table of a result is asked for."""

    ranking = "ranking"
    scores = "scores"
    ranks = "ranks"
    classes = "classes"
    states = "states"
    contributions = "contributions"
    coverage = "coverage"
    learned = "learned"


IndexName = Annotated[str, typer.Argument(metavar="INDEX", help="Name of a packaged index, or a YAML file.")]
DataFile = Annotated[
    Path | None,
    # readable=False: typer would call a file that may not be read wrong usage
    typer.Argument(metavar="DATA", help="Table: CSV, XLSX or Parquet.", show_default=False, readable=False),
]
Sample = Annotated[bool, typer.Option("--sample", help="Use the packaged example table instead of DATA.")]
Variant = Annotated[
    str | None,
    typer.Option("--variant", metavar="NAME", help="Variant of the sample: corrected (default) or as-copied."),
]
Weights = Annotated[
    str | None, typer.Option("--weights", metavar="SET", help="Name of a packaged weight set, or a YAML file.")
]
Rules = Annotated[
    list[str] | None,
    typer.Option("--rules", metavar="A,B", help="Scoring rules to lay over the default rule; may be repeated."),
]
OnlyRules = Annotated[bool, typer.Option("--only-rules", help="The rules take the place of the default rule.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
