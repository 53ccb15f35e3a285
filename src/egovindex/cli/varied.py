"""What may vary in an exact question, as it is said on the command line: laws of weights, or maps of points."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

import egovindex as ei
from egovindex.cli import complete
from egovindex.cli.doubts import doubt_from_words
from egovindex.cli.exact_options import in_words
from egovindex.cli.faults import UsageFault
from egovindex.cli.given import chosen_index
from egovindex.errors import EgovindexError, listed

__all__ = ["Varied", "VariedPoints", "VariedWeights", "varied_of"]

VariedWeights = Annotated[
    list[str] | None,
    typer.Option(
        "--weights",
        metavar="LAW",
        help="Which weights are allowed: a law, as in 'within 0.25' or simplex, for every node, or NODE=LAW. Or a "
        "weight set to begin with, as for score. May be repeated.",
        autocompletion=complete.weight_sets,
    ),
]
VariedPoints = Annotated[
    list[str] | None,
    typer.Option(
        "--points",
        metavar="MAP",
        help="In place of weights, a map of points that may earn anything that keeps its order; or "
        "'MAP: no < drafted < yes' to say the order. Or ADDRESS=OUTCOME to begin with, as for score. May be repeated.",
        autocompletion=complete.lines_of_points,
    ),
]

_EXAMPLE = '--weights "within 0.25"'


@dataclass(frozen=True)
class Varied:
    """The index to begin with, and what is allowed to be otherwise.

    Parameters
    ----------
    index
        With the weight set, the rules and the points that are asked for.
    weights
        Laws of weights; ``None`` where there are none.
    points
        Maps of points with the order of their categories, ``None`` where the index says it.
    file
        Name of the file of doubts.
    """

    index: ei.Index
    weights: Any = None
    points: Mapping[str, list[str] | None] | None = None
    file: str | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """As the library takes it: laws, or maps of points."""
        maps: Any = self.points
        if maps and not any(maps.values()):
            maps = list(maps)
        return {"weights": self.weights} if self.weights is not None else {"points": maps}

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Faults of laws and of maps, with the option or the file that says them."""
        law = self.file or "--weights"
        places = {"bad_weights_law": law, "not_about_weights": law, "no_part": law, "no_weights": law}
        with in_words(places | dict.fromkeys(("unknown_points", "bad_order", "order_unknown"), "--points")):
            yield


def varied_of(
    name: str,
    weights: list[str] | None,
    rules: list[str] | None,
    points: list[str] | None,
    doubt: Path | None,
    *,
    only: bool,
    optional: bool = False,
) -> Varied:
    """What is said by ``--weights``, ``--points`` and ``--doubt``.

    Parameters
    ----------
    name, rules, only
        As for :func:`egovindex.cli.given.chosen_index`.
    weights
        Laws, and at most one weight set.
    points
        Maps, and outcomes by address (these have an equals sign).
    doubt
        A file of doubts.
    optional
        Whether nothing may vary.

    Raises
    ------
    UsageFault
        Nothing may vary, or weights and points both; two weight sets; a law of another form.
    """
    words, sets = _parted(weights or [], _is_law)
    if len(sets) > 1:
        raise UsageFault(f"--weights names the weight sets {listed(sets)}; begin with one. A law is {_EXAMPLE}")
    outcomes, maps = _parted(points or [], lambda word: "=" in word)
    index = chosen_index(name, next(iter(sets), None), rules, outcomes, only=only)
    laws = [_laws_of(words)] if words else []
    if doubt is not None:
        laws.insert(0, ei.load_doubt(doubt))
    if laws and maps:
        raise UsageFault("weights or points are allowed to vary, not both; ask twice")
    if not laws and not maps and not optional:
        raise UsageFault(f"nothing may vary: give {_EXAMPLE}, --points MAP, or --doubt FILE")
    together = None
    if laws:
        together = laws[0] if len(laws) == 1 else laws[0] + laws[1]
    return Varied(index, together, _orders(maps) or None, None if doubt is None else doubt.name)


def _parted(words: Iterable[str], is_first: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    words = list(words)
    return [word for word in words if is_first(word)], [word for word in words if not is_first(word)]


def _is_law(word: str) -> bool:
    """A law has a blank, an equals sign or a bar, or is one word that names one; else it is a weight set."""
    from egovindex.sensitivity import laws

    if word.lower().endswith((".yaml", ".yml")):
        return False
    return bool(re.search(r"[\s=|]", word.strip())) or word.strip() in (*laws.__all__, "fixed")


def _laws_of(words: list[str]) -> Any:
    """Laws out of ``LAW`` or ``NODE=LAW``, read as ``--vary`` of simulate is."""
    varied = []
    for word in words:
        node, sign, law = word.rpartition("=")
        varied.append(f"weights.{node.strip()}={law}" if sign else f"weights={law}")
    try:
        return doubt_from_words(varied)
    except EgovindexError as error:
        faults = []
        for fault in error.faults:
            message = re.sub(r'--vary "weights[.=]', '--weights "', fault.message)
            faults.append(replace(fault, message=message, file=None))
        raise UsageFault(faults) from None


def _orders(words: list[str]) -> dict[str, list[str] | None]:
    """Maps by name, with the order of their categories where it is said."""
    found: dict[str, list[str] | None] = {}
    for word in words:
        name, colon, order = (text.strip() for text in word.partition(":"))
        categories = [text.strip() for text in order.split("<")]
        if not name or (colon and not all(categories)):
            raise UsageFault(f'--points is written MAP, or "MAP: no < drafted < yes"; found "{word}"')
        if name in found:
            raise UsageFault(f'--points names "{name}" twice; keep one')
        found[name] = categories if colon else None
    return found
