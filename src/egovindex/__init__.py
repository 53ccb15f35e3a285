"""Comparative indices and scores for digital government: from answers to a ranked, explained index.

>>> import egovindex as ei
>>> index = ei.load_index("un-egdi-2024")
>>> result = ei.compute(index, ei.sample("un-egdi-2024"))
>>> result.ranking[["rank", "unit"]].head(1).to_string(index=False, header=False)
'1 DNK'
"""

from typing import TYPE_CHECKING, Any

# A verb and the module it lives in may share a name (compute): the function is bound last, and wins.
from egovindex.bounds import Bounds, bounds
from egovindex.chain import chain
from egovindex.compare import Comparison, compare
from egovindex.compute import check, compute, read_table, schema
from egovindex.errors import CodingError, DataError, EgovindexError, Fault, MethodError, SpecError
from egovindex.evaluate import evaluate
from egovindex.explain import Explanation, explain
from egovindex.index import Index
from egovindex.instrument import Instrument, list_instruments, load_instrument
from egovindex.loading import list_indices, load_index, load_weights
from egovindex.peers import peers
from egovindex.plan import Plan
from egovindex.reproduce import Reproduction, reproduce
from egovindex.result import IndexResult
from egovindex.samples import sample
from egovindex.scores import Scores
from egovindex.stepping import Learned
from egovindex.verify import load_result, verify
from egovindex.version import __version__
from egovindex.whatif import UnitScore, WhatIf, score_unit, what_if

if TYPE_CHECKING:
    from egovindex.spec.model import WeightSet

__all__ = [
    "Bounds",
    "CodingError",
    "Comparison",
    "DataError",
    "EgovindexError",
    "Explanation",
    "Fault",
    "Index",
    "IndexResult",
    "Instrument",
    "Learned",
    "MethodError",
    "Plan",
    "Reproduction",
    "Scores",
    "SpecError",
    "UnitScore",
    "WeightSet",
    "WhatIf",
    "__version__",
    "bounds",
    "chain",
    "check",
    "compare",
    "compute",
    "evaluate",
    "explain",
    "list_indices",
    "list_instruments",
    "load_index",
    "load_instrument",
    "load_result",
    "load_weights",
    "peers",
    "read_table",
    "reproduce",
    "sample",
    "schema",
    "score_unit",
    "verify",
    "what_if",
]


def __getattr__(name: str) -> Any:
    # the models of the files load with the first file, not with the package
    if name == "WeightSet":
        from egovindex.spec.model import WeightSet

        return WeightSet
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
