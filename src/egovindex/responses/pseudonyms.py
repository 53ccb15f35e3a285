"""Pseudonyms: the same person has the same sign in every file, and nobody without the key can tell who it is."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from egovindex.errors import Fault, MethodError

__all__ = ["Pseudonyms"]

_FEWEST = 16  # bytes of a key
_DIGITS = 16  # of a sign, 64 bits


class Pseudonyms:
    """Signs for persons out of a key that the user keeps.

    A plain digest of a work address can be guessed from a list of addresses; one with a key cannot. The key is in no
    representation and no file.

    Parameters
    ----------
    key
        At least 16 bytes, or a text of so many.

    Raises
    ------
    MethodError
        The key is too short.

    Examples
    --------
    >>> signs = Pseudonyms(b"a key of the user's own")
    >>> signs
    <Pseudonyms>
    >>> signs.of("Amira  Dal") == signs.of("amira dal")
    True
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes | str) -> None:
        raw = key.encode("utf-8") if isinstance(key, str) else bytes(key)
        if len(raw) < _FEWEST:
            message = f"the key has {len(raw)} bytes; take at least {_FEWEST}, as secrets.token_bytes(32) gives them"
            raise MethodError(Fault(message, check="short_key"))
        self._key = raw

    def of(self, value: str) -> str:
        """The sign of a value, whatever its case and blanks."""
        plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
        return f"person-{hmac.new(self._key, plain.encode('utf-8'), hashlib.sha256).hexdigest()[:_DIGITS]}"

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    def __reduce__(self) -> tuple[type, tuple[()]]:
        raise TypeError("a key is not pickled; make Pseudonyms where they are needed")
