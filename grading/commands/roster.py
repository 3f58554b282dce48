"""``gdgrade roster``."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading.terminal import FEW, Class, Database, console, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.roster import Student, Update

app = typer.Typer()


@app.command()
def roster(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The list of students: CSV or .xlsx, also as Moodle or Canvas export it.",
            show_default="the class's roster.csv",
        ),
    ] = None,
    directory: Class = Path(),
    id_column: Annotated[
        str | None, typer.Option(help="The column that has the students' ids, if its name does not say so.")
    ] = None,
    remove_missing: Annotated[
        bool,
        typer.Option("--remove-missing", help="Take out who is not in the list and has no work in the class."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would change.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Only list the students of the gradebook.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what came of it as JSON.")] = False,
    db: Database = None,
) -> None:
    """Write a list of students into the gradebook, and say who is new, changed or missing.

    May be run again with a newer list. Nobody who has handed in something is ever taken out. Ends with 0 if all is
    well, 1 if it could not be done: then nothing was changed.
    """  # fmt: skip
    from grading import book, course
    from grading import roster as rosters

    notes: list[str] = []
    try:
        opened_class = course.open_class(directory, db)
        if show:
            with book.opened(opened_class) as gradebook:
                _list(rosters.in_gradebook(gradebook), as_json)
            return
        path = file or Path(opened_class.root, rosters.FILE)
        students = rosters.read(path, id_column=id_column, note=notes.append)
        with book.opened(opened_class) as gradebook:
            came = rosters.update(gradebook, opened_class, students, remove_missing=remove_missing, dry_run=dry_run)
    except (FileNotFoundError, ValueError, book.BookError) as error:
        fail(error)
    for note in notes:
        errors.print(f"[yellow]Note:[/] {escape(plain(note))}", highlight=False, soft_wrap=True)
    if as_json:
        print(json.dumps({**asdict(came), "with_work": sorted(came.with_work)}, ensure_ascii=False))
    else:
        _tell(path, came, dry_run)


def _list(students: "list[Student]", as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(student) for student in students], ensure_ascii=False))
    elif students:
        console.print(_table(f"{len(students)} students", students))
    else:
        say("The gradebook has no students yet. Next: gdgrade roster FILE")


def _tell(path: Path, came: "Update", dry_run: bool) -> None:
    if came.new:
        console.print(_table(f"New: {len(came.new)}", came.new))
    if came.changed:
        table = Table("Id", "Was", "Is", title=f"Changed: {len(came.changed)}", title_justify="left")
        for before, after in came.changed[:FEW]:
            table.add_row(*(escape(plain(text)) for text in (after.id, _line(before), _line(after))))
        console.print(table)
    if came.missing:
        console.print(_table(f"In the gradebook, but not in {path.name}: {len(came.missing)}", came.missing))
        kept = len(came.missing) - len(came.removed)
        taken = f"{len(came.removed)} of them {'would be' if dry_run else 'were'} taken out, " if came.removed else ""
        why = f" ({len(came.with_work)} with work in the class)" if came.with_work else ""
        say(f"{taken}{kept} stay{why}." + ("" if came.removed or kept == len(came.with_work) else
            " To take out who has no work in the class: --remove-missing"))  # fmt: skip
    said = f"{len(came.new)} new, {len(came.changed)} changed, {came.same} unchanged, {len(came.missing)} missing."
    total = len(came.new) + len(came.changed) + came.same
    if dry_run:
        say(f"{said} Nothing was changed (--dry-run).")
    elif total:
        say(f"{said} Next: gdgrade release LESSON")
    else:
        say(f"{path} lists no students. Write one a line below the names of the columns, and run gdgrade roster again")


def _table(title: str, students: "Iterable[Student]") -> Table:
    students = list(students)
    table = Table("Id", "First name", "Last name", "E-mail", "LMS id", title=title, title_justify="left")
    for student in students[:FEW]:
        table.add_row(*(escape(plain(value or "")) for value in asdict(student).values()))
    if len(students) > FEW:
        table.add_row("…", f"{len(students) - FEW} more", "", "", "")
    return table


def _line(student: "Student") -> str:
    return ", ".join(filter(None, (student.name, student.email, student.lms_user_id)))
