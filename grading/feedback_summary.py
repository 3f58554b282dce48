"""A student's summary across lessons: how they stand in each, with what checks and people said, on one page.

A record is of one student, and the page is made of that record alone. All that it shows is escaped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup, escape
from nbgrader.api import BaseCell, Comment, Gradebook, Notebook, SubmittedAssignment, SubmittedNotebook

from gdexercises.checking.verdict import marked_up
from grading import pages
from grading.report import CheckResult, Lesson, Submission

__all__ = [
    "Exercise",
    "Outcome",
    "Record",
    "Remark",
    "has_points",
    "outcome",
    "read_comments",
    "summary_page",
    "waits",
]

GRADED, PROVISIONAL, HANDED_IN, MISSING, TO_COME, NOT_OUT = (
    "graded",
    "provisional",
    "handed in, not graded yet",
    "missing: nothing was handed in",
    "to come",
    "to come, not handed out yet",
)


class Remark(NamedTuple):
    """A comment on an answer: which cell of which notebook, the words, and whether a person wrote them."""

    notebook: str
    cell: str
    text: str
    by_person: bool


def read_comments(gradebook: Gradebook, lesson: str) -> dict[str, list[Remark]]:
    """Read the comments on all submissions of a lesson, by student."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id, Notebook.name, BaseCell.name, Comment.comment, Comment.manual_comment
        )
        .select_from(Comment)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Comment.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(SubmittedAssignment.assignment_id == gradebook.find_assignment(lesson).id)
    )
    found: dict[str, list[Remark]] = {}
    for student, notebook, cell, text, manual in rows:
        if text:
            found.setdefault(student, []).append(Remark(notebook, cell, text, bool(manual)))
    return {student: sorted(remarks) for student, remarks in found.items()}


