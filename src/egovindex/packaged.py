"""Where the packaged indices and weight sets lie.

A wheel carries them inside the package, as ``egovindex/_data/``. A checkout, and an editable
install of one, has them at the top of the repository. Everything that reads a packaged file asks
here.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["indicators_folder", "is_file", "weights_folder"]

PACKAGE = Path(__file__).resolve().parent


def indicators_folder() -> Path:
    """Folder of the packaged instruments and indices.

    Returns
    -------
    pathlib.Path
        An existing folder with one YAML file per instrument or index.

    Raises
    ------
    FileNotFoundError
        If the installation has no such folder; the message names the places that were tried.

    Examples
    --------
    >>> indicators_folder().name
    'indicators'
    >>> (indicators_folder() / "un-egdi-2024.yaml").is_file()
    True
    """
    return find_folder("indicators", PACKAGE)


def weights_folder() -> Path:
    """Folder of the packaged weight sets.

    Returns
    -------
    pathlib.Path
        An existing folder with one sub-folder per index, which holds one YAML file per weight set.

    Raises
    ------
    FileNotFoundError
        If the installation has no such folder; the message names the places that were tried.

    Examples
    --------
    >>> weights_folder().name
    'weights'
    """
    return find_folder("weights", PACKAGE)


def is_file(path: Path) -> bool:
    """Whether there is such a file; none where the system cannot even be asked, as for a name that is too long."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises then


def find_folder(name: str, package: Path) -> Path:
    """The folder ``name`` that belongs to the package at ``package``.

    Parameters
    ----------
    name : str
        ``"indicators"`` or ``"weights"``.
    package : pathlib.Path
        Folder of the imported package.

    Returns
    -------
    pathlib.Path
        ``package/_data/name`` if it exists (a wheel), else the folder at the top of the checkout.
        A package that does not stand in a folder ``src`` is not in a checkout.

    Raises
    ------
    FileNotFoundError
        If neither exists.
    """
    places = [package / "_data" / name]
    if package.parent.name == "src":
        places.append(package.parent.parent / name)
    for place in places:
        if place.is_dir():
            return place
    tried = " and ".join(str(place) for place in places)
    raise FileNotFoundError(
        f"The folder {name!r} with the files that egovindex ships was not found; "
        f"looked for {tried}. The installation is incomplete: "
        "install egovindex again from a wheel, an sdist or a full checkout."
    )
