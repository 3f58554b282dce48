"""The instructor's command, ``gdgrade``: the commands of `grading.commands`, in the order of a class's life."""

import pkgutil
from importlib import import_module

import typer
from typer.core import TyperGroup

from grading import commands

__all__ = ["app"]

IN_ORDER = ("new", "roster", "due", "release", "collect", "autograde", "feedback", "report", "export", "status",
            "upgrade", "doctor", "demo", "course")  # fmt: skip


class _InOrder(TyperGroup):
    def list_commands(self, ctx: object) -> list[str]:
        return sorted(self.commands, key=lambda name: (IN_ORDER.index(name) if name in IN_ORDER else 99, name))


app = typer.Typer(
    cls=_InOrder, help="Build the course and grade it.", no_args_is_help=True, pretty_exceptions_show_locals=False
)
for _found in pkgutil.iter_modules(commands.__path__):
    app.add_typer(import_module(f"{commands.__name__}.{_found.name}").app)


@app.callback()
def main() -> None:
    """Build the course and grade it."""
