"""What is done to a file of maps and lists: keys and values are moved, doubled, taken away, and poisoned.

Bytes that are changed by chance are mostly no YAML any more; these changes get past the syntax.
"""

from __future__ import annotations

import copy
import random
from typing import Any

import yaml

from tests.fuzz.mutate import mutated, text_of_poison

__all__ = ["mutated_tree", "mutated_yaml"]

Path = tuple[Any, ...]


def mutated_yaml(content: bytes, rng: random.Random, words: tuple[str, ...] = ()) -> bytes:
    """A file of YAML after changes to its maps and lists, or to its bytes."""
    if rng.random() < 0.35:
        return mutated(content, rng, words)
    try:
        tree = yaml.load(content, Loader=yaml.CBaseLoader)  # everything is text
    except yaml.YAMLError:
        return mutated(content, rng, words)
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        tree = mutated_tree(tree, rng, words)
    text = yaml.dump(tree, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=100_000)
    return text.replace("'~'", "~").encode("utf-8", "surrogatepass")


def mutated_tree(tree: Any, rng: random.Random, words: tuple[str, ...] = ()) -> Any:
    """The tree after one change."""
    tree = copy.deepcopy(tree)
    places = [path for path in _paths(tree) if path]
    if not places:
        return tree
    path = rng.choice(places)
    holder, key = _at(tree, path[:-1]), path[-1]
    how = rng.randrange(8)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        value = holder.pop(key)
        holder[_word(rng, words)] = value
    elif how == 2:
        holder[key] = copy.deepcopy(_at(tree, rng.choice(places)))
    elif how == 3:
        holder[key] = [holder[key]] if rng.random() < 0.5 else {_word(rng, words): holder[key]}
    elif how == 4 and isinstance(holder[key], list):
        holder[key] = holder[key] * rng.choice((2, 40))
    elif how == 5 and isinstance(holder, dict):
        holder[_word(rng, words)] = copy.deepcopy(_at(tree, rng.choice(places)))
    else:
        holder[key] = _value(holder[key], rng, words)
    return tree


def _word(rng: random.Random, words: tuple[str, ...]) -> str:
    return rng.choice(words) if words and rng.random() < 0.7 else text_of_poison(rng)


def _value(old: Any, rng: random.Random, words: tuple[str, ...]) -> Any:
    word = _word(rng, words)
    if isinstance(old, str) and rng.random() < 0.4:
        parts = old.split(" ")
        parts[rng.randrange(len(parts))] = word
        return " ".join(parts)
    return rng.choice((word, word, word, [], {}, [word, word], {word: word}, "~"))


def _paths(tree: Any, above: Path = ()) -> list[Path]:
    found = [above]
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        found += _paths(value, (*above, key))
    return found


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree
