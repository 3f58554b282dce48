"""``gdgrade status``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading.terminal import Class, Database, console, fail, plain, say

if TYPE_CHECKING:
    from grading.status import LessonStatus

app = typer.Typer()


@app.command()
def status(
    directory: Class = Path(),
    db: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Show how far each lesson of a class is, and what comes next. Changes nothing.

    Handed in: of all students. Graded: of those. By hand: how many somebody has to look at. Feedback: of those graded.
    Given back: of those with feedback. Export: older, if something was graded since.

    Ends with 0, or with 1 if the class or its gradebook cannot be read.
    """
    from grading import book, due
    from grading import status as statuses
    from grading.course import class_config

    try:
        found = statuses.status(directory, db=db)
        zone = due.zone_of(class_config(directory))
    except (FileNotFoundError, ValueError, book.BookError) as error:
        fail(error)
    if as_json:
        print(json.dumps([{**asdict(one), "due": one.due and f"{one.due.isoformat()}Z"} for one in found]))
        return
    if not found:
        say("The class has no lessons yet. Next: put some into source/, or make a class with gdgrade new")
        return
    title = f"Due dates are in {zone}" if any(one.due for one in found) else None
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in (
        "Lesson",
        "Due",
        "Released",
        "Handed\nin",
        "Graded",
        "By\nhand",
        "Feedback",
        "Given\nback",
        "Export",
    ):
        table.add_column(heading, no_wrap=True)
    for one in found:
        table.add_row(*(escape(plain(cell)) for cell in _cells(one, zone)))
    console.print(table)
    _say_next(found)


def _cells(one: "LessonStatus", zone: str) -> tuple[str, ...]:
    from grading.due import shown

    return (
        one.lesson,
        shown(one.due, zone).removesuffix(zone).strip().replace(" ", "\n") if one.due else "",
        "exchange" if one.in_exchange else "yes" if one.released else "",
        f"{one.collected}/{one.students}" if one.collected else "",
        f"{one.collected - one.to_autograde}/{one.collected}" if one.collected else "",
        str(one.by_hand) if one.by_hand else "",
        f"{one.autograded - one.to_feedback}/{one.autograded}" if one.autograded else "",
        f"{one.returned}/{one.feedback}" if one.feedback else "",
        ("older" if one.export_is_old else "yes") if one.exported else "",
    )


def _say_next(found: "list[LessonStatus]") -> None:
    """What comes next, each thing once: lessons for which it is the same have it in common."""
    ahead: dict[str, list[str]] = {}
    for one in found:
        if one.next:
            ahead.setdefault(one.next, []).append(one.lesson)
    say("Next:" if ahead else "All is done.")
    for what, names in ahead.items():
        about = "" if len(names) == 1 and names[0] in what else f"  ({', '.join(names)})"
        say(f"  {what}{about}")
