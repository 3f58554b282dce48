"""Canvas's own gradebook, filled in and read by Canvas's rules: the right points for the right people, nothing else."""

import csv
import io
import re

import pytest
from typer.testing import CliRunner

from grading import cli
from tests.grading.books import Points, make_class
from tests.grading.canvas import Assignment, Course, Person, Refused

STUDENTS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Abt", "email": "ada@example.edu", "lms_user_id": "101"},
    {"id": "bob", "first_name": "Bob", "last_name": "Błąd", "email": "bob@example.edu"},
    {"id": "cyd", "email": "cyd@example.edu"},
    {"id": "s-4", "first_name": "Dee"},
    {"id": "eve", "first_name": "=1+1"},
    {"id": "fay"},
    {"id": "gil", "first_name": "Gil", "lms_user_id": "107"},
]
LESSONS = {"01-five-steps": 15, "02-slopes": 10, "03-batches": 9}
POINTS = {
    ("ada", "01-five-steps"): Points(14, 1),
    ("bob", "01-five-steps"): Points(10 / 3, late=1),
    ("cyd", "01-five-steps"): Points(5),
    ("s-4", "01-five-steps"): Points(6),
    ("eve", "01-five-steps"): Points(7),
    ("ada", "02-slopes"): Points(2.5),
    ("gil", "02-slopes"): Points(1),
}


def course():
    return Course(
        people=[
            Person(101, "Abt, Ada", "S101", "ada.abt"),
            Person(102, "Błąd, Bob", "S102", "bob"),
            Person(103, "Cyd", "S103", "CYD@example.edu"),
            Person(104, "=cmd|' /C calc'!A0", "s-4", "d.doe"),
            Person(105, "Eve, -2+3", "eve", "+eve@example.edu"),
            Person(106, "Fay, Fay", "", "fay"),
            Person(107, "Gil, Gil", "", ""),
            Person(199, "Student, Test", "", ""),
        ],
        assignments=[
            Assignment(1001, "01 Five Steps", 15.0, manual=True),
            Assignment(1002, "Essay (2030)", 5.0),
            Assignment(1003, "Week 2: slopes, and more", 10.0),
        ],
    )


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    return make_class(tmp_path_factory.mktemp("canvas") / "class", STUDENTS, LESSONS, POINTS)


@pytest.fixture
def fill(a_class, tmp_path):
    """Give a function that lets `gdgrade export` fill a file in: what it says, and the file."""

    def filled(content, *options, status=0):
        given = tmp_path / "2030-01-01_Grades-Course.csv"
        given.write_bytes(content)
        to = tmp_path / "filled.csv"
        command = ["export", "--class", str(a_class), "--canvas", str(given), "--to", str(to), "--force", *options]
        shown = CliRunner().invoke(cli.app, command)
        assert shown.exit_code == status, shown.output
        assert given.read_bytes() == content
        return shown.output, to.read_bytes() if to.exists() else b""

    return filled


