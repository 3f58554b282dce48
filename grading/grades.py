"""What the gradebook says of each student and lesson, reckoned as nbgrader does: points, penalties, what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from nbgrader.api import Assignment, BaseCell, Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import case, func

from grading import lessons
from grading.book import BookError, opened, require
from grading.intake import handed_in, timestamp_of
from grading.roster import COLUMNS, Student, in_gradebook

__all__ = ["Grades", "Lesson", "Mark", "State", "read"]


class State(StrEnum):
    """How far a student's work on a lesson is."""

    GRADED = "graded"
    BY_HAND = "waits for grading by hand"
    STALE = "to be graded again"
    UNGRADED = "not graded yet"
    MISSING = "missing"


@dataclass(frozen=True)
class Lesson:
    """A lesson, and the most points there are in it."""

    name: str
    max_score: float
    due: datetime | None = None


@dataclass(frozen=True)
class Mark:
    """What one student has in one lesson.

    Attributes
    ----------
    state : State
    raw : float or None
        Points before the penalty, extra credit included; None where nothing is graded.
    penalty : float
        What is taken off for being late.
    handed_in : datetime or None
        When, in UTC, as far as the gradebook knows.
    comments : tuple of str
        What a person wrote.
    """

    state: State
    raw: float | None = None
    penalty: float = 0.0
    handed_in: datetime | None = None
    comments: tuple[str, ...] = ()

    @property
    def score(self) -> float | None:
        """Points after the penalty, never below 0, as ``nbgrader export`` has them; None where nothing is graded."""
        return None if self.raw is None else _clean(max(0.0, self.raw - self.penalty))


@dataclass(frozen=True)
class Grades:
    """A class's grades.

    Attributes
    ----------
    lessons : tuple of Lesson
        Those that were asked for, by name; or else those that somebody has handed in.
    students : tuple of Student
        By last name, first name and id.
    marks : mapping
        By lesson and student's id; where nothing was handed in there is none.
    left_out : tuple of str
        Lessons that nobody has handed in, if they were not asked for.
    missing : float or None
        The points for what was not handed in.
    """

    lessons: tuple[Lesson, ...]
    students: tuple[Student, ...]
    marks: Mapping[tuple[str, str], Mark]
    left_out: tuple[str, ...] = ()
    missing: float | None = None

    def mark(self, lesson: Lesson, student: Student) -> Mark:
        """What a student has in a lesson."""
        return self.marks.get((lesson.name, student.id), Mark(State.MISSING))

    def score(self, lesson: Lesson, student: Student) -> float | None:
        """The points to export; None where there are none to be told."""
        mark = self.mark(lesson, student)
        return self.missing if mark.state is State.MISSING else mark.score

    def having(self, state: State) -> dict[str, list[str]]:
        """Ids of the students whose work is so far, by lesson; lessons without any are left out."""
        found = {
            lesson.name: [student.id for student in self.students if self.mark(lesson, student).state is state]
            for lesson in self.lessons
        }
        return {lesson: students for lesson, students in found.items() if students}


def read(course: CourseDirectory, words: Iterable[str] = (), *, missing: float | None = None) -> Grades:
    """Read a class's grades.

    Parameters
    ----------
    course : CourseDirectory
        The class: where its gradebook and its folders are.
    words : iterable of str
        Lessons, as `grading.lessons.chosen` takes them; all that somebody has handed in if there are none.
    missing : float, optional
        The points for what was not handed in.

    Returns
    -------
    Grades
        Students who handed something in but are not in the gradebook are among them, under their id alone.

    Raises
    ------
    BookError
        If there is no gradebook, it has no lesson, or it cannot be used.
    grading.lessons.UnknownLesson
        If it does not know a lesson.
    """
    words = list(words)
    require(course)
    with opened(course) as gradebook:
        assignments = {one.name: one for one in sorted(gradebook.assignments, key=lambda one: one.name)}
        if not assignments:
            raise BookError("the gradebook has no lesson yet. Release one first: gdgrade release LESSON")
        names = lessons.chosen(words, list(assignments))
        students = _students(gradebook)
        marks = {(name, who): mark for name in names for who, mark in _marks(course, gradebook, assignments[name])}
        found = {name: Lesson(name, assignments[name].max_score, assignments[name].duedate) for name in names}
    for _, who in marks:
        students.setdefault(who, Student(who, "", "", "", ""))
    begun = {name for name, _ in marks}
    left_out = [] if words else [name for name in names if name not in begun]
    return Grades(
        tuple(lesson for name, lesson in found.items() if name not in left_out),
        tuple(sorted(students.values(), key=_by_name)),
        marks,
        tuple(left_out),
        missing,
    )


