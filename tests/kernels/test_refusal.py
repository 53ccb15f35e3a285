"""A refusal says why and where, also to another process."""

from __future__ import annotations

import pickle

import numpy as np

from egovindex.kernels.refusal import Refusal


def test_a_refusal_keeps_its_reason_and_its_places():
    told = pickle.loads(pickle.dumps(Refusal("too small", np.array([True, False]))))
    assert (type(told), str(told), told.reason) == (Refusal, "too small", "too small")
    assert told.where.tolist() == [True, False]
    assert pickle.loads(pickle.dumps(Refusal("all"))).where is None
