"""Feedback as Moodle and Canvas take it back: a ZIP file for each, by the names in the downloads that were collected.

Moodle (``mod/assign/feedback/file/importziplib.php``) reads a participant's number from the folder's name, such as
``Full Name_123_assignsubmission_file_``, and adds each file in it to their feedback; one of the same name is replaced.

Canvas (``AbstractAssignment#infer_comment_context_from_filename``) reads the numbers of the user and of the upload from
the file's name, and shows the file in a comment under the upload's own name. A page called ``01-five-steps.ipynb``
opens nowhere, so Canvas gets a notebook: the graded one, with the feedback above it.
"""

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from grading import placing
from grading.archives import Archive, Refused
from grading.collect import archive_folder, participants
from grading.download import HandedIn, made_when, who_handed_in
from grading.feedback_summary import summary_page
from grading.matching import Roster, read_matches
from grading.roster import in_gradebook

if TYPE_CHECKING:
    from grading.feedback import Room

__all__ = ["PLATFORMS", "NoAddress", "NoDownload", "pack"]

PLATFORMS = {"moodle": "Moodle", "canvas": "Canvas"}


class NoDownload(RuntimeError):
    """There is no download of a platform's that says whose is whose; the message says what to do."""


class NoAddress(ValueError):
    """A student to whom a platform cannot be told to give something; the message says why."""


def pack(room: "Room", lesson: str, students: list[str], way: str) -> tuple[bytes, list[str], dict[str, str]]:
    """Make the ZIP file that a platform takes.

    Parameters
    ----------
    room : Room
        The class.
    lesson : str
    students : list of str
        Those whose pages go into it.
    way : str
        ``moodle`` or ``canvas``.

    Returns
    -------
    bytes
    list of str
        The students whose pages are in it.
    dict
        Why another's is not, by student.

    Raises
    ------
    NoDownload
    """
    addresses = _addresses(room, lesson, way)
    content, packed, troubles = io.BytesIO(), [], {}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in students:
            try:
                if student not in addresses:
                    place = room.place(lesson, student)
                    raise NoAddress(f"is in no download of {PLATFORMS[way]}'s; their page is in {place}")
                files = PACKED[way](room, lesson, student, addresses[student])
            except NoAddress as error:
                troubles[student] = str(error)
                continue
            for name, what in files.items():
                archive.writestr(name, what)
            packed.append(student)
    return content.getvalue(), packed, troubles


def _addresses(room: "Room", lesson: str, way: str) -> dict[str, HandedIn]:
    """Whose submission each student's is on the platform: by the newest download that has it."""
    folder = archive_folder(room.course, room.config, lesson)
    said = (
        f"ownload all submissions of {lesson} from {PLATFORMS[way]}, and run gdgrade collect {lesson} FILE.zip: the "
        "names in that file say whose is whose"
    )
    kept, people = sorted(folder.rglob("[!.]*")), in_gradebook(room.gradebook)
    numbers, _ = participants([path for path in kept if path.suffix.lower() == ".csv"], people)
    roster = Roster(people, read_matches(Path(room.course.root)), numbers)
    found: list[tuple[tuple[str, str], dict[str, HandedIn | None]]] = []
    for path in (path for path in kept if path.suffix.lower() == ".zip"):
        with suppress(Refused), Archive(path, placing.limits_of(room.course)) as archive:
            claims: dict[str, HandedIn | None] = {}
            for one in who_handed_in(archive.entries)[0]:
                student = roster.find(one).student if one.submitter.lms == way else None
                if student:
                    # Of two who would be one student it is not known who is: neither gets anything.
                    claims[student] = None if student in claims else one
            found.append((made_when(archive.entries, path), claims))
    if not found:
        raise NoDownload(f"there is no download of {lesson} in {folder}. D{said}")
    addresses = {
        student: one for _, claims in sorted(found, key=lambda made: made[0]) for student, one in claims.items()
    }
    if not addresses:
        raise NoDownload(f"no download in {folder} is {PLATFORMS[way]}'s, with students of this class in it. D{said}")
    return {student: one for student, one in addresses.items() if one is not None}


def _for_moodle(room: "Room", lesson: str, student: str, address: HandedIn) -> dict[str, bytes]:
    submitter = address.submitter
    if not submitter.number:
        raise NoAddress("has no number in Moodle's download; their page has to be given by hand")
    folder = f"{submitter.name.replace('_', ' ')}_{submitter.number}_assignsubmission_file_"
    pages = room.pages(lesson, student)
    summary = summary_page(room.record(student), {lesson: [page.name for page in pages]})
    files = {page.name: page.read_bytes() for page in pages} | {"summary.html": summary.encode()}
    return {f"{folder}/{name}": content for name, content in files.items()}


def _for_canvas(room: "Room", lesson: str, student: str, address: HandedIn) -> dict[str, bytes]:
    uploads = [one for one in address.files if one[1] and one[0].suffix == ".ipynb"]
    notebooks = sorted(room.autograded[lesson][student].glob("*.ipynb"))
    part = summary_page(room.record(student), {}, alone=False)
    files = {}
    for path in notebooks:
        fitting = [one for one in uploads if one[0].name == path.name] or (uploads if len(notebooks) == 1 else [])
        if not fitting:
            raise NoAddress(f"has uploaded no {path.name}, under whose name Canvas would give feedback back")
        _, _, entry = max(fitting, key=lambda one: one[1])
        files[entry.path.name] = _as_notebook(path, part)
    return files


def _as_notebook(path: Path, part: str) -> bytes:
    """An autograded notebook with feedback above it."""
    nb = nbformat.read(path, as_version=4)
    # In Markdown, HTML ends at an empty line, and a dollar begins a formula.
    html = re.sub(r"\n\s*", "\n", part).replace("$", "&#36;")
    cell = nbformat.v4.new_markdown_cell(f"<h1>Feedback</h1>\n{html}", id="gdgrade-feedback")
    if (nb.nbformat, nb.nbformat_minor) < (4, 5):
        del cell["id"]
    nb.cells.insert(0, cell)
    return (nbformat.writes(nb) + "\n").encode()


PACKED: dict[str, Callable[["Room", str, str, HandedIn], dict[str, bytes]]] = {
    "moodle": _for_moodle,
    "canvas": _for_canvas,
}
