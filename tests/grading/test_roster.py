"""A list of students is read however it was written, and goes into the gradebook without taking anything out."""

import json
import shutil

import openpyxl
import pytest
from typer.testing import CliRunner

from grading import roster
from grading.book import opened
from grading.classes import CONFIG
from grading.cli import app
from grading.course import open_class
from grading.roster import RosterError, Student
from tests.grading.classes import nbgrader

ADA = Student("ada", "Ada", "Abt", "ada@example.org")
BELA = Student("bela", "Béla", "Bartal", "bela@example.org")


@pytest.fixture
def write(tmp_path):
    """Write a list, and give its path."""

    def write(content, name="roster.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def class_dir(tmp_path):
    """A class without lessons."""
    (tmp_path / "class").mkdir()
    shutil.copy(CONFIG, tmp_path / "class")
    return tmp_path / "class"


def run(*words, status=0):
    result = CliRunner().invoke(app, ["roster", *map(str, words)])
    assert result.exit_code == status, result.output
    return result.output


# Reading --------------------------------------------------------------------------------------------------------------

PLAIN = "id,first_name,last_name,email\nada,Ada,Abt,ada@example.org\nbela,Béla,Bartal,bela@example.org\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode("cp1252"),
        PLAIN.replace(",", "\t").encode("utf-16"),
        "sep=;\n" + PLAIN.replace(",", ";"),
        "\n" + PLAIN.replace("\nbela", "\n\n , ,,\nbela"),
        'Last name, First name ,"E-mail address",Student ID,Group\n'
        'Abt,Ada,ada@example.org,ada,1\n"Bartal","Béla",bela@example.org, bela ,2\n',
        'name,id,email\nAda Abt,ada,ada@example.org\n"Bartal, Béla",bela,bela@example.org\n',
    ],
)
def test_it_is_read_in_whatever_form_it_comes(write, content):
    assert roster.read(write(content)) == [ADA, BELA]


def test_moodles_list_of_participants_is_read(write):
    path = write(
        'Username,"First name","Last name","Email address",Groups\nada,Ada,Abt,ada@example.org,\n'
        "bela,Béla,Bartal,bela@example.org,\n"
    )
    assert roster.read(path) == [ADA, BELA]


def test_moodles_gradebook_is_read_by_the_column_that_is_named(write):
    path = write('"First name","Last name","Email address","Assignment: One (Real)"\nAda,Abt,ada@example.org,-\n')
    with pytest.raises(RosterError, match=r"does not say which column.*First name, .*--id-column"):
        roster.read(path)
    assert roster.read(path, id_column="email address")[0].id == "ada@example.org"
    with pytest.raises(RosterError, match="has no column matriculation; it has: First name"):
        roster.read(path, id_column="matriculation")


def test_canvas_gradebook_is_read_without_the_rows_that_are_no_student(write):
    notes = []
    path = write(
        "Student,ID,SIS User ID,SIS Login ID,Section,One (17)\n"
        ",,,,,Manual Posting\n"
        "    Points Possible,,,,,10\n"
        '"Abt, Ada",4711,u1,ada,S1,9\n"Bartal, Béla",4712,u2,bela,S1,\n"Student, Test",4713,,,S1,\n'
    )
    assert roster.read(path, note=notes.append) == [
        Student("ada", "Ada", "Abt", None, "4711"),
        Student("bela", "Béla", "Bartal", None, "4712"),
    ]
    assert notes == [
        "line 2 is left out: it says which grades are not posted yet",
        "line 3 is left out: Points Possible is no student",
        "line 6 is left out: Student, Test is no student",
    ]


def test_a_spreadsheet_is_read_and_a_number_is_an_id(write, tmp_path):
    book = openpyxl.Workbook()
    for row in (["id", "first_name", "last_name"], [4711, "Ada", "Abt"], [None, None, None], [4712.0, "Béla", None]):
        book.active.append(row)
    book.save(tmp_path / "roster.xlsx")
    assert roster.read(tmp_path / "roster.xlsx") == [Student("4711", "Ada", "Abt"), Student("4712", "Béla")]


def test_all_lines_that_are_wrong_are_told_with_their_numbers(write):
    path = write(
        'id,first_name,email\nada,Ada,\n,Bob,\n../x,Eve,\nada,Adam,\nfay,"Fay\nTwo",fay@example.org\ngus,Gus,,x,y\n+,,\n'
    )
    with pytest.raises(RosterError) as error:
        roster.read(path)
    assert str(error.value).splitlines()[1:] == [
        "line 3: it has no id: each student needs one (--id-column names another column)",
        "line 4: '../x' cannot be a student's id: it has / in it, which nbgrader uses for something else",
        "line 5: ada stands in line 2 already, with other words: keep one of them",
        "line 8: it has 5 values for 3 columns: put a value with a comma or semicolon in quotes",
        "line 9: '+' cannot be a student's id: it has + in it, which nbgrader uses for something else",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty: its first line has to name the columns"),
        (b"\n \n", "is empty"),
        (b'id,name\nada,"Ada\n', "line 2: unexpected end of data: look at the quotes"),
        (b"id,name,id\nada,Ada,x\n", "more than one column id"),
        (b"id\n" + b"a\0da\n", "is no text"),
        (b"PK\x03\x04 and then nothing", "cannot be read as a spreadsheet"),
        (b"\xd0\xcf\x11\xe0 and then", "old format: save it as .xlsx or .csv"),
        (b"{}", "does not say which column"),
    ],
)
def test_what_is_no_list_is_told(write, content, said):
    with pytest.raises(RosterError, match=said):
        roster.read(write(content))


