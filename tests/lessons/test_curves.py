"""Lesson 06: the figures of its source, the numbers that its prose quotes, what its drivers see, and its panel."""

import re

import numpy as np
import pytest
import torch

from gdexercises import curves
from gdexercises.checking import Case
from gdexercises.checking.drivers import run
from gdexercises.figures import Picture
from gdexercises.tuning import curves as panels

LESSON = "06-curves"

pytestmark = pytest.mark.xdist_group(LESSON)

X = torch.arange(15).float()
BEST = (0.9014, -5.4597, 10.6405)
# The RMSE at epochs 0 to 10 and 19 as the tutorial printed it.
PRINTED = dict(
    zip(
        [*range(11), 19],
        [120.4500, 86.3647, 62.0645, 44.7939, 32.5911, 24.0619, 18.2124, 14.3222, 11.8457, 10.3498, 9.4913, 8.4586],
        strict=True,
    )
)


def data():
    torch.manual_seed(1989)
    y = 3 * torch.rand(15) + 0.9 * (X - 3) ** 2 + 1
    return X, y, torch.randn(3)


@pytest.fixture(scope="module")
def lesson(solved):
    return solved(LESSON)


@pytest.fixture(scope="module")
def prose(lesson):
    return re.sub(r"\s+", " ", lesson.prose)


def numbers(lesson, pattern):
    """The numbers in the groups of the pattern's only match in what the lesson prints."""
    (found,) = re.findall(pattern, lesson.printed, re.MULTILINE)
    return [float(number) for number in (found if isinstance(found, tuple) else (found,))]


# The source ---------------------------------------------------------------------------------------------------------


def test_data_and_start_are_those_of_the_source(lesson):
    _, y, start = data()
    drawn = [11.3425, 5.6990, 3.3238, 1.4110, 3.8539, 5.1919, 10.6955, 17.3637, 24.0066, 34.2034, 46.0562, 60.4537]
    assert y.tolist() == pytest.approx([*drawn, 75.5227, 91.8298, 110.3490], abs=6e-5)
    assert start.tolist() == pytest.approx([-0.8802, 1.1185, -0.5173], abs=6e-5)
    assert "a, b, c = tensor([-0.8802,  1.1185, -0.5173])" in lesson.printed


def test_losses_of_the_source_are_reproduced_by_training_on_the_mse(lesson):
    rows = {
        int(epoch): float(loss) for epoch, loss in re.findall(r"^epoch +(\d+): RMSE +([\d.]+)$", lesson.printed, re.M)
    }
    assert rows == pytest.approx(PRINTED, abs=2e-4)


def test_training_on_the_rmse_gives_other_losses_than_the_source():
    x, y, start = data()
    params = start.requires_grad_()
    first, second = (curves.trains_on_rmse(x, y, params, 1e-4) for _ in range(2))
    assert first == pytest.approx(PRINTED[0], abs=1e-3)
    assert second > 119


def test_parameters_after_20_epochs_are_those_of_the_source(lesson):
    assert numbers(lesson, r"^20 epochs +(\S+) +(\S+) +(\S+) +\S+$") == [0.4159, 1.1701, -0.5173]
    assert numbers(lesson, r"^best +(\S+) +(\S+) +(\S+) +\S+$") == pytest.approx(BEST, abs=1e-4)


def test_curvatures_of_the_source_are_reproduced(lesson):
    found = [float(number) for number in re.findall(r"^curvature +(\S+) in", lesson.printed, re.M)]
    assert found == pytest.approx([0.266, 9.000, 17153], abs=0.5e-3)
    assert "largest stable lr: 0.000117\n" in lesson.printed


def test_standardized_features_meet_least_squares(lesson):
    assert numbers(lesson, r"^gradient descent: a = (\S+), b = (\S+), c = (\S+)$") == pytest.approx(BEST, abs=1e-3)


def test_optimizer_gives_the_same_numbers_step_for_step(lesson):
    assert numbers(lesson, r"^largest difference of the losses: (\S+)$")[0] < 1e-4
    by_optimizer, by_hand = re.findall(r"^params by \w+: +(.*)$", lesson.printed, re.M)
    assert by_optimizer == by_hand


# The prose ----------------------------------------------------------------------------------------------------------


def test_prose_quotes_the_losses(lesson, prose):
    assert "An MSE of 14,508" in prose and numbers(lesson, r"^MSE: +(\S+)$") == [pytest.approx(14508, abs=0.5)]
    assert "From 120.4500 down to 8.4586" in prose and "down from 120 to 8.5" in prose
    assert "are 241 times shorter" in prose and round(2 * 120.45) == 241
    after = numbers(lesson, r"^after 600 epochs: RMSE (\S+), c = (\S+)$")
    assert "thirty times as many" in prose and after[0] > 6
    assert "$c$ has even gone the wrong way" in prose and after[1] < -0.5173


