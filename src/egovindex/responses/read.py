"""One verb that reads filled-in questionnaires, whatever they came in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from egovindex.errors import DataError, EgovindexError, Fault, listed
from egovindex.files import faults_of_files
from egovindex.instrument import Instrument, load_instrument
from egovindex.packaged import is_file
from egovindex.progress import Progress, reporter_of
from egovindex.responses.assemble import TABLE, Finding, assembled, documented, low_confidence
from egovindex.responses.cleaning import KnownPersons, cleaned, persons_in
from egovindex.responses.draft import Draft
from egovindex.responses.formats import Format, Options, format_named
from egovindex.responses.grid import grid_of
from egovindex.responses.pseudonyms import Pseudonyms
from egovindex.responses.redact import Known, Redactor, redacted
from egovindex.responses.table import Responses

if TYPE_CHECKING:
    from egovindex.responses.binding import Binding

__all__ = ["read_responses"]

_LONGEST = 60  # characters of a respondent's word that are shown
_REPORT = ("file", "check", "item", "unit", "message")
_ORIENTATIONS = ("auto", "answer_first", "answer_last")


def read_responses(
    path: str | Path | Sequence[str | Path],
    instrument: str | Path | Instrument,
    *,
    format: str,  # noqa: A002 - the word users know
    binding: str | Path | Binding | None = None,
    orientation: str = "auto",
    sheet: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    redactor: Redactor | None = None,
    pseudonyms: Pseudonyms | None = None,
    progress: Progress = None,
) -> Responses:
    r"""Read filled-in questionnaires. Persons are taken out as they are read.

    Parameters
    ----------
    path
        A file; several files; or a folder, of which every file with an ending of the format is read. Of several files
        one that cannot be read is told in :attr:`Responses.failed`, and the rest are read.
    instrument
        What was asked: a name, a path, or an instrument.
    format
        ``forms-print``, ``msforms``, ``gforms``, ``wide`` or ``tidy``. It is never guessed; :func:`detect` suggests.
    binding
        For tables: which column is which item.
    orientation
        For prints: ``answer_first`` or ``answer_last``, where ``auto`` finds the wrong one.
    sheet
        Of a workbook; the first if left out.
    unit, period
        Who answers, and when, where the source does not say so. The period is that of the instrument's edition else.
    redactor
        A further rule for what names a person: a function of a text that gives the text without it.
    pseudonyms
        Puts a sign in the place of each person, the same for the same person.
    progress
        Called after each file; ``True`` shows a line on standard error.

    Returns
    -------
    Responses

    Raises
    ------
    DataError
        The file cannot be read as that format; it is of another questionnaire; nobody says who answers; a response
        stands twice. No message holds an answer.
    SpecError
        The instrument or the binding has faults.

    Examples
    --------
    >>> import egovindex as ei, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.csv"
    ...     _ = path.write_text("unit,item,mark,text\nAnvilla,q036,Yes,\nAnvilla,q037,,Law 12 of 2019\n")
    ...     read = ei.read_responses(path, "un-msq-2022", format="tidy")
    >>> read.wide()[["unit", "q036", "q037"]].values.tolist()
    [['Anvilla', 'yes', 'given']]
    """
    chosen = format_named(format)
    if orientation not in _ORIENTATIONS:
        message = f"orientation is one of {listed(_ORIENTATIONS)}, found {orientation!r:.40}"
        raise DataError(Fault(message, check="unknown_option"))
    asked = load_instrument(instrument)
    options = Options(_binding_of(binding, asked), orientation, sheet)
    files = _files(path, chosen)
    drafts, failed = _read_all(files, chosen, asked, options, progress)
    _refuse_nothing_known(drafts, asked)
    grid = grid_of(drafts, asked, unit, period)
    columns, findings = assembled(grid)
    known = persons_in(columns, asked)
    columns, redactions = cleaned(columns, asked, known, redactor=redactor, signs=pseudonyms)
    columns = documented(columns, asked)
    findings += low_confidence(columns)
    table = pd.DataFrame(columns, columns=list(TABLE), dtype=object, copy=False)
    report = _report(findings, drafts, known, redactor)
    notes = {name: {key: redacted(text)[0] for key, text in draft.notes.items()} for name, draft in drafts}
    return Responses(table, asked, report, redactions, notes, failed)


def _binding_of(binding: Any, instrument: Instrument) -> Binding | None:
    if binding is None:
        return None
    from egovindex.responses.binding import Binding, load_binding

    found = binding if isinstance(binding, Binding) else load_binding(binding)
    if found.instrument not in (None, instrument.id):
        message = f"the binding is for {found.instrument}, and the responses are read as {instrument.id}"
        raise DataError(Fault(message, check="other_instrument"))
    return found


def _files(path: Any, chosen: Format) -> list[Path]:
    """The files that are meant."""
    given = list(path) if isinstance(path, Iterable) and not isinstance(path, (str, bytes, PathLike)) else [path]
    wrong = sorted({type(one).__name__ for one in given if not isinstance(one, (str, PathLike))})
    if wrong:
        message = f"a path is a text or a Path, found {listed(wrong)}; answers in memory are taken by compute"
        raise DataError(Fault(message, check="no_path"))
    found: list[Path] = []
    faults: list[Fault] = []
    for one in map(Path, given):
        if os.path.isdir(one):  # noqa: PTH112 - Path.is_dir raises where a name is too long
            with faults_of_files(one, "the folder cannot be read", check="unreadable_file"):
                inside = sorted(file for file in one.iterdir() if file.suffix.lower() in chosen.suffixes)
            found += inside
            if not inside:
                message = f"the folder has no file that ends in {listed(chosen.suffixes)}"
                faults.append(Fault(message, file=one.name, check="empty_folder"))
        elif is_file(one):
            found.append(one)
        else:
            faults.append(Fault("there is no such file", file=one.name, check="missing_file"))
    if faults or not found:
        raise DataError(faults or [Fault("no file is named", check="missing_file")])
    return found


def _read_all(
    files: list[Path], chosen: Format, instrument: Instrument, options: Options, progress: Progress
) -> tuple[list[tuple[str, Draft]], dict[str, str]]:
    """Every file that can be read; the only one, or all, must be."""
    reporter = reporter_of(progress, f"reading {chosen.name}", len(files))
    found: list[tuple[str, Draft]] = []
    errors: dict[str, EgovindexError] = {}
    for number, (name, file) in enumerate(zip(_names(files), files, strict=True), start=1):
        try:
            with faults_of_files(file, "the file cannot be read", check="unreadable_file"):
                found.append((name, chosen.read(file, instrument, options)))
        except EgovindexError as error:
            errors[name] = error
        reporter.at(number)
    if not found:
        raise DataError([_of_file(fault, name) for name, error in errors.items() for fault in error.faults])
    return found, {name: "; ".join(fault.message for fault in error.faults) for name, error in errors.items()}


def _names(files: list[Path]) -> list[str]:
    """Names of files, for people: with as many of their folders as tell them apart."""
    found = [file.name for file in files]
    for depth in range(2, max(len(file.parts) for file in files) + 1):
        counts = Counter(found)
        found = [
            "/".join(file.parts[-depth:]) if counts[name] > 1 else name for name, file in zip(found, files, strict=True)
        ]
    return found


def _refuse_nothing_known(drafts: list[tuple[str, Draft]], instrument: Instrument) -> None:
    """Files of which nothing is an answer to the instrument."""
    if any(len(draft.table) for _, draft in drafts):
        return
    faults = []
    for name, draft in drafts:
        why = "; ".join(f"{left.place}: {left.why}" for left in draft.left[:3])
        message = f"no answer to {instrument.id} stands in the file{f' ({why})' if why else ''}"
        faults.append(Fault(message, file=name, check="no_answers"))
    raise DataError(faults)


def _of_file(fault: Fault, name: str) -> Fault:
    return fault if fault.file else replace(fault, file=name)


def _report(
    findings: list[Finding], drafts: list[tuple[str, Draft]], known: KnownPersons, redactor: Redactor | None
) -> pd.DataFrame:
    """What somebody should look at; no text of a respondent stands in it unredacted."""
    by_unit: dict[str, list[Known]] = {}
    for (unit, _), named in known.items():
        by_unit.setdefault(str(unit), []).extend(named)
    rows: list[tuple[str, str | None, str | None, str | None, str]] = []
    for found in findings:
        persons = [person for unit in found.units if found.word for person in by_unit.get(unit, ())]
        word = redacted(found.word, persons, redactor)[0]  # cut after that: half a number would not be known as one
        said = f'{found.item}: "{word[:_LONGEST]}" ' if word else ""
        rows.append(("", found.check, found.item, listed(found.units), f"{said}{found.message}"))
    for name, draft in drafts:
        rows += [
            (name, "left_over", None, None, f"{left.place}: {left.why}{_length(left.text)}") for left in draft.left
        ]
    return pd.DataFrame(rows, columns=list(_REPORT))


def _length(text: str) -> str:
    return f" ({len(text)} characters)" if text else ""
