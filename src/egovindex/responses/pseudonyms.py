"""Pseudonyms: the same person has the same sign in every file, and nobody without the key can tell who it is."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

from egovindex.errors import Fault, MethodError

__all__ = ["Pseudonyms", "is_sign"]

_FEWEST = 16  # bytes of a key
_DIGITS = 16  # of a sign, 64 bits
_SIGN = "person-"
_OF_A_SIGN = re.compile(rf"{_SIGN}[0-9a-f]{{{_DIGITS}}}")


def is_sign(value: object) -> bool:
    """Whether something has the form of a sign."""
    return isinstance(value, str) and _OF_A_SIGN.fullmatch(value) is not None


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
        The key is too short, or none.

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
        given: object = key
        if not isinstance(given, (str, bytes, bytearray)):
            message = f"a key is bytes or a text, found {type(key).__name__}; secrets.token_bytes(32) gives one"
            raise MethodError(Fault(message, check="short_key"))
        raw = key.encode("utf-8") if isinstance(key, str) else bytes(key)
        if len(raw) < _FEWEST:
            message = f"the key has {len(raw)} bytes; take at least {_FEWEST}, as secrets.token_bytes(32) gives them"
            raise MethodError(Fault(message, check="short_key"))
        self._key = raw

    def of(self, value: str) -> str:
        """The sign of a value, whatever its case and blanks."""
        plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
        return f"{_SIGN}{hmac.new(self._key, plain.encode('utf-8'), hashlib.sha256).hexdigest()[:_DIGITS]}"

    def __repr__(self) -> str:
        return "<Pseudonyms>"

    def __reduce__(self) -> tuple[type, tuple[()]]:
        raise TypeError("a key is not pickled; make Pseudonyms where they are needed")
