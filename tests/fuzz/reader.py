"""A reader of foreign input, as the fuzzer sees it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.fuzz.mutate import mutated

__all__ = ["ROOT", "Reader", "sound"]

ROOT = Path(__file__).resolve().parents[2]

Change = Callable[[bytes, random.Random, tuple[str, ...]], bytes]


@dataclass(frozen=True)
class Reader:
    """One way into the library.

    Parameters
    ----------
    name
        What the report calls it; also the folder of its inputs in ``tests/fuzz/corpus``.
    ending
        Ending of its files.
    read
        Reads the file at a path; what it gives is printed, too. It may raise the library's own errors.
    seeds
        Sound files to begin with, made when they are first asked for.
    change
        Makes an input out of a seed.
    words
        Words that the reader knows.
    share
        How often its turn comes, beside the others.
    """

    name: str
    ending: str
    read: Callable[[Path], object]
    seeds: Callable[[], list[bytes]]
    change: Change = mutated
    words: tuple[str, ...] = field(default=(), repr=False)
    share: float = 1.0

    def input(self, seed: int, number: int) -> bytes:
        """The input of a number: the same for the same seed."""
        rng = random.Random(f"{seed}/{self.name}/{number}")
        seeds = self.seeds()
        return self.change(seeds[rng.randrange(len(seeds))], rng, self.words)


@cache
def sound(pattern: str, most: int = 60_000) -> list[bytes]:
    """Files of the repository by pattern, the large ones left out."""
    found = [path.read_bytes() for path in sorted(ROOT.glob(pattern)) if path.is_file()]
    return [content for content in found if len(content) <= most]
