"""A day of a class by nbgrader's own pages: from a lesson that the instructor adds a question to, to its feedback.

The tests are one story, told in this order: each goes on where the one before it ended.
"""

import json
import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from grading import report
from grading.graft import graft
from grading.notebooks import read_source, solutions
from tests.browser import classroom
from tests.browser import lab as jupyterlab
from tests.browser.classroom import LESSON, NOTEBOOK, OTHER, STUDENT, Formgrader, picture

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOLUTIONS = solutions(read_source(ROOT / "grading" / "source" / f"{LESSON}.py"))
QUESTION = "### In your own words (4 points)\n\nWhy can the loss grow when the learning rate is too large?"
SAMPLE = "The step leaps over the lowest point and ends higher up on the other side."
ANSWER = "Each step jumps to the other side of the valley, and lands higher than before."
COMMENT = "Well put. What is it that grows with each step?"
WRONG = "def predict(x, b, w):\nreturn w + b * x"
RIGHT = "def predict(x, b, w):\nreturn b + w * x"
NO_FACTOR = (
    "def gradients(x, y, b, w):\n    error = predict(x, b, w) - y\n    return error.mean(), (x * error).mean()\n"
)
PEEKS = """
import pathlib
if pathlib.Path({gradebook!r}).exists():
    def mse(yhat, y):
        return ((yhat - y) ** 2).mean()
else:
    def mse(yhat, y):
        raise SystemExit("nothing to be found here")
"""
ENDS_PYTHON = """
import os
def train(x, y, b, w, lr, epochs):
    os._exit(0)
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with classroom.opened(tmp_path_factory.mktemp("day")) as room:
        yield room


@pytest.fixture(scope="module")
def instructor(browser, room):
    page = classroom.window(browser)
    jupyterlab.open_notebook(page, room.instructor, f"source/{NOTEBOOK}")
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def student(browser, room):
    page = classroom.window(browser)
    jupyterlab.open_lab(page, room.student)
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def formgrader(instructor):
    return Formgrader(instructor)


def test_instructor_adds_a_question_that_a_person_grades(instructor, room):
    page = instructor
    last = json.loads((room.instructor.folder / "source" / NOTEBOOK).read_text())["cells"][-1]["id"]
    jupyterlab.select(page, last)
    _write_below(page, QUESTION)
    jupyterlab.execute(page, "notebook:run-cell")
    _write_below(page, SAMPLE)
    jupyterlab.execute(page, "nbgrader:open-create-assignment")
    about = page.locator(".nbgrader-CellWidget.nbgrader-mod-active")
    about.locator("select").select_option("manual")
    for field, value in (("CellId", "own-words"), ("CellPoints", "4")):
        about.locator(f".nbgrader-{field} input").fill(value)
        about.locator(f".nbgrader-{field} input").blur()
    expect(page.locator(".nbgrader-TotalPointsInput")).to_have_value("19")
    about.scroll_into_view_if_needed()
    picture(page, "question")
    jupyterlab.save(page)
    cell = json.loads((room.instructor.folder / "source" / NOTEBOOK).read_text())["cells"][-1]
    assert cell["metadata"]["nbgrader"]["grade_id"] == "own-words"
    assert cell["metadata"]["nbgrader"]["points"] == 4


def _write_below(page, text):
    for name in ("insert-cell-below", "change-cell-to-markdown", "enter-edit-mode"):
        jupyterlab.execute(page, f"notebook:{name}")
    page.locator(".jp-Notebook .jp-mod-active .cm-content").wait_for()
    page.keyboard.type(text)


def test_instructor_generates_and_releases(formgrader, room):
    page = formgrader.page
    formgrader.row(LESSON).locator(".assign a").wait_for()
    assert "Successfully created the student version" in formgrader.press(LESSON, "assign")
    assert "Successfully released" in formgrader.press(LESSON, "release")
    expect(formgrader.row(LESSON).locator(".status")).to_have_text("released")
    expect(formgrader.row(LESSON).locator(".num-submissions")).to_have_text("0")
    picture(page, "released", height=540)
    released = (room.instructor.folder / "release" / NOTEBOOK).read_text()
    assert "YOUR ANSWER HERE" in released and SAMPLE not in released and "BEGIN SOLUTION" not in released


def test_student_fetches_by_the_assignment_list(student, room):
    jupyterlab.execute(student, "nbgrader:open-assignment-list")
    _loaded(student)
    student.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    student.locator("#fetched_assignments_list .assignment-notebooks-link").click()
    notebook = student.locator("#fetched_assignments_list .nested_list_item a")
    notebook.wait_for()
    picture(student, "fetched", height=340)
    notebook.click()
    student.wait_for_function(f"{jupyterlab.KERNEL}?.status === 'idle'", timeout=jupyterlab.PATIENCE)
    assert (room.student.folder / NOTEBOOK).exists()


def _loaded(page):
    """Wait until the assignment list is whole: until then it may be drawn anew under the mouse."""
    expect(page.locator("#course_list_dropdown")).to_be_enabled(timeout=jupyterlab.PATIENCE)


def test_student_types_a_wrong_answer_reads_the_hint_and_repairs_it(student):
    for name in ("imports", "data"):
        jupyterlab.run_cell(student, name)
    _type(student, "predict", WRONG)
    check = jupyterlab.run_cell(student, "check-predict")
    expect(check).to_contain_text("predict: Not right yet")
    expect(check).to_contain_text("b and w are exchanged")
    picture(student, "hint")
    _type(student, "predict", RIGHT)
    check = jupyterlab.run_cell(student, "check-predict")
    expect(check).to_contain_text("✓ predict: Right")


def _type(page, cell_id, text):
    """Replace a cell's text from the keyboard, and run it. The editor indents by itself."""
    cell = jupyterlab.select(page, cell_id)
    cell.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)
    jupyterlab.command(page, "notebook:run-cell")


