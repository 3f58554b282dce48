"""`gdgrade report` makes pages that stand alone, show what there is, and hold whatever a class brings."""

import base64
import csv
import io
import itertools
import re
import shutil
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from dateutil.tz import UTC
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from typer.testing import CliRunner

from grading import cli
from grading.course import open_class
from grading.demo import CONFIG
from grading.report import CheckResult, Lesson, Submission
from grading.report_lesson import JUDGE, _LessonPage
from grading.report_page import Names
from tests.grading.reported import LESSON, POINTS, Work, make_class
from tests.grading.test_alike import ODD, ODD_CHANGED, ODD_DISGUISED, REFERENCE, others

DUE = datetime(2030, 1, 10, 12)
EVIL = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}"
SECTIONS = ("scores", "exercises", "mistakes", "stuck", "times", "alike", "wall", "students")
HOSTILE = ODD.replace("'''Trains.'''", f"print({EVIL!r})")
WORKS = {
    "ada": Work({}, {"roll": ODD}, DUE - timedelta(days=3), essay=3.0),
    "bob": Work({"roll": "uphill"}, {"roll": ODD_DISGUISED}, DUE - timedelta(hours=30)),
    "cyd": Work({"roll": "uphill", "climb": "too_slow"}, {"roll": ODD_CHANGED}, DUE + timedelta(hours=1), essay=4.0),
    "dee": Work(dict.fromkeys(POINTS, "not attempted"), {}, DUE + timedelta(days=2, hours=5)),
    "eli": Work({"climb": "ended: took longer than 20 seconds, the limit for one call"}, sandbox=False),
    "fay": Work(finding="is empty. Nothing in it could be graded.", when=DUE),
    "=cmd|x": Work({"quiz": EVIL}, {"climb": HOSTILE, "roll": "def f(:"}, stopped=f"It ended {EVIL}"),
    "hal": Work({"quiz": EVIL}, {"climb": HOSTILE, "roll": "def f(:"}, essay=1.0),
} | {f"more{number}": Work({}, {"roll": text}, DUE) for number, text in enumerate(others(12))}  # fmt: skip


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """A class in which everything happened, also what must not."""
    directory = tmp_path_factory.mktemp("class")
    roster = {"ada": ("Ada", "First"), "zoe": ("Zoe", "Absent"), "=cmd|x": (EVIL, "'\"&")}
    solutions = {"roll": REFERENCE}
    make_class(directory, WORKS, roster=roster, due=DUE, essay=True, solutions=solutions, waiting=["kim"])
    return make_class(directory, {"ada": Work({"slope": "flat"})}, lesson="02-slopes", points={"slope": 4.0})


def report(directory, *options, status=0):
    """Run the command, and give what it said."""
    done = CliRunner().invoke(cli.app, ["report", "--class", str(directory), *map(str, options)])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return " ".join(done.output.split())


def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@pytest.fixture(scope="module")
def lesson_page(a_class):
    report(a_class, "1", status=3)
    return a_class / "reports" / f"{LESSON}.html"


@pytest.fixture(scope="module")
def class_page(a_class, lesson_page):
    report(a_class, status=3)
    return a_class / "reports" / "class.html"


@pytest.fixture(params=["lesson", "class"])
def page(request):
    return request.getfixturevalue(f"{request.param}_page")


def section(page, name):
    return soup(page).find(id=name).find_parent("section")


def rows(page, name):
    """The rows of a table, as text."""
    table = soup(page).find(id=f"table-{name}").find_parent("table")
    return [[" ".join(cell.get_text().split()) for cell in row.find_all(("th", "td"))] for row in table.find_all("tr")]


