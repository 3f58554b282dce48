"""Who is in the class: read from whatever file lists the students, and written into the gradebook."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from nbgrader import api
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grading import lessons
from grading.book import one_transaction
from grading.intake import handed_in

__all__ = [
    "COLUMNS",
    "FILE",
    "NOT_POSTED",
    "RosterError",
    "Student",
    "Update",
    "in_gradebook",
    "read",
    "update",
    "why_no_id",
]

FILE = "roster.csv"
"""The roster's file in a class directory."""

MAX_BYTES = 20 * 2**20
MAX_TOLD = 20


class RosterError(ValueError):
    """A roster cannot be read; the message says where, what is wrong and what to do."""


@dataclass(frozen=True)
class Student:
    """One student, as nbgrader's gradebook knows them.

    Attributes
    ----------
    id : str
        The name of their folder in ``submitted/``.
    first_name, last_name, email : str or None
    lms_user_id : str or None
        What a learning platform calls them.
    """

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    lms_user_id: str | None = None

    @property
    def name(self) -> str:
        """First and last name; empty if neither is known."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


COLUMNS = tuple(field.name for field in fields(Student))
"""nbgrader's names of a roster's columns."""

# What platforms and people call these columns, in lower case and without anything but letters and digits. Of several
# that are there, the first counts.
ALIASES = {
    "id": ("id", "studentid", "username", "loginid", "login", "idnumber", "anmeldename", "idnummer"),
    "first_name": ("firstname", "first", "givenname", "forename", "vorname"),
    "last_name": ("lastname", "last", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail", "emailadresse"),
    "lms_user_id": ("lmsuserid", "lmsid"),
    "name": ("fullname", "name", "student"),
}
# Canvas's gradebook has another idea of "Student" and "ID".
CANVAS = {"id": ("sisloginid",), "lms_user_id": ("id",), "name": ("student",), "email": ("email", "emailaddress")}

NOT_POSTED = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
"""What alone stands in the line of Canvas's gradebook that says which assignments' grades students do not see yet."""


# Reading --------------------------------------------------------------------------------------------------------------


def read(path: Path | str, *, id_column: str | None = None, note: Callable[[str], None] | None = None) -> list[Student]:
    """Read a list of students: nbgrader's own roster, a spreadsheet, or what Moodle or Canvas export.

    Parameters
    ----------
    path : Path or str
        CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or what Excel writes on Windows; or an ``.xlsx`` file, of
        which the first sheet is read. The first line names the columns, in any order; others than those of a student
        are left out.
    id_column : str, optional
        The column that has the students' ids, if its name does not say so.
    note : callable, optional
        Told of each line that is left out, and of what looks odd.

    Returns
    -------
    list of Student
        In the file's order, each once.

    Raises
    ------
    RosterError
        If the file cannot be read, or some of its lines cannot: all of these are named.
    """
    path, note = Path(path), note or (lambda said: None)
    rows = _rows(path)
    if not rows:
        raise RosterError(f"{path} is empty: its first line has to name the columns ({','.join(COLUMNS)})")
    where = _columns(path, rows[0][1], id_column)
    found, wrong = _Found(note), []
    for line, cells in rows[1:]:
        try:
            found.add(line, _student(rows[0][1], where, cells, line, note))
        except RosterError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        more = [f"and {len(wrong) - MAX_TOLD} more lines"] if len(wrong) > MAX_TOLD else []
        raise RosterError("\n".join([f"{path} cannot be used, nothing was changed:", *wrong[:MAX_TOLD], *more]))
    return list(found.students.values())


def why_no_id(text: str) -> str | None:
    """Say why a text cannot be a student's id, a folder's name and part of nbgrader's patterns; None if it can."""
    if not text.isprintable() or text != text.strip():
        return "it has characters that cannot be seen"
    if text in ("", ".", "..") or len(text.encode()) > 200:
        return "it cannot be a folder's name"
    if odd := sorted(set(text) & set('/\\*?[]+,"')):
        return f"it has {' '.join(odd)} in it, which nbgrader uses for something else"
    return "it begins with a dot, and would be hidden" if text.startswith(".") else None


