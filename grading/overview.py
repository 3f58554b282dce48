"""What an instructor wants to know of a lesson, or of the class: numbers and names, before they are put on a page."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from statistics import fmean, quantiles

from dateutil.tz import UTC
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grading import notebooks
from grading.alike import Alike, Answer, alike
from grading.intake import handed_in
from grading.report import CheckResult, Lesson, Points, Submission, full_name, read_notebook

__all__ = [
    "BANDS",
    "NOT_TRIED",
    "Bin",
    "ClassLesson",
    "ClassOverview",
    "Exercise",
    "Mistake",
    "Stuck",
    "Timeline",
    "Trouble",
    "alike_answers",
    "bands",
    "exercises",
    "five_numbers",
    "hint_in",
    "mistakes",
    "read_class",
    "references",
    "stuck",
    "timeline",
    "together",
    "troubles",
]

BANDS = ("0 %", *(f"to {most} %" for most in range(10, 100, 10)), "< 100 %", "100 %")
"""How scores are put together: none of the points, parts of ten hundredths, all of them."""

HALF = 0.5
"""Who has less than this share of the points, or has left out that share of the exercises or more, is stuck."""

NOT_TRIED = "not attempted"
"""What checks call an exercise without an answer."""

MOST_BINS = 36
STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24, 48, 168, 336, 672))
KINDS = (
    ("time", re.compile(r"took longer|used up the processor|were used up|was not done when")),
    ("memory", re.compile(r"GiB of memory")),
    ("disk", re.compile(r"wrote a file of more")),
    ("crashed Python", re.compile(r"crashed Python")),
    ("ended Python", re.compile(r"ended Python|had to be ended")),
    ("wrote to the grader", re.compile(r"wrote into the channel")),
    ("broke Python", re.compile(r"left Python in a state")),
)


def scored(lesson: Lesson) -> list[Submission]:
    """The submissions that have points: those that were graded and could be read."""
    return [one for one in lesson.submissions if one.state == "graded"]


# Points -------------------------------------------------------------------------------------------------------------


def bands(shares: Iterable[float]) -> list[int]:
    """Count scores, as shares of 1, by `BANDS`."""
    counts = [0] * len(BANDS)
    for share in shares:
        if share <= 0:
            counts[0] += 1
        elif share >= 1 - 1e-9:
            counts[-1] += 1
        else:
            counts[min(10, math.ceil(share * 10 - 1e-9))] += 1
    return counts


def five_numbers(values: Sequence[float]) -> tuple[float, ...]:
    """Least, first quartile, median, third quartile, most; nothing for no values."""
    if not values:
        return ()
    ordered = sorted(values)
    inner = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return (ordered[0], *inner, ordered[-1])


@dataclass(frozen=True)
class Exercise:
    """How many students did how well in an exercise.

    Attributes
    ----------
    name : str
    most : float
        The most points.
    full, some, none, waits, untouched : int
        How many have all points; some; none for an answer; wait for a person; have not attempted it.
    mean : float
        Mean points.
    """

    name: str
    most: float
    full: int
    some: int
    none: int
    waits: int
    untouched: int
    mean: float

    @property
    def count(self) -> int:
        """How many there are."""
        return self.full + self.some + self.none + self.waits + self.untouched

    @property
    def share(self) -> float:
        """The mean as a share of the points; 1 where there are none to be had."""
        return self.mean / self.most if self.most else 1.0


def exercises(lesson: Lesson) -> list[Exercise]:
    """How well each exercise was done, among those whose notebooks could be read, in the order of the notebook."""
    results: dict[str, list[CheckResult]] = {name: [] for name in lesson.exercises}
    for submission in scored(lesson):
        for result in (*submission.checks, *submission.written):
            results.setdefault(result.exercise, []).append(result)
    return [_exercise(name, lesson.exercises.get(name, 0.0), those) for name, those in results.items()]


def _exercise(name: str, most: float, results: Sequence[CheckResult]) -> Exercise:
    counts = Counter(_outcome(result) for result in results)
    mean = fmean(result.score for result in results) if results else 0.0
    return Exercise(name, most, *(counts[kind] for kind in ("full", "some", "none", "waits", "untouched")), mean)


def _outcome(result: CheckResult) -> str:
    if result.waits and not result.score:
        return "waits"
    if result.score >= result.max_score:
        return "full"
    if result.score > 0:
        return "some"
    return "none" if result.attempted else "untouched"


# Mistakes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A mistake that was made in an exercise.

    Attributes
    ----------
    exercise, name : str
    hint : str
        What all who made it were told.
    example : str
        What one of them was told besides: numbers of their own.
    students : tuple of str
        Ids.
    """

    exercise: str
    name: str
    hint: str
    example: str
    students: tuple[str, ...]


