"""The page of the class: lessons side by side, the hardest exercises, students by lessons."""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from dateutil.tz import UTC
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grading import charts, overview
from grading.overview import ClassLesson, ClassOverview, Exercise
from grading.report_page import Names, Page, Section, drawn_up, foot, shown, tells_bars
from grading.report_tables import Column, Link, Table
from grading.terminal import counted

__all__ = ["class_page"]

HARDEST = 12


def class_page(
    course: CourseDirectory,
    gradebook: Gradebook,
    *,
    names: Names | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
    links: Mapping[str, str] | None = None,
) -> Page:
    """Make the page of the class: lessons side by side, and students by lessons.

    Parameters
    ----------
    course, gradebook, names, zone, now
        As in `lesson_page`.
    links : mapping of str to str, optional
        Where the pages of lessons are, by lesson.
    """
    return _ClassPage(course, overview.read_class(course, gradebook), names or Names(), zone, links or {}, now).page()


class _ClassPage:
    def __init__(
        self,
        course: CourseDirectory,
        known: ClassOverview,
        names: Names,
        zone: tzinfo,
        links: Mapping[str, str],
        now: datetime | None,
    ):
        self.course, self.known, self.names, self.zone, self.links = course, known, names, zone, links
        self.now = now
        self.lessons = known.lessons
        self.graded = [one for one in known.lessons if one.scores]
        self.waiting = [one for one in known.lessons if one.waiting]

    def page(self) -> Page:
        return Page(
            file="class",
            title=f"{self.course.course_id or 'The class'}: how the class is doing",
            subtitle=drawn_up(self.now, self.zone),
            numbers=[
                ("students", str(len(self.known.students))),
                ("lessons released", str(len(self.lessons))),
                ("lessons graded", str(len(self.graded))),
                ("mean of all points", self._mean()),
            ],
            glance=self.glance(),
            sections=[self.by_lesson(), self.hardest(), self.behind(), self.students()],
            foot=foot(self.names),
            look=self.look(),
        )

    def who(self, student: str) -> str:
        return self.names.of(student, self.known.students.get(student, ""))

    def look(self) -> list[str]:
        return [
            f"{counted(len(one.waiting), 'submission')} of {one.name} not graded yet: gdgrade autograde {one.name}"
            for one in self.waiting
        ]

    def _mean(self) -> str:
        got = [self.known.total(student) for student in self.known.students]
        shares = [score / most for score, most in got if most]
        return f"{100 * sum(shares) / len(shares):.0f} %" if shares else "–"

    def glance(self) -> list[tuple[str, str]]:
        found = [("lessons", words) for words in self.look()]
        hardest = self._hardest()[:1]
        for lesson, one in hardest:
            found.append(
                (
                    "hardest",
                    f"{one.name} in {lesson.name} is the hardest exercise: {100 * one.share:.0f} % of its points",
                )
            )
        if rows := self._behind():
            found.append(("behind", f"{counted(len(rows), 'student')} behind"))
        return found

    def by_lesson(self) -> Section:
        spreads = [(one, overview.five_numbers(one.shares)) for one in self.lessons]
        drawn = [(one.name, five) for one, five in spreads if five]
        tells = "; ".join(
            f"{name}: median {100 * five[2]:.0f} %, half between {100 * five[1]:.0f} and {100 * five[3]:.0f} %"
            for name, five in drawn
        )
        text = [
            "A line runs from the least to the most that somebody has. The box holds the middle half, the thick stroke "
            "is the median."
        ]
        points = [Column("Lesson", "link"), Column("Points", "number")]
        points += [
            Column(name, "share") for name in ("Mean", "Least", "First quarter", "Median", "Third quarter", "Most")
        ]
        rows = [
            (self.link(one), one.max_score, sum(one.shares) / len(one.shares), *five) for one, five in spreads if five
        ]
        return Section(
            "lessons",
            "Lessons side by side",
            text if drawn else ["Nothing is graded yet."],
            "Points of each lesson, per cent",
            charts.spread("lessons-spread", "Points by lesson", tells, drawn) if drawn else None,
            [Table("points", "Points by lesson", points, rows), self._lessons_table()],
        )

    def _lessons_table(self) -> Table:
        columns = [Column("Lesson", "link"), Column("Due")]
        columns += [Column(name, "number") for name in ("Handed in", "Graded", "Late", "Nothing handed in")]
        rows = []
        for one in self.lessons:
            there = len(one.scores.keys() | one.waiting)
            missing = len(self.known.students) - there if there else None
            due = shown(one.due, self.zone) if one.due else None
            rows.append((self.link(one), due, there, len(one.scores), len(one.late), missing))
        return Table("lessons", "Lessons", columns, rows, "none is released yet (gdgrade release releases one).")

    def link(self, lesson: ClassLesson) -> Link | str:
        """A lesson's name, leading to its page if there is one."""
        return Link(lesson.name, self.links[lesson.name]) if lesson.name in self.links else lesson.name

    def _hardest(self) -> list[tuple[ClassLesson, Exercise]]:
        all_of_them = [(lesson, one) for lesson in self.graded for one in lesson.exercises if one.count and one.most]
        return sorted(all_of_them, key=lambda pair: (pair[1].share, pair[0].name, pair[1].name))

    def hardest(self) -> Section:
        ordered = self._hardest()
        drawn = [
            (f"{lesson.name.partition('-')[0]} {one.name}", one.share, f"{100 * one.share:.0f} %")
            for lesson, one in ordered[:HARDEST]
        ]
        columns = [
            Column("Exercise"),
            Column("Lesson"),
            Column("Students", "number"),
            Column("All points", "share"),
            Column("Points", "number"),
            Column("Mean", "share"),
        ]
        rows = [
            (one.name, lesson.name, one.count, one.full / one.count, one.most, one.share) for lesson, one in ordered
        ]
        return Section(
            "hardest",
            "Hardest exercises",
            [
                "By the mean share of the points, among all who are graded. The page of a lesson tells which mistakes "
                "were made."
            ],
            f"The {len(drawn)} hardest exercises, mean share of their points"
            if len(drawn) > 1
            else "Mean share of the points",
            charts.bars("hardest-bars", "Hardest exercises", tells_bars(drawn), drawn, 1.0) if drawn else None,
            [Table("hardest", "All exercises, the hardest first", columns, rows, "nothing is graded yet.")],
        )

    def _behind(self) -> list[tuple[object, ...]]:
        rows = []
        for student in self.known.students:
            missing, (score, most) = self.known.missing(student, self.now), self.known.total(student)
            reasons = []
            if len(missing) > 1 or (missing and not most):
                reasons.append(f"{counted(len(missing), 'lesson')} not handed in")
            if most and score < overview.HALF * most:
                reasons.append("less than half of the points in what is graded")
            if reasons:
                rows.append((self.who(student), "; ".join(reasons), score / most if most else None, missing))
        return sorted(rows, key=lambda row: (row[2] is not None, row[2] or 0.0, row[0]))

    def behind(self) -> Section:
        columns = [
            Column("Student"),
            Column("Why"),
            Column("Points so far", "share"),
            Column("Not handed in", "exercises"),
        ]
        return Section(
            "behind",
            "Who is behind",
            [
                "Who has handed in nothing at all, has left out two lessons or more that others handed in and that "
                "are due, or has less than half of the points of what is graded."
            ],
            tables=[Table("behind", "Behind", columns, self._behind(), "nobody.")],
        )

    def students(self) -> Section:
        columns = [
            Column("Student"),
            Column("All", "share"),
            *(Column(one.name, "number", upright=True) for one in self.lessons),
        ]
        shaded = {1: 1.0} | {2 + index: one.max_score for index, one in enumerate(self.lessons)}
        rows = []
        for student in self.known.students:
            score, most = self.known.total(student)
            rows.append(
                (self.who(student), score / most if most else None, *(one.scores.get(student) for one in self.lessons))
            )
        return Section(
            "students",
            "Students by lessons",
            [
                "Points before late penalties; the darker a cell, the more of the points it has. “All” is the share of "
                "the points of what is graded. – is for what is not graded, or was not handed in."
            ],
            tables=[
                Table("students", "Points by student and lesson", columns, rows, "nobody is on the roster.", shaded)
            ],
        )
