"""When lessons are due: as people write it, as the gradebook has it (UTC), as it is shown."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timezone, tzinfo
from pathlib import Path

from dateutil.tz import UTC, gettz
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grading import lessons
from grading.book import one_transaction
from grading.course import ClassError

__all__ = ["DueError", "in_gradebook", "lessons_of", "parse", "set_due", "shown", "wishes", "zone", "zone_of"]

LAST = time(23, 59)
"""What a date without a time of day means: the end of that day."""

WHEN = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2}|[A-Za-z][\w+/-]*)?"
)
HEADS = {"lesson", "assignment", "name"}


class DueError(ValueError):
    """A due date cannot be understood; the message says which, and how to write it."""


def zone(name: str) -> tzinfo:
    """Give the time zone of a name, such as ``Europe/Berlin``; raises `DueError`."""
    found = gettz(name) if name.strip() else None
    if found is None:
        raise DueError(f"there is no time zone {name}: write it as Europe/Berlin, America/New_York or UTC")
    return UTC if name == "UTC" else found


def zone_of(config: Config) -> str:
    """The name of a class's time zone: nbgrader's own for showing due dates, UTC where it says nothing."""
    name = config.NbGraderAPI.timezone if "timezone" in config.NbGraderAPI else "UTC"
    try:
        zone(name)
    except DueError as error:
        raise ClassError(f"c.NbGraderAPI.timezone in nbgrader_config.py: {error}") from error
    return name


def parse(text: str, default: tzinfo = UTC) -> datetime | None:
    """Make a moment of what somebody wrote.

    Parameters
    ----------
    text : str
        ``2026-12-01`` (the end of that day, 23:59), ``2026-12-01 18:00``, either followed by a time zone if it is
        another one (``Europe/Berlin``, ``+01:00``, ``UTC``); or ``none``.
    default : tzinfo
        The time zone, where the text names none.

    Returns
    -------
    datetime or None
        In UTC and without a time zone, as nbgrader has it; None for ``none``.

    Raises
    ------
    DueError
        If it is no such text.
    """
    if text.strip().casefold() == "none":
        return None
    match = WHEN.fullmatch(text.strip())
    if not match:
        raise DueError(f"{text.strip()!r} is no date: write 2026-12-01, or 2026-12-01 18:00, or none")
    day, hour, where = match.groups()
    try:
        date = datetime.strptime(day, "%Y-%m-%d").date()
        at = time.fromisoformat(hour if hour[2] == ":" else f"0{hour}") if hour else LAST
        moment = datetime.combine(date, at, tzinfo=_offset(where) or default)
    except DueError:
        raise
    except ValueError as error:
        raise DueError(f"{text.strip()!r} is no date: {error}") from error
    return moment.astimezone(UTC).replace(tzinfo=None)


def _offset(where: str | None) -> tzinfo | None:
    if where is None:
        return None
    if where[0] in "+-":
        offset = datetime.strptime(where.replace(":", ""), "%z").tzinfo
        return timezone(offset.utcoffset(None))
    return UTC if where in ("Z", "UTC") else zone(where)


def shown(moment: datetime | None, name: str = "UTC") -> str:
    """Show a moment of the gradebook in a time zone: ``2026-12-01 23:59 Europe/Berlin``."""
    if moment is None:
        return "none"
    return f"{moment.replace(tzinfo=UTC).astimezone(zone(name)):%Y-%m-%d %H:%M} {name}"


def wishes(words: Iterable[str], known: Sequence[str], default: tzinfo = UTC) -> dict[str, datetime | None]:
    """Read which lessons are to be due when.

    Parameters
    ----------
    words : iterable of str
        Each either ``LESSON=DATE``, where the lesson may be anything that `grading.lessons.chosen` takes (``1-4``), or
        a CSV file with a lesson and a date in each line. Later ones count.
    known : sequence of str
        The names of all lessons.
    default : tzinfo
        The time zone of dates that name none.

    Returns
    -------
    dict
        By lesson; None for no due date.

    Raises
    ------
    DueError
        If a word is neither, or a date or a file cannot be understood.
    """
    found: dict[str, datetime | None] = {}
    for word in words:
        which, equals, when = word.partition("=")
        pairs = [("", which, when)] if equals else _pairs(Path(word))
        for place, lesson, text in pairs:
            try:
                moment = parse(text, default)
                found |= {name: moment for name in lessons.chosen([lesson], known)} if lesson.strip() else {}
            except (DueError, lessons.UnknownLesson) as error:
                raise DueError(f"{place}{error}") from error
    return found


def _pairs(path: Path) -> list[tuple[str, str, str]]:
    """The lines of a file: where, lesson, date."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise DueError(
            f"{path} is neither LESSON=DATE nor a file that can be read ({reason}): "
            "write 01-five-steps=2026-12-01, or give a CSV file with a lesson and a date in each line"
        ) from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    pairs = []
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (not pairs and cells[0].casefold() in HEADS):
            continue
        if len(cells) < 2:
            raise DueError(f"{path}, line {reader.line_num}: a lesson and a date are expected, with a comma between")
        pairs.append((f"{path}, line {reader.line_num}: ", cells[0], cells[1] or "none"))
    return pairs


# The gradebook --------------------------------------------------------------------------------------------------------


def in_gradebook(gradebook: Gradebook) -> dict[str, datetime | None]:
    """When each lesson of a gradebook is due (UTC)."""
    return {assignment.name: assignment.duedate for assignment in gradebook.assignments}


def set_due(
    gradebook: Gradebook, due: dict[str, datetime | None]
) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Write due dates into a gradebook; a lesson that it does not have yet comes into it.

    Parameters
    ----------
    gradebook : Gradebook
        See `grading.book.opened`.
    due : dict
        By lesson; UTC, None for no due date.

    Returns
    -------
    dict
        Those that changed: before, and now.
    """
    before = in_gradebook(gradebook)
    changed = {name: (before.get(name), when) for name, when in due.items() if before.get(name) != when}
    with one_transaction(gradebook):
        for name, (_, when) in changed.items():
            gradebook.update_or_create_assignment(name, duedate=when)
    return changed


def lessons_of(course: CourseDirectory, gradebook: Gradebook) -> list[str]:
    """Names of a class's lessons: of its folders, and of its gradebook."""
    return sorted({*lessons.in_class(course), *in_gradebook(gradebook)})
