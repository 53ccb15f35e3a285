"""What every line of points and of nothing gives: its address, where it is written, and changed copies of it.

The address is that of the line as the index uses it. Where rules are in force, the rule of the highest layer
that sets a line is the place that a new number has to go to, or it would have no effect.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.spec import language, load, values
from egovindex.spec.strictyaml import Origin
from egovindex.spec.tree import apply_rules, effective
from egovindex.spec.vary import Path_, Varied, expanded, given_in

if TYPE_CHECKING:
    import pandas as pd

    from egovindex.spec.model import IndexFile, Record

__all__ = ["Line", "line_at", "lines_of", "numbers_of", "repointed"]

_CALL = "with_points(...)"
_MOST_TOLD = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of points, or of nothing, as the index uses it.

    Parameters
    ----------
    address
        ``("points", map, line)``, ``("nothing", kind)``, ``("indicators", id, "points", line)`` or
        ``("nodes", id, "points", line)``.
    outcome
        What it gives.
    paths
        Where that is written in the merged file; several where rules of one layer say the same.
    rules
        The rules that set it; none where the file itself does.
    source
        What covers it: its own source, or the nearest above it.
    """

    address: tuple[str, ...]
    outcome: values.Outcome
    paths: tuple[Path_, ...]
    rules: tuple[str, ...] = ()
    source: values.Source | None = None

    @property
    def text(self) -> str:
        """The address as text."""
        return ".".join(self.address)

    @property
    def short(self) -> str:
        """The address as text, without ``points.`` before the name of a map."""
        return ".".join(self.address[1:] if self.address[0] == "points" else self.address)

    @property
    def key(self) -> Hashable:
        """What the line says, however it is spelt."""
        return language.line_key(self.address[-1])

    def is_at(self, text: str) -> bool:
        """Whether a text is the address, with or without the leading ``points``."""
        for written in dict.fromkeys((self.text, self.short)):
            before = written[: len(written) - len(self.address[-1])]
            if text.startswith(before) and language.line_key(text[len(before) :]) == self.key:
                return True
        return False


# --- the lines of a file
def lines_of(file: IndexFile) -> tuple[Line, ...]:
    """Every line of named maps, of nothing, of indicators and of nodes, with the rules in force laid over."""
    maps, nothing = apply_rules(file)
    found = [_of_map(file, name, line, outcome) for name, lines in maps.items() for line, outcome in lines.items()]
    found += [_of_nothing(file, kind, outcome) for kind, outcome in nothing.items()]
    for kind, records, default in (
        ("indicators", file.indicators, file.defaults.indicators),
        ("nodes", file.nodes, file.defaults.nodes),
    ):
        for name, record in records.items():
            found += _of_record(file, maps, kind, name, record, default)
    return tuple(found)


def _of_map(file: IndexFile, name: str, line: Any, outcome: values.Outcome) -> Line:
    key = language.line_key(str(line))
    for layer in reversed(file.rule or ()):
        setters = {
            rule: str(written)
            for rule in layer
            for written in file.rules[rule].points.get(name, ())
            if language.line_key(str(written)) == key
        }
        if setters:
            paths = tuple(("rules", rule, "points", name, written) for rule, written in setters.items())
            return _line(file, ("points", name, str(line)), outcome, paths, tuple(setters))
    written = next(str(known) for known in file.points[name] if language.line_key(str(known)) == key)
    return _line(file, ("points", name, str(line)), outcome, (("points", name, written),), ())


def _of_nothing(file: IndexFile, kind: str, outcome: values.Outcome) -> Line:
    for layer in reversed(file.rule or ()):
        setters = tuple(rule for rule in layer if kind in (file.rules[rule].nothing or {}))
        if setters:
            paths = tuple(("rules", rule, "nothing", kind) for rule in setters)
            return _line(file, ("nothing", kind), outcome, paths, setters)
    return _line(file, ("nothing", kind), outcome, (("nothing", kind),), ())


