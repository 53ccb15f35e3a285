"""A seed that was published gives the same weights with every later version: draws as they were in November 2026.

A change of the numbers below is a change of every result that names a seed; it belongs into the changelog.
"""

from __future__ import annotations

import numpy as np
import pytest

from egovindex.kernels.box import sliced, uniform_slice, uniform_slice_from
from egovindex.kernels.polytope import Walk, walked
from egovindex.kernels.simplex import dirichlet, dirichlet_from, exponential, shares_of


def seeded():
    return np.random.Generator(np.random.SFC64(7))


def told(draws):
    """The last draw, and a sum in which every number counts with a factor of its own."""
    draws = np.asarray(draws, dtype=float)
    return [*draws[-1], (draws * np.linspace(0, 1, draws.size).reshape(draws.shape)).sum()]


def box(draws, low, high, total, dtype=float):
    where = sliced(np.array(low, dtype=float), np.array(high, dtype=float), total)
    return uniform_slice(seeded(), draws, where, dtype=dtype)


def inverted(low, high, total):
    where = sliced(np.array(low, dtype=float), np.array(high, dtype=float), total)
    return uniform_slice_from(seeded().random((200, where.dimensions)), where)


def ordered_walk(draws, steps):
    """From the middle of the simplex, with the first part no less than the second."""
    flat = np.array([[1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])
    conditions, centre = np.vstack([-np.eye(3), [[-1.0, 1.0, 0.0]]]), np.array([0.5, 0.3, 0.2])
    walk = Walk(centre, flat, conditions @ flat.T, -conditions @ centre, steps, 0.0, 1.0)
    return walked(seeded(), draws, walk)


CASES = {
    "in the middle of a box": (
        lambda: box(300, [0.0] * 3, [0.6, 0.7, 0.8], 1.05),
        [0.02147797365, 0.6259984693, 0.402523557, 157.5265764],
    ),
    "in a box, above the middle": (
        lambda: box(300, [0.0, 0.1, 0.05, 0.2], [0.3, 0.5, 0.6, 0.35], 1.0),
        [0.284174697, 0.3650815748, 0.126754344, 0.2239893843, 150.0529262],
    ),
    "in a box, below the middle": (
        lambda: box(300, [0.0] * 4, [0.5, 0.6, 0.7, 0.9], 0.7),
        [0.04399379929, 0.2879104171, 0.1557591684, 0.2123366152, 104.9997779],
    ),
    "in a box of a hundred points": (
        lambda: box(300, [0.0, 10.0, 5.0, 20.0], [30.0, 50.0, 60.0, 35.0], 100.0),
        [28.4174697, 36.50815748, 12.6754344, 22.39893843, 15005.29262],
    ),
    "in a box of a hundred points, below the middle": (
        lambda: box(300, [0.0] * 4, [50.0, 60.0, 70.0, 90.0], 70.0),
        [4.399379929, 28.79104171, 15.57591684, 21.23366152, 10499.97779],
    ),
    "in a box, in two goes": (
        lambda: box(600, [0.0] * 8, [0.14] * 7 + [0.15], 0.9),
        [
            0.07032204747,
            0.1288155117,
            0.1078697896,
            0.1250630224,
            0.1390552016,
            0.122970318,
            0.08822323339,
            0.1176808758,
            270.0050891,
        ],
    ),
    "in a box, a few at once": (
        lambda: box(1000, [0.0] * 12, [0.2] * 12, 1.0),
        [
            0.06438885222,
            0.02168577134,
            0.01269624803,
            0.08499363286,
            0.1286104301,
            0.18750096,
            0.08960477923,
            0.06641842722,
            0.1065421024,
            0.04536638723,
            0.0693486977,
            0.1228437116,
            500.0014666,
        ],
    ),
    "in a box, many at once": (
        lambda: box(1200, [0.05] * 12, [0.2] * 12, 1.3),
        [
            0.1540261451,
            0.06062262405,
            0.1165563994,
            0.06711836479,
            0.08086719158,
            0.08549247471,
            0.06915226128,
            0.1290792392,
            0.1335662604,
            0.134157812,
            0.1703582012,
            0.09900302636,
            779.9991862,
        ],
    ),
    "in a box near its lower corner": (
        lambda: box(50, [0.1] * 3, [0.9] * 3, 0.5),
        [0.1429652781, 0.139229747, 0.2178049749, 12.50799022],
    ),
    "in a box near its upper corner": (
        lambda: box(50, [0.0] * 3, [0.4] * 3, 1.0),
        [0.3570347219, 0.360770253, 0.2821950251, 24.99200978],
    ),
    "in a box of two parts": (
        lambda: box(50, [0.2, 0.1], [0.9, 0.6], 1.0),
        [0.5746180164, 0.4253819836, 24.94256036],
    ),
    "in a box, single precision": (
        lambda: box(300, [0.0] * 4, [0.3, 0.35, 0.4, 0.2], 0.6, np.float32),
        [0.04447595, 0.2283137, 0.1360241, 0.1911863, 89.98774],
    ),
    "in a steep box, single precision": (
        lambda: box(300, [0.0] * 5, [0.2501] * 4 + [1e-3], 1.0, np.float32),
        [0.2493947, 0.2500661, 0.2497678, 0.2499173, 0.000854219, 149.9003],
    ),
    "in a box out of uniform numbers": (
        lambda: inverted([0.0, 0.1, 0.05, 0.2], [0.3, 0.5, 0.6, 0.35], 1.0),
        [0.01023566043, 0.3274435967, 0.3856758776, 0.2766448653, 100.0446734],
    ),
    "exponential": (
        lambda: exponential(seeded(), (20, 3)),
        [0.3726790804, 0.2090042067, 1.136103169, 20.78570402],
    ),
    "exponential, single precision": (
        lambda: exponential(seeded(), (21, 3), np.float32),
        [1.206478, 0.5631644, 0.9093397, 34.79441],
    ),
    "uniform weights": (
        lambda: shares_of(dirichlet(seeded(), 50, np.ones(3)), 1.0),
        [0.2148263905, 0.1961487351, 0.5890248744, 25.03995111],
    ),
    "weights of a Dirichlet law": (
        lambda: shares_of(dirichlet(seeded(), 50, np.array([2.0, 0.0, 0.5, 30.0])), 1.0),
        [0.02383497066, 0, 0.002764489069, 0.9734005403, 25.33214229],
    ),
    "weights of a Dirichlet law of small parameters": (
        lambda: shares_of(dirichlet(seeded(), 50, np.array([0.3, 2.0, 0.49])), 1.0),
        [0.01854012896, 0.9803672817, 0.001092589349, 25.01612497],
    ),
    "weights out of uniform numbers": (
        lambda: shares_of(dirichlet_from(seeded().random((50, 3)), np.array([0.3, 2.0, 1e-3])), 1.0),
        [0.08188911046, 0.9181108895, 7.213843141e-28, 24.96750117],
    ),
    "uniform weights out of uniform numbers": (
        lambda: shares_of(dirichlet_from(seeded().random((50, 3)), np.ones(3)), 1.0),
        [0.2148263905, 0.1961487351, 0.5890248744, 25.03995111],
    ),
    "a walk": (
        lambda: ordered_walk(40, 9),
        [0.4378338992, 0.2746059751, 0.2875601258, 19.94011038],
    ),
    "a long walk": (
        lambda: ordered_walk(40, 130),
        [0.3133551566, 0.007783439147, 0.6788614043, 19.97180252],
    ),
}


@pytest.mark.parametrize(("draw", "expected"), CASES.values(), ids=CASES)
def test_the_same_seed_gives_the_same_weights(draw, expected):
    drawn = draw()
    assert told(drawn) == pytest.approx(expected, rel=2e-6 if drawn.dtype == np.float32 else 1e-8)
