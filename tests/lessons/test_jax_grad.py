"""Lesson 07: the figures of its source, the numbers that its prose quotes, what its drivers see, and its panel."""

import re

import numpy as np
import pytest

from gdexercises import jax_grad
from gdexercises.checking import Case
from gdexercises.checking.drivers import run
from gdexercises.environment import require
from gdexercises.figures import Picture
from gdexercises.tuning import jax_grad as panels

jax = require("jax")
jnp = jax.numpy

LESSON = "07-jax-grad"
X = np.arange(-1.0, 5.0)
Y = 2 * X - 1

pytestmark = pytest.mark.xdist_group(LESSON)

# What the tutorial prints: W, and the loss there with b = -1.
LOSSES = {-8: 516.667, -3: 129.167, -2: 82.667, -1: 46.5, 0: 20.667, 1: 5.167, 2: 0, 3: 5.167, 8: 186, 10: 330.667}
# What it prints of the first and the last three of its 50 iterations: W before and after, and the loss before.
PRINTED = {
    0: ("8.0", "7.38", "186.0"),
    1: ("7.38", "6.8240666", "149.54607"),
    2: ("6.8240666", "6.3255796", "120.236694"),
    47: ("2.0356295", "2.0319479", "0.0065588956"),
    48: ("2.0319479", "2.0286465", "0.005273429"),
    49: ("2.0286465", "2.0256863", "0.004239871"),
}


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


def test_losses_of_the_source_are_reproduced(lesson):
    rows = re.findall(r"^w = +(-?[\d.]+): loss +([\d.]+)$", lesson.printed, re.M)
    assert {float(w): float(loss) for w, loss in rows} == LOSSES


def test_first_and_last_three_iterations_of_the_source_are_reproduced_to_the_printed_digits(lesson):
    rows = re.findall(r"^epoch +(\d+): w (\S+) -> (\S+)  loss (\S+)$", lesson.printed, re.M)
    assert {int(epoch): tuple(values) for epoch, *values in rows} == PRINTED


def test_iterations_are_in_single_precision(lesson):
    assert re.search(r"^x: .* \(6,\) float32$", lesson.printed, re.M)
    w, losses = jax_grad.train_w(jnp.array(X, jnp.float32), jnp.array(Y, jnp.float32), -1.0, 8.0, 0.01, 3, 0.0)
    assert w.dtype == losses[0].dtype == jnp.float32
    assert str(w) == PRINTED[2][1]


def test_mean_and_sum_over_6_differ_in_one_last_digit_as_the_prose_says(prose):
    assert "In epoch 47 your last digit may be another one" in prose
    x, y = jnp.array(X, jnp.float32), jnp.array(Y, jnp.float32)
    printed = {}
    for name, total in {"sum": lambda e: (e**2).sum() / 6, "mean": lambda e: (e**2).mean()}.items():
        w, printed[name] = jnp.float32(8), []
        for _ in range(50):
            value, grad = jax.value_and_grad(lambda w, total=total: total(-1 + w * x - y))(w)
            printed[name].append(float(value))
            w = w - 0.01 * grad
    assert printed["sum"] == pytest.approx(printed["mean"], rel=1e-6)
    differing = [epoch for epoch in PRINTED if printed["sum"][epoch] != printed["mean"][epoch]]
    assert 47 in differing


# The prose ----------------------------------------------------------------------------------------------------------


def test_prose_puts_the_optimum_right(lesson, prose):
    assert "it is $(2, -1)$" in prose and "the loss is $2^2 = 4$" in prose
    assert numbers(lesson, r"^w = 2, b =  1: loss (\S+)$") == [4]
    assert numbers(lesson, r"^w = 2, b = -1: loss (\S+)$") == [0]


def test_a_compiled_function_keeps_what_it_read_from_outside(lesson, prose):
    assert "goes on with the old $-1$" in prose
    assert numbers(lesson, r"^b_outside =  5: (\S+) by JAX, (\S+) in fact$") == [0, 36]


def test_np_bound_twice_fails_visibly(lesson):
    assert "NameError: name 'numpy' is not defined" in lesson.printed


