"""A course in Moodle as far as grades in CSV go: it imports as Moodle documents, and knows no gdgrade.

After what MoodleDocs say of a grade import (docs/export.md has the page), and what Moodle's published importers do with
a file: lib/csvlib.class.php, grade/import/csv/classes/load_data.php, mod/assign/feedback/offline.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


class Aborted(Exception):
    """Moodle gives the whole import up."""


def php_rows(text: str) -> list[list[str]]:
    """Rows as PHP's ``fgetcsv`` reads them: a backslash before a quotation mark keeps it from ending the cell."""
    rows: list[list[str]] = [[]]
    cell, at, quoted = "", 0, False
    while at < len(text):
        char = text[at]
        if quoted and char == "\\" and text[at + 1 : at + 2] == '"':
            cell, at = cell + '\\"', at + 1
        elif quoted and char == '"' and text[at + 1 : at + 2] == '"':
            cell, at = cell + '"', at + 1
        elif char == '"' and (quoted or not cell):
            quoted = not quoted
        elif char in ",\n" and not quoted:
            rows[-1].append(cell)
            cell = ""
            if char == "\n":
                rows.append([])
        else:
            cell += char
        at += 1
    rows[-1].append(cell)
    return [row for row in rows if row not in ([], [""])]


def read(content: bytes) -> list[list[str]]:
    """What Moodle makes of a file that is said to be UTF-8 with commas."""
    text = content.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Aborted("empty file")
    rows = php_rows(text)
    if any(len(row) != len(rows[0]) for row in rows):
        raise Aborted("the number of columns is not constant")
    return rows


def unformat(value: str) -> float:
    """A number as `unformat_float` takes it, where a comma is the decimal separator: a point will do."""
    try:
        return float(value.replace(" ", "").replace(",", "."))
    except ValueError:
        raise Aborted(f"bad grade: {value}") from None


@dataclass
class Site:
    users: list[Mapping[str, str]]
    """Each with id, username, email and idnumber."""
    most: float = 100
    grades: dict[tuple[str, str], float | None] = field(default_factory=dict)
    """By grade item and username."""
    feedback: dict[tuple[str, str], str] = field(default_factory=dict)

    def import_grades(self, content: bytes, map_from: str, map_to: str, items: Mapping[str, str]) -> None:
        """Import a file: users are known by column ``map_from`` as field ``map_to``; columns go to items.

        An item of the form ``feedback_X`` takes the feedback for X. Nothing is kept of an import that is given up.
        """
        head, *rows = [[cell.strip() for cell in row] for row in read(content)]
        if map_from not in head or not items.keys() <= set(head):
            raise Aborted(f"no such columns: {head}")
        grades, feedback = {}, {}
        user = None
        for row in rows:
            for column, value in zip(head, row, strict=True):
                if column == map_from:
                    if value not in ("", "0"):  # else the student of the row before stays
                        user = self._user(map_to, value)
                elif (item := items.get(column, "")).startswith("feedback_"):
                    feedback[item.removeprefix("feedback_"), user] = value
                elif item:
                    grades[item, user] = None if value in ("", "-") else unformat(value)
                    if (grades[item, user] or 0) > self.most:
                        raise Aborted(f"grade value too big: {value}")
        for key in feedback.keys() - grades.keys():
            grades[key] = None  # importing feedback alone loses the grade
        self.grades |= grades
        self.feedback |= feedback

    def _user(self, field_name: str, value: str) -> str:
        found = [user["username"] for user in self.users if user.get(field_name) == value]
        if len(found) != 1:
            raise Aborted(f"no user whose {field_name} is {value}")
        return found[0]


@dataclass
class Assignment:
    """An assignment with a grading worksheet."""

    users: list[Mapping[str, str]]
    most: float
    grades: dict[str, float] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def worksheet(self, grade: str = "Grade", email: str = "Email address") -> bytes:
        head = ["Identifier", "Full name", email, "Status", grade, "Maximum Grade", "Grade can be changed",
                "Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments"]  # fmt: skip
        rows = [head]
        for user in self.users:
            name = user["username"]
            points = f"{self.grades[name]:.2f}" if name in self.grades else ""
            rows.append(
                [f"Participant {user['id']}", user["name"], user["email"], "Submitted for grading", points,
                 f"{self.most:.2f}", "Yes", "Tuesday, 1 January 2030, 11:00 AM", "-1 is my answer", "-",
                 self.comments.get(name, "")]
            )  # fmt: skip
        quoted = [[f'"{cell}"' if re.search(r'[\s,"]', cell) else cell for cell in row] for row in rows]
        return ("\ufeff" + "\n".join(",".join(row) for row in quoted) + "\n").encode()

    def upload(self, content: bytes) -> None:
        head, *rows = read(content)
        places = {
            name: head.index(name) for name in ("Identifier", "Grade", "Last modified (grade)", "Feedback comments")
        }
        for row in rows:
            number = row[places["Identifier"]][len("Participant ") :]
            names = [user["username"] for user in self.users if user["id"] == number]
            if not names:
                continue
            value = row[places["Grade"]]
            if value != "" and 0 <= unformat(value) <= self.most:
                self.grades[names[0]] = unformat(value)
            if row[places["Feedback comments"]] != self.comments.get(names[0], ""):
                self.comments[names[0]] = row[places["Feedback comments"]]
