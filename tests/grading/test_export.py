"""Grades as plain CSV and XLSX: nbgrader's numbers, no formulas, and what changed since the last time."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from grading import autograde, cli, exported, tables
from grading.course import ClassError, alone, open_class
from grading.grades import State, read
from grading.tables import Export, number, safe
from tests.grading import classes, postgres
from tests.grading.books import Points, enter, make_class
from tests.grading.conftest import LESSON

STUDENTS = [
    {"id": "ada", "first_name": "Ada", "last_name": "Abt", "email": "ada@example.edu", "lms_user_id": "101"},
    {"id": "bob", "first_name": "=1+1", "last_name": '@SUM(1)"', "email": "+bob@example.edu"},
    {"id": "-cyd", "first_name": "Žofie\n=2", "last_name": "Ünal, 李"},
    {"id": "dee", "first_name": "Dee"},
    {"id": "eli"},
]
LESSONS = {"01-five-steps": 15, "02-slopes": 10, "03-batches": 9}
POINTS = {
    ("ada", "01-five-steps"): Points(14, 1),
    ("ada", "02-slopes"): Points(8.5, 0.5, late=2),
    ("bob", "01-five-steps"): Points(0.1, 0.2, extra=2),
    ("bob", "02-slopes"): Points(1, late=5),
    ("-cyd", "01-five-steps"): Points(10 / 3, 1, extra=-0.5),
    ("dee", "01-five-steps"): Points(3, waits=True, comment="See me."),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A class with all that a gradebook may say, to be copied."""
    return make_class(tmp_path_factory.mktemp("written") / "class", STUDENTS, LESSONS, POINTS)


@pytest.fixture
def a_class(written, tmp_path):
    directory = tmp_path / "class"
    directory.mkdir()
    for name in ("nbgrader_config.py", "gradebook.db"):
        (directory / name).write_bytes((written / name).read_bytes())
    return directory


def run(directory, *options, status=0):
    shown = CliRunner().invoke(cli.app, ["export", "--class", str(directory), *map(str, options)])
    assert shown.exit_code == status, shown.output
    assert "Traceback" not in shown.output
    return shown.output


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def change(directory, student, lesson, points):
    with Gradebook(open_class(directory).db_url, "gradient-descent") as book:
        enter(book, student, lesson, points)