def test_gradients_agree_by_hand_by_jax_and_by_differences(lesson, prose):
    assert numbers(lesson, r"^by hand: +(\S+) (\S+)$") == [18, 62]
    assert numbers(lesson, r"^argnums=\(0, 1\): +(\S+) (\S+)$") == [18, 62]
    assert numbers(lesson, r"^argnums=0: +(\S+)$") == [18] and numbers(lesson, r"^argnums=1: +(\S+)$") == [62]
    assert "the mean of $x^2$ is $31/6$" in prose and 2 * 6 * (X**2).mean() == pytest.approx(62)
    [by_difference] = numbers(lesson, r"^lesson 02, by w: +(\S+)$")
    assert "agrees in the first digits only" in prose and 0 < abs(by_difference - 62) < 0.1


def test_two_ways_to_stumble_raise_what_is_said(lesson):
    assert "1. TracerArrayConversionError\n" in lesson.printed
    assert "2. TypeError: grad requires real- or complex-valued inputs\n" in lesson.printed


def test_float_equality_never_stops_the_training(lesson, prose):
    epochs, w, loss = numbers(lesson, r"^epochs: (\d+)  w: (\S+)  loss: (\S+)$")
    assert "All of them. $w$ is stuck at 2.000001" in prose and (epochs, w) == (1000, 2.000001)
    assert "The loss is $5 \\cdot 10^{-12}$" in prose and loss == pytest.approx(5e-12, rel=0.1)
    [step] = numbers(lesson, r"^next step: +(\S+)$")
    [spacing] = numbers(lesson, r"^smallest step float32 has at w: (\S+)$")
    assert "shorter than half the distance to the next number" in prose and 0 < step < spacing / 2


def test_prose_quotes_the_curvature_and_the_factor(prose):
    curvature = 2 * (X**2).mean()
    assert "$c = 2 \\cdot \\frac{31}{6} = 10.33$" in prose and curvature == pytest.approx(10.33, abs=0.005)
    assert "= 0.8967$ in each epoch" in prose and 1 - 0.01 * curvature == pytest.approx(0.8967, abs=5e-5)
    assert "above $\\eta = 2/c = 0.194$" in prose and 2 / curvature == pytest.approx(0.194, abs=5e-4)


def test_a_tolerance_stops_it(lesson):
    epochs, w, loss = numbers(lesson, r"^tolerance 1e-6: (\d+) epochs, w = (\S+), loss (\S+)$")
    assert epochs < 1000 and loss < 1e-6 and w == pytest.approx(2, abs=1e-3)


def test_a_wrong_fixed_intercept_cannot_be_made_up_for(lesson, prose):
    epochs, w, loss = numbers(lesson, r"^b fixed at 1: (\d+) epochs, w = (\S+), loss (\S+)$")
    best = (X * (Y - 1)).sum() / (X**2).sum()
    assert "the loss is still 2.26. No $w$ does better" in prose and epochs == 300
    assert (w, loss) == pytest.approx((best, ((1 + best * X - Y) ** 2).mean()), abs=1e-3)
    assert loss == pytest.approx(2.26, abs=0.005)


def test_both_parameters_arrive_after_a_detour(lesson, prose):
    rows = re.findall(r"^epoch +(\d+): b = +(\S+), w = +(\S+), loss (\S+)$", lesson.printed, re.M)
    reached = {int(epoch): (float(b), float(w)) for epoch, b, w, _ in rows}
    assert reached[0] == (-1, 8) and reached[499] == pytest.approx((-1, 2), abs=0.02)
    b, w, lowest = -1.0, 8.0, 0.0
    for _ in range(500):
        error = b + w * X - Y
        b, w = b - 0.01 * 2 * error.mean(), w - 0.01 * 2 * (X * error).mean()
        lowest = min(lowest, b)
    assert "goes to $-2.27$" in prose and lowest == pytest.approx(-2.27, abs=0.005)


def test_an_impure_loss_gives_a_gradient_of_zero_and_leaves_a_tracer_behind(lesson):
    assert numbers(lesson, r"^called with b = -1:  loss (\S+)  worst (\S+)$") == [226, 26]
    assert numbers(lesson, r"^by grad and jit: +b_grad (\S+)  w_grad (\S+)$") == [0, 68]
    assert re.search(r"^worst is now a \w*Tracer$", lesson.printed, re.M)
    assert numbers(lesson, r"^loss: (\S+)  worst: (\S+)  b_grad: (\S+)  w_grad: (\S+)$") == [186, 24, 18, 62]


def test_a_tree_of_parameters_gives_the_same_numbers(lesson):
    by_tree = numbers(lesson, r"^by tree: +b = (\S+), w = (\S+)$")
    assert by_tree == numbers(lesson, r"^by two arguments: b = (\S+), w = (\S+)$")


