"""A class as it is after grading, made without grading: a gradebook, autograded notebooks with what checks said."""

import functools
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from gdexercises.checking.verdict import MIME, Verdict
from grading.course import CONFIG_FILE, open_class

HILLS, VALLEYS, LATER = "01-hills", "02-valleys", "03-later"
CHECKED = {HILLS: {"height": 3.0, "roll": 2.0}, VALLEYS: {"depth": 5.0}}
ESSAY = 4.0
NAMES = {"ada": ("Ada", "Abt"), "bob": ("Bob", "<b>Bold</b>"), "cyd": ("Cyd", "Cole"), "zoe": ("Zoe", "Absent")}
"""Zoe hands in nothing."""

SETTINGS = Path(__file__).parents[2] / "grading" / CONFIG_FILE
COURSE = "gradient-descent"
DUE = datetime(2030, 1, 1, 12)
BEFORE, AFTER = datetime(2029, 12, 1), datetime(2030, 2, 1)


def book_of(directory: Path) -> Gradebook:
    """The class's gradebook."""
    course = open_class(directory)
    return Gradebook(course.db_url, course.course_id)


def make_class(directory: Path) -> Path:
    """A class with two lessons handed out, and a third to come. Nothing is handed in."""
    directory.mkdir(parents=True)
    (directory / CONFIG_FILE).write_text(SETTINGS.read_text())
    for lesson in (HILLS, VALLEYS, LATER):
        (directory / "source" / lesson).mkdir(parents=True)
    (directory / "gradebook.db").write_bytes(_book())
    return directory


@functools.cache
def _book() -> bytes:
    """The gradebook of such a class; to make one takes nbgrader seconds."""
    with tempfile.TemporaryDirectory() as folder:
        with Gradebook(f"sqlite:///{folder}/gradebook.db", COURSE) as book:
            for student, (first, last) in NAMES.items():
                book.add_student(student, first_name=first, last_name=last)
            for lesson, exercises in CHECKED.items():
                book.add_assignment(lesson, duedate=DUE)
                book.add_notebook(lesson, lesson)
                for name, points in exercises.items():
                    book.add_solution_cell(name, lesson, lesson)
                    book.add_grade_cell(f"check-{name}", lesson, lesson, max_score=points, cell_type="code")
            book.add_grade_cell("essay", HILLS, HILLS, max_score=ESSAY, cell_type="markdown")
            book.add_solution_cell("essay", HILLS, HILLS)
        return Path(folder, "gradebook.db").read_bytes()


def graded(
    directory: Path,
    student: str,
    lesson: str,
    points: Mapping[str, float],
    said: Mapping[str, str] | None = None,
    *,
    essay: float | None = None,
    penalty: float | None = None,
    text: str = "An essay.",
    timestamp: datetime | None = None,
) -> Path:
    """Put a student's submission there as graded; give the autograded notebook."""
    nb = notebook(lesson, points, said or {}, text)
    for step in ("submitted", "autograded"):
        path = directory / step / student / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nb, path)
        if timestamp is not None:
            (path.parent / "timestamp.txt").write_text(f"{timestamp} UTC")
    with book_of(directory) as book:
        book.update_or_create_submission(lesson, student, timestamp=timestamp)
        for name in CHECKED[lesson]:
            grade = book.find_grade(f"check-{name}", lesson, lesson, student)
            grade.auto_score, grade.needs_manual_grade = points.get(name, 0.0), False
        if lesson == HILLS:
            grade = book.find_grade("essay", HILLS, HILLS, student)
            grade.manual_score, grade.needs_manual_grade = essay, essay is None
        book.find_submission_notebook(lesson, lesson, student).late_submission_penalty = penalty
        book.db.commit()
    return path


def by_hand(directory: Path, student: str, *, essay: float | None = None, comment: str | None = None) -> None:
    """What formgrader writes when a person grades the essay of the hills."""
    with book_of(directory) as book:
        if essay is not None:
            grade = book.find_grade("essay", HILLS, HILLS, student)
            grade.manual_score, grade.needs_manual_grade = essay, False
        if comment is not None:
            book.find_comment("essay", HILLS, HILLS, student).manual_comment = comment
        book.db.commit()


def notebook(
    lesson: str, points: Mapping[str, float], said: Mapping[str, str], text: str = "An essay."
) -> nbformat.NotebookNode:
    """An autograded notebook."""
    cells = []
    for name, most in CHECKED[lesson].items():
        cells.append(_cell(nbformat.v4.new_code_cell(f"{name} = ...", id=name), solution=True))
        check = _cell(nbformat.v4.new_code_cell(f"check({name})", id=f"check-{name}"), grade=True, points=most)
        if points.get(name, 0.0) < most or name in said:
            verdict = Verdict(name, False, "value", said.get(name, f"{name} is not right"), mistake="a_mistake")
            bundle = {"text/plain": str(verdict), MIME: verdict.to_dict()}
            check.outputs = [nbformat.v4.new_output("display_data", data=bundle)]
        cells.append(check)
    if lesson == HILLS:
        essay = nbformat.v4.new_markdown_cell(text, id="essay")
        cells.insert(0, _cell(essay, solution=True, grade=True, points=ESSAY))
    return nbformat.v4.new_notebook(cells=cells)


def _cell(cell: nbformat.NotebookNode, **about: Any) -> nbformat.NotebookNode:
    defaults = {"grade": False, "solution": False, "task": False, "locked": False, "schema_version": 3}
    cell.metadata.nbgrader = {**defaults, **about, "grade_id": cell.id, "cell_type": cell.cell_type}
    return cell


def page_of(directory: Path, student: str, lesson: str) -> Path:
    """The page that a student gets back for a lesson."""
    return directory / "feedback" / student / lesson / f"{lesson}.html"