class TestEveryPage:
    def test_loads_nothing_and_runs_nothing(self, page):
        found = soup(page)
        assert not found.find_all(("script", "link", "iframe", "object", "embed", "img", "base", "form"))
        for tag in found.find_all(True):
            assert not [name for name in tag.attrs if name.startswith("on") or name in ("src", "srcset", "action")]
            assert re.match(r"#|data:text/csv;base64,|[\w-]+\.html$", tag.get("href", "#"))
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"https?:|@import|url\((?!#)", text)
        assert "default-src 'none'" in text

    def test_is_in_order_for_who_hears_it(self, page):
        found = soup(page)
        assert found.html["lang"] == "en" and found.title.get_text() == found.h1.get_text()
        assert len(found.find_all("h1")) == 1
        levels = [int(heading.name[1]) for heading in found.find_all(re.compile(r"^h\d$"))]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        for table in found.find_all("table"):
            assert table.caption.get_text()
            assert all(head["scope"] in ("col", "row") for head in table.find_all("th"))
            widths = {len(row.find_all(("th", "td"))) for row in table.find_all("tr")}
            assert len(widths) == 1
        for chart in found.find_all("svg"):
            assert all(found.find(id=name).get_text() for name in chart["aria-labelledby"].split())
        ids = [tag["id"] for tag in found.find_all(id=True)]
        assert len(ids) == len(set(ids))
        for link in found.find_all("a", href=re.compile("^#")):
            assert link["href"][1:] in ids

    def test_what_scrolls_can_be_reached_by_keyboard(self, page):
        found = soup(page)
        assert all(box["tabindex"] == "0" and box["aria-labelledby"] for box in found.find_all(class_="wide"))
        assert all(box["tabindex"] == "0" for box in found.find_all("pre"))

    def test_names_and_words_of_students_are_text(self, page):
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "<img" not in text
        assert "{{ 7 * 7 }}" in text and "&lt;script&gt;" in text

    def test_each_table_has_its_csv_in_the_page(self, page):
        found = soup(page)
        links = found.find_all("a", download=True)
        assert len(links) == len(found.find_all("table"))
        for link, table in zip(links, found.find_all("table"), strict=True):
            text = base64.b64decode(link["href"].partition("base64,")[2]).decode("utf-8-sig")
            assert len(list(csv.reader(io.StringIO(text)))) == len(table.find_all("tr"))
            assert link["download"].endswith(".csv")


class TestLessonPage:
    def test_has_all_its_parts(self, lesson_page):
        assert [heading["id"] for heading in soup(lesson_page).find_all("h2")] == list(SECTIONS)

    def test_begins_with_what_is_worth_a_look(self, lesson_page):
        said = soup(lesson_page).find(class_="glance").get_text()
        assert "1 submission not graded yet: gdgrade autograde 01-hills" in said
        assert "uphill in roll: 2 students (11 %)" in said
        assert "1 submission graded without the wall" in said

    def test_exercises_have_their_numbers(self, lesson_page):
        found = {row[0]: row[1:] for row in rows(lesson_page, "exercises")}
        assert found["climb"] == ["2", "1.68", "84 %", "16", "0", "2", "0", "1"]
        assert found["essay"][-4:] == ["2", "0", "16", "0"]

    def test_mistakes_have_their_hint_and_who_made_them(self, lesson_page):
        [uphill] = [row for row in rows(lesson_page, "mistakes") if row[1] == "uphill"]
        assert uphill[2:4] == ["2", "11 %"]
        assert "The sign is reversed: w goes *uphill* <there>." in uphill[4]
        assert uphill[5] == "bob; cyd"

    def test_who_is_stuck_late_or_missing_is_named_with_the_reason(self, lesson_page):
        assert rows(lesson_page, "stuck")[1][:3] == ["dee", "0", "no points; 3 of 4 exercises not attempted"]
        assert rows(lesson_page, "late")[1:] == [["dee", "2 days 5 h", "0", "–"], ["cyd", "1 h 0 min", "5", "–"]]
        assert rows(lesson_page, "missing")[1:] == [["Zoe Absent (zoe)"]]
        assert "less than half of them" in section(lesson_page, "stuck").p.get_text()

    def test_times_stand_against_the_due_date(self, lesson_page):
        found = section(lesson_page, "times")
        assert "due 2030-01-10 12:00 UTC" in found.svg.get_text()
        assert "13 of 17 came in the last 24 hours before it was due." in found.get_text()

    def test_alike_answers_stand_side_by_side_for_a_human_to_judge(self, lesson_page):
        found = section(lesson_page, "alike")
        assert JUDGE == "For you to judge: two alike answers are no proof of anything."
        cases = found.find_all(class_="case")
        assert cases and all(JUDGE in case.get_text() for case in cases)
        changed = next(case for case in cases if case.find("mark"))
        assert "≠" in changed.mark.get_text() and "print('training'" in changed.find_all("mark")[-1].get_text()
        assert len(changed.find_all(class_="pair")[0].find_all("pre")) == 2
        assert "# my own work" in found.get_text()
        assert not re.search(r"cheat|copied|plagiar|dishonest", found.get_text(), re.I)

    def test_findings_of_the_wall_are_told_by_kind_with_their_words(self, lesson_page):
        kinds = {row[0]: row[1:] for row in rows(lesson_page, "wall-kinds")}
        assert kinds["time"] == ["1", "eli"]
        assert kinds["graded without the wall"] == ["1", "eli"]
        assert any("took longer than 20 seconds" in row[3] for row in rows(lesson_page, "wall"))

    def test_students_have_their_points_by_exercise(self, lesson_page):
        head, *found = rows(lesson_page, "students")
        assert head == ["Student", "State", "Handed in", "Points", "Penalty", *POINTS, "essay"]
        by_name = {row[0]: row[1:] for row in found}
        assert by_name["Ada First (ada)"] == ["graded", "2030-01-07 12:00 UTC", "9", "–", "2", "3", "1", "3"]
        assert by_name["kim"] == ["not graded", *["–"] * 7]
        assert by_name["fay"][0] == "could not be read"

    def test_the_same_class_gives_the_same_page(self, a_class, lesson_page, tmp_path):
        for name in ("one.html", "two.html"):
            report(a_class, LESSON, "--to", tmp_path / name, status=3)
        one, two = (
            re.sub(r"drawn up [\d: -]+", "", (tmp_path / name).read_text()) for name in ("one.html", "two.html")
        )
        assert one == two


