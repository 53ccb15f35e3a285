"""Pictures as files: the same picture is the same bytes, and a file is there as a whole or not at all."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.files import whole_or_not_at_all
from egovindex.plots.canvas import matplotlib_, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["save"]

# what would say when a file was made, or with what
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": "egovindex"},
    ".pdf": {"CreationDate": None, "Creator": "egovindex", "Producer": None},
}


def save(ax: Axes, path: str | Path, *, dpi: float = 200) -> Path:
    """Write the picture that axes belong to.

    The bytes depend on the picture, the fonts and the version of Matplotlib, not on the time or the machine. Text in
    SVG and PDF is drawn as outlines or embedded, so that it looks alike everywhere.

    Parameters
    ----------
    ax
        What a picture returned.
    path
        A file that ends in ``.png``, ``.svg`` or ``.pdf``. One that is there is replaced.
    dpi
        Dots per inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    MethodError
        No axes, no path, another ending, or Matplotlib is not installed.
    OSError
        The file cannot be written; what was there before is left as it is.

    Examples
    --------
    >>> import tempfile
    >>> import egovindex as ei
    >>> from egovindex.plots import save
    >>> result = ei.compute("un-egdi-2024", ei.sample("un-egdi-2024"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(result.plot.waterfall("KHM"), f"{folder}/khm.svg").name
    'khm.svg'
    """
    target = _path_of(path)
    kind = target.suffix.lower()
    if kind not in _METADATA:
        hint = did_you_mean(kind, _METADATA, otherwise=".")
        message = f'a picture is written as {listed(_METADATA)}, found "{target.name}"{hint}'
        raise MethodError(Fault(message, check="unknown_kind"))
    matplotlib_()
    figure = _figure_of(ax)
    content = io.BytesIO()
    fixed = {"svg.hashsalt": "egovindex", "svg.fonttype": "path", "pdf.fonttype": 42}
    with settings(**fixed):
        figure.savefig(content, format=kind[1:], dpi=dpi, bbox_inches="tight", pad_inches=0.1, metadata=_METADATA[kind])
    with whole_or_not_at_all(target, overwrite=True) as part:
        part.write_bytes(content.getvalue())
    return target


def _path_of(given: object) -> Path:
    if not isinstance(given, (str, PathLike)):
        message = f"a path is expected, as text or a pathlib.Path, found {type(given).__name__}"
        raise MethodError(Fault(message, check="not_a_path"))
    return Path(given)


def _figure_of(ax: object) -> Any:
    """The whole figure, also where the axes are in a part of one."""
    figure: Any = getattr(getattr(ax, "figure", None), "figure", None)
    if not hasattr(figure, "savefig"):
        message = f"the axes of a picture are expected, as result.plot.ranking() returns them, found {ax!r:.60}"
        raise MethodError(Fault(message, check="not_axes"))
    return figure
