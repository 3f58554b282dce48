"""What each check said about each student: scores from the gradebook, words from the autograded notebooks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from gdexercises.checking.verdict import MIME
from grading.course import open_class
from grading.intake import ran_behind_the_wall, submission_finding

__all__ = ["CheckResult", "Submission", "findings"]


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
    """

    exercise: str
    score: float
    max_score: float
    verdict: dict[str, Any] | None
    error: str | None

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
        return verdict.get("mistake") or verdict.get("finding") or (self.error or "failed").partition(":")[0]

    @property
    def message(self) -> str | None:
        """What the check had to say; None if it passed."""
        return (self.verdict or {}).get("message") or self.error if self.failed else None


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
    """

    student: str
    name: str
    score: float
    max_score: float
    checks: tuple[CheckResult, ...]
    finding: str | None
    sandbox: bool = True


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
        One for each student in the gradebook, in the order of their ids; who handed in nothing has a finding too.

    Raises
    ------
    FileNotFoundError
        If the folder is not a class directory.
    LookupError
        If the gradebook does not know the lesson.
    """
    course = open_class(class_dir)
    with Gradebook(db or course.db_url, course.course_id) as gradebook:
        try:
            max_score = gradebook.find_assignment(lesson).max_score
        except MissingEntry:
            known = ", ".join(assignment.name for assignment in gradebook.assignments) or "none"
            raise LookupError(f"the gradebook of {class_dir} has no lesson {lesson}; it has: {known}") from None
        found = []
        for student in sorted(gradebook.students, key=lambda student: student.id):
            name = " ".join(filter(None, (student.first_name, student.last_name)))
            try:
                submission = gradebook.find_submission(lesson, student.id)
            except MissingEntry:
                finding = f"{student.id} has handed in nothing for {lesson}"
                found.append(Submission(student.id, name, 0.0, max_score, (), finding))
            else:
                found.append(
                    Submission(student.id, name, submission.score, max_score, *_read_autograded(course, submission))
                )
    return found


def _read_autograded(
    course: CourseDirectory, submission: SubmittedAssignment
) -> tuple[tuple[CheckResult, ...], str | None, bool]:
    lesson, student = submission.assignment.name, submission.student.id
    path = Path(course.format_path(course.autograded_directory, student, lesson), f"{lesson}.ipynb")
    if not path.exists():
        return (), f"{student}/{lesson} is not autograded: run `nbgrader autograde {lesson}`", True
    nb = nbformat.read(path, as_version=4)
    grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
    checks = []
    for cell in nb.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in grades and cell.cell_type == "code":
            grade = grades[name]
            exercise = name.removeprefix("check-")
            checks.append(CheckResult(exercise, grade.score, grade.max_score, *_what_it_said(cell)))
    return tuple(checks), submission_finding(nb), ran_behind_the_wall(nb)


def _what_it_said(cell: NotebookNode) -> tuple[dict[str, Any] | None, str | None]:
    verdict = error = None
    for output in cell.outputs:
        if output.output_type == "display_data" and MIME in output.data:
            verdict = dict(output.data[MIME])
        elif output.output_type == "error":
            error = f"{output.ename}: {output.evalue}"
    return verdict, error
