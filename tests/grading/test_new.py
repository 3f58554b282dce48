"""A new class is there whole or not at all, with what was asked for, and nothing that was there is touched."""

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import datetime
from decimal import Decimal

import nbformat
import pytest
from typer.testing import CliRunner

from grading import classes, notebooks, plugins
from grading.book import opened
from grading.cli import app
from grading.course import Busy, ClassError, alone, open_class
from grading.due import DueError
from grading.lessons import UnknownLesson
from tests.grading.classes import nbgrader
from tests.grading.conftest import LESSON, TINY


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Two lessons, one with a file beside it."""
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "97-first.py").write_text(TINY)
    (folder / f"{LESSON}.py").write_text(TINY)
    (folder / LESSON).mkdir()
    (folder / LESSON / "points.csv").write_text("x,y\n1,2\n")
    return folder


def points_in(directory, lesson=LESSON):
    nb = nbformat.read(directory / "source" / lesson / f"{lesson}.ipynb", as_version=4)
    return {name: float(points) for name, points in classes.points_of(nb).items()}


def run(*words, status=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output
    return result.output


def test_a_class_has_all_that_it_needs(tmp_path, sources):
    made = classes.make(tmp_path / "ml 2026", source_dir=sources)
    assert {path.name for path in made.directory.iterdir()} == {
        ".gdexercises-secret", ".gdgrade", ".gdgrade.lock", "nbgrader_config.py", "roster.csv", "source",
    }  # fmt: skip
    assert made.points == {"97-first": 3.5, LESSON: 3.5}
    assert stat.S_IMODE((made.directory / plugins.SECRET_FILE).stat().st_mode) == 0o600
    assert not stat.S_IMODE(made.directory.stat().st_mode) & 0o007
    assert (made.directory / "roster.csv").read_text() == "id,first_name,last_name,email,lms_user_id\n"
    course = open_class(made.directory)
    assert (course.course_id, course.root) == ("ml-2026", str(made.directory))
    assert (made.directory / "source" / LESSON / "points.csv").read_text() == "x,y\n1,2\n"
    assert [path.name for path in tmp_path.iterdir()] == ["ml 2026"]


def test_lessons_are_chosen_by_name_number_and_range(tmp_path, sources):
    made = classes.make(tmp_path / "class", source_dir=sources, only=["90-97"])
    assert [path.name for path in (made.directory / "source").iterdir()] == ["97-first"]
    with pytest.raises(UnknownLesson, match="there is no lesson 3; there are: 97-first, 98-tiny"):
        classes.make(tmp_path / "other", source_dir=sources, only=["97,3"])
    assert not (tmp_path / "other").exists()


def test_points_of_exercises_and_of_whole_lessons_can_be_chosen(tmp_path, sources):
    made = classes.make(tmp_path / "a", source_dir=sources, points=["98/roll=4", "97=10"])
    assert points_in(made.directory) == {"height": 1.5, "roll": 4}
    assert points_in(made.directory, "97-first") == {"height": 4.29, "roll": 5.71}
    assert made.points == {"97-first": 10, LESSON: 5.5}
    made = classes.make(tmp_path / "b", source_dir=sources, points=["98=10", "98/check-roll=4"])
    assert points_in(made.directory) == {"height": 6, "roll": 4}


def test_shared_out_points_add_up_exactly():
    for count, total in ((3, "10"), (7, "1"), (11, "99.99"), (1, "0")):
        shared = classes._shared_out(Decimal(total), {str(one): Decimal(1) for one in range(count)}, "lesson")
        assert sum(shared.values()) == Decimal(total)
        assert max(shared.values()) - min(shared.values()) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("98/rolls=4", "98-tiny has no exercise rolls; it has: height, roll"),
        ("98=-1", "a number of at least 0"),
        ("98=nan", "a number of at least 0"),
        ("98=1.005", "two digits"),
        ("98", "is not LESSON=POINTS"),
        ("=3", "is not LESSON=POINTS"),
        ("42=3", "there is no lesson 42"),
    ],
)
def test_wrong_points_are_told_and_nothing_is_made(tmp_path, sources, points, said):
    with pytest.raises(ValueError, match=said):
        classes.make(tmp_path / "class", source_dir=sources, points=[points])
    assert list(tmp_path.iterdir()) == []


def test_points_that_cannot_be_shared_out_are_told(tmp_path, sources):
    with pytest.raises(ClassError, match="98-tiny cannot have these points"):
        classes.make(tmp_path / "class", source_dir=sources, points=["98=3", "98/roll=4"])
    assert list(tmp_path.iterdir()) == []


def test_the_base_is_the_lesson_without_the_instructors_points(tmp_path, sources):
    made = classes.make(tmp_path / "class", source_dir=sources, points=["98/roll=4"])
    pristine = notebooks.read_source(sources / f"{LESSON}.py")
    base = made.directory / classes.BASE
    assert nbformat.read(base / LESSON / f"{LESSON}.ipynb", as_version=4) == pristine
    assert (base / LESSON / "points.csv").exists()
    assert (base / "nbgrader_config.py").read_bytes() == classes.CONFIG.read_bytes()


def test_due_dates_go_into_the_gradebook_in_utc(tmp_path, sources):
    made = classes.make(
        tmp_path / "class", source_dir=sources, due_dates=["98=2026-12-01"], timezone="Europe/Berlin", course_id="x1"
    )
    course = open_class(made.directory)
    assert (course.course_id, course.config.NbGraderAPI.timezone) == ("x1", "Europe/Berlin")
    with opened(course) as gradebook:
        assert [(one.name, one.duedate) for one in gradebook.assignments] == [(LESSON, datetime(2026, 12, 1, 22, 59))]


@pytest.mark.parametrize(
    ("wish", "error", "said"),
    [
        ({"due_dates": ["98=tomorrow"]}, DueError, "'tomorrow' is no date"),
        ({"due_dates": ["dates.csv"]}, DueError, "dates.csv is neither LESSON=DATE nor a file"),
        ({"timezone": "Europe/Nowhere"}, DueError, "there is no time zone Europe/Nowhere"),
        ({"course_id": "a b"}, ClassError, "'a b' cannot be a course's id"),
    ],
)
def test_other_wrong_wishes_are_told_and_nothing_is_made(tmp_path, sources, wish, error, said):
    with pytest.raises(error, match=said):
        classes.make(tmp_path / "class", source_dir=sources, **wish)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_taken_and_any_other_left_alone(tmp_path, sources):
    (tmp_path / "class").mkdir()
    classes.make(tmp_path / "class", source_dir=sources)
    before = {path: path.read_bytes() for path in (tmp_path / "class").rglob("*") if path.is_file()}
    with pytest.raises(ClassError, match=r"is a class already.*gdgrade upgrade"):
        classes.make(tmp_path / "class", source_dir=sources)
    assert before == {path: path.read_bytes() for path in (tmp_path / "class").rglob("*") if path.is_file()}
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(ClassError, match="is not empty"):
        classes.make(tmp_path / "notes", source_dir=sources)
    with pytest.raises(ClassError, match="is a file"):
        classes.make(tmp_path / "notes" / "mine.txt", source_dir=sources)
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.txt"]


def test_the_folder_one_stands_in_is_not_replaced(tmp_path, sources, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(ClassError, match=r"cd \.\. && gdgrade new here"):
        classes.make(".", source_dir=sources)


def test_what_fails_in_the_middle_leaves_nothing(tmp_path, sources, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(plugins, "class_secret", full)
    with pytest.raises(ClassError, match=r"No space left on device\. Nothing was made"):
        classes.make(tmp_path / "class", source_dir=sources)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setattr(plugins, "class_secret", lambda path: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        classes.make(tmp_path / "class", source_dir=sources)
    assert list(tmp_path.iterdir()) == []


def test_who_was_killed_can_begin_again(tmp_path, sources):
    program = (
        "import sys, time; from grading import classes, plugins\n"
        "plugins.class_secret = lambda path: (print('in', flush=True), time.sleep(600))\n"
        "classes.make(sys.argv[1], source_dir=sys.argv[2])"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "class"), str(sources)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"
        with pytest.raises(Busy):
            classes.make(tmp_path / "class", source_dir=sources)
        other.kill()
    assert not (tmp_path / "class").exists()
    classes.make(tmp_path / "class", source_dir=sources, only=["97"])
    assert [path.name for path in tmp_path.iterdir()] == ["class"]
    assert [path.name for path in (tmp_path / "class" / "source").iterdir()] == ["97-first"]
    with alone(tmp_path / "class"):
        pass


def test_nbgraders_own_commands_take_the_class(tmp_path, sources):
    made = classes.make(tmp_path / "class", source_dir=sources, due_dates=["98=2026-12-01"])
    nbgrader(made.directory, "generate_assignment", LESSON)
    assert (made.directory / "release" / LESSON / "points.csv").exists()
    with opened(open_class(made.directory)) as gradebook:
        assignment = gradebook.find_assignment(LESSON)
        assert (assignment.max_score, assignment.duedate) == (3.5, datetime(2026, 12, 1, 23, 59))


def test_the_command_makes_a_class_of_the_course_and_says_what_comes_next(tmp_path):
    said = run("new", tmp_path / "ml", "--lessons", "1", "--points", "1=30", "--due", "1=2026-12-01 18:00")
    for word in ("01-five-steps", "30", "2026-12-01 18:00 UTC", "gdgrade roster", "gdgrade release 01-five-steps"):
        assert word in said
    nb = json.loads((tmp_path / "ml" / "source" / "01-five-steps" / "01-five-steps.ipynb").read_text())
    assert any("### BEGIN SOLUTION" in "".join(cell["source"]) for cell in nb["cells"])
    assert "is a class already" in run("new", tmp_path / "ml", status=1)
    assert "there is no lesson 77" in run("new", tmp_path / "other", "--lessons", "77", status=1)
