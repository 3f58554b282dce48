"""What an instructor sees while a class is graded."""

import io

from rich.console import Console

from grading import progress
from grading.autograde import Event


def lines(events, **console):
    written = io.StringIO()
    with progress.watched("01-five-steps", Console(file=written, width=160, **console)) as listen:
        for event in events:
            listen(event)
    return written.getvalue()


EVENTS = [
    Event("begins", total=3),
    Event("graded", "ada", done=1, total=3, slowest="max", findings={"check-mse": "passed", "check-update": "wrong"}),
    Event("trouble", "max", "it is [odd]\nand its end", done=2, total=3),
    Event("unchanged", "zoe", done=3, total=3),
]


def test_plain_lines_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    said = lines(EVENTS)
    assert "\x1b" not in said
    assert "Autograding 01-five-steps: 0/3 starting" in said
    assert "checks passed 1, not 1" in said
    assert "longest on its way: max" in said
    assert "No result max: and its end" in said
    assert said.splitlines()[-1].startswith("Autograding 01-five-steps: 3/3")


def test_few_plain_lines_for_many_submissions():
    many = [Event("graded", str(number), done=number, total=5_000) for number in range(1, 5_001)]
    assert len(lines([Event("begins", total=5_000), *many]).splitlines()) <= 3


def test_a_wait_is_told_and_why():
    assert "waiting: the gradebook does not answer" in lines([Event("waits", message="the gradebook does not answer")])


def test_a_bar_in_a_terminal():
    said = lines(EVENTS, force_terminal=True)
    assert "3/3" in said
    assert "No result" in said
    assert "without a result 1" in said
