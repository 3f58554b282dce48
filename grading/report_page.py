"""What the pages of ``gdgrade report`` are made of, and what is to be seen to before one is written."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from dateutil.tz import UTC
from markupsafe import Markup
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grading import pages
from grading.course import ClassError
from grading.intake import handed_in
from grading.plugins import SECRET_FILE, class_secret
from grading.report_tables import Table
from grading.terminal import FEW

__all__ = [
    "Case", "Names", "Page", "Section", "drawn_up", "file_name", "foot", "may_write", "names_of", "shown",
    "tells_bars", "zone_name",
]  # fmt: skip

GENERATOR = "gdgrade report"
"""How a page says what has made it, so that nothing else is ever replaced by one."""

# What a page is made of ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Alike answers, side by side.

    Attributes
    ----------
    anchor, title, says : str
    sides : sequence of (str, sequence of (str, bool))
        Whose it is, and its lines, with whether the other side has them otherwise.
    originals : sequence of (str, str)
        Whose, and the text as it was handed in.
    same : bool
        Whether there is nothing to compare but those.
    """

    anchor: str
    title: str
    says: str
    sides: Sequence[tuple[str, Sequence[tuple[str, bool]]]]
    originals: Sequence[tuple[str, str]] = ()
    same: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a page: words, a chart, tables, cases."""

    anchor: str
    title: str
    text: Sequence[str | Markup] = ()
    chart_title: str = ""
    chart: Markup | None = None
    tables: Sequence[Table] = ()
    cases: Sequence[Case] = ()


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    file : str
        What its files' names begin with.
    title, subtitle, foot : str
    numbers : sequence of (str, str)
        What is said first.
    glance : sequence of (str, str)
        What is worth a look: where it stands on the page, and what it is.
    sections : sequence of Section
    look : sequence of str
        What has to be done before the page is complete.
    """

    file: str
    title: str
    subtitle: str
    numbers: Sequence[tuple[str, str]]
    glance: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    foot: str
    look: Sequence[str] = ()

    @property
    def tables(self) -> list[Table]:
        """All of its tables."""
        return [table for section in self.sections for table in section.tables]

    def html(self) -> str:
        """The page as one file."""
        return pages.page("report.html", page=self, generator=GENERATOR, most_rows=FEW)

    def csv(self) -> dict[str, bytes]:
        """Its tables as files, by name."""
        return {f"{self.file}-{table.name}.csv": table.csv() for table in self.tables}


class Names:
    """How students are called on a page.

    Parameters
    ----------
    secret : bytes, optional
        If it is given, each student is a number, which is the same on all pages made with it.
    students : iterable of str
        The ids of all students, for that.
    """

    def __init__(self, secret: bytes | None = None, students: Iterable[str] = ()):
        self.anonymous = secret is not None
        self._numbers: dict[str, str] = {}
        if secret is not None:
            drawn = sorted(
                students, key=lambda one: hmac.new(secret, one.encode(errors="replace"), hashlib.sha256).digest()
            )
            wide = len(str(len(drawn)))
            self._numbers = {one: f"Student {number:0{wide}}" for number, one in enumerate(drawn, start=1)}

    def of(self, student: str, name: str = "") -> str:
        """What to call a student."""
        if self.anonymous:
            return self._numbers[student]
        return f"{name} ({student})" if name else student

    def clean(self, words: str, student: str) -> str:
        """Words about a submission, without the student's id if that is not to be seen."""
        if not self.anonymous:
            return words
        return re.sub(rf"(?<!\w){re.escape(student)}(?!\w)", lambda _: self.of(student), words)


# Around a page ------------------------------------------------------------------------------------------------------


def may_write(target: Path) -> None:
    """See that nothing is lost where a page is to be written.

    Raises
    ------
    ClassError
        If there is something that is no page of this command's.
    """
    if target.is_dir():
        raise ClassError(f"{target} is a folder: name a file, such as {target / 'report.html'}")
    if target.exists():
        with target.open("rb") as file:
            if f'name="generator" content="{GENERATOR}"'.encode() not in file.read(2_000):
                raise ClassError(f"{target} is there already and is no report: name another file with --to")


def names_of(course: CourseDirectory, gradebook: Gradebook) -> Names:
    """Numbers for the students of a class, drawn from its secret."""
    students = {student.id for student in gradebook.students}
    for assignment in gradebook.assignments:
        students |= handed_in(course, assignment.name).keys()
    return Names(class_secret(Path(course.root, SECRET_FILE)), students)


# Words ---------------------------------------------------------------------------------------------------------------


def tells_bars(rows: Sequence[tuple[str, float, str]]) -> str:
    return "; ".join(f"{label}: {said}" for label, _, said in rows) + "."


def shown(moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return ""
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    return f"{there:%Y-%m-%d %H:%M} {zone_name(zone, there)}"


def zone_name(zone: tzinfo, moment: datetime) -> str:
    return moment.replace(tzinfo=zone).tzname() or "UTC"


def drawn_up(now: datetime | None, zone: tzinfo) -> str:
    return f"drawn up {shown(now, zone)}" if now else ""


def file_name(lesson: str) -> str:
    """What the files of a lesson's page are called."""
    return re.sub(r"[^\w.-]|^\.", "_", lesson)


def foot(names: Names) -> str:
    said = "This page is one file and loads nothing. It has students' data in it: keep it as you keep the gradebook."
    if names.anonymous:
        said += (
            " Students are numbers here, the same ones on all pages of this class. What they wrote inside of their "
            "code, and in the words of errors, stands as it is."
        )
    return said
