"""The process that local workers are forked from: it reads the grader's code once, and starts no thread."""

import multiprocessing
import os
import signal
import tempfile
from multiprocessing import forkserver, process, resource_tracker
from multiprocessing.context import BaseContext
from pathlib import Path

from grading.sweeper import ROOM_VARIABLE

__all__ = ["room", "start"]

_ROOMS: dict[int, str] = {}


def room() -> str:
    """The folder for what workers need while they run. It goes when they and this process have ended, however."""
    path = _ROOMS.get(os.getpid())
    if path is None:
        path = _ROOMS[os.getpid()] = tempfile.mkdtemp(prefix="gdgrade-")
    Path(path).mkdir(mode=0o700, exist_ok=True)
    return path


def start() -> BaseContext:
    """Start it, if it does not run, and go on: it takes a second until it is ready. Ends with this process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grading.sweeper", "grading.task", "grading.readied"])
    process.current_process()._config["tempdir"] = room()  # for its socket
    resource_tracker.ensure_running()  # which lets all signals through again
    # It hears of Ctrl-C as all in the terminal do. It ends when nobody needs it any more, and not before.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.environ[ROOM_VARIABLE] = room()
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[ROOM_VARIABLE]
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return context
