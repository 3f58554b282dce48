"""``gdgrade new``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading.terminal import console, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.classes import Made

app = typer.Typer()


@app.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="CLASS", help="The folder to make; not there yet, or empty.")],
    lessons: Annotated[list[str] | None, typer.Option(help="Which lessons, such as 1-4,7.", show_default="all")] = None,
    points: Annotated[
        list[str] | None,
        typer.Option(
            help="01-five-steps/gradients=4 for an exercise, 01-five-steps=20 for a lesson's sum, shared out in "
            "proportion; may be given again."
        ),
    ] = None,
    due: Annotated[
        list[str] | None,
        typer.Option(
            help="01-five-steps=2026-12-01, or '2=2026-12-08 18:00', or a CSV file with a lesson and a date in each "
            "line; may be given again. Without a time of day: the end of the day, 23:59."
        ),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Time zone of the due dates, such as Europe/Berlin.", show_default="UTC")
    ] = None,
    course_id: Annotated[
        str | None, typer.Option(help="nbgrader's name of the course.", show_default="the folder's name")
    ] = None,
) -> None:
    """Make a class directory: lessons ready to edit, settings, a roster to fill in, the class secret.

    Ends with 0 if it is made, 1 if it could not be (then nothing is left of it), 4 if somebody else is making it now.
    """
    from grading import book, classes, notebooks
    from grading.course import Busy

    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task("Starting", total=None)
            made = classes.make(
                directory,
                only=lessons or (),
                points=points or (),
                due_dates=due or (),
                timezone=timezone,
                course_id=course_id,
                on_step=lambda what: progress.update(task, description=what),
            )
    except Busy as error:
        fail(error, 4)
    except (ValueError, notebooks.SourceError, book.BookError) as error:
        fail(error)
    _tell(directory, made)


def _tell(directory: Path, made: "Made") -> None:
    from grading import due

    table = Table("Lesson", "Points", "Due", title=plain(f"{directory} ({made.course_id})"), title_justify="left")
    for lesson, points in made.points.items():
        when = due.shown(made.due[lesson], made.timezone) if lesson in made.due else ""
        table.add_row(escape(lesson), f"{points:g}", escape(when))
    console.print(table)
    first = next(iter(made.points))
    say(f"Next: cd {directory}, then")
    say("  write your students into roster.csv, and: gdgrade roster")
    say("  edit lessons, if you want to, with nbgrader's Create Assignment: jupyter lab")
    say(f"  hand out the first: gdgrade release {first}")
