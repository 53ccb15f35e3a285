"""Comparative indices and scores for digital government: from answers to a ranked, explained index.

>>> import egovindex as ei
>>> index = ei.load_index("un-egdi-2024")
>>> result = ei.compute(index, ei.sample("un-egdi-2024"))
>>> result.ranking[["rank", "unit"]].head(1).to_string(index=False, header=False)
'1 DNK'
"""

from typing import TYPE_CHECKING, Any

# A verb and the module it lives in may share a name (compute): the function is bound last, and wins.
from egovindex.compute import check, compute, read_table, schema
from egovindex.errors import CodingError, DataError, EgovindexError, Fault, MethodError, SpecError
from egovindex.evaluate import evaluate
from egovindex.index import Index, list_indices, load_index, load_weights
from egovindex.plan import Plan
from egovindex.result import IndexResult
from egovindex.samples import sample
from egovindex.scores import Scores
from egovindex.stepping import Learned

if TYPE_CHECKING:
    from egovindex.spec.model import WeightSet

__version__ = "0.1.0"

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
    # the models of the files load with the first file, not with the package
    if name == "WeightSet":
        from egovindex.spec.model import WeightSet

        return WeightSet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