def test_prose_quotes_how_c_moves(lesson, prose):
    [listed] = re.findall(r"^c at the start and after each of five epochs: \[(.*)\]$", lesson.printed, re.M)
    c = [float(value) for value in listed.split(",")]
    assert "up by 0.017, back by 0.013" in prose
    assert [round(c[1] - c[0], 3), round(c[1] - c[2], 3)] == [0.017, 0.013]
    assert all((c[i + 1] - c[i]) * (c[i + 2] - c[i + 1]) < 0 for i in range(4))
    assert "$-0.5173$, to four decimals" in prose and c[0] == -0.5173
    assert "its $c$ is off by 11" in prose and round(BEST[2] + 0.5173) == 11
    assert "lowest one at $x = 3$" in prose and data()[1].argmin() == 3
    assert "gradient at the start: tensor([-22172.5742,  -1884.9879,   -171.3376])" in lesson.printed


def test_prose_quotes_the_curvatures(lesson, prose):
    assert "0.27, 9 and 17,153" in prose and "$2 / 17{,}153 = 1.17 \\cdot 10^{-4}$" in prose
    assert "= 0.99997$ of the distance. After 20 updates, 99.95 % are left" in prose
    assert round(1 - 1e-4 * 0.266, 5) == 0.99997 and round(100 * (1 - 1e-4 * 0.266) ** 20, 2) == 99.95
    assert "26,000 updates" in prose
    assert numbers(lesson, r"^updates to halve .*: (\d+)$") == [pytest.approx(26_000, rel=0.01)]
    raw, scaled = (float(found) for found in re.findall(r"^steepest / flattest: (\d+)$", lesson.printed, re.M))
    assert "64,000 here" in prose and raw == pytest.approx(64_000, rel=0.01)
    assert "From 64,000 to 55." in prose and scaled == 55
    assert "0.509, more than 4000 times" in prose and "largest stable lr: 0.509" in lesson.printed
    assert 4000 < 0.509 / 1.166e-4 < 5000


def test_steepest_direction_is_nearly_a_and_the_flattest_mostly_c(lesson):
    rows = re.findall(r"^curvature .* in the direction \[(.*)\]$", lesson.printed, re.M)
    flat, _, steep = ([float(part) for part in row.split()] for row in rows)
    assert steep[0] > 0.99 and flat[2] > 0.95


def test_ten_times_the_learning_rate_ends_in_nan(lesson):
    assert re.search(r"^lr = 0.001: .* … nan, params \[nan, nan, nan\]$", lesson.printed, re.M)


def test_prose_quotes_where_the_scaled_training_ends(lesson, prose):
    assert "Least squares has an RMSE of 0.5774" in prose
    assert "RMSE after 599 epochs: 0.5774" in lesson.printed
    assert numbers(lesson, r"^best .* (\S+)$") == [0.5774]


def test_colleagues_forecast_starts_anew_and_the_repaired_one_goes_on(lesson, prose):
    rows = dict(re.findall(r"^(forecast|least squares|repaired): +\[(.*)\]$", lesson.printed, re.M))
    rows = {name: [float(value) for value in row.split(",")] for name, row in rows.items()}
    assert "The points end at 110" in prose and "begins at $-11$" in prose and round(rows["forecast"][0]) == -11
    assert rows["repaired"] == pytest.approx(rows["least squares"], abs=0.2)
    assert rows["repaired"][0] > 110 > 90 > max(rows["forecast"])


def test_quiz_quotes_the_lesson(lesson):
    assert "is -171" in curves.why_c_stands_still.choices["a"].why
    assert "0.58" in curves.looks_fitted.choices["b"].why
    assert "divided by 63" in curves.what_standardizing_changes.choices["c"].why
    assert numbers(lesson, r"standard deviation: tensor\(\[(\S+),")[0] == pytest.approx(63, abs=0.5)


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (15, 2)
    assert "There are 15 points: 13 for code, 2 for a short quiz." in lesson.prose


# What the drivers see -----------------------------------------------------------------------------------------------


def outcome(exercise, attempt, seed=0, index=0):
    case = exercise.cases(seed)[index]
    return run(exercise.driver, attempt, case.encoded)


def test_driver_sees_a_graph_that_is_cut_in_part():
    def cut(x, params):
        return params[0] * x**2 + params[1].item() * x + params[2]

    _, grad = outcome(curves.quadratic, cut).value
    assert grad.values.tolist() == [14, 0, 4]


@pytest.mark.parametrize(("keep", "expected"), [(True, 3), (False, 0)])
def test_driver_counts_graphs_that_are_kept(keep, expected):
    def fit(x, y, start, lr, n_epochs):
        params = start.clone().requires_grad_()
        losses = [((params[0] * x - y) ** 2).mean() for _ in range(n_epochs)]
        return params, losses if keep else [loss.detach() for loss in losses]

    assert outcome(curves.fit, fit).value[2] == expected


def test_driver_counts_the_steps_of_any_optimizer_and_leaves_no_hook():
    def trains(model, x, y, lr, n_epochs):
        first, second = (torch.optim.SGD(model.parameters(), lr) for _ in range(2))
        for optimizer in (first, second, first):
            model(x).sum().backward()
            optimizer.step()
        return [0.0] * n_epochs

    def raises(model, x, y, lr, n_epochs):
        raise ValueError

    assert outcome(curves.fit_with_optim, trains).value[3] == 3
    outcome(curves.fit_with_optim, raises)
    assert outcome(curves.fit_with_optim, trains).value[3] == 3


