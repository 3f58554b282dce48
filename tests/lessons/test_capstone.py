"""Lesson 10: its data, the numbers that its prose quotes, what its drivers see, its panel and its pictures."""

import csv
import hashlib
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from gdexercises import capstone, data
from gdexercises.capstone import jax, torch
from gdexercises.checking import Local
from gdexercises.checking.drivers import run
from gdexercises.figures import Picture
from gdexercises.tuning import capstone as panels
from grading.trusted import UnusableCheck, check_cells

LESSON = "10-capstone"
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group(LESSON)

NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"


@pytest.fixture(scope="module")
def lesson(solved):
    return solved(LESSON)


@pytest.fixture(scope="module")
def prose(lesson):
    return re.sub(r"\s+", " ", lesson.prose)


def numbers(lesson, pattern):
    """The numbers in the groups of the pattern's only match in what the lesson prints; # stands for a number."""
    (found,) = re.findall(pattern.replace("#", NUMBER), lesson.printed, re.MULTILINE)
    return [float(number) for number in (found if isinstance(found, tuple) else (found,))]


def rows(lesson, pattern):
    found = re.findall(pattern.replace("#", NUMBER), lesson.printed, re.MULTILINE)
    return [tuple(float(number) for number in row) for row in found]


# The data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("penguins.csv", "f204db2c753b0937caac3cb35258562c14f073e4bbc76be24b4c51ce22767a93"),
        ("diabetes.csv", "9193026b7622ff944f0a6855a10107b24caf50dad69787c46e6890e69c27faca"),
    ],
)
def test_tables_are_those_of_their_packages(name, digest):
    # palmerpenguins 0.1.6, its penguins.csv byte for byte; scikit-learn 1.9.0, load_diabetes(scaled=False) as text.
    content = (ROOT / "gdexercises" / "datasets" / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest


def test_penguins_are_as_published():
    table = data.penguins()
    assert {name: int((table["species"] == name).sum()) for name in ("Adelie", "Chinstrap", "Gentoo")} == {
        "Adelie": 152, "Chinstrap": 68, "Gentoo": 124,
    }  # fmt: skip
    assert np.nanmean(table["body_mass_g"]) == pytest.approx(4201.754, abs=1e-3)
    assert np.nanmean(table["flipper_length_mm"]) == pytest.approx(200.915, abs=1e-3)
    for name in ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"):
        assert np.flatnonzero(np.isnan(table[name])).tolist() == [3, 271]
    assert (table["sex"] == "NA").sum() == 11


def test_diabetes_is_in_the_units_of_the_study():
    table = data.diabetes()
    assert list(table) == ["age", "sex", "bmi", "bp", *(f"s{i}" for i in range(1, 7)), "progression"]
    assert all(column.shape == (442,) and np.isfinite(column).all() for column in table.values())
    assert table["age"].mean() == pytest.approx(48.518, abs=1e-3)
    assert table["bmi"].mean() == pytest.approx(26.376, abs=1e-3)
    assert table["progression"].mean() == pytest.approx(152.133, abs=1e-3)
    assert set(table["sex"]) == {1, 2}


def test_caller_may_change_what_is_loaded():
    data.penguins()["year"][:] = 0
    assert data.penguins()["year"][0] == 2007


def test_tables_have_no_blank_and_no_quoted_cell():
    for name in ("penguins.csv", "diabetes.csv"):
        text = (ROOT / "gdexercises" / "datasets" / name).read_text(encoding="utf-8")
        assert all(cell for row in csv.reader(text.splitlines()) for cell in row)
        assert '"' not in text and "\r" not in text


def test_tables_are_in_the_wheel():
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'gdexercises = ["datasets/*.csv"]' in listed


@pytest.mark.parametrize("words", ["palmerpenguins", "CC0", "scikit-learn", "BSD-3-Clause", "Efron"])
def test_licences_of_the_data_are_named_in_the_lesson_and_the_readme(prose, words):
    assert words in prose
    assert words in (ROOT / "README.md").read_text(encoding="utf-8")


def test_lesson_fetches_nothing():
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from gdexercises import data\n"
        "data.penguins(), data.diabetes()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# The prose ----------------------------------------------------------------------------------------------------------


def test_raw_features_explode_at_a_learning_rate_of_01(lesson, prose):
    losses = [row[0] for row in rows(lesson, r"^epoch \d: loss +#, b = +#, w = +#$")]
    assert len(losses) == 4
    assert "multiplies the loss by some 65 million" in prose
    assert all(6.4e7 < after / before < 6.7e7 for before, after in pairwise(losses))
    flat, steep, limit = numbers(lesson, "^curvatures # and #: largest stable lr #$")
    assert "the limit is 0.0000247" in prose and limit == 2.47e-5
    assert "eight million times" in prose and 8e6 < steep / flat < 8.5e6


def test_one_gap_spoils_a_mean(lesson):
    assert "mean of all rows:      nan" in lesson.printed
    assert "mean of complete rows: 4201.754385964912 of 342 rows" in lesson.printed


def test_curvatures_of_one_standardized_feature_are_both_2(lesson, prose):
    assert "curvatures: [2. 2.]" in lesson.printed and "Both curvatures are 2." in prose


def test_model_of_one_feature_is_that_of_the_prose_and_of_least_squares(lesson, prose):
    found = numbers(lesson, "^gradient descent: b = #, w = #$")
    assert found == numbers(lesson, "^least squares: +b = #, w = #$")
    assert "weighs 4247 g, and each standard deviation of flipper adds 717 g" in prose
    assert [round(value) for value in found] == [4247, 717]
    assert "It misses by about 400 g" in prose
    assert numbers(lesson, "^training RMSE: +# g$") == [390.3]


def test_three_features_do_hardly_better_than_one(lesson, prose):
    one, three = (row[0] for row in rows(lesson, "^validation RMSE: (#) g$"))
    assert "Hardly: 403 g after 405 g" in prose and (round(three), round(one)) == (403, 405)


def test_penalty_holds_the_slopes_and_leaves_the_intercept(lesson):
    held = re.findall(r"^penalty ([\d.]+): b = ([\d.]+), w = \[(.*)\]$", lesson.printed, re.M)
    assert [penalty for penalty, *_ in held] == ["0.0", "0.1", "1.0"]
    assert len({b for _, b, _ in held}) == 1
    lengths = [np.linalg.norm(np.array(w.split(), float)) for *_, w in held]
    assert lengths == sorted(lengths, reverse=True)


def test_frameworks_agree_with_each_other_and_with_least_squares(lesson, prose):
    found = re.findall(r"^(NumPy|PyTorch|JAX) +from NumPy (\S+), from least squares (\S+)$", lesson.printed, re.M)
    assert [name for name, *_ in found] == ["NumPy", "PyTorch", "JAX"] * 2
    for _, from_numpy, from_best in found:
        assert float(from_numpy) < 1e-12
        assert float(from_best) < 1e-6
    assert "far better than to a millionth" in prose
    assert "to come within a millionth of least squares" in prose


def test_single_precision_shows_in_the_differences(lesson, prose):
    (single,) = re.findall(r"JAX, single precision differs from NumPy by at most (\S+) of the loss", alts(lesson))
    double = [float(share) for share in re.findall(r"; JAX differs from NumPy by at most (\S+) of", alts(lesson))]
    assert len(double) == 2 and max(double) < 1e-13
    assert "hundreds of millions of times" in prose and float(single) > 1e8 * double[0]
    assert "less than 10⁻¹³" in capstone.how_far_apart.choices["c"].why
    assert "Seven digits are right" in prose
    exact, through_jax = re.findall(
        r"^(?:y\[0\] / 3 in NumPy|the same through a JAX array): +(\S+)$", lesson.printed, re.M
    )
    assert 1e-9 < abs(float(exact) / float(through_jax) - 1) < 1e-7


def alts(lesson):
    shown = lesson.outputs("display_data") + lesson.outputs("execute_result")
    return "\n".join(output.data["text/plain"] for output in shown)


def test_diabetes_has_a_flat_direction(lesson, prose):
    flat, steep, limit = numbers(lesson, "^curvatures from # to #: largest stable lr #$")
    assert "the condition number is 446" in prose and steep / flat == pytest.approx(446, rel=0.01)
    assert limit > 0.2


def test_unit_norm_looks_like_a_broken_learning_rate_and_is_not(lesson, prose):
    shown = rows(lesson, "^lr = #: RMSE # at the start, # after 10 epochs, # after 100$")
    spread = numbers(lesson, "standard deviation #$")[0]
    assert "The standard deviation of the score is 77.0" in prose and spread == 77.0
    assert [row[0] for row in shown] == [0.1, 0.2, 0.5, 0.9, 1.1]
    assert shown[0][2] > spread and 70 < shown[0][3] < spread
    assert shown[3][3] > 58 and shown[4][3] > 1e9
    repaired = dict((int(n), rmse) for rmse, n in rows(lesson, r"^repaired, lr = 0.1: RMSE # after (\d+) epochs$"))
    best = numbers(lesson, "^least squares reaches #$")[0]
    assert repaired[10] < shown[3][3] and repaired[1000] == best
    curvatures = rows(lesson, r"^(?:length|standard deviation) 1 +curvatures from # to #$")
    assert curvatures[1][0] / curvatures[0][0] == pytest.approx(442, rel=0.05)
    assert "442 times smaller" in prose and "learning rate of about 100" in prose
    assert 2 / (curvatures[1][1] / 442) == pytest.approx(110, rel=0.02)


def test_validation_loss_turns_while_the_training_loss_falls(lesson, prose):
    shown = rows(lesson, r"^ *(\d+) epochs: training RMSE #, validation RMSE #$")
    train, val = [row[1] for row in shown], [row[2] for row in shown]
    assert train == sorted(train, reverse=True)
    assert val[0] > val[1] < val[2] < val[3] < val[4]
    assert "44 people to train on" in lesson.printed and "only 44 people" in prose


def test_early_stopping_finds_the_turn_and_the_penalty_does_better(lesson, prose):
    best, stop = numbers(lesson, "^best epoch #, stopped in epoch #$")
    assert stop == best + 50
    lowest, at_the_stop = numbers(lesson, "^validation RMSE #, and # at the stop$")
    held = dict(rows(lesson, "^penalty #: validation RMSE #$"))
    assert "65.3 after 68.5" in prose and (held[2.0], lowest) == (65.3, 68.5)
    assert at_the_stop > lowest and held[0.0] > lowest


def test_report_is_in_raw_units(lesson, prose):
    slope, intercept, rmse = numbers(lesson, "^mass = # g/mm · flipper length - # g, and it misses by # g$")
    assert "adds about 50 g" in prose and round(slope) == 50
    assert "nearly minus six kilograms" in prose and 5800 < intercept < 6000
    assert round(rmse) == 405


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (20, 2)
    assert "There are 20 points: 18 for code, 2 for a short quiz." in lesson.prose


def test_one_exercise_grades_all_three_fits(lesson):
    cells = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in lesson.notebook.cells if "nbgrader" in cell.metadata
    }
    assert cells["check-fit"] == "capstone.fit.check(fit)"
    assert cells["check-fit_torch"] == 'capstone.fit.check(fit_torch, using="torch")'
    assert cells["check-fit_jax"] == 'capstone.fit.check(fit_jax, using="jax")'


