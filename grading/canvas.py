"""Grades into the gradebook that Canvas gave: a CSV file with who is in the course, to be filled and given back.

What Canvas imports is told in docs/export.md. The file has the columns that say whose a row is, as they were, and
those of the lessons, filled. All others are left out: Canvas leaves alone what is not in the file, and so what somebody
enters there meanwhile stays.
"""

import re
from collections.abc import Mapping, Sequence

from grading.course import ClassError
from grading.grades import Grades, Lesson
from grading.roster import NOT_POSTED
from grading.tables import Export, Sheet, number, safe, text_bytes
from grading.whose import few, match, nobodys

__all__ = ["WHAT", "fill"]

WHAT = "the gradebook as Canvas gave it (Grades, Export, Export Entire Gradebook)"

ASSIGNMENT = re.compile(r"(.*)\s\((\d+)\)", re.DOTALL)
TOTAL = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)")
POSSIBLE = "Points Possible"
READ_ONLY = re.compile(r"read\s+only")

LEFT_ALONE = ("EX", "N/A")
"""What stays whatever the gradebook says: the student is excused, or was not given the assignment."""

WAYS: Sequence[tuple[str, str]] = (
    ("ID", "lms_user_id"),
    ("SIS User ID", "lms_user_id"),
    ("SIS User ID", "id"),
    ("SIS Login ID", "id"),
    ("SIS Login ID", "email"),
)
"""By which column a student is known, and what of the gradebook is the same there.

A student's id is not taken for an ``ID``: both may be numbers, and then it is the number of somebody else.
"""


def fill(sheet: Sheet, grades: Grades, columns: Mapping[str, str]) -> Export:
    """Fill in the lessons' columns.

    Parameters
    ----------
    sheet : Sheet
        The gradebook as Canvas gave it.
    grades : Grades
    columns : mapping of str to str
        For lessons whose name in Canvas is another: the head of the column, its title or its number.

    Returns
    -------
    Export

    Raises
    ------
    ClassError
        If it is no gradebook of Canvas, a column is not in it, or there is one for no lesson.
    """
    last = _last_of_who(sheet)
    places = _places(sheet, last, grades, columns)
    head = [cell.strip() for cell in sheet.rows[0]]
    rows = {
        index: dict(zip(head[: last + 1], row, strict=False))
        for index, row in enumerate(sheet.rows)
        if index and not _is_about_columns(row)
    }
    students, doubtful = match(sheet.path, rows, grades, WAYS)
    points: dict[tuple[str, str], float | None] = {}
    kept = []
    result = [[*sheet.rows[0][: last + 1], *(sheet.rows[0][at] for at in places.values())]]
    for index, row in enumerate(sheet.rows[1:], start=1):
        cells = [row[at] for at in places.values()]
        for at, lesson in enumerate(places) if index in students else ():
            score = grades.score(lesson, students[index])
            if score is not None and cells[at].strip().upper() in LEFT_ALONE:
                kept.append(f"{students[index].id} ({lesson.name}: {cells[at].strip()})")
                continue
            points[lesson.name, students[index].id] = score
            cells[at] = cells[at] if score is None else number(score)
        result.append([safe(cell) for cell in (*row[: last + 1], *cells)])
    look, notes = _looks(sheet, places, grades), []
    if doubtful:
        look.append(f"several rows in Canvas fit each of these; none was filled: {few(doubtful)}")
    if lost := nobodys(students, doubtful, grades):
        look.append(f"no row in Canvas for: {few(lost)}. `lms_user_id` in the gradebook is to be their ID in Canvas")
    if kept:
        notes.append(f"left as they are in Canvas, where they are excused or have no such assignment: {few(kept)}")
    if others := [row[head[0]] for index, row in rows.items() if index not in students]:
        notes.append(f"rows of Canvas that fit nobody in the gradebook, left as they are: {few(others)}")
    return Export(text_bytes(result, delimiter=sheet.delimiter, bom=sheet.bom, end="\n"), points, look, notes)


def _last_of_who(sheet: Sheet) -> int:
    """Where the columns that say who a row is about come to their end: at the section."""
    head = [cell.strip() for cell in sheet.rows[0]]
    if head[0] not in ("Student", "LastName") or "ID" not in head or "Section" not in head:
        raise ClassError(
            f"{sheet.path} begins with {', '.join(head[:5])}, and not with Student, ID, …, Section. It should be {WHAT}"
        )
    return head.index("Section")


def _is_about_columns(row: Sequence[str]) -> bool:
    """Whether a row is one of those between the head and the students: points, and what is not posted yet."""
    return POSSIBLE in row[0] or all(NOT_POSTED.fullmatch(cell) for cell in row)


def _places(sheet: Sheet, last: int, grades: Grades, columns: Mapping[str, str]) -> dict[Lesson, int]:
    """Where the column of each lesson is, of those that have one."""
    read_only = {
        at for row in sheet.rows[1:] if POSSIBLE in row[0] for at, cell in enumerate(row) if READ_ONLY.search(cell)
    }
    heads = {
        at: match
        for at, cell in enumerate(sheet.rows[0])
        if at > last and at not in read_only and not TOTAL.search(cell)
        if (match := ASSIGNMENT.fullmatch(cell.strip()))
    }
    said = ", ".join(f"'{one[0]}'" for one in heads.values()) or "no assignment at all"
    places: dict[Lesson, int] = {}
    for lesson in grades.lessons:
        found = _fitting(heads, lesson.name, columns.get(lesson.name))
        if len(found) > 1 or (not found and lesson.name in columns):
            what = f"several columns that fit {lesson.name}" if found else f"no column {columns[lesson.name]}"
            raise ClassError(f"{sheet.path} has {what}: name one by its number with --column. It has: {said}")
        if found and found[0] in places.values():
            raise ClassError(f"{heads[found[0]][0]} is the column of two lessons: tell them apart with --column")
        if found:
            places[lesson] = found[0]
    if not places:
        names = ", ".join(lesson.name for lesson in grades.lessons)
        raise ClassError(
            f"{sheet.path} has no column for {names}; it has: {said}. Make the assignment in Canvas and export its "
            f"gradebook again, or name its column with --column '{grades.lessons[0].name}=TITLE (NUMBER)'"
        )
    return places


def _fitting(heads: Mapping[int, re.Match[str]], lesson: str, wanted: str | None) -> list[int]:
    """The columns that may be meant: of several with the same title, only its number or its whole head tells."""
    if wanted is None:
        return [at for at, one in heads.items() if _plain(one[1]) == _plain(lesson)]
    exactly = [at for at, one in heads.items() if wanted in (one[0], one[2])]
    return exactly or [at for at, one in heads.items() if one[1].strip() == wanted]


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "", title).casefold()


def _looks(sheet: Sheet, places: Mapping[Lesson, int], grades: Grades) -> list[str]:
    """What about the columns somebody should look at."""
    look = []
    if lost := [lesson.name for lesson in grades.lessons if lesson not in places]:
        look.append(f"no column in Canvas for {few(lost)}: name it with --column '{lost[0]}=TITLE (NUMBER)'")
    for row in sheet.rows[1:]:
        for lesson, at in places.items() if POSSIBLE in row[0] else ():
            possible = row[at].strip().replace(",", ".")
            if possible != number(lesson.max_score) and _as_number(possible) != lesson.max_score:
                look.append(
                    f"{sheet.rows[0][at]} has {possible or 'no'} points possible in Canvas, {lesson.name} has "
                    f"{number(lesson.max_score)}: points are written as they are"
                )
    return look


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
