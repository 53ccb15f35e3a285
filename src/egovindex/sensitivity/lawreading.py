"""Laws out of what users and files write: an object, a tuple, a list, a text such as "within 0.25", a mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.index import Index
from egovindex.sensitivity import laws
from egovindex.sensitivity.numberlaws import Choice, Error, LeaveOneOut, Monotone, NumberLaw
from egovindex.sensitivity.parameters import number_of
from egovindex.sensitivity.weightlaws import Schemes, WeightLaw

__all__ = ["alternatives", "error_law", "inclusion", "outcome_law", "recipe_law", "weight_law"]

# how many numbers each law takes where it is written in one line
_IN_LINE: dict[str, tuple[Callable[..., Any], int, int]] = {
    "within": (laws.within, 1, 1),
    "simplex": (laws.simplex, 0, 0),
    "dirichlet": (laws.dirichlet, 1, 1),
    "at_least": (laws.at_least, 1, 1),
    "uniform": (laws.uniform, 2, 2),
    "triangular": (laws.triangular, 3, 3),
    "normal": (laws.normal, 2, 4),
    "monotone": (laws.monotone, 0, 2),
}
_OF_WEIGHTS = ("within", "simplex", "dirichlet", "at_least", "between", "ordered", "conditions", "experts", "schemes")
_OF_NUMBERS = ("uniform", "triangular", "normal", "monotone", "choice")


def bad_law(message: str) -> MethodError:
    """A law that cannot be read."""
    return MethodError(Fault(message, check="bad_law"))


def _named(raw: Any, known: Sequence[str]) -> Any:
    """A law written as text, or as a mapping of its name to what it takes."""
    if isinstance(raw, Mapping):
        if len(raw) != 1:
            raise bad_law(f"a law in long form is one name with what it takes, found {listed(raw) or 'nothing'}")
        ((name, given),) = raw.items()
        return _long(str(name), given, known)
    name, *numbers = str(raw).split() or [""]
    if name not in known or name not in _IN_LINE:
        way_out = (
            f"; write it in long form, as in {{{name}: ...}}"
            if name in known
            else did_you_mean(name, known, otherwise=".")
        )
        raise bad_law(f'"{raw}" is no law here{way_out} Laws: {listed(known, most=12)}')
    make, least, most = _IN_LINE[name]
    if not least <= len(numbers) <= most:
        raise bad_law(f'"{raw}": {name} takes {least if least == most else f"{least} to {most}"} numbers')
    return make(*numbers)


def _long(name: str, given: Any, known: Sequence[str]) -> Any:
    if name not in known:
        raise bad_law(
            f'"{name}" is no law here{did_you_mean(name, known, otherwise=".")} Laws: {listed(known, most=12)}'
        )
    if not isinstance(given, Mapping):
        values = list(given) if isinstance(given, (list, tuple)) else [given]
        if name in _IN_LINE:
            return _IN_LINE[name][0](*values)
        given = {"of": values}
    keys = {str(key): value for key, value in given.items()}
    of = keys.pop("of", [])
    positional: list[Any] = list(of) if name in ("ordered", "conditions", "schemes", "choice") else [of] if of else []
    if name == "choice":
        positional = [plain(one) for one in positional]
    if name == "between":
        positional = []
    try:
        return getattr(laws, name)(*positional, **keys)
    except TypeError as error:
        raise bad_law(f"{name}: {error}") from None


def plain(raw: Any) -> Any:
    """A number where there is one, else the text."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return float(raw)
    try:
        return number_of(raw, "number")
    except MethodError:
        return str(raw)


def weight_law(raw: Any) -> WeightLaw | None:
    """A law of weights; a list is one of weight schemes, ``None`` (or ``fixed``) leaves the weights as they are."""
    if raw is None or (isinstance(raw, str) and raw.strip() == "fixed"):
        return None
    if isinstance(raw, WeightLaw):
        return raw
    if isinstance(raw, (list, tuple)):
        return Schemes(tuple(raw))
    found = _named(raw, _OF_WEIGHTS)
    assert isinstance(found, WeightLaw)  # noqa: S101 - the names are those of weights
    return found