def test_a_list_that_is_not_there_is_told(tmp_path):
    with pytest.raises(RosterError, match=r"nobody\.csv cannot be read: No such file"):
        roster.read(tmp_path / "nobody.csv")
    with pytest.raises(RosterError, match="is a folder"):
        roster.read(tmp_path)


def test_what_looks_odd_is_noted(write):
    notes = []
    assert roster.read(write("id,email\nada,ada\nada,ada\nAda,\n"), note=notes.append) == [
        Student("ada", email="ada"),
        Student("Ada"),
    ]
    assert notes == [
        "line 2: ada is no e-mail address",
        "line 3: ada is no e-mail address",
        "line 3 says the same of ada as line 2",
        "line 4: Ada and ada differ in capitals alone: are they two students?",
    ]


@pytest.mark.parametrize("name", ["..", ".x", "a/b", "a*", "a+b", "a\x1bb", " a", "a" * 201, "", "a,b", "a\u202eb"])
def test_what_cannot_be_an_id(name):
    assert roster.why_no_id(name)


@pytest.mark.parametrize("name", ["ada", "ada@example.org", "Ada L", "4711", "é_-.x"])
def test_what_can_be_an_id(name):
    assert roster.why_no_id(name) is None


# The gradebook --------------------------------------------------------------------------------------------------------


def test_who_is_new_changed_or_missing_is_told_and_nothing_is_lost(class_dir, write):
    assert "2 new, 0 changed, 0 unchanged, 0 missing" in run(write(PLAIN), "--class", class_dir)
    assert "0 new, 0 changed, 2 unchanged, 0 missing" in run(write(PLAIN), "--class", class_dir)
    newer = write("id,last_name,lms_user_id\nada,Lovelace,7\ncyd,Cho,\n")
    said = run(newer, "--class", class_dir, "--dry-run")
    assert "1 new, 1 changed, 0 unchanged, 1 missing. Nothing was changed" in said
    said = json.loads(run(newer, "--class", class_dir, "--json"))
    assert ([one["id"] for one in said["new"]], [one["id"] for one in said["missing"]]) == (["cyd"], ["bela"])
    with opened(open_class(class_dir)) as gradebook:
        assert roster.in_gradebook(gradebook) == [
            Student("ada", "Ada", "Lovelace", "ada@example.org", "7"),  # what the list does not say stays
            BELA,
            Student("cyd", None, "Cho"),
        ]


def test_who_has_work_in_the_class_is_never_taken_out(class_dir, write):
    run(write("id\nada\nbela\ncyd\ndee\n"), "--class", class_dir)
    course = open_class(class_dir)
    (class_dir / "source" / "one").mkdir(parents=True)
    (class_dir / "submitted" / "ada" / "one").mkdir(parents=True)
    with opened(course) as gradebook:
        gradebook.add_assignment("gone")
        gradebook.add_submission("gone", "bela")
    said = run(write("id\ndee\n"), "--class", class_dir, "--remove-missing")
    assert "1 of them were taken out, 2 stay (2 with work in the class)" in said
    with opened(course) as gradebook:
        assert [student.id for student in roster.in_gradebook(gradebook)] == ["ada", "bela", "dee"]


def test_a_list_with_a_wrong_line_changes_nothing(class_dir, write):
    assert "line 3" in run(write("id\nada\n..\n"), "--class", class_dir, status=1)
    assert "has no students yet" in run("--class", class_dir, "--list")


def test_the_classs_own_roster_is_taken_if_none_is_named(class_dir):
    assert "roster.csv cannot be read: No such file" in run("--class", class_dir, status=1)
    (class_dir / "roster.csv").write_text("id,first_name,last_name,email,lms_user_id\n")
    assert "lists no students" in run("--class", class_dir)
    (class_dir / "roster.csv").write_text(PLAIN)
    assert "2 new" in run("--class", class_dir)
    assert "Bartal" in run("--class", class_dir, "--list")


def test_it_works_with_students_that_nbgrader_imported_and_the_other_way_round(class_dir):
    (class_dir / "roster.csv").write_text(PLAIN)
    nbgrader(class_dir, "db", "student", "import", "roster.csv")
    assert "0 new, 0 changed, 2 unchanged" in run("--class", class_dir)
    nbgrader(class_dir, "db", "student", "import", "roster.csv")
    assert "0 new, 0 changed, 2 unchanged" in run("--class", class_dir)


def test_a_folder_that_is_no_class_is_told(tmp_path, write):
    assert "`gdgrade new` makes one" in run(write(PLAIN), "--class", tmp_path, status=1)
