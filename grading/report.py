"""What each check said about each student: scores from the gradebook, words from the autograded notebooks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory

from gdexercises.checking.verdict import MIME
from grading.book import opened
from grading.course import open_class
from grading.intake import FINDING_KEY, handed_in, ran_behind_the_wall, submission_finding, timestamp_of

__all__ = ["CheckResult", "Lesson", "Points", "Submission", "findings", "full_name", "read_lesson", "read_notebook"]


@dataclass(frozen=True)
class CheckResult:
    """One check of one submission.

    Attributes
    ----------
    exercise : str
        Grade id of the cell it grades.
    score, max_score : float
        Points, as the gradebook has them.
    verdict : dict or None
        What the check said: exercise, passed, finding, mistake, message, call, expected, got.
    error : str or None
        What its cell raised, if it raised anything.
    waits : bool
        Whether a person has to look at it still.
    """

    exercise: str
    score: float
    max_score: float
    verdict: dict[str, Any] | None
    error: str | None
    waits: bool = False

    @property
    def failed(self) -> bool:
        """Whether it cost points, or would have."""
        return self.score < self.max_score or self.error is not None

    @property
    def mistake(self) -> str | None:
        """Name of the recognised mistake, or else of the finding, or else of the error; None if it passed."""
        if not self.failed:
            return None
        verdict = self.verdict or {}
        if verdict.get("passed"):
            return "points by hand"
        return verdict.get("mistake") or verdict.get("finding") or (self.error or "failed").partition(":")[0]

    @property
    def message(self) -> str | None:
        """What the check had to say; None if it passed."""
        return (self.verdict or {}).get("message") or self.error if self.failed else None

    @property
    def attempted(self) -> bool:
        """Whether there was an answer to check."""
        return (self.verdict or {}).get("finding") != "not attempted"


@dataclass(frozen=True)
class Submission:
    """One student's submission of one lesson.

    Attributes
    ----------
    student, name : str
        Id and full name; the name is empty for a student who is not on the roster.
    score, max_score : float
        Points, as the gradebook has them, before late penalties.
    checks : tuple of CheckResult
        In the order of the notebook.
    finding : str or None
        Why nothing could be graded, if nothing could.
    sandbox : bool
        False if student code ran without the wall.
    handed_in, graded : bool
        Whether there is something, and whether it is in the gradebook and can be read.
    newer : bool
        Whether something was handed in since.
    timestamp : datetime or None
        When it was handed in (UTC), where that was noted.
    due : datetime or None
        Until when it could be handed in (UTC), with the student's extension.
    penalty : float
        Points taken off since it was late.
    written : tuple of CheckResult
        Answers that no check looks at: a person grades them.
    answers : mapping of str to str
        What the student wrote, by the exercise that it is for.
    stopped : tuple of str
        Of each of the student's cells that had to be stopped, or ended Python: why.
    """

    student: str
    name: str
    score: float
    max_score: float
    checks: tuple[CheckResult, ...]
    finding: str | None
    sandbox: bool = True
    handed_in: bool = True
    graded: bool = True
    newer: bool = False
    timestamp: datetime | None = None
    due: datetime | None = None
    penalty: float = 0.0
    written: tuple[CheckResult, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    stopped: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """``graded``, ``unreadable``, ``not graded`` or ``missing``."""
        if not (self.checks or self.written):
            return "not graded" if self.handed_in else "missing"
        return "unreadable" if self.graded and self.finding else "graded"

    @property
    def late(self) -> timedelta:
        """By how much it came too late; nothing where that is not known."""
        if self.timestamp is None or self.due is None:
            return timedelta()
        return max(timedelta(), self.timestamp - self.due)


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was released, and what came of it.

    Attributes
    ----------
    name : str
    due : datetime or None
        Until when it could be handed in (UTC).
    max_score : float
    exercises : mapping of str to float
        The most points of each cell that grades, in the order of the notebook.
    parts : mapping of str to sequence of str
        By exercise, the grade ids of the cells that its answer is written in.
    stubs : mapping of str to str
        By grade id, what was in those cells when they were released.
    submissions : tuple of Submission
        By student id.
    """

    name: str
    due: datetime | None
    max_score: float
    exercises: Mapping[str, float]
    parts: Mapping[str, Sequence[str]]
    stubs: Mapping[str, str]
    submissions: tuple[Submission, ...]


