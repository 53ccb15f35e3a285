"""The command that tries the laws of an index: laws."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from egovindex.cli.faults import guarded
from egovindex.cli.given import chosen_index, one_format, table_of
from egovindex.cli.options import (
    AsCsv,
    AsJson,
    DataFile,
    Everything,
    IndexName,
    OnlyRules,
    Points,
    Rules,
    Sample,
    Variant,
    Weights,
)
from egovindex.cli.output import about_index, chosen_rows, open_page, put_table, show_rows, title_of

__all__ = ["laws"]


@guarded
def laws(
    index: IndexName,
    data: DataFile = None,
    sample: Sample = False,
    variant: Variant = None,
    weights: Weights = None,
    rules: Rules = None,
    only_rules: OnlyRules = False,
    points: Points = None,
    law: Annotated[
        list[str] | None, typer.Option("--law", metavar="LAW", help="Only this law. May be repeated.")
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, metavar="N", help="Invented tables, or rounds on DATA.")] = 10,
    rng: Annotated[int, typer.Option("--rng", metavar="SEED", help="Seed of all that is drawn.")] = 0,
    everything: Everything = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Try the laws of an index, such as: a better answer never makes a score worse.

    On invented tables, or on DATA. Ends with 1 if a law that the index promises fails. A law that does not apply, and
    one that the recipe does not promise, is told with the reason or the smallest counterexample.
    """
    from egovindex.testing import check_laws

    one_format(as_json=as_json, as_csv=as_csv)
    chosen = chosen_index(index, weights, rules, points, only=only_rules)
    given = data is not None or sample or variant is not None
    table, called = table_of(chosen, data, variant, sample=sample) if given else (None, f"{n} invented tables")
    found = check_laws(chosen, law or None, data=table, rng=rng, n=n, raise_errors=False)
    broken = (found["holds"] == False).fillna(value=False) & found["promised"]  # noqa: E712 - a nullable boolean
    if as_json or as_csv:
        about: dict[str, Any] = {**about_index(chosen), "n": n, "seed": rng, "broken": int(broken.sum())}
        put_table(about, found, as_json=as_json, excel_safe=False)
    else:
        page = open_page()
        page.head(title_of(chosen), chosen_rows(chosen, f"laws; {called}, seed {rng}"))
        page.line()
        show_rows(page, found.drop(columns="detail"), everything=everything)
        failed = (found["holds"] == False).fillna(value=False)  # noqa: E712
        for name, node, detail in found.loc[failed, ["law", "node", "detail"]].itertuples(index=False):
            page.line(f"\n{name} does not hold for {node}: {detail}")
    raise typer.Exit(1 if broken.any() else 0)
