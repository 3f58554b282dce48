"""The instructor's command, ``gdgrade``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading import autograde as grade_class
from grading import demo as demo_class
from grading import doctor as doctors
from grading import notebooks, plugins, report

__all__ = ["app"]

app = typer.Typer(help="Build the course and grade it.", no_args_is_help=True, pretty_exceptions_show_locals=False)
console = Console()
errors = Console(stderr=True)

COURSE = Path(__file__).parent.parent / "course"


@app.callback()
def main() -> None:
    """Build the course and grade it."""


@app.command()
def course(
    source: Annotated[Path, typer.Option(help="Folder of the lessons' texts.")] = demo_class.SOURCE,
    target: Annotated[Path, typer.Option("--course", help="Folder of the students' notebooks.")] = COURSE,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if something would change.")] = False,
) -> None:
    """Make the students' notebooks from the lessons' texts, and say what changed."""
    try:
        changes = (notebooks.drift if check else notebooks.build_course)(source, target)
    except notebooks.SourceError as error:
        _fail(error)
    for word, paths in (("new", changes.missing), ("changed", changes.changed), ("removed", changes.stale)):
        for path in paths:
            console.print(f"{word:>8}  {target / path}", highlight=False, markup=False, soft_wrap=True)
    if not changes:
        console.print(f"{target} is up to date.", highlight=False, markup=False, soft_wrap=True)
    elif check:
        _fail(f"{target} is not what {source} makes of it: run `gdgrade course`")


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(help="Where to make the class.")] = Path("demo"),
    lesson: Annotated[list[str] | None, typer.Option(help="Play only this lesson; may be given again.")] = None,
) -> None:
    """Play a whole class: release, submissions, autograding, feedback, export; then show who got what wrong."""
    if (directory / demo_class.MARKER).exists():
        console.print(f"{directory} exists: making this demo anew.", highlight=False, markup=False, soft_wrap=True)
    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task("Starting", total=None)
            played = demo_class.play(
                directory,
                only=lesson or (),
                on_step=lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
            )
    except (demo_class.DemoError, notebooks.SourceError) as error:
        _fail(error)
    for lesson in played.lessons:
        console.print(_table(lesson, report.findings(played.directory, lesson)))
    feedback = played.feedback("<student>", "<lesson>")
    for what, path in (("Feedback", feedback), ("Grades", played.grades), ("nbgrader's log", played.log)):
        console.print(f"{what}: {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def autograde(
    lesson: Annotated[str, typer.Argument(help="The lesson, such as 01-five-steps.")],
    directory: Annotated[Path, typer.Option("--class", help="The class directory.")] = Path(),
    student: Annotated[str, typer.Option(help="Grade only this student.")] = "*",
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Take the wall down: student code then runs as you. Recorded.")
    ] = False,
) -> None:
    """Grade what was handed in for a lesson, behind the wall; the same as `nbgrader autograde`, with a bar."""
    if no_sandbox:
        errors.print(f"[bold red]Warning:[/] {escape(plugins.NO_SANDBOX)}", highlight=False, soft_wrap=True)
    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task(f"Autograding {lesson}", total=None)
            graded = grade_class.autograde(
                directory,
                lesson,
                student=student,
                force=force,
                sandbox=not no_sandbox,
                on_step=lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
            )
    except (grade_class.AutogradeError, FileNotFoundError) as error:
        _fail(error)
    console.print(_table(lesson, [one for one in report.findings(directory, lesson) if student in ("*", one.student)]))
    console.print(f"{graded} graded now. Next: nbgrader generate_feedback {lesson}", highlight=False, soft_wrap=True)


@app.command()
def doctor() -> None:
    """Test the wall around student code for real: try to climb it in every way known, and show a table."""
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Building the jail", total=len(doctors.WALLS) + 1)
        found = doctors.examine(lambda name: progress.update(task, description=f"Trying: {name}", advance=1))
    table = Table("Wall", "Holds", "Tried", "Seen", show_lines=True)
    for one in found:
        sign = "[green]✓ yes[/]" if one.held else "[bold red]✗ NO[/]"
        table.add_row(escape(one.wall), sign, escape(one.tried), escape(one.seen))
    console.print(table)
    if not all(one.held for one in found):
        _fail("a wall does not hold: do not grade here")
    console.print(f"All {len(found)} hold.", highlight=False)


def _table(lesson: str, submissions: list[report.Submission]) -> Table:
    table = Table("Student", "Score", "What went wrong", title=lesson, title_justify="left", show_lines=True)
    for submission in submissions:
        score = f"{submission.score:g}/{submission.max_score:g}"
        table.add_row(f"{submission.name} ({submission.student})", score, escape(_what_went_wrong(submission)))
    return table


def _what_went_wrong(submission: report.Submission) -> str:
    wall = "" if submission.sandbox else "graded without the wall\n"
    if submission.finding:
        return wall + submission.finding
    exercises: dict[str, list[str]] = {}
    for check in submission.checks:
        if check.failed:
            exercises.setdefault(check.mistake, []).append(check.exercise)
    went_wrong = "\n".join(f"{', '.join(names)}: {mistake}" for mistake, names in exercises.items())
    return (wall + went_wrong).rstrip()


def _fail(error: object) -> None:
    errors.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)
