"""Tables as files: CSV and XLSX in which no text is taken for a formula, and CSV as others have written it."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grading.course import ClassError
from grading.grades import Grades

__all__ = [
    "Export",
    "Sheet",
    "csv_bytes",
    "details",
    "number",
    "overview",
    "plain",
    "read_sheet",
    "safe",
    "text_bytes",
    "xlsx_bytes",
]

Cell = str | float | int | None

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""How a cell begins that a spreadsheet may compute: OWASP's list, behind white space too."""

HARMLESS = re.compile(r"-|[+-]?\d+([.,]\d+)?%?")
"""What begins so and is none: a number, or the dash for nothing."""

UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that an XLSX file must not hold, and no other has a use for."""

EPOCH = datetime(1980, 1, 1)
MOST_IN_A_CELL = 32_767


@dataclass(frozen=True)
class Export:
    """A file to be.

    Attributes
    ----------
    content : bytes
        All of it.
    points : mapping
        What is in it: points or None, by lesson and student's id.
    look : list of str
        What somebody should look at.
    notes : list of str
        What is good to know.
    """

    content: bytes
    points: Mapping[tuple[str, str], float | None]
    look: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sheet:
    """A CSV file that somebody else has written: its rows, all as long as the first, and how it was written."""

    path: Path
    rows: list[list[str]]
    delimiter: str
    bom: bool


# Cells --------------------------------------------------------------------------------------------------------------


def number(points: float | None) -> str:
    """Points as text: a decimal point, no zeros at the end, no exponent; empty for None."""
    if points is None:
        return ""
    text = f"{points:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def safe(text: str) -> str:
    """Give a text as it can stand in a CSV cell: an apostrophe goes before what a spreadsheet would compute."""
    return f"'{text}" if FORMULA.match(text) and not HARMLESS.fullmatch(text) else text


def _cell(value: Cell) -> str:
    return safe(_one_line(value)) if isinstance(value, str) else number(value)


def _one_line(text: str) -> str:
    """Text without control characters, in one line."""
    return UNSEEN.sub("", re.sub(r"[\t\r\n\x85\u2028\u2029]+", " ", text))


# Tables -------------------------------------------------------------------------------------------------------------


def overview(grades: Grades) -> list[list[Cell]]:
    """A row for each student: who it is, the points in each lesson, their sum, and out of how many."""
    head = ["Student ID", "Last name", "First name", "Email", *(one.name for one in grades.lessons), "Total", "Out of"]
    most = sum(lesson.max_score for lesson in grades.lessons)
    rows: list[list[Cell]] = [list(head)]
    for student in grades.students:
        scores = [grades.score(lesson, student) for lesson in grades.lessons]
        there = [score for score in scores if score is not None]
        total = sum(there) if there else None
        rows.append([student.id, student.last_name, student.first_name, student.email, *scores, total, most])
    return rows


def details(grades: Grades) -> list[list[Cell]]:
    """A row for each lesson and student, with the columns of ``nbgrader export``, and how far it is."""
    head = "assignment duedate timestamp student_id last_name first_name email raw_score late_submission_penalty score"
    rows: list[list[Cell]] = [[*head.split(), "max_score", "status"]]
    for lesson in grades.lessons:
        for student in grades.students:
            mark = grades.mark(lesson, student)
            score = grades.score(lesson, student)
            raw = score if mark.raw is None else mark.raw
            rows.append(
                [
                    lesson.name,
                    str(lesson.due or ""),
                    str(mark.handed_in or ""),
                    student.id,
                    student.last_name,
                    student.first_name,
                    student.email,
                    raw,
                    None if raw is None else mark.penalty,
                    score,
                    lesson.max_score,
                    mark.state.value,
                ]
            )
    return rows


def plain(grades: Grades, content: bytes) -> Export:
    """A file of all grades there are."""
    points = {
        (lesson.name, student.id): grades.score(lesson, student)
        for lesson in grades.lessons
        for student in grades.students
    }
    return Export(content, points)


# Files --------------------------------------------------------------------------------------------------------------


def csv_bytes(rows: Iterable[Sequence[Cell]], *, delimiter: str = ",", bom: bool = False, end: str = "\r\n") -> bytes:
    """Write rows as CSV (RFC 4180, UTF-8). Text is made `safe`; numbers have a decimal point.

    Parameters
    ----------
    rows : iterable of sequence
        Text, numbers, or None for an empty cell.
    delimiter, end : str
        What stands between cells, and at the end of a line.
    bom : bool
        Whether a byte order mark goes before it all: Excel takes a file without one for the machine's old encoding.
    """
    return text_bytes(([_cell(value) for value in row] for row in rows), delimiter=delimiter, bom=bom, end=end)


def text_bytes(rows: Iterable[Sequence[str]], *, delimiter: str = ",", bom: bool = False, end: str = "\r\n") -> bytes:
    """Write rows of text as it is: the caller has seen to it that none of it is a formula."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return file.getvalue().encode("utf-8-sig" if bom else "utf-8")