def mistakes(lesson: Lesson) -> list[Mistake]:
    """What went wrong, in the order of the notebook, the most frequent first, what was not attempted last."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for submission in scored(lesson):
        for check in submission.checks:
            if check.mistake is not None and not (check.waits and check.error is None):
                found.setdefault((check.exercise, check.mistake), {})[submission.student] = check.message or ""
    order = {name: number for number, name in enumerate(lesson.exercises)}
    made = [Mistake(*key, *hint_in(list(said.values())), tuple(said)) for key, said in found.items()]
    return sorted(
        made,
        key=lambda one: (
            order.get(one.exercise, len(order)),
            one.name == NOT_TRIED,
            -len(one.students),
            one.name,
        ),
    )


def hint_in(messages: Sequence[str]) -> tuple[str, str]:
    """Part what several were told into what is the same for all, and what else the first of them was told.

    A message gives the student's own numbers first, then the hint.
    """
    first = messages[0].splitlines() if messages else []
    if len(messages) < 2:
        return ("\n".join(first[1:]), first[0]) if len(first) > 1 else ("\n".join(first), "")
    others = [set(message.splitlines()) for message in messages[1:]]
    common = [line for line in first if all(line in other for other in others)]
    return "\n".join(common), "\n".join(line for line in first if line not in common)


# Who needs a word ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stuck:
    """A student who handed in and has not got far.

    Attributes
    ----------
    submission : Submission
    reasons : tuple of str
    wrong : tuple of str
        Exercises without all points, of a notebook that could be read.
    """

    submission: Submission
    reasons: tuple[str, ...]
    wrong: tuple[str, ...]


def stuck(lesson: Lesson) -> list[Stuck]:
    """Who handed in and is stuck, those with the fewest points first."""
    found = []
    for one in lesson.submissions:
        if one.state not in ("graded", "unreadable"):
            continue
        results = (*one.checks, *one.written)
        waits = sum(result.max_score for result in results if result.waits)
        reasons = _reasons(one, results, one.max_score - waits)
        if reasons:
            read = results if one.state == "graded" else ()
            wrong = tuple(result.exercise for result in read if result.score < result.max_score and not result.waits)
            found.append(Stuck(one, reasons, wrong))
    return sorted(found, key=lambda one: (one.submission.score, one.submission.student))


def _reasons(one: Submission, results: Sequence[CheckResult], most: float) -> tuple[str, ...]:
    if one.state == "unreadable":
        return ("nothing in it could be graded",)
    untouched = sum(not result.attempted for result in results)
    reasons = []
    if most > 0 and one.score <= 0:
        reasons.append("no points")
    elif one.score < HALF * most:
        reasons.append("less than half of the points")
    if untouched and untouched >= HALF * len(results):
        reasons.append(f"{untouched} of {len(results)} exercises not attempted")
    return tuple(reasons)


# When ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """A span of time, and how many handed in during it.

    Attributes
    ----------
    begins : datetime
        In the class's time zone.
    label : str
    count : int
    """

    begins: datetime
    label: str
    count: int


@dataclass(frozen=True)
class Timeline:
    """When what counts was handed in.

    Attributes
    ----------
    bins : tuple of Bin
        Empty if no time was noted.
    step : str
        How long each is, in words.
    due : float or None
        Where the due date is: 0 is the beginning of the first, 1 that of the second. None if it is not set, or far off.
    unknown : int
        How many were handed in without a time.
    """

    bins: tuple[Bin, ...]
    step: str
    due: float | None
    unknown: int


def timeline(lesson: Lesson, zone: tzinfo = UTC) -> Timeline:
    """Count what was handed in by hours, days or weeks, whichever gives a chart that can be read."""
    there = [one for one in lesson.submissions if one.state != "missing"]
    times = sorted(one.timestamp for one in there if one.timestamp is not None)
    unknown = len(there) - len(times)
    if not times:
        return Timeline((), "", None, unknown)
    span = times[-1] - times[0]
    near = lesson.due is not None and times[0] - span <= lesson.due - timedelta(days=2) <= times[-1] + span
    ends = [*times, lesson.due] if near and lesson.due else times
    step = next((step for step in STEPS if (max(ends) - min(ends)) / step < MOST_BINS), None)
    step = step or timedelta(days=7 * math.ceil((max(ends) - min(ends)) / MOST_BINS / timedelta(days=7)))
    begin = _begin_of(min(ends), step, zone)
    counts = Counter(int((moment - begin) / step) for moment in times)
    number = int((max(ends) - begin) / step) + 1
    bins = tuple(_bin(begin + index * step, step, zone, counts[index]) for index in range(number))
    due = (
        (lesson.due - begin) / step if lesson.due is not None and begin <= lesson.due <= begin + number * step else None
    )
    return Timeline(bins, _in_words(step), due, unknown)


def _begin_of(moment: datetime, step: timedelta, zone: tzinfo) -> datetime:
    """The beginning of a step, counted from midnight there, as UTC without a zone."""
    there = moment.replace(tzinfo=UTC).astimezone(zone)
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
    if step < timedelta(days=1):
        midnight += step * ((there - midnight) // step)
    return midnight.astimezone(UTC).replace(tzinfo=None)


def _bin(begins: datetime, step: timedelta, zone: tzinfo, count: int) -> Bin:
    there = begins.replace(tzinfo=UTC).astimezone(zone)
    label = f"{there.day} {there:%b}" + (f" {there:%H:%M}" if step < timedelta(days=1) else "")
    return Bin(there, label, count)


def _in_words(step: timedelta) -> str:
    hours = round(step / timedelta(hours=1))
    for size, name in ((168, "week"), (24, "day"), (1, "hour")):
        if hours % size == 0:
            return f"a {name}".replace("a h", "an h") if hours == size else f"{hours // size} {name}s"
    raise AssertionError(step)


# The wall -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """Something that the wall around student code, or who reads what was handed in, has found.

    Attributes
    ----------
    kind, student, where, words : str
    """

    kind: str
    student: str
    where: str
    words: str


def troubles(lesson: Lesson) -> list[Trouble]:
    """What the wall found, by kind, then by student."""
    found = []
    for one in lesson.submissions:
        if one.state == "unreadable":
            found.append(Trouble("could not be read", one.student, "the notebook", one.finding or ""))
            continue
        found += [Trouble(_kind(words), one.student, "a cell", words) for words in one.stopped]
        for check in one.checks:
            if (check.verdict or {}).get("finding") == "ended":
                words = (check.verdict or {}).get("message") or ""
                found.append(Trouble(_kind(words), one.student, check.exercise, words))
    return sorted(found, key=lambda one: (one.kind, one.student))


def _kind(words: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(words)), "ended")


# Alike answers ------------------------------------------------------------------------------------------------------


def references(course: CourseDirectory, lesson: Lesson) -> dict[str, str]:
    """The instructor's own answers, by exercise; none of a lesson whose source is not there."""
    folder = Path(course.format_path(course.source_directory, ".", lesson.name))
    texts: dict[str, str] = {}
    for path in sorted(folder.glob("*.ipynb")):
        nb = read_notebook(path)
        texts |= notebooks.solutions(nb) if nb else {}
    return _put_together(lesson, texts)


