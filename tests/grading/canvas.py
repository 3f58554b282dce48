"""A course in Canvas as far as its gradebook's CSV goes: it exports and imports as documented, and knows no gdgrade.

After what the Canvas Instructor Guide says of a gradebook's export and import (docs/export.md has its pages), and what
Canvas's published exporter and importer do with a file: lib/gradebook_exporter.rb, lib/gradebook_importer.rb.
"""

import csv
import io
import re
from dataclasses import dataclass, field

WHO = {
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
}
NOT_ASSIGNMENTS = re.compile(
    "Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|"
    "Override Score|Override Grade|Override Status"
)


class Refused(Exception):
    """Canvas does not take the file, or asks what it is to do with something in it."""


@dataclass
class Person:
    id: int
    name: str
    sis: str = ""
    login: str = ""


@dataclass
class Assignment:
    id: int
    title: str
    possible: float | None
    manual: bool = False


@dataclass
class Course:
    people: list[Person]
    assignments: list[Assignment]
    grades: dict[tuple[int, int], str] = field(default_factory=dict)
    """By assignment's and person's id: points, or EX."""
    unassigned: set[tuple[int, int]] = field(default_factory=set)
    notes: dict[int, str] = field(default_factory=dict)

    # Export

    def export(self, *, delimiter: str = ",", bom: bool = False, sis: bool = True, notes: bool = False) -> bytes:
        ids = ["SIS User ID", "SIS Login ID"] if sis else ["SIS Login ID"]
        who = ["Student", "ID", *ids, "Section", *(["Notes"] if notes else [])]
        totals = [
            "Assignments Current Score",
            "Assignments Final Score",
            "Current Score",
            "Unposted Final Score (2030)",
        ]
        blank = [""] * (len(who) - 1)
        rows = [[*who, *(f"{one.title} ({one.id})" for one in self.assignments), *totals]]
        if any(one.manual for one in self.assignments):
            rows.append(
                ["", *blank, *("Manual Posting" if one.manual else "" for one in self.assignments), *[""] * len(totals)]
            )
        decimal = "," if delimiter == ";" else "."
        possible = ["" if one.possible is None else f"{one.possible:.2f}" for one in self.assignments]
        rows.append(
            [
                "    Points Possible",
                *blank,
                *(text.replace(".", decimal) for text in possible),
                *["(read only)"] * len(totals),
            ]
        )
        for person in self.people:
            name = f'="{person.name}"' if re.match(r"\s*=", person.name) else person.name
            row = [name, str(person.id), *([person.sis] if sis else []), person.login, "Section 1"]
            row += [self.notes.get(person.id, "")] if notes else []
            for one in self.assignments:
                key = (one.id, person.id)
                row.append("N/A" if key in self.unassigned else self.grades.get(key, "").replace(".", decimal))
            rows.append([*row, "50", "50", "50", "50"])
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
        return file.getvalue().encode("utf-8-sig" if bom else "utf-8")

    # Import

    def changes(self, content: bytes) -> dict[tuple[int, int], str]:
        """What Canvas would change, by assignment's and person's id; `Refused` for what it would ask about."""
        text = content.decode("utf-8")
        first = text.split("\n")[:3]
        counts = {one: [len(row) for row in csv.reader(first, delimiter=one)] for one in ";,"}
        fits = {one: count[0] if len(set(count)) == 1 else 0 for one, count in counts.items()}
        delimiter = ";" if fits[";"] > fits[","] else ","
        rows = [
            [self._decimal(cell) for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            if row and not re.fullmatch("[;, ]+", delimiter.join(row))
        ]
        head, *rest = rows
        columns, login, sis = self._head(head)
        found: dict[tuple[int, int], str] = {}
        for row in rest:
            if "Points Possible" in row[0]:
                self._same_points(row, columns)
            elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row):
                person = self._person(row, login, sis)
                for at, one in columns.items():
                    found |= self._change(one, person, row[at].strip())
        return found

    @staticmethod
    def _decimal(cell: str) -> str:
        if not re.fullmatch(r"-?[0-9.,]+%?", cell):
            return cell
        *whole, last = re.split("[.,]", cell)
        return f"{''.join(whole)}.{last}" if whole else last

    def _head(self, head: list[str]) -> tuple[dict[int, Assignment], int | None, int | None]:
        if not (len(head) > 3 and "Student" in head[0] and "ID" in head[1]):
            raise Refused("Invalid header row")
        count, login, sis = 3, None, None
        if re.search(r"SIS\s+Login\s+ID", head[2]):
            count, login = 4, 2
        elif re.search(r"SIS\s+User\s+ID", head[2]) and re.search(r"SIS\s+Login\s+ID", head[3]):
            count, sis, login = 5, 2, 3
        if "Section" not in head[count - 1]:
            raise Refused("Invalid header row")
        columns = {}
        for at, cell in enumerate(head[count:], start=count):
            if NOT_ASSIGNMENTS.search(cell):
                continue
            number = re.search(r"\A.*\s\((\d+)\)\Z", cell, re.DOTALL)
            known = [one for one in self.assignments if number and one.id == int(number[1])]
            known = known or [one for one in self.assignments if one.title == cell]
            if not known:
                raise Refused(f"a new assignment: {cell}")
            columns[at] = known[0]
        return columns, login, sis

    def _same_points(self, row: list[str], columns: dict[int, Assignment]) -> None:
        for at, one in columns.items():
            if row[at] and (one.possible is None or float(row[at]) != one.possible):
                raise Refused(f"other points possible for {one.title}: {row[at]}")

    def _person(self, row: list[str], login: int | None, sis: int | None) -> Person:
        number = re.match(r"\s*[+-]?\d+", row[1])  # as Ruby's to_i has it
        ways = [
            lambda one: number is not None and one.id == int(number[0]),
            lambda one: sis is not None and row[sis] and one.sis == row[sis],
            lambda one: login is not None and row[login] and one.login == row[login],
            lambda one: one.name == row[0],
        ]
        for way in ways:
            for one in self.people:
                if way(one):
                    return one
        raise Refused(f"a student who is not in the course: {row[0]}")

    def _change(self, one: Assignment, person: Person, new: str) -> dict[tuple[int, int], str]:
        key = (one.id, person.id)
        old = self.grades.get(key, "")
        if key in self.unassigned:
            new = ""
        if old.upper() == new.upper() == "EX" or {old, new} <= {"", "-"}:
            return {}
        if new and new.upper() != "EX" and not re.fullmatch(r"-?\d+(\.\d+)?", new):
            raise Refused(f"no points: {new}")
        if old and new and "EX" not in (old.upper(), new.upper()) and f"{float(old):.2f}" == f"{float(new):.2f}":
            return {}
        return {} if old == new else {key: new}
