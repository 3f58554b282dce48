"""How far each lesson is stands in what there is, whoever made it: gdgrade, nbgrader, or a person."""

import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime

import pytest
from nbgrader.utils import notebook_hash
from typer.testing import CliRunner

from grading import classes, exported
from grading import release as releases
from grading.book import opened
from grading.classes import CONFIG
from grading.cli import app
from grading.course import open_class
from grading.status import status
from tests.grading.conftest import LESSON

NOTEBOOK = f"{LESSON}.ipynb"


@pytest.fixture(scope="module")
def released_class(tmp_path_factory, tiny_sources):
    """A class of the tiny lesson, which is released."""
    made = classes.make(tmp_path_factory.mktemp("new") / "class", source_dir=tiny_sources, due_dates=["98=2026-12-01"])
    releases.release(made.directory, LESSON)
    with opened(open_class(made.directory)) as gradebook:
        gradebook.add_student("ada")
        gradebook.add_student("bob")
    return made.directory


@pytest.fixture
def class_dir(released_class, tmp_path):
    """A copy of it, with an exchange."""
    directory = shutil.copytree(released_class, tmp_path / "class")
    with (directory / CONFIG.name).open("a") as config:
        config.write(f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    return directory


def run(class_dir, *words, code=0):
    result = CliRunner().invoke(app, ["status", "--class", str(class_dir), *words])
    assert result.exit_code == code, result.output
    return result.output


def the_lesson(class_dir):
    (found,) = status(class_dir)
    return found


def put(class_dir, step, student, name=NOTEBOOK, stamp="2026-11-30 12:00:00 UTC", age=0):
    """Have a file of one of nbgrader's steps there, so many seconds after the first."""
    folder = class_dir / step / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("{}")
    (folder / "timestamp.txt").write_text(stamp)
    os.utime(folder / name, (1_800_000_000 + age, 1_800_000_000 + age))
    return folder


def grade(class_dir, student, by_hand):
    with opened(open_class(class_dir)) as gradebook:
        for notebook in gradebook.update_or_create_submission(LESSON, student).notebooks:
            for one in notebook.grades:
                one.needs_manual_grade = by_hand
        gradebook.db.commit()


def note_export(class_dir, when):
    (class_dir / ".gdgrade" / "exports").mkdir(exist_ok=True)
    note = exported.Note([{"when": one, "lessons": [LESSON]} for one in ("2026-01-01 00:00:00", when)])
    (class_dir / ".gdgrade" / "exports" / "csv.json").write_text(json.dumps(asdict(note)))


def note_return(class_dir, **when):
    note = {LESSON: {who: {"when": moment, "how": "moodle"} for who, moment in when.items()}}
    (class_dir / ".gdgrade" / "returned.json").write_text(json.dumps(note))


def test_a_lesson_on_its_way_from_release_to_export(class_dir):
    found = the_lesson(class_dir)
    assert (found.due, found.points, found.released, found.students) == (datetime(2026, 12, 1, 23, 59), 3.5, True, 2)
    assert found.next == f"gdgrade collect {LESSON}"

    put(class_dir, "submitted", "ada")
    put(class_dir, "submitted", "bob")
    put(class_dir, "autograded", "ada")
    grade(class_dir, "ada", by_hand=True)
    found = the_lesson(class_dir)
    assert (found.collected, found.autograded, found.to_autograde, found.by_hand) == (2, 1, 1, 1)
    assert found.next == f"gdgrade autograde {LESSON}"

    put(class_dir, "autograded", "bob")
    assert "by hand" in the_lesson(class_dir).next
    grade(class_dir, "ada", by_hand=False)
    found = the_lesson(class_dir)
    assert (found.by_hand, found.to_feedback, found.next) == (0, 2, f"gdgrade feedback {LESSON}")

    put(class_dir, "feedback", "ada", f"{LESSON}.html", age=5)
    put(class_dir, "feedback", "bob", f"{LESSON}.html", age=-5)
    found = the_lesson(class_dir)
    assert (found.feedback, found.to_feedback, found.next) == (2, 1, f"gdgrade feedback {LESSON}")

    put(class_dir, "feedback", "bob", f"{LESSON}.html", age=5)
    assert the_lesson(class_dir).next == "gdgrade export"
    note_export(class_dir, "2020-01-01 00:00:00")
    found = the_lesson(class_dir)
    assert (found.exported, found.export_is_old, found.next) == ("2026-01-01 00:00:00", True, "gdgrade export")
    note_export(class_dir, "2030-01-01 00:00:00")
    found = the_lesson(class_dir)
    assert (found.export_is_old, found.returned) == (False, 0)
    assert found.next == f"gdgrade feedback {LESSON} --exchange (or --zip moodle, --zip canvas)"

    note_return(class_dir, ada="2031-01-01T00:00:00+00:00", bob="2020-01-01T00:00:00+00:00", nobody="?")
    assert the_lesson(class_dir).returned == 1  # Bob's page is another by now
    note_return(class_dir, ada="2031-01-01T00:00:00+00:00", bob="2031-01-01T00:00:00+00:00")
    found = the_lesson(class_dir)
    assert (found.returned, found.next) == (2, "")
    assert "All is done." in run(class_dir)


def test_what_was_handed_in_anew_is_to_be_graded_again(class_dir):
    put(class_dir, "submitted", "ada")
    put(class_dir, "autograded", "ada")
    assert the_lesson(class_dir).to_autograde == 0
    put(class_dir, "submitted", "ada", stamp="2026-12-01 12:00:00 UTC")
    assert the_lesson(class_dir).to_autograde == 1


def test_feedback_that_nbgrader_returned_is_seen_in_the_exchange(class_dir, tmp_path):
    folder = put(class_dir, "feedback", "ada", f"{LESSON}.html")
    (folder / "submission_secret.txt").write_text("secret")
    there = tmp_path / "exchange" / open_class(class_dir).course_id / "feedback"
    there.mkdir(parents=True)
    page = there / f"{notebook_hash(secret='secret', notebook_id=LESSON)}.html"
    page.write_text("")
    os.utime(page, (1_800_000_001, 1_800_000_001))
    assert the_lesson(class_dir).returned == 1
    put(class_dir, "feedback", "ada", f"{LESSON}.html", age=5)  # made anew since
    assert the_lesson(class_dir).returned == 0


def test_a_lesson_in_the_exchange_is_seen(class_dir, tmp_path):
    assert not the_lesson(class_dir).in_exchange
    (tmp_path / "exchange").mkdir()
    releases.to_exchange(class_dir, LESSON)
    assert the_lesson(class_dir).in_exchange
    assert "exchange" in run(class_dir)


def test_the_table_fits_a_terminal_of_80_columns(class_dir):
    (class_dir / "source" / "08-jax-transforms").mkdir()
    heading = [line for line in run(class_dir).splitlines() if "Lesson" in line]
    assert all(word in heading[0] for word in ("Released", "Graded", "Feedback", "Export"))


def test_notes_that_cannot_be_read_are_left_out(class_dir):
    put(class_dir, "feedback", "ada", f"{LESSON}.html")
    note_export(class_dir, "2030-01-01 00:00:00")
    for name in ("returned.json", "exports/csv.json"):
        (class_dir / ".gdgrade" / name).write_text("{")
    found = the_lesson(class_dir)
    assert (found.returned, found.exported) == (0, None)


def test_a_new_class_has_all_ahead_and_gets_no_gradebook(tmp_path, released_class):
    shutil.copy(CONFIG, tmp_path)
    assert "has no lessons yet" in run(tmp_path)
    shutil.copytree(released_class / "source", tmp_path / "source")
    (tmp_path / "source" / "homework").mkdir()
    said = run(tmp_path)
    assert f"gdgrade release {LESSON}" in said
    assert "gdgrade release homework" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nbgrader_config.py", "source"]


def test_it_is_said_as_json_too(class_dir):
    (found,) = json.loads(run(class_dir, "--json"))
    assert (found["lesson"], found["due"], found["collected"]) == (LESSON, "2026-12-01T23:59:00Z", 0)


def test_a_folder_that_is_no_class_is_told(tmp_path):
    assert "gdgrade new" in run(tmp_path, code=1)
