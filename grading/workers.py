"""Where submissions are graded: worker processes on this machine, or those of a Dask cluster.

Both give a `concurrent.futures.Executor`. What a worker is given and gives back are bytes (`grading.task`).
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import connection
from pathlib import Path
from typing import Protocol

from grading import forkserver, plugins
from grading.sandbox import Entrance, Jail, Limits
from grading.task import Outcome, grade

__all__ = ["Cluster", "ClusterError", "LocalWorkers", "OutOfReach", "WorkerEnded", "Workers", "cores"]

KILL_SECONDS = 5.0
"""How long it is waited for processes that were killed; a moment, unless the machine is very busy."""

CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")
"""In a container, how much processor time it has, and in how much time; Linux does not count that as fewer cores."""

SHARING = 8
"""How many workers use one jail: it forks one sandbox after the other, a hundredth of a second each."""

CONNECT_SECONDS = 5
ASK_SECONDS = 3
ASK_AGAIN_SECONDS = 1.0
"""How old what is known of a cluster's workers may be."""


class ClusterError(RuntimeError):
    """The cluster cannot be used; the message says why and what to do."""


class WorkerEnded(RuntimeError):
    """A worker ended while it had a submission, perhaps because of it."""


class OutOfReach(RuntimeError):
    """The way to the workers is lost, and with it all that was on its way: no submission has done that."""


class Workers(Protocol):
    """What the coordinator needs of those who grade."""

    def at_once(self) -> int:
        """How many submissions may be on their way, so that nobody waits for work."""

    def submit(self, task: bytes) -> Future[bytes]:
        """Have a submission graded. The future may raise `WorkerEnded`, `OutOfReach`, or `ClusterError`."""

    def look(self) -> None:
        """See whether anybody is there; called while nothing comes back."""

    def renew(self) -> None:
        """Start anew after an executor was lost."""

    def close(self, *, now: bool = False) -> None:
        """End all workers of our own; `now` without waiting for what they are at."""