def test_closing_page_says_what_you_can_do_where_to_go_on_and_draws_your_record(lesson, prose):
    for words in ("What you can do now", "Where to go on", "Your own record", "goes nowhere unless you send it"):
        assert words in prose
    assert "lessons done" in alts(lesson) and "no proof of anything" in alts(lesson)


# What the drivers see -----------------------------------------------------------------------------------------------


def descent(X, y, lr, n_epochs, penalty, dtype=np.float64):
    X, y = X.astype(dtype), y.astype(dtype)
    b, w, losses = dtype(0), np.zeros(X.shape[1], dtype), []
    for _ in range(n_epochs):
        error = b + X @ w - y
        losses.append((error**2).mean() + penalty * (w**2).sum())
        b, w = b - lr * 2 * error.mean(), w - lr * (2 * X.T @ error / len(y) + 2 * penalty * w)
    return b, w, losses


def test_alias_of_the_numpy_fit_passes_in_no_other_framework():
    assert capstone.fit.verdict(descent, seed=0).passed
    for using, words in (("torch", "PyTorch was never asked"), ("jax", "JAX was never asked")):
        verdict = capstone.fit.verdict(descent, using, seed=0)
        assert not verdict.passed and words in verdict.message


def test_unknown_framework_is_an_error_of_the_cell():
    with pytest.raises(ValueError, match="using='numpy'"):
        capstone.fit.verdict(descent, "numpy")


