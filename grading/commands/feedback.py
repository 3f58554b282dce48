"""``gdgrade feedback``."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading.terminal import FEW, Class, Database, console, errors, fail, plain, say, told_to_end

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grading.feedback import Event, Listener, Summary
    from grading.returning import Given

app = typer.Typer()


class Platform(StrEnum):
    """Where a ZIP file goes."""

    moodle = "moodle"
    canvas = "canvas"


NEXT = {
    "moodle": "in Moodle, at the assignment's submissions: Actions, Upload multiple feedback files in a zip "
    "(the assignment needs the feedback type “Feedback files”)",
    "canvas": "in Canvas, in the gradebook's menu of the assignment: Re-Upload Submissions",
}


@app.command()
def feedback(
    lesson: Annotated[
        list[str] | None, typer.Argument(help="Lessons: 01-five-steps, 1-4,7. All that are graded, if none is named.")
    ] = None,
    directory: Class = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only for this student; may be given again.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Make anew, and give back, what has not changed.")] = False,
    exchange: Annotated[bool, typer.Option("--exchange", help="Give it back through nbgrader's exchange.")] = False,
    platform: Annotated[
        Platform | None, typer.Option("--zip", help="Make a ZIP file that gives it back in Moodle or Canvas.")
    ] = None,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what happens as lines of JSON.")] = False,
) -> None:
    """Write the pages that students get back: of each graded notebook, and one for each student across lessons.

    Only what has changed since is made anew, and given back. Ends with 0 if all is there, 1 if nothing could be made or
    given back, 2 for a wrong call, 3 if some pages are missing or were not given back, 4 if somebody else is at work in
    this class, and 130 if it was interrupted: run it again.
    """
    if exchange and platform:
        raise typer.BadParameter("--exchange and --zip exclude each other")
    from grading import feedback as making
    from grading.book import BookError
    from grading.course import Busy

    def make(listen: "Listener") -> "Summary":
        return making.make_feedback(
            directory,
            lesson or (),
            students=student or (),
            force=force,
            db=db,
            wait=wait,
            way="exchange" if exchange else platform or "",
            on_event=listen,
        )

    try:
        with told_to_end():
            summary = make(_print_json) if as_json else _watched(make)
    except Busy as error:
        fail(error, 4)
    except (making.FeedbackError, BookError, FileNotFoundError, ValueError) as error:
        fail(error)
    if as_json:
        print(json.dumps({"kind": "ends", **asdict(summary)}), flush=True)
    else:
        _show(directory, summary)
    if summary.given and all(one.problem for one in summary.given.values()):
        raise typer.Exit(1)
    if summary.troubles or any(one.problem or one.troubles for one in summary.given.values()):
        raise typer.Exit(3)


def _print_json(event: "Event") -> None:
    print(json.dumps(asdict(event)), flush=True)


def _watched(make: "Callable[[Listener], Summary]") -> "Summary":
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


def _show(directory: Path, summary: "Summary") -> None:
    from grading.course import open_class

    table = Table("Feedback", "Made now", "Unchanged", "No page", "Provisional", "Not graded yet")
    for name, tally in summary.lessons.items():
        numbers = map(len, (tally.made, tally.unchanged, tally.troubles, tally.provisional, tally.ungraded))
        table.add_row(escape(plain(name)), *map(str, numbers))
    across = summary.summaries
    table.add_row("across lessons", *map(str, map(len, (across.made, across.unchanged, across.troubles))), "", "")
    console.print(table)
    _name("No page", [(f"{who}, {name or 'across lessons'}", why) for name, who, why in summary.troubles])
    course = open_class(directory)
    say(f"Pages: {course.format_path(course.feedback_directory, '<student>', '<lesson>')}/<lesson>.html")
    for name, given in summary.given.items():
        _say_what_is_given(name, given)
    _say_what_is_next(summary)


def _name(what: str, whom: "Sequence[tuple[str, str]]") -> None:
    """Name those for whom something could not be done."""
    for who, why in whom[:FEW]:
        errors.print(f"[bold red]{what}:[/] {escape(plain(f'{who}: {why}'))}", highlight=False, soft_wrap=True)
    if len(whom) > FEW:
        errors.print(f"… and {len(whom) - FEW} more", highlight=False)


def _say_what_is_given(lesson: str, given: "Given") -> None:
    if given.problem:
        _name("Not given back", [(lesson, given.problem)])
        return
    _name("Not given back", [(f"{who}, {lesson}", why) for who, why in given.troubles.items()])
    numbers = f"{len(given.given)} given back now, {len(given.unchanged)} as they were given back before"
    say(f"{lesson}: {numbers}, {len(given.troubles)} not.")
    if given.file:
        say(f"Next: upload {given.file} {NEXT[given.way]}.")


def _say_what_is_next(summary: "Summary") -> None:
    if summary.lessons and not summary.given:
        say("To give them back: gdgrade feedback with --exchange, --zip moodle or --zip canvas.")
    provisional = sum(len(tally.provisional) for tally in summary.lessons.values())
    if provisional:
        say(
            f"{provisional} submissions have answers that a person has still to look at (formgrader): their pages are "
            "provisional. After it, run this again: it makes anew what changed."
        )
    for name, tally in summary.lessons.items():
        if tally.ungraded:
            say(f"{len(tally.ungraded)} of {name} are handed in and not graded. Next: gdgrade autograde {name}")
