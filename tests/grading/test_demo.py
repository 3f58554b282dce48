"""The demo classes, played for real: each student gets the score and the words they should."""

import csv
import html
import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from gdexercises.checking.verdict import marked_up
from grading import cli, demo, notebooks, plugins, report
from grading.commands.course import COURSE
from grading.course import open_class
from grading.graft import graft
from grading.terminal import console, findings_table, what_went_wrong
from tests.grading.expected import CLASSES

STUDENTS = [
    pytest.param(
        demo_class, student, marks=pytest.mark.xdist_group(demo_class.lesson), id=f"{demo_class.lesson}-{student}"
    )
    for demo_class in CLASSES
    for student in demo_class.mistakes
]
LESSONS = [
    pytest.param(demo_class, marks=pytest.mark.xdist_group(demo_class.lesson), id=demo_class.lesson)
    for demo_class in CLASSES
]
each_student = pytest.mark.parametrize(("demo_class", "student"), STUDENTS)
each_lesson = pytest.mark.parametrize("demo_class", LESSONS)


def words(text: str) -> str:
    """Text as a reader sees it: without tags, entities and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@dataclass
class Played:
    """A demo class as `gdgrade demo` plays it, and what came out of it."""

    demo: demo.Demo
    submissions: dict[str, report.Submission]

    def page(self, student: str, lesson: str) -> str:
        return words(self.demo.feedback(student, lesson).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def play(tmp_path_factory):
    """``play(demo_class)``: the class of one lesson, played once."""
    plays = {}

    def of(demo_class):
        lesson = demo_class.lesson
        if lesson not in plays:
            done = demo.play(tmp_path_factory.mktemp("demo") / "class", only=[lesson])
            submissions = {found.student: found for found in report.findings(done.directory, lesson)}
            plays[lesson] = Played(done, submissions)
        return plays[lesson]

    return of


@pytest.mark.slow
class TestDemoClass:
    @each_lesson
    def test_every_answer_file_has_its_expectation(self, demo_class):
        answers = (demo.ANSWERS / demo_class.lesson).iterdir()
        assert {path.stem for path in answers if path.name not in notebooks.IGNORED} == set(demo_class.mistakes)

    @each_lesson
    def test_students_are_there_by_name(self, play, demo_class):
        submissions = play(demo_class).submissions
        assert set(submissions) >= set(demo_class.mistakes)
        assert all(submission.name for submission in submissions.values())
        assert submissions["bela"].name == "Béla Bartal"

    @each_student
    def test_score_and_mistakes_are_as_expected(self, play, demo_class, student):
        submission = play(demo_class).submissions[student]
        found = {check.exercise: check.mistake for check in submission.checks if check.failed}
        assert found == demo_class.mistakes[student]
        assert {check.exercise: check.max_score for check in submission.checks} == demo_class.points
        assert submission.score == demo_class.score(student)
        assert submission.max_score == sum(demo_class.points.values())

    @each_student
    def test_finding_is_there_only_for_who_could_not_be_graded(self, play, demo_class, student):
        finding = play(demo_class).submissions[student].finding
        assert (finding or "").startswith(demo_class.findings.get(student, ""))
        assert (finding is not None) == (student in demo_class.findings)

    @each_student
    def test_feedback_says_what_each_failed_check_said(self, play, demo_class, student):
        played = play(demo_class)
        page = played.page(student, demo_class.lesson)
        for check in played.submissions[student].checks:
            if check.failed:
                for line in check.message.splitlines():
                    assert words(marked_up(line)) in page
        assert demo_class.findings.get(student, "") in page

    @each_student
    def test_submitted_file_is_what_was_handed_in(self, play, tmp_path, demo_class, student):
        lesson, directory = demo_class.lesson, play(demo_class).demo.directory
        there = directory / "submitted" / student / lesson
        raw = demo.ANSWERS / lesson / student
        if raw.is_dir():
            assert {path.name: path.read_bytes() for path in there.iterdir()} == {
                path.name: path.read_bytes() for path in raw.iterdir()
            }
            return
        released = nbformat.read(directory / "release" / lesson / f"{lesson}.ipynb", as_version=4)
        answers = notebooks.read_answers(raw.with_suffix(".py"))
        texts = notebooks.solutions(notebooks.read_source(demo.SOURCE / f"{lesson}.py"))
        texts = (texts if answers.base == "solution" else {}) | answers.answers
        notebooks.write(graft(released, texts, answers.extras), tmp_path / "again.ipynb")
        assert (there / f"{lesson}.ipynb").read_bytes() == (tmp_path / "again.ipynb").read_bytes()

    @each_lesson
    def test_released_notebook_is_the_course_s(self, play, demo_class):
        path = Path(demo_class.lesson, f"{demo_class.lesson}.ipynb")
        assert (play(demo_class).demo.directory / "release" / path).read_bytes() == (COURSE / path).read_bytes()

    @each_lesson
    def test_grades_are_exported(self, play, demo_class):
        played = play(demo_class)
        with played.demo.grades.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["assignment"] == demo_class.lesson]
        assert {row["student_id"]: float(row["score"]) for row in rows} == {
            student: submission.score for student, submission in played.submissions.items()
        }

    @each_lesson
    def test_the_table_names_each_student_and_mistake(self, play, demo_class):
        submissions = play(demo_class).submissions
        with console.capture() as captured:
            console.print(findings_table(demo_class.lesson, list(submissions.values())), width=200)
        text = captured.get()
        for student, mistakes in demo_class.mistakes.items():
            assert f"({student})" in text
            assert f"{demo_class.score(student):g}/{sum(demo_class.points.values()):g}" in text
            said = what_went_wrong(submissions[student])
            if student not in demo_class.findings:
                assert all(name in said and mistake in said for name, mistake in mistakes.items())


@pytest.mark.slow
@pytest.mark.xdist_group("tiny")
class TestAgain:
    def test_grading_again_gives_the_same_seeds_and_scores(self, tiny_class):
        before = report.findings(tiny_class.directory, "98-tiny")
        demo._nbgrader(tiny_class, "autograde", "98-tiny", "--force", "--student=right")
        assert report.findings(tiny_class.directory, "98-tiny") == before

    def test_what_nbgrader_says_last_comes_up(self, tiny_class):
        with pytest.raises(
            demo.DemoError, match=r"`nbgrader autograde 97-no` ended with status 1: .*(?s:.)*nbgrader\.log"
        ):
            demo._nbgrader(tiny_class, "autograde", "97-no")


@pytest.fixture
def class_of(tmp_path, tiny_answers):
    """Make a class directory in a given place."""

    def make(directory):
        demo._make_class(demo.Demo(directory, ()), tiny_answers)
        return directory

    return make


def test_a_class_has_its_settings_its_roster_and_its_secret(class_of, tmp_path):
    made = class_of(tmp_path / "demo")
    assert (made / "nbgrader_config.py").read_bytes() == demo.CONFIG.read_bytes()
    assert (made / "roster.csv").exists()
    assert stat.S_IMODE((made / plugins.SECRET_FILE).stat().st_mode) == 0o600
    assert open_class(made).root == str(made)


def test_a_demo_is_made_anew(class_of, tmp_path):
    made = class_of(tmp_path / "demo")
    (made / "old").write_text("old")
    class_of(made)
    assert not (made / "old").exists()


def test_nothing_else_is_ever_deleted(class_of, tmp_path):
    mine = tmp_path / "thesis.tex"
    mine.write_text("chapter 1")
    with pytest.raises(demo.DemoError, match="is not empty and was not made by this command"):
        class_of(tmp_path)
    with pytest.raises(demo.DemoError, match="is a file"):
        class_of(mine)
    assert mine.read_text() == "chapter 1"


def test_answers_for_no_lesson_are_named(tmp_path, tiny_sources):
    with pytest.raises(demo.DemoError, match="has answers for no lesson of"):
        demo.play(tmp_path / "demo", tiny_sources, tmp_path)


def test_course_command_says_what_changed(tiny_sources, tmp_path):
    arguments = ["course", "--source", str(tiny_sources), "--course", str(tmp_path)]
    run = CliRunner().invoke
    assert run(cli.app, [*arguments, "--check"]).exit_code == 1
    assert not list(tmp_path.iterdir())
    made = run(cli.app, arguments)
    assert (made.exit_code, made.output.count("new")) == (0, 2)
    assert "is up to date" in run(cli.app, [*arguments, "--check"]).output
    assert json.loads((tmp_path / "98-tiny" / "98-tiny.ipynb").read_text())["nbformat"] == 4


def test_course_command_names_what_is_wrong(tmp_path):
    result = CliRunner().invoke(cli.app, ["course", "--source", str(tmp_path), "--course", str(tmp_path / "course")])
    assert result.exit_code == 1
    assert "holds no lesson" in result.output
