"""What simulate and sobol share: options of a run, its progress, and the files beside its table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import egovindex as ei
from egovindex.cli.faults import FileFault, UsageFault
from egovindex.cli.visible import visible
from egovindex.errors import Fault, MethodError, listed
from egovindex.files import resolved, whole_or_not_at_all

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from egovindex.cli.show import Page
    from egovindex.progress import Progress, Told
    from egovindex.sensitivity.doubt import Doubt

__all__ = [
    "Picture",
    "Quiet",
    "SaveDoubt",
    "Seed",
    "Workers",
    "check_level",
    "check_outputs",
    "notes",
    "progress_line",
    "refuse_several_periods",
    "show_failures",
    "show_laws",
    "write_files",
]

Seed = Annotated[
    int | None,
    typer.Option("--rng", min=0, metavar="SEED", help="Seed: the same gives the same numbers. Told if not given."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, metavar="N", help="Threads; one for each core if not given.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress; none is shown without a terminal.")]
Picture = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", help="Draw a picture: .png, .svg or .pdf.", readable=False),
]
SaveDoubt = Annotated[
    Path | None,
    typer.Option("--save-doubt", metavar="FILE", help="Write what was doubted as .yaml, for --doubt.", readable=False),
]

_PICTURES = (".png", ".svg", ".pdf")
_DOUBTS = (".yaml", ".yml")
_MOST_LAWS = 8


# --- before anything is drawn
def check_level(level: float | None) -> None:
    """Refuse a level that is no share.

    Raises
    ------
    UsageFault
        With what was found.
    """
    if level is not None and not 0 < level < 1:
        raise UsageFault(f"--level is a share between 0 and 1, as in 0.9; found {level:g}")


def refuse_several_periods(index: ei.Index, data: pd.DataFrame, period: str | None) -> None:
    """Refuse a picture of several periods, or of one that is not there.

    Raises
    ------
    UsageFault
        With the periods there are.
    """
    rows = index.plan(data).rows
    known = [] if rows.periods is None else list(map(str, rows.group_names))
    if period is not None and period not in known:
        there = f"periods are {listed(known)}" if known else "the data have no periods"
        raise UsageFault(f'there is no period "{period}"; {there}')
    if period is None and len(known) > 1:
        raise UsageFault(f"a picture is of one period, and there are {listed(known)}; name one with --period")


def check_outputs(
    inputs: Iterable[Path],
    *,
    table: Path | None = None,
    picture: Path | None = None,
    doubt: Path | None = None,
    checkpoint: Path | None = None,
    force: bool,
) -> None:
    """Refuse early files that cannot be written, before anything is computed.

    Parameters
    ----------
    inputs
        Files that are read.
    table, picture, doubt
        Files to write.
    checkpoint
        Both, by the library.
    force
        Replace files that exist.

    Raises
    ------
    UsageFault
        An ending is unknown, a file is read, or two are one.
    FileFault
        A file exists, its folder cannot be written, or Matplotlib is not installed.
    """
    from egovindex.cli.save import check_target

    inputs = list(inputs)
    if table is not None:
        check_target(table, inputs, force=force)
    for path, kinds in ((picture, _PICTURES), (doubt, _DOUBTS)):
        if path is not None:
            check_target(path, inputs, force=force, kinds=kinds)
    given = [resolved(path) for path in (table, picture, doubt, checkpoint) if path is not None]
    twice = [path.name for path in given if given.count(path) > 1]
    if twice:
        raise UsageFault(Fault("two options name this file; give each its own", file=twice[0]))
    if picture is not None:
        _need_matplotlib(picture)


def _need_matplotlib(picture: Path) -> None:
    from egovindex.plots.canvas import matplotlib_

    try:
        matplotlib_()
    except MethodError as error:
        raise FileFault([replace(fault, file=picture.name) for fault in error.faults]) from None


# --- files beside the table
def write_files(
    table: pd.DataFrame,
    about: Mapping[str, Any],
    doubt: Doubt,
    draw: Callable[[], Axes],
    *,
    out: Path | None,
    plot: Path | None,
    saved_doubt: Path | None,
    force: bool,
    excel_safe: bool,
) -> None:
    """Write the table, what was doubted and the picture, those that are asked for.

    Parameters
    ----------
    table, about
        As for :func:`egovindex.cli.save.save_table`.
    doubt
        What was doubted.
    draw
        Draws the picture.
    out, plot, saved_doubt
        Files; ``None`` for none.
    force
        Replace files that exist.
    excel_safe
        As for :func:`egovindex.cli.save.save_table`.

    Raises
    ------
    FileFault
        A file exists or cannot be written.
    """
    from egovindex.cli.save import save_table
    from egovindex.plots.saving import save

    if out is not None:
        save_table(table, about, out, excel_safe=excel_safe, force=force)
        notes([f"{out.name}: {len(table)} rows"])
    if saved_doubt is not None:
        with _written(saved_doubt, force=force) as beside:
            beside.write_bytes(doubt.to_yaml().encode("utf-8"))
        notes([f"{saved_doubt.name}: saved"])
    if plot is not None:
        with _written(plot, force=force) as beside:
            save(draw(), beside)
        notes([f"{plot.name}: drawn"])


@contextmanager
def _written(path: Path, *, force: bool) -> Iterator[Path]:
    """A file that is there as a whole or not at all."""
    try:
        with whole_or_not_at_all(path, overwrite=force) as beside:
            yield beside
    except FileExistsError:
        raise FileFault(Fault("the file exists; --force replaces it", file=path.name)) from None
    except OSError as error:
        raise FileFault(Fault(f"cannot be written: {error.strerror or error}", file=path.name)) from None


# --- progress
class _Line:
    """The line of the library, with names made harmless, and ended where the run is not."""

    def __init__(self) -> None:
        from egovindex.progress import reporter_of

        self.show = reporter_of(True, "", 0).tell
        self.is_open = False

    def __call__(self, told: Told) -> None:
        if self.show is not None:
            self.show(replace(told, what=visible(told.what)))
            self.is_open = told.done < told.total

    def end(self) -> None:
        """Let what comes next begin on a line of its own."""
        if self.is_open:
            typer.echo("", err=True)


@contextmanager
def progress_line(*, quiet: bool) -> Iterator[Progress]:
    """What shows how far a run is: a line where somebody looks, else nothing."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    line = _Line()
    try:
        yield line
    finally:
        line.end()


