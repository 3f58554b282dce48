"""The gradebook, and the one who writes into it: what came of a submission goes in as one transaction or not at all."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.api import (
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import func, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from tornado.log import app_log
from traitlets.config import Config

from grading.task import Graded

__all__ = ["Book", "BookError", "Change", "is_there", "one_transaction", "opened", "require"]

T = TypeVar("T")

FULL = re.compile(r"\bfull\b|No space left")
REFUSED = re.compile(r"FATAL: .*(does not exist|authentication|permission denied|pg_hba|not permitted)")


class BookError(RuntimeError):
    """The gradebook cannot be read or written; the message says why and what to do."""


class _NoAnswer(BookError):
    """The database is away for now."""


@dataclass(frozen=True)
class Change:
    """An exercise whose automatic points are not what they were."""

    student: str
    exercise: str
    before: float | None
    after: float | None


class Book:
    """A class's gradebook, open for writing. Use it as a context manager, or `close` it.

    Parameters
    ----------
    course : CourseDirectory
        The class: where its database is.
    config : Config
        nbgrader's settings, for its late penalties.
    wait : callable
        Called with what is wrong while the database does not answer; returns when to try again, or raises.
    """

    def __init__(self, course: CourseDirectory, config: Config, wait: Callable[[str], None]):
        _prepare_the_environment()
        self._course = course
        self._late = AssignLatePenalties(config=config)
        self._late.init_plugin()
        self._wait = wait
        self._open: Gradebook | None = None
        self._names: dict[str, str] = {}

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def notebooks(self, lesson: str) -> dict[str, dict[str, float]]:
        """The notebooks of a lesson: for each, the points of each cell that grades, by its grade id.

        Raises
        ------
        LookupError
            If the gradebook does not know the lesson.
        """
        return self._carefully(lambda gradebook: self._notebooks(gradebook, lesson))

    def _notebooks(self, gradebook: Gradebook, lesson: str) -> dict[str, dict[str, float]]:
        try:
            assignment = gradebook.find_assignment(lesson)
        except MissingEntry:
            known = ", ".join(sorted(one.name for one in gradebook.assignments)) or "none"
            raise LookupError(
                f"the gradebook has no lesson {lesson}; it has: {known}. Release it first: gdgrade release {lesson}"
            ) from None
        cells = [
            cell for one in assignment.notebooks for cell in (*one.grade_cells, *one.solution_cells, *one.task_cells)
        ]
        self._names = {cell.id: cell.name for cell in cells}
        return {
            notebook.name: {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
            for notebook in assignment.notebooks
        }

    def summary(self, lesson: str) -> dict[str, tuple[int, int, float, float]]:
        """For each exercise of a lesson: submissions, how many have all points, their mean points, and the most points.

        By grade id, in the order of their names.
        """

        def rows(gradebook: Gradebook) -> dict[str, tuple[int, int, float, float]]:
            found: dict[str, tuple[int, int, float, float]] = {}
            for notebook in gradebook.find_assignment(lesson).notebooks:
                for cell in sorted((*notebook.grade_cells, *notebook.task_cells), key=lambda cell: cell.name):
                    grades = gradebook.db.query(func.count(Grade.id), func.avg(Grade.score)).filter_by(cell_id=cell.id)
                    count, mean = grades.one()
                    full = gradebook.db.query(func.count(Grade.id)).filter_by(cell_id=cell.id)
                    found[cell.name] = (
                        count,
                        full.filter(Grade.score >= cell.max_score).scalar(),
                        float(mean or 0),
                        cell.max_score,
                    )
            return found

        return self._carefully(rows)

    def students(self) -> set[str]:
        """Ids of all students."""
        return self._carefully(lambda gradebook: {student for (student,) in gradebook.db.query(Student.id)})

    def has(self, lesson: str) -> set[str]:
        """Ids of the students whose submission of the lesson is there, with a grade in each cell that grades."""

        def ids(gradebook: Gradebook) -> set[str]:
            assignment = gradebook.find_assignment(lesson)
            there = gradebook.db.query(SubmittedAssignment.student_id).filter_by(assignment_id=assignment.id)
            nothing = (Grade.auto_score.is_(None), Grade.manual_score.is_(None), Grade.needs_manual_grade.is_(False))
            gaps = there.join(SubmittedAssignment.notebooks).join(SubmittedNotebook.grades).filter(*nothing)
            return {student for (student,) in there} - {student for (student,) in gaps}

        return self._carefully(ids)

    def record(
        self, lesson: str, student: str, timestamp: datetime | None, graded: Mapping[str, Graded]
    ) -> list[Change]:
        """Write what came of a submission, in one transaction.

        What a person entered, points and comments, stays; a cell with points by hand is marked for another look, as
        nbgrader does.

        Parameters
        ----------
        lesson, student : str
        timestamp : datetime or None
            When it was handed in (UTC).
        graded : mapping of str to Graded
            By the notebook's name.

        Returns
        -------
        list of Change
            Where a submission was in the book before: what is different now.

        Raises
        ------
        BookError
            If the database cannot take it.
        """
        return self._carefully(lambda gradebook: self._record(gradebook, lesson, student, timestamp, graded))

    def _record(
        self,
        gradebook: Gradebook,
        lesson: str,
        student: str,
        timestamp: datetime | None,
        graded: Mapping[str, Graded],
    ) -> list[Change]:
        changes = []
        with one_transaction(gradebook):
            gradebook.update_or_create_student(student)
            try:
                gradebook.find_submission(lesson, student)
            except MissingEntry:
                known = False
            else:
                known = True
            when = {} if timestamp is None else {"timestamp": timestamp}
            submission = gradebook.update_or_create_submission(lesson, student, **when)
            for notebook in submission.notebooks:
                if notebook.name in graded:
                    changed = _write(notebook, graded[notebook.name], self._names)
                    changes += [Change(student, *one) for one in changed if known]
                    gradebook.db.flush()
                    self._penalize(gradebook, submission, notebook)
        return changes

    def _penalize(self, gradebook: Gradebook, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> None:
        """Take off what nbgrader takes off for a late submission."""
        notebook.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            gradebook.db.flush()
            gradebook.db.refresh(notebook)
            penalty = self._late.plugin_inst.late_submission_penalty(submission.student.id, notebook.score, late)
            if penalty is not None:
                notebook.late_submission_penalty = self._late._check_late_penalty(notebook, penalty)

    def _carefully(self, do: Callable[[Gradebook], T]) -> T:
        """Do something with the gradebook; if the database is gone, connect again until it is back."""
        while True:
            try:
                if self._open is None:
                    self._open = Gradebook(self._course.db_url, self._course.course_id)
                with _saying_nothing():
                    result = do(self._open)
                self._open.db.rollback()  # what was read; what was written is committed
                self._open.db.expunge_all()
                return result
            except (ImportError, SQLAlchemyError, InvalidEntry) as error:
                self.close()
                told = _told(error)
                if isinstance(told, _NoAnswer):
                    self._wait(str(told))
                    continue
                raise told from error
            except BaseException:
                if self._open is not None:
                    self._open.db.rollback()
                raise


@contextmanager
def opened(course: CourseDirectory) -> Iterator[Gradebook]:
    """Open a class's gradebook by nbgrader's own interface, for one who does not wait for a database that is away.

    If there is none yet, an empty one is made. What was not committed is rolled back.

    Parameters
    ----------
    course : CourseDirectory
        The class: where its database is.

    Yields
    ------
    Gradebook

    Raises
    ------
    BookError
        If the database does not answer or cannot be used, now or later.
    """
    _prepare_the_environment()
    try:
        with _saying_nothing(), Gradebook(course.db_url, course.course_id) as gradebook:
            yield gradebook
    except (ImportError, SQLAlchemyError, InvalidEntry) as error:
        raise _told(error) from error


def is_there(course: CourseDirectory) -> bool:
    """Whether a class has a gradebook, as far as this can be told without making one.

    Raises
    ------
    BookError
        If its address is none.
    """
    try:
        url = make_url(course.db_url)
    except ArgumentError as error:
        raise BookError(
            "the gradebook's address is none that a database has: postgresql://host/grades is one, or "
            "sqlite:////folder/gradebook.db"
        ) from error
    return not url.drivername.startswith("sqlite") or bool(url.database and Path(url.database).exists())


def require(course: CourseDirectory) -> None:
    """See that a class has a gradebook, for one who only reads it: opening it would make an empty one.

    Raises
    ------
    BookError
        If it has none.
    """
    if not is_there(course):
        file = make_url(course.db_url).database
        raise BookError(f"there is no gradebook: {file} is not there. Release a lesson first: gdgrade release LESSON")


def _prepare_the_environment() -> None:
    # nbgrader calls alembic from PATH.
    programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    if path.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = os.pathsep.join([programs, path])
    # While a database's machine is silent, Ctrl-C is not heard.
    os.environ.setdefault("PGCONNECT_TIMEOUT", "5")


def _told(caught: Exception) -> BookError:
    """What is wrong with the gradebook, in plain words."""
    if isinstance(caught, ImportError):
        return BookError(f"{caught}: pip install 'gdexercises[postgresql]'")
    # nbgrader takes whatever goes wrong while it adds something for an invalid entry.
    error = caught.__context__ if isinstance(caught, InvalidEntry) and caught.__context__ else caught
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    if FULL.search(said):
        return BookError(f"the gradebook's disk is full ({said}): make room")
    if isinstance(error, DBAPIError) and _comes_back(error):
        return _NoAnswer(f"the gradebook does not answer: {said.splitlines()[0]}")
    return BookError(
        f"the gradebook cannot be used: {said}. If nbgrader was upgraded since, back it up and run "
        "`nbgrader db upgrade`"
    )


@contextmanager
def _saying_nothing() -> Iterator[None]:
    """Do without nbgrader's log of an error that is told, or mended, here."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before


