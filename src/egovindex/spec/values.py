"""The small values inside a record: numbers with a source, outcomes, steps, needs, bounds.

Each has a ``parse_...`` that reads the written form and raises ``ValueError`` with what was found
and what is allowed, and a ``write_...`` that gives the written form back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from egovindex.errors import did_you_mean
from egovindex.spec.language import (
    Else,
    Formula,
    Name,
    Number,
    Test,
    is_sentence,
    number_text,
    parse_formula,
    parse_number,
    parse_test,
)

__all__ = [
    "BASES",
    "ID",
    "STEPS",
    "Column",
    "Need",
    "Outcome",
    "Parameter",
    "Quantity",
    "Source",
    "Step",
    "StepForm",
    "Word",
    "expand_range",
    "parse_bound",
    "parse_from",
    "parse_id",
    "parse_need",
    "parse_outcome",
    "parse_quantity",
    "parse_source",
    "parse_step",
    "parse_text",
    "usage",
    "write_outcome",
    "write_quantity",
    "write_source",
]

ID = re.compile(r"[^\W\d_](?:\w|[.\-])*")
_RANGE = re.compile(r"(?P<first>.*?)(?P<low>\d+)\.\.(?P<second>.*?)(?P<high>\d+)")
_LONGEST_RANGE = 10_000
BASES = ("published", "recovered", "assumed", "ours")


def parse_text(raw: Any) -> str:
    """Text as written; numbers given from Python become their text."""
    if isinstance(raw, bool) or raw is None or isinstance(raw, (dict, list, tuple)):
        raise ValueError(f"text is expected, found {_kind(raw)}")
    text = raw if isinstance(raw, str) else str(raw)
    return text.strip()


def _kind(raw: Any) -> str:
    if raw is None:
        return "~"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, Mapping):
        return "a map"
    if isinstance(raw, (list, tuple)):
        return "a list"
    return f'"{raw}"'


def parse_id(raw: Any) -> str:
    """An id: a letter first, then letters, digits, ``_ . -``, no ``..``.

    Examples
    --------
    >>> parse_id("I-30.6")
    'I-30.6'
    """
    text = parse_text(raw)
    if not ID.fullmatch(text) or ".." in text or text in _WORDS_TAKEN:
        raise ValueError(
            f'"{text}" cannot be an id: an id begins with a letter; letters, digits, "_", "." and "-" '
            f"follow, and {', '.join(sorted(_WORDS_TAKEN))} are taken"
        )
    return text


_WORDS_TAKEN = frozenset({"value", "answer", "else", "and", "or", "not", "is", "in"})


def expand_range(text: str) -> list[str]:
    """The ids that a range names; a plain id names itself.

    Examples
    --------
    >>> expand_range("q008..q011"), expand_range("I-19.2..I-19.4")
    (['q008', 'q009', 'q010', 'q011'], ['I-19.2', 'I-19.3', 'I-19.4'])
    """
    text = text.strip()
    if ".." not in text:
        return [text]
    match = _RANGE.fullmatch(text)
    if match is None or match["first"] != match["second"]:
        raise ValueError(f'"{text}" is not a range: write the same id twice with two numbers, as in q036..q054')
    low, high = int(match["low"]), int(match["high"])
    if high <= low:
        raise ValueError(f'"{text}" is not a range: it must count up')
    if high - low >= _LONGEST_RANGE:
        raise ValueError(f'"{text}" names {high - low + 1} ids; the longest range has {_LONGEST_RANGE}')
    width = len(match["low"]) if match["low"].startswith("0") else 1
    return [f"{match['first']}{number:0{width}d}" for number in range(low, high + 1)]


# --- sources and numbers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """Where something comes from; ``basis`` is one of published, recovered, assumed, ours."""

    title: str
    page: str | None = None
    url: str | None = None
    date: str | None = None
    basis: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        rest = [f"p. {self.page}" if self.page else None, self.date, self.url]
        rest.append(f"basis: {self.basis}" if self.basis else None)
        return ", ".join([self.title, *(part for part in rest if part)])


_SOURCE_KEYS = ("title", "page", "url", "date", "basis", "note")


def parse_source(raw: Any) -> Source:
    """A source as text or ``{title, page, url, date, basis, note}``."""
    if isinstance(raw, Source):
        return raw
    if not isinstance(raw, Mapping):
        return Source(parse_text(raw))
    for key in raw:
        if key not in _SOURCE_KEYS:
            hint = did_you_mean(key, _SOURCE_KEYS, otherwise=".")
            raise ValueError(f'unknown key "{key}" in a source{hint} Allowed: {", ".join(_SOURCE_KEYS)}')
    if "title" not in raw:
        raise ValueError("a source needs a title")
    parts = {key: parse_text(value) for key, value in raw.items()}
    if parts.get("basis", BASES[0]) not in BASES:
        raise ValueError(f'basis "{parts["basis"]}" is not one of {", ".join(BASES)}')
    return Source(**parts)


def write_source(source: Source) -> str | dict[str, str]:
    """The written form of a source."""
    parts = {key: getattr(source, key) for key in _SOURCE_KEYS if getattr(source, key) is not None}
    return source.title if set(parts) == {"title"} else parts


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, with what is known about it.

    ``range`` states how far it could reasonably be otherwise; it is used by a doubt only when asked.
    """

    value: float
    range: tuple[float, float] | None = None
    source: Source | None = None
    basis: str | None = None
    note: str | None = None