def outcome_law(raw: Any) -> NumberLaw:
    """A law of what a line gives: a pair is a range, a list some alternatives, numbers or words."""
    if isinstance(raw, NumberLaw) and not isinstance(raw, Error):
        return raw
    if isinstance(raw, tuple) and len(raw) == 2:
        return laws.uniform(*raw)
    if isinstance(raw, list):
        return Choice(tuple(plain(one) for one in raw))
    if not isinstance(raw, (str, Mapping)):
        raise bad_law(f"a range is a pair, as in (0.25, 0.75), and alternatives are a list; found {raw!r:.60}")
    found = _named(raw, _OF_NUMBERS)
    assert isinstance(found, NumberLaw)  # noqa: S101 - the names are those of numbers
    return found


def map_law(raw: Any) -> Monotone | None:
    """The law of a whole map, if it is one."""
    return raw if isinstance(raw, Monotone) else None


def alternatives(raw: Any) -> Choice:
    """Some alternatives in words: names of rules, aggregates, steps."""
    if isinstance(raw, Choice):
        return raw
    if isinstance(raw, Mapping) and set(raw) == {"choice"}:
        found = _named(raw, ("choice",))
        assert isinstance(found, Choice)  # noqa: S101 - there is no other name
        return found
    if isinstance(raw, (str, Mapping)) or not isinstance(raw, (list, tuple)):
        raise bad_law(f"alternatives are a list, as in [mean, geometric]; found {raw!r:.60}")
    return Choice(tuple(tuple(one) if isinstance(one, (list, tuple)) else one for one in raw))


def error_law(raw: Any) -> Error:
    """A law of measurement error."""
    if isinstance(raw, Error):
        return raw
    if isinstance(raw, Mapping):
        found = _named({name: _flags(given) for name, given in raw.items()}, ("error",))
        assert isinstance(found, Error)  # noqa: S101 - there is no other name
        return found
    raise bad_law(f"the error of a measured number is written error(sd=2), found {raw!r:.60}")


def _flags(given: Any) -> Any:
    """The words true and false of a file as what they say; a standard deviation may be the heading of a column."""
    if not isinstance(given, Mapping):
        return given
    found = {str(key): {"true": True, "false": False}.get(str(value), value) for key, value in given.items()}
    if isinstance(found.get("sd"), str):
        found["sd"] = plain(found["sd"])
    return found


def inclusion(raw: Any) -> LeaveOneOut | dict[str, float]:
    """Which records may be left out, with the chance that each is in."""
    if isinstance(raw, LeaveOneOut):
        return raw
    if raw == "leave_one_out":
        return LeaveOneOut()
    if isinstance(raw, Mapping):
        if set(raw) == {"leave_one_out"}:
            return LeaveOneOut(tuple(map(str, raw["leave_one_out"])))
        found = {str(name): number_of(chance, f"chance of {name}") for name, chance in raw.items()}
    elif isinstance(raw, (list, tuple)) and raw and all(isinstance(name, str) for name in raw):
        found = dict.fromkeys(raw, 0.5)
    else:
        raise bad_law(f"include takes a list of records, or {{record: chance that it is in}}; found {raw!r:.60}")
    wrong = [name for name, chance in found.items() if not 0 < chance < 1]
    if wrong:
        raise bad_law(f"the chance that a record is in lies between 0 and 1; look at {listed(wrong)}")
    return found


def recipe_law(raw: Any) -> dict[str, Any]:
    """Whole variants of the index by their label: an index, or keys as :meth:`egovindex.Index.with_` takes them."""
    if not isinstance(raw, Mapping) or len(raw) < 2:
        raise bad_law(
            f"a doubt about recipes is {{label: keys of the file, or an Index}}, at least two; found {raw!r:.60}"
        )
    wrong = [str(label) for label, keys in raw.items() if not isinstance(keys, (Mapping, Index))]
    if wrong:
        raise bad_law(f"a recipe is an Index, or keys of the file as with_ takes them; look at {listed(wrong)}")
    return {str(label): keys if isinstance(keys, Index) else dict(keys) for label, keys in raw.items()}
