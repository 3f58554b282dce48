"""Grading that ends its worker, or all jails, at one student's submission, or that stands still or looks round."""

import contextlib
import os
import signal
import time
from pathlib import Path

import psutil

from grading import task, trusted
from grading.book import Book


def crash(data: bytes, *, student: str, log: str) -> bytes:
    """Grade, or end the worker as a bug in C would."""
    _note(log, data)
    if task.Task.from_bytes(data).student == student:
        os.kill(os.getpid(), signal.SIGSEGV)
    return task.grade(data)


def end_the_jail(data: bytes, *, student: str, log: str) -> bytes:
    """Grade; the first time that it comes to a check of the student's, the jail ends, as if out of memory."""
    first = _note(log, data) == 1
    if not first or task.Task.from_bytes(data).student != student:
        return task.grade(data)
    check = trusted._Grading.check

    def without_a_jail(grading, cell):
        for jail in [*_shared_jails(), *_own_jails()]:
            jail.kill()
        return check(grading, cell)

    trusted._Grading.check = without_a_jail
    try:
        return task.grade(data)
    finally:
        trusted._Grading.check = check


def note_jails(data: bytes, *, log: str) -> bytes:
    """Grade, and note how many jails this worker shares with others, and how many it has of its own."""
    outcome = task.grade(data)
    with Path(log).open("a") as file:
        file.write(f"{len(_shared_jails())} {len(_own_jails())}\n")
    return outcome


def _shared_jails() -> list[psutil.Process]:
    return _jails_of(psutil.Process().parent().parent())  # a worker's parent is the process that it is forked from


def _own_jails() -> list[psutil.Process]:
    return _jails_of(psutil.Process())


def _jails_of(process: psutil.Process) -> list[psutil.Process]:
    """Those that it has started for workers, or as one: what they show lies in the workers' folder."""
    found = []
    for child in process.children():
        with contextlib.suppress(psutil.Error):  # it has just ended
            if child.name() == "bwrap" and any("/workers-" in part for part in child.cmdline()):
                found.append(child)
    return found


def stand_still(at: int, folder: str) -> None:
    """Stand still in the middle of the n-th transaction: with a file `here`, until there is a file `go`."""
    penalize, calls = Book._penalize, []

    def wait_there(book, *arguments):
        calls.append(1)
        if len(calls) == at:
            Path(folder, "here").touch()
            while not Path(folder, "go").exists():
                time.sleep(0.02)
        penalize(book, *arguments)

    Book._penalize = wait_there


def _note(log: str, data: bytes) -> int:
    """Note who is graded; how many times now."""
    name = task.Task.from_bytes(data).student
    with Path(log).open("a") as file:
        file.write(f"{name}\n")
    return Path(log).read_text().split().count(name)
