"""The page of a lesson: what `grading.overview` knows of it, in words, charts and tables."""

import difflib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from dateutil.tz import UTC
from markupsafe import Markup
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from gdexercises.checking.verdict import marked_up
from grading import alike, charts, overview
from grading.overview import Mistake
from grading.report import Lesson, Submission, read_lesson
from grading.report_page import (
    Case,
    Names,
    Page,
    Section,
    drawn_up,
    file_name,
    foot,
    shown,
    tells_bars,
    zone_name,
)
from grading.report_tables import Column, Table
from grading.terminal import counted

__all__ = ["lesson_page"]

MOST_CASES = 20
MOST_ALIKE = 500
MOST_LINES = 150
MOST_TEXT = 8_000
MANY_MISTAKES = 10
JUDGE = "For you to judge: two alike answers are no proof of anything."
OUTCOMES = ("all points", "some points", "no points", "waits for a person", "not attempted")


def lesson_page(
    course: CourseDirectory,
    gradebook: Gradebook,
    name: str,
    *,
    names: Names | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> Page:
    """Make the page of a lesson.

    Parameters
    ----------
    course : CourseDirectory
        The class.
    gradebook : Gradebook
    name : str
        The lesson's.
    names : Names, optional
        How students are called.
    zone : tzinfo
        In which times are shown.
    now : datetime, optional
        When the page is made, to be noted on it.

    Raises
    ------
    LookupError
        If the gradebook does not know the lesson.
    """
    lesson = read_lesson(course, gradebook, name)
    return _LessonPage(course, lesson, names or Names(), zone).page(now)


class _LessonPage:
    def __init__(self, course: CourseDirectory, lesson: Lesson, names: Names, zone: tzinfo):
        self.course, self.lesson, self.names, self.zone = course, lesson, names, zone
        self.by_id = {one.student: one for one in lesson.submissions}
        self.scored = [one for one in lesson.submissions if one.state == "graded"]
        self.mistakes = overview.mistakes(lesson)
        self.exercises = overview.exercises(lesson)
        self.stuck = overview.stuck(lesson)
        self.troubles = overview.troubles(lesson)
        self.no_wall = [one for one in lesson.submissions if one.graded and not one.sandbox]
        self.known = overview.references(course, lesson)
        self.alike = overview.alike_answers(lesson, self.known)

    def page(self, now: datetime | None) -> Page:
        due = f"due {shown(self.lesson.due, self.zone)}" if self.lesson.due else "no due date is set"
        parts = [self.course.course_id, due, drawn_up(now, self.zone)]
        return Page(
            file=file_name(self.lesson.name),
            title=f"{self.lesson.name}: how the class did",
            subtitle=" · ".join(filter(None, parts)),
            numbers=self.numbers(),
            glance=self.glance(),
            sections=[
                self.scores(),
                self.by_exercise(),
                self.by_mistake(),
                self.who_is_stuck(),
                self.times(),
                self.alike_answers(),
                self.wall(),
                self.students(),
            ],
            foot=foot(self.names),
            look=self.look(),
        )

    def who(self, student: str) -> str:
        one = self.by_id.get(student)
        return self.names.of(student, one.name if one else "")

    def those(self, state: str) -> list[Submission]:
        return [one for one in self.lesson.submissions if one.state == state]

    def numbers(self) -> list[tuple[str, str]]:
        scores = [one.score for one in self.scored]
        five = overview.five_numbers(scores)
        return [
            ("students", str(len(self.lesson.submissions))),
            ("graded", str(len(self.scored))),
            ("median points", f"{five[2]:g} of {self.lesson.max_score:g}" if five else "–"),
            ("mean points", f"{sum(scores) / len(scores):.1f}" if scores else "–"),
            ("late", str(sum(bool(one.late) for one in self.lesson.submissions))),
            ("nothing handed in", str(len(self.those("missing")))),
        ]

    def look(self) -> list[str]:
        """What keeps the page from being complete."""
        waiting, again = self.those("not graded"), [one for one in self.lesson.submissions if one.newer]
        found = []
        if waiting:
            found.append(f"{counted(len(waiting), 'submission')} not graded yet: gdgrade autograde {self.lesson.name}")
        if again:
            who = counted(len(again), "student")
            found.append(f"{who} handed in again after grading: gdgrade autograde {self.lesson.name}")
        return found

    def glance(self) -> list[tuple[str, str]]:
        found = [("students", words) for words in self.look()]
        by_number = sorted(self.mistakes, key=lambda one: -len(one.students))
        for one in [one for one in by_number if one.name != overview.NOT_TRIED and len(one.students) > 1][:3]:
            share = _percent(len(one.students), len(self.scored))
            found.append(
                ("mistakes", f"{one.name} in {one.exercise}: {counted(len(one.students), 'student')} ({share})")
            )
        tried = [one for one in self.exercises if one.count and one.most]
        if tried and (hardest := min(tried, key=lambda one: one.share)).share < 1:
            share = f"{100 * hardest.share:.0f} %"
            found.append(("exercises", f"{hardest.name} is the hardest exercise: {share} of its points on average"))
        if self.stuck:
            found.append(("stuck", f"{counted(len(self.stuck), 'student')} handed in and got stuck"))
        if waits := sum(one.waits for one in self.exercises):
            found.append(("exercises", f"{counted(waits, 'answer')} that a person has to grade"))
        if self.alike:
            found.append(("alike", f"{counted(len(self.alike), 'case')} of answers that are unusually alike"))
        if self.troubles:
            found.append(("wall", f"{counted(len(self.troubles), 'finding')} of the wall"))
        if self.no_wall:
            found.append(("wall", f"{counted(len(self.no_wall), 'submission')} graded without the wall"))
        return found

    def scores(self) -> Section:
        most = self.lesson.max_score
        shares = [one.score / most for one in self.scored] if most else []
        return _scores_section(
            shares,
            [
                f"Points of the {counted(len(self.scored), 'student')} who handed in a notebook that could be read, "
                "before late penalties.",
            ],
        )

    def by_exercise(self) -> Section:
        rows = [(one.name, (one.full, one.some, one.none, one.waits, one.untouched)) for one in self.exercises]
        columns = [
            Column("Exercise"),
            *(Column(name, "number") for name in ("Points", "Mean")),
            Column("Share", "share"),
        ]
        columns += [Column(name.capitalize(), "number") for name in OUTCOMES]
        table = Table(
            "exercises",
            "Points by exercise",
            columns,
            [
                (one.name, one.most, round(one.mean, 2), one.share, *counts)
                for one, (_, counts) in zip(self.exercises, rows, strict=True)
            ],
        )
        hard = sorted((one for one in self.exercises if one.count), key=lambda one: one.share)[:3]
        tells = "; ".join(f"{one.name}: {one.full} of {one.count} have all points" for one in hard)
        return Section(
            "exercises",
            "Points by exercise",
            ["How many students have all points of an exercise, some, none for an answer, or have not attempted it."],
            "Students by what they have in each exercise",
            charts.shares("by-exercise", "Students by exercise", f"The hardest: {tells}.", OUTCOMES, rows)
            if self.scored
            else None,
            [table],
        )

    def by_mistake(self) -> Section:
        made = [one for one in self.mistakes if one.name != overview.NOT_TRIED]
        often = sorted(made, key=lambda one: -len(one.students))[:MANY_MISTAKES]
        rows = [(f"{one.exercise}: {one.name}", len(one.students), str(len(one.students))) for one in often]
        most = max((len(one.students) for one in often), default=1)
        text = ["What the checks recognised, exercise by exercise, with the hint that these students saw."]
        if self.scored and not any(check.verdict for one in self.scored for check in one.checks):
            text = [
                "The notebooks of this lesson carry no verdicts: it was graded by tests of another kind, or the "
                "autograded notebooks are not there. So there are points, and at most the names of errors."
            ]
        return Section(
            "mistakes",
            "Mistakes",
            text,
            "The most frequent mistakes, and how many students made them",
            charts.bars("most-mistakes", "Most frequent mistakes", tells_bars(rows), rows, most) if rows else None,
            [self._mistakes_table()],
        )

    def _mistakes_table(self) -> Table:
        columns = [
            Column("Exercise"),
            Column("Mistake", "code"),
            Column("Students", "number"),
            Column("Share", "share"),
            Column("What they were told", "words"),
            Column("Who", "people"),
        ]
        rows = [
            (
                one.exercise,
                one.name,
                len(one.students),
                len(one.students) / len(self.scored),
                _told(one),
                [self.who(student) for student in one.students],
            )
            for one in self.mistakes
        ]
        return Table("mistakes", "Mistakes by exercise", columns, rows, "no check failed.")

    def who_is_stuck(self) -> Section:
        points = Column("Points", "number")
        rows = [
            (self.who(one.submission.student), one.submission.score, "; ".join(one.reasons), list(one.wrong))
            for one in self.stuck
        ]
        late = sorted((one for one in self.lesson.submissions if one.late), key=lambda one: -one.late)
        missing = [[self.who(one.student)] for one in self.those("missing")]
        return Section(
            "stuck",
            "Who is stuck, late or missing",
            [
                "Stuck is who handed in and has no points, less than half of them (not counting what waits for a "
                "person), or has left out half of the exercises or more, or whose notebook could not be read. How "
                "often somebody tried is not kept in a notebook, so it does not count here.",
            ],
            tables=[
                Table(
                    "stuck",
                    "Stuck",
                    [Column("Student"), points, Column("Why"), Column("Without all points", "exercises")],
                    rows,
                    "nobody.",
                ),
                Table(
                    "late",
                    "Late",
                    [Column("Student"), Column("By"), points, Column("Penalty", "number")],
                    [(self.who(one.student), _span(one.late), one.score, one.penalty or None) for one in late],
                    "nobody." if self.lesson.due else "no due date is set (gdgrade due sets one).",
                ),
                Table("missing", "Nothing handed in", [Column("Student")], missing, "nobody."),
            ],
        )

    def times(self) -> Section:
        line = overview.timeline(self.lesson, self.zone)
        if not line.bins:
            said = "No submission has a time: nothing notes it when notebooks are copied into submitted/ by hand."
            return Section("times", "When it was handed in", [said if line.unknown else "Nothing is handed in yet."])
        done, rows = 0, []
        for one in line.bins:
            done += one.count
            rows.append((f"{one.begins:%Y-%m-%d %H:%M}", one.count, done))
        text = ["The last time that each student handed in." + self._last_day()]
        if line.unknown:
            text.append(f"{counted(line.unknown, 'submission')} without a time.")
        marks = [charts.Mark(line.due, f"due {shown(self.lesson.due, self.zone)}")] if line.due is not None else []
        busiest = max(line.bins, key=lambda one: one.count)
        return Section(
            "times",
            "When it was handed in",
            text,
            f"Submissions, a bar for {line.step}",
            charts.columns(
                "when",
                "Submissions over time",
                f"From {rows[0][0]} to {rows[-1][0]}; most, {busiest.count}, from {busiest.label} on.",
                [(one.label, one.count) for one in line.bins],
                marks,
            ),
            [
                Table(
                    "times",
                    "Submissions over time",
                    [
                        Column(f"From ({zone_name(self.zone, line.bins[0].begins)})"),
                        Column("Submissions", "number"),
                        Column("So far", "number"),
                    ],
                    rows,
                    folded=True,
                )
            ],
        )

    def _last_day(self) -> str:
        times = [one.timestamp for one in self.lesson.submissions if one.timestamp is not None]
        if self.lesson.due is None:
            return ""
        last = sum(timedelta() <= self.lesson.due - moment < timedelta(days=1) for moment in times)
        return f" {last} of {len(times)} came in the last 24 hours before it was due."

    def alike_answers(self) -> Section:
        text: list[str | Markup] = [
            Markup("<strong>{}</strong>").format(JUDGE),
            "Answers are compared as code: without comments, layout and a student's own names. Most right answers to a "
            "small exercise are alike by nature, so what counts is how many rare words two answers share: words "
            "that, where they stand, hardly anybody else in this class writes. Two wrong answers count double. Left "
            f"out are answers of less than {alike.LEAST_WORDS} words, answers that more than {alike.FEW} students and "
            f"more than one in {1 / alike.COMMON:g} share, the released stub, and what the reference solution has.",
        ]
        if self.scored and not self.known:
            text.append("The reference solution is not in source/: answers that are like it are not left out.")
        if 0 < len(self.scored) < 10:
            text.append("In a class this small, little can be called rare.")
        rows = [
            (
                one.exercise,
                [self.who(student) for student in one.students],
                one.similarity,
                round(one.shared),
                "all wrong" if one.wrong else "right",
            )
            for one in self.alike[:MOST_ALIKE]
        ]
        columns = [
            Column("Exercise"),
            Column("Students", "people"),
            Column("Alike", "share"),
            Column("Rare words shared", "number"),
            Column("Answers"),
        ]
        often = [
            (f"{self.who(first)} and {self.who(second)}", len(names), list(names))
            for first, second, names in overview.together(self.alike)
        ]
        tables = [Table("alike", "Unusually alike answers", columns, rows, "none were found.")]
        if often:
            columns = [Column("Students"), Column("Exercises", "number"), Column("Which", "exercises")]
            tables.append(Table("alike-pairs", "Alike in more than one exercise", columns, often))
        if len(self.alike) > MOST_CASES:
            text.append(f"Below the tables, the first {MOST_CASES} of {len(self.alike)} cases stand side by side.")
        cases = [self._case(number, one) for number, one in enumerate(self.alike[:MOST_CASES], start=1)]
        return Section("alike", "Answers that are unusually alike", text, tables=tables, cases=cases)

    def _case(self, number: int, one: alike.Alike) -> Case:
        whose = [", ".join(self.who(answer.student) for answer in form.answers[: alike.FEW]) for form in one.forms]
        lines = [_cut(form.text).splitlines() for form in one.forms]
        differs = _differences(*lines) if len(lines) == 2 else [set()]
        sides = [
            (who, [(line, index in marked) for index, line in enumerate(those)])
            for who, those, marked in zip(whose, lines, differs, strict=True)
        ]
        first = [answer for form in one.forms for answer in form.answers[: 2 if len(one.forms) == 1 else 1]]
        same = (
            "The same in this form, which numbers names."
            if len(one.forms) == 1
            else (f"{100 * one.similarity:.0f} % alike in this form, which numbers names; ≠ marks lines that differ.")
        )
        wrong = " None of them is right, so their words count double." if one.wrong else ""
        return Case(
            anchor=f"alike-{number}",
            title=f"{one.exercise}: {counted(len(one.students), 'student')}",
            says=f"{same} Rare words shared: {one.shared:.0f}.{wrong} {JUDGE}",
            sides=sides,
            same=len(one.forms) == 1,
            originals=[]
            if self.names.anonymous
            else [(self.who(answer.student), _cut(answer.text)) for answer in first],
        )

    def wall(self) -> Section:
        text = [
            "What could not be read, what broke a limit or ended Python, and what came over the wall that must not."
        ]
        if self.no_wall:
            some = (
                "All"
                if len(self.no_wall) == len([one for one in self.lesson.submissions if one.graded])
                else str(len(self.no_wall))
            )
            text.append(
                f"{some} of the graded submissions were graded without the wall: student code ran as whoever graded, "
                "and could have changed points. They are named below."
            )
        kinds = Counter(one.kind for one in self.troubles)
        by_kind = [
            (kind, count, sorted({self.who(one.student) for one in self.troubles if one.kind == kind}))
            for kind, count in kinds.most_common()
        ]
        if self.no_wall:
            by_kind.append(
                ("graded without the wall", len(self.no_wall), [self.who(one.student) for one in self.no_wall])
            )
        rows = [
            (one.kind, self.who(one.student), one.where, self.names.clean(one.words, one.student))
            for one in self.troubles
        ]
        tables = [
            Table(
                "wall-kinds",
                "Findings by kind",
                [Column("Kind"), Column("How many", "number"), Column("Who", "people")],
                by_kind,
                "none.",
            )
        ]
        if rows:
            columns = [Column("Kind"), Column("Student"), Column("Where"), Column("Words", "words")]
            tables.append(Table("wall", "Findings, word for word", columns, rows))
        return Section("wall", "Findings of the wall", text, tables=tables)

    def students(self) -> Section:
        columns = [
            Column("Student"),
            Column("State"),
            Column("Handed in"),
            Column("Points", "number"),
            Column("Penalty", "number"),
        ]
        first = len(columns)
        columns += [Column(name, "number", upright=True) for name in self.lesson.exercises]
        shaded = {3: self.lesson.max_score} | {
            first + index: most for index, most in enumerate(self.lesson.exercises.values())
        }
        rows = [self._student(one) for one in self.lesson.submissions]
        return Section(
            "students",
            "Students",
            ["Points before penalties; the darker a cell, the more of the points it has. – is for nothing to grade."],
            tables=[
                Table("students", "Points by student and exercise", columns, rows, "nobody is on the roster.", shaded)
            ],
        )

    def _student(self, one: Submission) -> tuple[object, ...]:
        state = {"unreadable": "could not be read"}.get(one.state, one.state)
        state += "; handed in again since" if one.newer else ""
        got = {result.exercise: result for result in (*one.checks, *one.written)}
        points = [
            None if (result := got.get(name)) is None or (result.waits and not result.score) else result.score
            for name in self.lesson.exercises
        ]
        score = one.score if got else None
        when = shown(one.timestamp, self.zone) if one.timestamp else None
        return (self.who(one.student), state, when, score, one.penalty or None, *points)


# Parts --------------------------------------------------------------------------------------------------------------


def _scores_section(shares: Sequence[float], text: Sequence[str]) -> Section:
    if not shares:
        return Section("scores", "Scores", ["Nobody is graded yet, or there are no points to be had."])
    counts = overview.bands(shares)
    five = overview.five_numbers(shares)
    rows = list(zip(overview.BANDS, counts, strict=True))
    # The first and the last column are single values; between them, a column is ten hundredths.
    at = len(rows) - 0.5 if five[2] >= 1 else 0.5 if five[2] <= 0 else 1 + 10 * five[2]
    tells = (
        f"Median {100 * five[2]:.0f} %; half of the students between {100 * five[1]:.0f} and {100 * five[3]:.0f} %; "
        f"{counts[0]} with none, {counts[-1]} with all points."
    )
    return Section(
        "scores",
        "Scores",
        [*text, tells],
        "Students by their share of the points",
        charts.columns(
            "scores-chart", "Students by score", tells, rows, [charts.Mark(at, f"median {100 * five[2]:.0f} %")]
        ),
        [
            Table(
                "scores",
                "Students by score",
                [Column("Share of the points"), Column("Students", "number")],
                rows,
                folded=True,
            )
        ],
    )


def _told(one: Mistake) -> Markup:
    hint = Markup("<br>").join(Markup(marked_up(line)) for line in one.hint.splitlines())
    if not one.example:
        return hint
    example = Markup(" ").join(Markup(marked_up(line)) for line in one.example.splitlines())
    return Markup('<p>{}</p> <p class="quiet">For example: {}</p>').format(hint, example) if hint else example


def _differences(one: Sequence[str], other: Sequence[str]) -> list[set[int]]:
    """The numbers of the lines of each that the other has otherwise."""
    same = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    kept = [{index for block in same for index in range(block[side], block[side] + block.size)} for side in (0, 1)]
    return [set(range(len(lines))) - those for lines, those in zip((one, other), kept, strict=True)]


def _cut(text: str) -> str:
    lines = text[:MOST_TEXT].splitlines()[:MOST_LINES]
    cut = "\n".join(lines)
    return cut if len(cut) >= len(text.rstrip("\n")) else f"{cut}\n(… it goes on, {len(text)} characters in all)"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _span(late: timedelta) -> str:
    minutes = max(1, round(late / timedelta(minutes=1)))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{counted(days, 'day')} {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