def _put_together(lesson: Lesson, texts: Mapping[str, str]) -> dict[str, str]:
    there = {exercise: [texts[part] for part in parts if part in texts] for exercise, parts in lesson.parts.items()}
    return {exercise: "\n\n".join(found) for exercise, found in there.items() if found}


def alike_answers(lesson: Lesson, known: Mapping[str, str]) -> list[Alike]:
    """Answers that are unusually alike, in all exercises, those with the most in common first.

    Parameters
    ----------
    lesson : Lesson
    known : mapping of str to str
        The reference solutions, by exercise.
    """
    stubs = _put_together(lesson, lesson.stubs)
    found = []
    for exercise in lesson.parts:
        answers = [
            Answer(one.student, one.answers[exercise], _is_right(one, exercise))
            for one in scored(lesson)
            if exercise in one.answers
        ]
        found += alike(exercise, answers, [those[exercise] for those in (stubs, known) if exercise in those])
    return sorted(found, key=lambda one: (-one.shared, one.exercise, one.students))


def _is_right(one: Submission, exercise: str) -> bool:
    """Whether an answer has all points; what a person has still to look at is not called wrong."""
    results = [result for result in (*one.checks, *one.written) if result.exercise == exercise]
    return all(result.score >= result.max_score or result.waits for result in results)


