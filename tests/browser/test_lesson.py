"""Lesson 01 as a student meets it: opened from the workbook, run, tuned, answered wrong and right, validated."""

import importlib.util
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from grading.notebooks import read_source, solutions
from tests.browser import lab as jupyterlab

ROOT = Path(__file__).parents[2]
LESSON = "01-five-steps"
SOLUTIONS = solutions(read_source(ROOT / "grading" / "source" / f"{LESSON}.py"))
WRONG = """
def predict(x, b, w):
    return w + b * x
"""


@pytest.fixture(scope="module")
def notebook(page, lab):
    """The lesson, copied as `make lab` copies it, and opened."""
    spec = importlib.util.spec_from_file_location("workbook", ROOT / "tools" / "workbook.py")
    workbook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(workbook)
    workbook.fill(ROOT / "course", lab.folder / "workbook")
    path = f"workbook/{LESSON}/{LESSON}.ipynb"
    jupyterlab.open_notebook(page, lab, path)
    return lab.folder / path


@pytest.fixture(scope="module")
def tried(page, notebook):
    """The lesson after `Run all`, as released."""
    jupyterlab.run_all(page)
    return notebook


def test_released_lesson_stops_at_the_first_exercise_and_says_what_to_do(page, tried):
    check = jupyterlab.select(page, "check-split")
    assert "split: Not attempted yet" in check.inner_text()
    assert "run that cell" in check.inner_text()
    assert len(jupyterlab.problems(page)) == 1


def test_wrong_answer_shows_the_hint_of_its_mistake(page, tried):
    jupyterlab.run_cell(page, "predict", WRONG)
    text = jupyterlab.run_cell(page, "check-predict").inner_text()
    assert "predict: Not right yet" in text
    assert "b and w are exchanged: b is the intercept" in text
    for word in ("call", "expected", "got"):
        assert word in text


def test_right_answer_passes(page, tried):
    jupyterlab.run_cell(page, "predict", SOLUTIONS["predict"])
    check = jupyterlab.run_cell(page, "check-predict")
    assert "✓ predict: Right" in check.inner_text()
    assert "Not right" not in check.inner_text()


def test_panel_in_the_lesson_follows_a_slider_moved_by_keyboard(page, tried):
    for name in ("split", "check-split"):
        jupyterlab.run_cell(page, name, SOLUTIONS.get(name))
    cells = json.loads(tried.read_text())["cells"]
    needed = [cell["id"] for cell in cells if "x_train, y_train, x_val, y_val = split(" in "".join(cell["source"])]
    panel_id = next(cell["id"] for cell in cells if "panels.by_hand(" in "".join(cell["source"]))
    jupyterlab.run_cell(page, needed[0])
    panel = jupyterlab.run_cell(page, panel_id)
    slider = panel.locator(".noUi-handle").first
    slider.wait_for()
    picture, said = panel.locator("img.widget-image"), panel.locator('[role="status"]')
    before = picture.get_attribute("src"), said.inner_text()
    jupyterlab.press(page, slider, "ArrowRight")
    expect(picture).not_to_have_attribute("src", before[0], timeout=30_000)
    expect(said).not_to_have_text(before[1], timeout=30_000)
    assert "loss = " in said.inner_text()


def validate(page) -> str:
    """Press nbgrader's Validate button and return what its dialog says."""
    page.locator(".validate-button, button:has-text('Validate')").first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.wait_for(timeout=jupyterlab.PATIENCE)
    page.wait_for_function(
        "document.querySelector('.jp-Dialog')?.innerText.match(/failed|Success|passed/i)", timeout=jupyterlab.PATIENCE
    )
    text = dialog.inner_text()
    page.locator(".jp-Dialog .jp-mod-accept").last.click()
    dialog.wait_for(state="hidden")
    return text


def test_validate_button_agrees_with_the_checks(page, tried):
    for name, text in SOLUTIONS.items():
        jupyterlab.select(page, name, text)
    jupyterlab.select(page, "predict", WRONG)
    jupyterlab.save(page)
    text = validate(page)
    assert "failed" in text.lower()
    assert "five_steps.predict.check(predict)" in text and "b and w are exchanged" in text
    jupyterlab.select(page, "predict", SOLUTIONS["predict"])
    jupyterlab.save(page)
    assert "Success" in validate(page)
