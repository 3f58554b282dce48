"""Grades for Moodle, read by Moodle's rules: the right points for the right people, or nothing at all."""

import csv
import io
import re

import pytest
from typer.testing import CliRunner

from grading import cli
from tests.grading import moodle
from tests.grading.books import Points, make_class

STUDENTS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Abt", "email": "Ada@example.edu", "lms_user_id": "11"},
    {"id": "bob", "first_name": "Bob", "last_name": "Błąd", "email": "bob@example.edu", "lms_user_id": "12"},
    {"id": "-cyd", "email": "+cyd@example.edu", "lms_user_id": "13"},
    {"id": "dee", "email": "dee@example.edu", "lms_user_id": "14"},
]
LESSONS = {"01-five-steps": 15, "02-slopes": 10}
POINTS = {
    ("ada", "01-five-steps"): Points(14, 1, comment='Well done, "really"\nand =1+1 with a \\"quote\\", and \\'),
    ("bob", "01-five-steps"): Points(10 / 3, late=1, comment="=cmd|' /C calc'!A0"),
    ("-cyd", "01-five-steps"): Points(5, extra=0.5),
    ("ada", "02-slopes"): Points(2.5),
}
USERS = [
    {"id": "11", "username": "ada", "email": "Ada@example.edu", "idnumber": "ada", "name": "=1+1 Ada"},
    {"id": "12", "username": "bob", "email": "bob@example.edu", "idnumber": "bob", "name": "Bob Błąd"},
    {"id": "13", "username": "-cyd", "email": "+cyd@example.edu", "idnumber": "-cyd", "name": "-2+3 Cyd"},
    {"id": "14", "username": "dee", "email": "dee@example.edu", "idnumber": "dee", "name": "Dee"},
]
FIVE = {
    ("A", "ada"): 15,
    ("A", "bob"): 2.333333333,
    ("A", "-cyd"): 5.5,
    ("A", "dee"): None,
}


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("moodle") / "class", STUDENTS, LESSONS, POINTS)


@pytest.fixture
def export(tmp_path):
    def exported(directory, *options, status=0):
        to = tmp_path / "out.csv"
        command = ["export", "--class", str(directory), "--to", str(to), "--force", *map(str, options)]
        if "--moodle" not in options:
            command += ["--format", "moodle"]
        shown = CliRunner().invoke(cli.app, command)
        assert shown.exit_code == status, shown.output
        return shown.output, to.read_bytes() if to.exists() else b""

    return exported


def students_like(tmp_path, *emails, **more):
    students = [{"id": f"s{at}", "email": email} for at, email in enumerate(emails)]
    points = {(student["id"], "01-a"): Points(1, **more) for student in students}
    return make_class(tmp_path / "class", students, {"01-a": 3}, points)


# The gradebook's import ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identify", "head", "field"),
    [
        ("email", "Email address", "email"),
        ("username", "Username", "username"),
        ("idnumber", "ID number", "idnumber"),
        ("userid", "User ID", "id"),
    ],
)
def test_moodle_takes_the_points_of_each(a_class, export, identify, head, field):
    said, content = export(a_class, "--lesson", "1", "--identify", identify)
    assert f"identify users by {head}" in said
    site = moodle.Site(USERS)
    site.import_grades(content, head, field, {"01-five-steps": "A"})
    assert site.grades == FIVE
    assert not content.startswith(b"\xef\xbb\xbf")


def test_several_lessons_go_to_several_items(a_class, export):
    _, content = export(a_class, "--missing", "zero")
    site = moodle.Site(USERS)
    site.import_grades(content, "Email address", "email", {"01-five-steps": "A", "02-slopes": "B"})
    assert site.grades == {
        **FIVE,
        ("A", "dee"): 0,
        ("B", "ada"): 2.5,
        ("B", "bob"): 0,
        ("B", "-cyd"): 0,
        ("B", "dee"): 0,
    }


def test_comments_and_penalties_go_along_as_feedback_on_one_line(a_class, export):
    _, content = export(a_class, "--lesson", "1")
    site = moodle.Site(USERS)
    columns = {"01-five-steps": "A", "01-five-steps (feedback)": "feedback_A"}
    site.import_grades(content, "Email address", "email", columns)
    assert site.grades == FIVE
    assert site.feedback == {
        ("A", "ada"): 'Well done, "really" and =1+1 with a \\ "quote\\ ", and \\',
        ("A", "bob"): "Points taken off for being late: 1 / =cmd|' /C calc'!A0",
        ("A", "-cyd"): "",
        ("A", "dee"): "",
    }


def test_without_anything_to_say_there_is_no_column_for_it(a_class, export):
    _, content = export(a_class, "--lesson", "2")
    assert content.splitlines()[0] == b"Email address,02-slopes"
    _, content = export(a_class, "--lesson", "1", "--no-feedback")
    assert content.splitlines()[0] == b"Email address,01-five-steps"


def test_a_comment_that_is_a_formula_is_escaped(tmp_path, export):
    _, content = export(students_like(tmp_path, "a@example.edu", comment="=1+1"))
    assert content.splitlines()[1] == b"a@example.edu,1,'=1+1"


