"""An index of one's own to begin with: questionnaire, index file, weight set and table, each line explained."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from egovindex.cli.beginning import filled, place_all, refuse_name
from egovindex.cli.faults import guarded
from egovindex.cli.init_files import ANSWERS, FORM, INDEX, README, WEIGHTS

__all__ = ["init"]


@guarded
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the index: letters, digits, - and _.")],
    folder: Annotated[
        Path,
        typer.Option(
            "--folder", metavar="DIR", help="Where the files go; made if it is not there.", show_default=False
        ),
    ] = Path(),
) -> None:
    """Begin an index of your own: questionnaire, index file, weight set and a table of answers.

    Each part is explained where it stands, and two invented units make it run at once: change it line by line, and let
    check tell what is wrong. Nothing is ever overwritten: if any of the files exists, none is written. For a folder
    with a script that runs an index and keeps its results, see new-study.
    """
    refuse_name(name, "an index", "choose a name of your own, and write like: in your file to vary it")
    files = {path: filled(text, {"@NAME@": name}) for path, text in _files(name).items()}
    place_all(folder, files)
    typer.echo(f"{name}: {', '.join(files)}")
    there = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    typer.echo(f"Next: {there}egovindex check indicators/{name}.yaml data/answers-template.csv")


def _files(name: str) -> dict[str, str]:
    """Text of every file, by its path in the folder."""
    return {
        f"indicators/{name}-form.yaml": FORM,
        f"indicators/{name}.yaml": INDEX,
        f"weights/{name}/first-choice.yaml": WEIGHTS,
        "data/answers-template.csv": ANSWERS,
        "README.md": README,
    }
