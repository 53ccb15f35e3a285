"""Works that are killed: what each begins with, what it does, and what may be there afterwards.

A work is done in a folder of its own. Whatever kills it, every file of the folder is that of before or that of after,
and doing it again gives the files of after, byte for byte, and no others.
"""

from __future__ import annotations

import contextlib
import functools
import io
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import egovindex as ei
from egovindex.keep import folder as folder_module
from egovindex.keep.folder import former
from egovindex.sensitivity import checkpoint as checkpoint_module

PARTS = "un-egdi-parts-2024"
SEED = 3
Files = dict[str, bytes]


@dataclass(frozen=True)
class Work:
    """Something to be killed.

    Parameters
    ----------
    begin
        Puts what is there before into an empty folder.
    do
        The work; doing it again must be allowed.
    grows
        Files that have many whole states on the way, each with its test.
    reads
        Whether it only reads: then nothing may change at all.
    aside
        Under what name a target may stand, whole as before, until the work is done again.
    """

    begin: Callable[[Path], None]
    do: Callable[[Path], None]
    grows: dict[str, Callable[[Path], bool]]
    reads: bool = False
    aside: tuple[str, str] | None = None


def files_in(folder: Path) -> Files:
    """Name and bytes of every file, links and folders too, at any depth."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() or not any(path.iterdir())
    }


def by_target(files: Files) -> dict[str, Files]:
    """The files of each entry of the folder: a saved result is whole as one thing."""
    found: dict[str, Files] = {}
    for name, content in files.items():
        found.setdefault(name.partition("/")[0], {})[name] = content
    return found


# --- what works are about
@functools.cache
def old() -> ei.IndexResult:
    return ei.compute(PARTS, ei.sample(PARTS).head(12))


@functools.cache
def new() -> ei.IndexResult:
    return ei.compute(ei.load_index(PARTS).with_weights("services-first"), ei.sample(PARTS).head(12))


def nothing(folder: Path) -> None:
    """The folder stays empty."""


def saved(folder: Path) -> None:
    old().save(folder / "kept")


def save(folder: Path, **options: str) -> None:
    new().save(folder / "kept", overwrite=True, **options)


def save_without_exchange(folder: Path) -> None:
    with mock.patch.object(folder_module, "exchange", return_value=False):
        save(folder)


def excel(folder: Path, result: Callable[[], ei.IndexResult] = new) -> None:
    result().to_excel(folder / "book.xlsx", overwrite=True)


def doubt() -> ei.Doubt:
    return ei.Doubt(weights=ei.within(0.25))


def draw(folder: Path, n: int = 12_000) -> None:
    """Written after every few chunks, not after every few seconds; the table stands for what the draws say."""
    with mock.patch.object(checkpoint_module, "_EVERY", 0.0):
        draws = ei.simulate(PARTS, ei.sample(PARTS).head(12), doubt(), n, rng=SEED, checkpoint=folder / "run.npz",
                            executor=1)  # fmt: skip
    text = draws.rank_intervals().to_csv() + draws.score_intervals().to_csv() + draws.rank_probabilities().to_csv()
    (folder.parent / "said").write_bytes(text.encode())


def can_go_on(path: Path) -> bool:
    about = checkpoint_module.Checkpoint(path).about()
    return about is not None and about["draws"] <= 20_000


def half_drawn(folder: Path) -> None:
    draw(folder, 4_000)


def command(*words: str) -> Callable[[Path], None]:
    """The command line, in this process; it must succeed."""

    def do(folder: Path) -> None:
        from egovindex.cli import main

        with contextlib.chdir(folder), mock.patch.object(sys, "argv", ["egovindex", *words]):
            told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                try:
                    main()
                except SystemExit as end:
                    told.flush()
                    if end.code:
                        raise RuntimeError(told.buffer.getvalue().decode()) from None  # type: ignore[attr-defined]

    return do


def study(folder: Path) -> None:
    """It leaves alone a folder that is there, so doing it again begins without."""
    shutil.rmtree(folder / "towns", ignore_errors=True)
    command("new-study", "towns")(folder)


SIMULATE = ("simulate", PARTS, "--sample", "--vary", "weights=within 0.25", "--rng", str(SEED), "-n", "8000")
FILES = ("--workers", "1", "--checkpoint", "run.npz", "--out", "ranks.csv", "--save-doubt", "d.yaml", "--force")


def answers(folder: Path) -> None:
    responses = folder / "responses"
    responses.mkdir()
    for at in range(12):
        (responses / f"{at}.csv").write_text(f"unit,item,mark,text\nAnvilla {at},q036,Yes,\nAnvilla {at},q037,,A law\n")


def read_answers(folder: Path) -> None:
    (folder.parent / "said").write_text(
        ei.read_responses(folder / "responses", "un-msq-2022", format="tidy").wide().to_csv()
    )


def write_answers(folder: Path) -> None:
    table = ei.read_responses(folder / "responses", "un-msq-2022", format="tidy")
    table.without_identifying().publish(folder / "public.csv", overwrite=True)


def read_saved(folder: Path) -> None:
    assert ei.verify(folder / "kept").identical
    (folder.parent / "said").write_text(ei.load_result(folder / "kept").ranking.to_csv())


def picture(folder: Path) -> None:
    from egovindex.plots import save as save_picture

    save_picture(new().plot.ranking(), folder / "ranking.svg")


RUN = {"run.npz": can_go_on}
WORKS: dict[str, Work] = {
    "save": Work(nothing, save, {}),
    "save over": Work(saved, save, {}),
    "save over, names cannot be exchanged": Work(
        saved, save_without_exchange, {}, aside=("kept", former(Path("kept")).name)
    ),
    "to_excel": Work(nothing, excel, {}),
    "to_excel over": Work(functools.partial(excel, result=old), excel, {}),
    "simulate": Work(nothing, draw, RUN),
    "simulate, resumed": Work(half_drawn, draw, RUN),
    "publish": Work(answers, write_answers, {}),
    "picture": Work(nothing, picture, {}),
    "egovindex simulate": Work(
        nothing,
        command(
            *SIMULATE,
            *["--workers", "1", "--checkpoint", "run.npz", "--out", "ranks.csv", "--save-doubt", "d.yaml", "--force"],
        ),
        RUN,
    ),
    "egovindex score": Work(nothing, command("score", PARTS, "--sample", "--out", "scores.xlsx", "--force"), {}),
    "egovindex new-study": Work(nothing, study, {}),
    "read a folder of responses": Work(answers, read_answers, {}, reads=True),
    "load and verify a saved result": Work(saved, read_saved, {}, reads=True),
}


def wrong_states(work: Work, found: Files, before: Files, after: Files, folder: Path) -> Iterator[str]:
    """What of a folder is neither as it was nor as it will be."""
    was, will = by_target(before), by_target(after)
    for name, files in by_target(found).items():
        if name.startswith(".egovindex-"):
            continue
        if name in work.grows and work.grows[name](folder / name):
            continue
        if files not in (was.get(name), will.get(name)):
            yield f"{name} is neither the old nor the new"
    gone = set(was) - set(by_target(found))
    if work.aside is not None and work.aside[0] in gone:
        name, aside = work.aside
        if {f"{name}{path[len(aside) :]}": content for path, content in by_target(found)[aside].items()} == was[name]:
            gone.remove(name)
    yield from (f"{name} is gone" for name in sorted(gone))
    if work.reads and found != before:
        yield "reading changed something"
