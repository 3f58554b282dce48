"""Where submissions are graded: worker processes on this machine, or those of a Dask cluster.

Both give a `concurrent.futures.Executor`. What a worker is given and gives back are bytes (`grading.task`).
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import connection
from pathlib import Path
from typing import Protocol

from grading import forkserver
from grading.plugins import PROGRAMS_VARIABLE
from grading.task import grade

__all__ = ["Cluster", "ClusterError", "LocalWorkers", "Workers", "cores"]

KILL_SECONDS = 5.0
"""How long it is waited for processes that were killed; a moment, unless the machine is very busy."""


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why and what to do."""


class Workers(Protocol):
    """What the coordinator needs of those who grade."""

    def at_once(self) -> int:
        """How many submissions may be on their way, so that nobody waits for work."""

    def submit(self, task: bytes) -> Future[bytes]:
        """Have a submission graded."""

    def renew(self) -> None:
        """Start anew after an executor was lost."""

    def close(self, *, now: bool = False) -> None:
        """End all workers of our own; `now` without waiting for what they are at."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalWorkers:
    """Processes on this machine, each with a jail of its own.

    Parameters
    ----------
    count : int
        How many.
    programs : Path, optional
        A folder of JAX's compiled programs (`grading.programs`) that submissions may use.
    """

    def __init__(self, count: int, programs: Path | None = None):
        if count < 1:
            raise ValueError(f"there must be at least one worker, not {count}")
        self.count = count
        self._programs = programs
        self._context = forkserver.start()
        # What a worker leaves behind that was killed is in here.
        self._room = tempfile.mkdtemp(prefix="workers-", dir=forkserver.room())
        self._executor = self._start()

    def _start(self) -> Executor:
        self._others = set(multiprocessing.active_children())
        return ProcessPoolExecutor(
            self.count, mp_context=self._context, initializer=_begin, initargs=(self._room, self._programs)
        )

    def at_once(self) -> int:
        return self.count + 2

    def submit(self, task: bytes) -> Future[bytes]:
        return self._executor.submit(grade, task)

    def renew(self) -> None:
        self._end(now=True)
        self._executor = self._start()

    def close(self, *, now: bool = False) -> None:
        self._end(now)
        shutil.rmtree(self._room, ignore_errors=True)

    def _end(self, now: bool) -> None:
        if now:
            self._executor.shutdown(wait=False, cancel_futures=True)
            processes = set(multiprocessing.active_children()) - self._others
            for process in processes:
                process.kill()
            left = {process.sentinel for process in processes}
            until = time.monotonic() + KILL_SECONDS
            while left and time.monotonic() < until:
                left -= set(connection.wait(left, KILL_SECONDS))
        self._executor.shutdown(wait=True, cancel_futures=True)


def _begin(room: str, programs: Path | None) -> None:
    """Prepare a worker process: it ends with the coordinator, who alone listens to Ctrl-C."""
    # Its jail must not hear it, either: a student's program that a signal has ended looks like one that crashed.
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    tempfile.tempdir = room
    if programs is not None:
        os.environ[PROGRAMS_VARIABLE] = str(programs)
    threading.Thread(target=_end_with_the_coordinator, daemon=True).start()


def _end_with_the_coordinator() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


class Cluster:
    """The workers of a Dask cluster, which come and go.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://scheduler:8786``.
    wait : callable
        Called with what is wrong while the scheduler does not answer; returns when to try again, or raises.
    """

    def __init__(self, address: str, wait: Callable[[str], None]):
        try:
            from dask import distributed
        except ImportError:
            raise ClusterError("Dask is not installed: pip install 'gdexercises[cluster]'") from None
        self._distributed = distributed
        self.address = address
        self._wait = wait
        self._connect()

    def _connect(self) -> None:
        while True:
            try:
                self._client = self._distributed.Client(self.address, timeout=5, set_as_default=False)
            except ValueError as error:
                raise ClusterError(f"{self.address} is no address of a scheduler: {error}") from error
            except (OSError, TimeoutError) as error:
                self._wait(f"the scheduler {self.address} does not answer: {_first_line(error)}")
            else:
                self._executor = self._client.get_executor(pure=False)
                return

    def at_once(self) -> int:
        with contextlib.suppress(Exception):  # for the moment, nobody knows
            self._threads = sum(self._client.nthreads().values())
        return max(4, 2 * getattr(self, "_threads", 0))

    def submit(self, task: bytes) -> Future[bytes]:
        return self._executor.submit(grade, task)

    def renew(self) -> None:
        self.close(now=True)
        time.sleep(0.5)
        self._connect()

    def close(self, *, now: bool = False) -> None:
        with contextlib.suppress(Exception):
            self._executor.shutdown(wait=not now)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
