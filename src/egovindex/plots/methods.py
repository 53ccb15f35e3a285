"""Pictures as methods: ``result.plot.ranking()`` is ``plots.ranking(result)``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Pictures", "method_of"]

P = ParamSpec("P")
T = TypeVar("T")


class Pictures(Generic[T]):
    """Pictures of something, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What the pictures show.
    """

    def __init__(self, result: T) -> None:
        self.result = result

    def __repr__(self) -> str:
        pictures = ", ".join(name for name in dir(self) if not name.startswith("_") and name != "result")
        return f"<Pictures of {_run_of(self.result).index.id}: {pictures}>"


def _run_of(shown: Any) -> Any:
    """The run that something starts from: its own, or that of what was ranked."""
    form = getattr(getattr(shown, "ranges", shown), "form", shown)
    return getattr(form, "result", form)


def method_of(draw: Callable[Concatenate[T, P], Axes]) -> Callable[Concatenate[Pictures[T], P], Axes]:
    """The function as a method: same options, same docstring, the result filled in."""

    @wraps(draw)
    def method(self: Pictures[T], /, *args: P.args, **kwargs: P.kwargs) -> Axes:
        return draw(self.result, *args, **kwargs)

    return method
