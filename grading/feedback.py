"""Feedback pages: nbgrader's own page of each autograded notebook, made where something changed, and the summaries.

Each page ends with a mark, the fingerprint of all that it was made from. A page is made anew if that is another now, or
if there is none, because plain ``nbgrader generate_feedback`` made it. Pages are made aside and renamed into place.
"""

import glob
import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote

import nbgrader
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from grading import lessons as lesson_names
from grading import returning
from grading.book import BookError, opened
from grading.course import ASIDE, alone, class_config, write_whole
from grading.feedback_summary import Record, Remark, has_points, outcome, read_comments, summary_page, waits
from grading.intake import handed_in
from grading.report import Lesson, Submission, full_name, read_lesson

__all__ = ["SUMMARY", "Event", "FeedbackError", "LessonTally", "Room", "Summary", "make_feedback", "summary_path"]

SUMMARY = "summary"
"""In a student's feedback, the folder and the page across lessons are called so."""

MARK = re.compile(rb"<!-- gdgrade: ([0-9a-f]{64}) -->\n\Z")
MARK_LENGTH = 100


class FeedbackError(RuntimeError):
    """Feedback could not be made; the message says why and what to do."""


@dataclass(frozen=True)
class Event:
    """Something that happened, for whoever watches.

    Attributes
    ----------
    kind : str
        ``made``, ``unchanged``, or ``trouble`` (no page).
    lesson : str
        Empty for a page across lessons.
    student : str
    message : str
        What is wrong, for ``trouble``.
    done, total : int
        Pages, those that are unchanged among them.
    """

    kind: str
    lesson: str
    student: str
    message: str = ""
    done: int = 0
    total: int = 0


Listener = Callable[[Event], None]


@dataclass
class LessonTally:
    """What became of one lesson's pages.

    Attributes
    ----------
    made, unchanged : list of str
        Students whose page was made now, or was left as it was.
    troubles : dict
        Why there is no page, by student.
    provisional : list of str
        Students some of whose answers a person has still to look at.
    ungraded : list of str
        Students who handed in something that is not graded yet.
    """

    made: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    provisional: list[str] = field(default_factory=list)
    ungraded: list[str] = field(default_factory=list)


@dataclass
class Summary:
    """What a run has done: by lesson, for the pages across lessons, and what was given back, by lesson."""

    lessons: dict[str, LessonTally] = field(default_factory=dict)
    summaries: LessonTally = field(default_factory=LessonTally)
    given: dict[str, returning.Given] = field(default_factory=dict)

    @property
    def troubles(self) -> list[tuple[str, str, str]]:
        """Lesson (empty for a page across lessons), student, and why there is no page."""
        tallies = [*self.lessons.items(), ("", self.summaries)]
        return [(lesson, *trouble) for lesson, tally in tallies for trouble in tally.troubles.items()]


def make_feedback(
    class_dir: Path | str,
    words: Iterable[str] = (),
    *,
    students: Collection[str] = (),
    force: bool = False,
    db: str | None = None,
    wait: bool = False,
    way: str = "",
    now: datetime | None = None,
    on_event: Listener = lambda event: None,
) -> Summary:
    """Make the pages of the lessons that are graded, and each student's page across lessons.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    words : iterable of str
        The lessons, as `grading.lessons.chosen` takes them; all if there are none.
    students : collection of str
        Ids of the students for whom pages are made; all if there are none.
    force : bool
        Whether to make what is unchanged, too.
    db : str, optional
        The gradebook's database, if it is another one than the class's configuration says.
    wait : bool
        Whether to wait for somebody else who is at work in the class.
    way : str
        How to give the pages back, if they are to be: one of `grading.returning.WAYS`.
    now : datetime, optional
        UTC, without a time zone.
    on_event : callable
        Told of each page.

    Raises
    ------
    FeedbackError
        If nothing is graded, or there is no such student.
    FileNotFoundError, ClassError, Busy, UnknownLesson, BookError
        As `grading.course`, `grading.lessons` and `grading.book` say.
    """
    config = class_config(class_dir, db)
    course = CourseDirectory(config=config)
    with alone(course.root, wait=wait), opened(course) as gradebook:
        _sweep(course)
        room = Room(config, course, gradebook, now or datetime.now(UTC).replace(tzinfo=None))
        summary = room.make(list(words), set(students), force, on_event)
        for lesson, tally in summary.lessons.items() if way else ():
            there = {*tally.made, *tally.unchanged}
            summary.given[lesson] = returning.give_back(room, lesson, there, way, force=force)
        return summary


@dataclass(frozen=True)
class _Known:
    """What is known of a lesson; ``lesson`` is None if it is not in the gradebook."""

    name: str
    lesson: Lesson | None
    submissions: Mapping[str, Submission]
    remarks: Mapping[str, list[Remark]]