@pytest.mark.parametrize("seed", range(20))
def test_single_precision_is_seen_even_if_it_is_hidden(seed):
    def hidden(*given):
        b, w, losses = descent(*given, dtype=np.float32)
        return float(b), w.astype(np.float64), [float(loss) for loss in losses]

    for case in capstone.fit.cases(seed):
        assert run(capstone.look_at_fit, hidden, case.encoded).value[-1] == "single"
        assert run(capstone.look_at_fit, descent, case.encoded).value[-1] == "double"


def test_what_an_attempt_sets_is_set_back():
    assert not jax.config.jax_enable_x64

    def sets(X, y, lr, n_epochs, penalty):
        jax.config.update("jax_enable_x64", True)
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        return None

    for using in (None, "torch", "jax"):
        capstone.fit.verdict(sets, using)
    assert not jax.config.jax_enable_x64
    assert torch.get_default_dtype() == torch.float32 and torch.is_grad_enabled()


def test_jax_is_seen_behind_jit_and_without_a_trace_left():
    def fit(X, y, lr, n_epochs, penalty):
        jax.config.update("jax_enable_x64", True)
        loss = lambda b, w: ((b + X @ w - y) ** 2).mean() + penalty * (w**2).sum()
        step = jax.jit(jax.value_and_grad(loss, (0, 1)))
        b, w, losses = 0.0, jax.numpy.zeros(X.shape[1]), []
        for _ in range(n_epochs):
            before, (b_grad, w_grad) = step(b, w)
            b, w = b - lr * b_grad, w - lr * w_grad
            losses.append(before)
        return b, w, losses

    before = sys.getprofile()
    for _ in range(2):  # the second time all is compiled already
        assert capstone.fit.verdict(fit, "jax", seed=0).passed
    assert sys.getprofile() is before
    assert not jax.config.jax_disable_jit