class TestClassPage:
    def test_lessons_stand_side_by_side_and_lead_to_their_pages(self, class_page):
        found = {row[0]: row[1:] for row in rows(class_page, "lessons")}
        assert found[LESSON] == ["2030-01-10 12:00 UTC", "21", "20", "2", "1"]
        assert found["02-slopes"] == ["–", "1", "1", "0", "21"]
        assert section(class_page, "lessons").find("a", string=LESSON)["href"] == f"{LESSON}.html"
        assert not section(class_page, "lessons").find("a", string="02-slopes")

    def test_exercises_come_the_hardest_first(self, class_page):
        shares = [int(row[-1].removesuffix(" %")) for row in rows(class_page, "hardest")[1:]]
        assert shares == sorted(shares) and shares[0] == 0

    def test_students_by_lessons_have_numbers_and_shades(self, class_page):
        found = {row[0]: row[1:] for row in rows(class_page, "students")}
        assert found["Ada First (ada)"] == ["64 %", "9", "0"]
        assert found["Zoe Absent (zoe)"] == ["–", "–", "–"]
        shades = {cell["class"][0] for cell in section(class_page, "students").find_all("td")}
        assert {"s", "s0", "s6"} <= shades

    def test_who_is_behind_is_named(self, class_page):
        found = {row[0]: row[1] for row in rows(class_page, "behind")[1:]}
        assert found["dee"] == "less than half of the points in what is graded"