def cores() -> int:
    """How many cores this process may use: of the machine, or of the share that a container has of it."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        microseconds, of = CPU_LIMIT.read_text().split()
        return max(1, min(there, round(int(microseconds) / int(of))))
    except (OSError, ValueError):  # no container's, or its limit is "max"
        return there


class LocalWorkers:
    """Processes on this machine, and the jails that they share.

    A jail takes a second or two to start, and each worker needs about as long to import the lesson's checks: both are
    done at the same time. A worker whose jail has ended starts one of its own.

    Parameters
    ----------
    count : int
        How many.
    limits : Limits
        For each submission.
    modules : collection of str
        What the jails import before the first submission comes.
    programs : Path, optional
        A folder of JAX's compiled programs (`grading.programs`) that submissions may use.

    Raises
    ------
    JailError
        If this machine cannot have jails. That one cannot be built is told by whoever is the first in need of it.
    """

    def __init__(self, count: int, limits: Limits, modules: Collection[str], programs: Path | None = None):
        if count < 1:
            raise ValueError(f"there must be at least one worker, not {count}")
        self.count = count
        self._limits, self._modules, self._programs = limits, tuple(modules), programs
        self._context = forkserver.start()
        # What a worker leaves behind that was killed is in here.
        self._room = Path(tempfile.mkdtemp(prefix="workers-", dir=forkserver.room()))
        self._jails: list[Jail] = []
        try:
            self._executor = self._start()
        except BaseException:
            self._clean_up(now=True)
            raise

    def _start(self) -> Executor:
        self._others = set(multiprocessing.active_children())
        for jail in [jail for jail in self._jails if not jail.alive]:
            jail.close()
            self._jails.remove(jail)
        while len(self._jails) < -(-self.count // SHARING):
            self._jails.append(Jail(self._limits, self._modules, self._programs, place=self._room, wait=False))
        entrances = [jail.entrance() for jail in self._jails]
        return ProcessPoolExecutor(
            self.count,
            mp_context=self._context,
            initializer=_begin,
            initargs=(str(self._room), self._programs, entrances, self._modules),
        )

    def at_once(self) -> int:
        return self.count + 2

    def submit(self, task: bytes) -> Future[bytes]:
        return self._executor.submit(grade, task)

    def look(self) -> None:
        """They are there: their number is ours."""

    def renew(self) -> None:
        self._end(now=True)
        self._executor = self._start()

    def close(self, *, now: bool = False) -> None:
        self._end(now)
        self._clean_up(now)

    def _clean_up(self, now: bool) -> None:
        for jail in self._jails:
            jail.close(now=now)
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


def _begin(room: str, programs: Path | None, jails: list[Entrance], modules: tuple[str, ...]) -> None:
    """Prepare a worker process: it ends with the coordinator, who alone listens to Ctrl-C."""
    # Its jail must not hear it, either: a student's program that a signal has ended looks like one that crashed.
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    tempfile.tempdir = room
    if programs is not None:
        os.environ[plugins.PROGRAMS_VARIABLE] = str(programs)
    plugins.use_jail(jails[os.getpid() % len(jails)], modules)
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
        Called with what is wrong while the scheduler, once it has answered, does so no more; returns when to try again,
        or raises.
    tell : callable
        Called with what grading waits for.

    Raises
    ------
    ClusterError
        If there is no scheduler.
    """

    def __init__(self, address: str, wait: Callable[[str], None], tell: Callable[[str], None]):
        try:
            import distributed
        except ImportError:
            raise ClusterError("Dask is not installed: pip install 'gdexercises[cluster]'") from None
        # What it has to say of a lost scheduler, in many lines, is said here in one.
        for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._distributed = distributed
        self.address = address
        self._wait, self._tell = wait, tell
        self._asked, self._threads = 0.0, 0
        try:
            self._connect()
        except OSError as error:
            raise ClusterError(f"no Dask scheduler answers at {address} ({_reason(error)})") from error

    def _connect(self) -> None:
        try:
            with ThreadPoolExecutor(1) as aside:  # a notebook has a loop of its own in this thread
                kind = aside.submit(asyncio.run, self._kind()).result()
            if kind != "Scheduler":
                raise ClusterError(f"at {self.address} there is no Dask scheduler, but a {kind}")
            self._client = self._distributed.Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except ClusterError:
            raise
        except (ValueError, TypeError, RuntimeError) as error:  # of TLS: without certificates, or required and not used
            raise ClusterError(f"{self.address} cannot be used as a scheduler's address: {_reason(error)}") from error
        self._executor = self._client.get_executor(pure=False, retries=0)
        self._asked = 0.0

    async def _kind(self) -> str:
        """What is at the address: a client that never came to be has threads that do not end."""
        security = self._distributed.Security()
        try:
            connection = security.get_connection_args("client")
        except OSError as error:  # which names no file
            named = security.get_tls_config_for_role("client")
            files = dict.fromkeys(str(named[kind]) for kind in ("ca_file", "cert", "key") if named[kind])
            raise ClusterError(
                f"{', '.join(files)}: {_reason(error)}. These are the TLS files that Dask's configuration names "
                "(distributed.comm.tls); each has to be there, in PEM, and readable by you"
            ) from error
        async with self._distributed.rpc(self.address, timeout=CONNECT_SECONDS, connection_args=connection) as there:
            return (await asyncio.wait_for(there.identity(), CONNECT_SECONDS))["type"]

    def at_once(self) -> int:
        self._ask()
        return max(4, 2 * self._threads)

    def look(self) -> None:
        if self._ask() and not self._threads:
            self._tell(f"the scheduler {self.address} has no workers")

    def _ask(self) -> bool:
        """See how many submissions the workers can grade at once; whether there is an answer, and a new one."""
        if time.monotonic() - self._asked < ASK_AGAIN_SECONDS:
            return False
        try:
            answer = self._client.sync(self._client.scheduler.ncores, callback_timeout=ASK_SECONDS)
        except Exception:  # it is lost, or busy; whatever is on its way will tell
            return False
        finally:
            self._asked = time.monotonic()
        self._threads = sum(answer.values())
        return True

    def submit(self, task: bytes) -> Future[bytes]:
        here: Future[bytes] = Future()
        try:
            there = self._executor.submit(grade_there, task)
        except Exception:
            here.set_exception(OutOfReach())
        else:
            there.add_done_callback(lambda there: self._pass_on(there, here))
        return here

    def _pass_on(self, there: Future[bytes], here: Future[bytes]) -> None:
        """Say of what came, or did not come, whose fault it is."""
        if there.cancelled():
            here.set_exception(OutOfReach())
            return
        error = there.exception()
        if error is None:
            here.set_result(there.result())
        elif isinstance(error, self._distributed.KilledWorker):
            here.set_exception(WorkerEnded(f"the worker {error.last_worker.address} ended while it had it"))
        else:  # `grade_there` raises nothing: it could not even be begun
            why = f"{type(error).__name__}: {_reason(error)}"
            here.set_exception(
                ClusterError(
                    f"the cluster cannot grade ({why}). Its scheduler and all of its workers need this version of the "
                    "course, with its packages, in their Python"
                )
            )

    def renew(self) -> None:
        self.close(now=True)
        while True:
            try:
                self._connect()
            except OSError as error:
                self._wait(f"the scheduler {self.address} does not answer ({_reason(error)})")
            else:
                return

    def close(self, *, now: bool = False) -> None:
        with contextlib.suppress(Exception):
            self._executor.shutdown(wait=not now)
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def grade_there(data: bytes) -> bytes:
    """Grade a submission as a worker of a Dask cluster, and say which one, if this worker can grade none."""
    from distributed import get_worker

    worker = get_worker()
    tempfile.tempdir = worker.local_directory  # Dask removes what is left there by a worker that was killed
    outcome = Outcome.from_bytes(grade(data))
    if outcome.fatal:
        where = f"the worker {worker.address} on {socket.gethostname()}"
        outcome = replace(outcome, trouble=f"{where} cannot grade: {outcome.trouble}")
    return outcome.to_bytes()


def _reason(error: BaseException) -> str:
    """What is at the bottom of an error, in a line."""
    while isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error).strip()
    return (said.splitlines() or [type(error).__name__])[0].strip()