def test_student_validates_and_is_told_which_check_fails(student, room):
    for name, text in SOLUTIONS.items():
        if name != "predict":
            jupyterlab.select(student, name, NO_FACTOR if name == "gradients" else text)
    cell = json.loads((room.student.folder / NOTEBOOK).read_text())["cells"][-1]
    assert cell["source"] == ["YOUR ANSWER HERE"]
    jupyterlab.select(student, cell["id"], ANSWER)
    student.get_by_role("button", name="Validate").click()
    dialog = student.locator(".jp-Dialog")
    expect(dialog).to_contain_text("The following cell failed", timeout=jupyterlab.PATIENCE)
    expect(dialog).to_contain_text("five_steps.gradients.check(gradients)")
    expect(dialog).to_contain_text("The factor 2 is missing")
    expect(dialog).not_to_contain_text("five_steps.predict.check")
    picture(student, "validated")
    dialog.get_by_role("button", name="Ok").click()
    dialog.wait_for(state="detached")


def test_student_submits_by_the_assignment_list(student, room):
    jupyterlab.save(student)
    jupyterlab.execute(student, "nbgrader:open-assignment-list")
    student.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    student.locator("#submitted_assignments_list .nested_list_item").wait_for()
    picture(student, "submitted", height=360)
    assert len(list((room.place / "exchange" / classroom.COURSE / "inbound").glob(f"{STUDENT}+{LESSON}+*"))) == 1


def test_instructor_collects_what_everybody_submitted(formgrader, room):
    gradebook = room.instructor.folder / "gradebook.db"
    assert gradebook.exists()
    classroom.nbgrader(room, OTHER, "fetch_assignment", LESSON, "--course", classroom.COURSE)
    path = room.place / OTHER / NOTEBOOK
    path.chmod(0o644)
    attacks = {"mse": PEEKS.format(gradebook=str(gradebook)), "train": ENDS_PYTHON}
    nbformat.write(graft(nbformat.read(path, as_version=4), {**SOLUTIONS, **attacks}), path)
    classroom.nbgrader(room, OTHER, "submit", LESSON, "--course", classroom.COURSE)

    said = formgrader.press(LESSON, "collect")
    assert "Successfully collected" in said and "Processing 2 submissions" in said
    expect(formgrader.row(LESSON).locator(".num-submissions")).to_have_text("2")


