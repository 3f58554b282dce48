"""A Dask cluster of processes on this machine, for tests: what a supervisor starts, it starts, and ends by pid."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds until something is taken for not happening at all."""


class DaskCluster:
    """A scheduler and its workers. Use it as a context manager: at its end, all its processes are gone.

    Parameters
    ----------
    scratch : Path
        For the workers' files and what all of them say.
    port : int, optional
        The scheduler's.
    environment : mapping of str to str, optional
        For all processes.
    """

    def __init__(self, scratch: Path, environment: dict[str, str] | None = None):
        self.scratch = scratch
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            **(environment or {}),
        }
        self.address = ""
        self.scheduler: subprocess.Popen | None = None
        self.workers: list[subprocess.Popen] = []
        self._count = 0

    def __enter__(self) -> "DaskCluster":
        return self

    def __exit__(self, *_: Any) -> None:
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            self.end(process)

    def start(self, workers: int = 3, **environment: str) -> "DaskCluster":
        """Start a scheduler, at the address of the one before if there was one, and workers."""
        said = self.scratch / "scheduler.json"
        said.unlink(missing_ok=True)
        port = self.address.rpartition(":")[2] or "0"
        command = ("--host", "127.0.0.1", "--port", port, "--scheduler-file", str(said))
        self.scheduler = self._run("scheduler", *command, **environment)
        wait_until(lambda: said.exists() and said.read_text().endswith("}"), self.scheduler)
        self.address = json.loads(said.read_text())["address"]
        self.add(workers)
        return self

    def add(self, count: int = 1, *arguments: str, nanny: bool = False, **environment: str) -> None:
        """Start workers."""
        for _ in range(count):
            self._count += 1
            place = self.scratch / f"worker{self._count}"
            nannys = "--nanny" if nanny else "--no-nanny"
            command = (self.address, "--nthreads", "1", nannys, "--local-directory", str(place), *arguments)
            self.workers.append(self._run("worker", *command, **environment))

    def _run(self, kind: str, *arguments: str, **environment: str) -> subprocess.Popen:
        with (self.scratch / f"{kind}{self._count}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, "--no-dashboard", *arguments],
                cwd=self.scratch,
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self, process: subprocess.Popen) -> None:
        """End a process as a power cut does."""
        process.kill()
        process.wait(PATIENCE)

    def end(self, process: subprocess.Popen) -> None:
        """End a process in order, and in any case."""
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill(process)


def wait_until(happened: Callable[[], object], *alive: subprocess.Popen) -> None:
    """Wait for something, as long as these processes live."""
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        assert all(process.poll() is None for process in alive)
        time.sleep(0.02)