@pytest.mark.parametrize(
    "exercise", [curves.quadratic, curves.rmse, curves.step, curves.fit, curves.fit_with_optim, curves.forecast]
)
def test_inputs_are_of_single_precision_as_pytorch_makes_them(exercise):
    for case in exercise.cases(0):
        assert isinstance(case, Case)
        tensors = [argument for argument in case.arguments if hasattr(argument, "framework")]
        assert tensors and all(tensor.values.dtype == np.float32 for tensor in tensors)


def test_fit_that_changes_start_is_told_so():
    def fit(x, y, start, lr, n_epochs):
        start.requires_grad_()
        return start, [curves.step(x, y, start, lr) for _ in range(n_epochs)]

    verdict = curves.fit.verdict(fit, seed=0)
    assert (verdict.mistake, verdict.passed) == ("trains_start_itself", False)


def test_mistake_in_quadratic_is_carried_through_step_into_fit():
    def quadratic(x, params):
        c, b, a = params
        return a * x**2 + b * x + c

    def step(x, y, params, lr):
        yhat = quadratic(x, params)
        ((yhat - y) ** 2).mean().backward()
        with torch.no_grad():
            params -= lr * params.grad
        params.grad = None
        return curves.rmse(yhat, y).item()

    def fit(x, y, start, lr, n_epochs):
        params = start.clone().requires_grad_()
        return params.detach(), [step(x, y, params, lr) for _ in range(n_epochs)]

    assert curves.quadratic.verdict(quadratic, seed=0).mistake == "reversed_order"
    assert curves.step.verdict(step, seed=0).passed
    verdict = curves.fit.verdict(fit, seed=0)
    assert verdict.passed and "calls your quadratic" in verdict.notes[0]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.scaling(*data())


@pytest.mark.parametrize("change", [{"lr": 3e-5}, {"n_epochs": 5}, {"scaled": True}])
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def test_panel_begins_where_the_source_ends(panel):
    assert "After 20 epochs on raw features: a = 0.416 (72.7 %), b = 1.17 (-0.8 %), c = -0.517 (0.0 %)" in panel.text
    assert "RMSE = 8.45" in panel.text and "below the limit, 0.000117" in panel.text


def test_panel_runs_what_the_lesson_teaches(panel):
    x, y, start = data()
    for n_epochs in (1, 7, 20):
        panel.set(n_epochs=n_epochs)
        params, _ = curves.fit(x, y, start, 1e-4, n_epochs)
        assert f"a = {params[0]:.3g} (" in panel.text
        assert f"b = {params[1]:.3g} (" in panel.text
        assert f"RMSE = {curves.rmse(curves.quadratic(x, params), y):.3g}." in panel.text


def test_panel_starts_on_both_scales_with_the_same_curve(panel):
    panel.set(n_epochs=0)
    raw = panel.text
    panel.set(scaled=True)
    values = [re.search(r"a = .*? of the way, RMSE = \S+", text)[0] for text in (raw, panel.text)]
    assert values[0] == values[1]


def test_scaling_mends_it(panel):
    panel.set(n_epochs=300)
    assert "RMSE = 7.16" in panel.text
    panel.set(scaled=True, lr=0.45)
    assert "a = 0.901 (100.0 %), b = -5.46 (100.0 %), c = 10.6 (100.0 %)" in panel.text
    assert "RMSE = 0.577" in panel.text


@pytest.mark.parametrize(("scaled", "lr", "limit"), [(False, 1.26e-4, "0.000117"), (True, 0.56, "0.509")])
def test_panel_names_divergence_with_its_limit(panel, scaled, lr, limit):
    calm = panel.png()
    panel.set(scaled=scaled, lr=lr, n_epochs=300)
    assert f"above the largest stable one, {limit}: it diverges" in panel.text
    assert panel.png() != calm
    panel.set(lr=1.0)
    assert "diverges" in panel.text and "nan" not in panel.text


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.scaling(*data()), str)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (lambda: panels.fits_in_a_row(*data()[:2], [data()[2]] * 10, first=10), ("10 small plots", "19: 120.5")),
        (
            lambda: panels.compare_fits(*data()[:2], {"one": BEST}),
            ("the 5 with x up to 4.67", "one: 0.901 x² - 5.46 x"),
        ),
        (lambda: panels.slices(*data()[:2], BEST), ("a: from 0.333 to 8.51e+03", "c: from 0.333 to 1.33")),
        (lambda: panels.loss_curves({"one": [3.0] * 11, "two": [2.0] * 20}), ("one: from 3 to 3 (epoch 10)",)),
        (lambda: panels.show_forecast(X, X, X[:2] + 15, X[:2]), ("end at y = 14", "x from 15 to 16: 0, 1.")),
    ],
)
def test_figure_says_in_words_what_it_shows(picture, words):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert all(word in shown.alt for word in words)
