"""``gdgrade upgrade``."""

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.prompt import Prompt

from grading.terminal import console, errors, fail, plain, say

if TYPE_CHECKING:
    from grading.merge import Conflict
    from grading.upgrade import Brought, Upgrade

app = typer.Typer()


@app.command()
def upgrade(
    directory: Annotated[Path, typer.Argument(metavar="CLASS", help="The class directory.")] = Path(),
    lessons: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these lessons, such as 1-4,7; those that the class does not have are added.",
            show_default="those of the class, and its settings",
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Where both differ, keep yours, without asking.")] = False,
    take: Annotated[
        bool, typer.Option("--take", help="Where both differ, take what is newer, without asking.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would change.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="If somebody else is at work in this class, wait.")] = False,
) -> None:
    """Bring newer lessons and settings into a class, cell by cell, without touching what you edited.

    A cell that only the course changed comes in. One that only you changed stays. One that both changed is shown, and
    you are asked; where nobody can be asked, it stays, and the next run asks again. What was before is kept.

    Ends with 0 if all is decided, 1 if something could not be upgraded, 2 for a wrong call, 3 if something is still to
    be decided, 4 if somebody else is at work in this class.
    """  # fmt: skip
    from grading import notebooks
    from grading import upgrade as upgrades
    from grading.course import Busy, alone, open_class

    if keep and take:
        fail("--keep or --take, not both", 2)
    answer = "keep" if keep else "take" if take else None
    try:
        root = open_class(directory).root
        with alone(root, wait=wait):
            came = upgrades.upgrade(
                root,
                lambda lesson, conflict: _ask(lesson, conflict, answer, dry_run),
                only=lessons or (),
                dry_run=dry_run,
                on_done=lambda brought: _tell(brought, dry_run),
            )
    except Busy as error:
        fail(error, 4)
    except KeyboardInterrupt:
        fail("interrupted. Lessons that were done are as you decided; to go on, run the same command again", 130)
    except (FileNotFoundError, ValueError, notebooks.SourceError) as error:
        fail(error)
    _tell_all(directory, came, dry_run)
    if any(one.what == "failed" for one in came.brought):
        raise typer.Exit(1)
    if any(one.skipped for one in came.brought):
        raise typer.Exit(3)


def _ask(lesson: str, conflict: "Conflict", answer: str | None, dry_run: bool) -> str:
    """Show what differs, and have somebody decide."""
    console.print(f"[bold]{escape(plain(lesson))}, {escape(plain(conflict.where))}[/]: {conflict.why}", soft_wrap=True)
    _show(conflict)
    if answer:
        return answer
    if dry_run or not sys.stdin.isatty():
        return "skip"
    words = {"k": "keep", "t": "take", "s": "skip"}
    said = Prompt.ask(
        "(k)eep yours, (t)ake the newer, (s)kip for now", choices=list(words), default="s", console=console
    )
    return words[said]


def _show(conflict: "Conflict") -> None:
    mine, new = ((text or "").splitlines() for text in (conflict.mine, conflict.new))
    for line in difflib.unified_diff(mine, new, "yours", "newer", lineterm="", n=2):
        style = {"+": "green", "-": "red"}.get(line[:1], "dim")
        console.print(f"  {plain(line)}", style=style, markup=False, highlight=False, soft_wrap=True)


def _tell(one: "Brought", dry_run: bool) -> None:
    if one.what == "failed":
        errors.print(f"[bold red]Error:[/] {escape(plain(one.error))}", highlight=False, soft_wrap=True)
        return
    would = "would be " if dry_run and one.what != "unchanged" else ""
    say(f"{one.lesson}: {would}{one.what}")
    if not one.had_base and (one.kept or one.skipped or one.brought):
        say("  It is not known how this came into the class: all that differs is taken for yours.")
    for word, names in (("in", one.brought), ("kept", one.kept), ("open", one.skipped)):
        for name in names:
            say(f"  {word:>4}  {name}")
    if one.brought and one.handed_in:
        errors.print(
            f"[yellow]Note:[/] {one.handed_in} students have handed in {escape(one.lesson)}. "
            "gdgrade release says what would change for them.",
            highlight=False,
            soft_wrap=True,
        )


def _tell_all(directory: Path, came: "Upgrade", dry_run: bool) -> None:
    from grading.course import CONFIG_FILE

    if came.own:
        say(f"Left alone, not of the course: {', '.join(came.own)}")
    if came.more:
        say(f"The course also has: {', '.join(came.more)}. To add one: --lessons {came.more[0]}")
    if came.before is not None:
        say(f"What was changed is kept as it was. The way back: cp -r {came.before}/. {directory}")
    changed = [one.lesson for one in came.brought if one.what in ("new", "changed") and one.lesson != CONFIG_FILE]
    if any(one.skipped for one in came.brought):
        say(f"Something is open. Next: gdgrade upgrade {directory}, in a terminal; or with --keep or --take")
    elif dry_run:
        say("Nothing was changed (--dry-run).")
    elif changed:
        say(f"Next: gdgrade release {' '.join(changed)}")
    else:
        say("All is up to date.")
