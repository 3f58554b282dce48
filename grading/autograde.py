"""Many submissions graded behind the wall: by any executor, with one writer of the gradebook and of the files.

Grading may end at any moment and be started again. What is graded is written in this order: the files aside, the
gradebook in one transaction, then the files to their places, the notebook last. A notebook in its place carries the
fingerprint of all that its grade depends on, so a later run knows what is left to do.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader import preprocessors as stock
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading import plugins, programs
from grading.book import Book, BookError, Change
from grading.course import ASIDE, Busy, alone, class_config, sync_folder, write_aside
from grading.intake import BESIDE, UnreadableSubmission, beside, handed_in, open_submission, timestamp_of
from grading.sandbox import JailError, Limits
from grading.task import Notebook, Outcome, Task, code_version, modules_of
from grading.workers import Cluster, ClusterError, LocalWorkers, OutOfReach, WorkerEnded, Workers, cores

__all__ = ["AutogradeError", "Busy", "Event", "Interrupted", "Summary", "autograde"]

GO_ON = "Nothing is lost; to go on, run the same command again"

PATIENCE = 120.0
"""Seconds for which a database or a scheduler that does not answer is waited for."""

MOST_LOSSES = 5
"""How often the way to the workers may be lost without a result in between."""

TAIL = 8_192
# Of a notebook that was cut short, the last line is another one.
STATE = re.compile(rb'"fingerprint": "([0-9a-f]{64})".*\n\}\n\Z', re.DOTALL)


class AutogradeError(RuntimeError):
    """A lesson could not be graded, or not all of it; the message says why and what to do."""


class Interrupted(AutogradeError):
    """It was told to end."""


@dataclass(frozen=True)
class Event:
    """Something that happened, for whoever watches.

    Attributes
    ----------
    kind : str
        ``begins``, ``unchanged``, ``graded``, ``trouble`` (no result), or ``waits`` (for the database or the cluster).
    student : str
        Whom it is about, if anybody.
    message : str
        What is wrong, for ``trouble`` and ``waits``.
    seconds : float
        How long grading took.
    findings : dict
        What each check found, by grade id.
    done, total : int
        Submissions, those that are unchanged among them.
    slowest : str
        The submission that has been on its way for the longest time now.
    """

    kind: str
    student: str = ""
    message: str = ""
    seconds: float = 0.0
    findings: dict[str, str] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    slowest: str = ""


Listener = Callable[[Event], None]


@dataclass
class Summary:
    """What a run has done.

    Attributes
    ----------
    total, graded, unchanged : int
        Submissions: found, graded now, left as they were.
    troubles : dict
        Why there is no result, by student.
    changes : list of Change
        Points that are not what they were, of submissions that had been graded before.
    findings : dict of Counter
        How many checks found what, by grade id, among those graded now.
    exercises : dict
        See `grading.book.Book.summary`, over all submissions in the gradebook.
    """

    total: int = 0
    graded: int = 0
    unchanged: int = 0
    troubles: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    findings: dict[str, Counter] = field(default_factory=dict)
    exercises: dict[str, tuple[int, int, float, float]] = field(default_factory=dict)


def autograde(
    class_dir: Path | str,
    lesson: str,
    *,
    students: Collection[str] = (),
    exercises: Collection[str] = (),
    force: bool = False,
    sandbox: bool = True,
    workers: int | None = None,
    scheduler: str | None = None,
    db: str | None = None,
    wait_for_others: bool = False,
    on_event: Listener = lambda event: None,
) -> Summary:
    """Grade the submissions of a lesson that are new or changed.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    lesson : str
        The lesson's name, such as ``01-five-steps``.
    students : collection of str
        Ids of the students whose submissions are graded; all if there are none.
    exercises : collection of str
        Names of the exercises that are graded again, whether anything changed or not; all if there are none.
    force : bool
        Whether to grade again what is unchanged.
    sandbox : bool
        Whether student code runs behind the wall. Without it, nbgrader grades, one after the other, and each grade is
        recorded as such.
    workers : int, optional
        Worker processes; one a core if it is not given.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers grade instead.
    db : str, optional
        The gradebook's database, if it is another one than the class's configuration says.
    wait_for_others : bool
        Whether to wait if somebody else is grading this class, instead of `Busy`.
    on_event : callable
        Told of all that happens.

    Returns
    -------
    Summary

    Raises
    ------
    AutogradeError
        If nothing was handed in, the wall cannot be built, or grading had to stop. What is graded by then stays, and
        the next run goes on from there.
    FileNotFoundError
        If the folder is not a class directory.
    ValueError
        If there are to be less than one worker.
    """
    config = class_config(class_dir, db)
    course = CourseDirectory(config=config)
    course.assignment_id = lesson
    with _Stop() as stop:

        def waits() -> contextlib.AbstractContextManager[None]:
            on_event(Event("waits", message="somebody else is at work in this class"))
            return stop.at_once()

        with alone(course.root, wait=wait_for_others, waits=waits):
            return _alone(
                course, config, lesson, students, exercises, force, sandbox, workers, scheduler, on_event, stop
            )


def _alone(
    course: CourseDirectory,
    config: Config,
    lesson: str,
    students: Collection[str],
    exercises: Collection[str],
    force: bool,
    sandbox: bool,
    workers: int | None,
    scheduler: str | None,
    on_event: Listener,
    stop: "_Stop",
) -> Summary:
    walled = plugins.WalledExecute(config=config)
    if not (sandbox and walled.sandbox):
        with stop.at_once():
            return _without_the_wall(course, config, lesson, students, force, on_event, stop)
    with Book(course, config, stop.patiently(on_event)) as book:
        run = _Run(course, config, lesson, book, walled, on_event, stop)
        try:
            run.begin(students, exercises, force)
            if run.left:
                run.grade_all(lambda: run.workers(workers, scheduler))
            run.summary.exercises = book.summary(lesson)
        except BaseException as error:
            told = run.told(error)
            raise told from (None if isinstance(told, Interrupted) else error)
        return run.summary


# An end in order -----------------------------------------------------------------------------------------------------


class _Stop:
    """Whether to end: Ctrl-C and SIGTERM are heard, and what is being written is written to its end first."""

    def __init__(self) -> None:
        self.asked = False
        self._at_once = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "_Stop":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.asked and kind is KeyboardInterrupt:
            raise Interrupted(f"interrupted. {GO_ON}") from None

    def _ask(self, *_: Any) -> None:
        again, self.asked = self.asked, True
        if again or self._at_once:
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise `Interrupted` if it is to end."""
        if self.asked:
            raise Interrupted(f"interrupted. {GO_ON}")

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Let it end by `KeyboardInterrupt` in the middle of what is done here."""
        self._at_once = True
        try:
            self.check()
            yield
        finally:
            self._at_once = False

    def patiently(self, on_event: Listener) -> Callable[[str], None]:
        """Give what is called while something does not answer: it returns when to try again, for a while."""
        since: list[float] = []

        def wait_a_moment(why: str) -> None:
            now = time.monotonic()
            if not since or now - since[-1] > 10:  # it answered in between
                since[:] = [now]
            if now - since[0] > PATIENCE:
                raise AutogradeError(f"{why}. It did not come back within {PATIENCE:.0f} seconds")
            on_event(Event("waits", message=why))
            for _ in range(5):
                self.check()
                time.sleep(0.1)
            since.append(time.monotonic())

        return wait_a_moment


# The run ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Submission:
    student: str
    folder: Path
    strikes: int = 0
    sent: float = 0.0
    timestamp: datetime | None = None


class _Run:
    """One run over a lesson."""

    def __init__(
        self,
        course: CourseDirectory,
        config: Config,
        lesson: str,
        book: Book,
        walled: plugins.WalledExecute,
        on_event: Listener,
        stop: _Stop,
    ):
        self.course, self.lesson, self.book, self.on_event, self.stop = course, lesson, book, on_event, stop
        self.summary = Summary()
        self._limits, self._everything = dict(walled.limits), walled.everything
        self._output = stock.LimitOutput(config=config)
        self._autograde = Autograde(coursedir=course, config=config)
        self._running: dict[Future[bytes], _Submission] = {}
        self._alone: deque[_Submission] = deque()
        self._losses = 0

    # What there is to do

    def begin(self, students: Collection[str], exercises: Collection[str], force: bool) -> None:
        """See that all is there before the first submission."""
        self._force = force or bool(exercises)
        try:
            Limits(**self._limits)
            self._points = self.book.notebooks(self.lesson)
            self._released = {
                name: plugins.released_path(self.course, self.lesson, name).read_text(encoding="utf-8")
                for name in self._points
            }
            self._versions = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in self._released.items()}
        except (LookupError, FileNotFoundError, TypeError) as error:
            raise AutogradeError(f"Nothing was graded: {error}") from error
        self._exercises = self._grade_ids(exercises)
        self._secret = plugins.class_secret(Path(self.course.root, plugins.SECRET_FILE))
        self._files = self._lessons_files()
        self._beside = {str(name): hashlib.sha256(path.read_bytes()).hexdigest() for name, path in self._files.items()}
        self._students, self._in_the_book = self.book.students(), self.book.has(self.lesson)
        self.left = deque(self._submissions(students))
        self.summary.total = len(self.left)
        self._tell("begins")

    def workers(self, count: int | None, scheduler: str | None) -> Workers:
        """Start those who grade."""
        if scheduler:
            return Cluster(
                scheduler, self.stop.patiently(self.on_event), lambda why: self.on_event(Event("waits", message=why))
            )
        with self.stop.at_once():
            found = self.programs()
        modules = modules_of(self._released.values())
        count = min(cores() if count is None else count, len(self.left) + 1)
        return LocalWorkers(count, Limits(**self._limits), modules, found)

    def programs(self) -> Path | None:
        """JAX's compiled programs for this lesson, if it uses JAX and is worth the time."""
        sources = [
            Path(self.course.format_path(self.course.source_directory, ".", self.lesson), f"{name}.ipynb")
            for name in self._released
        ]
        if len(self._released) != 1 or not sources[0].exists():
            return None
        [released] = self._released.values()
        instructor = sources[0].read_text(encoding="utf-8")
        return programs.compiled(self.lesson, released, instructor, worth_it=len(self.left) >= programs.WORTH_IT)

    def _grade_ids(self, exercises: Collection[str]) -> tuple[str, ...]:
        known = {name for points in self._points.values() for name in points}
        found = {name if name in known else f"check-{name}" for name in exercises}
        if found - known:
            there = ", ".join(sorted(name.removeprefix("check-") for name in known))
            unknown = ", ".join(sorted(name.removeprefix("check-") for name in found - known))
            raise AutogradeError(f"Nothing was graded: {self.lesson} has no exercise {unknown}; it has: {there}")
        return tuple(sorted(found))

    def _submissions(self, students: Collection[str]) -> list[_Submission]:
        found = handed_in(self.course, self.lesson)
        missing = sorted(set(students) - found.keys())
        if missing:
            raise AutogradeError(f"Nothing was graded: {', '.join(missing)} handed in nothing for {self.lesson}")
        if not found:
            root = self.course.format_path(self.course.submitted_directory, ".", ".")
            raise AutogradeError(
                f"Nothing was graded: no submission of {self.lesson} was found in {Path(root)}. "
                f"Collect them first: gdgrade collect {self.lesson}"
            )
        return [_Submission(name, folder) for name, folder in found.items() if not students or name in students]

    def _lessons_files(self) -> dict[Path, Path]:
        """Files that come with the lesson, by their place beside the notebook: the instructor's, as nbgrader has it."""
        folder = Path(self.course.format_path(self.course.source_directory, ".", self.lesson))
        found = utils.find_all_files(str(folder), [*self.course.ignore, "*.ipynb"]) if folder.is_dir() else []
        files = {Path(path).relative_to(folder): Path(path) for path in map(os.path.normpath, found)}
        excluded = map(Path, self._autograde.exclude_overwriting.get(self.lesson, []))
        return {relative: path for relative, path in files.items() if relative not in set(excluded)}

    def _place(self, submission: _Submission) -> Path:
        return Path(self.course.format_path(self.course.autograded_directory, submission.student, self.lesson))

    def _stands(self, submission: _Submission, place: Path) -> bool:
        """Whether all that a graded submission has beside its notebooks is there, and it was written to its end."""
        there = {name: content for name in BESIDE if (content := _bytes_of(place / name)) is not None}
        sizes = {relative: path.stat().st_size for relative, path in self._files.items()}
        return (
            not any(place.glob(f"{ASIDE}*"))
            and there == beside(submission.folder, submission.timestamp)
            and all(_size_of(place / relative) == size for relative, size in sizes.items())
        )

    def _task(self, submission: _Submission) -> Task | None:
        """What has to be done for a submission; None if nothing has changed since it was done."""
        submission.timestamp = timestamp_of(self.course, submission.folder)
        seed = plugins.submission_seed(self._secret, self.lesson, submission.student)
        common = [
            seed,
            code_version(),
            self._limits,
            self._everything,
            self._output.max_lines,
            self._output.max_traceback,
            self._beside,
            str(submission.timestamp),
        ]
        place, notebooks = self._place(submission), {}
        current = submission.student in self._in_the_book and self._stands(submission, place)
        for name, released in self._released.items():
            submitted, problem = None, ""
            try:
                submitted = open_submission(submission.folder / f"{name}.ipynb")
            except UnreadableSubmission as error:
                problem = str(error)
            parts = [*common, self._versions[name], problem, hashlib.sha256(submitted or b"").hexdigest()]
            fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
            there = _fingerprint_of(place / f"{name}.ipynb")
            current = current and there == fingerprint
            before = _read_whole(place / f"{name}.ipynb") if self._exercises and there else None
            notebooks[name] = Notebook(released, submitted, problem, fingerprint, before)
        if current and not self._force:
            return None
        partly = self._exercises and all(notebook.before for notebook in notebooks.values())
        return Task(
            self.lesson,
            submission.student,
            notebooks,
            seed,
            code_version(),
            self._limits,
            self._everything,
            self._output.max_lines,
            self._output.max_traceback,
            self._exercises if partly and submission.student in self._in_the_book else (),
        )

    # Doing it

    def grade_all(self, start: Callable[[], Workers]) -> None:
        """Have all that is left graded, and write what comes of it."""
        workers: Workers | None = None
        try:
            while self.left or self._alone or self._running:
                self.stop.check()
                workers = self._send(workers, start)
                if self._running:
                    done, _ = wait(self._running, timeout=0.1, return_when="FIRST_COMPLETED")
                    if not done:
                        workers.look()
                    if not self._take(done):
                        workers.renew()
            if workers is not None:
                workers.close()
        except BaseException:
            if workers is not None:
                workers.close(now=True)
            raise

    def told(self, error: BaseException) -> BaseException:
        """What to say of an error that ends the run."""
        if self.stop.asked:  # then it may be anything
            left = self.summary.total - self._done
            return Interrupted(f"interrupted: {self.summary.graded} graded now, {left} left. {GO_ON}")
        if isinstance(error, JailError | ClusterError):
            return AutogradeError(f"{self._so_far()}: {error}")
        if isinstance(error, BookError):
            return AutogradeError(f"{self._so_far()}: {error}, and run it again")
        if isinstance(error, OSError):
            what = "make room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "mend that"
            return AutogradeError(
                f"{self._so_far()}: {error.filename or 'a file'}: {error.strerror}. Nothing is lost; {what}, "
                "and run it again"
            )
        return error

    def _so_far(self) -> str:
        return f"{self.summary.graded} graded now, then it had to stop" if self._done else "Nothing was graded"

    @property
    def _done(self) -> int:
        return self.summary.graded + self.summary.unchanged + len(self.summary.troubles)

    def _send(self, workers: Workers | None, start: Callable[[], Workers]) -> Workers | None:
        """Have as many submissions on their way as there can be; those that may have ended a worker go alone."""
        while True:
            if self._running and (self._alone or any(one.strikes for one in self._running.values())):
                return workers
            if not self._alone and (not self.left or (workers and len(self._running) >= workers.at_once())):
                return workers
            self.stop.check()
            submission = self._alone.popleft() if self._alone else self.left.popleft()
            task = self._task(submission)
            if not (self._autograde.create_student or submission.student in self._students):
                self._trouble(submission, "is not in the gradebook, and may not be added (c.Autograde.create_student)")
                continue
            if task is None:
                self.summary.unchanged += 1
                self._tell("unchanged", submission)
                continue
            workers = workers or start()
            submission.sent = time.monotonic()
            try:
                self._running[workers.submit(task.to_bytes())] = submission
            except (BrokenExecutor, RuntimeError):
                (self._alone if submission.strikes else self.left).appendleft(submission)
                self._lost([])
                workers.renew()

    def _take(self, done: Collection[Future[bytes]]) -> bool:
        """Write what came of these; whether the workers are still there."""
        lost, unreached = [], []
        for future in done:
            submission = self._running.pop(future)
            try:
                outcome = Outcome.from_bytes(future.result())
            except (BrokenExecutor, CancelledError):
                lost.append(submission)
            except OutOfReach:
                unreached.append(submission)
            except WorkerEnded:
                self._suspect([submission])
            except ClusterError:
                raise
            except Exception as error:
                self._trouble(submission, f"it could not be graded: {type(error).__name__}: {error}"[:500])
            else:
                self._losses = 0
                self._finish(submission, outcome)
        if lost:
            self._lost(lost)
        if unreached:
            self._send_again([*unreached, *self._running.values()])
            self._running.clear()
        return not (lost or unreached)

    def _send_again(self, submissions: list[_Submission]) -> None:
        """Put back what was on its way when the way was lost."""
        self._losses += 1
        if self._losses > MOST_LOSSES:
            raise ClusterError(f"the way to the workers was lost {self._losses} times, and nothing came in between")
        self._alone.extendleft(one for one in submissions if one.strikes)
        self.left.extendleft(one for one in reversed(submissions) if not one.strikes)

    def _lost(self, lost: list[_Submission]) -> None:
        """Put back all that was on its way when the workers were lost."""
        suspects = [*lost, *self._running.values()]
        self._running.clear()
        self._suspect(suspects)

    def _suspect(self, suspects: list[_Submission]) -> None:
        """Grade these again, each of them alone; who was alone already did it."""
        for submission in suspects:
            if submission.strikes and len(suspects) == 1:
                self._trouble(submission, "grading it ended the worker or its jail, twice. Look at it by hand")
            else:
                submission.strikes += 1
                self._alone.append(submission)

    def _finish(self, submission: _Submission, outcome: Outcome) -> None:
        if outcome.fatal:
            raise JailError(outcome.trouble)
        if outcome.lost:
            self._suspect([submission])
            return
        if outcome.trouble:
            self._trouble(submission, outcome.trouble)
            return
        changes = self._write(submission, outcome)
        self.summary.graded += 1
        self.summary.changes += changes
        findings = {id_: what for graded in outcome.notebooks.values() for id_, what in graded.findings.items()}
        for id_, what in findings.items():
            self.summary.findings.setdefault(id_, Counter())[what] += 1
        self._tell("graded", submission, seconds=outcome.seconds, findings=findings)

    def _trouble(self, submission: _Submission, why: str) -> None:
        self.summary.troubles[submission.student] = why
        self._tell("trouble", submission, message=why)

    def _tell(self, kind: str, submission: _Submission | None = None, **more: Any) -> None:
        slowest = min(self._running.values(), key=lambda one: one.sent, default=None)
        self.on_event(
            Event(
                kind,
                student=submission.student if submission else "",
                done=self._done,
                total=self.summary.total,
                slowest=slowest.student if slowest else "",
                **more,
            )
        )

    # Writing it down

    def _write(self, submission: _Submission, outcome: Outcome) -> list[Change]:
        place = self._place(submission)
        place.mkdir(parents=True, exist_ok=True)
        for path in place.glob(f"{ASIDE}*"):  # of a run that was killed
            path.unlink()
        aside: dict[Path, Path] = {}
        try:
            for relative, path in self._files.items():
                aside[place / relative] = write_aside(place, path.read_bytes())
            for name, content in beside(submission.folder, submission.timestamp).items():
                aside[place / name] = write_aside(place, content)
            for name, graded in outcome.notebooks.items():
                aside[place / f"{name}.ipynb"] = write_aside(place, graded.text.encode())
            sync_folder(place)
            changes = self.book.record(self.lesson, submission.student, submission.timestamp, outcome.notebooks)
        except BaseException:
            for path in aside.values():
                path.unlink(missing_ok=True)
            raise
        # While one of them lies aside, the next run grades this submission again.
        _remove_others(place, {*aside, *aside.values()})
        for target in aside:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
        self._autograde.set_permissions(self.lesson, submission.student)
        for target, path in aside.items():
            path.replace(target)
        return changes