def _students(gradebook: Gradebook) -> dict[str, Student]:
    """The students of a gradebook by their ids; what it does not know of them is empty."""
    known = {one.id: one for one in in_gradebook(gradebook)}
    said = [column for column in COLUMNS if column != "id"]
    return {
        who: replace(one, **{column: (getattr(one, column) or "").strip() for column in said})
        for who, one in known.items()
    }


def _by_name(student: Student) -> tuple[str, str, str]:
    return (student.last_name or "").casefold(), (student.first_name or "").casefold(), student.id


def _marks(course: CourseDirectory, gradebook: Gradebook, assignment: Assignment) -> Iterable[tuple[str, Mark]]:
    """What each student has in a lesson, of those who handed something in."""
    folders = handed_in(course, assignment.name)
    points, penalties = _points(gradebook, assignment), _penalties(gradebook, assignment)
    comments = _comments(gradebook, assignment)
    rows = gradebook.db.query(
        SubmittedAssignment.id, SubmittedAssignment.student_id, SubmittedAssignment.timestamp
    ).filter_by(assignment_id=assignment.id)
    known = set()
    for row, who, timestamp in rows:
        known.add(who)
        folder = folders.get(who)
        total, *counts = points.get(row, (0.0, 0, 0, 0, 0))
        state = _state(course, assignment.name, who, timestamp, folder, *counts)
        if state is State.UNGRADED:
            yield who, Mark(state, handed_in=timestamp)
        elif state is not State.MISSING:
            yield who, Mark(state, total, penalties.get(row, 0.0), timestamp, tuple(comments[row]))
    yield from ((who, Mark(State.UNGRADED)) for who in folders if who not in known)


def _state(
    course: CourseDirectory,
    lesson: str,
    student: str,
    timestamp: datetime | None,
    folder: Path | None,
    cells: int,
    with_points: int,
    by_hand: int,
    gaps: int,
) -> State:
    """How far a submission in the gradebook is, by how many of its cells have points, wait for a person, or neither."""
    if cells and not with_points:
        # A cell that nothing has looked at waits for a person, too: only an autograded notebook tells them apart.
        autograded = Path(course.format_path(course.autograded_directory, student, lesson)).is_dir()
        if not (autograded and by_hand):
            return State.UNGRADED if folder or timestamp else State.MISSING
    handed_in_at = timestamp_of(course, folder) if folder else None
    if gaps or (handed_in_at and (timestamp is None or handed_in_at > timestamp)):
        return State.STALE
    return State.BY_HAND if by_hand else State.GRADED


# One query for a lesson, however many students: nbgrader's own sums are a query for each of them.


def _points(gradebook: Gradebook, assignment: Assignment) -> dict[str, tuple[float, int, int, int, int]]:
    """By submission: points; of its cells how many there are, have points, wait for a person, and neither."""
    waits = case((Grade.needs_manual_grade, 1), else_=0)
    without = case((Grade.auto_score.is_(None) & Grade.manual_score.is_(None), 1), else_=0)
    rows = (
        gradebook.db.query(
            SubmittedNotebook.assignment_id,
            func.sum(Grade.score),
            func.count(Grade.id),
            func.sum(1 - without),
            func.sum(waits),
            func.sum(without * (1 - waits)),
        )
        .select_from(SubmittedAssignment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .group_by(SubmittedNotebook.assignment_id)
    )
    return {row: (_clean(total), *counts) for row, total, *counts in rows}


def _penalties(gradebook: Gradebook, assignment: Assignment) -> dict[str, float]:
    rows = (
        gradebook.db.query(SubmittedNotebook.assignment_id, func.sum(SubmittedNotebook.late_submission_penalty))
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .group_by(SubmittedNotebook.assignment_id)
    )
    return {row: _clean(penalty or 0.0) for row, penalty in rows}


def _comments(gradebook: Gradebook, assignment: Assignment) -> dict[str, list[str]]:
    rows = (
        gradebook.db.query(SubmittedNotebook.assignment_id, Comment.manual_comment)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, Comment.cell_id == BaseCell.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id, Comment.manual_comment.is_not(None))
        .order_by(BaseCell.name)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row, comment in rows:
        if comment.strip():
            found[row].append(comment.strip())
    return found


def _clean(points: float) -> float:
    """Points without what adding fractions in binary leaves at the sixteenth digit."""
    return round(points, 9) + 0.0