class Room:
    """A class whose feedback is being made, by who holds its lock.

    Attributes
    ----------
    config : Config
    course : CourseDirectory
    gradebook : Gradebook
    autograded : dict
        The folders with an autograded notebook, by lesson and student.
    log : logging.Logger
        Where nbgrader may write what nobody reads: what matters is told here.
    """

    def __init__(self, config: Config, course: CourseDirectory, gradebook: Gradebook, now: datetime) -> None:
        self.config, self.course, self.gradebook, self.now = config, course, gradebook, now
        self.log = _quiet()
        self.autograded: dict[str, dict[str, Path]] = {}
        self.names: dict[str, str] = {}
        self.lessons: list[_Known] = []

    def make(self, words: list[str], students: set[str], force: bool, on_event: Listener) -> Summary:
        """Make what is asked for; see `make_feedback`."""
        self._read()
        self._something_is_graded(self.lessons)
        chosen = set(lesson_names.chosen(words, [one.name for one in self.lessons]))
        lessons = [one for one in self.lessons if one.name in chosen]
        for one in lessons if words else ():
            self._something_is_graded([one])
        self._students_are_known(students)
        jobs = self._jobs(lessons, students)
        whose = sorted(students) or sorted({*self.names, *(student for _, student in jobs)})
        summary, told = Summary(), _Told(on_event, len(jobs) + len(whose))
        for lesson, student in jobs:
            tally = summary.lessons.setdefault(lesson.name, LessonTally())
            told.of(tally, lesson.name, student, partial(self._page, lesson, student, force))
        for lesson in lessons:
            self._note_the_rest(summary.lessons.setdefault(lesson.name, LessonTally()), lesson, students)
        for student in whose:
            told.of(summary.summaries, "", student, partial(self._summary, student, force))
        summary.lessons = {name: tally for name, tally in summary.lessons.items() if tally != LessonTally()}
        return summary

    def place(self, lesson: str, student: str) -> Path:
        """The folder of a student's pages of a lesson."""
        return Path(self.course.format_path(self.course.feedback_directory, student, lesson))

    def pages(self, lesson: str, student: str) -> list[Path]:
        """A student's pages of a lesson."""
        return sorted(self.place(lesson, student).glob("*.html"))

    def record(self, student: str) -> Record:
        """All that a student is told."""
        outcomes = [
            outcome(one.lesson, one.name, one.submissions.get(student), one.remarks.get(student, ()), self.now)
            for one in self.lessons
        ]
        return Record(student, self.names.get(student, ""), tuple(outcomes))

    def _read(self) -> None:
        self.names = {student.id: full_name(student) for student in self.gradebook.students}
        there = {assignment.name for assignment in self.gradebook.assignments}
        for name in sorted({*lesson_names.in_class(self.course), *there}):
            folders = handed_in(self.course, name, self.course.autograded_directory)
            self.autograded[name] = {who: one for who, one in folders.items() if any(one.glob("*.ipynb"))}
            lesson = read_lesson(self.course, self.gradebook, name) if name in there else None
            submissions = {one.student: one for one in lesson.submissions} if lesson else {}
            remarks = read_comments(self.gradebook, name) if lesson else {}
            self.lessons.append(_Known(name, lesson, submissions, remarks))
            self.names = {**dict.fromkeys(submissions, ""), **self.names}
        self.gradebook.db.rollback()

    # What there is to do

    def _something_is_graded(self, lessons: list[_Known]) -> None:
        if any(self.autograded[one.name] for one in lessons):
            return
        of = f" of {lessons[0].name}" if len(lessons) == 1 else ""
        for one in lessons:
            if any(submission.handed_in for submission in one.submissions.values()):
                raise FeedbackError(f"nothing{of} is graded yet. Next: gdgrade autograde {one.name}")
        raise FeedbackError(f"nothing{of} is handed in yet. Next: gdgrade collect{of.removeprefix(' of')}")

    def _students_are_known(self, students: set[str]) -> None:
        there = {*self.names, *(student for found in self.autograded.values() for student in found)}
        for student in sorted(students - there):
            raise FeedbackError(f"there is no student {student}; their ids are those in the roster (gdgrade roster)")

    def _jobs(self, lessons: list[_Known], students: set[str]) -> list[tuple[_Known, str]]:
        return [
            (lesson, student)
            for lesson in lessons
            for student in self.autograded[lesson.name]
            if student in students or not students
        ]

    def _note_the_rest(self, tally: LessonTally, lesson: _Known, students: set[str]) -> None:
        for student, submission in lesson.submissions.items():
            if students and student not in students:
                continue
            if has_points(submission) and waits(submission):
                tally.provisional.append(student)
            if submission.handed_in and (not submission.graded or submission.newer):
                tally.ungraded.append(student)

    # A lesson's page

    def _page(self, lesson: _Known, student: str, force: bool) -> bool:
        """Make a student's page of a lesson; give whether there was need to."""
        source = self.autograded[lesson.name][student]
        place = self.place(lesson.name, student)
        files = {Path(path).relative_to(source) for path in utils.find_all_files(str(source), self.course.ignore)}
        mark = _mark(lesson, student, source, files)
        pages = [place / f"{path.stem}.html" for path in source.glob("*.ipynb")]
        copies = [place / one for one in files if one.suffix != ".ipynb"]
        if not force and all(map(Path.is_file, copies)) and all(_mark_of(page) == mark for page in pages):
            return False
        with tempfile.TemporaryDirectory(prefix=f"{ASIDE}feedback-", dir=self.course.root) as aside:
            self._convert(lesson.name, student, Path(aside))
            made = Path(self.course.format_path(Path(aside).name, student, lesson.name))
            _put(made, place, mark, shared=self.course.groupshared)
        return True

    def _convert(self, lesson: str, student: str, aside: Path) -> None:
        course = CourseDirectory(config=self.config)
        course.feedback_directory = aside.name
        course.assignment_id, course.student_id = lesson, student
        converter = _Feedback(coursedir=course, config=self.config, log=self.log)
        converter.folder = self.autograded[lesson][student]
        try:
            converter.start()
        except NbGraderException as error:
            if isinstance(converter.problem, MissingEntry):
                then = f"gdgrade autograde {lesson} --student {student}"
                raise FeedbackError(f"the gradebook does not have it ({converter.problem}): {then}") from error
            raise converter.problem or error from error

    # The page across lessons

    def _summary(self, student: str, force: bool) -> bool:
        """Make a student's page across lessons; give whether there was need to."""
        path = summary_path(self.course, student)
        record = self.record(student)
        links = {one.lesson: self._links(path, one.lesson, student) for one in record.counting}
        page = summary_page(record, links).encode()
        if not force and _bytes_of(path) == page:
            return False
        write_whole(path, page)
        return True

    def _links(self, path: Path, lesson: str, student: str) -> list[str]:
        """Where a lesson's pages are, as seen from another page."""
        pages = self.pages(lesson, student)
        return [quote(Path(os.path.relpath(page, path.parent)).as_posix()) for page in pages]


