"""A strict reader of YAML 1.2: text stays text, and every value knows its line.

Plain YAML readers destroy the data of this field: ``yes`` becomes true, Norway's ``NO`` becomes
false, ``1e3`` stays text, ``1_0`` becomes ten, a date becomes an object, and of two equal keys the
last one wins. Here every scalar stays as written; the model that reads it asks for numbers.

Refused: aliases and anchors (so no alias bomb can grow), tags, merge keys, duplicate keys, several
documents in one file, empty values. A plain ``~`` is the one way to write "nothing here"; it becomes
``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from egovindex.errors import Fault, SpecError

__all__ = ["Document", "Origin", "read_text", "read_yaml"]

# a file of real questions nests six deep; the limit keeps hostile files from exhausting the stack
MAX_DEPTH = 60

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NO_COLON = "could not find expected ':'"  # of libyaml
_GLUED = re.compile(r"([\w.-]+):(\S.*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Origin:
    """File and line where something is written; for what was given in Python, the call and no line."""

    file: str
    line: int | None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def on_line(self) -> str:
        """The line as the end of a sentence; empty where there is none.

        Examples
        --------
        >>> Origin("a.yaml", 3).on_line, Origin("with_weights(...)", None).on_line
        (' on line 3', '')
        """
        return "" if self.line is None else f" on line {self.line}"

    def below(self, lines: int) -> Origin:
        """The place some lines further down."""
        return self if self.line is None else Origin(self.file, self.line + lines)


@dataclass(slots=True)
class Document:
    """Plain data (dict, list, text, None) and the place of every value.

    ``origins`` maps the path of a value (a tuple of keys and positions) to the place of its key, or
    of the item itself inside a list.
    """

    data: Any
    file: str
    origins: dict[tuple[str | int, ...], Origin] = field(default_factory=dict)

    def origin(self, path: tuple[str | int, ...]) -> Origin:
        """Place of the value at ``path``, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return Origin(self.file, 1)


def read_text(path: Path) -> str:
    """Text of a UTF-8 file, with or without a byte-order mark.

    Raises
    ------
    SpecError
        The file is missing, cannot be read, is empty, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise SpecError(Fault("there is no such file", file=path.name, check="missing_file")) from None
    except (OSError, ValueError) as error:  # ValueError: the name has a NUL
        message = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SpecError(Fault(message, file=path.name, check="unreadable_file")) from None
    if not raw.strip():
        raise SpecError(Fault("the file is empty", file=path.name, line=1, check="empty_file"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise SpecError(Fault(message, file=path.name, line=line, check="not_utf8")) from None


def read_yaml(text: str, *, file: str = "<text>") -> Document:
    r"""Read YAML strictly.

    Parameters
    ----------
    text
        The YAML text.
    file
        Name used in messages.

    Returns
    -------
    Document
        Scalars are text, ``~`` is ``None``.

    Raises
    ------
    SpecError
        With every fault of the reading at once; a fault of YAML's own syntax ends the reading.

    Examples
    --------
    >>> read_yaml("answers: {yes: 1, NO: 1e3, edition: 1.10, none: ~}").data
    {'answers': {'yes': '1', 'NO': '1e3', 'edition': '1.10', 'none': None}}
    >>> read_yaml("a: 1\na: 2", file="x.yaml")
    Traceback (most recent call last):
    egovindex.errors.SpecError: x.yaml:2: key "a" stands twice (first on line 1)
    """
    if not text.strip():
        raise SpecError(Fault("the file is empty", file=file, line=1, check="empty_file"))
    control = _CONTROL.search(text)
    if control is not None:
        message = f"a control character (0x{ord(control.group()):02x}) stands in the line; remove it"
        line = text.count("\n", 0, control.start()) + 1
        raise SpecError(Fault(message, file=file, line=line, check="yaml_syntax"))
    builder = _Builder(file)
    try:
        builder.run(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        builder.faults.append(_syntax_fault(error, file, text.split("\n")))
    if builder.faults:
        raise SpecError(builder.faults)
    if not builder.origins:
        raise SpecError(Fault("the file holds only comments", file=file, line=1, check="empty_file"))
    return Document(builder.root, file, builder.origins)


def _syntax_fault(error: yaml.YAMLError, file: str, lines: list[str]) -> Fault:
    """The fault of YAML's own grammar, in words an author can act on."""
    mark = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    at, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if opened is not None and ("unexpected end of stream" in problem or problem == _NO_COLON):
        at, column = opened.line, opened.column
    written = lines[at].rstrip() if at < len(lines) else ""
    message = _syntax_message(problem, written, column)
    in_block = str(getattr(error, "context", None)).startswith("while parsing a block")
    if message is None and opened is not None and in_block and not written[:column].strip():
        message = _otherwise_indented(column, opened)
    if message is None and "expected ',' or" in problem and opened is not None:
        closing = problem[-2]
        message = f'"," or "{closing}" is missing before this place; the bracket was opened on line {opened.line + 1}'
    if message is None:
        message = f"not YAML: {problem}" + (f" (near: {written.strip()[:60]})" if written else "")
    return Fault(message, file=file, line=at + 1, check="yaml_syntax")


def _otherwise_indented(column: int, opened: Any) -> str | None:
    """What is wrong with a line that stands further in or out than the block it ends up in."""
    if column == opened.column:
        return None
    blanks = "1 blank" if column == 1 else f"{column} blanks"
    return (
        f"the line has {blanks} in front, and fits none of the lines above; the block it falls into begins on line "
        f"{opened.line + 1} with {opened.column}. Lines that belong together have the same number of blanks in front"
    )