def hand_in(directory, student, lesson, when="2030-01-01 11:00:00 UTC"):
    folder = directory / "submitted" / student / lesson
    folder.mkdir(parents=True)
    (folder / f"{lesson}.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text(when)


# The numbers --------------------------------------------------------------------------------------------------------


def nbgraders(directory, *options):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", "export", "--to", "stock.csv", *options]
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    found = {}
    for line in (
        (directory / "stock.csv").read_text().splitlines()[1:]
    ):  # nbgrader quotes nothing: by place from the end
        *_, raw, penalty, score, most = line.rsplit(",", 4)
        for lesson in LESSONS:
            for student in STUDENTS:
                if line.startswith(f"{lesson},") and f",{student['id']}," in line:
                    found[lesson, student["id"]] = tuple(map(float, (raw, penalty, score, most)))
    return found


def numbers(directory):
    names = ("raw_score", "late_submission_penalty", "score", "max_score")
    rows = rows_of(directory / "exports" / "details.csv")
    return {
        (row["assignment"], row["student_id"].lstrip("'")): tuple(float(row[name]) for name in names) for row in rows
    }


def test_it_says_number_for_number_what_nbgrader_exports(a_class):
    # A newline in a name breaks nbgrader's own file in two.
    with Gradebook(open_class(a_class).db_url, "gradient-descent") as book:
        book.update_or_create_student("-cyd", first_name="Žofie")
    stock = nbgraders(a_class)
    assert len(stock) == 15
    run(a_class, "--details", "--missing", "zero", "--lesson", "1-3", status=3)
    ours = numbers(a_class)
    assert ours.keys() == stock.keys()
    for key, there in stock.items():
        assert ours[key] == pytest.approx(there, abs=1e-9), key
    assert ours["02-slopes", "bob"] == (1, 5, 0, 10)  # never below 0
    assert ours["01-five-steps", "bob"][2] == 2.3  # extra credit counts, and 0.1 + 0.2 is 0.3


def test_an_overview_has_a_row_for_each_student_by_name(a_class):
    run(a_class, status=3)
    path = a_class / "exports" / "grades.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel reads another encoding
    assert b"\r\n" in path.read_bytes()
    rows = rows_of(path)
    assert list(rows[0]) == [
        "Student ID", "Last name", "First name", "Email", "01-five-steps", "02-slopes", "Total", "Out of",
    ]  # fmt: skip
    assert [row["Student ID"] for row in rows] == ["eli", "dee", "bob", "ada", "'-cyd"]
    assert rows[3]["01-five-steps"] == "15"
    assert (rows[3]["02-slopes"], rows[3]["Total"], rows[3]["Out of"]) == ("7", "22", "25")
    assert rows[4]["01-five-steps"] == "3.833333333"
    assert (rows[0]["01-five-steps"], rows[0]["Total"]) == ("", "")
    assert rows[4]["Last name"] == "Ünal, 李"


def test_what_was_not_handed_in_is_empty_or_zero(a_class):
    said = run(a_class, status=3)
    assert "4 not handed in: empty. --missing zero writes 0." in said
    assert "Left out, nobody has handed it in: 03-batches." in said
    said = run(a_class, "--missing", "zero", "--lesson", "2,3", status=0)
    assert {row["03-batches"] for row in rows_of(a_class / "exports" / "grades.csv")} == {"0"}
    assert "not handed in" not in said


def test_lessons_are_chosen_by_name_or_number_and_unknown_ones_named(a_class):
    run(a_class, "--lesson", "2")
    assert "01-five-steps" not in rows_of(a_class / "exports" / "grades.csv")[0]
    assert "there is no lesson 9; there are: 01-five-steps, 02-slopes, 03-batches" in run(
        a_class, "--lesson", "9", status=2
    )


# How far ------------------------------------------------------------------------------------------------------------


def test_what_is_not_graded_to_its_end_is_said(a_class):
    hand_in(a_class, "eli", "01-five-steps")
    hand_in(a_class, "ada", "01-five-steps", when="2030-03-01 00:00:00 UTC")
    hand_in(a_class, "new", "03-batches")
    said = run(a_class, status=3)
    assert "01-five-steps, not graded yet, and left empty: eli" in said
    assert "03-batches, not graded yet, and left empty: new" in said
    assert (
        "01-five-steps, handed in again since it was graded, or graded in part: the points are the old ones: ada"
        in said
    )
    assert "01-five-steps, waits for grading by hand: the points are those so far: dee" in said
    assert "Next: gdgrade autograde 01-five-steps, then this once more" in said
    assert {row["Student ID"]: row["03-batches"] for row in rows_of(a_class / "exports" / "grades.csv")}["new"] == ""
    grades = read(open_class(a_class), missing=0.0)
    assert grades.having(State.UNGRADED) == {"01-five-steps": ["eli"], "03-batches": ["new"]}
    # Not graded is not the student's fault, and no zero.
    run(a_class, "--missing", "zero", status=3)
    rows = {row["Student ID"]: row for row in rows_of(a_class / "exports" / "grades.csv")}
    assert (rows["new"]["03-batches"], rows["new"]["02-slopes"]) == ("", "0")


def test_a_submission_that_nothing_has_looked_at_is_not_graded(a_class):
    """nbgrader, killed in time, leaves cells without points that all wait for a person; so does an essay alone."""
    course = open_class(a_class)
    with Gradebook(course.db_url, "gradient-descent") as book:
        book.add_submission("03-batches", "eli")
        assert read(course, ["3"]).having(State.MISSING)["03-batches"][0] == "eli"
        hand_in(a_class, "eli", "03-batches")
        assert read(course, ["3"]).having(State.UNGRADED) == {"03-batches": ["eli"]}
        book.update_or_create_submission("03-batches", "eli", timestamp="2030-01-01 11:00:00 UTC")
    assert read(course, ["3"]).having(State.UNGRADED) == {"03-batches": ["eli"]}
    (a_class / "autograded" / "eli" / "03-batches").mkdir(parents=True)
    assert read(course, ["3"]).having(State.BY_HAND) == {"03-batches": ["eli"]}


# No formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "+49 170", "-1-1", "--1"],
)
def test_what_a_spreadsheet_would_compute_is_escaped(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-", "-1", "+1.5", "-0,5", "-3%", "a=1", "O'Neill", "", "1-2", "Ünal"])
def test_numbers_and_plain_text_are_as_they_were(text):
    assert safe(text) == text


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (-0.0, "0"),
        (15.0, "15"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (1e-12, "0"),
        (1e7, "10000000"),
    ],
)
def test_points_have_a_decimal_point_and_nothing_else(points, text):
    assert number(points) == text


