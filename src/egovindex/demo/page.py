"""The demo on a terminal: the figures in tables and short paragraphs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import egovindex as ei
from egovindex.demo.figures import (
    CYBERLAW,
    DIGITS,
    EGDI,
    RULES,
    Answers,
    Explained,
    Rebuilt,
    answers_scored,
    explained,
    rebuilt,
)
from egovindex.demo.howsure import LEVEL, SHARE, Sure, how_sure

__all__ = ["WIDEST", "show"]

WIDEST = 100  # columns; longer lines are hard to read
STRONGEST, WIDEST_GAPS = 3, 5


def show(console: Console, *, differences: bool = False) -> None:
    """Compute and show everything.

    Parameters
    ----------
    console
        Where to; at most 100 columns are used.
    differences
        Also list every state whose score is not met to the printed digit.
    """
    console.width = min(console.width, WIDEST)
    figures, data = rebuilt(), ei.sample(EGDI)
    console.print(_bold(f"egovindex {ei.__version__}: from answers and numbers to a ranked, explained index"))
    for part in (
        *_show_rebuilt(figures, differences=differences),
        *_show_explained(explained(figures.result, data), figures),
        *_show_answers(answers_scored(), bar="#" if console.options.ascii_only else "\N{BLACK SQUARE}"),
        *_show_how_sure(how_sure(), bar="#" if console.options.ascii_only else "\N{BLACK SQUARE}"),
        *_next_steps(),
    ):
        console.print(part)


Part = Text | Padding | Group


def _heading(text: str) -> Group:
    return Group("", Rule(Text(text, style="bold cyan"), align="left", style="cyan"))


def _text(*pieces: str | tuple[str, str]) -> Text:
    """A paragraph; a piece may carry a style."""
    return Text.assemble(*pieces)


def _below(part: Text | Table, *, after: int = 0) -> Padding:
    return Padding(part, (0, 0, after, 2), expand=False)


def _table(columns: Sequence[str | tuple[str, str]], rows: Iterable[Sequence[Any]], *, after: int = 1) -> Padding:
    """A light table. A column may be given with ``right``, or with ``cut`` if it gives way."""
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True, header_style="dim")
    cells = [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows]
    for cell in chain.from_iterable(cells):
        cell.no_wrap, cell.overflow = True, "ellipsis"
    for at, column in enumerate(columns):
        heading, kind = column if isinstance(column, tuple) else (column, "left")
        widest = max(len(heading), *(row[at].cell_len for row in cells))
        drawn.add_column(
            heading,
            justify="right" if kind == "right" else "left",
            min_width=None if kind == "cut" else widest,
        )
    for row in cells:
        drawn.add_row(*row)
    return _below(drawn, after=after)


def _bold(value: object) -> Text:
    return Text(str(value), style="bold")


def _places(value: float) -> str:
    return f"{value:.{DIGITS}f}"


def _signed(value: float) -> Text:
    return Text(f"{value:+.{DIGITS}f}", style="green" if value > 0 else "red")


def _up_to(value: float, places: int = DIGITS) -> str:
    """A bound, rounded up."""
    return f"{math.ceil(value * 10**places - 1e-9) / 10**places:.{places}f}"


def _show_rebuilt(figures: Rebuilt, *, differences: bool) -> Iterator[Part]:
    index, top = figures.result.index, figures.result.headline
    parts = list(index.tree.branches[top].children)
    states = len(figures.table)
    yield _heading(f"1. {index.labels[top]} {index.file.edition}, from raw inputs")
    named = ", ".join(f"{index.labels[part]} ({part})" for part in parts)
    yield _text(
        f"UN DESA's published recipe over UN DESA's published inputs: {len(index.tree.leaves)} indicators of {states} "
        f"states give {named}, and their {index.tree.branches[top].aggregate} is the {top}. The recipe is a file, "
        f"{index.id}.yaml; {_recovered(index)} of its records are marked as recovered from figures.\n"
    )
    yield _table(
        [("rank", "right"), ("state", "cut"), (top, "right"), ("published", "right"), *((p, "right") for p in parts)],
        [
            (
                row["rank"],
                row["state"],
                _bold(_places(row["score"])),
                _places(row["published_score"]),
                *(_places(row[part]) for part in parts),
            )
            for _, row in figures.table.head(10).iterrows()
        ],
    )
    bound = _up_to(figures.difference[top].abs().max())
    yield _text(
        (f"All {states} states are within {bound} of what was published.", "bold"),
        f" For that, {len(figures.corrections)} inputs of the copied table are corrected, see below; the column as "
        "copied leaves them as they are.\n",
    )
    yield _compared(figures, parts, top)
    yield from _show_differences(figures, top, differences=differences)
    yield from _show_corrections(figures)


def _recovered(index: ei.Index) -> int:
    """How many records rest on a rule that was found in the figures, not read in a document."""
    sources = (record.source for record in (*index.file.indicators.values(), *index.file.nodes.values()))
    return sum(source is not None and source.basis == "recovered" for source in sources)


def _compared(figures: Rebuilt, parts: Sequence[str], top: str) -> Padding:
    largest, largest_copied = figures.difference.abs().max(), figures.difference_as_copied.abs().max()
    states = len(figures.table)
    equal_copied = int((figures.as_copied["rank"] == figures.as_copied["published_rank"]).sum())
    sizes = {column: "/".join(map(str, figures.groups[column])) for column in figures.groups}
    return _table(
        ["", ("published", "right"), ("computed", "right"), ("as copied", "right")],
        [
            *(
                (f"largest difference, {part}", "", f"{largest[part]:.5f}", f"{largest_copied[part]:.5f}")
                for part in [*parts, top]
            ),
            (f"equal ranks, of {states}", "", states - len(figures.other_rank), equal_copied),
            ("/".join(figures.groups.index), sizes["published"], sizes["computed"], sizes["as_copied"]),
        ],
    )


def _show_differences(figures: Rebuilt, top: str, *, differences: bool) -> Iterator[Part]:
    other, digits = figures.other_rank, figures.other_digits
    yield _text(f"{len(other)} ranks differ, between states at most {_up_to(figures.apart, 5)} apart:\n")
    yield _table(
        [("state", "cut"), *((heading, "right") for heading in ("our rank", "published", f"our {top}", "published"))],
        [
            (
                row["state"],
                row["rank"],
                row["published_rank"],
                f"{row['score']:.6f}",
                _places(row["published_score"]),
            )
            for _, row in other.iterrows()
        ],
    )
    steps = ((digits["score"].round(DIGITS) - digits["published_score"]).abs() * 10**DIGITS).round().max()
    yield _text(
        f"{len(figures.table) - len(digits)} scores equal the printed one to its last digit. The printed inputs are "
        f"rounded too, and {len(digits)} scores are off by {steps:.0f} or less in that digit",
        ":\n" if differences else "; egovindex demo --differences lists them.\n",
    )
    if differences:
        yield _table(
            [("state", "cut"), (f"our {top}", "right"), ("published", "right"), ("difference", "right")],
            [
                (
                    row["state"],
                    f"{row['score']:.6f}",
                    _places(row["published_score"]),
                    f"{row['score'] - row['published_score']:+.6f}",
                )
                for _, row in digits.iterrows()
            ],
        )


def _show_corrections(figures: Rebuilt) -> Iterator[Part]:
    corrections, labels = figures.corrections, figures.result.index.labels
    yield _text(
        (f"The {len(corrections)} corrections are our inference, not the publisher's.", "bold"),
        " These inputs do not lead to the printed HCI, and we solved for values that do. So the HCI of these states is "
        "no test of the recipe; that of the others is.",
    )
    kinds = corrections["basis"].str.replace(r"\d+/", "k/", regex=True)
    for (column, kind), rows in corrections.groupby(["column", kinds], sort=False):
        changes = (f"{row['state']} {row['table_value']:g} to {row['value']:g}" for row in rows.to_dict("records"))
        yield _below(_text((f"{labels[str(column)]}, {kind}: ", "dim"), ", ".join(changes)))


def _show_explained(what: Explained, figures: Rebuilt) -> Iterator[Part]:
    top = figures.result.headline
    published: Any = figures.table.loc[what.unit]
    yield _heading(f"2. One score, explained by its parts: {what.name}")
    yield _text(
        (f"{what.name} has {_places(what.score)}, rank {what.rank} of {what.of}, class {what.band}", "bold"),
        f" (published: {_places(published['published_score'])}, rank {published['published_rank']}).\n",
    )
    yield _table(
        [("part", "cut"), ("score", "right"), ("rank", "right"), ("weight", "right"), ("adds", "right")],
        [
            *(
                (row["label"], _places(row["score"]), row["rank"], f"{row['share']:.3f}", _places(row["adds"]))
                for _, row in what.parts.iterrows()
            ),
            (top, "", what.rank, "", _bold(_places(what.parts["adds"].sum()))),
        ],
    )
    yield _text(
        "By indicator: ", ("base", "bold"), " is what a state at the mean everywhere gets, ", ("steps", "bold"),
        " what limits and rounding add, ", ("gap", "bold"), " how much more the best state gets. Shown are the ",
        f"{STRONGEST} that add most and the {WIDEST_GAPS} with the largest gap.\n",
    )  # fmt: skip
    strong = what.indicators.head(STRONGEST)
    behind = what.indicators.drop(index=strong.index).nlargest(WIDEST_GAPS, "gap").sort_values("gap")
    between = what.indicators.drop(index=[*strong.index, *behind.index])
    total = what.base + what.indicators["adds"].sum() + what.steps
    yield _table(
        [("", "cut"), (what.name, "right"), ("best", "right"), ("adds", "right"), ("gap", "right")],
        [
            ("base", "", "", _places(what.base), ""),
            *_indicator_rows(strong),
            (f"+ {len(between)} others", "", "", _signed(between["adds"].sum()), ""),
            *_indicator_rows(behind),
            ("+ steps", "", "", _places(abs(what.steps)), ""),
            (top, "", "", _bold(_places(total)), ""),
        ],
        after=0,
    )


def _indicator_rows(rows: pd.DataFrame) -> Iterator[Sequence[Any]]:
    for _, row in rows.iterrows():
        yield f"+ {row['label']}", f"{row['value']:g}", f"{row['best']:g}", _signed(row["adds"]), _places(row["gap"])


def _show_answers(what: Answers, *, bar: str) -> Iterator[Part]:
    first, second = RULES
    countries = int(what.counts[first].sum())
    yield _heading(f"3. Answers, not numbers: {what.index.title}, two rules")
    yield _text(
        f"What UNCTAD found in {countries} countries and {len(what.areas)} areas of law. ",
        ("The score is ours: UNCTAD publishes none.", "bold"),
        " What an answer is worth stands in the file, in rules with a name:\n",
    )
    yield _table(
        ["answer", ("given", "right"), (first, "right"), (second, "right")],
        [(row["answer"], row["given"], *(f"{row[rule]:g}" for rule in RULES)) for _, row in what.answers.iterrows()],
    )
    yield _text("How many countries reach how many areas:\n")
    widest = int(what.counts.to_numpy().max())
    yield _table(
        [("areas", "right"), (first, "right"), "", (second, "right"), ""],
        [
            (f"{score:g}", *(piece for rule in RULES for piece in (_count(row[rule]), _bar(row[rule], widest, bar))))
            for score, row in what.counts.iterrows()
        ],
    )
    yield _text(
        (f"Counting drafts moves {len(what.moved)} of {countries} countries", "bold"),
        f"; with those they pass, {what.other_rank} change rank:",
    )
    for (old, new), group in what.moved.groupby([first, second], sort=False):
        yield _below(_text((f"{old:g} to {new:g}: ", "dim"), ", ".join(group["country"])))
    yield _text("")
    yield _table(
        [(what.example_name, "cut"), "answer", (first, "right"), (second, "right")],
        [
            *(
                (row["label"], row["answer"], f"{row[first]:g}", f"{row[second]:g}")
                for _, row in what.example.iterrows()
            ),
            (what.index.labels[what.index.headline], "", *(_bold(f"{score:g}") for score in what.example_scores)),
            ("Rank", "", *what.example_ranks),
        ],
        after=0,
    )


def _show_how_sure(what: Sure, *, bar: str) -> Iterator[Part]:
    top = what.near.node
    percent = f"{100 * SHARE:g} %"
    widths = [draws.rank_intervals(LEVEL)["width"].median() for draws in (what.near, what.any_weights)]
    yield _heading("4. How sure is the ranking")
    yield _text(
        f"The weights of {top} could have been others: up to {percent} more or less each, or any weights at all. "
        f"{what.near.n:,} draws of both, each ranked. Shown are the ranks of a state in the middle {100 * LEVEL:g} % "
        "of the draws, and how often it is first with any weights:\n"
    )
    yield _table(
        [
            ("rank", "right"),
            ("state", "cut"),
            (f"within {percent}", "right"),
            ("any weights", "right"),
            ("first", "right"),
        ],
        [
            (
                row["rank"],
                row["state"],
                _interval(row["low"], row["high"]),
                _interval(row["any_low"], row["any_high"]),
                f"{100 * row['first']:.0f} %" if row["first"] >= 0.005 else "-",
            )
            for _, row in what.table.head(10).iterrows()
        ],
    )
    yield _text(
        (f"For half of the states the interval spans {widths[0]:.0f} places or more within {percent}", "bold"),
        f", and {widths[1]:.0f} with any weights. The law of the weights decides how wide ranks spread, and is told "
        "with every result.\n",
    )
    yield from _show_doubts(what, bar=bar)


def _show_doubts(what: Sure, *, bar: str) -> Iterator[Part]:
    found = what.doubts
    yield _text(
        f"Which choice is to blame? The weights within {100 * SHARE:g} %, the aggregate of the parts (mean or "
        "geometric mean), the normaliser of the indicators (z-score or min-max): the share of each in the variance of "
        f"the average rank shift, alone and with the others ({found.evaluations:,} evaluations):\n"
    )
    table = found.table
    longest = float(table["total"].max())
    yield _table(
        [("choice", "cut"), ("alone", "right"), ("with others", "right"), ("90 % interval", "right"), ""],
        [
            (
                group,
                f"{row['first']:.2f}",
                f"{row['total']:.2f}",
                f"{row['total_low']:.2f} to {row['total_high']:.2f}",
                Text(bar * math.ceil(20 * row["total"] / longest), style="cyan"),
            )
            for group, row in table.iterrows()
        ],
        after=0,
    )


def _interval(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _count(n: int) -> Text:
    return Text(str(n) if n else "-", style="" if n else "dim")


def _bar(n: int, widest: int, bar: str, *, length: int = 20) -> Text:
    return Text(bar * math.ceil(length * n / widest), style="cyan")


def _next_steps() -> Iterator[Part]:
    yield _heading("Next")
    for command, why in (
        (f"egovindex score {EGDI} --sample --weights services-first", "other weights"),
        (f"egovindex show {CYBERLAW} --rules graded", "the whole recipe"),
        (f"egovindex simulate {EGDI} --sample --vary weights=simplex", "how sure"),
        ("egovindex check my-index.yaml my-table.csv", "an index of your own"),
    ):
        yield _below(_text((command, "bold"), "  ", (why, "dim")))
