"""What was drawn as code that makes it again."""

from __future__ import annotations

from collections.abc import Mapping
from pprint import pformat
from typing import Any

import numpy as np
import pandas as pd

from egovindex.errors import Fault, MethodError, listed
from egovindex.index import Index
from egovindex.instrument import Instrument
from egovindex.sensitivity.doubt import Doubt
from egovindex.sensitivity.doubtfile import doubt_of
from egovindex.spec.checks import check_instrument
from egovindex.spec.expand import expand_index, expand_instrument
from egovindex.spec.faults import in_order, validate
from egovindex.spec.load import document_of, validated_index
from egovindex.spec.model import InstrumentFile, WeightSet
from egovindex.spec.vary import plain

__all__ = ["as_code", "from_document"]

_WIDTH = 100
_FIRST = ("index", "instrument", "weights", "doubt")


class _NoNumber:
    """A gap in a column of numbers, as code."""

    def __repr__(self) -> str:
        return 'float("nan")'


_NAN = _NoNumber()


def as_code(example: Any) -> str:
    """Python code that makes an example again.

    The code needs ``import pandas as pd`` and ``from egovindex import testing``. A failing test prints what the
    strategies of :mod:`egovindex.testing` drew in the same form.

    Parameters
    ----------
    example
        A table, an index, an instrument, a set of weights, a doubt, changes for :func:`egovindex.what_if`, or plain
        data.

    Returns
    -------
    str

    Examples
    --------
    >>> import pandas as pd
    >>> print(as_code(pd.DataFrame({"unit": ["Abaria", "Belmora"], "portal": [1.0, None]})))
    pd.DataFrame({'unit': ['Abaria', 'Belmora'], 'portal': [1.0, float("nan")]})
    """
    if isinstance(example, pd.DataFrame):
        return _call("pd.DataFrame", {name: _cells(example[name]) for name in example.columns})
    if isinstance(example, (Index, Instrument, Doubt)):
        return _call("testing.from_document", example.document())
    if isinstance(example, WeightSet):
        found = plain(example.model_dump(by_alias=True))
        return _call("testing.from_document", {key: value for key, value in found.items() if value is not None})
    return _text(_plain(example), 0)


def _call(name: str, content: Any) -> str:
    return f"{name}({_text(content, len(name) + 1)})"


def _text(content: Any, indent: int) -> str:
    lines = pformat(content, width=_WIDTH - indent, sort_dicts=False, compact=True).splitlines()
    return f"\n{' ' * indent}".join(lines)


def _cells(column: pd.Series) -> list[Any]:
    gap = _NAN if column.dtype.kind == "f" or column.dtype == object else None
    return [gap if isinstance(cell, float) and np.isnan(cell) else cell for cell in map(_plain, column)]


def _plain(found: Any) -> Any:
    """Numbers of NumPy as those of Python, also within what holds them."""
    if isinstance(found, np.generic):
        return found.item()
    if isinstance(found, Mapping):
        return {_plain(key): _plain(value) for key, value in found.items()}
    if isinstance(found, (list, tuple)):
        return type(found)(map(_plain, found))
    return found


def from_document(document: Mapping[str, Any]) -> Any:
    """An index, instrument, set of weights or doubt out of plain data, as its file would say it.

    Parameters
    ----------
    document
        What the file would hold. Its key ``index``, ``instrument``, ``weights`` or ``doubt`` gives the name and says
        what it is; ``weights`` before ``index``, since a set of weights names both.

    Returns
    -------
    Index, Instrument, WeightSet or Doubt

    Raises
    ------
    SpecError
        The content has faults: all are told.
    MethodError
        It is none of the four.

    Examples
    --------
    >>> found = from_document(
    ...     {"index": "small", "indicators": {"a": {}, "b": {}}, "nodes": {"top": {"of": ["a", "b"]}}}
    ... )
    >>> found.headline
    'top'
    """
    content = dict(document)
    kind = next(iter(content), None)
    if kind not in _FIRST:
        message = f"the first key says what it is: {listed(_FIRST)}; found {kind!r}"
        raise MethodError(Fault(message, check="unknown_document"))
    written = document_of(content, str(content[kind]))
    if kind == "doubt":
        return doubt_of(written)
    if kind == "weights":
        weights, faults, _ = validate(WeightSet, written)
    elif kind == "index":
        expanded, found = expand_index(written)
        return Index(validated_index(expanded, found), expanded.origins)
    else:
        return _instrument(written)
    if weights is None or faults:
        from egovindex.errors import SpecError

        raise SpecError(in_order(faults))
    return weights


def _instrument(written: Any) -> Instrument:
    from egovindex.errors import SpecError

    document, faults = expand_instrument(written)
    file, wrong, _ = validate(InstrumentFile, document)
    faults += wrong
    if file is not None:
        faults += check_instrument(file, document)
    if file is None or faults:
        raise SpecError(in_order(faults))
    return Instrument(file, document.origins)
