"""The process that local workers are forked from: it reads the grader's code once, and starts no thread."""

import multiprocessing
import signal
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

__all__ = ["start"]


def start() -> BaseContext:
    """Start it, if it does not run, and go on: it takes a second until it is ready. Ends with this process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grading.task"])
    # It hears of Ctrl-C as all in the terminal do, and must not say so while it reads.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    return context
