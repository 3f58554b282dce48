"""Due dates mean what people write, in the class's time zone, and stand in the gradebook as nbgrader's own."""

import json
import shutil
from datetime import UTC, datetime

import pytest
from dateutil.tz import gettz
from nbgrader.utils import as_timezone, parse_utc
from typer.testing import CliRunner

from grading import due
from grading.book import opened
from grading.classes import CONFIG
from grading.cli import app
from grading.course import ClassError, class_config, open_class
from grading.due import DueError
from tests.grading.classes import nbgrader

BERLIN = gettz("Europe/Berlin")
KNOWN = ["01-five-steps", "02-slopes", "03-batches"]


@pytest.fixture(scope="module")
def empty_class(tmp_path_factory):
    """A class with two lessons, and nothing in its gradebook."""
    directory = tmp_path_factory.mktemp("class")
    shutil.copy(CONFIG, directory)
    for lesson in KNOWN[:2]:
        (directory / "source" / lesson).mkdir(parents=True)
    with opened(open_class(directory)):
        return directory


@pytest.fixture
def class_dir(empty_class, tmp_path):
    """A copy of it."""
    return shutil.copytree(empty_class, tmp_path / "class")


def run(class_dir, *words, status=0):
    result = CliRunner().invoke(app, ["due", "--class", str(class_dir), *map(str, words)])
    assert result.exit_code == status, result.output
    return result.output


def in_book(class_dir):
    with opened(open_class(class_dir)) as gradebook:
        return due.in_gradebook(gradebook)


# Words ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01", datetime(2026, 12, 1, 22, 59)),
        ("2026-07-01", datetime(2026, 7, 1, 21, 59)),  # in summer
        ("2026-12-01 18:00", datetime(2026, 12, 1, 17, 0)),
        (" 2026-12-01T9:05:30 ", datetime(2026, 12, 1, 8, 5, 30)),
        ("2026-12-01 UTC", datetime(2026, 12, 1, 23, 59)),
        ("2026-12-01 18:00Z", datetime(2026, 12, 1, 18, 0)),
        ("2026-12-01T18:00:00.000+05:30", datetime(2026, 12, 1, 12, 30)),
        ("2026-12-01 18:00 -0800", datetime(2026, 12, 2, 2, 0)),
        ("2026-12-01 18:00 America/New_York", datetime(2026, 12, 1, 23, 0)),
        ("none", None),
    ],
)
def test_what_people_write_is_a_moment(text, moment):
    assert due.parse(text, BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    ["", "soon", "01.12.2026", "2026-13-01", "2026-02-30", "2026-12-01 25:00", "2026-12-01 6pm", "2026-12-01 +99:00"],
)
def test_what_is_no_date_is_told(text):
    with pytest.raises(DueError):
        due.parse(text, BERLIN)


def test_a_date_is_shown_as_it_was_written():
    assert due.shown(due.parse("2026-07-01 18:00", BERLIN), "Europe/Berlin") == "2026-07-01 18:00 Europe/Berlin"
    assert due.shown(None, "Europe/Berlin") == "none"


def test_lessons_go_by_number_and_range_and_the_last_word_counts():
    assert due.wishes(["1-3=2026-12-01 12:00", "2=none"], KNOWN) == {
        "01-five-steps": datetime(2026, 12, 1, 12),
        "02-slopes": None,
        "03-batches": datetime(2026, 12, 1, 12),
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_says_it_for_many(tmp_path, separator):
    path = tmp_path / "dates.csv"
    text = "Lesson,Due\n01-five-steps,2026-12-01 12:00\n\n2,\n"
    path.write_text(text.replace(",", separator), encoding="utf-8-sig")
    assert due.wishes([str(path)], KNOWN) == {"01-five-steps": datetime(2026, 12, 1, 12), "02-slopes": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2026-12-01\n9,2026-12-01\n", "dates.csv, line 2: there is no lesson 9"),
        ("1,tomorrow\n", "dates.csv, line 1: 'tomorrow' is no date"),
        ("lesson\n1\n", "dates.csv, line 2: a lesson and a date are expected"),
    ],
)
def test_a_wrong_line_of_a_file_is_told(tmp_path, text, said):
    (tmp_path / "dates.csv").write_text(text)
    with pytest.raises(DueError, match=said):
        due.wishes([str(tmp_path / "dates.csv")], KNOWN)


def test_a_time_zone_that_there_is_not_is_told(class_dir):
    for name in ("Europe/Nowhere", "", " "):
        with pytest.raises(DueError, match="there is no time zone"):
            due.zone(name)
    with (class_dir / CONFIG.name).open("a") as config:
        config.write("c.NbGraderAPI.timezone = 'Mars'\n")
    with pytest.raises(ClassError, match=r"c\.NbGraderAPI\.timezone in nbgrader_config\.py: .* Mars"):
        due.zone_of(class_config(class_dir))


# The gradebook --------------------------------------------------------------------------------------------------------


def test_dates_are_set_and_listed_in_the_classs_time_zone(class_dir):
    with (class_dir / CONFIG.name).open("a") as config:
        config.write("c.NbGraderAPI.timezone = 'Europe/Berlin'\n")
    said = run(class_dir, "1=2026-12-01")
    assert "2026-12-01 23:59 Europe/Berlin" in said
    assert "1 changed." in said
    assert in_book(class_dir) == {"01-five-steps": datetime(2026, 12, 1, 22, 59)}
    assert "Nothing changed." in run(class_dir, "1=2026-12-01")
    assert "2026-12-01 22:59 UTC" in run(class_dir, "--timezone", "UTC")
    assert json.loads(run(class_dir, "--json")) == {"01-five-steps": "2026-12-01T22:59:00Z", "02-slopes": None}
    assert "1 changed." in run(class_dir, "1=none")
    assert in_book(class_dir) == {"01-five-steps": None}


def test_a_wrong_word_changes_nothing(class_dir):
    assert "there is no lesson 7" in run(class_dir, "1=2026-12-01", "7=2026-12-01", status=1)
    assert in_book(class_dir) == {}


def test_it_is_nbgraders_own_date(class_dir):
    run(class_dir, "1=2026-12-01 18:00 Europe/Berlin")
    moment = in_book(class_dir)["01-five-steps"]
    assert moment == parse_utc("2026-12-01 18:00:00 Europe/Berlin")
    assert as_timezone(moment, "Europe/Berlin").strftime("%H:%M") == "18:00"
    nbgrader(class_dir, "db", "assignment", "add", "02-slopes", "--duedate", "2026-12-03 12:00:00 UTC")
    assert "2026-12-03 12:00 UTC" in run(class_dir)


def test_what_is_graded_is_told_how_lateness_follows(class_dir):
    with opened(open_class(class_dir)) as gradebook:
        gradebook.add_assignment("01-five-steps")
        gradebook.add_student("ada")
        gradebook.add_submission("01-five-steps", "ada")
    assert "gdgrade autograde 01-five-steps --force" in " ".join(run(class_dir, "1=2026-12-01").split())
    assert "--force" not in run(class_dir, "1=2026-12-01")


def test_a_class_without_lessons_says_so(tmp_path):
    shutil.copy(CONFIG, tmp_path)
    assert "has no lessons yet" in run(tmp_path)


def test_moments_do_not_depend_on_the_machines_own_time_zone():
    assert due.parse("2026-12-01 18:00", UTC) == datetime(2026, 12, 1, 18)