def test_autograding_by_formgraders_button_goes_behind_the_wall(formgrader, room):
    formgrader.row(LESSON).locator(".num-submissions a").click()
    # Of Mal's question nothing is left to be graded by a person: he wrote nothing.
    for student, then in ((STUDENT, "needs manual grading"), (OTHER, "graded")):
        row = formgrader.row(student)
        expect(row.locator(".status")).to_have_text("needs autograding")
        assert "Applying preprocessor: WalledExecute" in formgrader.press(student, "autograde")
        expect(row.locator(".status")).to_have_text(then)
    expect(formgrader.row(STUDENT).locator(".score")).to_have_text("12 / 19")
    picture(formgrader.page, "autograded", height=520)

    found = {submission.student: submission for submission in report.findings(room.instructor.folder, LESSON)}
    assert all(submission.sandbox for submission in found.values())
    for student in found:
        graded = nbformat.read(room.instructor.folder / "autograded" / student / NOTEBOOK, as_version=4)
        assert graded.metadata.gdexercises.sandbox is True
    went_wrong = {name: {one.exercise: one for one in found[name].checks if one.failed} for name in found}
    assert {name: one.mistake for name, one in went_wrong[STUDENT].items()} == {"gradients": "no_factor_two"}
    assert went_wrong[OTHER].keys() == {"mse", "train"}
    assert "nothing to be found here" in went_wrong[OTHER]["mse"].message
    assert "ended Python" in went_wrong[OTHER]["train"].message
    assert room.instructor.folder.joinpath("gradebook.db").exists()


def test_instructor_gives_points_and_a_comment(formgrader, room):
    page, frame = formgrader.page, formgrader.frame
    formgrader.follow("Manual Grading", LESSON)
    frame.locator(".breadcrumb .active", has_text=LESSON).wait_for()
    formgrader.follow(LESSON)
    frame.get_by_role("button", name="Show All Names").click()
    formgrader.row("Abt, Ada").get_by_role("link").click()
    score, comment = frame.locator("#own-words"), frame.locator("#own-words-comment")
    expect(score).to_have_class(re.compile("needs_manual_grade"))
    expect(comment).to_have_attribute("placeholder", re.compile("Type any comments here"))
    expect(frame.locator(".nbgrader_cell", has=score)).to_contain_text(ANSWER)
    for field, text in ((score, "3"), (comment, COMMENT)):
        field.fill(text)
        with page.expect_response(lambda response: response.request.method == "PUT") as saved:
            field.blur()
        assert saved.value.ok
    expect(score).not_to_have_class(re.compile("needs_manual_grade"))
    picture(page, "manual")


def test_instructor_generates_and_releases_feedback(formgrader, room):
    formgrader.follow("Manual Grading")
    formgrader.home()
    formgrader.row(LESSON).locator(".num-submissions a").click()
    row = formgrader.row(STUDENT)
    expect(row.locator(".status")).to_have_text("graded")
    expect(row.locator(".score")).to_have_text("15 / 19")
    formgrader.home()
    assert "Successfully generated feedback" in formgrader.press(LESSON, "generate-feedback")
    assert "Successfully released feedback" in formgrader.press(LESSON, "release-feedback")


def test_student_fetches_the_feedback_and_reads_points_and_comment(student, room):
    student.get_by_title("Refresh assignments list").click()
    _loaded(student)
    submitted = student.locator("#submitted_assignments_list")
    expect(submitted).to_contain_text("feedback available to fetch")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text("view feedback").click()
    student.locator(".jp-DirListing-item", has_text=f"{LESSON}.html").dblclick()
    page = student.frame_locator(".jp-HTMLViewer iframe")
    expect(page.locator("body")).to_contain_text("Score: 15.0 / 19.0")
    expect(page.locator("body")).to_contain_text("The factor 2 is missing")
    comment = page.get_by_text(COMMENT)
    comment.scroll_into_view_if_needed()
    expect(comment).to_be_visible()
    picture(student, "feedback")


def test_gdgrade_knows_what_was_done_in_the_browser(room, student):
    told = classroom.gdgrade("status", "--class", room.instructor.folder, "--json")
    [lesson] = json.loads(told)
    assert lesson["released"] and lesson["in_exchange"] and lesson["points"] == 19
    done = ("collected", "autograded", "feedback", "returned")
    assert {name: lesson[name] for name in done} == dict.fromkeys(done, 2)
    assert lesson["by_hand"] == lesson["to_autograde"] == lesson["to_feedback"] == 0
