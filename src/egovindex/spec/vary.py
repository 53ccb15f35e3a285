"""Changed copies of an index: keys, weights, rules, each laid over the merged file and checked again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from egovindex.errors import Fault, SpecError, did_you_mean, listed
from egovindex.spec import load, values
from egovindex.spec.expand import expand_index
from egovindex.spec.instruments import inlined
from egovindex.spec.merge import lay_over
from egovindex.spec.model import IndexFile, WeightSet
from egovindex.spec.numbers import number_text
from egovindex.spec.strictyaml import Document, Origin
from egovindex.spec.tree import edges_of, effective

__all__ = [
    "Path_",
    "Varied",
    "as_read",
    "changed",
    "expanded",
    "given_in",
    "plain_document",
    "reruled",
    "reweighed",
    "weights_of",
]

Path_ = tuple[str | int, ...]
Origins = Mapping[Path_, Origin]
Varied = tuple[IndexFile, dict[Path_, Origin]]


def plain_document(file: IndexFile) -> dict[str, Any]:
    """The merged file as plain data: maps, lists, text, and ``None`` for ``~``."""
    content: dict[str, Any] = plain(file.model_dump(by_alias=True))
    return content


def plain(value: Any) -> Any:
    """Model output and Python values as the reader would give them."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def as_read(given: Any) -> Any:
    """The same as a file gives it back: numbers and truth values are texts."""
    if isinstance(given, Mapping):
        return {str(key): as_read(inner) for key, inner in given.items()}
    if isinstance(given, (list, tuple)):
        return [as_read(inner) for inner in given]
    if isinstance(given, bool):
        return str(given).lower()
    return number_text(given) if isinstance(given, (int, float)) else given


def given_in(call: str, keys: Mapping[str, Any]) -> Document:
    """What was given in a call, as a document whose every place is that call."""
    content = plain(keys)
    return Document(content, call, _places(content, call))


def _places(value: Any, file: str, path: Path_ = ()) -> dict[Path_, Origin]:
    """Every value's place is the call it was given in."""
    found: dict[Path_, Origin] = {path: Origin(file, None)}
    pairs: Any = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found.update(_places(inner, file, (*path, key)))
    return found


def expanded(file: IndexFile, origins: Origins) -> Document:
    """The merged file as a document, to lay something over."""
    document, _ = expand_index(Document(plain_document(file), file.index, dict(origins)))
    return document


def _laid_over(file: IndexFile, origins: Origins, patch: Document) -> Varied:
    document = lay_over(expanded(file, origins), patch)
    return load.validated_index(document), document.origins


def changed(file: IndexFile, origins: Origins, keys: Mapping[str, Any]) -> Varied:
    """Keys of an index file laid over; see :meth:`egovindex.Index.with_`."""
    if "like" in keys:
        raise SpecError(Fault("with_ varies this index; like is a key of files", check="like_in_with"))
    patch, faults = expand_index(given_in("with_(...)", keys))
    patch = inlined(patch, None, faults)
    if faults:
        raise SpecError(faults)
    return _laid_over(file, origins, patch)


def reweighed(
    file: IndexFile, origins: Origins, weights: str | Path | WeightSet | Mapping[str, Any]
) -> tuple[IndexFile, dict[Path_, Origin], str]:
    """Other weights laid over; see :meth:`egovindex.Index.with_weights`."""
    chosen, document = _weights_given(file, weights)
    return *_laid_over(file, origins, _weights_patch(file, chosen, document)), chosen.weights


