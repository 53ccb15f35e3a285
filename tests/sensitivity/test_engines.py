"""Whoever computes, in whatever order, stopped and gone on with: the same numbers, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

import egovindex as ei
from egovindex.sensitivity.checkpoint import Checkpoint
from egovindex.sensitivity.tally import Tally
from tests.sensitivity.conftest import SPEC

N = 9_000  # two tasks of four chunks and a rest


@pytest.fixture(scope="module")
def doubt() -> ei.Doubt:
    return ei.Doubt(
        weights={"top": ei.simplex()},
        points={"status.drafted": (0.25, 0.75)},
        aggregate={"market": ["mean", "geometric"]},
        values={"users": ei.error(sd=3, low=0, high=100)},
    )


@pytest.fixture(scope="module")
def alone(index, data, doubt) -> ei.Draws:
    return ei.simulate(index, data, doubt, n=N, rng=11, executor=1)


def assert_same(one: ei.Draws, other: ei.Draws) -> None:
    """Every number, to the last bit."""
    assert (one.n, one.good, one.rng) == (other.n, other.good, other.rng)
    for table in ("scores", "ranks", "expected_ranks", "shifts", "average_rank_shift", "convergence", "summary"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table), check_exact=True)
    pd.testing.assert_frame_equal(one.rank_probabilities(), other.rank_probabilities(), check_exact=True)
    pd.testing.assert_frame_equal(one.class_probabilities(), other.class_probabilities(), check_exact=True)


class Backwards(ThreadPoolExecutor):
    """An executor that does the tasks it has in reverse, as soon as one of them is waited for."""

    def __init__(self) -> None:
        super().__init__(1)
        self.held = []

    def submit(self, call, *arguments):
        future = _Late(self)
        self.held.append((future, call, arguments))
        return future


class _Late(Future):
    def __init__(self, executor) -> None:
        super().__init__()
        self.executor = executor

    def result(self, timeout=None):
        while self.executor.held:
            future, call, arguments = self.executor.held.pop()
            future.set_result(call(*arguments))
        return super().result(timeout)


@pytest.mark.parametrize("workers", [None, 2, 3, 7])
def test_any_number_of_threads(index, data, doubt, alone, workers):
    assert_same(ei.simulate(index, data, doubt, n=N, rng=11, executor=workers), alone)


def test_tasks_done_in_another_order(index, data, doubt, alone):
    with Backwards() as executor:
        assert_same(ei.simulate(index, data, doubt, n=N, rng=11, executor=executor), alone)


def test_a_pool_of_threads(index, data, doubt, alone):
    with ThreadPoolExecutor(3) as executor:
        assert_same(ei.simulate(index, data, doubt, n=N, rng=11, executor=executor), alone)


def test_processes(index, data, doubt, alone):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert_same(ei.simulate(index, data, doubt, n=N, rng=11, executor=executor), alone)
        found = [ei.sobol(index, data, doubt, n=64, rng=1, executor=one).table for one in (executor, 1)]
        pd.testing.assert_frame_equal(*found, check_exact=True)
        pd.testing.assert_frame_equal(alone.pairwise(executor=executor), alone.pairwise(), check_exact=True)


def test_dask(index, data, doubt, alone):
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        assert_same(ei.simulate(index, data, doubt, n=N, rng=11, executor=client.get_executor(pure=False)), alone)


def test_fewer_draws_are_the_first_of_more(index, data, doubt, alone):
    fewer = ei.simulate(index, data, doubt, n=2500, rng=11)
    pd.testing.assert_frame_equal(fewer.scores, alone.scores.iloc[:2500], check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("block", [1, 7, 100, 1024, 5000])
def test_no_rank_depends_on_the_block(index, data, doubt, alone, block):
    n = 1200 if block == 1 else N
    other = ei.simulate(index, data, doubt, n=n, rng=11, block=block)
    pd.testing.assert_frame_equal(other.ranks, alone.ranks.iloc[: len(other.ranks)], check_exact=True)
    np.testing.assert_allclose(other.scores, alone.scores.iloc[: len(other.scores)], rtol=1e-13)
    if n == N:
        pd.testing.assert_frame_equal(other.rank_probabilities(), alone.rank_probabilities(), check_exact=True)


def test_another_seed_is_another_run(index, data, doubt, alone):
    # negative control of all of the above
    other = ei.simulate(index, data, doubt, n=N, rng=12)
    assert not other.scores.equals(alone.scores)


def test_a_doubt_more_changes_no_draw_of_the_others(index, data, doubt, alone):
    more = doubt + ei.Doubt(points={"status.planned": (0.1, 0.4)})
    other = ei.simulate(index, data, more, n=N, rng=11)
    mine, others = alone.settings(range(3000)), other.settings(range(3000))
    pd.testing.assert_frame_equal(others[mine.columns], mine, check_exact=True)
    # and one about an answer that nobody gives changes nothing at all
    nobody = data.replace("planned", "no")
    one, two = (ei.simulate(index, nobody, given, n=2000, rng=11) for given in (doubt, more))
    assert_same(one, two)
    assert two.diagnostics.loc["points.status.planned", "method"] == "earned by nobody in these data"
    assert "earned by nobody" in repr(two)


def test_a_seed_from_the_system_is_told(index, data, doubt):
    one = ei.simulate(index, data, doubt, n=50)
    again = ei.simulate(index, data, doubt, n=50, rng=one.rng)
    pd.testing.assert_frame_equal(one.scores, again.scores, check_exact=True)
    assert ei.simulate(index, data, doubt, n=50).rng != one.rng


def test_a_generator_is_a_source_of_seeds(index, data, doubt):
    one, other = (ei.simulate(index, data, doubt, n=50, rng=np.random.default_rng(3)).rng for _ in range(2))
    assert one == other
    assert one < 2**53
    rng = np.random.default_rng(3)
    assert len({ei.simulate(index, data, doubt, n=50, rng=rng).rng for _ in range(3)}) == 3


# Stopped and gone on with ---------------------------------------------------------------------------------------


class Stop(KeyboardInterrupt):
    """As Ctrl-C."""


def stopping_at(done: int):
    def progress(told) -> None:
        if told.done >= done:
            raise Stop

    return progress


@pytest.mark.parametrize("at", [1, 4097])
def test_interrupted_and_gone_on_with(index, data, doubt, alone, tmp_path, at):
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path, progress=stopping_at(at))
    assert 0 < Checkpoint(path).about()["draws"] < N
    told = []
    resumed = ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path, progress=told.append)
    assert told[0].done > 0
    assert_same(resumed, alone)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_interrupted_at_any_line_while_draws_are_taken_in(index, data, doubt, alone, tmp_path):
    # Ctrl-C may come between any two lines: what is written then is a whole state, or the one before
    taken = Tally.with_.__code__
    lines = sorted({line for _, _, line in taken.co_lines() if line})
    interrupted = 0
    for number, line in enumerate(lines):
        path = tmp_path / f"run{number}.npz"

        before = sys.gettrace()  # of a measurement of coverage, which would end here otherwise

        def at_line(frame, event, argument, line=line, before=before):
            if frame.f_code is taken and event == "line" and frame.f_lineno == line and frame.f_locals["self"].draws:
                sys.settrace(before)
                raise Stop
            return at_line

        sys.settrace(at_line)
        try:
            ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path, executor=1)
        except Stop:
            interrupted += 1
            assert Checkpoint(path).about()["draws"] == 4096
        finally:
            sys.settrace(before)
        assert_same(ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path), alone)
    assert interrupted > 5


def test_interrupted_before_anything_is_known(index, data, doubt, alone, tmp_path):
    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path, progress=stopping_at(0))
    assert_same(ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path), alone)


def test_the_seed_comes_from_the_checkpoint(index, data, doubt, tmp_path):
    path = tmp_path / "run.npz"
    one = ei.simulate(index, data, doubt, n=2000, checkpoint=path)
    other = ei.simulate(index, data, doubt, n=2000, checkpoint=path)
    assert one.rng == other.rng
    assert_same(one, other)


def test_more_draws_than_the_checkpoint_has(index, data, doubt, alone, tmp_path):
    path = tmp_path / "run.npz"
    ei.simulate(index, data, doubt, n=3000, rng=11, checkpoint=path)
    assert_same(ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path), alone)
    with pytest.raises(ei.MethodError, match="has 8192 draws already, more than n = 3000"):
        ei.simulate(index, data, doubt, n=3000, rng=11, checkpoint=path)


KILLED = """
    import os, signal, sys
    import egovindex as ei
    import pandas as pd

    signal.signal(signal.SIGINT, signal.default_int_handler)  # what starts tests in the background ignores it

    def progress(told):
        if told.done >= 4096:
            print("killed at", told.done, flush=True)
            {end}

    ei.sensitivity.checkpoint._EVERY = 0.0
    ei.simulate({index!r}, pd.read_csv({data!r}), ei.load_doubt({doubt!r}), n={n}, rng=11, checkpoint={path!r},
                progress=progress)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 2)"])