def test_cases_of_early_stopping_rise_fall_and_run_out():
    exercise = capstone.early_stopping
    for seed in range(20):
        stops = []
        for case in exercise.cases(seed):
            *_, max_epochs, patience = case.arguments
            *_, best_epoch, val_losses = Local(exercise.reference).run(exercise.driver, case.encoded).value
            stops.append(len(val_losses) - 1 - best_epoch == patience)
            assert len(val_losses) <= max_epochs
        assert stops == [True, True, False]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared_panel():
    return panels.frameworks()


@pytest.fixture
def panel(shared_panel):
    shared_panel.reset()
    return shared_panel


@pytest.mark.parametrize(
    "change",
    [{"lr": 0.03}, {"n_epochs": 100}, {"patience": 5}, {"n_features": 3}, {"n_rows": 90}, {"diabetes": True}],
)
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


@pytest.mark.parametrize("diabetes", [False, True])
@pytest.mark.parametrize("lr", [0.01, 0.1])
def test_three_frameworks_lie_on_top_of_each_other(panel, diabetes, lr):
    panel.set(diabetes=diabetes, lr=lr, n_epochs=200)
    (share,) = re.findall(r"NumPy, PyTorch and JAX differ by at most (\S+) of it", panel.text)
    assert 0 < float(share) < 1e-9


