"""``gdgrade release``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from grading.terminal import Class, Database, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.release import Released

app = typer.Typer()


@app.command()
def release(
    lessons: Annotated[list[str], typer.Argument(metavar="LESSON...", help="Which lessons, such as 1 or 1-4,7.")],
    directory: Class = Path(),
    exchange: Annotated[
        bool, typer.Option("--exchange", help="Also put them into the class's exchange, for students to fetch.")
    ] = False,
    db: Database = None,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what came of it as lines of JSON.")] = False,
) -> None:
    """Make of lessons in source/ what students get, in release/, and have the gradebook know them.

    Says what is new, changed or unchanged; what was released before is kept in .gdgrade/before. Ends with 0 if all is
    well, 1 if a lesson could not be released (it stays as it was) or not put into the exchange (the others are done),
    3 if something was released again that students have handed in, 4 if somebody else is at work in this class.
    """
    from grading import lessons as naming
    from grading.course import Busy, alone, open_class

    try:
        course = open_class(directory)
        names = naming.chosen(lessons, naming.in_class(course))
        with alone(course.root, wait=wait):
            failed, look = _release_all(directory, names, exchange, db, as_json)
    except Busy as error:
        fail(error, 4)
    except (FileNotFoundError, ValueError) as error:
        fail(error)
    if failed or look:
        raise typer.Exit(1 if failed else 3)


def _release_all(directory: Path, names: list[str], exchange: bool, db: str | None, as_json: bool) -> tuple[bool, bool]:
    from grading import book
    from grading import release as releases

    failed = look = False
    for lesson in names:
        try:
            came = releases.release(directory, lesson, db=db)
        except (releases.ReleaseError, book.BookError, OSError) as error:
            _tell_error(error)
            failed = True
            continue
        there = problem = None
        if exchange:
            try:
                there = releases.to_exchange(directory, lesson)
            except (releases.ReleaseError, OSError) as error:
                problem, failed = error, True
        look |= came.regrade
        if as_json:
            print(json.dumps({**asdict(came), "folder": str(came.folder), "exchange": there}), flush=True)
        else:
            _tell(came, there)
        if problem:
            _tell_error(problem)
    if not as_json and not failed:
        exchange_there = not exchange and releases.has_exchange(directory)
        _tell_next(names, exchange, exchange_there)
    return failed, look


def _tell_error(error: Exception) -> None:
    errors.print(f"[bold red]Error:[/] {escape(plain(error))}", highlight=False, soft_wrap=True)


def _tell(came: "Released", there: str | None) -> None:
    where = f", {there} in the exchange" if there else ""
    say(f"{came.lesson}: {came.what}{where}. {came.points:g} points; students get {came.folder}")
    for change in came.changes:
        say(f"  {change}")
    if came.what == "changed" and came.handed_in:
        errors.print(
            f"[yellow]Note:[/] {came.handed_in} students have handed in {escape(came.lesson)} as it was before."
            + (f" Their points may change: gdgrade autograde {escape(came.lesson)}" if came.regrade else ""),
            highlight=False,
            soft_wrap=True,
        )


def _tell_next(names: list[str], exchange: bool, exchange_there: bool) -> None:
    words = " ".join(names)
    collect = f"when work is in: gdgrade collect {words}"
    if exchange:
        say(f"Students can fetch it now. Next, {collect}")
    elif exchange_there:
        say(f"Next: gdgrade release {words} --exchange, or hand the folders out; {collect}")
    else:
        say(f"Next: hand the folders out; {collect}")