# --- for people
def notes(lines: Iterable[str]) -> None:
    """What is worth knowing of a run, on standard error; an empty line is none."""
    for line in lines:
        if line:
            typer.echo(visible(line), err=True)


def show_laws(page: Page, laws: Mapping[str, str], *, everything: bool) -> None:
    """The law of every factor, one a line; the first of many."""
    shown = list(laws.items()) if everything else list(laws.items())[:_MOST_LAWS]
    widest = max(len(visible(name)) for name, _ in shown)
    for name, law in shown:
        page.line(f"{visible(name):<{widest}}  {law}")
    if len(shown) < len(laws):
        page.line(f"... {len(laws) - len(shown)} more factors; --all shows them, --json writes them")


def show_failures(page: Page, rows: pd.DataFrame, *, everything: bool) -> None:
    """What failed, and why; the settings are for programs."""
    from egovindex.cli.save import plain_rows

    if rows.empty:
        page.line("Nothing failed.")
        return
    headings = [str(heading) for heading in rows.columns]
    told = headings[: headings.index("reason") + 1]
    shown = len(rows) if everything else page.rows_that_fit(len(rows))
    page.table(told, [[row[name] for name in told] for row in plain_rows(rows.head(shown))], wrap=["reason"])
    if shown < len(rows):
        page.line(f"\n... {len(rows) - shown} more rows; --all shows them, --csv and --out write them")
    if len(told) < len(headings):
        page.line("\nThe settings stand beside them with --csv and --out")