def test_no_cell_of_a_csv_file_begins_like_a_formula(a_class):
    run(a_class, status=3)
    text = (a_class / "exports" / "grades.csv").read_bytes().decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert "'=1+1" in cells and "'@SUM(1)\"" in cells and "'+bob@example.edu" in cells
    assert "Žofie =2" in cells
    assert [cell for cell in cells if re.match(r"\s*[=+@-]", cell) and not re.fullmatch(r"-?[\d.]+", cell)] == []
    assert all("\n" not in cell for cell in cells)


def test_a_workbook_has_text_as_text_and_numbers_as_numbers(a_class):
    run(a_class, "--format", "xlsx", status=3)
    path = a_class / "exports" / "grades.xlsx"
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Grades", "Details"]
    by_id = {row[0].value: row for row in book["Grades"].iter_rows(min_row=2)}
    assert by_id["bob"][2].value == "=1+1" and by_id["bob"][2].data_type == "s" and by_id["bob"][2].quotePrefix
    assert by_id["-cyd"][1].value == "Ünal, 李"
    assert by_id["ada"][4].value == 15 and by_id["ada"][4].data_type == "n"
    assert by_id["eli"][4].value is None
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/" in name]
    assert len(sheets) == 2 and not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    details = list(book["Details"].iter_rows(values_only=True))
    assert details[0] == tuple(tables.details(read(open_class(a_class)))[0])
    assert len(details) == 1 + 2 * 5


def test_the_same_grades_give_the_same_workbook(a_class, tmp_path):
    rows = tables.overview(read(open_class(a_class)))
    assert tables.xlsx_bytes({"A": rows}) == tables.xlsx_bytes({"A": rows})
    name = [["a\x00\x1b[31m" + "x" * 40_000]]
    cell = openpyxl.load_workbook(io.BytesIO(tables.xlsx_bytes({"A": name})))["A"]["A1"].value
    assert cell == ("a[31m" + "x" * 40_000)[:32_767]


# What changed -------------------------------------------------------------------------------------------------------


def test_a_second_export_says_that_nothing_changed_and_leaves_the_file_alone(a_class):
    run(a_class, status=3)
    path = a_class / "exports" / "grades.csv"
    before = path.stat()
    said = run(a_class, status=3)
    assert "Nothing changed since the export of 2" in said and "is as it was" in said
    assert path.stat().st_mtime_ns == before.st_mtime_ns and path.stat().st_ino == before.st_ino
    note = json.loads((a_class / ".gdgrade" / "exports" / "csv.json").read_text())
    assert len(note["exports"]) == 1 and note["exports"][0]["holds"] >= note["exports"][0]["when"]


def test_a_second_export_says_who_changed_where_from_what_to_what(a_class):
    run(a_class, status=3)
    change(a_class, "ada", "02-slopes", Points(9, 1))
    change(a_class, "eli", "02-slopes", Points(4))
    with Gradebook(open_class(a_class).db_url, "gradient-descent") as book:
        book.remove_submission("02-slopes", "bob")
    said = run(a_class, status=3)
    assert "3 changes of points, of 3 students" in " ".join(said.split())
    lines = [[part.strip() for part in line.split("│")[1:-1]] for line in said.splitlines() if "02-slopes │" in line]
    assert lines == [["ada", "02-slopes", "7", "10"], ["bob", "02-slopes", "0", "–"], ["eli", "02-slopes", "–", "4"]]
    assert "Nothing changed" in run(a_class, status=3)


def test_lessons_exported_for_the_first_time_are_no_changes(a_class):
    run(a_class, "--lesson", "2")
    said = run(a_class, status=3)
    assert "No points changed since" in said and "Exported for the first time: 01-five-steps." in said
    change(a_class, "ada", "02-slopes", Points(1))
    run(a_class, "--lesson", "1", status=3)  # the other lesson is compared with its own last export
    assert "1 change of points, of 1 student," in " ".join(run(a_class, "--lesson", "2").split())


def test_each_format_has_a_first_export_of_its_own(a_class):
    run(a_class, status=3)
    assert "since" not in run(a_class, "--format", "xlsx", status=3)