def _remove_others(folder: Path, keep: Collection[Path]) -> None:
    """Remove what another version of the lesson or of the submission had there, as nbgrader does."""
    for parent, folders, files in os.walk(folder, topdown=False):
        for path in (Path(parent, name) for name in (*files, *folders)):
            if path.is_symlink() or not path.is_dir():
                if path not in keep:
                    path.unlink()
            elif not any(path in other.parents for other in keep):
                path.rmdir()


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _size_of(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except OSError:
        return None


def _fingerprint_of(path: Path) -> str | None:
    """The fingerprint in an autograded notebook, from its end; None if there is none, or it is no whole notebook."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - TAIL))
            found = STATE.search(file.read())
    except OSError:
        return None
    return found[1].decode() if found else None


def _read_whole(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except (OSError, ValueError):
        return None
    return text


# Without the wall ---------------------------------------------------------------------------------------------------


def _without_the_wall(
    course: CourseDirectory,
    config: Config,
    lesson: str,
    students: Collection[str],
    force: bool,
    on_event: Listener,
    stop: _Stop,
) -> Summary:
    """Have nbgrader grade, which runs student code as whoever runs it."""
    config.WalledExecute.sandbox = False
    summary = Summary()
    for student in students or ["*"]:
        course.student_id = student
        converter = _Watched(course, config, on_event, summary)
        converter.force = force
        try:
            converter.start()
        except NbGraderException as error:
            raise AutogradeError(str(error)) from error
    with Book(course, config, stop.patiently(on_event)) as book:
        try:
            summary.exercises = book.summary(lesson)
        except BookError as error:
            raise AutogradeError(str(error)) from error
    return summary


class _Watched(Autograde):
    """nbgrader's autograding, which tells of each submission."""

    def __init__(self, course: CourseDirectory, config: Config, on_event: Listener, summary: Summary) -> None:
        super().__init__(coursedir=course, config=config)
        self.on_event, self.summary = on_event, summary

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Tell who comes next, and go on as nbgrader does."""
        self.summary.total = max(self.summary.total, len(self.assignments))
        self.on_event(Event("begins", student_id, done=self.summary.graded, total=self.summary.total))
        super().init_assignment(assignment_id, student_id)
        self.summary.graded += 1
