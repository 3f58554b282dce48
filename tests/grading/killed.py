"""Grade a class again and again, killed each time at some write, and say what is not as it would be undisturbed.

python -m tests.grading.killed CLASS SCRATCH KILLS SEED [DATABASE]

What the workers give back is graded once and kept, so that all there is to kill is the one who writes. A child is
killed by itself, with SIGKILL, before or after something that changes a file, or between two statements to the
database. In the DATABASE's address, `{}` is where the name of a new copy goes.
"""

import json
import os
import random
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import nbformat
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grading import autograde, plugins
from grading.task import grade
from tests.grading import classes, postgres
from tests.grading.conftest import LESSON

AUDITED = {"os.rename": "rename", "os.remove": "remove", "os.mkdir": "mkdir", "os.chmod": "chmod", "open": "open"}
MOST = 90
"""Points at which a child is killed are drawn up to this one: two submissions have about as many."""


class KnownOutcomes:
    """Workers that have graded all this before."""

    outcomes: dict[bytes, bytes] = {}  # noqa: RUF012 -- of all of them

    def __init__(self, *_):
        pass

    def at_once(self):
        return 3

    def submit(self, task):
        if task not in self.outcomes:
            self.outcomes[task] = grade(task)
        future = Future()
        future.set_result(self.outcomes[task])
        return future

    def look(self):
        pass

    def renew(self):
        raise AssertionError("nobody is lost here")

    def close(self, *, now=False):
        pass


class Killer:
    """Kill this process at the n-th point."""

    def __init__(self, at: int, directory: Path, say: Callable[[str], None]):
        self.left, self.directory, self.say = at, str(directory), say
        fsync = os.fsync

        def watched(descriptor):
            self.point("before fsync")
            fsync(descriptor)
            self.point("after fsync")

        os.fsync = watched
        event.listen(Engine, "before_cursor_execute", self.statement)
        event.listen(Engine, "commit", lambda connection: self.point("before commit"))
        sys.addaudithook(self.audit)

    def statement(self, connection, cursor, statement, *_):
        word = statement.split()[0].lower()
        if word in ("insert", "update", "delete"):
            self.point(word)

    def audit(self, name, arguments):
        if name == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            return
        if name in AUDITED and any(isinstance(one, str) and one.startswith(self.directory) for one in arguments[:2]):
            self.point(AUDITED[name])

    def point(self, what):
        self.left -= 1
        if self.left == 0:
            self.say(what)
            os.kill(os.getpid(), signal.SIGKILL)


class Copies:
    """Copies of a class, each with a gradebook of its own."""

    def __init__(self, scratch: Path, database: str | None):
        self.scratch, self.database, self.count = scratch, database, 0

    def copy(self, directory: Path, db: str | None) -> tuple[Path, str | None]:
        self.count += 1
        new = None
        if self.database is not None:
            new = self.database.format(f"copy{self.count}")
            postgres.copy(db or self.database.format("base"), new)
        return classes.copy_class(directory, self.scratch / f"copy{self.count}"), new


def run(directory: Path, db: str | None, at: int | None = None, **options) -> str | None:
    """Grade in a child; give the point at which it was killed, or None if it came to its end."""
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(hear)
            if at is not None:
                Killer(at, directory, lambda what: os.write(tell, what.encode()))
            autograde.autograde(directory, LESSON, db=db, **options)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(tell)
    _, status = os.waitpid(child, 0)
    with open(hear) as said:  # noqa: PTH123 -- a pipe
        point = said.read()
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return point
    assert status == 0, f"a child ended with {status}"
    return None


def until_done(kills: int, generator: random.Random, copies: Copies, directory: Path, right: tuple) -> tuple:
    """Grade copies of a class, killed at every point that comes along; give the points and what differs."""
    points, wrong = [], []
    while len(points) < kills:
        copy, db = copies.copy(directory, None)
        while (point := run(copy, db, generator.randint(1, MOST))) is not None:
            points.append(point)
        wrong += differences(right, copy, db)
    return points, wrong


def forced(kills: int, generator: random.Random, copies: Copies, old: Path, old_db: str | None, right: tuple) -> tuple:
    """Grade again what is graded, killed once; no grade may stand without the notebook that shows it."""
    points, wrong = [], []
    while len(points) < kills:
        copy, db = copies.copy(old, old_db)
        point = run(copy, db, generator.randint(1, 3 * MOST), force=True)
        if point is not None:
            points.append(point)
        run(copy, db)
        book, files = classes.book_of(copy, db), classes.files_of(copy)
        for student in book:
            name = f"{student}/{LESSON}/{LESSON}.ipynb"
            if (book[student] == right[0][student]) != (files[name] == right[1][name]):
                wrong.append(f"{point}: {student}'s grade is not that of the notebook")
        wrong += [f"{point}: {path} is left" for path in classes.leftovers(copy)]
        run(copy, db, force=True)
        wrong += differences(right, copy, db)
    return points, wrong


def make_old(directory: Path, db: str | None) -> None:
    """Let a graded class look as if graded with another version of something: other points, other notebooks."""
    with classes.gradebook(directory, db) as book:
        for submission in book.assignment_submissions(LESSON):
            for grade_ in submission.notebooks[0].grades:
                grade_.auto_score = 0.25
        book.db.commit()
    for path in (directory / "autograded").rglob("*.ipynb"):
        nb = nbformat.read(path, as_version=4)
        nb.cells[0].source = "old"
        path.chmod(0o644)
        path.write_text(nbformat.writes(nb) + "\n")


def differences(right: tuple, directory: Path, db: str | None) -> list[str]:
    """What is not as it is where nobody was killed."""
    found = [f"{path} is left" for path in classes.leftovers(directory)]
    for before, after in zip(right, (classes.book_of(directory, db), classes.files_of(directory)), strict=True):
        found += [str(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return found


def main() -> None:
    directory, scratch, kills, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    copies = Copies(scratch, sys.argv[5] if len(sys.argv) > 5 else None)
    autograde.LocalWorkers = KnownOutcomes
    undisturbed, db = copies.copy(directory, None)
    autograde.autograde(undisturbed, LESSON, db=db)
    for jail in plugins._JAILS.values():
        jail.close()
    right = classes.book_of(undisturbed, db), classes.files_of(undisturbed)
    generator = random.Random(seed)
    points, wrong = until_done(kills, generator, copies, directory, right)
    make_old(undisturbed, db)
    more, more_wrong = forced(kills // 3, generator, copies, undisturbed, db, right)
    print(json.dumps({"points": Counter([*points, *more]), "wrong": [*wrong, *more_wrong]}))


if __name__ == "__main__":
    main()
