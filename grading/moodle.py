"""Grades for Moodle: a CSV file for the gradebook's import, or an assignment's grading worksheet, filled.

What Moodle imports is told in docs/export.md. It takes a file as a whole or not at all, and goes on with the student of
the row before where a row does not say whose it is: so each row says it, and what cannot be told safely is left out.
"""

import re
from collections import Counter
from collections.abc import Sequence

from grading.course import ClassError
from grading.grades import Grades, Lesson, Mark
from grading.roster import Student
from grading.tables import Export, Sheet, number, safe, text_bytes
from grading.whose import few, match, nobodys

__all__ = ["IDENTIFIERS", "WAYS", "WORKSHEET", "fill", "table"]

IDENTIFIERS = {
    "email": ("Email address", "email"),
    "username": ("Username", "id"),
    "idnumber": ("ID number", "id"),
    "userid": ("User ID", "lms_user_id"),
}
"""How Moodle can know a student: the head of the column, and what of the gradebook goes there."""

WORKSHEET = "the grading worksheet as Moodle gave it (the assignment's submissions, Download grading worksheet)"
PARTICIPANT, GRADE, MOST, ONLINE = "identifier", "grade", "maximum grade", "online text"
WAYS: Sequence[tuple[str, str]] = (
    ("email address", "email"),
    ("username", "id"),
    ("id number", "id"),
)
"""Columns of a worksheet, and what of a student is the same there."""

PLAIN = re.compile(r"[\w.@+-]+")
"""An identifier in which no formula can be, whatever it begins with."""

USUAL_MOST = 100


def table(grades: Grades, identify: str, *, feedback: bool = True) -> Export:
    """Make the file for Moodle's gradebook.

    Parameters
    ----------
    grades : Grades
    identify : str
        One of `IDENTIFIERS`.
    feedback : bool
        Whether comments by hand and what was taken off for being late go in a column beside the points.

    Returns
    -------
    Export

    Raises
    ------
    ClassError
        If nobody has such an identifier.
    """
    head, attribute = IDENTIFIERS[identify]
    students, look = _identified(grades, head, attribute)
    told = {lesson for lesson in grades.lessons if feedback and _is_told(grades, lesson, students)}
    heads = [[lesson.name, *([f"{lesson.name} (feedback)"] if lesson in told else [])] for lesson in grades.lessons]
    rows: list[list[str]] = [[head, *(safe(cell) for cells in heads for cell in cells)]]
    for student in students:
        cells = [getattr(student, attribute)]
        for lesson in grades.lessons:
            cells.append(number(grades.score(lesson, student)))
            if lesson in told:
                cells.append(safe(_feedback(grades.mark(lesson, student))))
        rows.append(cells)
    points = {(lesson.name, one.id): grades.score(lesson, one) for lesson in grades.lessons for one in students}
    notes = []
    if any(score is not None and score > USUAL_MOST for score in points.values()):
        notes.append(f"Moodle refuses more than {USUAL_MOST} points unless its setting `unlimitedgrades` is on")
    return Export(text_bytes(rows), points, look, notes)


def _identified(grades: Grades, head: str, attribute: str) -> tuple[list[Student], list[str]]:
    """The students that Moodle can be told of, and why the others are left out."""
    count = Counter(getattr(student, attribute).casefold() for student in grades.students)
    students, without, shared, unsafe = [], [], [], []
    for student in grades.students:
        said = getattr(student, attribute)
        if said.strip() in ("", "0"):  # Moodle takes a 0 for nothing
            without.append(student.id)
        elif count[said.casefold()] > 1:
            shared.append(student.id)
        elif (safe(said) != said and not PLAIN.fullmatch(said)) or said != said.strip() or "\\" in said:
            unsafe.append(student.id)
        else:
            students.append(student)
    if not students:
        others = ", ".join(f"--identify {name}" for name, (title, _) in IDENTIFIERS.items() if title != head)
        raise ClassError(f"nobody in the gradebook has what Moodle calls {head}. Others are: {others}")
    looks = {
        f"left out, without {head}": without,
        f"left out, with the {head} of somebody else": shared,
        f"left out, their {head} could be taken for a formula, or is not as Moodle keeps it": unsafe,
    }
    return students, [f"{what}: {few(names)}" for what, names in looks.items() if names]


def _is_told(grades: Grades, lesson: Lesson, students: Sequence[Student]) -> bool:
    return any(_feedback(grades.mark(lesson, student)) for student in students)


def _feedback(mark: Mark) -> str:
    """What a person wrote, and what was taken off, in one line."""
    late = [f"Points taken off for being late: {number(mark.penalty)}"] if mark.penalty else []
    text = " ".join(" / ".join([*late, *mark.comments]).split())
    # PHP takes a quotation mark after a backslash for one inside the cell.
    return re.sub(r'\\(?="|$)', r"\\ ", text)


def fill(sheet: Sheet, grades: Grades, column: str | None = None) -> Export:
    """Fill in an assignment's grading worksheet.

    Parameters
    ----------
    sheet : Sheet
        The worksheet as Moodle gave it.
    grades : Grades
        Of the one lesson.
    column : str, optional
        The head of the column for the points, if Moodle speaks another language than English.

    Returns
    -------
    Export
        The same worksheet with points; all else is as it was.

    Raises
    ------
    ClassError
        If it is no grading worksheet.
    """
    (lesson,) = grades.lessons
    head = [cell.strip().casefold() for cell in sheet.rows[0]]
    wanted = (column or GRADE).strip().casefold()
    if wanted not in head:
        there = ", ".join(f"'{cell}'" for cell in sheet.rows[0])
        raise ClassError(
            f"{sheet.path} has no column {column or 'Grade'}; it has: {there}. It should be {WORKSHEET}; in another "
            f"language than English, name the column for the points with --column '{lesson.name}=NAME'"
        )
    at = head.index(wanted)
    others_text = {*range(1, at), *(place for place, cell in enumerate(head) if cell == ONLINE)}
    rows = {index: dict(zip(head, row, strict=True)) for index, row in enumerate(sheet.rows) if index}
    students, doubtful = match(sheet.path, rows, grades, WAYS)
    points: dict[tuple[str, str], float | None] = {}
    too_many = []
    result = [sheet.rows[0]]
    for index, row in enumerate(sheet.rows[1:], start=1):
        if index in students:
            score = points[lesson.name, students[index].id] = grades.score(lesson, students[index])
            row = [*row[:at], row[at] if score is None else number(score), *row[at + 1 :]]
            if score is not None and score > _most(rows[index].get(MOST, "")):
                too_many.append(students[index].id)
        # Comments and times are read again by Moodle, letter by letter; names and what students wrote are not.
        result.append([safe(cell) if place in others_text else cell for place, cell in enumerate(row)])
    look, notes = [], []
    if doubtful:
        look.append(f"several rows of the worksheet fit each of these; none was filled: {few(doubtful)}")
    if lost := nobodys(students, doubtful, grades):
        look.append(f"no row in the worksheet for: {few(lost)}. It goes by {', '.join(dict(WAYS))}")
    if too_many:
        look.append(f"more points than the assignment has in Moodle, which skips them: {few(too_many)}")
    if others := [row.get(PARTICIPANT, "") for index, row in rows.items() if index not in students]:
        notes.append(f"rows of the worksheet that fit nobody in the gradebook, left as they are: {few(others)}")
    return Export(text_bytes(result, delimiter=sheet.delimiter, bom=sheet.bom), points, look, notes)


def _most(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("inf")
