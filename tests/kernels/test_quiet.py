"""What compiled code prints does not arrive, what Python prints does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

# conditions that contradict each other by less than the solver can tell: HiGHS then prints lines of its own
LOUD = """
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    def solve():
        leads = np.array([[-0.7, 0.3], [0.7, -0.3], [1.0, -1.0]]) + 1e-8 * np.array([[1.0], [1.0], [0.0]])
        rooms = np.array([0.3, 0.7, 1.0])
        milp(
            np.array([0, 0, 1, 1, 1]),
            constraints=[
                LinearConstraint(1e4 * np.c_[leads, -np.diag(rooms)], -np.inf, 0),
                LinearConstraint(np.array([[1, 1, 0, 0, 0]]), 1, 1),
            ],
            integrality=np.array([0, 0, 1, 1, 1]),
            bounds=Bounds(np.zeros(5), np.ones(5)),
        )
"""
# as loud as HiGHS, whatever its version
PUTS = """
    import ctypes, os

    def shout():
        ctypes.CDLL(None).puts(b"from C")
        os.write(1, b"to the descriptor\\n")
"""


def run(*parts: str) -> str:
    code = "\n".join(textwrap.dedent(part) for part in (*parts,))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == "", done.stderr
    return done.stdout


def test_what_highs_prints_does_not_arrive():
    loud = run(LOUD, "solve()")
    if not loud:
        pytest.skip("this version of HiGHS prints nothing here")
    assert "HighsMipSolverData" in loud
    assert run(LOUD, "from egovindex.kernels.quiet import quiet\nwith quiet(): solve()\nprint('done')") == "done\n"


def test_c_is_silent_and_python_is_not():
    body = """
    from egovindex.kernels.quiet import quiet

    print("before")
    shout()
    with quiet():
        shout()
        print("inside")
        with quiet():
            shout()
            print("further inside")
        shout()
        print("inside again, ä")
    shout()
    print("after")
    """
    heard = "from C\nto the descriptor\n"
    told = run(PUTS, body).replace("to the descriptor\nfrom C\n", heard)  # C has a buffer of its own
    lines = told.splitlines()
    assert [line for line in lines if line[0] in "bia" or line.startswith("further")] == [
        "before",
        "inside",
        "further inside",
        "inside again, ä",
        "after",
    ]
    assert lines.count("from C") == lines.count("to the descriptor") == 2


def test_threads_may_print_and_solve_at_once():
    body = """
    import sys, threading, time
    from egovindex.kernels.quiet import quiet

    def work(name):
        for turn in range(40):
            with quiet():
                shout()
                sys.stdout.write(f"{name} {turn}\\n")  # print writes twice, and threads come between
                time.sleep(0.0005)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    shout()
    """
    lines = run(PUTS, body).splitlines()
    assert lines.count("from C") == 1
    expected = {f"{name} {turn}" for name in "abcd" for turn in range(40)}
    assert set(lines) >= expected
    assert len(lines) == len(expected) + 2


def test_an_error_inside_turns_it_back():
    body = """
    from egovindex.kernels.quiet import quiet

    try:
        with quiet():
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        shout()
    """
    assert sorted(run(PUTS, body).splitlines()) == ["from C", "to the descriptor"]


def test_an_output_that_was_set_inside_stays():
    body = """
    import io, sys
    from egovindex.kernels.quiet import quiet

    with quiet():
        sys.stdout, kept = io.StringIO(), sys.stdout
        print("into the text")
    assert sys.stdout.getvalue() == "into the text\\n"
    sys.stdout = kept  # as redirect_stdout of another thread would
    print("still arrives")
    """
    assert run(body) == "still arrives\n"


def test_without_standard_output_nothing_breaks():
    body = """
    import os
    from egovindex.kernels.quiet import quiet

    os.close(1)
    with quiet():
        pass
    """
    assert run(body) == ""


def test_where_the_output_is_captured(capfd):
    from egovindex.kernels.quiet import quiet

    with quiet():
        print("from Python")  # noqa: T201
    assert capfd.readouterr().out == "from Python\n"


def test_where_python_alone_is_captured(capsys):
    from egovindex.kernels.quiet import quiet

    with quiet():
        print("from Python")  # noqa: T201
    assert capsys.readouterr().out == "from Python\n"


def test_other_threads_are_heard_while_solves_begin_and_end():
    # a thread that has taken hold of the old stream when a solve begins may lose a line: some in a thousand here
    script = """
import sys, threading
from egovindex.kernels.quiet import quiet
threads = [threading.Thread(target=lambda: [print("line") for _ in range(5000)]) for _ in range(3)]
[thread.start() for thread in threads]
while any(thread.is_alive() for thread in threads):
    with quiet():
        pass
[thread.join() for thread in threads]
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.count("line") > 0.98 * 15_000


def test_solves_inside_solves_in_one_process(capfd):
    """What goes to the descriptor itself ends while any is under way, and arrives again after the last, each time."""
    import os

    from egovindex.kernels.quiet import quiet

    for turn in range(3):
        print("before", turn)  # noqa: T201
        os.write(1, b"outside\n")
        with quiet():
            os.write(1, b"inside\n")
            with quiet():
                print("Python", turn)  # noqa: T201
                os.write(1, b"deeper\n")
            os.write(1, b"inside\n")
            print("again", turn)  # noqa: T201
        os.write(1, b"outside\n")
        print("after", turn)  # noqa: T201
        told = capfd.readouterr().out.splitlines()
        assert told.count("outside") == 2
        assert not {"inside", "deeper"} & set(told)
        words = [line for line in told if line != "outside"]
        assert words == [f"{word} {turn}" for word in ("before", "Python", "again", "after")]


def test_no_descriptor_is_left_open(capfd):
    from egovindex.kernels.quiet import quiet

    folder = Path("/proc/self/fd")

    def open_ones():
        return len(list(folder.iterdir()))

    if not folder.is_dir():
        pytest.skip("needs /proc")
    with quiet():
        pass
    before = open_ones()
    for _ in range(5):
        with quiet(), quiet():
            pass
    assert open_ones() == before


def test_signs_that_the_output_cannot_write_are_left_to_its_own_rule(capfd, monkeypatch):
    """The way out meanwhile has the encoding and the rule for errors of the one it stands for."""
    import io
    import os
    import sys

    from egovindex.kernels.quiet import quiet

    for encoding, rule, expected in (("ascii", "backslashreplace", b"\\xe9\n"), ("utf-8", "strict", b"\xc3\xa9\n")):
        stream = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), encoding=encoding, errors=rule)
        monkeypatch.setattr(sys, "stdout", stream)
        with quiet():
            assert (sys.stdout.encoding, sys.stdout.errors) == (encoding, rule)
            print("\xe9")  # noqa: T201
        assert sys.stdout is stream
        monkeypatch.undo()
        assert capfd.readouterr().out.encode() == expected
