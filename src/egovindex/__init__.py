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
    from egovindex.certainty import Certainty
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
    from egovindex.robustness.audit import Audit, audit
    from egovindex.robustness.dominance import Dominance, dominance
    from egovindex.robustness.howsure import HowSure, how_sure
    from egovindex.robustness.leverresult import Levers
    from egovindex.robustness.levers import levers
    from egovindex.robustness.nearest import NearestWeights, nearest_weights
    from egovindex.robustness.oneweight import WeightStability, weight_stability
    from egovindex.robustness.radii import ClassRadius, RankRadius, SwapRadius
    from egovindex.robustness.radius import class_radius, rank_radius, swap_radius
    from egovindex.robustness.rankrange import rank_range
    from egovindex.robustness.rankranges import RankRange
    from egovindex.robustness.statements import RobustnessExplained, Statement, explain_robustness
    from egovindex.robustness.winning import WinProbabilities, win_probabilities
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
    "Audit",
    "Binding",
    "Bounds",
    "Certainty",
    "ClassRadius",
    "Codebook",
    "Coded",
    "CodingError",
    "Comparison",
    "DataError",
    "Dominance",
    "Doubt",
    "Draws",
    "EgovindexError",
    "Explanation",
    "Fault",
    "HowSure",
    "Index",
    "IndexResult",
    "Instrument",
    "Learned",
    "Levers",
    "MethodError",
    "NearestWeights",
    "OneAtATime",
    "Plan",
    "Pseudonyms",
    "Question",
    "RankRadius",
    "RankRange",
    "Reproduction",
    "Responses",
    "RobustnessExplained",
    "Scores",
    "Sobol",
    "SpecError",
    "Statement",
    "SwapRadius",
    "UnitScore",
    "Verdict",
    "WeightSet",
    "WeightStability",
    "WhatIf",
    "WinProbabilities",
    "__version__",
    "agreement",
    "at_least",
    "audit",
    "between",
    "bounds",
    "chain",
    "check",
    "choice",
    "class_radius",
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
    "dominance",
    "error",
    "evaluate",
    "experts",
    "explain",
    "explain_robustness",
    "how_sure",
    "leave_one_out",
    "levers",
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
    "nearest_weights",
    "normal",
    "one_at_a_time",
    "open_items",
    "ordered",
    "peers",
    "rank_radius",
    "rank_range",
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
    "swap_radius",
    "triangular",
    "uniform",
    "verify",
    "weight_stability",
    "what_if",
    "win_probabilities",
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
    "Audit": "egovindex.robustness.audit",
    "audit": "egovindex.robustness.audit",
    "Certainty": "egovindex.certainty",
    "Dominance": "egovindex.robustness.dominance",
    "dominance": "egovindex.robustness.dominance",
    "HowSure": "egovindex.robustness.howsure",
    "how_sure": "egovindex.robustness.howsure",
    "levers": "egovindex.robustness.levers",
    "Levers": "egovindex.robustness.leverresult",
    "NearestWeights": "egovindex.robustness.nearest",
    "nearest_weights": "egovindex.robustness.nearest",
    "WeightStability": "egovindex.robustness.oneweight",
    "weight_stability": "egovindex.robustness.oneweight",
    "ClassRadius": "egovindex.robustness.radii",
    "RankRadius": "egovindex.robustness.radii",
    "SwapRadius": "egovindex.robustness.radii",
    "class_radius": "egovindex.robustness.radius",
    "rank_radius": "egovindex.robustness.radius",
    "swap_radius": "egovindex.robustness.radius",
    "RankRange": "egovindex.robustness.rankranges",
    "rank_range": "egovindex.robustness.rankrange",
    "RobustnessExplained": "egovindex.robustness.statements",
    "Statement": "egovindex.robustness.statements",
    "explain_robustness": "egovindex.robustness.statements",
    "WinProbabilities": "egovindex.robustness.winning",
    "win_probabilities": "egovindex.robustness.winning",
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
