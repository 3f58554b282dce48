"""Feedback pages: nbgrader's own, made where something changed, whole, and one student's trouble is nobody else's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grading import cli, course, feedback
from grading.feedback import FeedbackError, make_feedback, summary_path
from grading.lessons import UnknownLesson
from tests.grading.feedback_class import (
    AFTER,
    HILLS,
    LATER,
    VALLEYS,
    book_of,
    by_hand,
    graded,
    make_class,
    page_of,
)


@pytest.fixture
def class_dir(tmp_path):
    """Ada and Bob have handed in both lessons, Cyd one; Bob's essay waits for a person."""
    directory = make_class(tmp_path / "a class")
    graded(directory, "ada", HILLS, {"height": 3, "roll": 2}, essay=4)
    graded(directory, "bob", HILLS, {"height": 3}, {"roll": "w moves uphill"})
    graded(directory, "cyd", HILLS, {}, essay=1)
    graded(directory, "ada", VALLEYS, {"depth": 5})
    graded(directory, "bob", VALLEYS, {"depth": 0})
    return directory


def gdgrade(directory, *options):
    return CliRunner().invoke(cli.app, ["feedback", *options, "--class", str(directory)])


def pages(directory):
    """Contents and times of all that there is of feedback."""
    found = sorted((directory / "feedback").rglob("*"))
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in found if path.is_file()}


def changed(before, after):
    return {path.parent.parent.name + "/" + path.stem for path in after if after[path] != before.get(path)}


def nbgrader(directory, *command):
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "JUPYTER_NO_CONFIG": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command], cwd=directory, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_each_graded_notebook_and_each_student_gets_a_page(class_dir):
    summary = make_feedback(class_dir)
    assert {name: tally.made for name, tally in summary.lessons.items()} == {
        HILLS: ["ada", "bob", "cyd"],
        VALLEYS: ["ada", "bob"],
    }
    assert summary.summaries.made == ["ada", "bob", "cyd", "zoe"]
    assert not summary.troubles
    text = page_of(class_dir, "bob", HILLS).read_text()
    assert "w moves uphill" in text
    assert "(Score: 3.0 / 9.0)" in text


def test_a_second_run_leaves_all_as_it_is(class_dir):
    make_feedback(class_dir)
    before = pages(class_dir)
    summary = make_feedback(class_dir)
    assert pages(class_dir) == before
    assert [tally.made for tally in (*summary.lessons.values(), summary.summaries)] == [[], [], []]
    assert summary.lessons[HILLS].unchanged == ["ada", "bob", "cyd"]


def test_points_by_hand_make_that_page_anew_and_no_other(class_dir):
    make_feedback(class_dir)
    before = pages(class_dir)
    by_hand(class_dir, "bob", essay=2.5)
    make_feedback(class_dir)
    assert changed(before, pages(class_dir)) == {f"bob/{HILLS}", "bob/summary"}
    assert "(Score: 5.5 / 9.0)" in page_of(class_dir, "bob", HILLS).read_text()


@pytest.mark.parametrize("what", ["comment", "autograded", "penalty"])
def test_whatever_a_page_shows_makes_it_anew(class_dir, what):
    make_feedback(class_dir)
    before = pages(class_dir)
    if what == "comment":
        by_hand(class_dir, "ada", comment="Well put.")
    elif what == "autograded":
        graded(class_dir, "ada", HILLS, {"height": 3, "roll": 2}, essay=4, text="Another essay.")
    else:
        graded(class_dir, "ada", HILLS, {"height": 3, "roll": 2}, essay=4, penalty=1.5)
    make_feedback(class_dir)
    assert f"ada/{HILLS}" in changed(before, pages(class_dir)) <= {f"ada/{HILLS}", "ada/summary"}


def test_only_what_is_asked_for_is_made(class_dir):
    make_feedback(class_dir, ["2"], students=["bob"])
    assert {path.stem for path in pages(class_dir)} == {VALLEYS, "summary"}
    assert {path.parent.parent.name for path in pages(class_dir)} == {"bob"}


def test_what_is_forced_is_made_again(class_dir):
    make_feedback(class_dir)
    summary = make_feedback(class_dir, [HILLS], students=["ada"], force=True)
    assert (summary.lessons[HILLS].made, summary.summaries.made) == (["ada"], ["ada"])


def test_a_page_that_is_gone_is_made_again(class_dir):
    make_feedback(class_dir)
    page_of(class_dir, "ada", HILLS).unlink()
    assert make_feedback(class_dir).lessons[HILLS].made == ["ada"]