def _of_record(
    file: IndexFile, maps: Mapping[str, Mapping[Any, Any]], kind: str, name: str, record: Record, default: Record
) -> Iterator[Line]:
    """Lines of a record's own; one that stands behind another of the same test is never read, and is none."""
    parts = effective(record, default).get("points") or ()
    own = "points" in record.model_fields_set
    start: Path_ = (kind, name, "points") if own else ("defaults", kind, "points")
    seen: set[Hashable] = set()
    for at, part in enumerate(parts):
        if isinstance(part, str):
            seen |= {language.line_key(str(line)) for line in maps[part]}
            continue
        for line, outcome in part.items():
            key = language.line_key(str(line))
            if key in seen:
                continue
            seen.add(key)
            path = (*start, str(line)) if len(parts) == 1 else (*start, at, str(line))
            yield _line(file, (kind, name, "points", str(line)), outcome, (path,), (), record)


def _line(
    file: IndexFile,
    address: tuple[str, ...],
    outcome: values.Outcome,
    paths: tuple[Path_, ...],
    rules: tuple[str, ...],
    record: Record | None = None,
) -> Line:
    above = [file.rules[rule].source for rule in rules] + [None if record is None else record.source, file.source]
    own = outcome.source if isinstance(outcome, values.Quantity) else None
    source = next((found for found in (own, *above) if found is not None), None)
    return Line(address, outcome, paths, rules, source)


def numbers_of(file: IndexFile, origins: Mapping[Path_, Origin]) -> pd.DataFrame:
    """Every line as a table; see :meth:`egovindex.Index.numbers`."""
    import pandas as pd

    rows = []
    for line in lines_of(file):
        origin = _origin(line, origins)
        number = line.outcome if isinstance(line.outcome, values.Quantity) else None
        own = number.source if number is not None else None
        # what was given in a call is not what the file's source says
        source = own if origin is not None and origin.line is None else line.source
        basis = (number.basis if number is not None else None) or (source.basis if source is not None else None)
        rows.append(
            {
                "address": line.text,
                "value": float("nan") if number is None else number.value,
                "outcome": _shown(line.outcome),
                "range": None if number is None else number.range,
                "basis": basis,
                "source": None if source is None else str(replace(source, basis=None)),
                "rule": ", ".join(line.rules) or None,
                "origin": None if origin is None else str(origin),
            }
        )
    columns = ["address", "value", "outcome", "range", "basis", "source", "rule", "origin"]
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=_DTYPES.get(name, object)) for name in columns}
    )


_DTYPES: dict[str, Any] = {"value": float}


def _origin(line: Line, origins: Mapping[Path_, Origin]) -> Origin | None:
    """Where the line is written; a line may be spelt otherwise in its file."""
    *above, last = line.paths[0]
    start, key = tuple(above), language.line_key(str(last))
    here = len(start) + 1
    for path, origin in origins.items():
        if len(path) == here and path[:-1] == start and language.line_key(str(path[-1])) == key:
            return origin
    return next((origins[start[:n]] for n in range(len(start), -1, -1) if start[:n] in origins), None)


def _shown(outcome: values.Outcome) -> str:
    return language.number_text(outcome.value) if isinstance(outcome, values.Quantity) else str(outcome)


# --- changed copies
def repointed(
    file: IndexFile, origins: Mapping[Path_, Origin], points: Mapping[Any, Any]
) -> tuple[IndexFile, dict[Path_, Origin], str]:
    """Other outcomes for lines that are there; see :meth:`egovindex.Index.with_points`."""
    asked = _asked(file, points)
    document = expanded(file, origins)
    for line, outcome in asked:
        written = values.write_outcome(outcome)
        for found in line.paths:
            path = _own_path(document.data, document.origins, line, found)
            _put(document.data, path, written)
            places = given_in(_CALL, {"": written}).origins
            for known in [known for known in document.origins if known[: len(path)] == path]:
                del document.origins[known]
            document.origins.update({(*path, *known[1:]): place for known, place in places.items() if known})
    varied: Varied = load.validated_index(document), document.origins
    return *varied, ", ".join(f"{line.short} = {_shown(outcome)}" for line, outcome in asked)


