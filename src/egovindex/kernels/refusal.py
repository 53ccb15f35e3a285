"""How a kernel says that a value is outside the domain of its method."""

from __future__ import annotations

from typing import Any

__all__ = ["Refusal"]


class Refusal(ArithmeticError):
    """A method is not defined for some values.

    Parameters
    ----------
    reason
        What is wrong and the way out, without names; the caller adds record and units.
    where
        Boolean array over the last axis of the input: the offending rows; ``None`` for all.
    """

    def __init__(self, reason: str, where: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.where)