_QUANTITY_KEYS = ("value", "source", "basis", "range", "note")


def parse_quantity(raw: Any) -> Quantity:
    """A number: decimal, fraction, or the long form ``{value, source, basis, range, note}``.

    Examples
    --------
    >>> parse_quantity("1/4").value
    0.25
    >>> parse_quantity({"value": "0.4", "range": ["0.2", "0.6"]}).range
    (0.2, 0.6)
    """
    if isinstance(raw, Quantity):
        return raw
    if isinstance(raw, Mapping):
        for key in raw:
            if key not in _QUANTITY_KEYS:
                hint = did_you_mean(key, _QUANTITY_KEYS, otherwise=".")
                raise ValueError(f'unknown key "{key}" in a number{hint} Allowed: {", ".join(_QUANTITY_KEYS)}')
        if "value" not in raw:
            raise ValueError("the long form of a number needs a value")
        value = parse_quantity(raw["value"]).value
        basis = parse_text(raw["basis"]) if "basis" in raw else None
        if basis is not None and basis not in BASES:
            raise ValueError(f'basis "{basis}" is not one of {", ".join(BASES)}')
        return Quantity(
            value,
            _parse_limits(raw["range"], value) if "range" in raw else None,
            parse_source(raw["source"]) if "source" in raw else None,
            basis,
            parse_text(raw["note"]) if "note" in raw else None,
        )
    if isinstance(raw, bool) or raw is None or isinstance(raw, (list, tuple)):
        raise ValueError(f"a number is expected, found {_kind(raw)}")
    return Quantity(parse_number(raw if isinstance(raw, str) else repr(float(raw))))


def _parse_limits(raw: Any, value: float) -> tuple[float, float]:
    if not isinstance(raw, (list, tuple)) or len(raw) != 2:
        raise ValueError("a range is two numbers, as in [0.2, 0.6]")
    low, high = (parse_quantity(limit).value for limit in raw)
    if not low <= value <= high:
        raise ValueError(f"the range [{number_text(low)}, {number_text(high)}] does not hold {number_text(value)}")
    return low, high


def write_quantity(quantity: Quantity) -> str | dict[str, Any]:
    """The written form of a number."""
    parts: dict[str, Any] = {"value": number_text(quantity.value)}
    if quantity.source is not None:
        parts["source"] = write_source(quantity.source)
    if quantity.basis is not None:
        parts["basis"] = quantity.basis
    if quantity.range is not None:
        parts["range"] = [number_text(limit) for limit in quantity.range]
    if quantity.note is not None:
        parts["note"] = quantity.note
    text: str = parts["value"]
    return parts if len(parts) > 1 else text


# --- outcomes of points lines ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """An outcome no number can say: skip, void, last, parent, mean, median."""

    word: str
    by: str | None = None

    def __str__(self) -> str:
        return f"{self.word} by {self.by}" if self.by else self.word