class _Told:
    """Who counts what becomes of each page, and tells."""

    def __init__(self, on_event: Listener, total: int) -> None:
        self._on_event, self._total, self._done = on_event, total, 0

    def of(self, tally: LessonTally, lesson: str, student: str, make: Callable[[], bool]) -> None:
        kind, message = "trouble", ""
        try:
            kind = "made" if make() else "unchanged"
        except (SQLAlchemyError, BookError):
            raise
        except Exception as error:
            message = _why(error)
            tally.troubles[student] = message
        else:
            (tally.made if kind == "made" else tally.unchanged).append(student)
        self._done += 1
        self._on_event(Event(kind, lesson, student, message, self._done, self._total))


class _Feedback(GenerateFeedback):
    """nbgrader's own, for one student, whose id is no pattern; it keeps why a page could not be made."""

    folder: Path
    problem: Exception | None = None

    def init_notebooks(self) -> None:
        self.notebooks = []
        self.assignments = {str(self.folder): [str(path) for path in sorted(self.folder.glob("*.ipynb"))]}

    def convert_single_notebook(self, notebook_filename: str) -> None:
        try:
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            self.problem = error
            raise


def summary_path(course: CourseDirectory, student: str) -> Path:
    """Where a student's page across lessons is; raises `FeedbackError` if their id cannot be a folder's name."""
    if Path(student).name != student or student in ("", ".", ".."):
        raise FeedbackError(f"the id {student!r} cannot be a folder's name: give the student another in the roster")
    return Path(course.format_path(course.feedback_directory, student, SUMMARY), f"{SUMMARY}.html")


def _mark(lesson: _Known, student: str, source: Path, files: Iterable[Path]) -> str:
    """Fingerprint of all that a page is made from."""
    digest = hashlib.sha256()
    submission = lesson.submissions.get(student)
    if submission:
        points = [(one.exercise, one.score, one.max_score) for one in (*submission.checks, *submission.written)]
        told = [nbgrader.__version__, sorted(points), submission.penalty, lesson.remarks.get(student, [])]
        digest.update(json.dumps(told).encode())
    for one in sorted(files):
        digest.update(f"{one.as_posix()}\0".encode() + hashlib.sha256((source / one).read_bytes()).digest())
    return digest.hexdigest()


def _mark_of(page: Path) -> str | None:
    try:
        with page.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - MARK_LENGTH))
            match = MARK.search(file.read())
    except OSError:
        return None
    return match[1].decode() if match else None


def _put(made: Path, place: Path, mark: str, shared: bool) -> None:
    """Put what was made aside into its place, each file whole, the pages last."""
    files = sorted((path for path in made.rglob("*") if path.is_file()), key=lambda path: path.suffix == ".html")
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".html" and path.parent == made:
            content += f"\n<!-- gdgrade: {mark} -->\n".encode()
        write_whole(place / path.relative_to(made), content, path.stat().st_mode & 0o777)
    if shared:
        place.chmod(made.stat().st_mode & 0o7777)


def _sweep(course: CourseDirectory) -> None:
    """Remove what a killed run left beside pages."""
    for folder in glob.glob(course.format_path(course.feedback_directory, "*", "*")):  # noqa: PTH207 -- absolute
        for path in Path(folder).glob(f"{ASIDE}*"):
            path.unlink(missing_ok=True)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _why(error: Exception) -> str:
    if isinstance(error, FeedbackError):
        return str(error)
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _quiet() -> logging.Logger:
    log = logging.getLogger("gdgrade.nbgrader")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    return log
