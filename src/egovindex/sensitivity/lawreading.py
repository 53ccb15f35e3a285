"""Laws out of what users and files write: an object, a tuple, a list, a text such as "within 0.25", a mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from egovindex.errors import Fault, MethodError, did_you_mean, listed
from egovindex.index import Index
from egovindex.sensitivity import laws
from egovindex.sensitivity.codinglaws import CoderLaw
from egovindex.sensitivity.numberlaws import Choice, Error, LeaveOneOut, NumberLaw
from egovindex.sensitivity.parameters import number_of
from egovindex.sensitivity.weightlaws import Schemes, WeightLaw

__all__ = ["alternatives", "coder_law", "error_law", "inclusion", "outcome_law", "recipe_law", "weight_law"]

# how many numbers each law takes where it is written in one line
_IN_LINE: dict[str, tuple[Callable[..., Any], tuple[int, ...]]] = {
    "within": (laws.within, (1,)),
    "simplex": (laws.simplex, (0,)),
    "dirichlet": (laws.dirichlet, (1,)),
    "at_least": (laws.at_least, (1,)),
    "between": (laws.between, (2,)),
    "uniform": (laws.uniform, (2,)),
    "triangular": (laws.triangular, (3,)),
    "normal": (laws.normal, (2, 4)),
    "monotone": (laws.monotone, (0, 2)),
}
# what each law takes in long form; "of" is what it is made of
_KEYS: dict[str, tuple[str, ...]] = {
    "within": ("share",),
    "simplex": (),
    "dirichlet": ("concentration", "alpha"),
    "at_least": ("share",),
    "between": ("low", "high"),
    "ordered": ("of", "low", "high"),
    "conditions": ("of", "low", "high"),
    "experts": ("of", "take"),
    "schemes": ("of", "chances"),
    "uniform": ("low", "high"),
    "triangular": ("low", "mode", "high"),
    "normal": ("mean", "sd", "low", "high"),
    "monotone": ("low", "high"),
    "choice": ("of", "chances"),
    "error": ("sd", "half_width", "relative", "low", "high"),
    "confusion": ("of", "origin"),
    "confidence": ("high", "medium", "low"),
}
_EXAMPLES = {
    "within": "{share: 0.25}",
    "simplex": "{}",
    "dirichlet": "{alpha: {a: 2, b: 1}}",
    "at_least": "{share: 0.1}",
    "between": "{low: 0.2, high: 0.5}",
    "ordered": "[a, b]",
    "conditions": "{of: [a >= 2 * b], low: 0.1}",
    "experts": "{of: {first: {a: 50, b: 50}, second: {a: 80, b: 20}}, take: mean}",
    "schemes": "{of: [equal, services-first], chances: [0.75, 0.25]}",
    "uniform": "{low: 0.2, high: 0.7}",
    "triangular": "{low: 0.2, mode: 0.5, high: 0.7}",
    "normal": "{mean: 0.4, sd: 0.1, low: 0, high: 1}",
    "monotone": "{low: 0, high: 1}",
    "choice": "{of: [skip, 0], chances: [0.75, 0.25]}",
    "error": "{sd: 2, low: 0, high: 100}",
    "confusion": "{of: {drafted: {planned: 0.2}}}",
    "confidence": "{high: 0.95, medium: 0.8, low: 0.6}",
}
_OF_MANY = ("ordered", "conditions", "schemes", "choice")
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
        _refuse_unknown(str(name), raw, known)
        return _long(str(name), given)
    name, *numbers = str(raw).split() or [""]
    _refuse_unknown(name, raw, known)
    if name not in _IN_LINE:
        raise bad_law(f'"{raw}" is no law here; write it in long form, {_example(name)}')
    return _in_line(name, numbers, raw)


def _refuse_unknown(name: str, raw: Any, known: Sequence[str]) -> None:
    if name in known:
        return
    called = re.fullmatch(r"(\w+)\((.*)\)", str(raw).strip())
    if called and called[1] in known:
        way_out = f'; as a text it is "{called[1]} {called[2]}".' if called[1] in _IN_LINE else "; it is no text."
    elif callable(raw) and getattr(raw, "__name__", "") in known:
        name = raw.__name__
        raise bad_law(f"{name} is a function: call it, as in {name}({'...' if _KEYS[name] else ''})")
    else:
        way_out = did_you_mean(name, known, otherwise=".")
    shown = name if isinstance(raw, Mapping) else f"{raw!s:.60}"
    raise bad_law(f'"{shown}" is no law here{way_out} Laws: {listed(known, most=12)}')


def _in_line(name: str, numbers: Sequence[Any], raw: Any) -> Any:
    """A law that is made of some numbers."""
    make, takes = _IN_LINE[name]
    if len(numbers) not in takes:
        many = " or ".join(map(str, takes)) + (" number" if takes == (1,) else " numbers")
        also = "; a share is a number, as in within 0.25" if name in ("within", "at_least") else ""
        raise bad_law(f'"{raw}": {name} takes {many}, found {len(numbers)}{also}. In long form it is {_example(name)}')
    return make(*numbers)


def _long(name: str, given: Any) -> Any:
    if not isinstance(given, Mapping):
        if isinstance(given, str) and name in _IN_LINE:
            given = given.split()
        values = list(given) if isinstance(given, (list, tuple)) else [given]
        if name in _IN_LINE:
            return _in_line(name, values, " ".join(map(str, (name, *values))))
        if name not in _OF_MANY:
            raise bad_law(f"{name} takes a map, {_example(name)}; found {given!r:.60}")
        given = {"of": values}
    keys = {str(key): value for key, value in given.items()}
    unknown = [key for key in keys if key not in _KEYS[name]]
    if unknown:
        hint = did_you_mean(unknown[0], _KEYS[name], otherwise=".")
        raise bad_law(f'{name} takes no "{unknown[0]}"{hint} Write it {_example(name)}')
    if "of" not in _KEYS[name]:
        return _made(name, [], keys)
    of = keys.pop("of", None)
    if of is None:
        raise bad_law(f"{name} has no of: write it {_example(name)}")
    if name not in _OF_MANY:
        return _made(name, [of], keys)
    many = list(of) if isinstance(of, (list, tuple)) else [of]
    return _made(name, [plain(one) for one in many] if name == "choice" else many, keys)


def _made(name: str, of: Sequence[Any], keys: Mapping[str, Any]) -> Any:
    try:
        return getattr(laws, name)(*of, **keys)
    except TypeError:  # something that it needs was not given
        raise bad_law(f"{name} is incomplete: write it {_example(name)}") from None


def _example(name: str) -> str:
    """How a law is written in long form."""
    return f"as in {{{name}: {_EXAMPLES[name]}}}"


def plain(raw: Any) -> Any:
    """A number where there is one, else the text."""
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return float(raw)
    if not isinstance(raw, str):
        return str(raw)
    try:
        return number_of(raw, "number")
    except MethodError:
        return raw


def weight_law(raw: Any) -> WeightLaw | None:
    """A law of weights; a list is one of weight schemes, ``None`` (or ``fixed``) leaves the weights as they are."""
    if _is_fixed(raw):
        return None
    if isinstance(raw, WeightLaw):
        return raw
    if isinstance(raw, (list, tuple)):
        _refuse_numbers(raw)
        return Schemes(tuple(raw))
    if isinstance(plain(raw), float):
        share = plain(raw)
        raise bad_law(f'"{raw}" is no law here; for each weight within that share of itself write within {share:g}')
    found = _named(raw, _OF_WEIGHTS)
    assert isinstance(found, WeightLaw)  # noqa: S101 - the names are those of weights
    return found


def _refuse_numbers(raw: Sequence[Any]) -> None:
    """Numbers in a list are no weight sets."""
    if raw and all(isinstance(plain(one), float) for one in raw):
        message = (
            f"{listed(map(str, raw))}: a list is one of weight sets. Limits of every share are between 0.2 0.5; "
            "one set of weights is {child: number}, and a list needs at least two sets"
        )
        raise bad_law(message)


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


def _is_fixed(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and raw.strip() == "fixed")


def alternatives(raw: Any) -> Choice | None:
    """Some alternatives in words: rules, aggregates, steps; ``None`` (or ``fixed``) leaves them as they are."""
    if _is_fixed(raw):
        return None
    if isinstance(raw, Choice):
        return raw
    if isinstance(raw, Mapping) and set(raw) == {"choice"}:
        found = _named(raw, ("choice",))
        assert isinstance(found, Choice)  # noqa: S101 - there is no other name
        return found
    if isinstance(raw, (str, Mapping)) or not isinstance(raw, (list, tuple)):
        raise bad_law(f"alternatives are a list, as in [mean, geometric]; found {raw!r:.60}")
    return Choice(tuple(tuple(one) if isinstance(one, (list, tuple)) else one for one in raw))


def error_law(raw: Any) -> Error | None:
    """A law of measurement error; ``None`` (or ``fixed``) for none."""
    if _is_fixed(raw):
        return None
    if isinstance(raw, Error):
        return raw
    if isinstance(raw, Mapping):
        found = _named({name: _flags(given) for name, given in raw.items()}, ("error",))
        assert isinstance(found, Error)  # noqa: S101 - there is no other name
        return found
    raise bad_law(f"the error of a measured number is written error(sd=2), found {raw!r:.60}")


def coder_law(raw: Any) -> CoderLaw | None:
    """A law of coders; ``None`` (or ``fixed``) for none."""
    if _is_fixed(raw) or isinstance(raw, CoderLaw):
        return None if _is_fixed(raw) else raw
    if isinstance(raw, Mapping):
        found = _named(raw, ("confusion", "confidence"))
        assert isinstance(found, CoderLaw)  # noqa: S101 - there are no other names
        return found
    raise bad_law(f"a doubt about coders is a confusion, a disagreement or a confidence; found {raw!r:.60}")


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
            names = raw["leave_one_out"]
            return laws.leave_one_out(*([names] if isinstance(names, str) else names))
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
