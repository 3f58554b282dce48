"""Lesson 01: the figures of its source, and the numbers that its prose quotes."""

import re

import numpy as np
import pytest

LESSON = "01-five-steps"

pytestmark = pytest.mark.xdist_group(LESSON)


@pytest.mark.parametrize(
    "printed",
    [
        "x: (100, 1) [0.37454012 0.95071431 0.73199394 0.59865848 0.15601864]",
        "y: (100, 1) [1.75778494 2.87152788 2.47316396 1.99856008 1.29007009]",
        "x_train: (80, 1) [0.77127035 0.06355835 0.86310343 0.02541913 0.73199394]",
        "b = 0.49671415, w = -0.1382643",
        "yhat: (80, 1) [0.390075   0.4879263  0.37737776 0.4931996  0.39550552]",
        "b: 0.49671415 -> 0.80119529",
        "w: -0.13826430 -> 0.04511107",
        "gradient descent: b = 1.02354094, w = 1.96896411",
        "least squares:    b = 1.02354075, w = 1.96896447",
    ],
)
def test_figure_of_the_source_is_reproduced(solved, printed):
    assert printed in solved(LESSON).printed


@pytest.mark.parametrize(
    ("label", "value"),
    [("loss:", 2.7421577700550976), ("b_grad:", -3.044811379650508), ("w_grad:", -1.8337537171510832)],
)
def test_number_of_the_source_is_reproduced(solved, label, value):
    found = float(re.search(rf"^{label} (\S+)$", solved(LESSON).printed, re.MULTILINE)[1])
    assert found == pytest.approx(value, rel=1e-12)


def test_prose_quotes_what_the_lesson_computes(solved):
    run = solved(LESSON)
    printed, prose = run.printed, re.sub(r"\s+", " ", run.prose)
    before, after = map(float, re.search(r"^loss: (\S+) -> (\S+)$", printed, re.MULTILINE).groups())
    assert "40 % of the loss is gone" in prose and round(100 * (1 - after / before)) == 40
    assert "the first values are 0.771, 0.064, 0.863" in prose
    assert "x_train: (80, 1) [0.77127035 0.06355835 0.86310343" in printed
    losses = [float(found) for found in re.findall(r"^(?:training|validation) loss: +(\S+)$", printed, re.MULTILINE)]
    assert "near 0.01" in prose and np.allclose(losses, 0.01, atol=0.002)
    ends = [
        re.search(rf"{who}: +b = (\S+), w = (\S+)", printed).groups() for who in ("gradient descent", "least squares")
    ]
    assert "agrees with it in six digits" in prose
    for one, other in zip(*ends, strict=True):
        assert f"{float(one):.6g}" == f"{float(other):.6g}"


def test_colleagues_line_is_flat_at_the_mean_of_y(solved):
    b, w, mean = map(float, re.search(r"b = (\S+), w = (\S+), mean of y = (\S+)", solved(LESSON).printed).groups())
    assert abs(w) < 1e-3
    assert b == pytest.approx(mean, abs=1e-3)


def test_points_add_up_to_what_the_head_says(solved):
    cells = [cell.metadata.nbgrader for cell in solved(LESSON).notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (15, 2)
    assert "There are 15 points: 13 for code, 2 for a short quiz." in solved(LESSON).prose
