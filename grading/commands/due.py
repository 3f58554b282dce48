"""``gdgrade due``."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading.terminal import Class, Database, console, fail, plain, say

app = typer.Typer()


@app.command()
def due(
    dates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LESSON=DATE]...",
            help="1=2026-12-01, '2-4=2026-12-08 18:00', 3=none, or a CSV file with a lesson and a date in each line. "
            "Without a time of day: the end of the day, 23:59.",
            show_default="show them all",
        ),
    ] = None,
    directory: Class = Path(),
    timezone: Annotated[
        str | None, typer.Option(help="Time zone, such as Europe/Berlin.", show_default="the class's, or UTC")
    ] = None,
    db: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say all due dates as JSON, in UTC.")] = False,
) -> None:
    """Show when lessons are due, or set it in the gradebook.

    The class's time zone is nbgrader's c.NbGraderAPI.timezone in nbgrader_config.py. Ends with 0 if all is well, 1 if
    it could not be done: then nothing was changed.
    """
    from grading import book, lessons
    from grading import due as dues
    from grading.course import open_class

    try:
        course = open_class(directory, db)
        name = timezone or dues.zone_of(course.config)
        zone = dues.zone(name)
        known, there, changed, graded = lessons.in_class(course), {}, {}, []
        if dates or book.is_there(course):
            with book.opened(course) as gradebook:
                known = dues.lessons_of(course, gradebook)
                changed = dues.set_due(gradebook, dues.wishes(dates or [], known, zone))
                there = dues.in_gradebook(gradebook)
                graded = [one for one in changed if gradebook.find_assignment(one).submissions]
    except (FileNotFoundError, ValueError, book.BookError) as error:
        fail(error)
    if as_json:
        print(json.dumps({one: _iso(there.get(one)) for one in known}))
        return
    _show(known, there, changed, name)
    if dates:
        said = f"{len(changed)} changed." if changed else "Nothing changed."
        say(f"{said} Next: gdgrade status says how far each lesson is")
    for one in graded:
        say(f"{one} is graded: if the class takes points off for being late, next: gdgrade autograde {one} --force")


def _iso(when: datetime | None) -> str | None:
    return None if when is None else f"{when.isoformat()}Z"


def _show(
    known: list[str],
    there: dict[str, datetime | None],
    changed: dict[str, tuple[datetime | None, datetime | None]],
    zone: str,
) -> None:
    from grading.due import shown

    table = Table("Lesson", "Due", *(["Before"] if changed else []))
    for lesson in known:
        before = [shown(changed[lesson][0], zone)] if lesson in changed else [""] if changed else []
        table.add_row(escape(plain(lesson)), *(escape(text) for text in (shown(there.get(lesson), zone), *before)))
    if known:
        console.print(table)
    else:
        say("The class has no lessons yet. Next: put some into source/, or make a class with gdgrade new")