def test_one_broken_notebook_stops_nobody_else(class_dir):
    make_feedback(class_dir)
    old = page_of(class_dir, "bob", HILLS).read_bytes()
    (class_dir / "autograded" / "bob" / HILLS / f"{HILLS}.ipynb").write_text("{")
    by_hand(class_dir, "cyd", essay=2)
    result = gdgrade(class_dir, HILLS)
    assert result.exit_code == 3
    assert f"bob, {HILLS}: " in result.stderr
    assert page_of(class_dir, "bob", HILLS).read_bytes() == old
    assert "(Score: 2.0 / 9.0)" in page_of(class_dir, "cyd", HILLS).read_text()
    assert not list(class_dir.glob(".gdgrade-*"))


def test_a_student_whom_the_gradebook_does_not_know_is_named_with_what_to_do(class_dir):
    graded(class_dir, "cyd", VALLEYS, {})
    stranger = class_dir / "autograded" / "cyd"
    stranger.rename(stranger.parent / "stranger")
    trouble = make_feedback(class_dir).lessons[VALLEYS].troubles["stranger"]
    assert trouble.startswith("the gradebook does not have it")
    assert trouble.endswith(f"gdgrade autograde {VALLEYS} --student stranger")


def test_ids_are_no_patterns(class_dir):
    with book_of(class_dir) as book:
        book.add_student("a[bd]a")
        book.add_student("*")
    graded(class_dir, "a[bd]a", HILLS, {"height": 1})
    graded(class_dir, "*", HILLS, {"roll": 1})
    summary = make_feedback(class_dir, students=["a[bd]a", "*"])
    assert summary.lessons[HILLS].made == ["*", "a[bd]a"]
    assert "(Score: 1.0 / 9.0)" in page_of(class_dir, "a[bd]a", HILLS).read_text()
    assert not (class_dir / "feedback" / "ada").exists()


def test_an_id_that_leads_elsewhere_writes_nothing_there(class_dir):
    with book_of(class_dir) as book:
        book.add_student("../../else")
        book.add_student("..")
    summary = make_feedback(class_dir)
    assert set(summary.summaries.troubles) == {"../../else", ".."}
    assert "cannot be a folder's name" in summary.summaries.troubles[".."]
    assert not (class_dir.parent / "else").exists()
    assert not (class_dir / "summary").exists()