def cells(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize(("sis", "notes"), [(True, False), (True, True), (False, True)])
def test_canvas_takes_the_points_of_each_and_nothing_else_changes(fill, delimiter, bom, sis, notes):
    there = course()
    there.notes = {101: "=HYPERLINK(1)"}
    there.grades = {(1002, 101): "4.5", (1003, 102): "9"}
    given = there.export(delimiter=delimiter, bom=bom, sis=sis, notes=notes)
    there.grades[1002, 101] = "5"  # meanwhile, somebody enters something in Canvas
    _, content = fill(given, "--lesson", "1", status=0 if sis else 3)
    expected = {(1001, 101): "15", (1001, 102): "2.333333333", (1001, 103): "5"}
    if sis:  # without SIS ids nobody knows these two
        expected |= {(1001, 104): "6", (1001, 105): "7"}
    assert there.changes(content) == expected
    assert content.startswith(b"\xef\xbb\xbf") == bom


def test_a_second_import_changes_nothing(fill):
    there = course()
    _, content = fill(there.export(), "--lesson", "1")
    there.grades |= there.changes(content)
    assert there.changes(content) == {}
    _, again = fill(there.export(), "--lesson", "1")
    assert there.changes(again) == {}


def test_only_the_columns_of_the_lessons_go_back(fill):
    _, content = fill(course().export(notes=True), "--column", "2=1003")
    head, hidden, possible, *people = cells(content)
    assert head[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert head[5:] == ["01 Five Steps (1001)", "Week 2: slopes, and more (1003)"]
    assert hidden[5:] == ["Manual Posting", ""]
    assert possible == ["    Points Possible", "", "", "", "", "15.00", "10.00"]
    assert len(people) == 8 and people[-1] == ["Student, Test", "199", "", "", "Section 1", "", ""]


@pytest.mark.parametrize("name", ["1003", "Week 2: slopes, and more", "Week 2: slopes, and more (1003)"])
def test_a_column_with_another_name_is_named_by_head_title_or_number(fill, name):
    there = course()
    _, content = fill(there.export(), "--lesson", "2", "--column", f"02-slopes={name}")
    assert there.changes(content) == {(1003, 101): "2.5", (1003, 107): "1"}


def test_who_is_excused_or_has_no_such_assignment_stays_so(fill):
    there = course()
    there.grades = {(1001, 101): "EX"}
    there.unassigned = {(1001, 102)}
    said, content = fill(there.export(), "--lesson", "1")
    assert (1001, 101) not in there.changes(content) and (1001, 102) not in there.changes(content)
    assert "left as they are in Canvas" in said and "ada (01-five-steps: EX), bob (01-five-steps: N/A)" in said


def test_what_nobody_handed_in_stays_as_canvas_has_it_or_is_zero(fill):
    there = course()
    there.grades = {(1001, 106): "3"}
    _, content = fill(there.export(), "--lesson", "1")
    assert (1001, 106) not in there.changes(content)
    _, content = fill(there.export(), "--lesson", "1", "--missing", "zero")
    assert there.changes(content)[1001, 106] == "0"
    assert (1001, 199) not in there.changes(content)  # the test student is nobody's


def test_who_is_not_in_canvas_and_who_is_there_alone_is_said(fill):
    there = course()
    there.people = [one for one in there.people if one.id not in (101, 103)]
    said, content = fill(there.export(), "--lesson", "1", status=3)
    assert "no row in Canvas for: cyd, ada" in said
    assert "rows of Canvas that fit nobody in the gradebook, left as they are: Student, Test" in said
    assert there.changes(content).keys() == {(1001, 102), (1001, 104), (1001, 105)}


def test_a_student_who_fits_two_rows_gets_neither(fill):
    there = course()
    there.people.append(Person(110, "Bob, another", "bob", "x"))
    said, content = fill(there.export(), "--lesson", "1", status=3)
    assert "several rows in Canvas fit each of these; none was filled: bob" in said
    assert not {(1001, 102), (1001, 110)} & there.changes(content).keys()


def test_a_students_id_is_not_taken_for_canvass_number(tmp_path):
    students, points = (
        [{"id": "101"}, {"id": "bob"}],
        {("101", "01-five-steps"): Points(9), ("bob", "01-five-steps"): Points(1)},
    )
    directory = make_class(tmp_path / "class", students, {"01-five-steps": 15}, points)
    (tmp_path / "given.csv").write_bytes(course().export())
    shown = CliRunner().invoke(cli.app, ["export", "--class", str(directory), "--canvas", str(tmp_path / "given.csv")])
    assert shown.exit_code == 3 and "no row in Canvas for: 101" in shown.output
    assert course().changes((directory / "exports" / "canvas.csv").read_bytes()) == {(1001, 102): "1"}


def test_no_cell_that_a_student_may_have_chosen_is_a_formula(fill):
    there = course()
    _, content = fill(there.export(), "--lesson", "1")
    people = cells(content)[3:]
    assert people[3][0] == "'=\"=cmd|' /C calc'!A0\"" and people[4][3] == "'+eve@example.edu"
    assert not any(re.match(r"\s*[=+@-]", cell) for row in people for cell in row)


def test_points_possible_that_differ_are_said_and_left_to_canvas(fill):
    there = course()
    there.assignments[0].possible = 100.0
    said, content = fill(there.export(), "--lesson", "1", status=3)
    assert "01 Five Steps (1001) has 100.00 points possible in Canvas, 01-five-steps has 15" in said
    assert there.changes(content)[1001, 101] == "15"


def test_a_lesson_without_a_column_is_named_and_makes_no_new_assignment(fill):
    there = course()
    said, content = fill(there.export(), status=3)
    assert "no column in Canvas for 02-slopes: name it with --column '02-slopes=TITLE (NUMBER)'" in said
    there.changes(content)
    said, _ = fill(there.export(), "--lesson", "2", status=1)
    assert "has no column for 02-slopes; it has: '01 Five Steps (1001)', 'Essay (2030) (1002)', 'Week 2:" in said


@pytest.mark.parametrize(
    ("titles", "options", "said"),
    [
        (["01-five-steps", "01 Five Steps"], [], "has several columns that fit 01-five-steps: name one by its number"),
        (["01-five-steps"], ["--column", "1=77"], "has no column 77: name one by its number"),
        (["Both"], ["--column", "1=Both", "--column", "2=Both"], "is the column of two lessons"),
    ],
)
def test_columns_that_cannot_be_told_apart_are_told(fill, titles, options, said):
    there = course()
    there.assignments = [Assignment(2000 + at, title, 15.0) for at, title in enumerate(titles)]
    output, content = fill(there.export(), "--lesson", "1,2", *options, status=1)
    assert said in output and content == b""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "begins with a, b, and not with Student, ID"),
        (b"PK\x03\x04", "is an Excel workbook, not CSV"),
        ("Student,ID,Section,ü".encode("latin-1"), "is not UTF-8 text"),
        (b"Student,ID,Section,01-five-steps (1)\nx,1,s,2,3\n", "has more cells in the row of 'x'"),
        (b'Student,ID,Section,"01-five\nsteps (1)', "is not CSV: unexpected end of data"),
        (b"Student,ID,Section,01-five-steps (1)\nHal,9,s,\n", "fits anybody in the gradebook"),
        (b"Student,ID,Section,Current Score (2030)\n", "it has: no assignment at all"),
    ],
)
def test_what_is_no_gradebook_of_canvas_is_told(fill, content, said):
    output, written = fill(content, "--lesson", "1", status=1)
    assert said in output and written == b""


