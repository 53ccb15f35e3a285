"""``found.plot.<picture>()``: the pictures of one choice at a time."""

from __future__ import annotations

from egovindex.plots.methods import Pictures, method_of
from egovindex.plots.tornado import tornado as _tornado
from egovindex.sensitivity.oneatatime import OneAtATime

__all__ = ["OneAtATimePlots"]


class OneAtATimePlots(Pictures[OneAtATime]):
    """Pictures of one choice at a time, by name; each is also a function of :mod:`egovindex.plots`.

    Parameters
    ----------
    result
        What :func:`egovindex.one_at_a_time` returned.
    """

    tornado = method_of(_tornado)
