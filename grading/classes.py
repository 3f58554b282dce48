"""A new class directory, in nbgrader's own layout: lessons to edit, settings, a roster to fill in, the class secret."""

import contextlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from nbformat import NotebookNode

from grading import book, due, lessons, notebooks, plugins, roster
from grading.course import ASIDE, CONFIG_FILE, STATE_DIR, ClassError, alone, open_class, write_whole

__all__ = ["BASE", "CONFIG", "SOURCE", "Made", "change_points", "make", "parse_points", "points_of", "write_lesson"]

SOURCE = Path(__file__).parent / "source"
"""The lessons' texts."""

CONFIG = Path(__file__).parent / CONFIG_FILE
"""The settings that a class begins with."""

BASE = Path(STATE_DIR, "base")
"""In a class directory: lessons and settings as they were brought in, for `grading.upgrade` to see what was edited."""

COURSE_ID = re.compile(r"^c\.CourseDirectory\.course_id = .*$", re.MULTILINE)
CENT = Decimal("0.01")

Wish = tuple[str, str | None, Decimal]
"""Lesson, exercise (None for all of the lesson), points."""


@dataclass(frozen=True)
class Made:
    """A class that was made.

    Attributes
    ----------
    directory : Path
    course_id, timezone : str
    points : dict
        All points of each lesson.
    due : dict
        When lessons are due (UTC), as far as that was said.
    """

    directory: Path
    course_id: str
    timezone: str
    points: dict[str, float]
    due: dict[str, datetime | None]


def make(
    directory: Path | str,
    *,
    only: Iterable[str] = (),
    points: Iterable[str] = (),
    due_dates: Iterable[str] = (),
    timezone: str | None = None,
    course_id: str | None = None,
    source_dir: Path | str = SOURCE,
    on_step: Callable[[str], None] = lambda what: None,
) -> Made:
    """Make a class directory. It is there whole, or not at all.

    Parameters
    ----------
    directory : Path or str
        Where: a folder that is not there yet, or is empty.
    only : iterable of str
        The lessons, as `grading.lessons.chosen` takes them; all if there are none.
    points : iterable of str
        ``LESSON/EXERCISE=4`` or ``LESSON=20``, see `change_points`.
    due_dates : iterable of str
        ``LESSON=DATE`` or files, see `grading.due.wishes`.
    timezone : str, optional
        For due dates; goes into the class's settings. UTC, or what the machine's settings say, without it.
    course_id : str, optional
        nbgrader's name of the course; the folder's name without it.
    source_dir : Path or str
        The lessons' texts.
    on_step : callable
        Told what is being done.

    Returns
    -------
    Made

    Raises
    ------
    ClassError
        If the folder is in use or cannot be written to, or a name or a number does not do.
    grading.course.Busy
        If somebody else is making this class now.
    grading.lessons.UnknownLesson, grading.due.DueError, grading.notebooks.SourceError, grading.book.BookError
        If a wish names no lesson, a date is none, a lesson's text is broken, the gradebook cannot be made.
    """
    target = Path(directory).resolve()
    _check_target(target, directory)
    sources = {path.stem: path for path in notebooks.lessons(source_dir)}
    names = lessons.chosen(only, list(sources))
    points_wanted = parse_points(points, names)
    course_id = _course_id(course_id, target.name)
    if timezone is not None:
        due.zone(timezone)
    due.wishes(due_dates, names)  # wrong ones are told before anything is made
    with _built_aside(target) as aside:
        _write_settings(aside, course_id, timezone)
        totals = {}
        for name in names:
            on_step(f"Writing {name}")
            totals[name] = _add_lesson(aside, sources[name], [wish for wish in points_wanted if wish[0] == name])
        write_whole(aside / roster.FILE, (",".join(roster.COLUMNS) + "\n").encode())
        plugins.class_secret(aside / plugins.SECRET_FILE)
        on_step("Writing the gradebook")
        course = open_class(aside)
        name_of_zone = due.zone_of(course.config)
        dates = due.wishes(due_dates, names, due.zone(name_of_zone))
        if dates:
            with book.opened(course) as gradebook:
                due.set_due(gradebook, dates)
    return Made(target, course_id, name_of_zone, totals, dates)


def write_lesson(source: Path, folder: Path) -> NotebookNode:
    """Write a lesson for the instructor, with the files beside it, into a folder; give its notebook."""
    nb = notebooks.read_source(source)
    folder.mkdir(parents=True, exist_ok=True)
    notebooks.write(nb, folder / f"{source.stem}.ipynb")
    for relative, path in notebooks.extra_files(source).items():
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / relative)
    return nb


def _add_lesson(root: Path, source: Path, wishes: Sequence[Wish]) -> float:
    """Write a lesson into a class and its base; give its points."""
    folder = root / "source" / source.stem
    nb = write_lesson(source, folder)
    shutil.copytree(folder, root / BASE / source.stem)
    if wishes:
        change_points(nb, {exercise: points for _, exercise, points in wishes}, source.stem)
        notebooks.write(nb, folder / f"{source.stem}.ipynb")
    return float(sum(points_of(nb).values()))


def _write_settings(root: Path, course_id: str, timezone: str | None) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    write_whole(root / BASE / CONFIG_FILE, text.encode())
    lines = f'c.CourseDirectory.course_id = "{course_id}"'
    if timezone is not None:
        lines += f'\n# Due dates are shown and read in this time zone.\nc.NbGraderAPI.timezone = "{timezone}"'
    write_whole(root / CONFIG_FILE, COURSE_ID.sub(lambda match: lines, text).encode())


