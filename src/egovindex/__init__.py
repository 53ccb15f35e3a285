"""Comparative indices and scores for digital government: from answers to a ranked, explained index.

>>> import egovindex as ei
>>> index = ei.load_index("un-egdi-2024")
>>> result = ei.compute(index, ei.sample("un-egdi-2024"))
>>> result.ranking[["rank", "unit"]].head(1).to_string(index=False, header=False)
'1 DNK'
"""

from importlib import import_module
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
    from egovindex.coding.agreement import Agreement, agreement
    from egovindex.coding.code import code
    from egovindex.coding.codebook import Codebook, load_codebook
    from egovindex.coding.coded import Coded
    from egovindex.coding.rules import Question, Verdict
    from egovindex.coding.settling import disputes, open_items, reconcile
    from egovindex.coding.workbook import coder_workbook, read_coding
    from egovindex.responses.binding import Binding, load_binding
    from egovindex.responses.detect import detect
    from egovindex.responses.pseudonyms import Pseudonyms
    from egovindex.responses.read import read_responses
    from egovindex.responses.table import Responses
    from egovindex.sensitivity.doubt import Doubt
    from egovindex.sensitivity.doubtfile import load_doubt
    from egovindex.sensitivity.draws import Draws
    from egovindex.sensitivity.laws import (
        at_least,
        between,
        choice,
        conditions,
        confidence,
        confusion,
        dirichlet,
        disagreement,
        error,
        experts,
        leave_one_out,
        monotone,
        normal,
        ordered,
        schemes,
        simplex,
        triangular,
        uniform,
        within,
    )
    from egovindex.sensitivity.oneatatime import OneAtATime, one_at_a_time
    from egovindex.sensitivity.simulate import simulate
    from egovindex.sensitivity.sobol import sobol
    from egovindex.sensitivity.sobolresult import Sobol
    from egovindex.spec.model import WeightSet

__all__ = [
    "Agreement",
    "Binding",
    "Bounds",
    "Codebook",
    "Coded",
    "CodingError",
    "Comparison",
    "DataError",
    "Doubt",
    "Draws",
    "EgovindexError",
    "Explanation",
    "Fault",
    "Index",
    "IndexResult",
    "Instrument",
    "Learned",
    "MethodError",
    "OneAtATime",
    "Plan",
    "Pseudonyms",
    "Question",
    "Reproduction",
    "Responses",
    "Scores",
    "Sobol",
    "SpecError",
    "UnitScore",
    "Verdict",
    "WeightSet",
    "WhatIf",
    "__version__",
    "agreement",
    "at_least",
    "between",
    "bounds",
    "chain",
    "check",
    "choice",
    "code",
    "coder_workbook",
    "compare",
    "compute",
    "conditions",
    "confidence",
    "confusion",
    "detect",
    "dirichlet",
    "disagreement",
    "disputes",
    "error",
    "evaluate",
    "experts",
    "explain",
    "leave_one_out",
    "list_indices",
    "list_instruments",
    "load_binding",
    "load_codebook",
    "load_doubt",
    "load_index",
    "load_instrument",
    "load_result",
    "load_weights",
    "monotone",
    "normal",
    "one_at_a_time",
    "open_items",
    "ordered",
    "peers",
    "read_coding",
    "read_responses",
    "read_table",
    "reconcile",
    "reproduce",
    "sample",
    "schema",
    "schemes",
    "score_unit",
    "simplex",
    "simulate",
    "sobol",
    "triangular",
    "uniform",
    "verify",
    "what_if",
    "within",
]


# what loads with its first use, not with the package
_LATER = {
    "Agreement": "egovindex.coding.agreement",
    "Binding": "egovindex.responses.binding",
    "Codebook": "egovindex.coding.codebook",
    "Coded": "egovindex.coding.coded",
    "Pseudonyms": "egovindex.responses.pseudonyms",
    "Question": "egovindex.coding.rules",
    "Responses": "egovindex.responses.table",
    "Verdict": "egovindex.coding.rules",
    "agreement": "egovindex.coding.agreement",
    "code": "egovindex.coding.code",
    "coder_workbook": "egovindex.coding.workbook",
    "detect": "egovindex.responses.detect",
    "disputes": "egovindex.coding.settling",
    "load_binding": "egovindex.responses.binding",
    "load_codebook": "egovindex.coding.codebook",
    "read_coding": "egovindex.coding.workbook",
    "read_responses": "egovindex.responses.read",
    "open_items": "egovindex.coding.settling",
    "reconcile": "egovindex.coding.settling",
    "WeightSet": "egovindex.spec.model",
    "Doubt": "egovindex.sensitivity.doubt",
    "Draws": "egovindex.sensitivity.draws",
    "OneAtATime": "egovindex.sensitivity.oneatatime",
    "Sobol": "egovindex.sensitivity.sobolresult",
    "load_doubt": "egovindex.sensitivity.doubtfile",
    "one_at_a_time": "egovindex.sensitivity.oneatatime",
    "simulate": "egovindex.sensitivity.simulate",
    "sobol": "egovindex.sensitivity.sobol",
    **dict.fromkeys(
        (
            "at_least", "between", "choice", "conditions", "confidence", "confusion", "dirichlet", "disagreement",
            "error", "experts", "leave_one_out", "monotone", "normal", "ordered", "schemes", "simplex", "triangular",
            "uniform", "within",
        ),
        "egovindex.sensitivity.laws",
    ),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