def test_the_network_learns_what_no_line_can(lesson):
    [before] = numbers(lesson, r"^loss before: (\S+)$")
    [after] = numbers(lesson, r"^loss after: +(\S+)$")
    x = np.arange(-10, 11) / 5
    best_line = np.polyval(np.polyfit(x, abs(x), 1), x)
    assert after < 0.1 * ((best_line - abs(x)) ** 2).mean() < before


def test_quiz_quotes_what_is_so():
    assert "floats go down to about 1e-38" in jax_grad.when_does_it_stop.choices["c"].why
    assert 1e-38 < np.finfo(np.float32).tiny < 2e-38
    with pytest.raises(jax.errors.TracerArrayConversionError):
        jax.jit(lambda w: np.square(w))(1.0)
    with pytest.raises(jax.errors.TracerBoolConversionError):
        jax.jit(lambda w: 1 if w > 0 else 0)(1.0)


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (15, 2)
    assert "There are 15 points: 13 for code, 2 for a short quiz." in lesson.prose


# What the drivers see -----------------------------------------------------------------------------------------------


def outcome(exercise, attempt, label, seed=0):
    (case,) = [case for case in exercise.cases(seed) if case.label == label]
    return run(exercise.driver, attempt, case.encoded)


@pytest.mark.parametrize(
    ("convert", "error"),
    [
        (np.asarray, "TracerArrayConversionError"),
        (float, "ConcretizationTypeError"),
        (lambda value: max(value, -100.0), "TracerBoolConversionError"),
    ],
)
def test_driver_sees_a_function_that_is_right_with_numbers_alone(convert, error):
    def loss(b, w, x, y):
        return ((convert(b) + w * x - y) ** 2).mean()

    assert outcome(jax_grad.loss, loss, "the points of this lesson").raised is None
    assert outcome(jax_grad.loss, loss, "under jax.jit and jax.vmap").raised.kind == error


@pytest.mark.parametrize("build", [tuple, list, jnp.stack])
def test_driver_takes_the_gradients_in_any_container(build):
    def loss_and_gradient(b, w, x, y):
        value, grads = jax.value_and_grad(jax_grad.loss.reference, argnums=(0, 1))(b, w, x, y)
        return value, build(grads)

    assert jax_grad.loss_and_gradient.verdict(loss_and_gradient, seed=0).passed


kept = []


def test_driver_sees_what_is_kept_from_one_training_to_the_next():
    def train(x, y, b, w, lr, n_epochs):
        for _ in range(n_epochs):
            b, w, value = jax_grad.step(b, w, x, y, lr)
            kept.append(float(value))
        return b, w, list(kept)

    kept.clear()
    verdict = jax_grad.train.verdict(train, seed=0)
    assert verdict.mistake == "keeps_state" and "Called twice" in verdict.message


def test_driver_sees_a_global_that_is_written():
    verdict = jax_grad.loss_and_worst.verdict(writes_a_global, seed=0)
    assert verdict.mistake == "still_writes_a_global"


def writes_a_global(b, w, x, y):
    global largest
    largest = abs(b + w * x - y).max()
    return ((b + w * x - y) ** 2).mean(), largest


largest = 0.0


def test_tree_that_is_changed_in_place_is_told_so():
    def step_pytree(loss_of, params, x, y, lr):
        grads = jax.grad(loss_of)(params, x, y)
        new = jax.tree.map(lambda p, g: p - lr * g, params, grads)
        params.update(new)
        return new

    verdict = jax_grad.step_pytree.verdict(step_pytree, seed=0)
    assert (verdict.mistake, verdict.passed) == ("mutates", False)


@pytest.mark.parametrize(
    "exercise", [jax_grad.predict, jax_grad.loss, jax_grad.loss_and_gradient, jax_grad.step, jax_grad.step_pytree]
)
def test_every_function_for_jax_is_checked_under_jit_and_vmap_and_in_single_precision(exercise):
    cases = exercise.cases(0)
    assert "under jax.jit and jax.vmap" in [case.label for case in cases]
    for case in cases:
        assert isinstance(case, Case)
        arrays = [argument for argument in case.arguments if hasattr(argument, "framework")]
        assert arrays and all(array.values.dtype == np.float32 for array in arrays)