def test_nobody_gets_the_points_of_another(tmp_path, export):
    """Moodle goes on with the user before where a row names none, and gives all up where it knows no such user."""
    emails = (
        "a@example.edu",
        "",
        "0",
        "SAME@example.edu",
        "same@example.edu",
        "=cmd|' /C calc'!A0@example.edu",
        "b\\@x.edu",
    )
    said, content = export(students_like(tmp_path, *emails), status=3)
    assert [line.split(b",")[0] for line in content.splitlines()] == [b"Email address", b"a@example.edu"]
    assert "left out, without Email address: s1, s2" in said
    assert "left out, with the Email address of somebody else: s3, s4" in said
    assert "left out, their Email address could be taken for a formula, or is not as Moodle keeps it: s5, s6" in said
    assert "1 student, 01-a." in said
    site = moodle.Site([{"username": "a", "email": "a@example.edu"}])
    site.import_grades(content, "Email address", "email", {"01-a": "A"})
    assert site.grades == {("A", "a"): 1}


def test_a_class_without_such_identifiers_names_the_others(tmp_path, export):
    said, content = export(students_like(tmp_path, "", ""), status=1)
    assert "nobody in the gradebook has what Moodle calls Email address" in said and "--identify username" in said
    assert content == b""


def test_more_points_than_moodle_takes_are_noted(tmp_path, export):
    directory = make_class(tmp_path / "class", STUDENTS[:1], {"01-a": 150}, {("ada", "01-a"): Points(120)})
    said, content = export(directory)
    assert "Moodle refuses more than 100 points unless its setting `unlimitedgrades` is on" in said
    with pytest.raises(moodle.Aborted, match="too big"):
        moodle.Site(USERS).import_grades(content, "Email address", "email", {"01-a": "A"})
    moodle.Site(USERS, most=1000).import_grades(content, "Email address", "email", {"01-a": "A"})


# The grading worksheet ----------------------------------------------------------------------------------------------


@pytest.fixture
def worksheet(tmp_path):
    def written(content):
        path = tmp_path / "Grades-Course-Five steps-42.csv"
        path.write_bytes(content)
        return path

    return written


def test_a_worksheet_comes_back_with_points_and_all_else_as_it_was(a_class, export, worksheet):
    assignment = moodle.Assignment(USERS, 15, grades={"dee": 3.0}, comments={"bob": "- as before"})
    given = worksheet(assignment.worksheet())
    said, content = export(a_class, "--moodle", given, "--lesson", "1")
    assert "Upload grading worksheet" in said
    assignment.upload(content)
    assert assignment.grades == {"ada": 15, "bob": 2.333333333, "-cyd": 5.5, "dee": 3.0}
    assert assignment.comments == {"bob": "- as before"}
    assert given.read_bytes() == moodle.Assignment(USERS, 15, {"dee": 3.0}, {"bob": "- as before"}).worksheet()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row[1] for row in rows[1:]] == ["'=1+1 Ada", "Bob Błąd", "'-2+3 Cyd", "Dee"]
    assert not any(re.match(r"\s*[=+@-]", cell) for row in rows for cell in (row[1], row[2], row[8]))


def test_a_worksheet_in_another_language_has_its_column_named(a_class, export, worksheet):
    given = worksheet(moodle.Assignment(USERS, 15).worksheet(grade="Bewertung"))
    said, _ = export(a_class, "--moodle", given, "--lesson", "1", status=1)
    assert "has no column Grade; it has: 'Identifier'" in said and "--column '01-five-steps=NAME'" in said
    _, content = export(a_class, "--moodle", given, "--lesson", "1", "--column", "1=Bewertung")
    assignment = moodle.Assignment(USERS, 15)
    assignment.upload(content.replace(b"Bewertung", b"Grade"))
    assert assignment.grades["ada"] == 15


def test_a_worksheet_is_of_one_lesson(a_class, export, worksheet):
    given = worksheet(moodle.Assignment(USERS, 15).worksheet())
    said, _ = export(a_class, "--moodle", given, status=1)
    assert "choose one of 01-five-steps, 02-slopes with --lesson" in said


def test_points_that_moodle_would_skip_and_people_who_are_not_there_are_said(a_class, export, worksheet):
    given = worksheet(moodle.Assignment(USERS[:2], 10).worksheet())
    said, _ = export(a_class, "--moodle", given, "--lesson", "1", status=3)
    assert "more points than the assignment has in Moodle, which skips them: ada" in said
    assert "no row in the worksheet for: -cyd" in said


def test_a_worksheet_without_names_fits_nobody(a_class, export, worksheet):
    given = worksheet(moodle.Assignment(USERS, 15).worksheet(email="Adresse"))
    said, content = export(a_class, "--moodle", given, "--lesson", "1", status=1)
    assert "fits anybody in the gradebook" in said and content == b""


# The reader ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"Email address,A\nAda@example.edu\n", "number of columns"),
        (b"Email address,A\nada@example.edu,1\n", "no user"),  # case counts
        (b"Email address,A\nAda@example.edu,'1\n", "bad grade"),
        (b"Email,A\nAda@example.edu,1\n", "no such columns"),
    ],
)
def test_the_reader_of_these_tests_refuses_what_moodle_does(content, said):
    with pytest.raises(moodle.Aborted, match=said):
        moodle.Site(USERS).import_grades(content, "Email address", "email", {"A": "A"})


def test_the_reader_of_these_tests_knows_moodles_traps():
    site = moodle.Site(USERS)
    site.import_grades(b"Email address,A\nAda@example.edu,1\n,2\n", "Email address", "email", {"A": "A"})
    assert site.grades == {("A", "ada"): 2}
    site.import_grades(b"Email address,F\nAda@example.edu,x\n", "Email address", "email", {"F": "feedback_A"})
    assert site.grades == {("A", "ada"): None}
    assert moodle.php_rows('a,"b\\",c"\n') == [["a", 'b\\",c']]
