"""Who works: how many tasks are under way, in which order results come, and what is said when somebody cannot."""

from __future__ import annotations

import os
import pickle
import threading
import time
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor

import pytest

import egovindex as ei
from egovindex.sensitivity.executors import Engine, engine_of


class Later:
    """An executor that holds what it was given, and does a task when its result is waited for."""

    def __init__(self, workers: int | None = None) -> None:
        self.given: list[Future] = []
        self.waiting = 0
        if workers is not None:
            self._max_workers = workers

    def submit(self, call, *arguments):
        future = _Waiting(self, call, arguments)
        self.given.append(future)
        self.waiting += 1
        return future


class _Waiting(Future):
    def __init__(self, executor, call, arguments) -> None:
        super().__init__()
        self.held = executor, call, arguments

    def result(self, timeout=None):
        executor, call, arguments = self.held
        executor.waiting -= 1
        return call(*arguments)


class Raising:
    """An executor whose tasks, or whose taking of tasks, end in an error."""

    def __init__(self, error: BaseException, *, at_once: bool = False) -> None:
        self.error, self.at_once = error, at_once

    def submit(self, call, *arguments):
        if self.at_once:
            raise self.error
        future = Future()
        future.set_exception(self.error)
        return future


def double(number: int) -> int:
    return 2 * number


class Job:
    """Knows its name, and how often jobs of a name were unpacked."""

    unpacked: dict[str, int] = {}  # noqa: RUF012

    def __init__(self, name: str) -> None:
        self.name = name

    def __setstate__(self, state) -> None:
        self.__dict__.update(state)
        Job.unpacked[self.name] = Job.unpacked.get(self.name, 0) + 1

    def __call__(self, task: int) -> str:
        return f"{self.name}{task}"


def test_without_an_executor_work_is_done_here_as_it_is_asked_for():
    done = []
    results = Engine(None, 1, inside=True).results(lambda task: done.append(task) or -task, [1, 2, 3])
    assert next(results) == -1
    assert done == [1]
    assert list(results) == [-2, -3]


@pytest.mark.parametrize(("workers", "ahead"), [(1, 3), (2, 6), (5, 15)])
def test_so_many_tasks_are_under_way(workers, ahead):
    executor = Later()
    results = Engine(executor, workers, inside=True).results(double, range(40))
    assert next(results) == 0
    # one of those under way is done, and another was given in its place
    assert (len(executor.given), executor.waiting) == (ahead + 1, ahead)
    assert next(results) == 2
    assert (len(executor.given), executor.waiting) == (ahead + 2, ahead)
    assert list(results) == [2 * at for at in range(2, 40)]
    assert executor.waiting == 0


def test_fewer_tasks_than_workers():
    executor = Later()
    assert list(Engine(executor, 9, inside=True).results(double, [4, 5])) == [8, 10]
    assert list(Engine(executor, 9, inside=True).results(double, [])) == []


def test_what_is_under_way_is_called_off_when_nobody_wants_it():
    executor = Later()
    results = Engine(executor, 2, inside=True).results(double, range(40))
    next(results)
    results.close()
    assert [future.cancelled() for future in executor.given] == [False] + [True] * 6


def test_a_job_is_unpacked_once_by_each_worker():
    def run(name: str) -> None:
        engine = Engine(Later(), 1, inside=False)
        assert list(engine.results(Job(name), range(5))) == [f"{name}{task}" for task in range(5)]

    Job.unpacked.clear()
    run("a")
    assert Job.unpacked == {"a": 1}
    for name in "bcda":  # four jobs are kept
        run(name)
    assert Job.unpacked == {"a": 1, "b": 1, "c": 1, "d": 1}
    for name in "ea":  # the first of five is gone
        run(name)
    assert Job.unpacked == {"a": 2, "b": 1, "c": 1, "d": 1, "e": 1}
    for name in "cde":
        run(name)
    assert Job.unpacked == {"a": 2, "b": 1, "c": 1, "d": 1, "e": 1}


def test_threads_of_this_process_take_the_job_as_it_is():
    seen = []
    engine = Engine(Later(), 1, inside=True)
    assert list(engine.results(seen.append, [1, 2])) == [None, None]
    assert seen == [1, 2]