def test_a_process_that_is_killed(data, doubt, alone, tmp_path, end):
    # by SIGKILL, which nobody can catch, and by SIGINT, as Ctrl-C sends it
    names = {name: str(tmp_path / name) for name in ("anvilla.yaml", "data.csv", "doubt.yaml", "run.npz")}
    (tmp_path / "anvilla.yaml").write_text(SPEC, encoding="utf-8")
    data.to_csv(names["data.csv"], index=False)
    doubt.save(names["doubt.yaml"])
    given = {
        "index": names["anvilla.yaml"],
        "data": names["data.csv"],
        "doubt": names["doubt.yaml"],
        "path": names["run.npz"],
    }
    script = textwrap.dedent(
        "import egovindex.sensitivity.checkpoint\n" + textwrap.dedent(KILLED.format(n=N, end=end, **given))
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (-signal.SIGKILL, -signal.SIGINT, 130, 1), done.stderr
    assert done.returncode != 0
    assert "killed at" in done.stdout
    table = pd.read_csv(names["data.csv"])
    resumed = ei.simulate(names["anvilla.yaml"], table, doubt, n=N, rng=11, checkpoint=names["run.npz"])
    whole = ei.simulate(names["anvilla.yaml"], table, doubt, n=N, rng=11)
    assert Checkpoint(names["run.npz"]).about()["draws"] == 8192
    assert_same(resumed, whole)


OTHERS = {
    "rng": {"rng": 12},
    "learn": {"learn": "nominal"},
    "precision": {"precision": "single"},
    "kept draws": {"keep": True},
    "node": {"node": "market"},
}


@pytest.mark.parametrize("what", OTHERS)
def test_the_checkpoint_of_another_run_is_left_alone(index, data, doubt, tmp_path, what):
    path = tmp_path / "run.npz"
    given = doubt.only("aggregate") if what == "node" else doubt
    ei.simulate(index, data, given, n=1500, rng=11, checkpoint=path)
    before = path.read_bytes()
    options = {"n": 1500, "rng": 11, "checkpoint": path} | OTHERS[what]
    with pytest.raises(ei.DataError, match=f"run.npz.*another run: it differs in .*{what}"):
        ei.simulate(index, data, given, **options)
    assert path.read_bytes() == before


def test_other_data_and_another_doubt_are_another_run(index, data, doubt, tmp_path):
    path = tmp_path / "run.npz"
    ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)
    with pytest.raises(ei.DataError, match="differs in data"):
        ei.simulate(index, data.head(29), doubt, n=1500, rng=11, checkpoint=path)
    with pytest.raises(ei.DataError, match="differs in doubt"):
        ei.simulate(index, data, doubt.without("points"), n=1500, rng=11, checkpoint=path)