class _Found:
    """The students found so far, and where."""

    def __init__(self, note: Callable[[str], None]):
        self.students: dict[str, Student] = {}
        self._lines: dict[str, int] = {}
        self._folded: dict[str, str] = {}
        self._note = note

    def add(self, line: int, student: Student | None) -> None:
        if student is None:
            return
        before = self.students.get(student.id)
        if before is not None and before != student:
            raise RosterError(
                f"{student.id} stands in line {self._lines[student.id]} already, with other words: keep one of them"
            )
        if before is not None:
            self._note(f"line {line} says the same of {student.id} as line {self._lines[student.id]}")
            return
        twin = self._folded.setdefault(student.id.casefold(), student.id)
        if twin != student.id:
            self._note(f"line {line}: {student.id} and {twin} differ in capitals alone: are they two students?")
        self.students[student.id] = student
        self._lines[student.id] = line


def _columns(path: Path, header: Sequence[str], id_column: str | None) -> dict[str, int]:
    """Where each thing stands, by its name."""
    names = [_bare(name) for name in header]
    aliases = ALIASES | CANVAS if "sisloginid" in names else ALIASES
    where = {}
    for field, words in aliases.items():
        places = [names.index(word) for word in words if word in names]
        if places:
            where[field] = places[0]
    if id_column is not None:
        if _bare(id_column) not in names:
            raise RosterError(f"{path} has no column {id_column}; it has: {_listed(header)}")
        where["id"] = names.index(_bare(id_column))
    if "id" not in where:
        raise RosterError(
            f"{path} does not say which column has the students' ids (id). Its columns are: {_listed(header)}. "
            "Name the one that does: --id-column COLUMN"
        )
    doubled = sorted({header[place] for place in where.values() if names.count(names[place]) > 1})
    if doubled:
        raise RosterError(f"{path} has more than one column {_listed(doubled)}: remove all but one")
    return where


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _listed(header: Iterable[str]) -> str:
    return ", ".join(name or "(without a name)" for name in header)


def _student(
    header: Sequence[str], where: dict[str, int], cells: Sequence[str], line: int, note: Callable[[str], None]
) -> Student | None:
    if not any(cells):
        return None
    if all(NOT_POSTED.fullmatch(cell) for cell in cells):
        note(f"line {line} is left out: it says which grades are not posted yet")
        return None
    if any(cells[len(header) :]):
        raise RosterError(
            f"it has {len(cells)} values for {len(header)} columns: put a value with a comma or semicolon in quotes"
        )
    value = {field: cells[place] or None if place < len(cells) else None for field, place in where.items()}
    name = value.pop("name", None)
    if name and not (value.get("first_name") or value.get("last_name")):
        value |= _split(name)
    if not value["id"]:
        if name and name.strip().casefold() in ("points possible", "student, test", "test student"):
            note(f"line {line} is left out: {name.strip()} is no student")
            return None
        column = header[where["id"]] or "id"
        raise RosterError(f"it has no {column}: each student needs one (--id-column names another column)")
    if why := why_no_id(value["id"]):
        raise RosterError(f"{value['id']!r} cannot be a student's id: {why}")
    if value.get("email") and "@" not in value["email"]:
        note(f"line {line}: {value['email']} is no e-mail address")
    return Student(**value)


def _split(name: str) -> dict[str, str | None]:
    """Make first and last name of a full one: ``Lovelace, Ada``, or ``Ada Lovelace``."""
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.strip().rpartition(" ")
    return {"first_name": first.strip() or None, "last_name": last.strip() or None}


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """All lines that have something in them, with their numbers."""
    try:
        if path.is_dir():
            raise RosterError(f"{path} is a folder: give the file that lists the students")
        if path.stat().st_size > MAX_BYTES:
            raise RosterError(f"{path} has {path.stat().st_size / 2**20:.0f} MiB: is it a list of students?")
        content = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise RosterError(f"{path} is a spreadsheet of an old format: save it as .xlsx or .csv")
    rows = _sheet(path, content) if content.startswith(b"PK\x03\x04") else _table(path, _text(path, content))
    return [(line, cells) for line, cells in rows if any(cells)]