Outcome = Quantity | Word | Formula
WORDS = ("skip", "void", "last", "parent", "mean", "median")


def parse_outcome(raw: Any) -> Outcome:
    """What a points line gives: a number, a word, or a formula.

    Examples
    --------
    >>> parse_outcome("skip"), parse_outcome("1/3").value == 1 / 3, str(parse_outcome("value - 0.5"))
    (Word(word='skip', by=None), True, 'value - 0.5')
    """
    if isinstance(raw, (Quantity, Word, Formula)):
        return raw
    if isinstance(raw, Mapping) or not isinstance(raw, str):
        return parse_quantity(raw)
    text = raw.strip()
    first, _, by = text.partition(" by ")
    if first in WORDS:
        if by and first not in ("mean", "median"):
            raise ValueError(f'"{text}": only mean and median may be "by" a column')
        return Word(first, by.strip() or None)
    if text.casefold() in WORDS:
        raise ValueError(f'"{text}" is written in small letters: {text.casefold()}')
    try:
        return parse_quantity(text)
    except ValueError as error:
        if "/" in text and not re.search(r"[A-Za-z]", text):
            raise
        try:
            formula = parse_formula(text)
        except ValueError:
            raise ValueError(
                f'"{text}" is not an outcome: write a number, a formula, or one of {", ".join(WORDS)}'
            ) from error
        return formula


def write_outcome(outcome: Outcome) -> str | dict[str, Any]:
    """The written form of an outcome."""
    return write_quantity(outcome) if isinstance(outcome, Quantity) else str(outcome)


# --- where an indicator takes its value --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, as written; whether it is a formula is decided where the headings are known."""

    text: str

    @property
    def formula(self) -> Formula | None:
        """The formula the text can be read as, or ``None`` for a plain heading."""
        if not re.search(r"[-+*/(]", self.text):
            return None
        try:
            tree = parse_formula(self.text)
        except ValueError:
            return None
        return None if isinstance(tree, (Name, Number)) else tree


def parse_from(raw: Any) -> tuple[Column, ...]:
    """A column, a formula, or a list of columns of which the first with an answer is taken."""
    items = raw if isinstance(raw, (list, tuple)) else [raw]
    if not items:
        raise ValueError("an empty list; name at least one column")
    columns = tuple(item if isinstance(item, Column) else Column(parse_text(item)) for item in items)
    twice = sorted({column.text for column in columns if columns.count(column) > 1})
    if twice:
        raise ValueError(f'"{twice[0]}" stands twice in the list')
    return columns


# --- need, bounds ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Need:
    """How many children must be answered: a count, or a share of them."""

    count: int | None = None
    share: float | None = None

    def __str__(self) -> str:
        return f"{number_text(100 * self.share)}%" if self.share is not None else str(self.count)


def parse_need(raw: Any) -> Need:
    """A count or a percentage.

    Examples
    --------
    >>> parse_need("80%"), parse_need(3)
    (Need(count=None, share=0.8), Need(count=3, share=None))
    """
    if isinstance(raw, Need):
        return raw
    text = parse_text(raw)
    try:
        if text.endswith("%"):
            share = parse_number(text[:-1]) / 100
            if 0 <= share <= 1:
                return Need(share=share)
        elif float(text).is_integer() and float(text) >= 0:
            return Need(count=int(float(text)))
    except ValueError:
        pass
    raise ValueError(f'"{text}" is not a need: write how many children must be answered (3) or which share (80%)')


def parse_bound(raw: Any) -> Quantity | Test | Else:
    """The right side of a class: a lower bound, a test, or else."""
    if isinstance(raw, (Else, Quantity, Test)):
        return raw
    if isinstance(raw, str) and raw.strip() == "else":
        return Else()
    try:
        return parse_test(raw.strip()) if isinstance(raw, str) and is_sentence(raw) else parse_quantity(raw)
    except ValueError as error:
        raise ValueError(f"{error}; a class is a lower bound (0.75), a test (value >= 0.75) or else") from None


# --- steps -------------------------------------------------------------------------------------


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