def xlsx_bytes(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Write an Excel workbook; the same tables give the same bytes.

    Text is typed as text, whatever it begins with, and numbers as numbers.

    Parameters
    ----------
    sheets : mapping of str to sequence of rows
        By the sheet's name.
    """
    from openpyxl import Workbook
    from openpyxl.writer.excel import ExcelWriter

    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        _write_sheet(book.create_sheet(title), rows)
    book.properties.created = book.properties.modified = EPOCH
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        ExcelWriter(book, archive).save()
    return _dateless(file)


def _write_sheet(sheet: "object", rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    def typed(value: Cell, bold: bool) -> object:
        if not isinstance(value, str):
            return value
        text = _one_line(value)[:MOST_IN_A_CELL]
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        cell.quotePrefix = safe(text) != text  # or it would be a formula once somebody edits it
        if bold:
            cell.font = Font(bold=True)
        return cell

    sheet.freeze_panes = "B2"
    for at, column in enumerate(zip(*rows, strict=True), start=1):
        widest = max(len(value) if isinstance(value, str) else 8 for value in column)
        sheet.column_dimensions[get_column_letter(at)].width = min(max(widest, 8), 40) + 2
    for index, row in enumerate(rows):
        sheet.append([typed(value, bold=index == 0) for value in row])


def _dateless(file: io.BytesIO) -> bytes:
    """The same archive, without the times at which its parts were written."""
    result = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, EPOCH.timetuple()[:6]), old.read(part), zipfile.ZIP_DEFLATED)
    return result.getvalue()


def read_sheet(path: Path | str, what: str) -> Sheet:
    """Read a CSV file that another program has written: with commas, semicolons or tabs, in UTF-8.

    Parameters
    ----------
    path : Path or str
    what : str
        What it should be, for messages, such as "the gradebook as Canvas gave it".

    Raises
    ------
    ClassError
        If it cannot be read, or is none; the message says why.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ClassError(f"{path} cannot be read: {error.strerror}. It should be {what}") from error
    if content.startswith(b"PK"):
        raise ClassError(f"{path} is an Excel workbook, not CSV. It should be {what}, unchanged")
    try:
        text = content.decode("utf-8-sig")
        delimiter = max(",;\t", key=lambda one: len(next(csv.reader(io.StringIO(text), delimiter=one), [])))
        file = io.StringIO(text, newline="")
        rows = [row for row in csv.reader(file, delimiter=delimiter, strict=True) if any(row)]
    except UnicodeDecodeError as error:
        raise ClassError(
            f"{path} is not UTF-8 text: a program has changed it. It should be {what}, unchanged"
        ) from error
    except csv.Error as error:
        raise ClassError(f"{path} is not CSV: {error}. It should be {what}") from error
    if not rows:
        raise ClassError(f"{path} is empty. It should be {what}")
    width = len(rows[0])
    for row in rows:
        if any(row[width:]):
            raise ClassError(
                f"{path} has more cells in the row of {row[0]!r} than in its first row. It should be {what}"
            )
        row[:] = (row + [""] * width)[:width]
    return Sheet(path, rows, delimiter, content.startswith(b"\xef\xbb\xbf"))
