"""Property tests of your own, for how scores respond to answers and weights.

Hypothesis strategies draw invented indices and questionnaires, tables that fit them or your own, weight
sets, doubts and changes of answers; :func:`check_laws` tries the laws that a composite index should keep,
on a table of yours or on invented ones, with a small counterexample where one fails. Only the strategies
need Hypothesis (``pip install "egovindex[testing]"``).

Everything is drawn as small integers and mapped to labels once, which is fast and shrinks to small
cases. Units and agencies are invented: nobody takes a test for a finding.

Examples
--------
>>> import egovindex as ei
>>> from egovindex import testing
>>> from hypothesis import given, settings
>>> @settings(database=None, derandomize=True, max_examples=10)
... @given(testing.tables("un-egdi-parts-2024", numbers=(0, 1)))
... def no_score_above_one(table):
...     assert not (ei.compute("un-egdi-parts-2024", table).scores["EGDI"] > 1).any()
>>> no_score_above_one()
"""

from __future__ import annotations

from egovindex.testing.ascode import as_code, from_document
from egovindex.testing.changecases import changes
from egovindex.testing.checking import check_laws
from egovindex.testing.doubtcases import doubts
from egovindex.testing.faulty import faulty, faulty_function
from egovindex.testing.fitting import UNITS
from egovindex.testing.instruments import answers, instruments
from egovindex.testing.isles import InventedRegion, invented_region
from egovindex.testing.laws import FUNCTION_LAWS, LAWS
from egovindex.testing.results import assert_results_equal
from egovindex.testing.strategies import indices, tables, weight_sets

__all__ = [
    "FUNCTION_LAWS",
    "LAWS",
    "UNITS",
    "InventedRegion",
    "answers",
    "as_code",
    "assert_results_equal",
    "changes",
    "check_laws",
    "doubts",
    "faulty",
    "faulty_function",
    "from_document",
    "indices",
    "instruments",
    "invented_region",
    "tables",
    "weight_sets",
]
