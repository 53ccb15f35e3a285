"""Comparative indices and scores for digital government: from answers to a ranked, explained index.

>>> import egovindex as ei
>>> index = ei.load_index("un-egdi-2024")
>>> result = ei.compute(index, ei.sample("un-egdi-2024"))
>>> result.ranking[["rank", "unit"]].head(1).to_string(index=False, header=False)
'1 DNK'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from egovindex.compute import check, compute, read_table, schema
    from egovindex.errors import CodingError, DataError, EgovindexError, Fault, MethodError, SpecError
    from egovindex.evaluate import Learned, Scores, evaluate
    from egovindex.index import Index, list_indices, load_index, load_weights
    from egovindex.plan import Plan
    from egovindex.result import IndexResult
    from egovindex.samples import sample
    from egovindex.spec.model import WeightSet

# name -> module; nothing is imported before it is asked for
_WHERE = {
    "load_index": "index",
    "load_weights": "index",
    "list_indices": "index",
    "sample": "samples",
    "read_table": "compute",
    "schema": "compute",
    "check": "compute",
    "compute": "compute",
    "evaluate": "evaluate",
    "Index": "index",
    "IndexResult": "result",
    "WeightSet": "spec.model",
    "Plan": "plan",
    "Scores": "evaluate",
    "Learned": "evaluate",
    "Fault": "errors",
    "EgovindexError": "errors",
    "SpecError": "errors",
    "DataError": "errors",
    "CodingError": "errors",
    "MethodError": "errors",
}
__all__ = [
    "CodingError",
    "DataError",
    "EgovindexError",
    "Fault",
    "Index",
    "IndexResult",
    "Learned",
    "MethodError",
    "Plan",
    "Scores",
    "SpecError",
    "WeightSet",
    "__version__",
    "check",
    "compute",
    "evaluate",
    "list_indices",
    "load_index",
    "load_weights",
    "read_table",
    "sample",
    "schema",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"egovindex.{_WHERE[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
