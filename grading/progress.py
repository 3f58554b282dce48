"""What an instructor sees while a class is graded: a bar in a terminal, plain lines anywhere else."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from grading.autograde import Event, Listener

__all__ = ["watched"]

LINE_SECONDS = 10.0
"""How often a plain line says how far it is."""


@contextmanager
def watched(lesson: str, console: Console) -> Iterator[Listener]:
    """Show how far the grading of a lesson is, on a console."""
    tally = _Tally()
    if not console.is_terminal:
        yield _plain_lines(lesson, console, tally)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"Autograding {lesson}", total=None, said="starting")

        def show(event: Event) -> None:
            tally.add(event)
            bar.update(task, completed=event.done or None, total=event.total or None, said=tally.said(event))
            if event.kind == "trouble":
                bar.console.print(_trouble(event), highlight=False, soft_wrap=True)

        yield show


def _plain_lines(lesson: str, console: Console, tally: "_Tally") -> Listener:
    last = [0.0, ""]

    def show(event: Event) -> None:
        tally.add(event)
        if event.kind == "trouble":
            console.print(_trouble(event), highlight=False, soft_wrap=True)
        now, line = time.monotonic(), f"{event.done}/{event.total} {tally.said(event)}"
        if event.kind == "waits":
            line = f"waiting: {event.message}"
        if (now - last[0] >= LINE_SECONDS or event.done == event.total) and line != last[1]:
            last[:] = [now, line]
            console.print(f"Autograding {lesson}: {line}", highlight=False, markup=False, soft_wrap=True)

    return show


def _trouble(event: Event) -> str:
    return f"[bold red]No result[/] {escape(event.student)}: {escape(event.message.strip().splitlines()[-1])}"


class _Tally:
    """What has been found so far, and how quickly."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.graded = self.troubles = 0
        self.findings: Counter[str] = Counter()

    def add(self, event: Event) -> None:
        self.graded += event.kind == "graded"
        self.troubles += event.kind == "trouble"
        self.findings.update("passed" if what == "passed" else "other" for what in event.findings.values())

    def said(self, event: Event) -> str:
        if event.kind == "waits":
            return f"waiting: {event.message}"
        minutes = (time.monotonic() - self.started) / 60
        parts = [f"{self.graded / minutes:.0f} a minute"] if self.graded else []
        if self.findings:
            parts.append(f"checks passed {self.findings['passed']}, not {self.findings['other']}")
        if self.troubles:
            parts.append(f"without a result {self.troubles}")
        if event.slowest:
            parts.append(f"longest on its way: {event.slowest}")
        return " · ".join(parts) or "starting"
