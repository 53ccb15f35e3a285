"""Hypothesis, asked for only when it is needed, and what it drew printed as code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from egovindex.testing.ascode import as_code

__all__ = ["hypothesis_strategies", "printed"]


def hypothesis_strategies() -> Any:
    """Strategies of Hypothesis.

    Raises
    ------
    ImportError
        It is not installed; the message says how to get it.
    """
    try:
        import hypothesis.strategies
    except ImportError:
        message = 'strategies draw with Hypothesis, which is not installed: pip install "egovindex[testing]"'
        raise ImportError(message) from None
    return hypothesis.strategies


def printed(codes: Any, made: Callable[[Any], Any]) -> Any:
    """A strategy that draws codes and makes something of them, which a failing test prints as code.

    ``map`` would have it print the codes.
    """
    st = hypothesis_strategies()

    @st.composite  # type: ignore[untyped-decorator]
    def drawn(draw: Callable[[Any], Any]) -> Any:
        found = made(draw(codes))
        _remember(found)
        return found

    return drawn()


def _remember(found: Any) -> None:
    """Tell Hypothesis how to print this one object."""
    from hypothesis.control import current_build_context
    from hypothesis.vendor.pretty import IDKey

    if hasattr(found, "_repr_pretty_"):  # how notebooks show it; asked for before what is told here
        object.__setattr__(found, "_repr_pretty_", partial(_print, found))
    printers = current_build_context().known_object_printers[IDKey(found)]
    if not printers:
        printers.append(_print)


def _print(example: Any, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 - called by position
    printer.text(as_code(example))
