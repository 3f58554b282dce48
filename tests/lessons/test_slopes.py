"""Lesson 02: the faults of its source failing as they did, the numbers that its prose quotes, its panel."""

import re

import numpy as np
import pytest

from gdexercises import slopes
from gdexercises.tuning import slopes as panels
from grading.notebooks import student_version
from tests.lessons.conftest import SOURCE, read_source, run

LESSON = "02-slopes"

pytestmark = pytest.mark.xdist_group(LESSON)


def text_of(outputs):
    return "".join(output.text for output in outputs if output.output_type == "stream")


def alts(run):
    return [alt for html in run.html() for alt in re.findall(r'<img[^>]*alt="([^"]*)"', html)]


# The source's faults ------------------------------------------------------------------------------------------------


def test_broken_loss_of_the_source_is_negative_for_perfect_predictions(solved):
    shown = text_of(solved(LESSON).after("mse-shown"))
    assert "perfect predictions: -35.0" in shown
    assert "all predictions 100: -9994.0" in shown
    assert "cannot be -35" in solved(LESSON).prose


def test_broken_gradients_of_the_source_climb_to_its_figure(solved):
    assert "relative error:     1.0" in text_of(solved(LESSON).after("gradients-shown"))
    assert re.search(r"after round 20: b = +-133,720, w = +-393,152\n", text_of(solved(LESSON).after("climb-shown")))
    assert "After 20 rounds $w$ is -393,152. It should be 2." in re.sub(r"\s+", " ", solved(LESSON).prose)


def test_missing_bracket_of_the_source_is_a_syntax_error(solved):
    assert "SyntaxError: '(' was never closed" in text_of(solved(LESSON).after("train-shown"))


def test_setting_the_other_variable_to_zero_ends_at_another_place(solved):
    printed = solved(LESSON).printed
    assert "others set to 0: False   b = 1.0000, w = 2.0000, loss = 0.0000" in printed
    assert "others set to 0: True    b = 6.0000, w = 2.3333, loss = 34.1667" in printed
    held, zero = (
        float(re.search(rf"^b {how} +(\S+)$", printed, re.MULTILINE)[1]) for how in ("held at 3:", "set to 0:")
    )
    assert (held, zero) == (pytest.approx(-5), pytest.approx(-20))
    prose = re.sub(r"\s+", " ", solved(LESSON).prose)
    assert "slopes, -5 and -20" in prose
    assert "ends at $b = 6$, $w = 2.33$, with a loss of 34.17" in prose


def _stub(name):
    """What a student finds in the cell of this exercise, run on the lesson's own functions."""
    notebook = student_version(read_source(SOURCE / f"{LESSON}.py"))
    cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)
    return cell.source


def _function(source, name, **names):
    namespace = {"np": np, **names}
    exec(source, namespace)
    return namespace[name]


def test_each_broken_cell_as_released_is_named_by_its_check():
    for exercise, name, mistake in (
        (slopes.repair_mse, "mse", "squares_the_prediction"),
        (slopes.repair_gradients, "gradients", "still_uphill"),
        (slopes.repair_train, "train", "hides_the_function"),
    ):
        assert exercise.verdict(_function(_stub(exercise.name), name)).mistake == mistake


def test_faults_of_the_loop_show_one_after_the_other():
    functions = {"mse": slopes.repair_mse, "gradients": slopes.repair_gradients}
    renamed = _stub("repair_train").replace("mse = []", "losses = []").replace("mse.append", "losses.append")
    called = renamed.replace("gradient(x", "gradients(x")
    filled = called.replace("return b, w, log", "return b, w, losses")
    found = [
        slopes.repair_train.verdict(_function(source, "train", **functions)).mistake
        for source in (renamed, called, filled)
    ]
    assert found == ["calls_a_name_that_is_not_there", "returns_an_empty_log", None]
    unrepaired = {name: _function(_stub(f"repair_{name}"), name) for name in functions}
    verdict = slopes.repair_train.verdict(_function(filled, "train", **unrepaired))
    assert verdict.mistake == "calls_two_broken_functions"


# Numbers in the prose -----------------------------------------------------------------------------------------------


def test_errors_of_the_cube_are_as_the_prose_says(solved):
    printed, prose = solved(LESSON).printed, re.sub(r"\s+", " ", solved(LESSON).prose)
    found = [float(slope) for slope in re.findall(r"^h = \S+ +slope (\d\.\d{6})$", printed, re.MULTILINE)]
    assert [round(slope - 3, 6) for slope in found] == [4, 0.31, 0.0301, 0.003001, 1, 0.01, 0.0001, 0.000001]
    assert "4, 0.31, 0.0301, 0.003001" in prose
    assert "1, 0.01, 0.0001 and 0.000001" in prose


def test_best_steps_are_where_the_prose_says():
    eps = np.finfo(float).eps
    assert round(1e6 * eps ** (1 / 3)) == 6 and round(1e8 * eps**0.5, 1) == 1.5
    h = np.logspace(-15, 0, 1501)
    one_sided, central = (abs(slope(lambda x: x**3, 1.0, h) - 3) for slope in (slopes.one_sided, slopes.slope))
    assert eps**0.5 / 10 < h[one_sided.argmin()] < 10 * eps**0.5
    assert eps ** (1 / 3) / 10 < h[central.argmin()] < 10 * eps ** (1 / 3)
    # Both arms of the V: truncation on the right, rounding on the left.
    right, left = h > 1e-3, h < 1e-8
    assert np.allclose(central[right], h[right] ** 2, rtol=1e-3)
    assert np.allclose(one_sided[right], 3 * h[right] + h[right] ** 2, rtol=1e-3)
    assert 0.05 < np.median(central[left] * h[left]) / eps < 5


