"""Names that a caller may use, and what is said of others."""

from __future__ import annotations

from collections.abc import Iterable

from egovindex.errors import Fault, MethodError, did_you_mean, listed

__all__ = ["refuse_unknown"]


def refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse the first name that is not known.

    Raises
    ------
    MethodError
        With the names that are.
    """
    words = list(known)
    for name in given:
        if name not in words:
            hint = did_you_mean(name, words)
            message = f'there is no {what.replace("_", " ")} "{name}"{hint} Known: {listed(words, most=30)}'
            raise MethodError(Fault(message, check=f"unknown_{what}"))
