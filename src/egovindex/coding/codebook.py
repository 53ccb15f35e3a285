"""Codebooks: how a text becomes a category, as data with an example for each rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from egovindex.coding.phrases import Phrase
from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.packaged import indicators_folder, is_file
from egovindex.shown import Shown
from egovindex.spec.strictyaml import Document, read_text, read_yaml

__all__ = ["Brief", "Codebook", "Rule", "load_codebook"]

_KEYS = ("codebook", "title", "instrument", "note", "source", "kinds", "rests_on", "words", "rules", "brief")
_OF_RULES = (
    "id", "for", "where", "unless", "says", "instead_of", "only_if_alone", "confidence", "reason", "holds", "fails",
)  # fmt: skip
_CONFIDENCE = ("high", "medium", "low")
ANY = "*"


@dataclass(frozen=True)
class Rule:
    """A rule: of which items, which phrases, and what it says.

    Parameters
    ----------
    id
        Its name.
    kinds
        Kinds of items it is for.
    where, unless
        Phrases of which one stands in a statement, and of which none may; ``*`` stands for any statement.
    says
        Category by axis.
    instead_of
        Rules that do not count where this one holds for another statement.
    only_if_alone
        Whether it counts only where no other rule says anything of its axes.
    confidence, reason
        Of the category.
    holds, fails
        An example for which the rule holds, and one for which it does not.
    """

    id: str
    kinds: tuple[str, ...]
    where: tuple[str, ...]
    unless: tuple[str, ...]
    says: Mapping[str, str]
    instead_of: tuple[str, ...]
    only_if_alone: bool
    confidence: str
    reason: str
    holds: str
    fails: str


@dataclass(frozen=True)
class Brief:
    """One line of what is derived for readers in a hurry.

    Parameters
    ----------
    when
        Categories by axis, of which one must be there.
    beside
        An axis that the item must have.
    says
        The category.
    """

    when: Mapping[str, tuple[str, ...]]
    beside: str | None
    says: str


@dataclass(frozen=True, repr=False)
class Codebook(Shown):
    """Rules that make categories out of text.

    Made by :func:`load_codebook`.
    """

    name: str
    title: str
    instrument: str
    kinds: Mapping[str, tuple[str, ...]]
    rests_on: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    brief: tuple[Brief, ...]
    note: str | None = field(default=None, compare=False)

    def kind_of(self, item: str) -> str | None:
        """The kind of thing that an item asks about."""
        return next((kind for kind, items in self.kinds.items() if item in items), None)

    def _line(self) -> str:
        items = sum(map(len, self.kinds.values()))
        return f"<Codebook {self.name}> {len(self.rules)} rules for {items} items of {self.instrument}"


def load_codebook(codebook: str | Path | Codebook) -> Codebook:
    """A codebook out of a YAML file whose first key is ``codebook``.

    Parameters
    ----------
    codebook
        Name of a packaged one, path of a file, or a codebook, which is returned as it is.

    Raises
    ------
    SpecError
        There is none, or the file has faults: all are told, with file and line.

    Examples
    --------
    >>> load_codebook("un-msq-2022-rules")
    <Codebook un-msq-2022-rules> 21 rules for 39 items of un-msq-2022
    """
    if isinstance(codebook, Codebook):
        return codebook
    named = isinstance(codebook, str) and not codebook.endswith((".yaml", ".yml")) and "/" not in codebook
    path = indicators_folder() / f"{codebook}.yaml" if named else Path(codebook)
    if named and not is_file(path):
        known = [file.stem for file in indicators_folder().glob("*.yaml") if file.read_bytes()[:9] == b"codebook:"]
        hint = did_you_mean(str(codebook), known, otherwise=".")
        message = f'there is no packaged codebook "{codebook}"{hint} Packaged: {listed(known) or "none"}'
        raise SpecError(Fault(message, check="unknown_codebook"))
    return _Reading(read_yaml(read_text(path), file=path.name)).codebook()


class _Reading:
    """One file, and what is wrong with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data: Any = document.data
        self.faults: list[Fault] = []
        self.words: dict[str, frozenset[str]] = {}

    def wrong(self, path: tuple[str | int, ...], message: str, check: str = "bad_codebook") -> None:
        origin = self.document.origin(path)
        self.faults.append(Fault(message, origin.file, origin.line, ".".join(map(str, path)), check))

    def codebook(self) -> Codebook:
        if not isinstance(self.data, dict) or "codebook" not in self.data:
            message = "a codebook is a map whose first key is codebook, its name"
            raise SpecError(Fault(message, file=self.document.file, line=1, check="not_a_codebook"))
        for key in self.data:
            if key not in _KEYS:
                hint = did_you_mean(key, _KEYS, otherwise=".")
                self.wrong((key,), f'unknown key "{key}"{hint} Allowed: {listed(_KEYS, most=20)}', "unknown_key")
        kinds = {kind: _names(items) for kind, items in self._map("kinds").items()}
        rests_on = {item: _names(others) for item, others in self._map("rests_on").items()}
        lists = self._map("words")
        self.words = {name: frozenset(word.casefold() for word in _names(raw)) for name, raw in lists.items()}
        rules = tuple(self._rules(kinds))
        brief = tuple(self._briefs())
        self._refuse_twice(kinds, rules)
        if self.faults:
            raise SpecError(self.faults)
        data = self.data
        name, note = str(data["codebook"]), data.get("note")
        about = str(data.get("title", name)), str(data.get("instrument", ""))
        return Codebook(name, *about, kinds, rests_on, rules, brief, None if note is None else str(note))

    def _map(self, key: str) -> Mapping[str, Any]:
        found = self.data.get(key, {})
        if not isinstance(found, Mapping):
            self.wrong((key,), f"{key} is a map")
            return {}
        return found

    def _rules(self, kinds: Mapping[str, Any]) -> Iterator[Rule]:
        raw = self.data.get("rules", [])
        if not isinstance(raw, list):
            self.wrong(("rules",), "rules are a list")
            return
        for at, one in enumerate(raw):
            if not isinstance(one, Mapping):
                self.wrong(("rules", at), "a rule is a map")
                continue
            name = str(one.get("id", f"rule {at + 1}"))
            self._refuse_parts(at, name, one, kinds)
            says = one.get("says", {})
            yield Rule(
                name,
                _names(one.get("for", [])),
                self._phrases(at, "where", name, one),
                self._phrases(at, "unless", name, one),
                {str(axis): str(category) for axis, category in says.items()} if isinstance(says, Mapping) else {},
                _names(one.get("instead_of", [])),
                one.get("only_if_alone") == "true",
                str(one.get("confidence")),
                str(one.get("reason", "")),
                str(one.get("holds", "")),
                str(one.get("fails", "")),
            )

    def _refuse_parts(self, at: int, name: str, one: Mapping[Any, Any], kinds: Mapping[str, Any]) -> None:
        """Whatever is wrong with the keys of a rule."""
        for key in one:
            if key not in _OF_RULES:
                hint = did_you_mean(key, _OF_RULES, otherwise=".")
                self.wrong(("rules", at, key), f'{name}: unknown key "{key}"{hint}', "unknown_key")
        for key in ("id", "for", "where", "says", "confidence", "reason", "holds", "fails"):
            if key not in one:
                self.wrong(("rules", at), f"{name}: {key} is missing", "missing_key")
        for kind in _names(one.get("for", [])):
            if kind not in kinds:
                self.wrong(("rules", at, "for"), f'{name}: there is no kind "{kind}"{did_you_mean(kind, kinds)}')
        if one.get("confidence") not in _CONFIDENCE:
            self.wrong(("rules", at, "confidence"), f"{name}: confidence is one of {listed(_CONFIDENCE)}")
        if one.get("only_if_alone", "false") not in ("true", "false"):
            self.wrong(("rules", at, "only_if_alone"), f"{name}: only_if_alone is true or false")
        says = one.get("says", {})
        if not isinstance(says, Mapping) or ("says" in one and not says):
            self.wrong(("rules", at, "says"), f"{name}: says is a map of axis to category, as in {{legal: adopted}}")

    def _phrases(self, at: int, key: str, name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
        found = []
        for raw in one.get(key, []) if isinstance(one.get(key, []), list) else [one[key]]:
            phrase = " ".join(self._word(word, at, key, name) for word in str(raw).split())
            if phrase != ANY:
                try:
                    Phrase.of(phrase)
                except ValueError as error:
                    self.wrong(("rules", at, key), f"{name}: {error}")
                    continue
            found.append(phrase)
        return tuple(found)

    def _word(self, word: str, at: int, key: str, name: str) -> str:
        """A word, or the words of a list that is named in braces."""
        if not (word.startswith("{") and word.endswith("}")):
            return word
        if word[1:-1] not in self.words:
            hint = did_you_mean(word[1:-1], self.words)
            self.wrong(("rules", at, key), f"{name}: there is no list of words {word}{hint}")
            return word
        return "|".join(sorted(w for w in self.words[word[1:-1]] if " " not in w))

    def _briefs(self) -> Iterator[Brief]:
        raw = self.data.get("brief", [])
        if not isinstance(raw, list):
            self.wrong(("brief",), "brief is a list of lines")
            return
        for at, one in enumerate(raw):
            if not isinstance(one, Mapping) or "says" not in one:
                self.wrong(("brief", at), "a line of brief is a map with says")
                continue
            when = {axis: _names(wanted) for axis, wanted in one.items() if axis not in ("says", "with")}
            yield Brief(when, one.get("with"), str(one["says"]))

    def _refuse_twice(self, kinds: Mapping[str, tuple[str, ...]], rules: tuple[Rule, ...]) -> None:
        ids = [rule.id for rule in rules]
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            self.wrong(("rules", len(ids) - 1 - ids[::-1].index(name)), f'rule "{name}" stands twice; rename one')
        for at, rule in enumerate(rules):
            for other in rule.instead_of:
                if other not in ids:
                    message = f'{rule.id}: instead_of names no rule "{other}"{did_you_mean(other, ids)}'
                    self.wrong(("rules", at, "instead_of"), message)
        seen: dict[str, str] = {}
        for kind, items in kinds.items():
            for item in items:
                if seen.setdefault(item, kind) != kind:
                    self.wrong(("kinds", kind), f"{item} is of kind {seen[item]} and of kind {kind}; keep one")


def _names(raw: Any) -> tuple[str, ...]:
    """A list, or names parted by semicolons."""
    if isinstance(raw, (list, tuple)):
        return tuple(str(one).strip() for one in raw)
    return tuple(part for one in str(raw).split(";") if (part := one.strip()))