def test_another_version_is_another_run(index, data, doubt, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    with monkeypatch.context() as patch:
        patch.setattr("egovindex.keep.manifest.__version__", "0.0.1")
        ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)
    with pytest.raises(ei.DataError, match="differs in version of egovindex"):
        ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_checkpoint_is_left_alone(index, data, doubt, tmp_path, content):
    path = tmp_path / "notes.npz"
    path.write_bytes(content)
    with pytest.raises(ei.DataError, match=r"notes\.npz: this is no checkpoint of draws, or it is cut off"):
        ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)
    assert path.read_bytes() == content


def test_a_checkpoint_cut_off_is_told(index, data, doubt, tmp_path):
    path = tmp_path / "run.npz"
    ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ei.DataError, match="no checkpoint of draws, or it is cut off"):
        ei.simulate(index, data, doubt, n=1500, rng=11, checkpoint=path)


def test_there_is_no_such_folder(index, data, doubt, tmp_path):
    with pytest.raises(ei.DataError, match='there is no folder "nowhere"'):
        ei.simulate(index, data, doubt, n=10, checkpoint=tmp_path / "nowhere" / "run.npz")


# Executors that cannot do it ------------------------------------------------------------------------------------


def test_a_function_that_cannot_be_sent(index, data, doubt):
    with ProcessPoolExecutor(1) as executor, pytest.raises(ei.MethodError, match="cannot be sent to another process"):
        ei.sobol(index, data, doubt, n=16, target=lambda scores, ranks: scores.mean(axis=1), executor=executor)


