"""Whose a row is, in a table that a learning platform gave: its students found in the gradebook, each at most once."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from grading.course import ClassError
from grading.grades import Grades, State
from grading.roster import Student

__all__ = ["few", "match", "nobodys"]

FEW = 10


def few(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return f"{', '.join(names[:FEW])}{more}"


def match(
    file: Path, rows: Mapping[int, Mapping[str, str]], grades: Grades, ways: Sequence[tuple[str, str]]
) -> tuple[dict[int, Student], list[str]]:
    """Find the student that each row is about.

    Parameters
    ----------
    file : Path
        The table's, for messages.
    rows : mapping of int to mapping
        Cells by the head of their column, by some number of the row.
    grades : Grades
        Who is in the gradebook.
    ways : sequence of (str, str)
        Heads, and what of a student is to be the same there (an attribute of `Student`), the most certain first. Case
        does not count.

    Returns
    -------
    students : dict of int to Student
        Without the rows that fit nobody.
    doubtful : list of str
        Ids of those whom several rows fit: no row is taken for theirs.

    Raises
    ------
    ClassError
        If no row fits anybody.
    """
    known = {attribute: _known_by(grades, attribute) for _, attribute in ways}
    found = {}
    for index, row in rows.items():
        fitting = (known[attribute].get(row.get(head, "").strip().casefold()) for head, attribute in ways)
        student = next((one for one in fitting if one is not None), None)
        if student is not None:
            found[index] = student
    if not found:
        pairs = ", ".join(f"{head} ({attribute})" for head, attribute in ways)
        raise ClassError(
            f"no row of {file} fits anybody in the gradebook. It goes by these columns, and what is the same in the "
            f"gradebook: {pairs}"
        )
    rows_of = Counter(student.id for student in found.values())
    doubtful = sorted(who for who, count in rows_of.items() if count > 1)
    return {index: student for index, student in found.items() if rows_of[student.id] == 1}, doubtful


def _known_by(grades: Grades, attribute: str) -> dict[str, Student]:
    """Students by what is known of them, where it is nobody else's."""
    found: dict[str, list[Student]] = defaultdict(list)
    for student in grades.students:
        found[getattr(student, attribute).strip().casefold()].append(student)
    return {said: students[0] for said, students in found.items() if said and len(students) == 1}


def nobodys(found: Mapping[int, Student], doubtful: Sequence[str], grades: Grades) -> list[str]:
    """Ids of those with something to export, for whom there is no row."""
    there = {student.id for student in found.values()} | set(doubtful)
    return [
        student.id
        for student in grades.students
        if student.id not in there
        and any(grades.mark(lesson, student).state is not State.MISSING for lesson in grades.lessons)
    ]