def findings(class_dir: Path | str, lesson: str, *, db: str | None = None) -> list[Submission]:
    """Report on each student of a class.

    Parameters
    ----------
    class_dir : Path or str
        The class directory, after ``nbgrader autograde``.
    lesson : str
        The lesson's name, such as ``01-five-steps``.
    db : str, optional
        The gradebook's database, if it is another one than the class's configuration says.

    Returns
    -------
    list of Submission
        One for each student in the gradebook or with something handed in, in the order of their ids; who handed in
        nothing has a finding too.

    Raises
    ------
    FileNotFoundError
        If the folder is not a class directory.
    LookupError
        If the gradebook does not know the lesson.
    """
    course = open_class(class_dir, db)
    with opened(course) as gradebook:
        return list(read_lesson(course, gradebook, lesson).submissions)


def read_lesson(course: CourseDirectory, gradebook: Gradebook, lesson: str) -> Lesson:
    """Read all that is known of a lesson.

    Parameters
    ----------
    course : CourseDirectory
        The class: where its autograded notebooks are.
    gradebook : Gradebook
    lesson : str

    Raises
    ------
    LookupError
        If the gradebook does not know the lesson.
    """
    try:
        assignment = gradebook.find_assignment(lesson)
    except MissingEntry:
        raise _unknown_lesson(course, gradebook, lesson) from None
    book = Points(gradebook, assignment)
    names = {student.id: full_name(student) for student in gradebook.students}
    folders = handed_in(course, lesson)
    form = _Form(book)
    read = {student: _read_autograded(course, lesson, student, book, form) for student in sorted(book.graded(course))}
    if not form.order:  # nobody is graded: the order is that of the released notebook
        for name in book.notebooks:
            folder = Path(course.format_path(course.release_directory, ".", lesson))
            form.learn(name, read_notebook(Path(folder, f"{name}.ipynb")))
    submissions = [
        _submission(course, lesson, student, names.get(student, ""), book, read.get(student), folders.get(student))
        for student in sorted({*names, *folders, *book.submitted})
    ]
    return Lesson(
        name=lesson,
        due=assignment.duedate,
        max_score=sum(book.most.values()),
        exercises=form.in_order(),
        parts=form.parts,
        stubs={cell.name: cell.source or "" for one in assignment.notebooks for cell in one.source_cells},
        submissions=tuple(submissions),
    )


def full_name(student: Student) -> str:
    """A student's name, as far as the roster has it."""
    return " ".join(filter(None, (student.first_name, student.last_name)))


def _unknown_lesson(course: CourseDirectory, gradebook: Gradebook, lesson: str) -> LookupError:
    """The error that says which lessons there are."""
    known = ", ".join(sorted(assignment.name for assignment in gradebook.assignments)) or "none"
    return LookupError(f"the gradebook of {course.root} has no lesson {lesson}; it has: {known}")


# The gradebook ------------------------------------------------------------------------------------------------------


