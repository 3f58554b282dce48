"""nbgrader with this course's plug-ins: nothing a student can hand in stops the class or goes unsaid."""

import hashlib
import hmac
import json
import os
import re
import stat
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from grading import plugins, report

LESSON = "98-tiny"
FULL = 3.5
BLANK = ["not attempted", "returns_in_the_loop"]


# The secret and the seeds made of it --------------------------------------------------------------------------------


def test_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / plugins.SECRET_FILE
    secret = plugins.class_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert plugins.class_secret(path) == secret
    assert plugins.class_secret(tmp_path / "other") != secret


def test_a_damaged_secret_is_named_and_kept(tmp_path):
    path = tmp_path / plugins.SECRET_FILE
    path.write_text("changeme")
    with pytest.raises(ValueError, match="is not a class secret"):
        plugins.class_secret(path)
    assert path.read_text() == "changeme"


def test_seeds_differ_by_class_lesson_and_student():
    seeds = {
        plugins.submission_seed(secret, lesson, student)
        for secret in (b"a" * 32, b"b" * 32)
        for lesson in ("01", "02")
        for student in ("ada", "ben")
    }
    assert len(seeds) == 8
    expected = hmac.new(b"a" * 32, b"01/ada", hashlib.sha256).hexdigest()
    assert plugins.submission_seed(b"a" * 32, "01", "ada") == expected


@pytest.mark.parametrize("before", [None, "another"])
@pytest.mark.parametrize("interrupted", [False, True])
@pytest.mark.parametrize("step", ["SeededExecute", "WalledExecute"])
def test_seed_is_there_during_the_run_and_gone_after(tmp_path, monkeypatch, before, interrupted, step):
    monkeypatch.delenv(plugins.SEED_VARIABLE, raising=False)
    if before:
        monkeypatch.setenv(plugins.SEED_VARIABLE, before)
    seen = []

    def run(nb, *_, **__):
        seen.append(os.environ[plugins.SEED_VARIABLE])
        if interrupted:
            raise KeyboardInterrupt
        return nb

    monkeypatch.setattr(plugins.stock.Execute, "preprocess", lambda self, nb, resources, km: (run(nb), resources))
    monkeypatch.setattr(plugins.trusted, "run", run)
    monkeypatch.setattr(plugins.WalledExecute, "jail", lambda self, nb: None)
    monkeypatch.setattr(plugins, "_released_notebook", lambda *_: None)
    autograde = Autograde(coursedir=CourseDirectory(root=str(tmp_path)))
    step = getattr(plugins, step)(parent=NotebookExporter(parent=autograde))
    about = {"assignment": "01", "student": "ada", "notebook": "01"}
    with pytest.raises(KeyboardInterrupt) if interrupted else nullcontext():
        step.preprocess(nbformat.v4.new_notebook(), {"nbgrader": about})
    secret = plugins.class_secret(tmp_path / plugins.SECRET_FILE)
    assert seen == [plugins.submission_seed(secret, "01", "ada")]
    assert os.environ.get(plugins.SEED_VARIABLE) == before


def test_kernel_takes_no_port_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(plugins.tempfile, "tempdir", str(tmp_path))
    cell = nbformat.v4.new_code_cell("from ipykernel.connect import get_connection_info\nprint(get_connection_info())")
    NotebookClient(
        nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3", kernel_manager_class=plugins.SocketKernelManager
    ).execute()
    connection = json.loads(cell.outputs[0].text)
    assert connection["transport"] == "ipc"
    assert Path(connection["ip"]).is_relative_to(tmp_path)
    assert not list(tmp_path.iterdir())


# The tiny class ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def submissions(tiny_class):
    return {submission.student: submission for submission in report.findings(tiny_class.directory, LESSON)}


def page(tiny_class, student):
    return tiny_class.feedback(student, LESSON).read_text()


