"""One thread of the linear algebra or two: the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest


@pytest.mark.slow
def test_threads_of_the_linear_algebra_change_no_bit(root, tmp_path):
    found = []
    for threads in ("1", "2"):
        file = tmp_path / f"{threads}.npz"
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, threads)
        tool = root / "tools" / "fingerprint.py"
        subprocess.run([sys.executable, tool, "write", file], check=True, env=environment, cwd=tmp_path)
        found.append(dict(np.load(file)))
    one, two = found
    assert one.keys() == two.keys()
    assert len(one) >= 14
    assert [name for name in one if one[name].tobytes() != two[name].tobytes()] == []