# What is said about it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """One line of a lesson's table.

    Attributes
    ----------
    name : str
    points, most : float
    by_hand : bool
        Whether a person still has to look.
    attempted : bool
        Whether the check does not say that there was no attempt.
    message : str
        What the check said, if the points are not all there.
    comment : str
        What a person wrote, or nbgrader for them where no check says anything.
    """

    name: str
    points: float
    most: float
    by_hand: bool = False
    attempted: bool = True
    message: str = ""
    comment: str = ""

    @property
    def words(self) -> str:
        """How it went, with a sign; never by a colour alone."""
        if self.by_hand:
            return "… to be graded by a person"
        if not self.points and not self.most:
            return "–"
        if self.points >= self.most:
            return "✓ all points"
        if self.points > 0:
            return "◐ some points"
        return "✗ no points" if self.attempted else "○ not attempted"

    @property
    def shown_message(self) -> Markup:
        """The message with its code and its lines marked; all else in it is escaped."""
        return _in_lines(Markup(marked_up(self.message)))

    @property
    def shown_comment(self) -> Markup:
        """The comment with its lines marked; all else in it is escaped."""
        return _in_lines(escape(self.comment))


@dataclass(frozen=True)
class Outcome:
    """How a student stands in one lesson.

    Attributes
    ----------
    lesson, state : str
    points, most, penalty : float
        Points before the late penalty, points there are to get, and the penalty.
    due : datetime or None
    exercises : tuple of Exercise
        In the order of the notebook.
    finding : str
        Why nothing could be graded, if nothing could.
    """

    lesson: str
    state: str
    most: float
    points: float = 0.0
    penalty: float = 0.0
    due: datetime | None = None
    exercises: tuple[Exercise, ...] = ()
    finding: str = ""

    @property
    def counts(self) -> bool:
        """Whether there are points to tell."""
        return self.state in (GRADED, PROVISIONAL)

    @property
    def total(self) -> float:
        """Points after the late penalty."""
        return self.points - self.penalty

    @property
    def to_do(self) -> int:
        """How many exercises a person still has to look at."""
        return sum(one.by_hand for one in self.exercises)


@dataclass(frozen=True)
class Record:
    """All that a student is told: of themselves, and of nobody else."""

    student: str
    name: str
    outcomes: tuple[Outcome, ...]

    @property
    def counting(self) -> list[Outcome]:
        """The lessons with points."""
        return [one for one in self.outcomes if one.counts]

    @property
    def total(self) -> float:
        """Points after late penalties, in what is graded so far."""
        return sum(one.total for one in self.counting)

    @property
    def most(self) -> float:
        """Points there were to get in what is graded so far."""
        return sum(one.most for one in self.counting)

    def among(self, *states: str) -> list[Outcome]:
        """The lessons in these states."""
        return [one for one in self.outcomes if one.state in states]


def outcome(
    lesson: Lesson | None, name: str, submission: Submission | None, remarks: Sequence[Remark], now: datetime
) -> Outcome:
    """Say how a student stands in a lesson.

    Parameters
    ----------
    lesson : Lesson or None
        None if it is not in the gradebook.
    name : str
        The lesson's name.
    submission : Submission or None
        The student's; None if there is no word of them.
    remarks : sequence of Remark
        The comments on it.
    now : datetime
        UTC, without a time zone, as nbgrader has it.
    """
    if lesson is None or not (lesson.exercises or lesson.stubs):
        return Outcome(name, NOT_OUT, 0.0)
    due = submission.due if submission else lesson.due
    empty = Outcome(name, _state(submission, due, now), lesson.max_score, due=due)
    if not (submission and empty.counts):
        return empty
    told = submission.state != "unreadable"
    return replace(
        empty,
        points=submission.score,
        penalty=submission.penalty,
        exercises=tuple(_exercises(lesson, submission, remarks, told)),
        finding="" if told else submission.finding or "",
    )


def _state(submission: Submission | None, due: datetime | None, now: datetime) -> str:
    if submission and has_points(submission):
        return PROVISIONAL if waits(submission) else GRADED
    if submission and submission.handed_in:
        return HANDED_IN
    return TO_COME if due is not None and now < due else MISSING


def has_points(submission: Submission) -> bool:
    """Whether there is something to tell: who was only given an extension has a submission in the gradebook, too."""
    return submission.graded or any(one.score for one in (*submission.checks, *submission.written))


def waits(submission: Submission) -> bool:
    """Whether a person has still to look at an answer."""
    return any(one.waits for one in (*submission.checks, *submission.written))


def _exercises(lesson: Lesson, submission: Submission, remarks: Sequence[Remark], told: bool) -> list[Exercise]:
    """The exercises in the order of the notebook."""
    found = {one.exercise: _exercise(one, told) for one in (*submission.checks, *submission.written)}
    for remark in remarks:
        name = _exercise_of(remark, lesson)
        exercise = found.get(name, Exercise(name, 0.0, 0.0))
        # nbgrader's own "No response." only repeats what a check, or the finding, has said.
        if remark.by_person or (told and not exercise.message):
            comment = f"{exercise.comment}\n{remark.text}".strip()
            found[name] = replace(exercise, comment=comment)
    order = {name: number for number, name in enumerate(lesson.exercises)}
    return sorted(found.values(), key=lambda exercise: order.get(exercise.name, len(order)))


def _exercise(one: CheckResult, told: bool) -> Exercise:
    message = str(one.message or "") if told else ""
    return Exercise(one.exercise, one.score, one.max_score, one.waits, one.attempted, message)


def _exercise_of(remark: Remark, lesson: Lesson) -> str:
    """The exercise that a commented cell belongs to; the cell's own name if it belongs to none."""
    with_notebook = f"{remark.notebook}/{remark.cell}"
    for exercise, cells in lesson.parts.items():
        notebook, _, _ = exercise.rpartition("/")
        if remark.cell in cells and notebook in ("", remark.notebook):
            return exercise
    return with_notebook if with_notebook in lesson.exercises else remark.cell


def _in_lines(text: Markup) -> Markup:
    return Markup("<br>").join(text.splitlines())


# The page -------------------------------------------------------------------------------------------------------------


def summary_page(record: Record, links: Mapping[str, Sequence[str]], *, alone: bool = True) -> str:
    """Make a student's page across lessons.

    Parameters
    ----------
    record : Record
    links : mapping of str to sequence of str
        Where the lessons' own pages are, by lesson, as seen from this page.
    alone : bool
        Whether it is a page of its own; else it is a part of another page.
    """
    template = "feedback_summary.html" if alone else "feedback_lessons.html"
    return pages.page(template, record=record, links=links, open=record.among(TO_COME, NOT_OUT), alone=alone)