class TestCommand:
    def test_says_what_it_did_and_what_comes_next(self, a_class, tmp_path):
        said = report(a_class, "2", "--to", tmp_path / "page.html")
        assert f"Written: {tmp_path / 'page.html'}" in said
        assert said.endswith("Next: open it in a browser; then gdgrade export")
        assert "then this report again" in report(a_class, "1", status=3)

    def test_changes_nothing_in_the_class_but_its_page(self, a_class):
        def files():
            there = [path for path in a_class.rglob("*") if path.is_file() and path.parent.name != "reports"]
            return {path: path.read_bytes() for path in there}

        before = files()
        report(a_class, status=3)
        report(a_class, LESSON, status=3)
        assert files() == before

    def test_csv_files_hold_the_tables_and_no_formula(self, a_class, tmp_path):
        report(a_class, "1", "--to", tmp_path / "page.html", "--csv", tmp_path / "tables", status=3)
        found = {path.name: path.read_text(encoding="utf-8-sig") for path in (tmp_path / "tables").iterdir()}
        assert set(found) >= {
            f"{LESSON}-{name}.csv" for name in ("scores", "exercises", "mistakes", "stuck", "students")
        }
        for text in found.values():
            for row in csv.reader(io.StringIO(text)):
                assert not any(re.match(r"[=+@]", cell) for cell in row)
        students = list(csv.DictReader(io.StringIO(found[f"{LESSON}-students.csv"])))
        assert len(students) == len(WORKS) + 2
        assert {row["Student"]: row["Points"] for row in students}["Ada First (ada)"] == "9"

    def test_never_replaces_what_is_no_report(self, a_class, tmp_path):
        mine = tmp_path / "thesis.html"
        mine.write_text("<p>mine</p>")
        assert "is there already and is no report" in report(a_class, "2", "--to", mine, status=1)
        assert mine.read_text() == "<p>mine</p>"
        assert "is a folder: name a file" in report(a_class, "2", "--to", tmp_path, status=1)
        report(a_class, "2", "--to", tmp_path / "new" / "page.html")
        report(a_class, "--to", tmp_path / "new" / "page.html", status=3)

    def test_names_what_is_wrong(self, a_class, tmp_path):
        assert "has no lesson 97-no; it has: 01-hills, 02-slopes" in report(a_class, "97-no", status=1)
        assert "nbgrader_config.py is missing" in report(tmp_path, status=1)
        shutil.copy(CONFIG, tmp_path)
        assert "there is no gradebook" in report(tmp_path, status=1)
        (tmp_path / "file").write_text("")
        said = report(a_class, "2", "--to", tmp_path / "p.html", "--csv", tmp_path / "file", status=1)
        assert "cannot be written" in said

    def test_numbers_in_place_of_names_are_the_same_on_all_pages(self, a_class, tmp_path):
        report(a_class, "1", "--anonymous", "--to", tmp_path / "one.html", "--csv", tmp_path, status=3)
        report(a_class, "--anonymous", "--to", tmp_path / "all.html", "--csv", tmp_path, status=3)
        for path in tmp_path.iterdir():
            text = path.read_text(encoding="utf-8-sig")
            assert not re.search(r"\b(Ada|Zoe|ada|bob|cyd|dee|eli|fay|hal|kim|zoe|cmd)\b", text), path
            assert "my own work" not in text
        one, everything = (rows(tmp_path / name, "students") for name in ("one.html", "all.html"))
        points = {row[0]: row[4 - 1 :][0] for row in one[1:]}
        assert {row[0]: row[2] for row in everything[1:]} == points
        assert set(points) == {f"Student {number:02}" for number in range(1, len(WORKS) + 3)}