def _comes_back(error: DBAPIError) -> bool:
    """Whether what is wrong with the database may pass by itself."""
    said = str(error.orig)
    if type(error.orig).__module__.startswith("sqlite3"):
        return "locked" in said
    return error.connection_invalidated or (
        isinstance(error, OperationalError | InterfaceError) and not REFUSED.search(said)
    )


@contextmanager
def one_transaction(gradebook: Gradebook) -> Iterator[None]:
    """Let nbgrader's own calls, each of which commits, take part in one transaction.

    Parameters
    ----------
    gradebook : Gradebook
        An open one. Whatever goes wrong, nothing of what was done in here is in it afterwards.
    """
    gradebook.db.commit = gradebook.db.flush
    try:
        with gradebook.db.no_autoflush:  # as it is where each call commits
            yield
        del gradebook.db.commit
        gradebook.db.commit()
    except BaseException:
        gradebook.db.__dict__.pop("commit", None)
        gradebook.db.rollback()
        raise


def _write(
    notebook: SubmittedNotebook, graded: Graded, names: Mapping[str, str]
) -> list[tuple[str, float | None, float | None]]:
    changes = []
    for grade in notebook.grades:
        name = names.get(grade.cell_id)
        if name in graded.grades:
            points = graded.grades[name]
            if points != grade.auto_score:
                changes.append((name, grade.auto_score, points))
            grade.auto_score = points
            grade.needs_manual_grade = grade.manual_score is not None or points is None
    for comment in notebook.comments:
        name = names.get(comment.cell_id)
        if name in graded.comments:
            comment.auto_comment = graded.comments[name]
    return changes
