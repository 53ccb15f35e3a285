"""Who does the work: threads of this process, or any executor of :mod:`concurrent.futures`.

Results come in the order of the tasks, whoever finished first, and only so many tasks are under way that memory does
not grow with their number.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from egovindex.blas import one_blas_thread
from egovindex.errors import EgovindexError, Fault, MethodError
from egovindex.sensitivity.parameters import is_whole

__all__ = ["Engine", "engine_of"]

Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 3  # tasks under way for each worker
_UNKNOWN = 16  # workers of an executor that does not say how many it has
_JOBS_KEPT = 4
_FREED = 30 << 20


class Engine:
    """Runs a job over tasks.

    Parameters
    ----------
    executor
        Where tasks go; ``None`` to do them here, one after the other.
    workers
        How many work at once, as far as is known.
    inside
        Whether the workers are threads of this process that need no copy of the job.
    """

    def __init__(self, executor: Any, workers: int, *, inside: bool) -> None:
        self.executor = executor
        self.workers = workers
        self.inside = inside

    def results(self, job: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """Results in the order of the tasks.

        Raises
        ------
        MethodError
            The job cannot be sent to a worker, or the executor is closed or broken.
        """
        if self.executor is None:
            yield from map(job, tasks)
            return
        submit = self._inside(job) if self.inside else self._outside(job)
        under_way: deque[Future[Result]] = deque()
        left = iter(tasks)
        try:
            for task in left:
                under_way.append(submit(task))
                if len(under_way) >= _AHEAD * self.workers:
                    break
            while under_way:
                result = self._result(under_way.popleft())
                under_way.extend(submit(task) for task in islice(left, 1))
                yield result
        finally:
            for future in under_way:
                future.cancel()

    def _inside(self, job: Callable[[Task], Result]) -> Callable[[Task], Future[Result]]:
        return lambda task: self._submit(job, task)

    def _outside(self, job: Callable[[Task], Result]) -> Callable[[Task], Future[Result]]:
        try:
            content = pickle.dumps(job, protocol=pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - anything in a job may refuse, in its own way
            raise not_sendable(error) from None
        name = hashlib.sha256(content).hexdigest()
        return lambda task: self._submit(_run_sent, name, content, task)

    def _submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            future: Future[Any] = self.executor.submit(call, *arguments)
        except (RuntimeError, BrokenExecutor) as error:
            raise dead_executor(error) from None
        return future

    def _result(self, future: Future[Result]) -> Result:
        try:
            return future.result()
        except (BrokenExecutor, CancelledError) as error:
            raise dead_executor(error) from None
        except EgovindexError:
            raise
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            if "pickle" in str(error):
                raise not_sendable(error) from None
            raise


def not_sendable(error: Exception) -> MethodError:
    """Something in the run cannot be sent to another process."""
    message = (
        f"the run cannot be sent to another process ({error}); define functions at the top of a module, not inside "
        "another or as a lambda, or use threads: executor=None"
    )
    return MethodError(Fault(message, check="not_picklable"))


def dead_executor(error: BaseException) -> MethodError:
    """The executor takes no more work, or has lost it."""
    told = f" ({error})" if str(error) else ""
    message = f"the executor is closed or broken{told}; give one that is open. A checkpoint, if there is one, is kept"
    return MethodError(Fault(message, check="dead_executor"))


# jobs of this process that were sent to it
_SENT: OrderedDict[str, Any] = OrderedDict()


def _run_sent(name: str, content: bytes, task: Any) -> Any:
    """In a worker: the job is unpacked once."""
    job = _SENT.get(name)
    if job is None:
        job = _SENT[name] = pickle.loads(content)  # noqa: S301 - our own bytes, of this run
        while len(_SENT) > _JOBS_KEPT:
            _SENT.popitem(last=False)
    return job(task)


@contextmanager
def engine_of(executor: Any) -> Iterator[Engine]:
    """An engine, closed at the end if it is our own.

    Parameters
    ----------
    executor
        ``None`` for a thread on each core, a number of threads, or anything with ``submit`` as an executor of
        :mod:`concurrent.futures` has it: of threads or processes, of Dask (``client.get_executor()``), MPI, ...

    Raises
    ------
    MethodError
        It is none of these.
    """
    _keep_freed_memory()
    if executor is None or is_whole(executor):
        workers = _cores() if executor is None else int(executor)
        if workers < 1:
            raise MethodError(Fault(f"executor: at least one worker is needed, found {workers}", check="bad_executor"))
        with one_blas_thread():
            if workers == 1:
                yield Engine(None, 1, inside=True)
                return
            pool = ThreadPoolExecutor(workers)
            try:
                yield Engine(pool, workers, inside=True)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        return
    if not callable(getattr(executor, "submit", None)):
        message = (
            "executor is None, a number of threads, or has submit() as concurrent.futures has it, found "
            f"{executor!r:.60}. Of a Dask client write client.get_executor()"
        )
        raise MethodError(Fault(message, check="bad_executor"))
    if isinstance(executor, Executor) and getattr(executor, "_shutdown", False):
        raise dead_executor(RuntimeError("it was shut down"))
    known = getattr(executor, "_max_workers", None)
    with one_blas_thread():
        yield Engine(executor, known or _UNKNOWN, inside=isinstance(executor, ThreadPoolExecutor))


def _keep_freed_memory() -> None:
    """Let the C library keep memory that blocks free, in place of giving it back page by page.

    That of Linux keeps what is smaller than the largest piece it has taken from the system and given back once.
    """
    np.empty(_FREED, dtype=np.uint8)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