def _text(path: Path, content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what Excel writes on Windows
    if "\0" in text:
        raise RosterError(f"{path} is no text: save it as .csv or .xlsx")
    return text


def _table(path: Path, text: str) -> list[tuple[int, list[str]]]:
    first, _, rest = text.partition("\n")
    skipped, separator = 0, None
    if match := re.fullmatch(r"sep=(.)\s*", first):  # how a file says it to Excel
        text, skipped, separator = rest, 1, match[1]
    if separator is None:
        line = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(",;\t", key=line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, begins = [], skipped + 1
    try:
        for cells in reader:
            rows.append((begins, [cell.strip() for cell in cells]))
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        raise RosterError(f"{path}, line {begins}: {error}: look at the quotes there") from error
    return rows


def _sheet(path: Path, content: bytes) -> list[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
        return [(line, [_cell(value) for value in values]) for line, values in rows]
    except Exception as error:
        raise RosterError(f"{path} cannot be read as a spreadsheet: {error}. Save it as .csv") from error


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


# The gradebook --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Update:
    """What a roster changes in the gradebook.

    Attributes
    ----------
    new : tuple of Student
    changed : tuple of (Student, Student)
        As they were, and as they are now.
    same : int
        How many are as they were.
    missing : tuple of Student
        Who is in the gradebook, and not in the roster.
    with_work : frozenset of str
        Ids of those missing whose work is in the gradebook or in ``submitted/``.
    removed : tuple of Student
        Who was taken out of the gradebook.
    """

    new: tuple[Student, ...]
    changed: tuple[tuple[Student, Student], ...]
    same: int
    missing: tuple[Student, ...]
    with_work: frozenset[str]
    removed: tuple[Student, ...] = ()


def in_gradebook(gradebook: Gradebook) -> list[Student]:
    """The students of a gradebook, by their ids."""
    rows = gradebook.db.query(*(getattr(api.Student, column) for column in COLUMNS)).order_by(api.Student.id)
    return [Student(*row) for row in rows]


def update(
    gradebook: Gradebook,
    course: CourseDirectory,
    students: Iterable[Student],
    *,
    remove_missing: bool = False,
    dry_run: bool = False,
) -> Update:
    """Write students into the gradebook, all or none of them.

    What a roster does not say of a student (an empty cell, a column that is not there) stays as it is.

    Parameters
    ----------
    gradebook : Gradebook
        See `grading.book.opened`.
    course : CourseDirectory
        The class.
    students : iterable of Student
    remove_missing : bool
        Whether to take out who is not among them. Nobody whose work is in the gradebook or in ``submitted/`` is.
    dry_run : bool
        Whether to change nothing, and only say what would be.

    Returns
    -------
    Update
    """
    known = {student.id: student for student in in_gradebook(gradebook)}
    new, changed, same, named = [], [], 0, set()
    for student in students:
        named.add(student.id)
        before = known.get(student.id)
        if before is None:
            new.append(student)
            continue
        said = {column: value for column in COLUMNS if (value := getattr(student, column)) is not None}
        after = replace(before, **said)
        if after == before:
            same += 1
        else:
            changed.append((before, after))
    missing = tuple(student for name, student in known.items() if name not in named)
    with_work = frozenset({student.id for student in missing} & _with_work(gradebook, course))
    removed = tuple(student for student in missing if student.id not in with_work) if remove_missing else ()
    if not dry_run:
        with one_transaction(gradebook):
            for student in (*new, *(after for _, after in changed)):
                gradebook.update_or_create_student(
                    student.id, **{column: getattr(student, column) for column in COLUMNS[1:]}
                )
            for student in removed:
                gradebook.remove_student(student.id)
    return Update(tuple(new), tuple(changed), same, missing, with_work, removed)


def _with_work(gradebook: Gradebook, course: CourseDirectory) -> set[str]:
    """Ids of those who have handed in something, or have grades."""
    names = {*lessons.in_class(course), *(name for (name,) in gradebook.db.query(api.Assignment.name))}
    in_folders = {student for lesson in names for student in handed_in(course, lesson)}
    return in_folders | {student for (student,) in gradebook.db.query(api.SubmittedAssignment.student_id).distinct()}
