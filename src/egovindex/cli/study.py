"""A folder to begin a study with: data, an index, weights, and a script that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import egovindex as ei
from egovindex.beside import room_beside
from egovindex.cli import complete
from egovindex.cli.beginning import filled, refuse_name
from egovindex.cli.faults import FileFault, UsageFault, guarded
from egovindex.cli.study_files import DATA, EQUAL, INDEX, LIKE, MAKEFILE, README, RUN, TOP_NODE
from egovindex.errors import Fault

__all__ = ["new_study"]


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
    """Begin a study: a folder NAME with data, an index, weights and a script that runs it again and again.

    Written here: data/ a table, specs/ the index file and a weight set, run.py to check, score, save and compare, a
    Makefile and a README. A folder that exists is left alone. The folder is there as a whole or not at all. For an
    index of your own, with a questionnaire and each part explained, see init.
    """
    refuse_name(name, "a study", f"choose a name of your own, and --like {name} to begin with it")
    folder = Path(name)
    files = _files(name, like)  # before the folder is looked at: a wrong index is wrong wherever it would go
    if folder.exists() or folder.is_symlink():
        raise FileFault(Fault("there is something of this name already; choose another name", file=name))
    with room_beside(folder, [f"new/{path}" for path in files]) as room:
        new = room / "new"
        for path, content in files.items():
            target = new / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode("utf-8"))
        if folder.exists():
            raise FileFault(Fault("there is something of this name already; choose another name", file=name))
        new.rename(folder)
    typer.echo(f"{name}: {', '.join(files)}")
    typer.echo(f"Next: cd {name} && make run")


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
    return {path: filled(text, words) if path != "data/answers.csv" else text for path, text in texts.items()}
