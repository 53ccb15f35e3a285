"""A folder to begin a study with: data, an index, weights, and a script that runs."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.faults import FileFault, UsageFault, guarded
from egovindex.cli.study_files import DATA, EQUAL, INDEX, LIKE, MAKEFILE, README, RUN, TOP_NODE
from egovindex.errors import Fault

__all__ = ["new_study"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_LONGEST = 60
# names that Windows keeps for devices
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(10))}


@guarded
def new_study(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of the folder and of the index: letters, digits, - and _.")
    ],
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="INDEX",
            help="Begin with a packaged index and its sample, in place of the invented ones.",
            autocompletion=complete.index_names,
        ),
    ] = None,
) -> None:
    """Begin a study: a folder NAME with data, an index, weights and a script, ready to run.

    Written here: data/ a table, specs/ the index file and a weight set, run.py to check, score, save and compare, a
    Makefile and a README. A folder that exists is left alone. The folder is there as a whole or not at all.
    """
    _refuse_name(name)
    folder = Path(name)
    files = _files(name, like)  # before the folder is looked at: a wrong index is wrong wherever it would go
    if folder.exists() or folder.is_symlink():
        raise FileFault(Fault("there is something of this name already; choose another name", file=name))
    with tempfile.TemporaryDirectory(dir=".", prefix=".egovindex-") as beside:
        new = Path(beside) / "new"
        for path, content in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode("utf-8"))
        if folder.exists():
            raise FileFault(Fault("there is something of this name already; choose another name", file=name))
        new.rename(folder)
    typer.echo(f"{name}: {', '.join(files)}")
    typer.echo(f"Next: cd {name} && make run")


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or name.casefold() in _DEVICES:
        message = (
            f'"{name}" cannot name a study; a name begins with a letter and has letters, digits, and single - or _ '
            f"between them, {_LONGEST} at most, such as towns-2026 (made in the folder you are in)"
        )
        raise UsageFault(message)
    if name in ei.list_indices().index:
        raise UsageFault(f'"{name}" is a packaged index; choose a name of your own, and --like {name} to begin with it')


def _files(name: str, like: str | None) -> dict[str, str]:
    """Text of every file, by its path in the folder."""
    if like is None:
        spec, data, node, title = INDEX, DATA, TOP_NODE, "an index of digital readiness over six invented towns"
    else:
        from egovindex.cli.save import csv_text

        if like not in ei.list_indices().index:
            ei.load_index(like)  # tells an unknown name, with a suggestion
            raise UsageFault(f"--like takes a packaged index; copy {like} into the specs of a study yourself")
        base = ei.load_index(like)
        spec, data, node = LIKE.replace("@LIKE@", like), csv_text(ei.sample(base)), base.headline
        title = f"an index in the style of {like}, over its packaged sample"
    words = {"@NAME@": name, "@NODE@": node, "@TITLE@": title}
    texts = {
        "README.md": README,
        "Makefile": MAKEFILE,
        "run.py": RUN,
        "data/answers.csv": data,
        f"specs/{name}.yaml": spec,
        "specs/equal.yaml": EQUAL,
    }
    return {path: _filled(text, words) if path != "data/answers.csv" else text for path, text in texts.items()}


def _filled(text: str, words: dict[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