@pytest.mark.slow
@pytest.mark.xdist_group("tiny")
class TestAutograde:
    def test_right_answers_get_their_points(self, submissions):
        assert (submissions["right"].score, submissions["right"].max_score) == (FULL, FULL)
        assert submissions["right"].name == "Ada Right"

    def test_kernels_take_no_ports(self, tiny_class):
        assert "running over TCP" not in (tiny_class.directory / "nbgrader.log").read_text()

    def test_blank_answers_get_none(self, submissions):
        assert submissions["blank"].score == 0
        assert [check.mistake for check in submissions["blank"].checks] == BLANK

    def test_feedback_shows_the_card_of_a_check(self, tiny_class):
        shown = page(tiny_class, "blank")
        assert 'aria-label="✗ roll: Not right yet"' in shown
        assert "&lt;p style" not in shown
        assert re.search(r'<th scope="row"[^>]*>expected</th>', shown)

    def test_a_warning_or_an_own_cell_that_fails_costs_nothing(self, submissions):
        assert submissions["warns"].score == FULL

    def test_broken_files_score_zero_and_say_why(self, submissions, broken_files, tiny_class):
        for student, (_, words) in broken_files.items():
            submission = submissions[student]
            assert submission.score == 0
            assert submission.finding.startswith(f"{student}/{LESSON}/{LESSON}.ipynb ")
            assert words in submission.finding
            assert "Nothing in it could be graded: it has to be submitted again." in submission.finding
            assert f"{student}/{LESSON}/{LESSON}.ipynb" in page(tiny_class, student)

    @pytest.mark.parametrize(
        ("student", "words"),
        [
            ("folder", "is a folder, not a notebook"),
            ("misnamed", "is missing: only Untitled.ipynb was handed in"),
            ("notes", "is missing: only notes.txt was handed in"),
            ("nothing", "is missing: nothing was handed in"),
        ],
    )
    def test_missing_notebooks_score_zero_and_say_why(self, submissions, tiny_class, student, words):
        assert submissions[student].score == 0
        assert words in submissions[student].finding
        assert words in page(tiny_class, student)

    def test_who_is_on_the_roster_and_handed_in_nothing_is_reported(self, submissions):
        assert submissions["absent"].finding == f"absent has handed in nothing for {LESSON}"
        assert submissions["absent"].max_score == FULL

    def test_submitted_files_stay_byte_for_byte(self, tiny_class, tiny_answers):
        handed_in = [path for path in (tiny_answers / LESSON).glob("*/**/*") if path.is_file()]
        assert len(handed_in) > 10
        for path in handed_in:
            student, *rest = path.relative_to(tiny_answers / LESSON).parts
            there = tiny_class.directory.joinpath("submitted", student, LESSON, *rest)
            assert there.read_bytes() == path.read_bytes()

    def test_a_byte_order_mark_is_no_obstacle(self, submissions):
        assert submissions["bom"].finding is None

    def test_a_notebook_that_ends_python_keeps_what_it_had(self, submissions, tiny_class):
        height, roll = submissions["exits"].checks
        assert height.score == 1.5
        assert (roll.score, roll.mistake) == (0, "not attempted")
        assert "This cell was stopped: it ended Python (exit status 0)" in page(tiny_class, "exits")

    def test_deleted_locked_cells_come_back_in_their_places(self, submissions, tiny_class):
        for student in ("lost", "lostall"):
            path = tiny_class.directory / "autograded" / student / LESSON / f"{LESSON}.ipynb"
            names = [
                cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nbformat.read(path, as_version=4).cells
            ]
            assert [name for name in names if name] == ["imports", "height", "check-height", "roll", "check-roll"]
        assert submissions["lost"].checks[0].mistake == "not attempted"
        assert submissions["lostall"].checks[0].message.startswith("There is no height: no cell")

    def test_a_check_cannot_be_skipped(self, submissions):
        assert [check.mistake for check in submissions["skips"].checks] == BLANK

    def test_cells_are_known_by_their_id_and_findings_are_ours(self, submissions):
        assert (submissions["forges"].score, submissions["forges"].finding) == (FULL, None)

    def test_release_that_is_missing_is_named(self, tmp_path):
        course = CourseDirectory(root=str(tmp_path))
        with pytest.raises(FileNotFoundError, match="run `nbgrader generate_assignment 98-tiny`"):
            plugins._released_notebook(course, LESSON, LESSON)


@pytest.mark.slow
@pytest.mark.xdist_group("tiny")
def test_unknown_lessons_and_folders_are_named(tiny_class, tmp_path):
    with pytest.raises(LookupError, match="has no lesson 97-no; it has: 98-tiny"):
        report.findings(tiny_class.directory, "97-no")
    with pytest.raises(FileNotFoundError, match=r"nbgrader_config\.py is missing"):
        report.findings(tmp_path, LESSON)
