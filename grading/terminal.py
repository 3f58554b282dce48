"""How ``gdgrade`` speaks: to the terminal, to whoever reads its errors, and the options that its commands share."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

__all__ = ["FEW", "Class", "Database", "console", "errors", "fail", "say"]

console = Console()
errors = Console(stderr=True)

FEW = 60
"""So many rows a table has at most, where it has one for each student."""

Class = Annotated[Path, typer.Option("--class", help="The class directory.")]
Database = Annotated[
    str | None, typer.Option(help="The gradebook's database, such as postgresql://host/grades.", show_default="")
]


def say(text: object) -> None:
    """Print a line as it is, however long: what is in it may be a path, or a student's."""
    console.print(str(text), highlight=False, markup=False, soft_wrap=True)


def fail(error: object, status: int = 1) -> NoReturn:
    """Say what went wrong, on standard error, and end with a status."""
    errors.print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
    raise typer.Exit(status)