def test_another_name_is_another_file_with_the_same_past(a_class, tmp_path):
    run(a_class, "--to", tmp_path / "week1.csv", status=3)
    change(a_class, "ada", "02-slopes", Points(1))
    assert "1 change of points" in run(a_class, "--to", tmp_path / "week2.csv", status=3)
    assert (tmp_path / "week1.csv").exists()
    run(a_class, "--to", tmp_path / "book.xlsx", status=3)  # by its ending
    assert openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames == ["Grades", "Details"]


# Files of others ----------------------------------------------------------------------------------------------------


def test_somebody_elses_file_is_left_alone(a_class):
    path = a_class / "mine.csv"
    path.write_text("mine")
    said = run(a_class, "--to", path, status=1)
    assert "is not as gdgrade export wrote it. Nothing was changed." in said
    assert path.read_text() == "mine" and not (a_class / ".gdgrade").exists()
    run(a_class, "--to", path, "--force", status=3)
    assert path.read_text() != "mine"


def test_an_export_that_somebody_has_worked_on_is_left_alone(a_class):
    run(a_class, status=3)
    path = a_class / "exports" / "grades.csv"
    path.write_text(path.read_text() + "a note of mine\r\n")
    change(a_class, "ada", "02-slopes", Points(1))
    assert "is not as gdgrade export wrote it" in run(a_class, status=1)
    assert "a note of mine" in path.read_text()
    path.unlink()
    assert "1 change of points" in run(a_class, status=3)  # it was not exported meanwhile


def test_a_deleted_file_is_written_again(a_class):
    run(a_class, status=3)
    path = a_class / "exports" / "grades.csv"
    content = path.read_bytes()
    path.unlink()
    assert "No points changed since" in run(a_class, status=3)
    assert path.read_bytes() == content


def test_killed_between_its_file_and_its_note_it_goes_on(a_class, monkeypatch):
    run(a_class, status=3)
    change(a_class, "ada", "02-slopes", Points(1))

    def killed(path, content, **how):
        real(path, content, **how)
        if Path(path).suffix == ".csv":
            raise KeyboardInterrupt

    real = exported.write_whole
    monkeypatch.setattr(exported, "write_whole", killed)
    CliRunner().invoke(cli.app, ["export", "--class", str(a_class)])
    monkeypatch.undo()
    change(a_class, "ada", "02-slopes", Points(2))
    said = run(a_class, status=3)  # its own file, and what the instructor was not told is told now
    assert "1 change of points" in said and "│ 7      │ 2" in said


def test_an_unreadable_note_is_named_and_kept(a_class):
    run(a_class, status=3)
    note = a_class / ".gdgrade" / "exports" / "csv.json"
    note.write_text("{")
    assert "csv.json, the note of what was exported, cannot be read" in run(a_class, status=1).replace("\n", "")
    assert note.read_text() == "{"


# Wrong calls, and what is not there ---------------------------------------------------------------------------------


def test_a_folder_that_is_no_class_and_a_class_without_a_gradebook_are_told(tmp_path, a_class):
    assert "is missing" in run(tmp_path, status=1)
    (a_class / "gradebook.db").unlink()
    assert "there is no gradebook" in run(a_class, status=1)
    assert not (a_class / "gradebook.db").exists()
    assert "the gradebook's address is none" in run(a_class, "--db", "grades", status=1)


def test_a_class_in_which_nobody_has_handed_in_anything_says_so(tmp_path):
    directory = make_class(tmp_path / "empty", STUDENTS, {}, {})
    assert "the gradebook has no lesson yet" in run(directory, status=1)
    directory = make_class(tmp_path / "new", STUDENTS, LESSONS, {})
    assert "nobody has handed in anything yet" in run(directory, status=1)
    run(directory, "--lesson", "1", status=0)  # asked for by name, it is exported


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "canvas"], "Canvas takes its own gradebook back"),
        (["--format", "csv", "--canvas", "x.csv"], "--canvas does not go with --format csv"),
        (["--format", "xlsx", "--moodle", "x.csv"], "--moodle does not go with --format xlsx"),
        (["--format", "xlsx", "--details"], "--details does not go with --format xlsx"),
        (["--column", "1=x"], "--column does not go with --format csv"),
        (["--canvas", "x.csv", "--column", "x"], "it should be LESSON=COLUMN"),
        (["--format", "ods"], "ods"),
    ],
)
def test_options_that_do_not_go_together_are_a_wrong_call(a_class, options, said):
    assert said in run(a_class, *options, status=2)


