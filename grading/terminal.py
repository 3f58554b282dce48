"""How ``gdgrade`` speaks: to the terminal, to whoever reads its errors, and the options that its commands share."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from grading.report import Submission

__all__ = [
    "FEW",
    "Class",
    "Database",
    "console",
    "counted",
    "errors",
    "fail",
    "findings_table",
    "plain",
    "say",
    "told_to_end",
    "what_went_wrong",
]

console = Console()
errors = Console(stderr=True)

FEW = 60
"""So many rows a table has at most, where it has one for each student."""

Class = Annotated[Path, typer.Option("--class", help="The class directory.")]
Database = Annotated[
    str | None, typer.Option(help="The gradebook's database, such as postgresql://host/grades.", show_default="")
]


def plain(text: object) -> str:
    """Give a text without what a terminal would take for a command: it may be a student's, or a file's name."""
    return "".join(char if char in "\n\t" or char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))


def counted(number: int, what: str) -> str:
    """Give a number of things in words: ``1 student``, ``2 students``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def say(text: object) -> None:
    """Print a line as it is, however long: what is in it may be a path, or a student's."""
    console.print(plain(text), highlight=False, markup=False, soft_wrap=True)


def fail(error: object, status: int = 1) -> NoReturn:
    """Say what went wrong, on standard error, and end with a status."""
    errors.print(f"[bold red]Error:[/] {escape(plain(error))}", highlight=False, soft_wrap=True)
    raise typer.Exit(status)


@contextmanager
def told_to_end() -> Iterator[None]:
    """Take SIGTERM for Ctrl-C, and say what to do after either, whenever it comes."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        fail("interrupted. Nothing is lost; to go on, run the same command again", 130)
    finally:
        signal.signal(signal.SIGTERM, before)


def findings_table(lesson: str, submissions: "Iterable[Submission]") -> Table:
    """What each student's checks said, as a table."""
    table = Table("Student", "Score", "What went wrong", title=lesson, title_justify="left", show_lines=True)
    for submission in submissions:
        score = f"{submission.score:g}/{submission.max_score:g}"
        who = plain(f"{submission.name} ({submission.student})")
        table.add_row(escape(who), score, escape(plain(what_went_wrong(submission))))
    return table


def what_went_wrong(submission: "Submission") -> str:
    """A line for each mistake, with the exercises it was made in; empty if there is none."""
    wall = "" if submission.sandbox else "graded without the wall\n"
    if submission.finding:
        return wall + submission.finding
    exercises: dict[str, list[str]] = {}
    for check in submission.checks:
        if check.failed:
            exercises.setdefault(check.mistake, []).append(check.exercise)
    went_wrong = "\n".join(f"{', '.join(names)}: {mistake}" for mistake, names in exercises.items())
    return (wall + went_wrong).rstrip()
