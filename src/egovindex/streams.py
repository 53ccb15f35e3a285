"""Named streams of chance: each factor has its own in each chunk, whoever computes it and whatever else is drawn.

Adding a factor changes no draw of another, and a chunk's draws do not depend on who computes it, or on how many
there are.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError

__all__ = ["CHUNK", "Streams", "entropy_of", "is_whole", "named_generator"]

# draws that share one stream of each factor: part of what a seed means, never to be changed
CHUNK = 1024
# seeds that are made: as many as every reader of numbers keeps to the last digit
_SEEDS = 2**53


def is_whole(raw: Any) -> bool:
    """Whether something is a whole number, of Python or of NumPy; true and false are none.

    Examples
    --------
    >>> is_whole(3), is_whole(True), is_whole(3.0)
    (True, False, False)
    """
    return isinstance(raw, (int, np.integer)) and not isinstance(raw, bool)


def entropy_of(rng: Any) -> int:
    """The number that all streams come from.

    Parameters
    ----------
    rng
        A seed (0 is one like any other), a Generator, from which a number is drawn, a SeedSequence, or ``None`` for
        a number from the operating system.

    Raises
    ------
    MethodError
        It is none of these.

    Examples
    --------
    >>> entropy_of(0), entropy_of(np.random.SeedSequence(7))
    (0, 7)
    """
    if rng is None:
        rng = np.random.default_rng()
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(0, _SEEDS))
    if isinstance(rng, np.random.SeedSequence) and not rng.spawn_key:
        rng = rng.entropy
    if is_whole(rng) and rng >= 0:
        return int(rng)
    message = f"rng is a seed (a whole number from 0 on), a numpy.random.Generator, or None; found {rng!r:.60}"
    raise MethodError(Fault(message, check="bad_rng"))


def _key(name: str) -> tuple[int, ...]:
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    return tuple(int.from_bytes(digest[at : at + 4], "little") for at in range(0, 16, 4))


class Streams:
    """All streams of one seed.

    Parameters
    ----------
    entropy
        What :func:`entropy_of` gave.

    Examples
    --------
    >>> one, other = Streams(1).of("weights.EGDI", 0), Streams(1).of("weights.EGDI", 0)
    >>> one.random() == other.random(), one.random() == Streams(1).of("weights.EGDI", 1).random()
    (True, False)
    """

    def __init__(self, entropy: int) -> None:
        self.entropy = entropy

    def of(self, name: str, chunk: int) -> np.random.Generator:
        """The stream of a factor in a chunk."""
        sequence = np.random.SeedSequence(self.entropy, spawn_key=(*_key(name), chunk))
        return np.random.Generator(np.random.SFC64(sequence))


def named_generator(name: str) -> np.random.Generator:
    """A stream for what is tried before anything is drawn; the same in every run."""
    return Streams(0).of(f"trial {name}", 0)