def test_a_closed_executor(index, data, doubt, tmp_path):
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(ei.MethodError, match="the executor is closed or broken"):
        ei.simulate(index, data, doubt, n=10, executor=executor)


def test_a_worker_that_dies(index, data, doubt, tmp_path):
    path = tmp_path / "run.npz"
    with ProcessPoolExecutor(1) as executor:
        executor.submit(os.getpid).result()
        for process in executor._processes.values():
            process.kill()
            process.join()
        with pytest.raises(ei.MethodError, match="the executor is closed or broken"):
            ei.simulate(index, data, doubt, n=N, rng=11, executor=executor, checkpoint=path)
    assert ei.simulate(index, data, doubt, n=N, rng=11, checkpoint=path).n == N


@pytest.mark.parametrize("executor", [0, -1, 1.5, "two", object(), True])
def test_what_is_no_executor(index, data, doubt, executor):
    with pytest.raises(ei.MethodError, match="executor"):
        ei.simulate(index, data, doubt, n=10, executor=executor)


def test_an_error_in_a_worker_is_told_as_it_is(index, data, doubt):
    def broken(scores, ranks):
        if len(scores) > 1:
            raise ZeroDivisionError("in the user's own function")
        return scores.mean(axis=1)

    with pytest.raises(ZeroDivisionError, match="in the user's own function"):
        ei.sobol(index, data, doubt, n=16, target=broken)


# Progress -------------------------------------------------------------------------------------------------------


def test_progress_tells_what_is_done_and_how_long_it_takes(index, data, doubt):
    told = []
    ei.simulate(index, data, doubt, n=N, rng=11, progress=told.append)
    assert told[0].done == 0
    assert told[0].left is None
    assert told[-1].done == told[-1].total == N
    assert [one.done for one in told] == sorted(one.done for one in told)
    assert all(one.what == "drawing top" for one in told)
    assert told[-1].left == 0
    assert str(told[-1]) == "drawing top: 9,000 of 9,000 (100%), 0 s left"


def test_nothing_is_shown_unless_it_is_asked_for(index, data, doubt, capsys):
    ei.simulate(index, data, doubt, n=100)
    assert capsys.readouterr() == ("", "")
    ei.simulate(index, data, doubt, n=100, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "drawing top: 100 of 100 (100%)" in err
    with pytest.raises(ei.MethodError, match="progress is a callable, True or None"):
        ei.simulate(index, data, doubt, n=100, progress="yes")
