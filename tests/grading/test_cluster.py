"""Grading by a Dask cluster, of processes that come and go: every grade is right, and written once."""

import copy
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import closing

import distributed
import nbformat
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from grading import autograde, demo, report
from grading.book import Book
from grading.graft import graft
from tests.grading.conftest import LESSON, ROLL
from tests.grading.dask_cluster import PATIENCE, ROOT, DaskCluster, wait_until

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.slow]

HEIGHT = "def height(w):\n    return (w - 1) ** 2"
ANSWERS = ({"height": HEIGHT, "roll": ROLL}, {}, {"height": HEIGHT})
POINTS = (3.5, 0, 1.5)
STUDENTS = [f"s{number:02}" for number in range(30)]
SCORES = {student: POINTS[number % 3] for number, student in enumerate(STUDENTS)}
ODD = ("--preload", "tests.grading.odd_workers")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, tiny_sources):
    """Thirty submissions of the tiny lesson that nobody has graded."""
    directory, answers = tmp_path_factory.mktemp("cluster") / "class", tmp_path_factory.mktemp("roster")
    played = demo.Demo(directory.resolve(), (LESSON,))
    (answers / "roster.csv").write_text("id,first_name,last_name,email\ns00,Ada,First,\n")
    demo._make_class(played, answers)
    demo._make_source(played, tiny_sources / f"{LESSON}.py")
    demo._nbgrader(played, "db", "student", "import", "roster.csv")
    demo._nbgrader(played, "generate_assignment", LESSON)
    released = nbformat.read(directory / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    for number, student in enumerate(STUDENTS):
        folder = directory / "submitted" / student / LESSON
        folder.mkdir(parents=True)
        nbformat.write(graft(copy.deepcopy(released), ANSWERS[number % 3]), folder / f"{LESSON}.ipynb")
    return directory


@pytest.fixture(scope="module")
def graded_here(handed_in, tmp_path_factory):
    """What grading on this machine makes of them."""
    directory = tmp_path_factory.mktemp("here") / "class"
    shutil.copytree(handed_in, directory)
    autograde.autograde(directory, LESSON)
    return directory


@pytest.fixture
def a_class(handed_in, graded_here, tmp_path):
    """The class, with the secret that it is graded with elsewhere."""
    directory = tmp_path / "class"
    shutil.copytree(handed_in, directory)
    shutil.copy(graded_here / ".gdexercises-secret", directory)
    return directory


@pytest.fixture
def cluster(tmp_path):
    """A cluster of which nothing runs yet."""
    scratch = tmp_path / "cluster"
    scratch.mkdir()
    with DaskCluster(scratch, {"ODD_LOG": str(scratch / "graded.log")}) as cluster:
        yield cluster


@pytest.fixture
def written(monkeypatch):
    """How many transactions each submission got."""
    counted, now = Counter(), []
    record = Book.record

    def recording(book, lesson, student, *more):
        now.append(student)
        try:
            return record(book, lesson, student, *more)
        finally:
            now.pop()

    def count(connection):
        counted.update(now)

    monkeypatch.setattr(Book, "record", recording)
    event.listen(Engine, "commit", count)
    yield counted
    event.remove(Engine, "commit", count)


class Watching:
    """What happens in a run, and what is done when so many are graded."""

    def __init__(self, **deeds):
        self.deeds = {int(name.removeprefix("at")): deed for name, deed in deeds.items()}
        self.events, self.graded = [], 0

    def __call__(self, event):
        self.events.append(event)
        if event.kind == "graded":
            self.graded += 1
            self.deeds.pop(self.graded, lambda: None)()

    @property
    def waits(self):
        return [event.message for event in self.events if event.kind == "waits"]


def scores(directory):
    found = report.findings(directory, LESSON)
    return {one.student: one.score for one in found if (directory / "autograded" / one.student).exists()}


def files(directory):
    root = directory / "autograded"
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def gdgrade(directory, address, *options, block=()):
    """Begin `gdgrade autograde`, in which some modules are not installed."""
    blocked = f"import sys; sys.modules.update(dict.fromkeys({tuple(block)!r}))"
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{blocked}; from grading.cli import app; app()",
            *("autograde", LESSON, "--class", directory, "--scheduler", address, *options),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said_by(process):
    with process:
        return process.communicate(timeout=4 * PATIENCE)


def last_line(process, status=1):
    """What a run that could not go on says at its end."""
    _, err = said_by(process)
    assert process.returncode == status, err
    assert "Traceback" not in err
    return err.splitlines()[-1]


def only_line(process):
    """What a run says that could not begin, which is one line, beside how far it is."""
    out, err = said_by(process)
    assert (process.returncode, out) == (1, ""), err
    lines = [line for line in err.splitlines() if not line.startswith("Autograding")]
    assert len(lines) == 1, err
    return lines[0]


def log_of(cluster):
    path = cluster.scratch / "graded.log"
    return path.read_text().split() if path.exists() else []


# They come and go ---------------------------------------------------------------------------------------------------


def test_every_grade_is_right_and_written_once_whoever_is_lost(a_class, graded_here, cluster, written):
    cluster.start(3)

    def lose_a_worker_and_get_another():
        cluster.kill(cluster.workers[0])
        cluster.add()

    def lose_the_scheduler():
        cluster.kill(cluster.scheduler)
        for worker in cluster.workers:
            cluster.end(worker)

    def supervise(event):
        watching(event)
        if "does not answer" in event.message and cluster.scheduler.poll() is not None:
            cluster.start(3)

    watching = Watching(
        at5=lose_a_worker_and_get_another,
        at12=lose_the_scheduler,
        at20=lambda: cluster.workers[-1].terminate(),
    )
    summary = autograde.autograde(a_class, LESSON, scheduler=cluster.address, on_event=supervise)
    assert watching.deeds == {}
    assert (summary.graded, summary.troubles) == (30, {})
    assert scores(a_class) == SCORES
    assert files(a_class) == files(graded_here)
    assert written == dict.fromkeys(STUDENTS, 1)
    assert any(f"{cluster.address} does not answer" in line for line in watching.waits)
    again = autograde.autograde(a_class, LESSON, scheduler="tcp://127.0.0.1:1")  # nobody is needed for that
    assert (again.graded, again.unchanged) == (0, 30)


def test_a_scheduler_that_does_not_come_back_ends_the_run_and_the_next_one_goes_on(
    a_class, cluster, written, monkeypatch
):
    monkeypatch.setattr(autograde, "PATIENCE", 1.0)
    cluster.start(1)
    watching = Watching(at3=lambda: cluster.kill(cluster.scheduler))
    with pytest.raises(autograde.AutogradeError, match=r"does not answer.*did not come back within 1 seconds"):
        autograde.autograde(a_class, LESSON, scheduler=cluster.address, on_event=watching)
    assert 3 <= len(scores(a_class)) < 30
    cluster.start(2)
    autograde.autograde(a_class, LESSON, scheduler=cluster.address)
    assert scores(a_class) == SCORES
    assert written == dict.fromkeys(STUDENTS, 1)


def test_without_workers_it_says_that_it_waits_for_them(a_class, cluster):
    cluster.start(0)
    process = gdgrade(a_class, cluster.address, "--json")
    kinds = Counter()
    for line in process.stdout:
        said = json.loads(line)
        kinds[said["kind"]] += 1
        if said["kind"] == "waits":
            assert said["message"] == f"the scheduler {cluster.address} has no workers"
            if kinds["waits"] == 2:
                cluster.add(2)
    said_by(process)
    assert process.returncode == 0
    assert kinds["waits"] >= 2 and kinds["graded"] == 30
    assert scores(a_class) == SCORES


def test_a_worker_with_two_threads_grades_one_after_the_other(a_class, graded_here, cluster):
    cluster.start(0)
    cluster.add(1, "--nthreads", "2")
    autograde.autograde(a_class, LESSON, scheduler=cluster.address)
    assert files(a_class) == files(graded_here)


# Who cannot grade ---------------------------------------------------------------------------------------------------


def test_a_submission_that_ends_its_worker_is_graded_once_more_then_reported(a_class, cluster):
    cluster.start(0)
    for _ in range(3):
        cluster.add(1, *ODD, nanny=True, ODD="kills s07")
    process = gdgrade(a_class, cluster.address)
    _, err = said_by(process)
    assert process.returncode == 3, err
    assert "s07: grading it ended the worker or its jail, twice. Look at it by hand" in err
    assert scores(a_class) == {student: points for student, points in SCORES.items() if student != "s07"}
    assert Counter(log_of(cluster))["s07"] == 2


def test_a_worker_with_another_version_is_named_and_stops_grading(a_class, cluster):
    cluster.start(1)
    cluster.add(1, *ODD, ODD="version")
    line = last_line(gdgrade(a_class, cluster.address))
    assert re.search(
        r"(graded now, then it had to stop|Nothing was graded): the worker tcp://127.0.0.1:\d+ on \S+ cannot grade: "
        r"this worker has another version of the course than the one that the class is graded with$",
        line,
    )
    right = scores(a_class)
    assert right.items() <= SCORES.items() and len(right) < 30


def test_a_worker_without_bubblewrap_is_named_and_stops_grading(a_class, cluster):
    cluster.start(0)
    cluster.add(1, PATH=str(cluster.scratch))
    line = last_line(gdgrade(a_class, cluster.address))
    assert re.search(r"Nothing was graded: the worker tcp://127.0.0.1:\d+ on \S+ cannot grade: bubblewrap, ", line)
    assert "apt install bubblewrap" in line
    assert scores(a_class) == {}


@pytest.mark.parametrize("where", ["worker", "scheduler"])
def test_where_the_course_is_missing_it_is_said_in_a_line(a_class, cluster, where):
    missing = {"PYTHONPATH": str(cluster.scratch)}
    (cluster.scratch / "grading.py").write_text("raise ModuleNotFoundError('No module named grading')")
    cluster.start(0, **(missing if where == "scheduler" else {}))
    cluster.add(1, **(missing if where == "worker" else {}))
    line = last_line(gdgrade(a_class, cluster.address))
    assert "Nothing was graded: the cluster cannot grade (" in line
    assert "Its scheduler and all of its workers need this version of the course" in line
    assert scores(a_class) == {}


# No cluster ---------------------------------------------------------------------------------------------------------


def test_no_scheduler_at_the_address_is_one_line(a_class):
    with closing(socket.socket()) as bound:  # which nobody listens to
        bound.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{bound.getsockname()[1]}"
        line = only_line(gdgrade(a_class, address))
    # Dask tries again until its time is over, which may end in the middle of a try.
    why = r"\((Connection refused|no answer in time)\)"
    assert re.fullmatch(f"Error: Nothing was graded: no Dask scheduler answers at {re.escape(address)} {why}", line)


@pytest.mark.parametrize("address", ["tcp://", "http://127.0.0.1:8786", "somewhere", "tls://127.0.0.1:8786"])
def test_what_is_no_address_is_one_line(a_class, address):
    line = only_line(gdgrade(a_class, address))
    assert line.startswith(f"Error: Nothing was graded: {address} cannot be used as a scheduler's address: ")


def test_something_else_at_the_address_is_one_line(a_class):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        line = only_line(gdgrade(a_class, address))
    assert line.startswith(f"Error: Nothing was graded: no Dask scheduler answers at {address} (")


@pytest.mark.parametrize("missing", ["distributed", "dask"])
def test_without_dask_one_line_names_the_extra(a_class, missing):
    line = only_line(gdgrade(a_class, "tcp://127.0.0.1:1", block=[missing]))
    assert line == "Error: Nothing was graded: Dask is not installed: pip install 'gdexercises[cluster]'"


# Told to end --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_what_is_cancelled_is_not_graded(a_class, cluster, how):
    gate = cluster.scratch / "gate"
    cluster.start(0)
    for _ in range(2):
        cluster.add(1, *ODD, ODD=f"waits {gate}")
    with distributed.Client(cluster.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        process = gdgrade(a_class, cluster.address)
        wait_until(lambda: len(log_of(cluster)) == 2 and known_tasks(client) == 4, process)
        process.send_signal(how)
        _, err = said_by(process)
        if how == signal.SIGKILL:
            assert process.returncode == -how
        else:
            assert process.returncode == 130
            assert "Error: interrupted: 0 graded now, 30 left. Nothing is lost" in err.splitlines()[-1]
            assert "Traceback" not in err
        wait_until(lambda: known_tasks(client) == 0)
        gate.touch()
        wait_until(lambda: not any(client.run(tasks_of).values()))
        assert len(log_of(cluster)) == 2
    assert scores(a_class) == {}
    autograde.autograde(a_class, LESSON, scheduler=cluster.address)
    assert scores(a_class) == SCORES


def known_tasks(client):
    return client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))


def tasks_of(dask_worker):
    return len(dask_worker.state.tasks)
