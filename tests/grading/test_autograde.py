"""`gdgrade autograde` and `nbgrader autograde`: the same road, the wall up before the first submission."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.apps.api import NbGraderAPI
from typer.testing import CliRunner

from grading import autograde, cli, plugins, report
from grading.course import class_config
from grading.sandbox import JailError, jail

LESSON = "98-tiny"
FULL = 3.5

pytestmark = [pytest.mark.xdist_group("tiny"), pytest.mark.slow]


@pytest.fixture
def a_class(tiny_class, tmp_path):
    """The tiny class, released and handed in, with nothing graded again yet."""
    directory = tmp_path / "class"
    keep = shutil.ignore_patterns("autograded", "feedback", "*.log")
    shutil.copytree(tiny_class.directory, directory, ignore=keep)
    for path in (directory / "submitted").iterdir():
        if path.name not in ("right", "blank", "exits"):
            shutil.rmtree(path)
    return directory


def scores(directory):
    found = report.findings(directory, LESSON)
    return {one.student: one.score for one in found if (directory / "autograded" / one.student).exists()}


def graded(directory, student):
    return nbformat.read(directory / "autograded" / student / LESSON / f"{LESSON}.ipynb", as_version=4)


def test_gdgrade_grades_a_class_and_shows_who_got_what_wrong(a_class):
    shown = CliRunner().invoke(cli.app, ["autograde", LESSON, "--class", str(a_class)])
    assert shown.exit_code == 0, shown.output
    assert "3 graded now" in shown.output
    assert "returns_in_the_loop" in shown.output
    assert scores(a_class) == {"right": FULL, "blank": 0, "exits": 1.5}
    assert all(one.sandbox for one in report.findings(a_class, LESSON))
    assert autograde.autograde(a_class, LESSON).graded == 0  # once is enough
    assert autograde.autograde(a_class, LESSON, students=["right"], force=True).graded == 1


def test_formgraders_button_takes_the_same_road(a_class):
    api = NbGraderAPI(config=class_config(a_class))
    said = api.autograde(LESSON, "exits")
    assert said["success"], said
    assert graded(a_class, "exits").metadata.gdexercises.sandbox is True
    assert scores(a_class) == {"exits": 1.5}


def test_formgraders_button_says_why_if_there_is_no_jail(a_class, monkeypatch):
    monkeypatch.setattr(plugins, "_JAILS", {})
    monkeypatch.setattr(jail.shutil, "which", lambda name: None)
    said = NbGraderAPI(config=class_config(a_class)).autograde(LESSON, "right")
    assert not said["success"]
    assert "apt install bubblewrap" in said["log"]
    assert scores(a_class) == {}


def test_plain_nbgrader_grades_the_same_notebooks_without_protection(a_class):
    settings = (
        f"c = get_config()\nc.CourseDirectory.course_id = 'gradient-descent'\nc.CourseDirectory.root = '{a_class}'\n"
    )
    (a_class / "nbgrader_config.py").write_text(settings)
    said = NbGraderAPI(config=class_config(a_class)).autograde(LESSON, "right")
    assert said["success"], said
    assert "gdexercises" not in graded(a_class, "right").metadata
    assert scores(a_class) == {"right": FULL}


def test_without_the_wall_each_grade_is_recorded_as_such_and_warned_about(a_class):
    shown = CliRunner().invoke(
        cli.app, ["autograde", LESSON, "--class", str(a_class), "--student", "right", "--no-sandbox"]
    )
    assert shown.exit_code == 0, shown.output
    assert "WITHOUT the wall" in shown.output
    assert "graded without the wall" in shown.output
    assert graded(a_class, "right").metadata.gdexercises.sandbox is False
    assert scores(a_class) == {"right": FULL}


@pytest.mark.parametrize("command", ["gdgrade", "nbgrader"])
def test_where_there_is_no_jail_grading_stops_before_the_first_submission(a_class, command, tmp_path):
    empty = tmp_path / "bin"
    empty.mkdir()
    for name in ("alembic", "python"):
        (empty / name).symlink_to(Path(sys.executable).parent / name)
    module = ["-m", "nbgrader", "autograde", LESSON]
    own = ["-c", "from grading.cli import app; app()", "autograde", LESSON]
    done = subprocess.run(
        [sys.executable, *(module if command == "nbgrader" else own)],
        cwd=a_class,
        env={**os.environ, "PATH": str(empty), "JUPYTER_NO_CONFIG": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert (done.stdout + done.stderr).count("apt install bubblewrap") >= 1
    assert "Traceback" not in done.stderr
    assert not list((a_class / "autograded").glob("*/*/*.ipynb"))


def test_a_check_that_is_no_plain_statement_is_named_before_the_first_submission(a_class):
    path = a_class / "release" / LESSON / f"{LESSON}.ipynb"
    nb = nbformat.read(path, as_version=4)
    next(cell for cell in nb.cells if cell.id == "check-roll").source = "assert roll(1, 1, 1) == 1"
    path.chmod(0o644)
    nbformat.write(nb, path)
    with pytest.raises(autograde.AutogradeError, match=r"check-roll says 'assert roll.*one statement"):
        autograde.autograde(a_class, LESSON)
    assert scores(a_class) == {}


def test_limits_come_from_the_class_configuration(a_class):
    with (a_class / "nbgrader_config.py").open("a") as config:
        config.write("\nc.WalledExecute.limits = {'cell': 1.5}\n")
    released = nbformat.read(a_class / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
    slow = plugins.graft_submission(released, released)
    slow.cells.append(nbformat.v4.new_code_cell("while True: pass"))
    nbformat.write(slow, a_class / "submitted" / "right" / LESSON / f"{LESSON}.ipynb")
    autograde.autograde(a_class, LESSON, students=["right"])
    assert "took longer than 1.5 seconds" in graded(a_class, "right").cells[-1].outputs[0].evalue


def test_a_limit_that_does_not_exist_is_named(a_class):
    with (a_class / "nbgrader_config.py").open("a") as config:
        config.write("\nc.WalledExecute.limits = {'cells': 1}\n")
    with pytest.raises(autograde.AutogradeError, match="cells"):
        autograde.autograde(a_class, LESSON)


@pytest.mark.parametrize("lesson", ["97-no", ""])
def test_an_unknown_lesson_is_named(a_class, lesson):
    shown = CliRunner().invoke(cli.app, ["autograde", lesson or "nothing", "--class", str(a_class)])
    assert shown.exit_code == 1
    assert "Error" in shown.output


def test_a_folder_that_is_no_class_is_named(tmp_path):
    shown = CliRunner().invoke(cli.app, ["autograde", LESSON, "--class", str(tmp_path)])
    assert shown.exit_code == 1
    assert "is missing" in shown.output


def test_a_jail_that_ended_is_started_again(a_class):
    step, nb = plugins.WalledExecute(), nbformat.read(a_class / "release" / LESSON / f"{LESSON}.ipynb", 4)
    first = step.jail(nb)
    assert step.jail(nb) is first
    first.close()
    with pytest.raises(JailError):
        first.sandbox()
    second = step.jail(nb)
    assert second is not first and second.alive
