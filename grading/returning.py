"""Feedback given back to students: through nbgrader's exchange, or as a ZIP file that Moodle or Canvas takes.

nbgrader's exchange gives back one page for each notebook that was handed in, so the lessons' summary goes into it.
"""

import glob
import hashlib
import json
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.exchange.exchange_factory import ExchangeFactory

from grading.course import ASIDE, STATE_DIR, cause, listening, write_whole
from grading.feedback_summary import summary_page
from grading.intake import BESIDE, STAMP

if TYPE_CHECKING:
    from grading.feedback import Room

__all__ = ["RETURNED", "WAYS", "Given", "ReturnError", "give_back", "read_returned"]

WAYS = ("exchange", "moodle", "canvas")

RETURNED = Path(STATE_DIR, "returned.json")
"""Where a class notes what was given back: by lesson and student, when, how, and a checksum of the pages."""

FOLDER = "returned"
"""The folder of a class for the ZIP files."""


class ReturnError(RuntimeError):
    """Nothing of a lesson was given back; the message says why and what to do."""


@dataclass
class Given:
    """What of one lesson was given back.

    Attributes
    ----------
    way : str
        One of `WAYS`.
    given, unchanged : list of str
        Students whose pages were given back now, or had been before, as they are.
    troubles : dict
        Why not, by student.
    file : str
        The ZIP file, if one was made.
    problem : str
        Why nothing of the lesson could be given back, if nothing could.
    """

    way: str
    given: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    troubles: dict[str, str] = field(default_factory=dict)
    file: str = ""
    problem: str = ""


def give_back(room: "Room", lesson: str, students: Collection[str], way: str, *, force: bool = False) -> Given:
    """Give back what of a lesson's pages was not given back before as it is now, and note it.

    Parameters
    ----------
    room : Room
        The class, held by who calls.
    lesson : str
    students : collection of str
        Those who have a page.
    way : str
        One of `WAYS`.
    force : bool
        Whether to give back what is unchanged, too.
    """
    try:
        return _give_back(room, lesson, students, way, force)
    except ReturnError as error:
        return Given(way, problem=str(error))


def _give_back(room: "Room", lesson: str, students: Collection[str], way: str, force: bool) -> Given:
    before = read_returned(room.course.root)
    checksums = {student: _checksum(room.pages(lesson, student)) for student in sorted(students)}
    known = before.get(lesson, {})
    same = {
        student
        for student, checksum in checksums.items()
        if (known.get(student, {}).get("how"), known.get(student, {}).get("checksum")) == (way, checksum)
    }
    unchanged = [] if force else sorted(same)
    left = [student for student in checksums if student not in unchanged]
    given = Given(way, unchanged=unchanged)
    if left:
        try:
            (_through_the_exchange if way == "exchange" else _as_zip)(room, lesson, left, given)
        finally:
            if given.given:
                when = datetime.now(UTC).isoformat(timespec="seconds")
                now = {one: {"when": when, "how": way, "checksum": checksums[one]} for one in given.given}
                _write_returned(room.course.root, {**before, lesson: {**known, **now}})
    return given


def read_returned(root: Path | str) -> dict[str, dict[str, dict[str, str]]]:
    """Read what was given back in a class; raises `ReturnError` if that is no longer to be read."""
    path = Path(root, RETURNED)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            lesson: {student: {key: str(value) for key, value in one.items()} for student, one in students.items()}
            for lesson, students in found.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        raise ReturnError(f"{path} cannot be read ({error}): move it away, and all is given back again") from error


def _write_returned(root: Path | str, content: Mapping[str, Any]) -> None:
    write_whole(Path(root, RETURNED), (json.dumps(content, indent=1, sort_keys=True) + "\n").encode())


def _checksum(pages: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for page in pages:
        digest.update(page.name.encode() + b"\0" + hashlib.sha256(page.read_bytes()).digest())
    return digest.hexdigest()


# The exchange ---------------------------------------------------------------------------------------------------------


def _through_the_exchange(room: "Room", lesson: str, students: list[str], given: Given) -> None:
    stock = issubclass(ExchangeFactory(config=room.config).release_feedback, ExchangeReleaseFeedback)
    # What was put beside a notebook when it was handed in, and says for whom its page is
    needed = BESIDE if stock else (STAMP,)
    for student in students:
        missing = [name for name in needed if not (room.place(lesson, student) / name).is_file()]
        if missing:
            given.troubles[student] = f"was not handed in through the exchange (there is no {' and no '.join(missing)})"
    there = [student for student in students if student not in given.troubles]
    if not there and not given.unchanged:
        raise ReturnError(
            f"nothing of {lesson} was handed in through the exchange; give it back with --zip moodle or --zip canvas"
        )
    if not there:
        return
    with tempfile.TemporaryDirectory(prefix=f"{ASIDE}feedback-", dir=room.course.root) as aside:
        course = CourseDirectory(config=room.config)
        course.feedback_directory, course.assignment_id = Path(aside).name, lesson
        for student in there:
            folder = Path(course.format_path(course.feedback_directory, student, lesson))
            folder.mkdir(parents=True)
            part = summary_page(room.record(student), {}, alone=False)
            for page in room.pages(lesson, student):
                (folder / page.name).write_bytes(_with_part(page.read_bytes(), part.encode()))
            for name in needed:
                (folder / name).write_bytes((room.place(lesson, student) / name).read_bytes())
        # Singly: ngshare, for one, ends at the first whom it knows nothing of, such as somebody who has left.
        for student in there:
            course.student_id = glob.escape(student)
            why = _release(course, room)
            if why:
                given.troubles[student] = f"the exchange does not take it: {why}"
            else:
                given.given.append(student)
    if not given.given and not given.unchanged:
        raise ReturnError(f"the exchange does not take feedback: {why}")


def _release(course: CourseDirectory, room: "Room") -> str:
    """Have the exchange take the pages of the course's student; say why it does not, if so."""
    factory = ExchangeFactory(config=room.config)
    release = factory.ReleaseFeedback(
        coursedir=course, authenticator=Authenticator(config=room.config), config=room.config
    )
    with listening(release.log) as said:
        try:
            release.start()
        except Exception as error:  # a program that may not be nbgrader's own
            return cause(said, error)
    return cause(said)


def _with_part(page: bytes, part: bytes) -> bytes:
    """A page with another part at its end."""
    above, end, below = page.rpartition(b"</body>")
    return above + PART[0] + part + PART[1] + end + below if end else page + part


PART = (
    b'<div class="container"><style>td.number, th.number { text-align: right }</style><hr><h1>All lessons</h1>',
    b"</div>",
)


# ZIP files ----------------------------------------------------------------------------------------------------------


def _as_zip(room: "Room", lesson: str, students: list[str], given: Given) -> None:
    from grading import lms

    try:
        content, given.given, given.troubles = lms.pack(room, lesson, students, given.way)
    except lms.NoDownload as error:
        raise ReturnError(str(error)) from error
    if given.given:
        path = _next_file(Path(room.course.root, FOLDER), f"{lesson}-{given.way}")
        write_whole(path, content)
        given.file = str(path)


def _next_file(folder: Path, name: str) -> Path:
    """A file's name that is not taken: what was made before may not be uploaded yet."""
    number = 1
    while (folder / f"{name}-{number}.zip").exists():
        number += 1
    return folder / f"{name}-{number}.zip"
