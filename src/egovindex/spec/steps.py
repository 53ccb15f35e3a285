"""Steps: the list of them, and how one is written with its numbers and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egovindex.errors import did_you_mean
from egovindex.spec.numbers import number_text
from egovindex.spec.quantities import Quantity, parse_quantity, parse_text

__all__ = ["STEPS", "Parameter", "Step", "StepForm", "parse_step", "sign_of_steps", "usage"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a step takes; ``default`` makes it optional.

    A ``whole`` number lies between ``least`` and ``most``, for the reason that ``why`` gives.
    """

    name: str
    default: float | None = None
    whole: bool = False
    meaning: str = ""
    least: int = 1
    most: int = 1_000_000_000
    why: str = "more cannot be counted"


@dataclass(frozen=True, slots=True)
class StepForm:
    """How a step is written, and what it does to linearity.

    ``words`` are flags that may stand among the numbers, with a group number: of one group at most one
    may be written. ``moves`` is "affine", "monotone" or "none": what stays of a varying input.
    ``learns`` says whether the step takes numbers from the reference population.
    """

    name: str
    effect: str
    parameters: tuple[Parameter, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()
    learns: bool = False
    moves: str = "affine"
    normaliser: bool = False
    together: bool = False
    source: str = ""


_WORDS_FIRST = ("zscore", "distance")
_HANDBOOK = "OECD/JRC Handbook on Constructing Composite Indicators (2008)"
STEPS: dict[str, StepForm] = {
    form.name: form
    for form in (
        StepForm("out_of", "divides by a number", (Parameter("total", meaning="divisor"),)),
        StepForm("times", "multiplies by a number", (Parameter("factor", meaning="factor"),)),
        StepForm(
            "grid",
            "back to the nearest k/n, for shares that were printed rounded",
            (Parameter("n", whole=True, meaning="number of items behind the share"),),
            moves="piecewise",
        ),
        StepForm("floor", "no lower than a limit", (Parameter("limit", meaning="lower limit"),), moves="piecewise"),
        StepForm("cap", "no higher than a limit", (Parameter("limit", meaning="upper limit"),), moves="piecewise"),
        StepForm(
            "top",
            "no higher than the n-th highest unit",
            (Parameter("n", whole=True, meaning="rank from the top"),),
            learns=True,
            moves="piecewise",
        ),
        StepForm(
            "bottom",
            "no lower than the n-th lowest unit",
            (Parameter("n", whole=True, meaning="rank from the bottom"),),
            learns=True,
            moves="piecewise",
        ),
        StepForm("log", "natural logarithm", moves="monotone"),
        StepForm(
            "distance",
            "distance from a target, |x - target|; the target is a number or the median",
            (Parameter("target", default=float("nan"), meaning="target"),),
            words=(("median",),),
            moves="none",
        ),
        StepForm(
            "zscore",
            "mean 0 and standard deviation 1, or the mean and deviation given",
            (Parameter("mean", 0.0, meaning="new mean"), Parameter("sd", 1.0, meaning="new deviation")),
            words=(("sample", "population"),),
            learns=True,
            normaliser=True,
            together=True,
            source=f"{_HANDBOOK}, p. 84",
        ),
        StepForm(
            "winsorise",
            "replaces extremes, one at a time, until skew or kurtosis is within its limit",
            (
                Parameter("most", whole=True, meaning="most units that may be replaced"),
                Parameter("skew", 2.0, meaning="limit of |skew|"),
                Parameter("kurtosis", 3.5, meaning="limit of the excess kurtosis"),
            ),
            learns=True,
            moves="piecewise",
            source="COINr 1.1.14, qTreat; limits after Groeneveld and Meeden 1984",
        ),
        StepForm(
            "minmax",
            "worst unit 0 and best unit 1, or the limits given",
            (Parameter("low", 0.0, meaning="value of the worst"), Parameter("high", 1.0, meaning="value of the best")),
            learns=True,
            normaliser=True,
            together=True,
            source=f"{_HANDBOOK}, p. 85",
        ),
        StepForm(
            "goalposts",
            "fixed worst 0 and best 1, never cut off; may run downwards, or on a log scale",
            (Parameter("worst", meaning="value that becomes 0"), Parameter("best", meaning="value that becomes 1")),
            words=(("log",),),
            normaliser=True,
            source="UNDP Human Development Report, technical note 1",
        ),
        StepForm("rank", "share of units that are not better", learns=True, moves="piecewise", normaliser=True),
        StepForm(
            "round",
            "rounds to digits; half-even unless half_up is written",
            (
                Parameter(
                    "digits",
                    0.0,
                    whole=True,
                    meaning="digits after the point",
                    least=0,
                    most=15,
                    why="a computed number has no more digits than that",
                ),
            ),
            words=(("half_even", "half_up"),),
            moves="piecewise",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step with its numbers, in the order of :data:`STEPS`."""

    name: str
    numbers: tuple[Quantity, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def form(self) -> StepForm:
        """How this step is written and what it does."""
        return STEPS[self.name]

    @property
    def learns(self) -> bool:
        """Whether the step takes numbers from the reference population."""
        return self.form.learns or "median" in self.words

    def parameter(self, name: str) -> float:
        """The value of a parameter, its default where it is not written."""
        for position, parameter in enumerate(self.form.parameters):
            if parameter.name == name:
                if position < len(self.numbers):
                    return self.numbers[position].value
                if parameter.default is not None:  # parse_step asks for the others
                    return parameter.default
        raise KeyError(name)

    def __str__(self) -> str:
        return " ".join([self.name, *self.words_first, *(number_text(q.value) for q in self.numbers), *self.words_last])

    @property
    def words_first(self) -> tuple[str, ...]:
        """Words written before the numbers (``zscore sample 10 2``)."""
        return self.words if self.name in _WORDS_FIRST else ()

    @property
    def words_last(self) -> tuple[str, ...]:
        """Words written after the numbers (``goalposts 100 75000 log``)."""
        return () if self.words_first else self.words


def sign_of_steps(steps: tuple[Step, ...], *, down: bool) -> int:
    """Whether steps keep (1) or turn (-1) the order of values.

    Examples
    --------
    >>> sign_of_steps((parse_step("goalposts 6 0"),), down=False), sign_of_steps((parse_step("minmax"),), down=True)
    (-1, -1)
    """
    sign = -1 if down else 1
    for step in steps:
        if (
            (step.name == "times" and step.parameter("factor") < 0)
            or (step.name == "out_of" and step.parameter("total") < 0)
            or (step.name == "goalposts" and step.parameter("worst") > step.parameter("best"))
        ):
            sign = -sign
    return sign


def parse_step(raw: Any) -> Step:
    """A step: its name, its numbers and its words, separated by blanks.

    The long form ``{cap: {value: 120, source: ...}}`` gives a number its source; a list gives several.

    Examples
    --------
    >>> str(parse_step("zscore sample 10 2")), parse_step("cap 120").parameter("limit")
    ('zscore sample 10 2', 120.0)
    """
    if isinstance(raw, Step):
        return raw
    if isinstance(raw, Mapping):
        if len(raw) != 1:
            raise ValueError("a step in long form is one name with its numbers, as in {cap: {value: 120, basis: ours}}")
        ((written, numbers),) = raw.items()
        given = list(numbers) if isinstance(numbers, (list, tuple)) else [numbers]
        name, *words = str(written).split() or [""]
        return _step(name, [*words, *given], str(written))
    name, *arguments = parse_text(raw).split() or [""]
    return _step(name, list(arguments), parse_text(raw))


def _step(name: str, arguments: list[Any], written: str) -> Step:
    if name not in STEPS:
        hint = did_you_mean(name, STEPS, otherwise=".")
        raise ValueError(f'"{written}" is not a step{hint} Steps: {", ".join(STEPS)}')
    form = STEPS[name]
    words: list[str] = []
    numbers: list[Quantity] = []
    allowed = {word: group for group, members in enumerate(form.words) for word in members}
    for argument in arguments:
        if isinstance(argument, str) and argument in allowed:
            if any(allowed[word] == allowed[argument] for word in words):
                raise ValueError(f'"{written}": only one of {", ".join(form.words[allowed[argument]])}')
            words.append(argument)
            continue
        try:
            numbers.append(parse_quantity(argument))
        except ValueError as error:
            raise ValueError(f'"{written}": {error}. {usage(form)}') from None
    _refuse_bad_arguments(form, numbers, words, written)
    return Step(name, tuple(numbers), tuple(words))


def _refuse_bad_arguments(form: StepForm, numbers: list[Quantity], words: list[str], written: str) -> None:
    required = sum(parameter.default is None for parameter in form.parameters)
    if form.name == "distance":
        if len(numbers) + len(words) != 1:
            raise ValueError(f'"{written}": one target is needed, a number or median')
    elif len(numbers) < required or len(numbers) > len(form.parameters) or (form.together and len(numbers) == 1):
        raise ValueError(f'"{written}" has {len(numbers)} numbers. {usage(form)}')
    for parameter, quantity in zip(form.parameters, numbers, strict=False):
        if parameter.whole:
            _refuse_no_count(parameter, quantity.value, written)
    _refuse_bad_limits(form, [quantity.value for quantity in numbers], words, written)


def _refuse_bad_limits(form: StepForm, values: list[float], words: list[str], written: str) -> None:
    if form.name == "out_of" and values[0] == 0:
        raise ValueError(f'"{written}" divides by zero')
    if form.name == "winsorise" and len(values) > 1 and values[1] <= 0:
        raise ValueError(f'"{written}": the limit of |skew| must be above zero')
    if form.name == "zscore" and len(values) == 2 and values[1] <= 0:
        raise ValueError(f'"{written}": the standard deviation must be above zero')
    if form.name == "minmax" and len(values) == 2 and values[0] >= values[1]:
        raise ValueError(
            f'"{written}": the first limit must be below the second; for low is good write direction: down'
        )
    if form.name == "goalposts":
        if values[0] == values[1]:
            raise ValueError(f'"{written}": worst and best are equal')
        if "log" in words and min(values) <= 0:
            raise ValueError(f'"{written}": goalposts on a log scale must be above zero')


def _refuse_no_count(parameter: Parameter, value: float, written: str) -> None:
    name, found = parameter.name, number_text(value)
    if not value.is_integer() or value < parameter.least:
        raise ValueError(f'"{written}": {name} must be a whole number from {parameter.least} on, found {found}')
    if value > parameter.most:
        raise ValueError(f'"{written}": {name} is at most {parameter.most}, found {found}; {parameter.why}')


def usage(form: StepForm) -> str:
    """How a step is written: ``Write: round [half_even|half_up] [DIGITS]``.

    Examples
    --------
    >>> usage(STEPS["minmax"])
    'Write: minmax [LOW] [HIGH]'
    """
    words = [f"[{'|'.join(group)}]" for group in form.words]
    numbers = [p.name.upper() if p.default is None else f"[{p.name.upper()}]" for p in form.parameters]
    first = form.name in _WORDS_FIRST
    return f"Write: {' '.join([form.name, *words, *numbers] if first else [form.name, *numbers, *words])}"