def _syntax_message(problem: str, written: str, column: int) -> str | None:
    """What is wrong with the line in which YAML's grammar broke, where that is known."""
    before, here = written[:column], written[column : column + 1]
    known = {
        "a tab may not indent YAML; use spaces": here == "\t" or (before.isspace() and "\t" in before),
        'a key may not begin with ">" in YAML. Name what is compared: value > 0': (
            here == ">" and re.match(r"[^,{}]*:(\s|$)", written[column:])
        ),
        'a value may not begin with ">" in YAML. A class is a lower bound (Low: 0), '
        "a test (Low: value >= 0) or else": here == ">" or before.rstrip().endswith(">"),
        f'a value may not begin with "{here}" in YAML; put it in quotes': here and here in "%@`",
        "a key is empty": here == ":" and before.rstrip().endswith(("{", ",")),
        _no_colon(written.strip()[:60]): problem == _NO_COLON,
        'quote text that contains ": "': here == ":" and ": " in before,
        "the line stands deeper than the one above, which has its value already; check the indentation": (
            "mapping values are not allowed" in problem
        ),
        f"the quote {here or 'mark'} opened here is never closed": "unexpected end of stream" in problem,
    }
    return next((message for message, holds in known.items() if holds), None)


def _no_colon(written: str) -> str:
    glued = _GLUED.fullmatch(written)
    if glued:
        return f'"{written}": a blank is missing behind the colon: {glued[1]}: {glued[2]}'
    return f'"{written}": a colon and a blank are missing, as in name: value'


def _way_in_brackets(key: str) -> str:
    """What an author may have meant by a key without a value between brackets."""
    glued = _GLUED.fullmatch(key)
    if glued:
        return f"a blank is missing behind the colon: {glued[1]}: {glued[2]}"
    if key.isdigit():
        return "a decimal is written with a point (0.25), a list stands in brackets [1, 2]"
    return f"quote text that contains a comma, write a list in brackets [a, b], or a value behind a colon ({key}: ...)"


class _Builder:
    """Builds plain data from YAML events, noting places and faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.origins: dict[tuple[str | int, ...], Origin] = {}
        self.root: Any = None
        self.anchors: set[str] = set()

    def run(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fault(event, "several_documents", "one file holds one document; remove '---'")
                    return
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                self.origins[()] = Origin(self.file, event.start_mark.line + 1)
                self.root = self.value(event, events, (), depth=0, in_flow=False)

    def fault(self, event: Any, check: str, message: str) -> None:
        self.faults.append(Fault(message, file=self.file, line=event.start_mark.line + 1, check=check))

    def value(
        self, event: Any, events: Iterator[Any], path: tuple[str | int, ...], *, depth: int, in_flow: bool
    ) -> Any:
        if depth > MAX_DEPTH:
            self.fault(event, "too_deep", f"nested deeper than {MAX_DEPTH} levels")
            raise SpecError(self.faults)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                self.fault(event, "alias", f'aliases are refused ("*{event.anchor}"); write the value out')
            return ""
        if event.anchor is not None:
            self.anchors.add(event.anchor)
            name = event.anchor
            self.fault(
                event, "anchor", f'anchors are refused ("&{name}"); write the value out wherever "*{name}" stands'
            )
        if event.tag is not None:
            self.fault(event, "tag", f'tags are refused ("{event.tag}"); write the value without it')
            if isinstance(event, yaml.ScalarEvent):
                return str(event.value)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path, in_flow=in_flow)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(event, events, path, depth)
        return self.mapping(event, events, path, depth)

    def scalar(self, event: Any, path: tuple[str | int, ...], *, in_flow: bool) -> str | None:
        plain = event.style in (None, "")
        if plain and event.value == "~":
            return None
        if plain and event.value == "":
            where = f' after "{path[-1]}"' if path else ""
            if in_flow:
                way = _way_in_brackets(str(path[-1]) if path else "")
                self.fault(event, "empty_value", f"nothing stands{where}; {way}")
            else:
                self.fault(event, "empty_value", f"nothing stands{where}; write a value, or ~ to remove one")
        return str(event.value)

    def sequence(self, start: Any, events: Iterator[Any], path: tuple[str | int, ...], depth: int) -> list[Any]:
        items: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            here = (*path, len(items))
            self.origins[here] = Origin(self.file, event.start_mark.line + 1)
            items.append(self.value(event, events, here, depth=depth + 1, in_flow=bool(start.flow_style)))
        return items

    def mapping(self, start: Any, events: Iterator[Any], path: tuple[str | int, ...], depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            key = self.key(event, events, path, depth)
            if key in seen:
                self.fault(event, "duplicate_key", f'key "{key}" stands twice (first on line {seen[key]})')
            seen.setdefault(key, line)
            here = (*path, key)
            self.origins.setdefault(here, Origin(self.file, line))
            result[key] = self.value(next(events), events, here, depth=depth + 1, in_flow=bool(start.flow_style))
        return result

    def key(self, event: Any, events: Iterator[Any], path: tuple[str | int, ...], depth: int) -> str:
        if isinstance(event, yaml.ScalarEvent):
            if event.value == "" and event.style in (None, ""):
                self.fault(event, "empty_key", "a key is empty")
            if event.value == "<<" and event.style in (None, ""):
                self.fault(event, "merge_key", 'merge keys are refused ("<<"); write the lines out')
            if event.anchor is not None or event.tag is not None:
                self.value(event, events, path, depth=depth, in_flow=False)
            return str(event.value)
        if isinstance(event, yaml.AliasEvent):
            self.value(event, events, path, depth=depth, in_flow=False)
            return f"*{event.anchor}"
        self.fault(event, "key_not_text", "a key must be text")
        self.value(event, events, (*path, "?"), depth=depth + 1, in_flow=False)
        return f"?{event.start_mark.line}:{event.start_mark.column}"