def _own_path(data: dict[str, Any], origins: dict[Path_, Origin], line: Line, path: Path_) -> Path_:
    """Where to write; lines that a record has from the defaults become its own, or all records would change."""
    if path[0] != "defaults":
        return path
    kind, name = line.address[:2]
    start, own = ("defaults", kind, "points"), (kind, name, "points")
    record = data[kind][name]
    if "points" not in record:
        record["points"] = deepcopy(data["defaults"][kind]["points"])
        origins.update({(*own, *known[3:]): place for known, place in list(origins.items()) if known[:3] == start})
    return (*own, *path[3:])


def _put(data: Any, path: Path_, value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


# --- what is asked for
def _asked(file: IndexFile, points: Mapping[Any, Any]) -> list[tuple[Line, values.Outcome]]:
    """Lines with their new outcomes; every fault of every address at once."""
    given: Any = points
    if not isinstance(given, Mapping):
        message = f"with_points takes a mapping {{address: outcome}}, found {type(given).__name__}"
        raise SpecError(Fault(message, check="points_not_a_mapping"))
    lines = lines_of(file)
    faults: list[Fault] = []
    found: dict[tuple[str, ...], tuple[Line, values.Outcome]] = {}
    for address, outcome in points.items():
        try:
            line = line_at(file, address, lines)
            if line.address in found:
                raise _refused("points_twice", f"{line.text} is given twice; keep one")
            found[line.address] = line, _outcome(line, outcome)
        except SpecError as error:
            faults += error.faults
    if faults:
        raise SpecError(faults)
    return list(found.values())


def _refused(check: str, message: str, path: str | None = None) -> SpecError:
    return SpecError(Fault(message, file=_CALL, path=path, check=check))


def _outcome(line: Line, raw: Any) -> values.Outcome:
    if raw is None or raw == "~":
        raise _refused(
            "points_removed",
            f"{line.text}: with_points gives a line another outcome and removes none; lay over a rule that removes it "
            "(with_rules), or remove it from the file (with_)",
            line.text,
        )
    try:
        outcome = values.parse_outcome(raw)
        return values.parse_outcome(values.write_outcome(outcome))  # refuses a number no file could hold
    except (ValueError, TypeError) as error:
        raise _refused("unreadable_outcome", f"{line.text}: {error}", line.text) from None


def line_at(file: IndexFile, address: Any, lines: tuple[Line, ...] | None = None) -> Line:
    """The one line at an address.

    Raises
    ------
    SpecError
        There is none, or there are several.
    """
    lines = lines_of(file) if lines is None else lines
    if isinstance(address, str):
        matches = [line for line in lines if line.is_at(address.strip())]
    elif isinstance(address, (tuple, list)) and address:
        *above, last = map(str, address)
        key = language.line_key(last)
        matches = [line for line in lines if line.address[:-1] == tuple(above) and line.key == key]
    else:
        raise _refused("unknown_points", f"an address is a text or a tuple, found {address!r:.60}")
    if len(matches) == 1:
        return matches[0]
    if matches:
        message = f'"{address}" can be read in {len(matches)} ways; write {listed(m.address for m in matches)}'
        raise _refused("points_unclear", message)
    raise _unknown(file, lines, address)


def _unknown(file: IndexFile, lines: tuple[Line, ...], address: Any) -> SpecError:
    parts = tuple(map(str, address)) if not isinstance(address, str) else tuple(address.split("."))
    text = ".".join(parts)
    if parts[0] in ("indicators", "nodes") and len(parts) > 2:
        if "steps" in parts[2:]:
            message = (
                f'"{text}" is a number of a step, not of points; with_({parts[0]}={{...: {{"steps": [...]}}}}) sets it'
            )
            return _refused("points_of_steps", message)
        if {"of", "weight"} & set(parts[2:]):
            return _refused("points_of_weights", f'"{text}" is a weight, not a number of points; with_weights sets it')
    hint = did_you_mean(text, [known for line in lines for known in (line.short, line.text)], otherwise=".")
    told = listed((line.short for line in lines), most=_MOST_TOLD) or "none"
    message = (
        f'there is no line "{text}" in points or nothing of {file.index}{hint} Lines: {told}; '
        "numbers() lists them all, and with_ lays a new one over"
    )
    return _refused("unknown_points", message)