def _course_id(wanted: str | None, folder: str) -> str:
    found = wanted if wanted is not None else re.sub(r"[^A-Za-z0-9._-]+", "-", folder).strip("-.") or "course"
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", found):
        raise ClassError(f"{found!r} cannot be a course's id: use letters, digits, dots, _ and -")
    return found


# The folder -----------------------------------------------------------------------------------------------------------


def _check_target(target: Path, said: Path | str) -> None:
    if target.exists() and not target.is_dir():
        raise ClassError(f"{said} is a file: give the class a folder that is not there yet")
    if target.exists() and any(target.iterdir()):
        if (target / CONFIG_FILE).exists():
            raise ClassError(
                f"{said} is a class already, and stays as it is. Newer lessons come in with: gdgrade upgrade {said}"
            )
        raise ClassError(f"{said} is not empty, and stays as it is: give the class a folder that is not there yet")
    if target.exists() and target == Path.cwd():
        raise ClassError(f"the class cannot replace the folder you are in. Run: cd .. && gdgrade new {target.name}")


@contextlib.contextmanager
def _built_aside(target: Path) -> Iterator[Path]:
    """Give a folder to build in, which is renamed in the end; if this fails, or is interrupted, nothing is left.

    What a killed run left behind, the next one begins with.
    """
    aside = target.with_name(f"{ASIDE}new-{target.name}")
    try:
        aside.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ClassError(f"{target.parent} cannot be written to: {error.strerror}") from error
    with alone(aside):
        try:
            for path in aside.iterdir():
                if path.name != ".gdgrade.lock":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            yield aside
            _close_to_others(aside)
            aside.rename(target)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise ClassError(
                f"{error.filename or target} cannot be written: {error.strerror}. Nothing was made"
            ) from error
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise


def _close_to_others(folder: Path) -> None:
    """Keep solutions from who is neither the owner nor of the group; all else is as the umask has it."""
    folder.chmod(folder.stat().st_mode & 0o770)


# Points ---------------------------------------------------------------------------------------------------------------


def parse_points(words: Iterable[str], known: Sequence[str]) -> list[Wish]:
    """Read what somebody wants lessons and exercises to be worth.

    Parameters
    ----------
    words : iterable of str
        ``LESSON/EXERCISE=4`` or ``LESSON=20``; the lesson as `grading.lessons.chosen` takes it.
    known : sequence of str
        The names of the class's lessons.

    Returns
    -------
    list of (lesson, exercise or None, points)

    Raises
    ------
    ClassError
        If a word is neither.
    grading.lessons.UnknownLesson
        If it names no lesson of the class.
    """
    found = []
    for word in words:
        what, equals, number = word.rpartition("=")
        lesson, _, exercise = what.partition("/")
        try:
            value = Decimal(number.strip())
        except InvalidOperation:
            value = Decimal("NaN")
        if not equals or not lesson.strip():
            raise ClassError(f"{word!r} is not LESSON=POINTS or LESSON/EXERCISE=POINTS, such as 01-five-steps=20")
        if not value.is_finite() or value < 0 or value != value.quantize(CENT):
            raise ClassError(f"{word!r}: points are a number of at least 0, with at most two digits after the point")
        found += [(name, exercise.strip() or None, value) for name in lessons.chosen([lesson], known)]
    return found


def points_of(nb: NotebookNode) -> dict[str, Decimal]:
    """The points of each graded cell of a notebook, by the exercise's name."""
    return {
        cell.metadata.nbgrader.grade_id.removeprefix("check-"): Decimal(str(cell.metadata.nbgrader.points))
        for cell in nb.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def change_points(nb: NotebookNode, wanted: Mapping[str | None, Decimal], lesson: str) -> None:
    """Change what exercises are worth.

    Parameters
    ----------
    nb : NotebookNode
        An instructor's notebook.
    wanted : mapping
        Points by exercise. Under None: the sum of the whole lesson; what the exercises that are named leave of it is
        shared out among the others in proportion to what they are worth, to the hundredth.
    lesson : str
        Its name, for messages.

    Raises
    ------
    ClassError
        If there is no such exercise, or the sum cannot be had.
    """
    before = points_of(nb)
    unknown = [name for name in wanted if name is not None and name.removeprefix("check-") not in before]
    if unknown:
        raise ClassError(f"{lesson} has no exercise {', '.join(unknown)}; it has: {', '.join(before) or 'none'}")
    fixed = {name.removeprefix("check-"): points for name, points in wanted.items() if name is not None}
    after = before | fixed
    if None in wanted:
        others = {name: points for name, points in before.items() if name not in fixed}
        after |= _shared_out(wanted[None] - sum(fixed.values()), others, lesson)
    for cell in nb.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            points = after[about.grade_id.removeprefix("check-")]
            about["points"] = int(points) if points == points.to_integral_value() else float(points)


def _shared_out(total: Decimal, weights: Mapping[str, Decimal], lesson: str) -> dict[str, Decimal]:
    """Share points out in proportion, in hundredths, such that their sum is right: the largest remainders round up."""
    whole = sum(weights.values())
    if total < 0 or (total > 0 and not whole):
        raise ClassError(
            f"{lesson} cannot have these points: its exercises that are named leave {total} for the others"
        )
    exact = {name: total * 100 * weight / whole if whole else Decimal(0) for name, weight in weights.items()}
    cents = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: cents[name] - exact[name])
    for name in by_remainder[: int(total * 100) - sum(cents.values())]:
        cents[name] += 1
    return {name: Decimal(value) / 100 for name, value in cents.items()}
