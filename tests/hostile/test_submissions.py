"""Each hostile submission gets nothing for what it attacks, and what is right in it keeps its points."""

import os
import time
from pathlib import Path

import pytest

from grading import trusted
from grading.graft import graft_submission
from tests.hostile import lesson
from tests.hostile.conftest import CANARY
from tests.hostile.pages import pieces_of_html, what_could_run

pytestmark = [pytest.mark.xdist_group("hostile"), pytest.mark.slow]

SUBMISSIONS = lesson.all_submissions()
WAIT_SECONDS = 20
TEMPLATE = 2  # the template, and bubblewrap's first process in its pid namespace


def processes_below(pid: int) -> list[int]:
    """All that a process has started and that is still there."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(path.parent.name))
    found, waiting = [], [pid]
    while waiting:
        new = children.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def test_there_are_many():
    assert len(SUBMISSIONS) >= 70


@pytest.mark.parametrize("submission", SUBMISSIONS, ids=str)
def test_submission(submission, jail, world, released, solutions):
    submitted = submission.notebook(released, solutions, world.places)
    nb = trusted.run(graft_submission(released, submitted), jail)
    said = lesson.told(nb)
    assert lesson.scores(nb) == lesson.POINTS | dict.fromkeys(submission.attacks, 0), said
    for words in submission.finding:
        assert words in said
    for words in (*submission.never, CANARY, os.environ["GDEXERCISES_SEED"]):
        assert words not in said
    for html in pieces_of_html(nb):
        assert what_could_run(html) == []
    world.check_unchanged()


def test_nothing_is_left_running(jail):
    """Runs after all of them."""
    with jail.sandbox() as sandbox:  # forking makes the template collect its dead
        sandbox.run_cell("1")
        assert len(processes_below(jail._process.pid)) > TEMPLATE
    until = time.monotonic() + WAIT_SECONDS
    while len(left := processes_below(jail._process.pid)) > TEMPLATE and time.monotonic() < until:
        time.sleep(0.05)
    assert len(left) == TEMPLATE, left