def together(found: Iterable[Alike]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Pairs of students who are alike in more than one exercise: both, and in which; most exercises first."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found:
        students = sorted(one.students)[:20]
        for index, first in enumerate(students):
            for second in students[index + 1 :]:
                if one.exercise not in pairs[first, second]:
                    pairs[first, second].append(one.exercise)
    often = [(*pair, tuple(names)) for pair, names in pairs.items() if len(names) > 1]
    return sorted(often, key=lambda one: (-len(one[2]), one))


# The class ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClassLesson:
    """A lesson as it stands in the gradebook.

    Attributes
    ----------
    name : str
    due : datetime or None
    max_score : float
    scores : mapping of str to float
        Points by student, of those who are graded.
    late : frozenset of str
        Who handed in late.
    waiting : frozenset of str
        Who handed in and is not graded.
    exercises : tuple of Exercise
    """

    name: str
    due: datetime | None
    max_score: float
    scores: Mapping[str, float]
    late: frozenset[str]
    waiting: frozenset[str]
    exercises: tuple[Exercise, ...]

    @property
    def shares(self) -> list[float]:
        """Points as shares of 1."""
        return [score / self.max_score for score in self.scores.values()] if self.max_score else []


@dataclass(frozen=True)
class ClassOverview:
    """A class: its students by id, with their names, and its lessons in order."""

    students: Mapping[str, str]
    lessons: tuple[ClassLesson, ...] = field(default_factory=tuple)

    @property
    def begun(self) -> list[ClassLesson]:
        """The lessons that somebody handed in."""
        return [lesson for lesson in self.lessons if lesson.scores or lesson.waiting]

    def missing(self, student: str, now: datetime | None = None) -> list[str]:
        """The begun lessons that a student did not hand in, without those that are not due by now (UTC)."""
        due = [one for one in self.begun if now is None or one.due is None or one.due <= now]
        return [one.name for one in due if student not in one.scores and student not in one.waiting]

    def total(self, student: str) -> tuple[float, float]:
        """A student's points, and the most that there is, in the lessons in which they are graded."""
        those = [lesson for lesson in self.lessons if student in lesson.scores]
        return sum(lesson.scores[student] for lesson in those), sum(lesson.max_score for lesson in those)


def read_class(course: CourseDirectory, gradebook: Gradebook) -> ClassOverview:
    """Read what the gradebook has of all lessons; no notebook is opened.

    Parameters
    ----------
    course : CourseDirectory
    gradebook : Gradebook
    """
    students = {student.id: full_name(student) for student in gradebook.students}
    lessons = []
    for assignment in sorted(gradebook.assignments, key=lambda one: one.name):
        folders = handed_in(course, assignment.name)
        if not (assignment.notebooks or folders):  # all that is known is when it is due
            continue
        points = Points(gradebook, assignment)
        for student in (*points.submitted, *folders):
            students.setdefault(student, "")
        lessons.append(_class_lesson(points, points.graded(course), folders.keys()))
    return ClassOverview(dict(sorted(students.items())), tuple(lessons))


def _class_lesson(points: Points, graded: Collection[str], folders: Iterable[str]) -> ClassLesson:
    grades = {student: points.grades[student] for student in sorted(graded)}
    scores = {student: sum(score for score, _ in those.values()) for student, those in grades.items()}
    results: dict[tuple[str, str], list[CheckResult]] = {cell: [] for cell in points.most}
    for those in grades.values():
        for cell, (score, waits) in those.items():
            results[cell].append(CheckResult(points.exercise(*cell), score, points.most[cell], None, None, waits))
    late = {
        student
        for student, (when, _) in points.submitted.items()
        if when and (due := points.due_for(student)) and when > due
    }
    return ClassLesson(
        name=points.lesson,
        due=points.due,
        max_score=sum(points.most.values()),
        scores=scores,
        late=frozenset(late),
        waiting=frozenset(folders) - scores.keys(),
        exercises=tuple(_exercise(points.exercise(*cell), points.most[cell], those) for cell, those in results.items()),
    )