def test_a_place_that_cannot_be_written_to_is_named(a_class):
    assert "is a folder" in run(a_class, "--to", a_class, status=1)
    (a_class / "file").write_text("")
    assert "file" in run(a_class, "--to", a_class / "file" / "x.csv", status=1)


def test_it_waits_its_turn(a_class):
    with alone(a_class):
        assert "somebody else is at work" in run(a_class, status=4)


def test_terminals_are_not_told_to_do_things_by_names(tmp_path):
    evil = "\x1b[31m[bold]eve"
    directory = make_class(tmp_path / "class", [{"id": evil}], {"01-a": 3}, {(evil, "01-a"): Points(1)})
    run(directory)
    change(directory, evil, "01-a", Points(2, waits=True))
    said = run(directory, status=3)
    assert "\x1b[31m" not in said and "[bold]eve" in said


# Many, and elsewhere ------------------------------------------------------------------------------------------------


def test_the_gradebook_is_read_with_the_same_number_of_queries_however_many_students(tmp_path):
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def queries(count):
        students = [{"id": f"s{number}"} for number in range(count)]
        points = {(student["id"], "01-a"): Points(1) for student in students}
        course = open_class(make_class(tmp_path / str(count), students, {"01-a": 3}, points))
        seen = []
        hear = lambda *args: seen.append(args[2])
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            assert len(read(course).marks) == count
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
        return len(seen)

    assert queries(2) == queries(25)


@pytest.mark.slow
@pytest.mark.skipif(postgres.missing() and not os.environ.get("CI"), reason=postgres.REASON)
def test_a_gradebook_in_postgresql_says_the_same(tmp_path, a_class):
    run(a_class, "--details", status=3)
    with postgres.Server() as server:
        url = server.create("grades")
        there = make_class(tmp_path / "there", STUDENTS, LESSONS, POINTS, db=url)
        run(there, "--details", "--db", url, status=3)
    assert numbers_and_text(there) == numbers_and_text(a_class)
    assert not (there / "gradebook.db").exists()


def numbers_and_text(directory):
    return rows_of(directory / "exports" / "details.csv")


def stock(directory):
    """What `nbgrader export` says: raw points, penalty, points, most; by student."""
    classes.nbgrader(directory, "export", "--to", "stock.csv")
    names = ("raw_score", "late_submission_penalty", "score", "max_score")
    with (directory / "stock.csv").open(newline="") as file:
        return {row["student_id"]: tuple(float(row[name]) for name in names) for row in csv.DictReader(file)}


@pytest.mark.slow
@pytest.mark.xdist_group("gradebooks")
def test_a_class_that_gdgrade_graded_has_nbgraders_numbers_late_penalties_and_all(tmp_path, tiny_sources):
    directory = classes.make_class(tmp_path / "late", tiny_sources)
    autograde.autograde(directory, LESSON)
    said = run(directory, "--details", "--missing", "zero", status=3)
    assert f"{LESSON}, waits for grading by hand" in said
    ours, theirs = {who: points for (_, who), points in numbers(directory).items()}, stock(directory)
    assert ours == pytest.approx(theirs)
    assert {who: points[1] for who, points in ours.items() if points[1]} == {"gus": 1, "hal": 3.5}
    assert ours["zoe"] == (0, 0, 0, 7.5)


@pytest.mark.slow
def test_a_class_that_plain_nbgrader_graded_is_exported_and_its_own_file_left_alone(tmp_path, tiny_class):
    directory = classes.copy_class(tiny_class.directory, tmp_path / "class")
    run(directory, "--details", "--missing", "zero")
    ours, theirs = {who: points for (_, who), points in numbers(directory).items()}, stock(directory)
    assert len(theirs) > 10 and ours == pytest.approx(theirs)
    grades = (directory / "grades.csv").read_bytes()
    assert "is not as gdgrade export wrote it" in run(directory, "--to", directory / "grades.csv", status=1)
    assert (directory / "grades.csv").read_bytes() == grades


def test_an_export_is_written_and_noted_by_python_too(tmp_path):
    export = Export(b"x", {("01-a", "ada"): 1.0})
    first = exported.write(tmp_path, "csv", tmp_path / "x.csv", export)
    assert (first.written, first.since, first.changes, first.first) == (True, None, [], ["01-a"])
    again = exported.write(tmp_path, "csv", tmp_path / "x.csv", export)
    assert (again.written, again.changes, again.first) == (False, [], [])
    with pytest.raises(ClassError, match="is a folder"):
        exported.write(tmp_path, "csv", tmp_path, export)
