"""``gdgrade doctor``."""

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from grading.terminal import console, errors, fail

app = typer.Typer()


@app.command()
def doctor() -> None:
    """Test the wall around student code for real: try to climb it in every way known, and show a table."""
    from grading import doctor as doctors

    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Building the jail", total=len(doctors.WALLS) + 1)
        found = doctors.examine(lambda name: progress.update(task, description=f"Trying: {name}", advance=1))
    table = Table("Wall", "Holds", "Tried", "Seen", show_lines=True)
    for one in found:
        sign = "[green]✓ yes[/]" if one.held else "[bold red]✗ NO[/]"
        table.add_row(escape(one.wall), sign, escape(one.tried), escape(one.seen))
    console.print(table)
    if not all(one.held for one in found):
        fail("a wall does not hold: do not grade here")
    console.print(f"All {len(found)} hold. Next: gdgrade autograde LESSON", highlight=False)
