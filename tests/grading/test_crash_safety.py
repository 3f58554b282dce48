"""Grading may end at any moment, in any way: what is graded stays, and the next run ends as if nothing had been."""

import ctypes
import functools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from grading import autograde, workers
from tests.grading import classes, killers
from tests.grading.conftest import LESSON

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.slow]

PATIENCE = 60
"""Seconds until something is taken for not happening at all."""
PR_SET_CHILD_SUBREAPER = 36
STUDENTS = set(classes.SUBMISSIONS)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, tiny_sources):
    """A class that nobody has graded."""
    return classes.make_class(tmp_path_factory.mktemp("handed-in") / "class", tiny_sources)


@pytest.fixture(scope="module")
def undisturbed(handed_in, tmp_path_factory):
    """The same class, graded; what the gradebook and the files then are; and how long that took."""
    directory = classes.copy_class(handed_in, tmp_path_factory.mktemp("undisturbed") / "class")
    started = time.monotonic()
    classes.grade(directory)
    seconds = time.monotonic() - started
    return directory, (classes.book_of(directory), classes.files_of(directory)), seconds


@pytest.fixture
def scratch():
    """A folder for temporary files, whose name is short: it has to hold a socket's."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        yield Path(folder)


@pytest.fixture
def strays():
    """Wait until no process is left that this one has started, or that was left to it; give those that stay."""
    before = set(psutil.Process().children(recursive=True))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def find():
        until = time.monotonic() + PATIENCE
        while True:
            found = [one for one in psutil.Process().children(recursive=True) if one not in before]
            for one in found:
                reap(one)
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.05)

    yield find
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def reap(process):
    try:
        if process.status() == psutil.STATUS_ZOMBIE and process.ppid() == os.getpid():
            os.waitpid(process.pid, os.WNOHANG)
    except (psutil.NoSuchProcess, ChildProcessError):
        pass


def as_undisturbed(directory, undisturbed):
    book, files = undisturbed[1]
    found = classes.files_of(directory)
    assert classes.leftovers(directory) == []
    assert found.keys() == files.keys()
    assert [path for path in files if found[path] != files[path]] == []
    assert classes.book_of(directory) == book
    return True


def emptied(folder):
    until = time.monotonic() + PATIENCE
    while list(folder.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    return list(folder.iterdir()) == []


# Killed -------------------------------------------------------------------------------------------------------------


def test_killed_at_any_write_it_ends_the_same(handed_in, tmp_path):
    command = [sys.executable, "-m", "tests.grading.killed", handed_in, tmp_path, "60", "7"]
    said = subprocess.run(command, cwd=classes.ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    print(found["points"])
    assert found["wrong"] == []
    assert sum(found["points"].values()) >= 80
    assert {"insert", "update", "before commit", "before fsync", "rename", "chmod"} <= found["points"].keys()


def test_killed_at_any_moment_it_leaves_no_process_and_no_file_and_ends_the_same(
    handed_in, undisturbed, tmp_path, scratch, strays
):
    generator, killed, copies = random.Random(11), 0, 0
    while killed < 12:
        copies += 1
        assert copies < 40
        directory = classes.copy_class(handed_in, tmp_path / f"copy{copies}")
        while True:
            with classes.gdgrade(directory, scratch=scratch) as process:
                try:
                    process.wait(generator.uniform(0.2, 0.9) * undisturbed[2])
                except subprocess.TimeoutExpired:
                    process.kill()
                process.communicate(timeout=PATIENCE)
            assert strays() == []
            assert emptied(scratch)
            if process.returncode == 0:
                break
            assert process.returncode == -signal.SIGKILL
            killed += 1
            if killed >= 12:  # enough: now it may end
                classes.grade(directory)
                break
        as_undisturbed(directory, undisturbed)


def test_what_a_power_cut_has_left_is_not_taken_for_graded(undisturbed, tmp_path):
    directory = classes.copy_class(undisturbed[0], tmp_path / "class")
    names = sorted(STUDENTS)
    for number, student in enumerate(names[:8]):
        path = directory / "autograded" / student / LESSON / f"{LESSON}.ipynb"
        text = path.read_bytes()
        last_lines = [at for at in range(len(text)) if text.startswith(b"}\n", at)]
        cut = [0, 1, len(text) // 2, len(text) - 1, len(text) - 3, last_lines[-2] + 1, last_lines[-3] + 2, None][number]
        path.chmod(0o644)
        path.write_bytes(text[:4096] + bytes(len(text) - 4096) if cut is None else text[:cut])
    place = directory / "autograded" / names[8] / LESSON
    (place / ".gdgrade-abcdefgh").write_bytes(b'{"cells": [')
    points = directory / "autograded" / names[9] / LESSON / "points.csv"
    points.chmod(0o644)
    points.write_bytes(b"x")
    (directory / "autograded" / names[10] / LESSON / "more" / "still" / "points.csv").unlink()
    assert "11 graded now, 1 unchanged" in classes.grade(directory)
    as_undisturbed(directory, undisturbed)


def test_a_gradebook_without_a_grade_is_filled_again(undisturbed, tmp_path):
    directory = classes.copy_class(undisturbed[0], tmp_path / "class")
    with classes.gradebook(directory) as book:
        book.remove_submission(LESSON, "ada")
        book.find_submission(LESSON, "gus").notebooks[0].grades[0].auto_score = None
        book.db.commit()
    assert "2 graded now, 10 unchanged" in classes.grade(directory)
    as_undisturbed(directory, undisturbed)


# No room ------------------------------------------------------------------------------------------------------------


def own_mounts():
    """How to get a place for mounts that nobody else sees, and where a jail can be; None if there is no way."""
    ways = (["unshare", "--mount"], ["unshare", "--user", "--map-current-user", "--keep-caps", "--mount"])
    jail = [sys.executable, "-c", "from grading.sandbox import Jail; Jail(modules=()).sandbox().run_cell('1')"]
    for way in ways:
        if subprocess.run([*way, *jail], cwd=classes.ROOT, capture_output=True).returncode == 0:
            return way
    return None


def test_on_a_full_disk_it_stops_says_so_and_goes_on_later(handed_in, undisturbed, tmp_path):
    way = own_mounts()
    if way is None and os.getuid() != 0:
        pytest.skip("needs a mount of its own, and a jail beside it: run as root")
    (tmp_path / "disk").mkdir()
    arguments = [handed_in, tmp_path / "disk", tmp_path / "class"]
    said = subprocess.run(
        [*way, sys.executable, "-m", "tests.grading.small_disk", *arguments],
        cwd=classes.ROOT,
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr
    *full, last = json.loads(said.stdout)
    for run in full:
        print(run["pages"], run["status"], run["said"].strip().splitlines()[-1])
        assert run["status"] in (0, 1)
        assert run["left"] == []
        assert "Traceback" not in run["said"]
        if run["status"]:
            assert "make room" in run["said"].replace("\n", " ")
    assert full[0]["status"] == 1
    assert last["status"] == 0, last["said"]
    as_undisturbed(tmp_path / "class", undisturbed)


# Told to end --------------------------------------------------------------------------------------------------------


def to_the_group(number):
    return lambda process: os.killpg(process.pid, number)


def to_it_alone(number):
    return lambda process: process.send_signal(number)


WAYS = {"ctrl-c": to_the_group(signal.SIGINT), "kill": to_it_alone(signal.SIGTERM), "end": to_the_group(signal.SIGTERM)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("moment", ["begins", "graded"])
def test_told_to_end_it_ends_in_order_and_says_how_to_go_on(
    handed_in, undisturbed, tmp_path, scratch, strays, way, moment
):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    with classes.gdgrade(directory, "--json", scratch=scratch) as process:
        while json.loads(process.stdout.readline())["kind"] != moment:
            pass
        WAYS[way](process)
        told = time.monotonic()
        _, said = process.communicate(timeout=PATIENCE)
        seconds = time.monotonic() - told
    print(f"{seconds:.2f} s")
    assert process.returncode == 130, said
    assert "interrupted" in said
    assert "run the same command again" in said.replace("\n", " ")
    assert "Traceback" not in said
    assert seconds < 10
    assert strays() == []
    assert emptied(scratch)
    assert classes.leftovers(directory) == []
    classes.grade(directory)
    as_undisturbed(directory, undisturbed)


def test_told_to_end_at_any_moment_it_grades_nobody_wrongly(handed_in, undisturbed, tmp_path, scratch, strays):
    generator, longest = random.Random(5), 0.0
    directory = classes.copy_class(handed_in, tmp_path / "class")
    for _ in range(8):
        with classes.gdgrade(directory, "--force", scratch=scratch) as process:
            try:
                process.wait(generator.uniform(0.1, 0.9) * undisturbed[2])
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, generator.choice([signal.SIGINT, signal.SIGTERM]))
            told = time.monotonic()
            said = "\n".join(process.communicate(timeout=PATIENCE))
            longest = max(longest, time.monotonic() - told)
        assert process.returncode in (0, 130, -signal.SIGINT, -signal.SIGTERM), said  # Python itself may not be ready
        assert strays() == []
        assert emptied(scratch)
        book, right = classes.book_of(directory), undisturbed[1][0]
        assert [student for student in book if book[student] != right[student]] == []
    print(f"{longest:.2f} s")
    assert longest < 10
    classes.grade(directory)
    as_undisturbed(directory, undisturbed)


# A worker that ends -------------------------------------------------------------------------------------------------


@pytest.fixture
def graded_with(handed_in, tmp_path, monkeypatch):
    """Grade the class in this process, with another way to grade."""

    def run(way, student):
        directory, log = classes.copy_class(handed_in, tmp_path / "class"), tmp_path / "log"
        monkeypatch.setattr(workers, "grade", functools.partial(way, student=student, log=str(log)))
        summary = autograde.autograde(directory, LESSON, workers=2)
        return directory, summary, log.read_text().split()

    return run


def test_a_submission_that_ends_its_worker_is_tried_once_more_and_reported(graded_with, undisturbed):
    directory, summary, tried = graded_with(killers.crash, "dee")
    assert tried.count("dee") == 2
    assert summary.troubles.keys() == {"dee"}
    assert "twice" in summary.troubles["dee"]
    assert summary.graded == len(STUDENTS) - 1
    book = classes.book_of(directory)
    assert book.keys() == STUDENTS - {"dee"}
    assert book == {student: found for student, found in undisturbed[1][0].items() if student != "dee"}
    assert classes.leftovers(directory) == []


def test_the_last_submission_may_end_its_worker_too(graded_with):
    _, summary, tried = graded_with(killers.crash, max(STUDENTS))
    assert tried.count(max(STUDENTS)) == 2
    assert summary.troubles.keys() == {max(STUDENTS)}
    assert summary.graded == len(STUDENTS) - 1


def test_a_jail_that_ends_costs_nobody_a_point(graded_with, undisturbed):
    directory, summary, tried = graded_with(killers.end_the_jail, "ada")
    assert tried.count("ada") == 2
    assert summary.troubles == {}
    as_undisturbed(directory, undisturbed)


def test_a_lost_submission_is_said_and_makes_the_status_3(handed_in, tmp_path):
    directory = classes.copy_class(handed_in, tmp_path / "class")
    crash = (
        "import functools; from grading import workers; from tests.grading import killers; "
        f"workers.grade = functools.partial(killers.crash, student='dee', log={str(tmp_path / 'log')!r}); "
    )
    said = classes.grade(directory, before=crash, status=3)
    assert "No result: dee" in said
    assert "11 graded now, 0 unchanged, 1 without a result" in said
    assert "1 graded now, 11 unchanged" in classes.grade(directory)


# The jails ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sharing", "jails"), [(8, 1), (2, 2), (1, 3)])
def test_workers_share_jails_and_start_none_of_their_own(handed_in, tmp_path, monkeypatch, sharing, jails):
    directory, log = classes.copy_class(handed_in, tmp_path / "class"), tmp_path / "log"
    monkeypatch.setattr(workers, "SHARING", sharing)
    monkeypatch.setattr(workers, "grade", functools.partial(killers.note_jails, log=str(log)))
    assert autograde.autograde(directory, LESSON, workers=3).graded == len(STUDENTS)
    assert log.read_text().splitlines() == [f"{jails} 0"] * len(STUDENTS)


def test_a_jail_that_cannot_be_built_stops_grading_with_its_reason(handed_in, tmp_path, monkeypatch):
    bubblewrap = tmp_path / "bin" / "bwrap"
    bubblewrap.parent.mkdir()
    bubblewrap.write_text(
        "#!/bin/sh\necho 'bwrap: Creating new namespace failed: Operation not permitted' >&2\nexit 1\n"
    )
    bubblewrap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bubblewrap.parent}:{os.environ['PATH']}")
    directory = classes.copy_class(handed_in, tmp_path / "class")
    said = classes.grade(directory, status=1)
    assert "Nothing was graded: the jail for student code cannot be built: bwrap: Creating new namespace failed" in said
    assert "This machine refuses user namespaces" in said
    assert classes.leftovers(directory) == []