def test_mistake_in_predict_is_carried_through_loss_into_train():
    def predict(x, b, w):
        return w + b * x

    def loss(b, w, x, y):
        return ((predict(x, b, w) - y) ** 2).mean()

    def loss_and_gradient(b, w, x, y):
        return jax.value_and_grad(loss, argnums=(0, 1))(b, w, x, y)

    def step(b, w, x, y, lr):
        value, (b_grad, w_grad) = loss_and_gradient(b, w, x, y)
        return b - lr * b_grad, w - lr * w_grad, value

    def train(x, y, b, w, lr, n_epochs):
        losses = []
        for _ in range(n_epochs):
            b, w, value = step(b, w, x, y, lr)
            losses.append(value)
        return b, w, losses

    assert jax_grad.predict.verdict(predict, seed=0).mistake == "exchanges_parameters"
    for exercise, attempt in ((jax_grad.loss, loss), (jax_grad.loss_and_gradient, loss_and_gradient)):
        assert exercise.verdict(attempt, seed=0).passed
    assert jax_grad.step.verdict(step, seed=0).passed
    verdict = jax_grad.train.verdict(train, seed=0)
    assert verdict.passed and "calls your predict" in verdict.notes[0]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.roll(X, Y)


@pytest.mark.parametrize("change", [{"lr": 0.05}, {"n_epochs": 3}, {"w": 5.0}, {"b": 2.0}])
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def test_panel_runs_what_the_lesson_teaches(panel):
    for n_epochs in (1, 10, 50):
        panel.set(n_epochs=n_epochs)
        w, _ = jax_grad.train_w(jnp.array(X), jnp.array(Y), -1.0, 8.0, 0.01, n_epochs, 0.0)
        assert f"w = {w:.3g}, loss" in panel.text


def test_one_step_is_nearly_enough_where_the_learning_rate_is_one_over_the_curvature(panel):
    panel.set(lr=1 / (2 * (X**2).mean()), n_epochs=1)
    w = float(re.search(r": w = (\S+), loss", panel.text)[1])
    assert abs(w - 2) < 0.05 * (8 - 2)  # as near as the steps of the slider allow


@pytest.mark.parametrize(("b", "w"), [(-1.0, 8.0), (3.0, -5.0)])
def test_panel_names_divergence_with_its_limit_whatever_the_start(panel, b, w):
    panel.set(b=b, w=w, n_epochs=40, lr=0.19)
    assert "iverges" not in panel.text
    panel.set(lr=0.2)
    assert "0.194" in panel.text and "iverges" in panel.text
    panel.set(lr=1.0, n_epochs=60)
    assert "iverges" in panel.text and "nan" not in panel.text


def test_panel_shows_the_numbers_of_the_source(panel):
    panel.set(n_epochs=3)
    assert "w = 6.33, loss = 96.7" in panel.text
    panel.set(n_epochs=49)
    assert "w = 2.03, loss = 0.00424" in panel.text


def test_panel_says_what_each_learning_rate_does(panel):
    assert "w stays on its side and comes nearer" in panel.text
    panel.set(lr=0.1)
    assert "1 - lr · 10.3 = -0.0333: w jumps from side to side, and comes nearer" in panel.text
    panel.set(lr=0.2)
    assert "Diverges: lr is above the largest stable one, 2 / 10.3 = 0.194." in panel.text


def test_start_at_the_lowest_point_neither_moves_nor_diverges(panel):
    panel.set(w=2.0, lr=1.0, n_epochs=60)
    assert "w starts there" in panel.text and "Diverges" not in panel.text


def test_wrong_b_lifts_the_lowest_loss_and_leaves_the_limit(panel):
    panel.set(b=1.0, lr=0.2)
    assert "The lowest loss, 2.26, is at w = 1.42" in panel.text and "2 / 10.3 = 0.194" in panel.text


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.roll(X, Y), str)


WS = np.linspace(-8, 10, 19)


@pytest.mark.parametrize(
    "picture",
    [
        lambda: panels.two_drawings(WS[::6], (WS[::6] - 2) ** 2, WS, (WS - 2) ** 2),
        lambda: panels.path_on_curve(WS, (WS - 2) ** 2, [8.0, 5.0, 3.0], [36.0, 9.0, 1.0]),
        lambda: panels.path_on_map(X, Y, [(-1.0, 8.0), (-2.0, 4.0), (-1.5, 2.2)]),
        lambda: panels.fitted(X, abs(X), abs(X) + 0.1),
    ],
)
def test_figure_says_in_words_what_it_shows(picture):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert len(shown.alt) > 80 and re.search(r"\d", shown.alt)