def test_a_job_that_cannot_be_sent():
    with pytest.raises(ei.MethodError, match="cannot be sent to another process") as caught:
        list(Engine(Later(), 1, inside=False).results(lambda task: task, [1]))
    assert caught.value.faults[0].check == "not_picklable"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BrokenExecutor("a worker died"), r"the executor is closed or broken \(a worker died\); give one"),
        (CancelledError(), "the executor is closed or broken; give one"),
        (pickle.PicklingError("Can't pickle it"), "cannot be sent to another process .*Can't pickle it"),
        (TypeError("cannot pickle a lock"), "cannot be sent to another process .*cannot pickle a lock"),
        (AttributeError("Can't pickle local object"), "cannot be sent to another process"),
    ],
)
def test_a_task_that_fails_for_the_sake_of_the_executor(error, said):
    with pytest.raises(ei.MethodError, match=said):
        list(Engine(Raising(error), 1, inside=True).results(double, [1]))


@pytest.mark.parametrize(
    "error",
    [TypeError("no number"), AttributeError("no such name"), ValueError("pickle"), ei.MethodError("as it is")],
)
def test_an_error_of_the_job_is_told_as_it_is(error):
    with pytest.raises(type(error)) as caught:
        list(Engine(Raising(error), 1, inside=True).results(double, [1]))
    assert caught.value is error


@pytest.mark.parametrize("error", [RuntimeError("after shutdown"), BrokenExecutor("after shutdown")])
def test_an_executor_that_takes_no_work(error):
    with pytest.raises(ei.MethodError, match=r"closed or broken \(after shutdown\); give one that is open"):
        list(Engine(Raising(error, at_once=True), 1, inside=True).results(double, [1]))


# --- which executor


def test_one_worker_is_no_pool():
    with engine_of(1) as engine:
        assert (engine.executor, engine.workers, engine.inside) == (None, 1, True)


def test_threads_of_our_own_are_closed_at_the_end():
    with engine_of(2) as engine:
        assert (engine.workers, engine.inside) == (2, True)
        pool = engine.executor
        assert list(engine.results(double, range(9))) == [0, 2, 4, 6, 8, 10, 12, 14, 16]
        assert pool._max_workers == 2
    with pytest.raises(RuntimeError):
        pool.submit(double, 1)


def test_what_waits_is_called_off_and_what_runs_is_waited_for():
    gate, done = threading.Event(), []

    def slow() -> None:
        gate.wait(10)
        time.sleep(0.05)
        done.append(1)

    with engine_of(2) as engine:
        waiting = [engine.executor.submit(slow) for _ in range(2)] + [engine.executor.submit(double, 1)]
        gate.set()
    assert len(done) == 2
    assert [future.cancelled() for future in waiting] == [False, False, True]


def test_as_many_threads_as_cores(monkeypatch):
    if hasattr(os, "sched_getaffinity"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 4, 5} if process == 0 else {0})
        with engine_of(None) as engine:
            assert (engine.workers, engine.executor._max_workers) == (3, 3)
        monkeypatch.delattr(os, "sched_getaffinity")
    for cores, workers in ((5, 5), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        with engine_of(None) as engine:
            assert engine.workers == workers


def test_an_executor_of_the_callers_stays_open():
    with ThreadPoolExecutor(3) as pool:
        with engine_of(pool) as engine:
            assert (engine.executor, engine.workers, engine.inside) == (pool, 3, True)
        assert pool.submit(double, 2).result() == 4
    with pytest.raises(ei.MethodError, match=r"closed or broken \(it was shut down\)"), engine_of(pool):
        pass


def test_an_executor_of_another_kind():
    with engine_of(Later(7)) as engine:
        assert (engine.workers, engine.inside) == (7, False)
    with engine_of(Later()) as engine:  # nobody knows
        assert engine.workers == 16


@pytest.mark.parametrize("executor", [0, -3])
def test_no_worker_at_all(executor):
    with pytest.raises(ei.MethodError, match=f"at least one worker is needed, found {executor}"), engine_of(executor):
        pass


@pytest.mark.parametrize("executor", ["two", 1.5, True, type("Odd", (), {"submit": 3})()])
def test_what_is_no_executor(executor):
    said = "executor is None, a number of threads, or has submit"
    with pytest.raises(ei.MethodError, match=said), engine_of(executor):
        pass
