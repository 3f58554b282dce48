"""``gdgrade course`` and ``gdgrade demo``: the students' notebooks, and a class to look at."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from grading.terminal import console, errors, fail, findings_table, say

app = typer.Typer()
SOURCE = Path(__file__).parents[1] / "source"
COURSE = Path(__file__).parents[2] / "course"


@app.command()
def course(
    source: Annotated[Path, typer.Option(help="Folder of the lessons' texts.")] = SOURCE,
    target: Annotated[Path, typer.Option("--course", help="Folder of the students' notebooks.")] = COURSE,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if something would change.")] = False,
) -> None:
    """Make the students' notebooks from the lessons' texts, and say what changed."""
    from grading import notebooks

    try:
        changes = (notebooks.drift if check else notebooks.build_course)(source, target)
    except notebooks.SourceError as error:
        fail(error)
    for word, paths in (("new", changes.missing), ("changed", changes.changed), ("removed", changes.stale)):
        for path in paths:
            say(f"{word:>8}  {target / path}")
    if not changes:
        say(f"{target} is up to date.")
    elif check:
        fail(f"{target} is not what {source} makes of it: run `gdgrade course`")


@app.command()
def demo(
    directory: Annotated[Path, typer.Argument(help="Where to make the class.")] = Path("demo"),
    lesson: Annotated[list[str] | None, typer.Option(help="Play only this lesson; may be given again.")] = None,
) -> None:
    """Play a whole class: release, submissions, autograding, feedback, export; then show who got what wrong."""
    from grading import demo as demo_class
    from grading import notebooks, report

    if (directory / demo_class.MARKER).exists():
        say(f"{directory} exists: making this demo anew.")
    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task("Starting", total=None)
            played = demo_class.play(
                directory,
                only=lesson or (),
                on_step=lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
            )
    except (demo_class.DemoError, notebooks.SourceError) as error:
        fail(error)
    for lesson in played.lessons:
        console.print(findings_table(lesson, report.findings(played.directory, lesson)))
    feedback = played.feedback("<student>", "<lesson>")
    for what, path in (("Feedback", feedback), ("Grades", played.grades), ("nbgrader's log", played.log)):
        say(f"{what}: {path}")