def test_panel_trains_in_double_precision_whatever_the_notebook_has_set(panel):
    before = jax.config.jax_enable_x64
    try:
        for double in (False, True):
            jax.config.update("jax_enable_x64", double)
            panel.set(lr=0.0421 if double else 0.0531)
            assert "e-1" in panel.text
            assert jax.config.jax_enable_x64 == double
    finally:
        jax.config.update("jax_enable_x64", before)


def test_panel_stops_where_the_lesson_does(panel):
    table = panels._Table.penguins()
    Z, y, Z_val, y_val = table.part(30, 10)
    *_, best_epoch, val_losses = capstone.early_stopping(Z, y, Z_val, y_val, panel.values["lr"], 61, 20)
    assert f"in epoch {best_epoch}; with a patience of 20, training stops in epoch {len(val_losses) - 1}." in panel.text
    panel.set(n_epochs=best_epoch + 5)
    assert "training has not stopped yet" in panel.text


def test_panel_names_divergence_with_its_limit(panel):
    calm = panel.png()
    panel.set(lr=2.0, n_epochs=200)
    (limit,) = re.findall(r"above the largest stable one, 2/L = (\S+): it diverges", panel.text)
    assert float(limit) < 1 and panel.png() != calm
    assert "nan" not in panel.text and "inf" not in panel.text


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.frameworks(), str)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (lambda: panels.masses(data.penguins()), ("151 Adelie, 190 mm and 3701 g on average", "123 Gentoo")),
        (lambda: panels.gaps({"a": [1.0, np.nan], "b": [1.0, 2.0]}), ("a: rows 1", "b: none")),
        (
            lambda: panels.compare_losses({"one": [4.0, 1.0], "two": [4.0, 1.1]}, unit="g"),
            ("from 2 to 1 g for one", "two differs from one by at most 1e-01"),
        ),
        (
            lambda: panels.stopping([9.0, 4.0, 16.0], [9.0, 4.0, 1.0], 1, unit="g"),
            ("lowest in epoch 1 (star), 2 g, and 4 g in epoch 2",),
        ),
        (
            lambda: panels.line_in_grams([[190.0], [210.0]], [3700.0, 4700.0], -5900.0, 50.0, 300.0),
            ("mass = 50 g/mm · flipper - 5900 g", "2 of the 2 are in it"),
        ),
        (
            lambda: panels.measured_against_predicted([1.0, 3.0], [2.0, 2.0], what="mass", unit="g"),
            ("Measured from 1 to 3, predicted from 2 to 2; RMSE 1",),
        ),
    ],
)
def test_figure_says_in_words_what_it_shows(picture, words):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert all(word in shown.alt for word in words), shown.alt
    for axes in shown.figure.axes:
        assert axes.get_xlabel() and axes.get_ylabel() and axes.get_title(loc="left")


# Graded -------------------------------------------------------------------------------------------------------------


def check_cell(source):
    role = {"grade": True, "solution": False, "locked": True, "grade_id": "check-fit", "points": 1, "schema_version": 3}
    locked = role | {"grade": False, "grade_id": "imports"}
    return new_notebook(
        cells=[
            new_code_cell("from gdexercises import capstone", metadata={"nbgrader": locked}),
            new_code_cell(source, metadata={"nbgrader": role}),
        ]
    )


def test_check_cell_may_say_what_it_is_written_with():
    read = check_cells(check_cell('capstone.fit.check(fit_jax, using="jax")'))["check-fit"]
    assert (read.exercise, read.name, read.using) == (capstone.fit, "fit_jax", "jax")
    assert check_cells(check_cell("capstone.fit.check(fit)"))["check-fit"].using is None


@pytest.mark.parametrize(
    "source",
    [
        'capstone.fit.check(fit, using="fortran")',
        "capstone.fit.check(fit, using=print())",
        'capstone.fit.check(fit, "jax")',
        'capstone.fit.check(fit, seed="jax")',
        'capstone.report.check(report, using="jax")',
    ],
)
def test_check_cell_that_says_anything_else_cannot_be_used(source):
    with pytest.raises(UnusableCheck, match="check-fit"):
        check_cells(check_cell(source))
