"""``gdgrade collect``."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading.terminal import FEW, Class, Database, console, errors, fail, plain, say, told_to_end

if TYPE_CHECKING:
    from grading.collect import Collected, Row

app = typer.Typer()

STATUSES = ("collected", "updated", "unchanged", "kept", "missing", "twice", "unmatched", "refused")


@app.command()
def collect(
    lesson: Annotated[str, typer.Argument(help="The lesson, such as 01-five-steps, or its number.")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[ZIP]...",
            help="What Moodle or Canvas gave for “download all”; for Moodle also the grading worksheet, a CSV file.",
        ),
    ] = None,
    directory: Class = Path(),
    match: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ID",
            help="Who is who, remembered from then on. ID,ID is a team, an empty ID nobody. May be given again.",
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the new one also where what is there may be newer; keep both.")
    ] = False,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what came of it as JSON.")] = False,
) -> None:
    """Collect what was handed in for a lesson, from nbgrader's exchange or from downloads of Moodle or Canvas.

    Downloads are kept in downloaded/LESSON/archive and read again each time. Without a ZIP file, the exchange is read,
    and the downloads kept before. What was collected before is replaced only by what is newer, and is kept even then.

    Whose it is, is found by Canvas's number (lms_user_id in the gradebook), Moodle's grading worksheet, or the name.
    Nobody is guessed: --match says who somebody is.

    Ends with 0 if all is well, 1 if nothing could be collected, 2 for a wrong call, 3 if something needs a look, 4 if
    somebody else is at work in this class, and 130 if it was interrupted: run it again.
    """
    from grading import collect as collecting
    from grading import lessons
    from grading.book import BookError
    from grading.course import Busy, open_class

    told = _matches(match or ())
    try:
        lesson = lessons.one(lesson, lessons.in_class(open_class(directory)))
        with told_to_end(), Progress(console=errors, transient=True) as progress:
            task = progress.add_task("Reading", total=None)
            collected = collecting.collect(
                directory,
                lesson,
                files or (),
                matches=told,
                replace=replace,
                db=db,
                wait=wait,
                on_step=lambda done, total: progress.update(
                    task, description="Collecting", completed=done, total=total
                ),
            )
    except Busy as error:
        fail(error, 4)
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.strerror and error.filename else error.strerror or error
        fail(f"{what}. What was collected by then stays; to go on, run the same command again")
    except (BookError, ValueError) as error:
        fail(error)
    if as_json:
        print(json.dumps(_as_json(collected)))
    else:
        _show(directory, collected)
    if collected.needs_a_look:
        raise typer.Exit(3)


def _matches(words: Sequence[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, sign, student = word.rpartition("=")
        if not sign or not name.strip():
            fail(f"--match {word!r} is not of the form NAME=ID, such as 'Ada Lovelace=ada'", 2)
        found[name.strip()] = student.strip()
    return found


def _as_json(collected: "Collected") -> dict[str, object]:
    rows = [asdict(row) | {"needs_a_look": row.needs_a_look} for row in collected.rows]
    counts = {status: collected.count(status) for status in STATUSES}
    return {
        "lesson": collected.lesson,
        "counts": counts | {"late": sum(bool(row.late) for row in collected.rows)},
        "rows": rows,
        "said": collected.said,
        "troubles": collected.troubles,
    }


def _show(directory: Path, collected: "Collected") -> None:
    for text in collected.said:
        say(text)
    for text in collected.troubles:
        errors.print(f"[bold red]Not collected:[/] {escape(plain(text))}", highlight=False, soft_wrap=True)
    rows = collected.rows
    if len(rows) > FEW:
        rows = sorted((row for row in rows if _is_special(row)), key=lambda row: not row.needs_a_look)
    if rows:
        console.print(_table(collected.lesson, rows[:FEW]))
    if len(rows) > FEW:
        say(f"… and {len(rows) - FEW} more: --json has them all.")
    counts = [f"{collected.count(status)} {status}" for status in STATUSES if collected.count(status)]
    late = sum(bool(row.late) for row in collected.rows)
    counts += [f"{late} late"] if late else []
    option = "" if directory == Path() else f" --class {directory}"
    if collected.count("unmatched"):
        say(f"To say who somebody is: gdgrade collect {collected.lesson}{option} --match 'NAME=ID'")
    say(f"{', '.join(counts) or 'Nothing was there'}. Next: gdgrade autograde {collected.lesson}{option}")


def _is_special(row: "Row") -> bool:
    return bool(row.needs_a_look or row.notes or row.late or row.status not in ("collected", "unchanged", ""))


def _table(lesson: str, rows: "Sequence[Row]") -> Table:
    table = Table("Student", "What", "Late", "From", "To know", title=lesson, title_justify="left")
    for row in rows:
        who = f"{row.name} ({row.student})" if row.name else row.student
        what = row.status or "there before"
        cells = (who, f"! {what}" if row.needs_a_look else what, row.late, row.source, "\n".join(row.notes))
        table.add_row(*(escape(plain(cell)) for cell in cells))
    return table
