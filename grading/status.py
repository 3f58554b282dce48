"""How far each lesson of a class is: seen from its folders, its gradebook and its exchange, whoever worked in them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import notebook_hash
from sqlalchemy import func

from grading import book, lessons, release, returning
from grading.course import class_config
from grading.exported import last_exports
from grading.intake import STAMP, handed_in

__all__ = ["LessonStatus", "status"]


@dataclass(frozen=True)
class LessonStatus:
    """How far a lesson is. Numbers are of students.

    Attributes
    ----------
    lesson : str
    due : datetime or None
        UTC.
    points : float or None
        All points, as the gradebook has them; None if it does not know the lesson.
    released, in_exchange : bool
        Whether students' notebooks are made, and put into the exchange.
    students : int
        Who is in the gradebook.
    collected : int
        Who has handed in something.
    autograded, to_autograde : int
        Whose work is graded; and whose is not, or was handed in anew since. (As ``timestamp.txt`` says it, which is all
        that nbgrader goes by: `gdgrade autograde` looks at what was handed in.)
    by_hand : int
        In whose work somebody has to grade something.
    feedback, to_feedback : int
        Who has feedback; and whose work is graded, but has none, or an older one.
    returned : int
        Whose feedback was returned.
    exported : str or None
        When points were last exported (UTC).
    export_is_old : bool
        Whether something was graded since.
    next : str
        What comes next, as a command where there is one; empty if nothing does.
    """

    lesson: str
    due: datetime | None
    points: float | None
    released: bool
    in_exchange: bool
    students: int
    collected: int
    autograded: int
    to_autograde: int
    by_hand: int
    feedback: int
    to_feedback: int
    returned: int
    exported: str | None
    export_is_old: bool
    next: str


def status(class_dir: Path | str, *, db: str | None = None) -> list[LessonStatus]:
    """Say how far each lesson of a class is. Nothing is changed, and no gradebook made.

    Parameters
    ----------
    class_dir : Path or str
        The class directory.
    db : str, optional
        The gradebook's database, if it is another one than the class's settings say.

    Returns
    -------
    list of LessonStatus
        By their names.

    Raises
    ------
    FileNotFoundError, grading.course.ClassError
        If this is no class directory, or its settings cannot be read.
    grading.book.BookError
        If the gradebook cannot be used.
    """
    config = class_config(class_dir, db)
    course = CourseDirectory(config=config)
    known = _Known()
    if book.is_there(course):
        with book.opened(course) as gradebook:
            known = _in_gradebook(gradebook)
    exchange, exports = release.exchange_folder(course, config), last_exports(course.root)
    names = sorted({*lessons.in_class(course), *known.due})
    return [_of_lesson(course, name, known, exchange, exports.get(name)) for name in names]


@dataclass(frozen=True)
class _Known:
    """What the gradebook says, by lesson."""

    due: dict[str, datetime | None] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    by_hand: dict[str, int] = field(default_factory=dict)
    students: int = 0


def _in_gradebook(gradebook: Gradebook) -> _Known:
    assignments = gradebook.db.query(Assignment.name, Assignment.duedate, Assignment.max_score).all()
    by_hand = (
        gradebook.db.query(Assignment.name, func.count(func.distinct(SubmittedAssignment.id)))
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(Grade.needs_manual_grade)
        .group_by(Assignment.name)
    )
    return _Known(
        {name: due for name, due, _ in assignments},
        {name: float(points or 0) for name, _, points in assignments},
        {name: count for name, count in by_hand},
        gradebook.db.query(func.count(Student.id)).scalar(),
    )


def _of_lesson(
    course: CourseDirectory, lesson: str, known: _Known, exchange: Path | None, exported: str | None
) -> LessonStatus:
    submitted = handed_in(course, lesson)
    graded = _folders(course, course.autograded_directory, lesson, ".ipynb")
    pages = _folders(course, course.feedback_directory, lesson, ".html")
    to_autograde = [
        who for who, folder in submitted.items() if who not in graded or not _same_time(folder, graded[who])
    ]
    to_feedback = [who for who, path in graded.items() if who not in pages or _age(pages[who]) < _age(path)]
    newest = max(map(_age, graded.values()), default=0.0)
    seen: dict[str, Any] = {
        "released": any(Path(course.format_path(course.release_directory, ".", lesson)).glob("*.ipynb")),
        "in_exchange": exchange is not None and Path(exchange, "outbound", lesson).is_dir(),
        "collected": len(submitted),
        "autograded": len(graded),
        "to_autograde": len(to_autograde),
        "by_hand": known.by_hand.get(lesson, 0),
        "feedback": len(pages),
        "to_feedback": len(to_feedback),
        "returned": len(_returned(course, lesson, pages, exchange)),
        "exported": exported,
        "export_is_old": exported is not None and _moment(exported) < newest,
    }
    return LessonStatus(
        lesson=lesson,
        due=known.due.get(lesson),
        points=known.points.get(lesson),
        students=known.students,
        next=_next(lesson, **seen),
        **seen,
    )


def _next(lesson: str, **seen: Any) -> str:
    """The first thing that is still to be done."""
    steps = (
        (not seen["released"], f"gdgrade release {lesson}"),
        (not seen["collected"] and not seen["autograded"], f"gdgrade collect {lesson}"),
        (seen["to_autograde"], f"gdgrade autograde {lesson}"),
        (seen["by_hand"], "grade by hand: jupyter lab, Formgrader"),
        (seen["to_feedback"], f"gdgrade feedback {lesson}"),
        (not seen["exported"] or seen["export_is_old"], "gdgrade export"),
        (seen["returned"] < seen["feedback"], f"gdgrade feedback {lesson} --exchange (or --zip moodle, --zip canvas)"),
    )
    return next((what for needed, what in steps if needed), "")


def _folders(course: CourseDirectory, step: str, lesson: str, ending: str) -> dict[str, Path]:
    """By student, one of the files with an ending in a folder of nbgrader's: the oldest."""
    found = {}
    for who, folder in handed_in(course, lesson, step).items():
        files = [path for path in folder.glob(f"[!.]*{ending}") if path.is_file()] if folder.is_dir() else []
        if files:
            found[who] = min(files, key=_age)
    return found


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _same_time(submitted: Path, graded: Path) -> bool:
    return _text(submitted / STAMP) == _text(graded.parent / STAMP)


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() if path.is_file() and not path.is_symlink() else None
    except (OSError, ValueError):
        return None


def _returned(course: CourseDirectory, lesson: str, pages: dict[str, Path], exchange: Path | None) -> set[str]:
    """Whose feedback was returned: by the exchange, or otherwise as it is noted."""
    noted = _noted(course, lesson)
    found = {who for who, page in pages.items() if who in noted and _age(page) < noted[who] + 1}
    for who, page in pages.items():
        secret = _text(page.parent / "submission_secret.txt")
        if exchange is not None and secret:
            there = Path(exchange, "feedback", f"{notebook_hash(secret=secret, notebook_id=page.stem)}.html")
            found |= {who} if there.is_file() and _age(there) >= _age(page) else set()
    return found


def _noted(course: CourseDirectory, lesson: str) -> dict[str, float]:
    """When feedback was returned, by student; nothing if the note cannot be read: status is no place to mend it."""
    try:
        there = returning.read_returned(course.root).get(lesson, {})
    except returning.ReturnError:
        return {}
    return {who: _moment(one.get("when", "")) for who, one in there.items()}


def _moment(when: str) -> float:
    try:
        moment = datetime.fromisoformat(when)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except ValueError:
        return 0.0