def test_what_canvas_gave_is_not_overwritten(a_class, tmp_path):
    given = tmp_path / "given.csv"
    given.write_bytes(course().export())
    command = [
        "export",
        "--class",
        str(a_class),
        "--canvas",
        str(given),
        "--to",
        str(given),
        "--lesson",
        "1",
        "--force",
    ]
    shown = CliRunner().invoke(cli.app, command)
    assert shown.exit_code == 1 and "is what is to be filled in, and stays as it is" in shown.output
    assert given.read_bytes() == course().export()
    shown = CliRunner().invoke(cli.app, [*command[:4], str(tmp_path / "none.csv")])
    assert shown.exit_code == 1 and "none.csv cannot be read: No such file" in shown.output


def test_the_reader_of_these_tests_refuses_what_canvas_does():
    there = course()
    good = there.export()
    assert there.changes(good) == {}
    with pytest.raises(Refused, match="Invalid header"):
        there.changes(good.replace(b"Student,ID", b"Name,ID"))
    with pytest.raises(Refused, match="a new assignment"):
        there.changes(good.replace(b"(1002)", b"(2)"))
    with pytest.raises(Refused, match="not in the course"):
        there.changes(good.replace(b"Gil, Gil", b"Gil").replace(b",107,", b",700,"))
    with pytest.raises(Refused, match="points possible"):
        there.changes(good.replace(b"15.00", b"16"))
    with pytest.raises(Refused, match="no points"):
        there.changes(good.replace(b"bob,Section 1,", b"bob,Section 1,'1"))
