"""Laws as users write them: of weights, of points, of measured numbers.

A law says which other choices there could have been, and how likely each is. It is an answer to "what if this had
been decided otherwise", and nothing about the error of a sample.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, MethodError, listed
from egovindex.sensitivity.codinglaws import Confidence, Confusion, rows_of
from egovindex.sensitivity.numberlaws import Choice, Error, LeaveOneOut, Monotone, Normal, Triangular, Uniform
from egovindex.sensitivity.parameters import number_of
from egovindex.sensitivity.weightlaws import Between, Conditions, Dirichlet, Experts, Limit, Ordered, Schemes, Within

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "at_least",
    "between",
    "choice",
    "conditions",
    "confidence",
    "confusion",
    "dirichlet",
    "disagreement",
    "error",
    "experts",
    "leave_one_out",
    "limit_of",
    "monotone",
    "normal",
    "ordered",
    "schemes",
    "simplex",
    "triangular",
    "uniform",
    "within",
]


def limit_of(raw: Any, what: str) -> Limit:
    """A limit for all children, or by child."""
    if isinstance(raw, Mapping):
        return tuple((str(name), number_of(value, f"{what} of {name}")) for name, value in raw.items())
    return number_of(raw, what)


def _refuse_no_texts(given: Sequence[Any], call: str) -> None:
    """Names and sentences are written one by one."""
    wrong = [one for one in given if not isinstance(one, str)]
    if wrong:
        message = f'{call} takes texts, found {listed(map(repr, wrong))}: write {call}("a", "b"), or {call}(*a_list)'
        raise MethodError(Fault(message, check="bad_law"))


# --- of weights
def within(share: float) -> Within:
    """Every weight up to a share above or below itself, uniformly over all sets with the same total.

    Uniform means that no such set is preferred: weights are not drawn one by one and scaled back, which would leave
    the limits and prefer the middle.

    Parameters
    ----------
    share
        0.25 for 25 %; at most 1. A weight of 0 stays 0.

    Examples
    --------
    >>> within(0.25)
    within 0.25
    """
    return Within(number_of(share, "share"))


def between(low: Any = 0, high: Any = 1) -> Between:
    """Every share of weight between two limits, uniformly over all sets that add up to one.

    Parameters
    ----------
    low, high
        One number for every child, or ``{child: number}``; a child that is not named has 0 or 1. Shares of the
        node's total.

    Examples
    --------
    >>> between(0.2, {"OSI": 0.5})
    between 0.2 and OSI 0.5
    """
    return Between(limit_of(low, "low"), limit_of(high, "high"))


def at_least(share: Any) -> Between:
    """Every share at least so large, uniformly.

    Examples
    --------
    >>> at_least(0.05)
    between 0.05 and 1
    """
    return Between(limit_of(share, "share"), 1.0)


def simplex() -> Dirichlet:
    """Any weights that add up to the total, each set as likely as any other: a Dirichlet law with all parameters 1.

    Examples
    --------
    >>> simplex()
    simplex
    """
    return Dirichlet()


def dirichlet(concentration: float | None = None, *, alpha: Mapping[str, float] | None = None) -> Dirichlet:
    """Shares that vary around those of the index, the less the higher the concentration.

    A share ``m`` has the standard deviation ``sqrt(m (1 - m) / (concentration + 1))``.

    Parameters
    ----------
    concentration
        Sum of the parameters; each is that times the share in the index.
    alpha
        The parameters themselves, ``{child: number}``, in its place.

    Examples
    --------
    >>> dirichlet(50)
    dirichlet 50
    """
    if (concentration is None) == (alpha is None):
        message = "dirichlet takes a concentration, or parameters as alpha={child: number}; simplex() is uniform"
        raise MethodError(Fault(message, check="bad_law"))
    if alpha is not None:
        return Dirichlet(
            None, tuple((str(name), number_of(value, f"alpha of {name}")) for name, value in alpha.items())
        )
    return Dirichlet(number_of(concentration, "concentration"))


def ordered(*children: str, low: Any = 0, high: Any = 1) -> Ordered:
    """Weights in an order of importance: each child named at least as heavy as the next, uniformly.

    Parameters
    ----------
    *children
        From the most to the least important. Children that are not named are free.
    low, high
        Limits of the shares, as for :func:`between`.

    Examples
    --------
    >>> ordered("OSI", "TII", "HCI")
    ordered OSI, TII, HCI
    """
    _refuse_no_texts(children, "ordered")
    if len(children) < 2 or len(set(children)) < len(children):
        message = f"an order names at least two children, each once; found {listed(children) or 'none'}"
        raise MethodError(Fault(message, check="bad_law"))
    return Ordered.of(children, limit_of(low, "low"), limit_of(high, "high"))


def conditions(*sentences: str, low: Any = 0, high: Any = 1) -> Conditions:
    """Weights that fulfil linear sentences, uniformly.

    Parameters
    ----------
    *sentences
        In the words of the files: ``"OSI >= 2 * TII"``, ``"TII + HCI <= 0.6"``. Numbers are shares of the total.
    low, high
        Limits of the shares, as for :func:`between`.

    Examples
    --------
    >>> conditions("OSI >= 2 * TII", low=0.1)
    conditions OSI >= 2 * TII; shares between 0.1 and 1
    """
    if not sentences:
        raise MethodError(Fault('conditions need a sentence, as in conditions("OSI >= TII")', check="bad_law"))
    _refuse_no_texts(sentences, "conditions")
    return Conditions(tuple(sentences), limit_of(low, "low"), limit_of(high, "high"))


def schemes(*of: Any, chances: Sequence[float] | None = None) -> Schemes:
    """One of some weight sets as a whole; a list says the same without chances.

    Parameters
    ----------
    *of
        Names of packaged sets, paths, weight sets, or mappings ``{node: {child: weight}}``.
    chances
        How likely each is; equally by default.

    Examples
    --------
    >>> schemes("equal", "services-first", chances=[0.75, 0.25]).labels
    ('equal', 'services-first')
    """
    return Schemes(tuple(of), None if chances is None else tuple(number_of(c, "chance") for c in chances))


def experts(table: pd.DataFrame | Mapping[Hashable, Mapping[str, float]], *, take: str = "mean") -> Experts:
    """Weights that experts gave for the children of one node.

    Parameters
    ----------
    table
        One row per expert, one column per child; or ``{expert: {child: weight}}``. Each row is scaled to the total.
    take
        ``"mean"``: the mean of as many experts, drawn with replacement, as there are: how the panel could have come
        out. ``"one"``: any one of them: how far the experts disagree.

    Examples
    --------
    >>> experts({"first": {"OSI": 50, "TII": 50}, "second": {"OSI": 80, "TII": 20}})
    mean of a resample of 2 experts
    """
    _refuse_no_table(table)
    if isinstance(table, Mapping):
        names = tuple(map(str, table))
        children = tuple(dict.fromkeys(str(child) for row in table.values() for child in row))
        rows: list[list[Any]] = [[row.get(child, float("nan")) for child in children] for row in table.values()]
    else:
        names, children = tuple(map(str, table.index)), tuple(map(str, table.columns))
        rows = table.to_numpy().tolist()
    given = tuple(
        tuple(_weight(cell, f"{name}, {child}") for child, cell in zip(children, row, strict=True))
        for name, row in zip(names, rows, strict=True)
    )
    return Experts(names, children, given, take)


def _refuse_no_table(table: Any) -> None:
    """What experts gave has a name for every expert and every child."""
    rows = isinstance(table, Mapping) and all(isinstance(row, Mapping) for row in table.values())
    if not rows and not all(hasattr(table, name) for name in ("index", "columns", "to_numpy")):
        message = (
            "experts takes a DataFrame with a row per expert and a column per child, or {expert: {child: weight}}; "
            f"found {table!r:.60}. A file is read first: experts(pandas.read_csv(path, index_col=0))"
        )
        raise MethodError(Fault(message, check="bad_law"))


def _weight(cell: Any, what: str) -> float:
    """A weight that an expert gave; none is told with the name of the expert."""
    return float("nan") if cell is None or cell != cell else number_of(cell, what)  # noqa: PLR0124 - NaN is not itself


# --- of numbers
def uniform(low: float, high: float) -> Uniform:
    """Every number between two as likely as any other; ``(low, high)`` says the same.

    Examples
    --------
    >>> uniform(0.25, 0.75)
    uniform 0.25 0.75
    """
    return Uniform(number_of(low, "low"), number_of(high, "high"))


def triangular(low: float, mode: float, high: float) -> Triangular:
    """Most likely in one point, less likely in a straight line on either side, never outside two limits.

    Examples
    --------
    >>> triangular(0.2, 0.4, 0.6)
    triangular 0.2 0.4 0.6
    """
    return Triangular(number_of(low, "low"), number_of(mode, "mode"), number_of(high, "high"))


def normal(mean: float, sd: float, low: float | None = None, high: float | None = None) -> Normal:
    """Normal; given limits, the law given that the number lies between them.

    Examples
    --------
    >>> normal(0.4, 0.1, 0, 1)
    normal 0.4 0.1 0 1
    """
    given = (None if limit is None else number_of(limit, "limit") for limit in (low, high))
    return Normal(number_of(mean, "mean"), number_of(sd, "sd"), *given)


def choice(*of: Any, chances: Any = None) -> Choice:
    """One of some alternatives, equally likely or with chances; a list says the same without chances.

    Examples
    --------
    >>> choice("skip", 0, chances=[0.75, 0.25])
    one of skip, 0 with chances [0.75, 0.25]
    """
    return Choice(tuple(of), None if chances is None else tuple(number_of(c, "chance") for c in chances))


def monotone(low: float | None = None, high: float | None = None) -> Monotone:
    """For a map of points: its lines may earn anything between the lowest and the highest, in the order they have.

    Parameters
    ----------
    low, high
        Between which they move, both or none; the lowest and the highest number of the map, which stay, by default.

    Examples
    --------
    >>> monotone()
    monotone
    """
    return Monotone(*(None if limit is None else number_of(limit, "limit") for limit in (low, high)))


def error(
    *,
    sd: float | str | None = None,
    half_width: float | None = None,
    relative: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> Error:
    """Error of a measured number, independent from unit to unit.

    Parameters
    ----------
    sd
        Standard deviation of a normal error, in the unit of the number; or the heading of a column that has it for
        each row.
    half_width
        In place of it: the number may be off by so much either way, each as likely as any other. Half of the last
        printed digit is the error of rounding.
    relative
        The error is a share of the number.
    low, high
        Limits of the number, such as 0 and 100 for a percentage. The law is cut there, and no value piles up.

    Examples
    --------
    >>> error(sd=2, low=0, high=100)
    error sd 2, low 0, high 100
    """
    given: Mapping[str, Any] = {"half_width": half_width, "low": low, "high": high}
    numbers = {name: None if value is None else number_of(value, name) for name, value in given.items()}
    _refuse_number_as_heading(sd)
    spread = sd if sd is None or isinstance(sd, str) else number_of(sd, "sd")
    return Error(sd=spread, relative=bool(relative), **numbers)


def _refuse_number_as_heading(sd: Any) -> None:
    """A text is the heading of a column, and a file could not tell it from a number."""
    if not isinstance(sd, str):
        return
    try:
        number_of(sd, "sd")
    except MethodError:
        if sd.endswith("%") or sd in ("true", "false"):
            message = f'sd="{sd}" is no number, and no heading; 5 % of a value is sd=0.05 with relative=True'
            raise MethodError(Fault(message, check="bad_law")) from None
        return
    message = f'sd="{sd}" is a text, and means a column; write the number without quotes, or call the column otherwise'
    raise MethodError(Fault(message, check="bad_law"))


# --- of coders
def confusion(table: pd.DataFrame | Mapping[str, Mapping[str, float]], *, origin: str | None = None) -> Confusion:
    """How often what is coded as one category is another, independently from answer to answer.

    Parameters
    ----------
    table
        ``{coded: {true: chance}}``, or a DataFrame with a row for each coded category. What is left is the chance that
        the category is right; a category without a row is certain. Answers that earn no number, such as unknown ones,
        stay as they are: see ``nothing``.
    origin
        Where the numbers come from, in words.

    Examples
    --------
    >>> confusion({"drafted": {"planned": 0.2, "adopted": 0.05}})
    confusion drafted is planned 0.2, drafted is adopted 0.05
    """
    return Confusion(rows_of(table), origin)


def disagreement(coding: pd.DataFrame, *, axis: str | None = None) -> Confusion:
    """The confusion that coders show between them: given what one of them said, how often another said something else.

    Every pair of coders of an answer counts, in both directions. Gaps and ``unknown`` do not count.

    Parameters
    ----------
    coding
        Columns ``unit, period, item, axis, coder, category``, as :func:`code` and :func:`read_coding` give them.
    axis
        Which axis; the only one, else ``brief``.

    Raises
    ------
    MethodError
        No answer was coded by two coders, or they never disagree.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("A", q, c, v) for q, a, b in (("q1", "x", "x"), ("q2", "x", "y")) for c, v in (("one", a), ("two", b))]
    >>> disagreement(pd.DataFrame(rows, columns=["unit", "item", "coder", "category"]))
    confusion x is y 0.333333333333, y is x 1 (2 coders, 2 answers)
    """
    from egovindex.sensitivity.disagreement import confusion_of

    return confusion_of(coding, axis)


def confidence(*, high: float, medium: float, low: float) -> Confidence:
    """The coder's own confidence as the chance that a category is right; the others are equally likely else.

    The data have the attribute ``confidence`` for each answer: ``high``, ``medium`` or ``low``.

    Examples
    --------
    >>> confidence(high=0.95, medium=0.8, low=0.6)
    confidence high 0.95, medium 0.8, low 0.6
    """
    return Confidence(number_of(high, "high"), number_of(medium, "medium"), number_of(low, "low"))


# --- of what is in
def leave_one_out(*records: str) -> LeaveOneOut:
    """One record at a time is left out, or none, each as likely as any other.

    Parameters
    ----------
    *records
        Indicators or nodes; all indicators if none is named.

    Examples
    --------
    >>> leave_one_out("internet", "mobile")
    leave one out of internet, mobile
    """
    _refuse_no_texts(records, "leave_one_out")
    return LeaveOneOut(tuple(records))
