"""Gradebooks made of numbers, by nbgrader's own interface: nothing is run."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from nbgrader.api import Gradebook

from grading.course import open_class

CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'gradient-descent'\n"
DUE = datetime(2030, 1, 1, 12)


@dataclass(frozen=True)
class Points:
    """What a student has in a lesson: points of its code cell, by hand, extra, off for being late, and a comment."""

    auto: float | None = None
    hand: float | None = None
    extra: float | None = None
    late: float | None = None
    comment: str | None = None
    waits: bool = False


def make_class(
    directory: Path,
    students: Sequence[Mapping[str, str]],
    lessons: Mapping[str, float],
    points: Mapping[tuple[str, str], Points],
    db: str | None = None,
) -> Path:
    """Make a class whose gradebook has these students, lessons (with their most points) and points.

    Each lesson has two notebooks: a code cell with all but one of its points, and a cell for a person with one.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "nbgrader_config.py").write_text(CONFIG)
    with warnings.catch_warnings(), Gradebook(db or open_class(directory).db_url, "gradient-descent") as book:
        warnings.simplefilter("ignore")  # SQLAlchemy on nbgrader's way to add a submission
        for student in students:
            book.add_student(**{"student_id" if key == "id" else key: value for key, value in student.items()})
        for lesson, most in lessons.items():
            book.add_assignment(lesson, duedate=DUE)
            book.add_notebook(lesson, lesson)
            book.add_notebook(f"{lesson}-essay", lesson)
            book.add_grade_cell("check", lesson, lesson, max_score=most - 1, cell_type="code")
            book.add_grade_cell("essay", f"{lesson}-essay", lesson, max_score=1, cell_type="markdown")
            book.add_solution_cell("essay", f"{lesson}-essay", lesson)
        for (student, lesson), what in points.items():
            enter(book, student, lesson, what)
    return directory


def enter(book: Gradebook, student: str, lesson: str, what: Points) -> None:
    """Write a student's points for a lesson into a gradebook, in place of those that are there."""
    late = timedelta(hours=30) if what.late else timedelta(hours=-1)
    submission = book.update_or_create_submission(lesson, student, timestamp=DUE + late)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            is_code = grade.cell.name == "check"
            grade.auto_score = what.auto if is_code else None
            grade.manual_score = None if is_code else what.hand
            grade.extra_credit = what.extra if is_code else None
            grade.needs_manual_grade = what.waits and not is_code
            if not is_code and what.hand is None and not what.waits:
                grade.auto_score = 0.0
        for comment in notebook.comments:
            comment.manual_comment = what.comment
        if notebook.name == lesson:
            notebook.late_submission_penalty = what.late
    book.db.commit()