class Points:
    """What the gradebook says of a lesson, read in a few questions however many students there are.

    Attributes
    ----------
    lesson : str
    due : datetime or None
        Until when it could be handed in (UTC).
    notebooks : list of str
        Its notebooks' names.
    most : dict
        The most points, by notebook and grade id.
    submitted : dict
        When it was handed in, and by how much later it could be, by student.
    grades : dict
        By student, then by notebook and grade id: the points, and whether a person has to look at it still.
    with_points : set
        The students with points in one of its cells, be they 0.
    penalties : dict
        Points taken off for being late, by student.
    """

    def __init__(self, gradebook: Gradebook, assignment: Assignment):
        self.lesson = assignment.name
        self.due = assignment.duedate
        self.notebooks = sorted(notebook.name for notebook in assignment.notebooks)
        self.most: dict[tuple[str, str], float] = {
            (notebook.name, cell.name): cell.max_score
            for notebook in assignment.notebooks
            for cell in (*notebook.grade_cells, *notebook.task_cells)
        }
        of_lesson = SubmittedAssignment.assignment_id == assignment.id
        ask = gradebook.db.query
        self.submitted: dict[str, tuple[datetime | None, timedelta | None]] = {
            student: (timestamp, extension)
            for student, timestamp, extension in ask(
                SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension
            ).filter(of_lesson)
        }
        self.grades: dict[str, dict[tuple[str, str], tuple[float, bool]]] = {one: {} for one in self.submitted}
        names = {notebook.id: notebook.name for notebook in assignment.notebooks}
        rows = ask(
            SubmittedAssignment.student_id,
            SubmittedNotebook.notebook_id,
            BaseCell.name,
            Grade.score,
            Grade.needs_manual_grade,
            Grade.auto_score.is_not(None) | Grade.manual_score.is_not(None),
        )
        rows = rows.select_from(Grade).join(BaseCell, BaseCell.id == Grade.cell_id)
        rows = rows.join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        rows = rows.join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        self.with_points: set[str] = set()
        for student, notebook, cell, score, waits, points in rows.filter(of_lesson):
            if points:
                self.with_points.add(student)
            if (names.get(notebook), cell) in self.most:
                self.grades[student][names[notebook], cell] = (score, waits)
        penalties = ask(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
        penalties = penalties.join(SubmittedNotebook, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        self.penalties: dict[str, float] = {}
        for student, penalty in penalties.filter(of_lesson):
            self.penalties[student] = self.penalties.get(student, 0.0) + (penalty or 0.0)

    def exercise(self, notebook: str, cell: str) -> str:
        """What to call a cell that grades; in a lesson of several notebooks, with the name of its own."""
        name = cell.removeprefix("check-")
        return f"{notebook}/{name}" if len(self.notebooks) > 1 else name

    def graded(self, course: CourseDirectory) -> set[str]:
        """The students who are graded; nothing has looked at who has no points and no autograded notebook."""
        return {
            one for one in self.submitted if one in self.with_points or _autograded(course, self.lesson, one).is_dir()
        }

    def due_for(self, student: str) -> datetime | None:
        """Until when a student may hand in."""
        extension = self.submitted.get(student, (None, None))[1]
        return self.due + extension if self.due and extension else self.due


def _submission(
    course: CourseDirectory,
    lesson: str,
    student: str,
    name: str,
    book: Points,
    read: "_Read | None",
    there: Path | None,
) -> Submission:
    now = timestamp_of(course, there) if there else None
    common = {"student": student, "name": name, "max_score": sum(book.most.values()), "due": book.due_for(student)}
    if read is None:
        finding = f"{student} has handed in nothing for {lesson}" if there is None else _not_graded(student, lesson)
        return Submission(
            **common, score=0.0, checks=(), finding=finding, handed_in=there is not None, graded=False, timestamp=now
        )
    then = book.submitted[student][0]
    return Submission(
        **common,
        score=sum(score for score, _ in book.grades[student].values()),
        checks=tuple(read.checks),
        written=tuple(read.written),
        finding=read.finding,
        sandbox=read.sandbox,
        graded=read.graded,
        newer=bool(now and then and now > then),
        timestamp=then or now,
        penalty=book.penalties.get(student, 0.0),
        answers=read.answers,
        stopped=tuple(read.stopped),
    )


def _not_graded(student: str, lesson: str) -> str:
    return f"{student}/{lesson} is not autograded: run `gdgrade autograde {lesson}`"


# The notebooks ------------------------------------------------------------------------------------------------------


@dataclass
class _Read:
    """What the autograded notebooks of a submission say."""

    checks: list[CheckResult] = field(default_factory=list)
    written: list[CheckResult] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    finding: str | None = None
    sandbox: bool = True
    graded: bool = True


class _Form:
    """What of a lesson all its notebooks have in common: the order of its exercises, and where answers stand."""

    def __init__(self, points: Points):
        self._points = points
        self.order: dict[str, None] = {}
        self.parts: dict[str, list[str]] = {}

    def learn(self, notebook: str, nb: NotebookNode | None) -> None:
        """Take the order of a notebook's exercises, and which cells each is answered in: those above its check."""
        waiting: list[str] = []
        for cell in nb.cells if nb else ():
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name and utils.is_solution(cell):
                waiting.append(name)
            if name and (utils.is_grade(cell) or utils.is_task(cell)):
                exercise = self._points.exercise(notebook, name)
                self.order.setdefault(exercise)
                if waiting:
                    self.parts.setdefault(exercise, waiting)
                waiting = []

    def in_order(self) -> dict[str, float]:
        """The most points by exercise, in the order of the notebooks."""
        by_name = {self._points.exercise(*cell): most for cell, most in sorted(self._points.most.items())}
        order = {name: number for number, name in enumerate(self.order)}
        return dict(sorted(by_name.items(), key=lambda item: order.get(item[0], len(order))))


def _read_autograded(course: CourseDirectory, lesson: str, student: str, book: Points, form: _Form) -> _Read:
    read = _Read()
    folder = _autograded(course, lesson, student)
    grades = dict(book.grades[student])
    for name in book.notebooks:
        nb = read_notebook(folder / f"{name}.ipynb")
        if nb is None:
            read.graded = False
            read.finding = _not_graded(student, lesson)
            continue
        form.learn(name, nb)
        texts = {}
        for cell in nb.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id and utils.is_solution(cell):
                texts[grade_id] = cell.source
            if (name, grade_id) in grades:
                _read_check(cell, book.exercise(name, grade_id), book.most, (name, grade_id), grades, read)
            read.stopped += _why_stopped(cell)
        _read_answers(texts, form, read)
        read.finding = read.finding or submission_finding(nb)
        read.sandbox = read.sandbox and _behind_the_wall(nb)
    # Grades whose notebook is not there have no words, but points.
    for key, (score, waits) in sorted(grades.items()):
        read.checks.append(CheckResult(book.exercise(*key), score, book.most[key], None, None, waits))
    return read


def _read_check(
    cell: NotebookNode,
    exercise: str,
    points: Mapping[tuple[str, str], float],
    key: tuple[str, str],
    grades: dict[tuple[str, str], tuple[float, bool]],
    read: _Read,
) -> None:
    score, waits = grades.pop(key)
    if cell.cell_type == "code":
        read.checks.append(CheckResult(exercise, score, points[key], *_what_it_said(cell), waits))
    else:
        read.written.append(CheckResult(exercise, score, points[key], None, None, waits))


def _read_answers(texts: Mapping[str, str], form: _Form, read: _Read) -> None:
    for exercise, names in form.parts.items():
        found = [texts[name] for name in names if name in texts]
        if found:
            read.answers[exercise] = "\n\n".join(found)


def _autograded(course: CourseDirectory, lesson: str, student: str) -> Path:
    return Path(course.format_path(course.autograded_directory, student, lesson))


def read_notebook(path: Path) -> NotebookNode | None:
    """A notebook of the grader's own; None if it is not there, or broken."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError):
        return None


def _behind_the_wall(nb: NotebookNode) -> bool:
    """False also where plain nbgrader has graded: there is no wall in it."""
    return ran_behind_the_wall(nb) and (FINDING_KEY in nb.metadata)


def _why_stopped(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        if output.output_type == "error" and output.ename == "Stopped":
            yield output.evalue


def _what_it_said(cell: NotebookNode) -> tuple[dict[str, Any] | None, str | None]:
    verdict = error = None
    for output in cell.outputs:
        if output.output_type == "display_data" and isinstance(output.data.get(MIME), dict):
            verdict = dict(output.data[MIME])
        elif output.output_type == "error":
            error = f"{output.ename}: {output.evalue}"
    return verdict, error