def test_best_one_sided_difference_is_hundreds_of_times_worse(solved):
    alt = next(alt for alt in alts(solved(LESSON)) if alt.startswith("Line plot of the error"))
    one_sided, central = map(float, re.search(r"one-sided difference: (\S+) at .* one: (\S+) at", alt).groups())
    assert "hundreds of times worse" in re.sub(r"\s+", " ", solved(LESSON).prose)
    assert 100 < one_sided / central < 1000


def test_relative_errors_are_as_the_prose_says(solved):
    printed = solved(LESSON).printed
    assert "minus the gradient:   1.0\n" in printed
    assert "half the gradient:    0.3333333333333333\n" in printed
    right = float(re.findall(r"^relative error: (\S+)$", printed, re.MULTILINE)[-1])
    assert right < 1e-7
    assert "Below about $10^{-7}$ the formula is right" in re.sub(r"\s+", " ", solved(LESSON).prose)


def test_three_trainings_stop_by_three_rules(solved):
    found = re.findall(
        r"^(\w[\w ]+?) {2,}(\w+) +after +(\d+) epochs.*loss = (\S+)$", solved(LESSON).printed, re.MULTILINE
    )
    assert [(name, reason) for name, reason, _, _ in found] == [
        ("on the line", "loss"), ("tiny steps", "epochs"), ("off the line", "gradient"),
    ]  # fmt: skip
    assert [int(epochs) == 2000 for *_, epochs, _ in found] == [False, True, False]
    assert float(found[2][-1]) > 100 * 1e-4


def test_points_add_up_to_what_the_head_says(solved):
    cells = [cell.metadata.nbgrader for cell in solved(LESSON).notebook.cells if "nbgrader" in cell.metadata]
    points = {cell.grade_id.removeprefix("check-"): cell.points for cell in cells if cell.grade}
    quiz = {"size_of_h": 0.5, "held_variable": 0.5, "error_of_one": 0.5, "which_rule_stops": 0.5}
    assert points == {
        "slope": 1, "numerical_gradient": 2, "gradient_check": 2, "repair_mse": 1, "repair_gradients": 1,
        "repair_train": 2, "train_until": 3,
    } | quiz  # fmt: skip
    assert "There are 14 points: 12 for code, 2 for a short quiz." in solved(LESSON).prose


def test_lesson_with_the_first_exercise_solved_stops_at_the_second():
    notebook = student_version(read_source(SOURCE / f"{LESSON}.py"))
    first = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "slope")
    first.source = "def slope(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)"
    found = run(notebook)
    assert "numerical_gradient: Not attempted yet" in found.error


# Functions as data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "variable"), [(slopes.CURVES, "x"), (slopes.SURFACES, "p")], ids=["curves", "surfaces"]
)
def test_name_of_a_function_is_what_it_computes(table, variable):
    values = 1.5 if variable == "x" else np.array([1.5, -0.5, 2.0, 0.7, 1.1])
    for text, function in table.items():
        assert function(values) == eval(text, {"np": np, variable: values})


@pytest.mark.parametrize("exercise", [slopes.slope, slopes.numerical_gradient], ids=lambda exercise: exercise.name)
def test_shown_call_gives_the_expected_value_when_it_is_run(exercise):
    for case in exercise.cases(5):
        expected = exercise.driver(exercise.reference, *case.arguments)
        assert np.allclose(
            eval(case.call, {"np": np, exercise.name: exercise.reference}), expected, rtol=1e-9, atol=1e-12
        )


# The panel ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.secant(lambda x: x**3, lambda x: 3 * x**2, "x³")


@pytest.mark.parametrize("change", [{"h": 0.1}, {"x": -0.5}, {"one_sided_shown": True}], ids=["h", "x", "kind"])
def test_picture_and_text_change_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def test_panel_says_slope_and_error_and_on_which_arm_it_stands(panel):
    panel.set(h=0.1)
    assert "slope 3.01, derivative 3, error 0.01. h is large: most of the error is truncation." in panel.text
    panel.set(h=1e-12)
    assert "h is tiny: most of the error is rounding." in panel.text
    panel.set(h=6e-6)
    assert "near the best one" in panel.text
    panel.set(h=0.1, one_sided_shown=True)
    assert panel.text.startswith("One-sided difference at x = 1 with h = 0.1: slope 3.31, derivative 3, error 0.31.")


def test_panel_is_quiet_while_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert "not drawn" in panels.secant(np.sin, np.cos, "sin x")


def test_figures_say_what_they_show():
    picture = panels.slices(lambda b, w: (b + 2 * w - 5) ** 2, 1.0, 1.0)
    assert "With b held at 1: slope -8, loss 4 at w = 1. With b set to 0: slope -12, loss 9 at w = 1." in picture.alt
    picture = panels.stops({"one": ([4.0, 1.0], "epochs"), "two": ([2.0], "loss")})
    assert 'one: 2 epochs, loss 1 at the end, reason "epochs". two: 1 epochs' in picture.alt
    assert picture.png.startswith(b"\x89PNG")
