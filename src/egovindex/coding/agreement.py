"""How far coders agree, and where they differ.

Two coders are no coders here: ``declared``, the respondent's own mark, and ``adjudicated``, what is settled.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from egovindex.coding.codingtable import (
    DECLARED,
    AnyInstrument,
    coders_of,
    coding_rows,
    instrument_item,
    keys_of,
    loaded,
    scale_of,
)
from egovindex.coding.rules import UNKNOWN
from egovindex.errors import Fault, MethodError, listed
from egovindex.instrument import Instrument
from egovindex.kernels import agreement as kernels
from egovindex.shown import Shown
from egovindex.streams import Streams, entropy_of

__all__ = ["MEASURES", "Agreement", "agreement"]

MEASURES = {
    "percent": "share of pairs of coders that agree",
    "kappa": "Cohen's kappa, of two coders",
    "kappa_linear": "Cohen's kappa weighted by the places between two categories",
    "kappa_quadratic": "Cohen's kappa weighted by the square of the places between two categories",
    "fleiss": "Fleiss' kappa",
    "alpha_ordinal": "Krippendorff's alpha by the order of the scale",
    "alpha_nominal": "Krippendorff's alpha of categories without order",
    "ac1": "Gwet's AC1",
}
_ORDINAL = ("kappa_linear", "kappa_quadratic", "alpha_ordinal")
_OF_TWO = ("kappa", "kappa_linear", "kappa_quadratic")
# one category is said to dominate from this share of the codes on, and agreement to be high from this share on;
# below the third number alpha allows no conclusion (Krippendorff 2004, doi 10.1111/j.1468-2958.2004.tb00738.x)
_DOMINANT, _HIGH, _LOW = 0.8, 0.8, 0.667
# resamples evaluated at once: some 100 MB
_AT_ONCE = 4_000_000

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Agreement(Shown):
    """How far coders agree. Made by :func:`agreement`.

    Parameters
    ----------
    table
        One row per axis (and section): ``items`` with two codes or more, ``single`` with one, ``coders``, ``differ``
        (items on which coders differ), each of :data:`MEASURES` with ``_low`` and ``_high``, and a ``note``: why a
        measure is missing, or not to be read alone.
    coders
        Who was compared.
    level, resamples
        Of the intervals.
    entropy
        The seed, to run it again.
    """

    table: pd.DataFrame
    coders: tuple[str, ...]
    level: float
    resamples: int
    entropy: int

    @property
    def notes(self) -> list[str]:
        """All notes, each once, with the axes (and sections) that it is about."""
        keys = [name for name in ("axis", "section") if name in self.table]
        told: dict[str, list[str]] = {}
        for place, note in zip(self.table[keys].itertuples(index=False), self.table["note"], strict=True):
            told.setdefault(note, []).append(" ".join(part for part in place if part))
        return [f"{listed(places)}: {note}" for note, places in told.items() if note]

    def _short(self) -> tuple[str, pd.DataFrame]:
        head = f"<Agreement> {len(self.coders)} coders ({listed(self.coders)})"
        if self.resamples:
            head += f"; intervals of {self.level:.0%} from {self.resamples:,} resamples, rng={self.entropy}"
        keys = [name for name in ("axis", "section", "items", "differ") if name in self.table]
        short = self.table[keys].copy()
        for name in ("percent", "kappa", "fleiss", "alpha_ordinal", "alpha_nominal", "ac1"):
            cells = self.table[[name, f"{name}_low", f"{name}_high"]].to_numpy(dtype=np.float64)
            if np.isfinite(cells[:, 0]).any():
                short[name] = [_cell(*cell) for cell in cells]
        return head, short

    def __repr__(self) -> str:
        head, short = self._short()
        return "\n".join([head, short.to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        head, short = self._short()
        notes = "".join(f"<br>{html.escape(note)}" for note in self.notes)
        return f"<b>{html.escape(head)}</b>{short.to_html(index=False, escape=True, border=0)}{notes}"


def _cell(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return "-"
    return f"{value:.2f}" if np.isnan(low) else f"{value:.2f} [{low:.2f}, {high:.2f}]"


class _Codes(NamedTuple):
    """Codes of a group, subjects with the same codes taken together."""

    ratings: Ints  # (patterns, coders) place of the category in `categories`, -1 for a gap
    times: Floats  # (patterns,)
    categories: tuple[str, ...]  # found on the axis
    places: Ints  # (categories,) place on the scale; -1 for unknown, and where there is no scale

    @property
    def ordered(self) -> Ints:
        """Places on the scale; unknown is a gap."""
        return np.append(self.places, -1)[self.ratings]

    def measures(self, times: Floats) -> dict[str, Floats]:
        """Every measure that can be had; ``times`` as the kernels take it."""
        nominal, ordered = self.ratings, self.ordered
        found = {
            "percent": kernels.percent(nominal, times),
            "fleiss": kernels.fleiss_kappa(nominal, times),
            "alpha_nominal": kernels.krippendorff_alpha(nominal, times),
            "ac1": kernels.gwet_ac1(nominal, times, categories=len(self.categories)),
        }
        if (self.places >= 0).any():
            found["alpha_ordinal"] = kernels.krippendorff_alpha(ordered, times, level="ordinal")
        if nominal.shape[1] == 2:
            found["kappa"] = kernels.cohen_kappa(nominal, times)
            if (self.places >= 0).any():
                found["kappa_linear"] = kernels.cohen_kappa(ordered, times, distance="linear")
                found["kappa_quadratic"] = kernels.cohen_kappa(ordered, times, distance="quadratic")
        return found

    def resampled(self, rng: np.random.Generator, resamples: int) -> dict[str, Floats]:
        """Measures of resamples of the subjects: drawing subjects is counting how often each pattern comes."""
        n = int(self.times.sum())
        step = max(1, _AT_ONCE // max(1, len(self.times) * len(self.categories)))
        parts = []
        for start in range(0, resamples, step):
            size = min(step, resamples - start)
            parts.append(self.measures(rng.multinomial(n, self.times / n, size=size).astype(np.float64)))
        return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}


def _codes(rows: pd.DataFrame, categories: tuple[str, ...], scale: tuple[str, ...]) -> _Codes:
    who, coders = pd.factorize(rows["coder"], sort=True)
    at = {key: place for place, key in enumerate(dict.fromkeys(keys_of(rows)))}
    ratings = np.full((len(at), len(coders)), -1, dtype=np.int64)
    place = {category: number for number, category in enumerate(categories)}
    ratings[[at[key] for key in keys_of(rows)], who] = [place[category] for category in rows["category"]]
    patterns, times = np.unique(ratings, axis=0, return_counts=True)
    places = np.array([scale.index(name) if name in scale else -1 for name in categories], dtype=np.int64)
    return _Codes(patterns, times.astype(np.float64), categories, places)


def agreement(
    coding: pd.DataFrame,
    instrument: AnyInstrument | None = None,
    *,
    by: str | Sequence[str] = ("axis",),
    coders: Sequence[str] | None = None,
    rng: Any = None,
    resamples: int = 1000,
    level: float = 0.90,
) -> Agreement:
    """How far coders agree, by several measures, per axis or per axis and section.

    No measure is enough alone: where one category dominates, kappa, Fleiss' kappa and alpha fall towards 0 however well
    coders agree, which the note says. ``unknown`` is a category in nominal measures, a gap in ordinal ones. AC1 takes
    the categories that were used on the axis as those there are. Intervals are percentiles of a bootstrap over
    subjects (unit, period and item), those resamples left out for which a measure is not defined.

    Parameters
    ----------
    coding
        A coding table; rows without a category are gaps.
    instrument
        Gives the order of the scales, and the sections; without it there are nominal measures only.
    by
        ``("axis",)`` or ``("axis", "section")``.
    coders
        Who is compared; all but ``declared`` and ``adjudicated`` if left out.
    rng
        Seed or generator.
    resamples
        How many; 0 for no intervals.
    level
        Of the intervals, between 0 and 1.

    Returns
    -------
    Agreement

    Raises
    ------
    DataError
        The table is no coding table, or does not fit the instrument.
    MethodError
        Nowhere do two coders code on the same axis, or an option is unknown.

    Examples
    --------
    >>> rows = [("Aland", f"q{i}", "legal", coder, "adopted") for i in range(29) for coder in ("first", "second")]
    >>> coding = pd.DataFrame(rows, columns=["unit", "item", "axis", "coder", "category"])
    >>> coding.loc[0, "category"] = "drafted"
    >>> found = agreement(coding, rng=1, resamples=0)
    >>> found.table[["items", "differ", "percent", "kappa", "ac1"]].round(2).values.tolist()
    [[29.0, 1.0, 0.97, 0.0, 0.96]]
    >>> found.notes[0][:44]
    'legal: 98% of the codes are "adopted": kappa'
    """
    known, keys = loaded(instrument), ((by,) if isinstance(by, str) else tuple(by))
    _raise_method(bad_options(keys, known, resamples, level))
    rows = coding_rows(coding, known)
    compared = coders_of(rows, coders)
    rows = rows[rows["coder"].isin(compared) & rows["category"].notna()]
    entropy, found = entropy_of(rng), []
    for (axis, *section), group, categories in _groups(rows, keys, known):
        codes = _codes(group, categories, scale_of(known, axis))
        name = "agreement " + " ".join([axis, *section])
        drawn = codes.resampled(Streams(entropy).of(name, 0), resamples)
        found.append({**dict(zip(keys, (axis, *section), strict=True)), **_line(codes, drawn, level)})
    table = pd.DataFrame(found)
    if not found or (table["coders"] < 2).all():
        message = f"agreement needs two coders on the same axis; there are codes of {listed(compared) or 'nobody'}"
        raise MethodError(Fault(f"{message} ({DECLARED} counts where coders= names it)", check="too_few_coders"))
    return Agreement(table, tuple(compared), level, resamples, entropy)


def bad_options(by: tuple[str, ...], instrument: Instrument | None, resamples: Any, level: Any) -> Iterator[Fault]:
    if by not in (("axis",), ("axis", "section")):
        yield Fault(f'by is ("axis",) or ("axis", "section"), found {by!r}', check="unknown_option")
    elif "section" in by and instrument is None:
        yield Fault("sections are those of an instrument; give instrument=", check="unknown_option")
    if not isinstance(resamples, (int, np.integer)) or isinstance(resamples, bool) or resamples < 0:
        yield Fault(f"resamples is a whole number from 0 on, found {resamples!r:.40}", check="unknown_option")
    if not isinstance(level, (int, float, np.number)) or isinstance(level, bool) or not 0 < level < 1:
        yield Fault(f"level is a share between 0 and 1, found {level!r:.40}", check="unknown_option")


def _raise_method(faults: Iterable[Fault]) -> None:
    found = list(faults)
    if found:
        raise MethodError(found)


def _groups(
    rows: pd.DataFrame, by: tuple[str, ...], instrument: Instrument | None
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame, tuple[str, ...]]]:
    """Rows of each axis (and section), in the order of the instrument, with the categories found on the axis."""
    order = [] if instrument is None else list(instrument.file.answers)
    used = sorted(rows["axis"].unique())
    for axis in sorted(used, key=lambda name: order.index(name) if name in order else len(order)):
        here = rows[rows["axis"] == axis]
        words = set(here["category"])
        scale = [*scale_of(instrument, axis), UNKNOWN]
        categories = tuple(word for word in [*scale, *sorted(words - set(scale))] if word in words)
        if instrument is None or "section" not in by:
            yield (axis,), here, categories
            continue
        sections = [instrument_item(instrument, item).section or "" for item in here["item"]]
        for section in dict.fromkeys(item.section or "" for item in instrument.file.items.values()):
            there = np.array([name == section for name in sections])
            if there.any():
                yield (axis, section), here[there], categories


def _line(codes: _Codes, drawn: Mapping[str, Floats], level: float) -> dict[str, Any]:
    """One row of the table."""
    given = (codes.ratings >= 0).sum(axis=1)
    same = np.array([len(set(row[row >= 0])) < 2 for row in codes.ratings])
    found = {name: value.item() for name, value in codes.measures(codes.times).items()}
    line: dict[str, Any] = {
        "items": int(codes.times[given >= 2].sum()),
        "single": int(codes.times[given == 1].sum()),
        "coders": codes.ratings.shape[1],
        "differ": int(codes.times[~same].sum()),
    }
    for name in MEASURES:
        line[name] = found.get(name, np.nan)
        line[f"{name}_low"], line[f"{name}_high"] = _interval(line[name], drawn.get(name), level)
    line["note"] = "; ".join(_notes(codes, line, drawn))
    return line


def _interval(value: float, drawn: Floats | None, level: float) -> tuple[float, float]:
    defined = np.empty(0) if drawn is None else drawn[np.isfinite(drawn)]
    if np.isnan(value) or not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _notes(codes: _Codes, line: Mapping[str, Any], drawn: Mapping[str, Floats]) -> Iterator[str]:
    if line["coders"] < 2 or not line["items"]:
        yield "one coder only" if line["coders"] < 2 else "no item has two codes"
        return
    missing = [name for name in MEASURES if np.isnan(line[name])]
    if line["coders"] > 2:
        yield f"{listed(name for name in missing if name in _OF_TWO)}: of two coders only"
        missing = [name for name in missing if name not in _OF_TWO]
    if not ((codes.ordered >= 0).sum(axis=1) > 1).any():
        if (codes.places >= 0).any():
            yield f"{listed(name for name in missing if name in _ORDINAL)}: no item has two codes on the scale"
        missing = [name for name in missing if name not in _ORDINAL]
    if missing:
        yield f"{listed(missing)}: one category only, so that nothing is left beyond chance"
    yield from _collapse(codes, line)
    lost = {name: float(np.isnan(values).mean()) for name, values in drawn.items() if not np.isnan(line[name])}
    worst = max(lost.values(), default=0.0)
    if worst >= 0.01:  # told from one resample in a hundred on
        told = listed(name for name, share in lost.items() if share >= 0.01)
        yield f"{told}: not defined in up to {worst:.0%} of the resamples, which the intervals leave out"


def _collapse(codes: _Codes, line: Mapping[str, Any]) -> Iterator[str]:
    """Whether one category dominates, so that measures are low although coders agree."""
    used = _used(codes)
    share = float(used.max())
    low = [name for name in ("kappa", "fleiss", "alpha_nominal", "alpha_ordinal") if line[name] < _LOW]
    if share >= _DOMINANT and line["percent"] >= _HIGH and low:
        told = ", ".join(f"{name} {line[name]:.2f}" for name in low)
        yield (
            f'{share:.0%} of the codes are "{codes.categories[int(used.argmax())]}": {told}, although coders agree in '
            f"{line['percent']:.0%}; chance agreement is nearly as high there, so read ac1 ({line['ac1']:.2f}) and "
            "the disputes"
        )


def _used(codes: _Codes) -> Floats:
    """Share of each category in all codes."""
    weights = np.broadcast_to(codes.times[:, None], codes.ratings.shape)
    known = codes.ratings >= 0
    used = np.bincount(codes.ratings[known], weights=weights[known], minlength=len(codes.categories))
    return used / used.sum()
