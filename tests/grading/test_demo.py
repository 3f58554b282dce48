"""The demo class of lesson 01, played for real: each student gets the score and the words they should."""

import html
import json
import re
import stat

import nbformat
import pytest
from typer.testing import CliRunner

from grading import cli, demo, notebooks, plugins, report

LESSON = "01-five-steps"
POINTS = {
    "split": 1, "predict": 1, "mse": 1, "gradients": 3, "update": 2, "train": 3, "fit": 2,
    "inside_the_loop": 0.5, "what_the_gradient_tells": 0.5, "learning_rate_too_large": 0.5, "why_the_mean": 0.5,
}  # fmt: skip
UNTOUCHED = {name: "still_broadcasts" if name == "fit" else "not attempted" for name in POINTS}
# A recognised mistake costs its own points and no others: a later exercise that only carries it on passes.
EXPECTED = {
    "ada": {},
    "bela": {},
    "chen": {},
    "dana": {"gradients": "no_factor_two"},
    "emil": {"gradients": "reversed_sign"},
    "fatima": {"split": "not_shuffled"},
    "goran": {"mse": "sums"},
    "hana": {"update": "uphill"},
    "ivan": {"train": "records_after_update"},
    "jana": {"inside_the_loop": "chose_a", "what_the_gradient_tells": "missed_c"},
    "karl": {"fit": "still_broadcasts"},
    "lena": {"mse": "broadcasts"},
    "milo": UNTOUCHED,
    "nora": {k: v for k, v in UNTOUCHED.items() if k not in ("split", "predict", "mse")}
    | {"gradients": "leaves_out_x"},
    "omar": {},
    "pia": dict.fromkeys(POINTS, "NotGraded"),
    "quinn": dict.fromkeys(POINTS, "NotGraded"),
    "rosa": {"predict": "exchanges_parameters"},
}
FINDINGS = {
    "pia": f"pia/{LESSON}/{LESSON}.ipynb is not valid JSON: Expecting value, line 12 column 1.",
    "quinn": f"quinn/{LESSON}/{LESSON}.ipynb is missing: only notes.txt was handed in.",
}


def words(text: str) -> str:
    """Text as a reader sees it: without tags, entities and line breaks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The demo as `gdgrade demo` plays it."""
    return demo.play(tmp_path_factory.mktemp("demo") / "class")


@pytest.fixture(scope="module")
def submissions(played):
    return {submission.student: submission for submission in report.findings(played.directory, LESSON)}


@pytest.fixture(scope="module")
def pages(played):
    return {student: words(played.feedback(student, LESSON).read_text(encoding="utf-8")) for student in EXPECTED}


@pytest.mark.slow
class TestDemoClass:
    def test_the_whole_roster_is_there_by_name(self, submissions):
        assert set(submissions) == set(EXPECTED)
        assert all(submission.name for submission in submissions.values())
        assert submissions["bela"].name == "Béla Bartal"

    @pytest.mark.parametrize("student", EXPECTED)
    def test_score_and_mistakes_are_as_expected(self, submissions, student):
        submission = submissions[student]
        assert {check.exercise: check.mistake for check in submission.checks if check.failed} == EXPECTED[student]
        assert {check.exercise: check.max_score for check in submission.checks} == POINTS
        assert submission.score == sum(points for name, points in POINTS.items() if name not in EXPECTED[student])
        assert submission.max_score == sum(POINTS.values())

    @pytest.mark.parametrize("student", EXPECTED)
    def test_finding_is_there_only_for_who_could_not_be_graded(self, submissions, student):
        finding = submissions[student].finding
        assert (finding or "").startswith(FINDINGS.get(student, ""))
        assert (finding is not None) == (student in FINDINGS)

    @pytest.mark.parametrize("student", EXPECTED)
    def test_feedback_says_what_each_failed_check_said(self, submissions, pages, student):
        for check in submissions[student].checks:
            if check.failed:
                for line in check.message.splitlines():
                    assert words(html.escape(line)) in pages[student]
        assert FINDINGS.get(student, "") in pages[student]

    @pytest.mark.parametrize("student", EXPECTED)
    def test_submitted_file_is_what_was_handed_in(self, played, tmp_path, student):
        there = played.directory / "submitted" / student / LESSON
        raw = demo.ANSWERS / LESSON / student
        if raw.is_dir():
            assert {path.name: path.read_bytes() for path in there.iterdir()} == {
                path.name: path.read_bytes() for path in raw.iterdir()
            }
            return
        released = nbformat.read(played.directory / "release" / LESSON / f"{LESSON}.ipynb", as_version=4)
        answers = notebooks.read_answers(raw.with_suffix(".py"))
        texts = notebooks.solutions(notebooks.read_source(demo.SOURCE / f"{LESSON}.py"))
        texts = (texts if answers.base == "solution" else {}) | answers.answers
        notebooks.write(notebooks.graft(released, texts, answers.extras), tmp_path / "again.ipynb")
        assert (there / f"{LESSON}.ipynb").read_bytes() == (tmp_path / "again.ipynb").read_bytes()

    def test_released_notebook_is_the_course_s(self, played, tmp_path):
        notebooks.build_course(demo.SOURCE, tmp_path)
        built = tmp_path / LESSON / f"{LESSON}.ipynb"
        assert built.read_bytes() == (played.directory / "release" / LESSON / f"{LESSON}.ipynb").read_bytes()

    def test_grades_are_exported(self, played, submissions):
        rows = [line.split(",") for line in played.grades.read_text(encoding="utf-8").splitlines()]
        scores = {
            row["student_id"]: float(row["score"]) for row in (dict(zip(rows[0], r, strict=True)) for r in rows[1:])
        }
        assert scores == {student: submission.score for student, submission in submissions.items()}

    def test_solutions_stay_out_of_what_students_get(self, played):
        text = (played.directory / "release" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")
        assert "SOLUTION" not in text
        assert "### STUB" not in text

    def test_the_table_names_each_student_and_mistake(self, submissions):
        with cli.console.capture() as captured:
            cli.console.print(cli._table(LESSON, list(submissions.values())), width=200)
        text = captured.get()
        for line in ("Dana Dahl (dana)", "gradients: no_factor_two", "inside_the_loop: chose_a", "14/15"):
            assert line in text


@pytest.mark.slow
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
    assert report.open_class(made).root == str(made)


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
