"""``gdgrade autograde``."""

import contextlib
import gc
import json
import signal
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading import forkserver
from grading.terminal import FEW, Class, Database, console, errors, fail, findings_table, told_to_end

if TYPE_CHECKING:
    from grading.autograde import Event, Listener, Summary

app = typer.Typer()


@app.command()
def autograde(
    lesson: Annotated[str, typer.Argument(help="The lesson, such as 01-five-steps, or its number.")],
    directory: Class = Path(),
    student: Annotated[
        list[str] | None, typer.Option(help="Grade only this student's submission; may be given again.")
    ] = None,
    exercise: Annotated[
        list[str] | None, typer.Option(help="Grade only this exercise again; may be given again.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed.")] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Worker processes on this machine.", show_default="one a core")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Let the workers of this Dask scheduler grade, such as tcp://host:8786.")
    ] = None,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is grading this class, wait.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what happens as lines of JSON.")] = False,
    no_sandbox: Annotated[
        bool, typer.Option("--no-sandbox", help="Take the wall down: student code then runs as you. Recorded.")
    ] = False,
) -> None:
    """Grade what was handed in for a lesson and is new or changed, behind the wall.

    Ends with 0 if all is graded, 1 if it could not be, 2 for a wrong call, 3 if some submissions have no result, 4 if
    somebody else is grading this class, and 130 if it was interrupted. What is graded by then stays: to go on, run it
    again.
    """
    with told_to_end():
        _autograde(
            directory, lesson, student or [], exercise or [], force, workers, scheduler, db, wait, as_json, no_sandbox
        )


@contextlib.contextmanager
def _not_now() -> Iterator[None]:
    """Let signals wait, which would do harm in the middle of an import, and the collector, which would find nothing.

    What is imported here stays, so it need not be looked through later, either.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _autograde(
    directory: Path,
    lesson: str,
    students: list[str],
    exercises: list[str],
    force: bool,
    workers: int | None,
    scheduler: str | None,
    db: str | None,
    wait: bool,
    as_json: bool,
    no_sandbox: bool,
) -> None:
    with _not_now():
        if not (scheduler or no_sandbox):
            forkserver.start()
        from grading import autograde as grade_class
        from grading import lessons, plugins
        from grading.course import open_class
        from grading.progress import watched

    if no_sandbox:
        errors.print(f"[bold red]Warning:[/] {escape(plugins.NO_SANDBOX)}", highlight=False, soft_wrap=True)
    try:
        lesson = lessons.one(lesson, lessons.in_class(open_class(directory)))
    except (FileNotFoundError, ValueError) as error:
        fail(error)
    watch: contextlib.AbstractContextManager[Listener]
    watch = contextlib.nullcontext(_print_json) if as_json else watched(lesson, errors)
    try:
        with watch as on_event:
            summary = grade_class.autograde(
                directory,
                lesson,
                students=students,
                exercises=exercises,
                force=force,
                sandbox=not no_sandbox,
                workers=workers,
                scheduler=scheduler,
                db=db,
                wait_for_others=wait,
                on_event=on_event,
            )
    except grade_class.Busy as error:
        fail(error, 4)
    except grade_class.Interrupted as error:
        fail(error, 130)
    except (grade_class.AutogradeError, FileNotFoundError, ValueError) as error:
        fail(error)
    if as_json:
        # `asdict` takes a Counter for a list of pairs.
        plain = replace(summary, findings={name: dict(found) for name, found in summary.findings.items()})
        print(json.dumps({"kind": "ends", **asdict(plain)}), flush=True)
    else:
        _show_summary(directory, lesson, summary, students, force or bool(exercises), db)
    if summary.troubles:
        raise typer.Exit(3)


def _print_json(event: "Event") -> None:
    print(json.dumps(asdict(event)), flush=True)


def _show_summary(
    directory: Path,
    lesson: str,
    summary: "Summary",
    students: Collection[str],
    on_purpose: bool,
    db: str | None,
) -> None:
    from grading import report

    if summary.total <= FEW:
        found = report.findings(directory, lesson, db=db)
        console.print(findings_table(lesson, [one for one in found if not students or one.student in students]))
    console.print(_exercises_table(lesson, summary))
    if summary.changes:
        console.print(_changes_table(summary))
    elif on_purpose and summary.graded:
        console.print("No points changed.", highlight=False)
    for who, why in summary.troubles.items():
        last = why.strip().splitlines()[-1]
        errors.print(f"[bold red]No result:[/] {escape(who)}: {escape(last)}", highlight=False, soft_wrap=True)
    said = f"{summary.graded} graded now, {summary.unchanged} unchanged, {len(summary.troubles)} without a result."
    console.print(f"{said} Next: gdgrade feedback {lesson}", highlight=False, soft_wrap=True)


def _exercises_table(lesson: str, summary: "Summary") -> Table:
    table = Table("Exercise", "All points", "Mean", "Found among those graded now", title=f"{lesson}, by exercise")
    table.title_justify = "left"
    for name, (count, full, mean, most) in summary.exercises.items():
        found = summary.findings.get(name, Counter())
        what = ", ".join(f"{word} ({number})" for word, number in found.most_common(4) if word != "passed")
        table.add_row(name.removeprefix("check-"), f"{full}/{count}", f"{mean:.2f}/{most:g}", escape(what))
    return table


def _changes_table(summary: "Summary") -> Table:
    who = len({change.student for change in summary.changes})
    title = f"Points that changed: {len(summary.changes)}, of {who} students"
    table = Table("Student", "Exercise", "Before", "Now", title=title, title_justify="left")
    for change in summary.changes[:FEW]:
        before, after = ("–" if points is None else f"{points:g}" for points in (change.before, change.after))
        table.add_row(escape(change.student), change.exercise.removeprefix("check-"), before, after)
    if len(summary.changes) > FEW:
        table.add_row("…", f"{len(summary.changes) - FEW} more", "", "")
    return table
