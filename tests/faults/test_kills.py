"""A few kills of each work; `make faults` does them all, at every step and at many moments."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def killed(root, *options: str) -> str:
    """Run in a process of its own: one with threads must not fork."""
    words = [sys.executable, "-m", "tests.faults.kills", "--seed", "7", *options]
    done = subprocess.run(words, cwd=root, capture_output=True, check=False, text=True, timeout=550)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


@pytest.mark.slow
def test_a_saved_result_survives(root):
    told = killed(root, "--only", "save over", "--stride", "12", "--kills", "2")
    assert "; 0 faults" in told


@pytest.mark.slow
def test_every_work_survives(root):
    told = killed(root, "--stride", "41", "--kills", "14")
    assert "; 0 faults" in told


def test_a_writer_that_writes_in_place_is_found(root):
    """Negative control: with the target written in place, the kills must tell it."""
    broken = (
        "import contextlib, sys, egovindex.keep.workbook as w, tests.faults.kills as k\n"
        "w.whole_or_not_at_all = lambda path, overwrite: contextlib.nullcontext(path)\n"
        "sys.argv = ['kills', '--only', 'to_excel over', '--kills', '0', '--seed', '1']\n"
        "sys.exit(k.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken], cwd=root, capture_output=True, check=False, text=True, timeout=300
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "book.xlsx is neither the old nor the new" in done.stdout
