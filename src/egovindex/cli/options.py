"""Arguments and options that several commands share, spelt once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from egovindex.cli import complete

__all__ = [
    "AsCsv",
    "AsJson",
    "DataFile",
    "Everything",
    "ExcelSafe",
    "Force",
    "IndexName",
    "Labels",
    "Node",
    "OnlyRules",
    "Out",
    "Points",
    "Rules",
    "Sample",
    "TableName",
    "Top",
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


IndexName = Annotated[
    str,
    typer.Argument(
        metavar="INDEX", help="Name of a packaged index, or a YAML file.", autocompletion=complete.index_names
    ),
]
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
    str | None,
    typer.Option(
        "--weights",
        metavar="SET",
        help="Name of a packaged weight set, or a YAML file.",
        autocompletion=complete.weight_sets,
    ),
]
Rules = Annotated[
    list[str] | None,
    typer.Option(
        "--rules",
        metavar="A,B",
        help="Scoring rules to lay over the default rule; may be repeated.",
        autocompletion=complete.rules,
    ),
]
OnlyRules = Annotated[bool, typer.Option("--only-rules", help="The rules take the place of the default rule.")]
Labels = Annotated[
    str | None,
    typer.Option(
        "--labels",
        metavar="LANGUAGE",
        help="Labels in a language, such as fr, or a CSV file with path and label. Ids stay as they are.",
        autocompletion=complete.languages,
    ),
]
Points = Annotated[
    list[str] | None,
    typer.Option(
        "--points",
        metavar="ADDRESS=OUTCOME",
        help="What a line of points gives instead, as in status.drafted=0.4; may be repeated.",
        autocompletion=complete.lines_of_points,
    ),
]
Node = Annotated[
    str | None,
    typer.Option(
        "--node",
        metavar="NODE",
        help="Node that is meant; the headline of the index if not given.",
        autocompletion=complete.nodes,
    ),
]
Top = Annotated[
    int | None, typer.Option("--top", min=1, metavar="N", help="Only the first N rows (where ranked, of each period).")
]
Everything = Annotated[bool, typer.Option("--all", help="All rows, even if the terminal is shorter.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write .csv, .xlsx, .parquet or .json.", readable=False),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
ExcelSafe = Annotated[
    bool,
    typer.Option(
        "--excel-safe",
        help="In CSV, put an apostrophe before text that a spreadsheet could take for a formula (it begins "
        "with = + - @ or a tab). A workbook marks such text as text, and needs no apostrophe.",
    ),
]
