"""Classes to report on, as grading leaves them: a gradebook and autograded notebooks, written without grading."""

import functools
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from gdexercises.checking.verdict import MIME, Verdict
from grading.book import opened
from grading.course import open_class
from grading.intake import FINDING_KEY, not_graded

LESSON = "01-hills"
POINTS = {"climb": 2.0, "roll": 3.0, "quiz": 1.0}
STUB = "raise NotImplementedError()"
HINT = "The sign is reversed: `w` goes *uphill* <there>."
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'hills'\n"


@dataclass
class Work:
    """What a student handed in, and what came of it.

    Attributes
    ----------
    mistakes : mapping of str to str
        By exercise, the name of what is wrong: a mistake, or one of "not attempted", "ended: how", "error: text".
    answers : mapping of str to str
    when : datetime, optional
    finding : str
        Why nothing could be graded, if so.
    stopped : str
        Why a cell of the student's was stopped, if so.
    sandbox : bool
    essay : float or None
        Points by hand; it waits for a person without them.
    """

    mistakes: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    when: datetime | None = None
    finding: str = ""
    stopped: str = ""
    sandbox: bool | None = True
    essay: float | None = None


def make_class(
    directory: Path,
    works: Mapping[str, Work],
    *,
    lesson: str = LESSON,
    points: Mapping[str, float] = POINTS,
    roster: Mapping[str, tuple[str, str]] | None = None,
    due: datetime | None = None,
    essay: bool = False,
    solutions: Mapping[str, str] | None = None,
    waiting: Iterable[str] = (),
) -> Path:
    """Write a class, or one more lesson into it.

    Parameters
    ----------
    directory : Path
    works : mapping of str to Work
        By student id.
    lesson : str
    points : mapping of str to float
        By exercise.
    roster : mapping of str to (first name, last name), optional
    due : datetime, optional
    essay : bool
        Whether there is a cell of 4 points that a person grades.
    solutions : mapping of str to str, optional
        The reference solutions; without them there is no source.
    waiting : iterable of str
        Who handed in and is not graded.
    """
    directory.mkdir(exist_ok=True)
    (directory / "nbgrader_config.py").write_text(CONFIG)
    course = open_class(directory)
    if not (directory / "gradebook.db").exists():
        (directory / "gradebook.db").write_bytes(_empty_gradebook())
    released = _notebook(points, essay, {})
    _write(released, directory / "release" / lesson / f"{lesson}.ipynb")
    if solutions is not None:
        texts = {name: f"### BEGIN SOLUTION\n{text}\n### END SOLUTION" for name, text in solutions.items()}
        _write(_notebook(points, essay, texts), directory / "source" / lesson / f"{lesson}.ipynb")
    for student in (*works, *waiting):
        folder = directory / "submitted" / student / lesson
        folder.mkdir(parents=True)
        if student in works and works[student].when:
            (folder / "timestamp.txt").write_text(f"{works[student].when} UTC")
    with Gradebook(course.db_url, course.course_id) as book:
        for student, (first, last) in (roster or {}).items():
            book.update_or_create_student(student, first_name=first, last_name=last)
        book.update_or_create_assignment(lesson, duedate=due)
        book.update_or_create_notebook(lesson, lesson)
        for name, most in points.items():
            book.add_grade_cell(f"check-{name}", lesson, lesson, max_score=most, cell_type="code")
            book.add_solution_cell(name, lesson, lesson)
            book.add_source_cell(name, lesson, lesson, cell_type="code", source=STUB)
        if essay:
            book.add_grade_cell("essay", lesson, lesson, max_score=4.0, cell_type="markdown")
            book.add_solution_cell("essay", lesson, lesson)
        for student, work in works.items():
            _grade(book, directory, lesson, points, essay, student, work)
    return directory


@functools.cache
def _empty_gradebook() -> bytes:
    """A gradebook with nothing in it, which takes nbgrader long to make."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with opened(CourseDirectory(db_url=f"sqlite:///{path}")):
            pass
        return path.read_bytes()


def _grade(
    book: Gradebook, directory: Path, lesson: str, points: Mapping[str, float], essay: bool, student: str, work: Work
) -> None:
    book.update_or_create_student(student)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own
        submission = book.update_or_create_submission(lesson, student, timestamp=work.when)
    for grade in submission.notebooks[0].grades:
        name = grade.name.removeprefix("check-")
        if name == "essay":
            grade.manual_score, grade.needs_manual_grade = work.essay, work.essay is None
        else:
            grade.auto_score = 0.0 if work.finding or name in work.mistakes else points[name]
            grade.needs_manual_grade = False
    book.db.commit()
    nb = _notebook(points, essay, work.answers)
    if work.finding:
        nb = not_graded(nb, f"{student}/{lesson}/{lesson}.ipynb {work.finding}")
    if work.sandbox is not None:
        nb.metadata[FINDING_KEY] = {**nb.metadata.get(FINDING_KEY, {}), "sandbox": work.sandbox}
    for cell in nb.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith("check-") and cell.cell_type == "code":
            cell.outputs = _outputs(grade_id.removeprefix("check-"), work, student)
    if work.stopped:
        error = new_output("error", ename="Stopped", evalue=work.stopped, traceback=[work.stopped])
        nb.cells.append(new_code_cell("while True: pass", outputs=[error]))
    _write(nb, directory / "autograded" / student / lesson / f"{lesson}.ipynb")


def _outputs(name: str, work: Work, student: str) -> list[nbformat.NotebookNode]:
    if work.finding:
        return [new_output("error", ename="NotGraded", evalue=work.finding, traceback=[work.finding])]
    mistake = work.mistakes.get(name)
    if mistake is not None and mistake.startswith("error: "):
        said = mistake.removeprefix("error: ")
        return [new_output("error", ename="AssertionError", evalue=said, traceback=[said])]
    if mistake is None:
        verdict = Verdict(name, True, "passed", "")
    elif mistake == "not attempted":
        verdict = Verdict(name, False, "not attempted", "Write your answer in the cell above.")
    elif mistake.startswith("ended: "):
        said = f"The check of {name} could not be finished: the code {mistake.removeprefix('ended: ')}."
        verdict = Verdict(name, False, "ended", said)
    else:
        verdict = Verdict(name, False, "value", f"w is {len(student)} and should be 7.\n{HINT}", mistake)
    shown = new_output("display_data", data={MIME: verdict.to_dict()})
    if verdict.passed:
        return [shown]
    return [shown, new_output("error", ename="CheckFailed", evalue=str(verdict), traceback=[str(verdict)])]


def _notebook(points: Mapping[str, float], essay: bool, answers: Mapping[str, str]) -> nbformat.NotebookNode:
    cells = []
    for name, most in points.items():
        cells.append(_cell(new_code_cell(answers.get(name, STUB)), name, solution=True))
        cells.append(_cell(new_code_cell(f"hills.{name}.check({name})"), f"check-{name}", points=most))
    if essay:
        cells.append(_cell(new_markdown_cell(answers.get("essay", "")), "essay", points=4.0, solution=True))
    return new_notebook(cells=cells)


def _cell(
    cell: nbformat.NotebookNode, grade_id: str, *, points: float | None = None, solution: bool = False
) -> nbformat.NotebookNode:
    cell.id = grade_id
    cell.metadata.nbgrader = {
        "grade_id": grade_id,
        "schema_version": 3,
        "grade": points is not None,
        "solution": solution,
        "locked": not solution,
        "task": False,
        "cell_type": cell.cell_type,
    }
    if points is not None:
        cell.metadata.nbgrader["points"] = points
    return cell


def _write(nb: nbformat.NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