class TestOddClasses:
    def test_a_class_with_nothing_in_it(self, tmp_path):
        directory = make_class(tmp_path / "class", {})
        with Gradebook(f"sqlite:///{directory / 'gradebook.db'}") as book:
            book.remove_assignment(LESSON)
        assert "lessons released: 0" in report(directory)
        assert "none is released yet" in section(directory / "reports" / "class.html", "lessons").get_text()

    def test_nobody_graded_yet(self, tmp_path):
        directory = make_class(tmp_path / "class", {}, roster={"zoe": ("Zoe", "Absent")}, waiting=["ann", "ben"])
        assert "2 submissions not graded yet: gdgrade autograde 01-hills" in report(directory, "1", status=3)
        found = soup(directory / "reports" / f"{LESSON}.html")
        assert "Nobody is graded yet" in found.get_text()
        report(directory, status=3)

    def test_a_lesson_without_anybody(self, tmp_path):
        directory = make_class(tmp_path / "class", {})
        assert "students: 0" in report(directory, "1")
        report(directory)

    def test_one_student_of_a_lesson_that_was_removed_and_has_no_points(self, tmp_path):
        directory = make_class(tmp_path / "class", {"ada": Work()}, points={"climb": 0.0})
        shutil.rmtree(directory / "release")
        assert "median points: 0 of 0" in report(directory, LESSON)
        said = section(directory / "reports" / f"{LESSON}.html", "alike").get_text()
        assert "The reference solution is not in source/" in said
        report(directory)

    def test_a_class_of_plain_nbgrader_has_points_and_says_that_there_are_no_verdicts(self, tmp_path):
        works = {
            "ada": Work({"climb": "error: AssertionError: w is <b>7</b>"}, sandbox=None),
            "bob": Work(sandbox=None),
        }
        directory = make_class(tmp_path / "class", works)
        for path in (directory / "autograded").rglob("*.ipynb"):
            path.write_text(path.read_text().replace("application/vnd.gdexercises.verdict+json", "text/x-other"))
        assert "2 submissions graded without the wall" in report(directory, "1")
        page = directory / "reports" / f"{LESSON}.html"
        assert "carry no verdicts" in section(page, "mistakes").get_text()
        assert "All of the graded submissions were graded without the wall" in section(page, "wall").get_text()
        assert rows(page, "mistakes")[1][:3] == ["climb", "AssertionError", "1"]
        assert rows(page, "students")[1][3] == "4"

    def test_several_notebooks_in_a_lesson(self, tmp_path):
        directory = make_class(tmp_path / "class", {"ada": Work({"climb": "slow"})})
        course = open_class(directory)
        with Gradebook(course.db_url, course.course_id) as book:
            book.update_or_create_notebook("more", LESSON)
            book.add_grade_cell("check-climb", "more", LESSON, max_score=5.0, cell_type="code")
        report(directory, "1")
        page = directory / "reports" / f"{LESSON}.html"
        assert [row[0] for row in rows(page, "exercises")[1:]] == [
            *(f"{LESSON}/{name}" for name in POINTS),
            "more/climb",
        ]

    @pytest.mark.parametrize("zone", ["Asia/Kathmandu"])
    def test_times_are_shown_in_the_zone_of_the_class(self, tmp_path, zone):
        directory = make_class(tmp_path / "class", {"ada": Work(when=DUE)}, due=DUE)
        with (directory / "nbgrader_config.py").open("a") as config:
            config.write(f"c.NbGraderAPI.timezone = {zone!r}\n")
        report(directory, "1")
        assert "due 2030-01-10 17:45 +0545" in soup(directory / "reports" / f"{LESSON}.html").get_text()

    def test_a_thousand_students_make_a_page_of_a_size(self, big_lesson):
        text = big_lesson.html()
        assert len(text) < 3_000_000
        found = BeautifulSoup(text, "html.parser")
        assert found.find(id="table-students").find_parent("details") is not None
        assert len(found.find(id="table-students").find_parent("table").find_all("tr")) == 1001
        people = found.find(id="table-mistakes").find_parent("table").find_all("details")
        assert people and all(not one.has_attr("open") for one in people)


@pytest.fixture
def big_lesson():
    """The page of a thousand students, each with twenty exercises."""
    exercises = {f"exercise_{number}": 1.0 for number in range(20)}
    texts = others(1000)

    def submission(number):
        passed = {name: (number * 7 + index) % 5 > 0 for index, name in enumerate(exercises)}
        verdicts = [
            {
                "passed": right,
                "finding": "value",
                "mistake": None if right else f"mistake_{number % 3}",
                "message": "No.",
            }
            for right in passed.values()
        ]
        checks = tuple(
            CheckResult(name, float(right), 1.0, verdict, None if right else "CheckFailed: no")
            for (name, right), verdict in zip(passed.items(), verdicts, strict=True)
        )
        return Submission(
            student=f"student-{number:04}",
            name=f"Firstname{number} Lastname{number}",
            score=float(sum(passed.values())),
            max_score=20.0,
            checks=checks,
            finding=None,
            timestamp=DUE - timedelta(hours=number % 300),
            due=DUE,
            answers={"exercise_0": texts[number]},
        )

    those = tuple(submission(number) for number in range(1000))
    lesson = Lesson("99-large", DUE, 20.0, exercises, {"exercise_0": ["exercise_0"]}, {}, those)
    return _LessonPage(CourseDirectory(root="/nowhere"), lesson, Names(), UTC).page(None)
