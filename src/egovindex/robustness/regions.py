"""Laws of weights as the sets of weights that they allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from egovindex.errors import Fault, MethodError, listed
from egovindex.formulas import Floats
from egovindex.kernels.refusal import Refusal
from egovindex.kernels.region import Region, Shares
from egovindex.result import IndexResult
from egovindex.robustness.forms import WeightForm
from egovindex.robustness.weightform import nodes_with_weights, weight_form
from egovindex.sensitivity.doubt import ALL, Doubt
from egovindex.sensitivity.sentences import linear
from egovindex.sensitivity.weightlaws import Between, Conditions, Dirichlet, Edges, WeightLaw, Within, shares_by_child

__all__ = ["Laws", "form_and_region", "form_of", "laws_of", "region_of", "region_within", "told_laws"]

Laws = Mapping[str, WeightLaw]


def laws_of(weights: Any) -> dict[str, WeightLaw | None]:
    """Laws by node, :data:`~egovindex.sensitivity.doubt.ALL` for all that are not named.

    Raises
    ------
    MethodError
        It is no law of weights, or a doubt about more than weights.
    """
    doubt = weights if isinstance(weights, Doubt) else Doubt(weights=weights)
    others = [part.label for part in doubt.parts if part.kind != "weights"]
    if others or not doubt.parts:
        told = f"found {listed(others)}" if others else "found none"
        message = f'exact answers are about weights, {told}; take doubt.only("weights"), or sample with simulate'
        raise MethodError(Fault(message, check="not_about_weights"))
    found = {part.key: part.law for part in doubt.parts}
    if all(law is None for law in found.values()):
        raise MethodError(Fault("every law given is None, which fixes weights; nothing varies", check="nothing_varies"))
    return found


def form_of(
    result: IndexResult, weights: Any, *, node: str | None = None, period: Any = None
) -> tuple[WeightForm, Laws]:
    """The linear form of the nodes that laws are about, and the law of each.

    Raises
    ------
    MethodError
        As :func:`laws_of` and :func:`~egovindex.robustness.forms.weight_form`.
    """
    given = laws_of(weights)
    named = [name for name, law in given.items() if name != ALL and law is not None]
    if given.get(ALL) is None:
        form = weight_form(result, named, node=node, period=period)
        return form, {name: law for name, law in given.items() if name != ALL and law is not None}
    fixed = {name for name, law in given.items() if law is None}
    if fixed or named:
        every = nodes_with_weights(result, node)
        unknown = [name for name in (*fixed, *named) if name not in every]
        if unknown:
            weight_form(result, unknown, node=node, period=period)  # says what is wrong with them
        chosen = [name for name in every if name not in fixed]
        form = weight_form(result, chosen, node=node, period=period)
    else:
        form = weight_form(result, node=node, period=period)
    common = given[ALL]
    assert common is not None  # noqa: S101 - for the type checker
    return form, {name: given.get(name) or common for name in form.ways.nodes if name in form.ways.varied}


def region_of(form: WeightForm, laws: Laws) -> Region:
    """The weights that laws allow.

    Raises
    ------
    MethodError
        A law names a few sets instead of a region, does not fit its node, or allows nothing.
    """
    nodes = []
    faults: list[Fault] = []
    for parent, places in form.ways.below:
        name = form.ways.edges[places[0]][0]
        own = form.ways.own[places]
        nothing = np.zeros((0, len(places))), np.zeros(0)
        if name not in laws:
            nodes.append(Shares(parent, places, own, own, *nothing))
            continue
        children = tuple(form.ways.edges[part][1] for part in places)
        edges = Edges(name, children, own * form.ways.totals[places[0]])
        try:
            low, high, slopes, limits = _set_of(laws[name], edges)
            shares = Shares(parent, places, low, high, slopes, limits)
            shares.inside  # noqa: B018 - refuses a law that allows nothing
            nodes.append(shares)
        except Refusal as refusal:
            faults += edges.refuse(laws[name], refusal.reason).faults
        except MethodError as error:
            faults += error.faults
    if faults:
        raise MethodError(faults)
    return Region(tuple(nodes), form.ways.ends, len(form.ways.edges))


def _set_of(law: WeightLaw, edges: Edges) -> tuple[Floats, Floats, Floats, Floats]:
    own, k = edges.weights / edges.total, len(edges.children)
    slopes, limits = np.zeros((0, k)), np.zeros(0)
    if isinstance(law, Within):
        return (1 - law.share) * own, np.minimum((1 + law.share) * own, 1.0), slopes, limits
    if isinstance(law, Between):
        low, high = shares_by_child(law, edges, law.low, law.high)
        return low, high, slopes, limits
    if isinstance(law, Dirichlet):
        law.sampler(edges)  # says what does not fit
        fixed = law.concentration is not None and (own == 0)
        return np.zeros(k), np.where(fixed, 0.0, np.ones(k)), slopes, limits
    if isinstance(law, Conditions):
        low, high = shares_by_child(law, edges, law.low, law.high)
        rows = [row for s in law.sentences for row in linear(s, edges.children, lambda why: edges.refuse(law, why))]
        return low, high, np.array([slope for slope, _ in rows]), np.array([limit for _, limit in rows])
    reason = "it names some sets of weights and no region; compute each of them, or sample them with simulate"
    raise edges.refuse(law, reason)


def region_within(form: WeightForm, share: float) -> Region:
    """Every weight that varies within a share of itself."""
    return region_of(form, dict.fromkeys(form.ways.varied, Within(share)))


def form_and_region(
    result: IndexResult, weights: Any, *, node: str | None = None, period: Any = None
) -> tuple[WeightForm, Region, Laws]:
    """Both, and the laws."""
    form, laws = form_of(result, weights, node=node, period=period)
    return form, region_of(form, laws), laws


def told_laws(laws: Laws) -> str:
    """Laws in words."""
    same = set(map(str, laws.values()))
    if len(same) == 1:
        return f"{next(iter(same))} in {listed(laws)}"
    return "; ".join(_each(laws))


def _each(laws: Laws) -> Iterator[str]:
    yield from (f"{node}: {law}" for node, law in laws.items())
