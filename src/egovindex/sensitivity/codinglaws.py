"""Laws of coders: which other category an answer could have been given, and how likely each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.formulas import Floats
from egovindex.spec.numbers import number_text

__all__ = ["CoderLaw", "Confidence", "Confusion", "rows_of"]

_LEVELS = ("high", "medium", "low")
Rows = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


class CoderLaw:
    """A law of the category of an answer, given the category that a coder gave it."""

    name: ClassVar[str]
    needs_confidence: ClassVar[bool] = False

    def chances(
        self, own: npt.NDArray[np.int64], categories: Sequence[str], confidence: Sequence[str | None] | None
    ) -> Floats:
        """``(rows, categories)`` how likely each category is; rows of ``own`` below 0 are all 0.

        Raises
        ------
        MethodError
            The law names a category that is not on the scale, or an answer has no confidence.
        """
        raise NotImplementedError

    def fits(self, categories: Sequence[str]) -> bool:  # noqa: ARG002 - a law may fit any
        """Whether it is a law of answers on such a scale."""
        return True

    def written(self) -> Any:
        """As a file of doubts has it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, repr=False)
class Confusion(CoderLaw):
    """How often what is coded as one category is another.

    Parameters
    ----------
    rows
        For a coded category the chance of each other one; what is left is the chance that it is right.
    origin
        Where the numbers come from, in words.
    """

    rows: Rows
    origin: str | None = None
    name: ClassVar[str] = "confusion"

    def __post_init__(self) -> None:
        faults = []
        for coded, others in self.rows:
            wrong = [true for true, chance in others if not 0 <= chance <= 1]
            total = sum(chance for true, chance in others if true != coded)
            if wrong or total > 1 + 1e-9:
                message = (
                    f"confusion of {coded}: chances are shares between 0 and 1 that add up to at most 1; found "
                    f"{listed(f'{true} {number_text(chance)}' for true, chance in others)}"
                )
                faults.append(Fault(message, check="bad_law"))
        if not any(chance for coded, others in self.rows for true, chance in others if true != coded):
            faults.append(Fault("confusion: nothing is ever taken for something else", check="bad_law"))
        if faults:
            raise MethodError(faults)

    def chances(
        self,
        own: npt.NDArray[np.int64],
        categories: Sequence[str],
        confidence: Sequence[str | None] | None,  # noqa: ARG002
    ) -> Floats:
        unknown = sorted(self._named - set(categories))
        if unknown:
            hint = did_you_mean(unknown[0], categories, otherwise=".")
            message = f'"{unknown[0]}" is no category of the scale{hint} Categories: {listed(categories, most=12)}'
            raise MethodError(Fault(message, check="unknown_category"))
        table = np.eye(len(categories))
        place = {category: at for at, category in enumerate(categories)}
        for coded, others in self.rows:
            row = np.zeros(len(categories))
            for true, chance in others:
                if true != coded:
                    row[place[true]] = chance
            row[place[coded]] = max(1.0 - row.sum(), 0.0)
            table[place[coded]] = row
        found: Floats = np.where((own >= 0)[:, None], table[np.maximum(own, 0)], 0.0)
        return found

    @property
    def _named(self) -> set[str]:
        return {name for coded, others in self.rows for name in (coded, *(true for true, _ in others))}

    def fits(self, categories: Sequence[str]) -> bool:
        return self._named <= set(categories)

    def written(self) -> Any:
        rows = {coded: {true: number_text(chance) for true, chance in others} for coded, others in self.rows}
        return {"confusion": {"of": rows, **({"origin": self.origin} if self.origin else {})}}

    def __str__(self) -> str:
        told = [
            f"{coded} is {true} {number_text(chance)}"
            for coded, others in self.rows
            for true, chance in others
            if true != coded and chance
        ]
        return f"confusion {listed(told, most=6)}{f' ({self.origin})' if self.origin else ''}"


@dataclass(frozen=True, repr=False)
class Confidence(CoderLaw):
    """The coder's own confidence: a chance that a category is right for each, and the others equally likely else."""

    high: float
    medium: float
    low: float
    name: ClassVar[str] = "confidence"
    needs_confidence: ClassVar[bool] = True

    def __post_init__(self) -> None:
        wrong = [level for level in _LEVELS if not 0 < getattr(self, level) <= 1]
        if wrong or self.high == self.medium == self.low == 1:
            message = "confidence takes the chance that a category is right: high, medium and low, above 0, not all 1"
            raise MethodError(Fault(message, check="bad_law"))

    def chances(
        self, own: npt.NDArray[np.int64], categories: Sequence[str], confidence: Sequence[str | None] | None
    ) -> Floats:
        levels = [None] * len(own) if confidence is None else confidence
        known = {level: getattr(self, level) for level in _LEVELS}
        right = np.array([known.get(str(level).strip().casefold(), np.nan) for level in levels])
        lacking = (own >= 0) & np.isnan(right)
        if lacking.any():
            message = (
                f"{int(lacking.sum())} coded answers have no confidence (high, medium or low); give the attribute "
                "confidence with the data, and name it in the index: columns: {confidence: '*.confidence'}"
            )
            raise MethodError(Fault(message, check="no_confidence"))
        others = np.where(len(categories) > 1, (1.0 - right) / max(len(categories) - 1, 1), 0.0)
        found = np.tile(others[:, None], (1, len(categories)))
        rows = np.flatnonzero(own >= 0)
        found[rows, own[rows]] = right[rows]
        found[own < 0] = 0.0
        return found

    def written(self) -> Any:
        return {"confidence": {level: number_text(getattr(self, level)) for level in _LEVELS}}

    def __str__(self) -> str:
        return f"confidence {', '.join(f'{level} {number_text(getattr(self, level))}' for level in _LEVELS)}"


def rows_of(table: Any) -> Rows:
    """A confusion as rows: out of a mapping of mappings, or a DataFrame with the coded categories as rows."""
    if hasattr(table, "to_dict") and hasattr(table, "index"):
        table = table.to_dict(orient="index")
    if not isinstance(table, Mapping) or not all(isinstance(row, Mapping) for row in table.values()):
        message = (
            "a confusion is {coded: {true: chance}}, or a DataFrame with a row for each coded category; "
            f"found {table!r:.60}"
        )
        raise MethodError(Fault(message, check="bad_law"))
    from egovindex.sensitivity.parameters import number_of

    return tuple(
        (str(coded), tuple((str(true), number_of(chance, f"{coded} is {true}")) for true, chance in row.items()))
        for coded, row in table.items()
    )