def test_interrupted_amid_writing_the_page_before_is_there_whole(class_dir, monkeypatch):
    make_feedback(class_dir)
    before = pages(class_dir)
    by_hand(class_dir, "ada", comment="New.")
    monkeypatch.setattr(feedback, "write_whole", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        make_feedback(class_dir)
    monkeypatch.undo()
    assert pages(class_dir) == before
    assert not list(class_dir.glob(".gdgrade-*"))
    assert make_feedback(class_dir).lessons[HILLS].made == ["ada"]


def _interrupt(*_):
    raise KeyboardInterrupt


def test_what_a_killed_run_left_is_swept_up(class_dir):
    make_feedback(class_dir)
    (class_dir / ".gdgrade-feedback-killed" / "ada").mkdir(parents=True)
    aside = page_of(class_dir, "ada", HILLS).with_name(".gdgrade-half")
    aside.write_text("<htm")
    make_feedback(class_dir)
    assert not aside.exists()
    assert not list(class_dir.glob(".gdgrade-*"))


def test_a_lesson_s_files_come_along(class_dir):
    (class_dir / "autograded" / "ada" / HILLS / "points.csv").write_text("x,y\n")
    graded(class_dir, "ada", HILLS, {}, timestamp=AFTER)
    make_feedback(class_dir, students=["ada"])
    there = {path.name for path in page_of(class_dir, "ada", HILLS).parent.iterdir()}
    assert there == {f"{HILLS}.html", "points.csv", "timestamp.txt"}


@pytest.mark.slow
def test_a_page_is_nbgrader_s_own_and_both_go_on_from_each_other_s(class_dir):
    nbgrader(class_dir, "generate_feedback", HILLS)
    plain = {student: page_of(class_dir, student, HILLS).read_text() for student in ("ada", "bob", "cyd")}
    assert make_feedback(class_dir).lessons[HILLS].made == ["ada", "bob", "cyd"]
    for student, text in plain.items():
        ours, mark, rest = page_of(class_dir, student, HILLS).read_text().rpartition("\n<!-- gdgrade: ")
        assert ours == text
        assert mark
        assert "\n" not in rest.strip()
    nbgrader(class_dir, "generate_feedback", HILLS)
    assert make_feedback(class_dir).lessons[HILLS].made == []
    nbgrader(class_dir, "generate_feedback", HILLS, "--force")
    assert page_of(class_dir, "bob", HILLS).read_text() == plain["bob"]
    assert make_feedback(class_dir).lessons[HILLS].made == ["ada", "bob", "cyd"]


def test_what_waits_for_a_person_and_what_is_not_graded_is_said(class_dir):
    (class_dir / "submitted" / "zoe" / VALLEYS).mkdir(parents=True)
    (class_dir / "submitted" / "zoe" / VALLEYS / f"{VALLEYS}.ipynb").write_text("{}")
    result = gdgrade(class_dir)
    assert result.exit_code == 0
    assert "1 submissions have answers that a person has still to look at" in result.stdout
    assert f"1 of {VALLEYS} are handed in and not graded. Next: gdgrade autograde {VALLEYS}" in result.stdout


def test_something_newer_than_what_is_graded_is_not_graded(class_dir):
    graded(class_dir, "ada", HILLS, {}, timestamp=AFTER)
    (class_dir / "submitted" / "ada" / HILLS / "timestamp.txt").write_text("2031-01-01 00:00:00 UTC")
    assert make_feedback(class_dir).lessons[HILLS].ungraded == ["ada"]


def test_json_says_each_page_and_the_sum_of_it(class_dir):
    result = gdgrade(class_dir, HILLS, "--json")
    *events, last = map(json.loads, result.stdout.splitlines())
    assert {(one["kind"], one["lesson"], one["student"]) for one in events} >= {
        ("made", HILLS, "ada"),
        ("made", "", "zoe"),
    }
    assert (last["kind"], last["lessons"][HILLS]["provisional"]) == ("ends", ["bob"])
    assert events[-1]["done"] == events[-1]["total"] == 7


@pytest.mark.parametrize("step", ["nothing", "submitted"])
def test_a_class_with_nothing_graded_is_told_what_comes_first(tmp_path, step):
    directory = make_class(tmp_path / "class")
    if step == "submitted":
        (directory / "submitted" / "ada" / HILLS).mkdir(parents=True)
        (directory / "submitted" / "ada" / HILLS / "x.ipynb").write_text("")
    result = gdgrade(directory)
    assert result.exit_code == 1
    assert (f"Next: gdgrade autograde {HILLS}" if step == "submitted" else "Next: gdgrade collect") in result.stderr
    assert not (directory / "feedback").exists()


def test_what_is_not_there_is_named(class_dir):
    with pytest.raises(UnknownLesson, match=f"no lesson 07; there are: {HILLS}"):
        make_feedback(class_dir, ["07"])
    with pytest.raises(FeedbackError, match="nothing of 03-later is handed in yet"):
        make_feedback(class_dir, [LATER])
    with pytest.raises(FeedbackError, match="no student adda"):
        make_feedback(class_dir, students=["adda"])
    assert gdgrade(class_dir.parent).exit_code == 1


def test_who_is_not_alone_is_told_so(class_dir):
    with course.alone(class_dir):
        # The lock is this process's own: another one asks for it.
        code = "from grading.cli import app; app()"
        done = subprocess.run(
            [sys.executable, "-c", code, "feedback", "--class", str(class_dir)], capture_output=True, text=True
        )
    assert done.returncode == 4, done.stderr
    assert "Nothing was done" in done.stderr


def test_another_database_may_be_named(class_dir):
    (class_dir / "gradebook.db").rename(class_dir / "other.db")
    url = f"sqlite:///{class_dir / 'other.db'}"
    assert gdgrade(class_dir, "--db", url).exit_code == 0
    assert "(Score: 3.0 / 9.0)" in page_of(class_dir, "bob", HILLS).read_text()


def test_folders_may_be_named_and_nested_in_another_way(class_dir):
    with (class_dir / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}/{student_id}'\n")
        config.write("c.CourseDirectory.feedback_directory = 'returned'\n")
    for old in sorted((class_dir / "autograded").glob("*/*")):
        new = class_dir / "autograded" / old.name / old.parent.name
        new.parent.mkdir(exist_ok=True)
        old.rename(new)
        if not any(old.parent.iterdir()):
            old.parent.rmdir()
    make_feedback(class_dir)
    assert (class_dir / "returned" / HILLS / "ada" / f"{HILLS}.html").is_file()
    summary = summary_path(course.open_class(class_dir), "ada")
    assert summary.parent == class_dir / "returned" / "summary" / "ada"
    assert f'href="../../{HILLS}/ada/{HILLS}.html"' in summary.read_text()