def weights_of(file: IndexFile, weights: str | Path | WeightSet | Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Weights of the children of every node that a weight set mentions, checked as if it were laid over.

    Raises
    ------
    SpecError
        Weights are missing, extra, misspelt, negative, or all zero.
    """
    chosen, document = _weights_given(file, weights)
    edges = edges_of(file)
    refused = [_learned_weights(n, given, document) for n, given in chosen.nodes.items() if _is_method(given)]
    if refused:
        raise SpecError(refused)
    return {
        node: {child: 1.0 if isinstance(given, str) else given[child].value for child in edges[node]}
        for node, given in chosen.nodes.items()
    }


def _is_method(given: Any) -> TypeGuard[str]:
    return isinstance(given, str) and given != "equal"


def _weights_given(file: IndexFile, weights: str | Path | WeightSet | Mapping[str, Any]) -> tuple[WeightSet, Document]:
    if isinstance(weights, (str, Path)):
        return load.read_weights(weights, file)
    if isinstance(weights, WeightSet):
        content = weights.model_dump(by_alias=True)
    else:
        content = {"weights": "given", "index": file.index, "nodes": weights}
    document = given_in("with_weights(...)", content)
    return load.validated_weights(document, file), document


def _weights_patch(file: IndexFile, weights: WeightSet, document: Document) -> Document:
    """A weight set as lines over the file, wherever the file keeps its edges."""
    patch: dict[str, dict[str, dict[str, Any]]] = {"indicators": {}, "nodes": {}}
    origins: dict[Path_, Origin] = {(): document.origin(())}
    edges = edges_of(file)
    refused: list[Fault] = []
    for name, given in weights.nodes.items():
        if _is_method(given):
            refused.append(_learned_weights(name, given, document))
            continue
        one = values.Quantity(1.0)
        written = {
            child: values.write_quantity(one if isinstance(given, str) else given[child]) for child in edges[name]
        }
        if effective(file.nodes[name], file.defaults.nodes).get("of"):
            patch["nodes"].setdefault(name, {})["of"] = written
            origins["nodes", name, "of"] = document.origin(("nodes", name))
            for child in written:
                origins["nodes", name, "of", child] = document.origin(("nodes", name, child))
            continue
        for child, weight in written.items():
            kind = "indicators" if child in file.indicators else "nodes"
            patch[kind].setdefault(child, {})["weight"] = weight
            origins[kind, child, "weight"] = document.origin(("nodes", name, child))
    if refused:
        raise SpecError(refused)
    return Document({key: records for key, records in patch.items() if records}, document.file, origins)


def _learned_weights(node: str, method: str, document: Document) -> Fault:
    origin = document.origin(("nodes", node))
    message = (
        f'nodes.{node}: weights found by a method ("{method}") are read and checked, but not computed; '
        "write the numbers, with their source"
    )
    return Fault(message, origin.file, origin.line, f"nodes.{node}", "not_yet_computed")


def reruled(file: IndexFile, origins: Origins, names: tuple[str, ...], *, only: bool) -> Varied:
    """Scoring rules laid over the default rule; see :meth:`egovindex.Index.with_rules`."""
    given: tuple[object, ...] = names  # a list is an easy slip, and would fail far from here
    bad = [name for name in given if not isinstance(name, str)]
    if bad:
        message = f'with_rules takes names, one by one, as in with_rules("strict"); found {listed(map(repr, bad))}'
        raise SpecError(Fault(message, check="rule_not_a_name"))
    unknown = [name for name in names if name not in file.rules]
    if unknown:
        raise SpecError([_unknown_rule(file, name) for name in unknown])
    replaced = {other for name in names for other in file.rules[name].replaces or ()} | set(names)
    base = () if only else file.rule or ()
    layers = [[name for name in layer if name not in replaced] for layer in base]
    layers = [layer for layer in [*layers, list(names)] if layer]
    document = expanded(file, origins)
    document.data.pop("rule", None)
    if layers:
        document.data["rule"] = layers
    document.origins.update(_places(layers, "with_rules(...)", ("rule",)))
    return load.validated_index(document), document.origins


def _unknown_rule(file: IndexFile, name: str) -> Fault:
    hint = did_you_mean(name, file.rules, otherwise=".")
    message = f'there is no rule "{name}" in {file.index}{hint} Rules: {listed(file.rules) or "none"}'
    return Fault(message, check="unknown_rule")
