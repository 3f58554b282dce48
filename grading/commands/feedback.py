"""``gdgrade feedback``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading.terminal import FEW, Class, Database, console, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.feedback import Event, Listener, Summary

app = typer.Typer()


@app.command()
def feedback(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Lessons: 01-five-steps, 1-4,7. All that are graded, if none is named.")
    ] = None,
    directory: Class = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only for this student; may be given again.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make anew what has not changed.")] = False,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what happens as lines of JSON.")] = False,
) -> None:
    """Write the pages that students get back: of each graded notebook, and one for each student across lessons.

    Only what has changed since is made anew. Ends with 0 if all pages are there, 1 if nothing could be made, 2 for a
    wrong call, 3 if some pages are missing, 4 if somebody else is at work in this class.
    """
    from grading import feedback as making
    from grading.book import BookError
    from grading.course import Busy

    def make(listen: "Listener") -> "Summary":
        return making.make_feedback(
            directory, lesson or (), students=student or (), force=force, db=db, wait=wait, on_event=listen
        )

    try:
        summary = make(_print_json) if as_json else _watched(make)
    except Busy as error:
        fail(error, 4)
    except (making.FeedbackError, BookError, FileNotFoundError, ValueError) as error:
        fail(error)
    if as_json:
        print(json.dumps({"kind": "ends", **asdict(summary)}), flush=True)
    else:
        _show(directory, summary, student or [])
    if summary.troubles:
        raise typer.Exit(3)


def _print_json(event: "Event") -> None:
    print(json.dumps(asdict(event)), flush=True)


def _watched(make: "object") -> "Summary":
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Writing feedback", total=None)
        return make(
            lambda event: progress.update(
                task,
                description=f"Feedback {event.lesson or 'across lessons'}",
                completed=event.done,
                total=event.total,
            )
        )


def _show(directory: Path, summary: "Summary", students: list[str]) -> None:
    from grading.course import open_class

    table = Table("Feedback", "Made now", "Unchanged", "No page", "Provisional", "Not graded yet")
    for name, tally in summary.lessons.items():
        numbers = map(len, (tally.made, tally.unchanged, tally.troubles, tally.provisional, tally.ungraded))
        table.add_row(escape(plain(name)), *map(str, numbers))
    across = summary.summaries
    table.add_row("across lessons", *map(str, map(len, (across.made, across.unchanged, across.troubles))), "", "")
    console.print(table)
    for name, who, why in summary.troubles[:FEW]:
        say_trouble(f"{who}, {name or 'across lessons'}", why)
    if len(summary.troubles) > FEW:
        errors.print(f"… and {len(summary.troubles) - FEW} more", highlight=False)
    course = open_class(directory)
    say(f"Pages: {course.format_path(course.feedback_directory, '<student>', '<lesson>')}/<lesson>.html")
    _say_what_is_next(summary)


def say_trouble(what: str, why: str) -> None:
    """Name somebody for whom something could not be done."""
    errors.print(f"[bold red]No page:[/] {escape(plain(f'{what}: {why}'))}", highlight=False, soft_wrap=True)


def _say_what_is_next(summary: "Summary") -> None:
    provisional = sum(len(tally.provisional) for tally in summary.lessons.values())
    if provisional:
        say(
            f"{provisional} submissions have answers that a person has still to look at (formgrader): their pages are "
            "provisional. After it, run this again: it makes anew what changed."
        )
    for name, tally in summary.lessons.items():
        if tally.ungraded:
            say(f"{len(tally.ungraded)} of {name} are handed in and not graded. Next: gdgrade autograde {name}")
