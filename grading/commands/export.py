"""``gdgrade export``."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.markup import escape
from rich.table import Table

from grading.terminal import FEW, Class, Database, console, counted, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.exported import Outcome
    from grading.grades import Grades
    from grading.tables import Export

app = typer.Typer()
FOLDER = "exports"


class Format(StrEnum):
    """What for."""

    csv = "csv"
    xlsx = "xlsx"
    canvas = "canvas"
    moodle = "moodle"


class Identify(StrEnum):
    """How Moodle knows a student."""

    email = "email"
    username = "username"
    idnumber = "idnumber"
    userid = "userid"


class Missing(StrEnum):
    """What is written for what was not handed in."""

    empty = "empty"
    zero = "zero"


class Wanted(NamedTuple):
    """What was asked for."""

    format: Format
    canvas: Path | None
    worksheet: Path | None
    columns: list[str]
    identify: Identify
    feedback: bool
    details: bool


@app.command()
def export(
    directory: Class = Path(),
    lesson: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this lesson, or these: 01-five-steps, 1, 1-4,7; may be given again.",
            show_default="all that were handed in",
        ),
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="What for.", show_default="csv, or as --to, --canvas, --moodle say")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="The file to write.", show_default="exports/… in the class")] = None,
    canvas: Annotated[Path | None, typer.Option(help="The gradebook as Canvas exported it, to fill in.")] = None,
    moodle: Annotated[
        Path | None,
        typer.Option(help="An assignment's grading worksheet as Moodle gave it, to fill in."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="LESSON=COLUMN, where Canvas or Moodle has another name for a lesson; may be given again."),
    ] = None,
    identify: Annotated[
        Identify, typer.Option(help="How Moodle knows a student: email, or the student's id as one of the others.")
    ] = Identify.email,
    feedback: Annotated[bool, typer.Option(help="For Moodle: comments by hand, too.")] = True,
    details: Annotated[
        bool, typer.Option("--details", help="CSV with a row for each lesson and student, as nbgrader has it.")
    ] = False,
    missing: Annotated[Missing, typer.Option(help="What to write for what was not handed in.")] = Missing.empty,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file, whoever wrote it.")] = False,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
) -> None:
    """Write the grades to a file, for a spreadsheet, Canvas or Moodle, and say what changed since the last time.

    Points are nbgrader's: extra credit counts, late penalties are off, and never below 0. A file that is not as this
    command wrote it is left alone.

    Ends with 0 if all is exported, 1 if nothing could be, 2 for a wrong call, 3 if it is but something needs a look
    (not graded yet, to be graded by hand, a student whom Canvas does not have), and 4 if somebody else is at work in
    this class.
    """
    from grading import exported, grades, lessons
    from grading.book import BookError
    from grading.course import Busy, ClassError, alone, open_class

    chosen = _format(format, to, canvas, moodle)
    wanted = Wanted(chosen, canvas, moodle, column or [], identify, feedback, details)
    _see_that_it_fits(wanted)
    try:
        course = open_class(directory, db)
        with alone(course.root, wait=wait):
            found = grades.read(course, lesson or [], missing=0.0 if missing is Missing.zero else None)
            if not found.lessons:
                raise BookError("nobody has handed in anything yet: there is nothing to export")
            made = _make(wanted, found)
            to = to or Path(course.root, FOLDER, _name(wanted, found))
            if any(one and one.exists() and to.exists() and one.samefile(to) for one in (canvas, moodle)):
                raise ClassError(f"{to} is what is to be filled in, and stays as it is: name another file with --to")
            outcome = exported.write(course.root, _kind(wanted), to, made, force=force)
    except Busy as error:
        fail(error, 4)
    except lessons.UnknownLesson as error:
        fail(error, 2)
    except (BookError, ClassError, FileNotFoundError) as error:
        fail(error)
    except OSError as error:
        fail(f"{error.filename or to} cannot be written: {error.strerror}")
    _say_what_changed(to, found, made, outcome)
    looks = [*_undone(found), *made.look]
    for text in looks:
        errors.print(f"[bold yellow]Look:[/] {escape(plain(text))}", highlight=False, soft_wrap=True)
    say(f"Next: {_next(wanted, found, to)}")
    if looks:
        raise typer.Exit(3)


# The call -----------------------------------------------------------------------------------------------------------


def _format(format: Format | None, to: Path | None, canvas: Path | None, moodle: Path | None) -> Format:
    if format is not None:
        return format
    if canvas or moodle:
        return Format.canvas if canvas else Format.moodle
    return Format.xlsx if to is not None and to.suffix.lower() == ".xlsx" else Format.csv


def _see_that_it_fits(wanted: Wanted) -> None:
    """End where options are given that do not go together."""
    if wanted.format is Format.canvas and wanted.canvas is None:
        fail(
            "Canvas takes its own gradebook back, filled in. In Canvas: Grades, Export, Export Entire Gradebook; "
            "then gdgrade export --canvas THAT-FILE.csv",
            2,
        )
    wrong = {
        "--canvas": wanted.canvas and wanted.format is not Format.canvas,
        "--moodle": wanted.worksheet and wanted.format is not Format.moodle,
        "--details": wanted.details and wanted.format is not Format.csv,
        "--column": wanted.columns and not (wanted.canvas or wanted.worksheet),
    }
    for option, is_wrong in wrong.items():
        if is_wrong:
            fail(f"{option} does not go with --format {wanted.format.value}", 2)
    for text in wanted.columns:
        if not all(part.strip() for part in text.partition("=")):
            fail(f"--column {text}: it should be LESSON=COLUMN, such as '01-five-steps=Week 1 (1234)'", 2)


def _columns(wanted: Wanted, found: "Grades") -> dict[str, str]:
    """The columns that were named, by lesson."""
    from grading import lessons

    names = [lesson.name for lesson in found.lessons]
    named = {}
    for text in wanted.columns:
        word, _, column = text.partition("=")
        for name in lessons.chosen([word], names):
            named[name] = column.strip()
    return named


# The file -----------------------------------------------------------------------------------------------------------


def _make(wanted: Wanted, found: "Grades") -> "Export":
    from grading import canvas, moodle, tables
    from grading.course import ClassError

    if wanted.canvas is not None:
        return canvas.fill(tables.read_sheet(wanted.canvas, canvas.WHAT), found, _columns(wanted, found))
    if wanted.worksheet is not None:
        if len(found.lessons) != 1:
            names = ", ".join(lesson.name for lesson in found.lessons)
            raise ClassError(f"a grading worksheet is one assignment's: choose one of {names} with --lesson")
        sheet = tables.read_sheet(wanted.worksheet, moodle.WORKSHEET)
        return moodle.fill(sheet, found, _columns(wanted, found).get(found.lessons[0].name))
    if wanted.format is Format.moodle:
        return moodle.table(found, wanted.identify.value, feedback=wanted.feedback)
    if wanted.format is Format.xlsx:
        content = tables.xlsx_bytes({"Grades": tables.overview(found), "Details": tables.details(found)})
    else:
        content = tables.csv_bytes(tables.details(found) if wanted.details else tables.overview(found), bom=True)
    return tables.plain(found, content)


def _kind(wanted: Wanted) -> str:
    """What exports a new one is compared with."""
    return "moodle-worksheet" if wanted.worksheet else wanted.format.value


def _name(wanted: Wanted, found: "Grades") -> str:
    if wanted.worksheet:
        return f"moodle-worksheet-{found.lessons[0].name}.csv"
    names = {Format.csv: "details.csv" if wanted.details else "grades.csv", Format.xlsx: "grades.xlsx"}
    return names.get(wanted.format, f"{wanted.format.value}.csv")


# What is said -------------------------------------------------------------------------------------------------------


def _say_what_changed(to: Path, found: "Grades", made: "Export", outcome: "Outcome") -> None:
    from grading.grades import State

    who = len({student for _, student in made.points})
    names = ", ".join(sorted({lesson for lesson, _ in made.points})) or "no lesson"
    if outcome.changes:
        console.print(_changes_table(outcome))
    if not outcome.written and not outcome.changes and not outcome.first:
        say(f"Nothing changed since the export of {outcome.since} UTC: {to} is as it was.")
    else:
        if outcome.since and not outcome.changes:
            say(f"No points changed since the export of {outcome.since} UTC.")
        if outcome.since and outcome.first:
            say(f"Exported for the first time: {', '.join(outcome.first)}.")
        say(f"{'Wrote' if outcome.written else 'Unchanged is'} {to}: {counted(who, 'student')}, {names}.")
    if found.left_out:
        say(f"Left out, nobody has handed it in: {', '.join(found.left_out)}.")
    count = sum(len(students) for students in found.having(State.MISSING).values())
    if count and found.missing is None:
        say(f"{count} not handed in: empty. --missing zero writes 0.")
    for text in made.notes:
        say(f"Note: {text}.")


def _changes_table(outcome: "Outcome") -> Table:
    who = len({change.student for change in outcome.changes})
    what = f"{counted(len(outcome.changes), 'change')} of points, of {counted(who, 'student')}"
    title = f"{what}, since the export of {outcome.since} UTC"
    table = Table("Student", "Lesson", "Before", "Now", title=title, title_justify="left")
    for change in outcome.changes[:FEW]:
        before, now = ("–" if points is None else f"{points:g}" for points in (change.before, change.now))
        table.add_row(escape(plain(change.student)), escape(plain(change.lesson)), before, now)
    if len(outcome.changes) > FEW:
        table.add_row("…", f"{len(outcome.changes) - FEW} more", "", "")
    return table


def _undone(found: "Grades") -> list[str]:
    """What is not graded to its end, in words."""
    from grading.grades import State
    from grading.whose import few

    said = {
        State.UNGRADED: "not graded yet, and left empty",
        State.STALE: "handed in again since it was graded, or graded in part: the points are the old ones",
        State.BY_HAND: "waits for grading by hand: the points are those so far",
    }
    return [
        f"{lesson}, {words}: {few(students)}"
        for state, words in said.items()
        for lesson, students in found.having(state).items()
    ]


def _next(wanted: Wanted, found: "Grades", to: Path) -> str:
    from grading.grades import State

    to_grade = sorted(found.having(State.UNGRADED).keys() | found.having(State.STALE).keys())
    if to_grade:
        return f"gdgrade autograde {to_grade[0]}, then this once more"
    if found.having(State.BY_HAND):
        return "grade by hand (nbgrader formgrader), then this once more"
    if wanted.canvas:
        return f"in Canvas, Grades, Import, choose {to}, and look at what it says will change"
    if wanted.worksheet:
        return f"in Moodle, the assignment's submissions, Upload grading worksheet, choose {to}"
    if wanted.format is Format.moodle:
        field = {"email": "Email address", "username": "Username", "idnumber": "ID number", "userid": "User ID"}
        return f"in Moodle, Grades, Import, CSV file, choose {to}, identify users by {field[wanted.identify.value]}"
    return f"open {to}"
