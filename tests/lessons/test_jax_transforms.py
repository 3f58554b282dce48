"""Lesson 08: the numbers that its prose quotes, what its drivers see of compiled functions, and its panel."""

import re
from functools import partial

import numpy as np
import pytest

from gdexercises import jax_transforms
from gdexercises.checking.compiled import compilations, compiled, kept, program_size
from gdexercises.checking.drivers import run
from gdexercises.environment import require
from gdexercises.figures import Picture
from gdexercises.tuning import jax_transforms as panels

jax = require("jax")
jnp = jax.numpy

LESSON = "08-jax-transforms"
RATES = np.logspace(-3, 0, 400)
WITHIN_1_PERCENT = (0.053, 0.113)

pytestmark = pytest.mark.xdist_group(LESSON)


def data():
    """The lesson's points, in double precision."""
    x = np.arange(-5, 5, 0.1)
    return x, -5 * x + 0.4 * np.random.default_rng(42).standard_normal(100)


def descend(b, w, rates, n_epochs):
    """Losses before each update, shape (rates, epochs), by a loop in NumPy."""
    x, y = data()
    b, w, losses = np.full(len(rates), b), np.full(len(rates), w), []
    for _ in range(n_epochs):
        error = b[:, None] + w[:, None] * x - y
        losses.append((error**2).mean(axis=1))
        b, w = b - rates * 2 * error.mean(axis=1), w - rates * 2 * (x * error).mean(axis=1)
    return np.array(losses).T


@pytest.fixture(scope="module")
def lesson(solved):
    return solved(LESSON)


@pytest.fixture(scope="module")
def prose(lesson):
    return re.sub(r"\s+", " ", lesson.prose)


def alts(lesson, start):
    """The text alternatives of the lesson's pictures that begin with these words."""
    shown = lesson.outputs("execute_result") + lesson.outputs("display_data")
    texts = [output.data.get("text/plain", "") for output in shown]
    return [text for text in texts if text.startswith(start)]


# The prose ----------------------------------------------------------------------------------------------------------


def test_spy_is_heard_once_and_sees_no_number(lesson, prose):
    tracer = r"Python runs this function, with lr = \S*Tracer\S*float32\[\]\S*\n"
    assert re.search(tracer + r"lr = 0.1: b = -16.0540, w = -1.8930\nlr = 0.05: .*\nlr = 0.01: ", lesson.printed)
    assert "One line, and in it no number." in prose and "here `float32[]`" in prose


def test_five_calls_trace_for_the_new_shape_and_the_new_dtype_alone(lesson, prose):
    heard = re.search(r"^1\. 100 points:\n(?s:.*?)^5\. .*\n.*\n", lesson.printed, re.MULTILINE)[0]
    spoke = [line.startswith("Python runs") for line in heard.splitlines()]
    assert spoke == [False, False, False, True, False, False, True]
    assert "Two of them: the third has a new shape, and the fifth a new dtype, `int32` for `float32`" in prose
    assert "int32[]" in heard.splitlines()[-1] and "float32[]" in heard.splitlines()[3]


def test_program_holds_the_two_constants_that_the_prose_names(lesson, prose):
    [program] = re.findall(r"^\{ lambda ;(?s:.*?)\}$", lesson.printed, re.MULTILINE)
    assert "the power 2 and the 100 of the mean" in prose
    assert "y=2" in program and "100.0" in program and "convert_element_type" not in program
    assert program.count("=") - program.count("[") < program.count("\n") + 3


def test_scan_meets_least_squares(lesson):
    reached = re.search(r"^(b = \S+, w = \S+), loss from (\S+) to (\S+)$", lesson.printed, re.MULTILINE)
    best = re.search(r"^least squares: (.*)$", lesson.printed, re.MULTILINE)
    assert reached[1] == best[1]
    losses = descend(-20, -10, np.array([0.1]), 100)[0]
    assert [float(reached[2]), float(reached[3])] == pytest.approx([losses[0], losses[-1]], rel=1e-3)


def test_program_of_the_loop_grows_and_that_of_the_scan_does_not(lesson, prose):
    [alt] = alts(lesson, "Line plot of the number of lines")
    loop, scan = (
        {int(n): int(lines) for lines, n in re.findall(r"(\d+) for (\d+)", part)} for part in alt.split("lax.scan")
    )
    assert set(loop) == set(scan) == {1, 3, 10, 30}
    assert "The Python loop's program is three times as long, the scan's is the same." in prose
    assert round(loop[30] / loop[10], 1) == 3.0 and len({*scan.values()}) == 1


def test_costs_are_printed_as_ratios_for_all_four_ways(lesson):
    rows = re.findall(r"^(\w[\w ]+?) +first call +(\d+), later calls +(\d+)$", lesson.printed, re.MULTILINE)
    assert [name for name, *_ in rows] == ["no jit", "epoch compiled", "loop compiled", "scan compiled"]
    assert rows[-1][2] == "1"
    assert re.search(r"^Compiling costs as much as -?\d+ calls of the compiled program\.$", lesson.printed, re.M)
    assert re.search(r"^Against no jit at all, it has paid after \d+ call\(s\)\.$", lesson.printed, re.M)
    assert re.search(r"^800 trainings take as long as \d+ single ones\.$", lesson.printed, re.M)


def test_prose_on_what_compiles_in_each_call_is_true(prose):
    x, y = jnp.arange(-5, 5, 0.1), jnp.zeros(100)
    train = jax_transforms.train_scan.reference
    given = x, y, -20.0, -10.0, 0.1

    def forgetful():
        return jax.jit(lambda b, w: train(x, y, b, w, 0.1, 3))(-20.0, -10.0)

    static = jax.jit(train, static_argnums=5)
    found = {}
    for name, call in {
        "scan alone": lambda: train(*given, 3),
        "jit inside": forgetful,
        "jit outside": lambda: static(*given, 3),
    }.items():
        call()
        found[name] = [compilations(call) > 0 for _ in range(2)]
    assert found == {"scan alone": [True, True], "jit inside": [True, True], "jit outside": [False, False]}
    assert "so the scan is compiled anew in each call" in prose and "put `jit` outside, once" in prose
    # "a single operation, too, is compiled when it is met for the first time"
    jax.clear_caches()
    assert [compilations(lambda: jnp.tanh(x)) > 0 for _ in range(2)] == [True, False]


def test_prose_quotes_the_shape_of_many_trainings(lesson, prose):
    assert "Three learning rates, and 50 losses for each." in prose and "\n(3, 50)\n" in lesson.printed
    assert "run 800 trainings with one call" in prose and "losses: (2, 400, 60)\n" in lesson.printed


@pytest.mark.parametrize("start", [(-20.0, -10.0), (5.0, 3.0)])
def test_sweep_gives_the_losses_of_a_loop_in_numpy(start):
    x, y = map(jnp.array, data())
    b, w = (jnp.array([value]) for value in start)
    [found] = jax_transforms.sweep.reference(x, y, b, w, jnp.array(RATES), 60)
    expected = descend(*start, RATES, 60)
    stable = RATES < 0.11
    assert found.shape == (400, 60)
    assert np.asarray(found)[stable] == pytest.approx(expected[stable], rel=1e-3)


def test_map_of_the_losses_is_as_the_prose_says(lesson, prose):
    losses = descend(-20, -10, RATES, 60)
    near = RATES[losses[:, -1] <= 1.01 * losses.min()]
    assert (round(near[0], 3), round(near[-1], 3)) == WITHIN_1_PERCENT
    assert "the learning rates from 0.053 to 0.113 have come to within 1 % of the lowest loss" in prose
    grown = RATES[losses[:, -1] > losses[:, 0]]
    assert "and at 0.121 it has grown" in prose and round(grown[0], 3) == 0.121
    first, *with_bound = alts(lesson, "Map of the loss, 400 learning rates")
    assert "277 learning rates are below, the largest of them 0.119" in first
    assert "Within 1 % of it are 0.0527 to 0.113." in first
    assert len(with_bound) == 2 and all("A dashed line marks 2/L = 0.12." in alt for alt in with_bound)
    assert "The colours differ, the border does not." in prose
    assert all("277 learning rates are below" in alt for alt in with_bound)


def test_limit_is_that_of_lesson_03(lesson, prose):
    assert "The same 0.12 as in lesson 03" in prose and "2 / L = 0.1200\n" in lesson.printed
    x, _ = data()
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])
    assert 2 / np.linalg.eigvalsh(hessian)[-1] == pytest.approx(0.12, abs=5e-5)


def test_prose_on_the_gradients_of_the_points_is_true(lesson, prose):
    x, y = data()
    w_grads = 2 * x * (-20 - 10 * x - y)
    assert "Those on the right have a negative gradient" in prose and (w_grads[x > 0.05] < 0).all()
    assert "the last ones pull hardest" in prose and abs(w_grads).argsort()[-3:].min() == 97
    assert "Many on the left want a smaller one" in prose and (w_grads[x < -0.05] > 0).mean() > 0.7
    assert "The mean, $-81$" in prose and round(w_grads.mean()) == -81
    assert "mean of w_grads: -81.0695, gradient of the mean: -81.0695" in lesson.printed


def test_colleagues_epoch_is_heard_once_and_the_repaired_one_five_times(lesson):
    [said] = re.findall(r"^five epochs later, history has 1 entry: \[(.*)\]$", lesson.printed, re.MULTILINE)
    assert "Tracer" in said
    printed = [float(value) for value in re.findall(r"^loss: (\d\S*)$", lesson.printed, re.MULTILINE)]
    [history] = re.findall(r"^history: \[(.*)\]$", lesson.printed, re.MULTILINE)
    assert [float(value) for value in history.split(",")] == pytest.approx(printed, abs=0.006)
    assert printed == pytest.approx(descend(-20, -10, np.array([0.1]), 5)[0], rel=1e-4)


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (14, 2)
    assert "There are 14 points: 12 for code, 2 for a short quiz." in lesson.prose


# The quiz -----------------------------------------------------------------------------------------------------------


def test_quiz_on_what_compiles_again_is_true():
    train = jax.jit(lambda x, y, lr, n: jax_transforms.train_scan.reference(x, y, 0.0, 0.0, lr, n), static_argnums=3)
    x, y = jnp.arange(100.0), jnp.ones(100)
    longer, other = jnp.arange(101.0), jax.block_until_ready(x + 1)
    train(x, y, 0.1, 50)
    calls = {
        "a": lambda: train(x, y, 0.2, 50),
        "b": lambda: train(x, y, 0.1, 60),
        "c": lambda: train(longer, longer, 0.1, 50),
        "d": lambda: train(other, other, 0.1, 50),
    }
    again = {letter for letter, call in calls.items() if compilations(call)}
    assert again == jax_transforms.what_compiles_again.answer == {"b", "c"}


def test_quiz_on_side_effects_is_true(capsys):
    count = []

    @jax.jit
    def spied(x):
        print("epoch")
        count.append(1)
        return 2 * x

    for _ in range(10):
        spied(jnp.ones(3))
    assert (capsys.readouterr().out, count) == ("epoch\n", [1])
    spied(jnp.ones(4))
    assert capsys.readouterr().out == "epoch\n"
    assert jax_transforms.side_effects.answer == {"a", "d"}


def test_quiz_on_loops_is_true():
    x, y = jnp.arange(4.0), jnp.ones(4)
    loop, scan = jax_transforms.train_scan.mistakes["python_loop"].implementation, jax_transforms.train_scan.reference
    size = lambda train, n: program_size(lambda *given: train(*given, n), x, y, 0.5, -0.5, 0.1)
    one_more = size(loop, 11) - size(loop, 10)
    assert size(scan, 1000) == size(scan, 2)
    assert size(loop, 10) / one_more == pytest.approx(10, abs=1)
    assert jax_transforms.loops.answer == {"a", "c"}


def test_quiz_on_the_order_of_transforms_is_true():
    x, y = map(jnp.array, data())
    grad = jax.grad(jax_transforms.loss)
    each = jax.vmap(grad, in_axes=(None, None, 0, 0))(-20.0, -10.0, x, y)
    assert each.shape == (100,)
    assert each.mean() == pytest.approx(float(grad(-20.0, -10.0, x, y)), rel=1e-4)
    assert jax_transforms.order_of_transforms.answer == {"b", "c"}


# What the drivers see -----------------------------------------------------------------------------------------------


def outcome(exercise, attempt, label, seed=0):
    case = next(case for case in exercise.cases(seed) if case.label == label)
    return run(exercise.driver, attempt, case.encoded).value


def scan_of(step):
    def train(x, y, b, w, lr, n_epochs):
        (b, w), losses = jax.lax.scan(lambda params, _: step(*params, x, y, lr), (b, w), None, length=n_epochs)
        return b, w, losses

    return train


def plain_step(b, w, x, y, lr):
    error = b + w * x - y
    return (b - 2 * lr * error.mean(), w - 2 * lr * (x * error).mean()), (error**2).mean()


def test_driver_sees_a_program_that_grows_with_the_epochs():
    grows = jax_transforms.train_scan.mistakes["python_loop"].implementation
    label = jax_transforms._PROGRAM
    said = [
        outcome(jax_transforms.train_scan, attempt, label)["the program for 5 epochs"]
        for attempt in (scan_of(plain_step), grows)
    ]
    assert said[0] == "as long as for 2" and "again and again" in said[1]


def test_driver_calls_a_training_under_jit_and_vmap():
    seen = []

    def spied(x, y, b, w, lr, n_epochs):
        seen.append((isinstance(b, jax.core.Tracer), jnp.shape(b), n_epochs))
        return scan_of(plain_step)(x, y, b, w, lr, n_epochs)

    b, w, losses = outcome(jax_transforms.train_scan, spied, jax_transforms._BATCH)
    assert (b.values.shape, w.values.shape, losses.values.shape) == ((3,), (3,), (3, 5))
    assert {*seen} == {(True, (), 5)}


def test_training_that_is_right_only_outside_vmap_is_found():
    def train(x, y, b, w, lr, n_epochs):
        if float(lr) <= 0:  # asks a tracer for its value
            return b, w, jnp.zeros(0)
        return scan_of(plain_step)(x, y, b, w, lr, n_epochs)

    verdict = jax_transforms.train_scan.verdict(train, seed=0)
    assert (verdict.passed, verdict.finding) == (False, "raised")
    assert "ConcretizationTypeError" in verdict.message


@pytest.mark.parametrize(("outside", "expected"), [(True, "compiles nothing"), (False, "compiles again")])
def test_driver_sees_whether_a_second_call_compiles(outside, expected):
    reference = jax_transforms.sweep.reference
    again = lambda *given: jax.jit(lambda *arrays: reference.__wrapped__(*arrays, given[-1]))(*given[:-1])
    found = outcome(jax_transforms.sweep, reference if outside else again, jax_transforms._AGAIN)
    assert [*found.values()] == [expected]


def test_driver_keeps_a_compiled_attempt_until_something_it_reaches_changes():
    factor = 2.0
    attempt = lambda x: factor * x
    first = compiled(attempt, None)
    assert compiled(attempt, None) is first
    factor = 3.0
    assert compiled(attempt, None) is not first
    assert compiled(attempt, None)(jnp.float32(1)) == 3


def test_driver_makes_nothing_twice_for_the_same_attempt():
    made = []

    def make(attempt):
        made.append(attempt)
        return len(made)

    assert [kept(make, plain_step) for _ in range(2)] == [1, 1]


def test_driver_counts_what_is_printed_in_compiled_calls():
    def describe(printing):
        def epoch(b, w, x, y, lr):
            (b, w), before = plain_step(b, w, x, y, lr)
            printing(before)
            return b, w, before

        found = outcome(jax_transforms.logged_epoch, epoch, "3 compiled calls")
        return [*found.values()]

    even = "as many as later"
    assert describe(lambda loss: jax.debug.print("loss: {}", loss)) == [3, 3, 3, even, "nothing"]
    assert describe(lambda loss: print("loss:", loss)) == [1, 0, 0, "more than later", "nothing"]
    assert describe(lambda loss: jax.debug.print(f"loss: {loss}")) == [3, 0, 0, even, "nothing"]
    assert describe(lambda loss: jax.debug.print("{:.0f} after {}", loss, 7)) == [3, 3, 3, even, "nothing"]
    assert describe(lambda loss: None) == [0, 0, 0, even, "nothing"]


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("loss: 596.26", [596.26]),
        ("After epoch 3. the loss is 596.26.", [3, 596.26]),
        ("loss=1.5e-05, b = -3", [1.5e-05, -3]),
        ("loss: JitTracer(float32[])", []),
        ("Traced<float32[7]>", []),
        ("epoch", []),
    ],
)
def test_numbers_are_found_in_what_is_printed_and_none_in_a_tracer(line, numbers):
    assert jax_transforms._numbers_in(line) == numbers


def test_bound_may_be_computed_in_numpy():
    def bound(f, params):
        return 2 / np.linalg.eigvalsh(np.asarray(jax.hessian(f)(params))).max()

    assert jax_transforms.hessian_bound.verdict(bound, seed=0).passed


def test_mistake_in_train_scan_is_carried_on_by_sweep():
    def train_scan(x, y, b, w, lr, n_epochs):
        return scan_of(plain_step)(x, y, b, w, -lr, n_epochs)

    @partial(jax.jit, static_argnames="n_epochs")
    def sweep(x, y, bs, ws, lrs, n_epochs):
        losses_of = lambda b, w, lr: train_scan(x, y, b, w, lr, n_epochs)[2]
        return jax.vmap(jax.vmap(losses_of, (None, None, 0)), (0, 0, None))(bs, ws, lrs)

    assert jax_transforms.train_scan.verdict(train_scan, seed=0).mistake == "uphill"
    verdict = jax_transforms.sweep.verdict(sweep, seed=0)
    assert verdict.passed and "calls your train_scan" in verdict.notes[0]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.sweep_map()


@pytest.mark.parametrize("change", [{"lr": 0.05}, {"spread": 4.0}, {"n_points": 99}, {"b": -19.0}, {"w": -9.0}])
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def test_panel_begins_with_the_points_and_the_limit_of_the_lesson(panel):
    assert "Curvatures 2 and L = 16.7, so 2/L = 0.12: 156 of the 300 learning rates are below it." in panel.text
    assert "loss from 596 to" in panel.text
    below = np.logspace(-3, 1, 300) < 0.11997
    assert below.sum() == 156


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.119])
def test_panel_shows_what_gradient_descent_does(panel, lr):
    panel.set(lr=lr)
    [losses] = descend(-20, -10, np.array([panel.values["lr"]]), 61)
    assert f"loss from {losses[0]:.3g} to {losses[-1]:.3g} after 60 epochs." in panel.text


def test_map_of_the_panel_is_that_of_the_lesson():
    run = panels._Losses(5, 100, -20, -10)
    assert run.after(RATES[:250], np.arange(60)) == pytest.approx(descend(-20, -10, RATES[:250], 60), rel=1e-9)


def test_answers_to_what_the_lesson_asks_to_find_out(panel, prose):
    limit = lambda: float(re.search(r"2/L = ([\d.]+):", panel.text)[1])
    panel.set(spread=10)
    assert "Make the spread of $x$ twice as large" in prose and limit() == pytest.approx(0.12 / 4, rel=0.01)
    panel.set(spread=0.5)
    assert "Where does $2/L$ stop" in prose and limit() == pytest.approx(1, abs=0.01)
    assert "Curvatures 0.167 and L = 2," in panel.text
    panel.reset()
    panel.set(n_points=2)
    two = limit()
    panel.set(n_points=3)
    assert "how many points there are, or on which" in prose and limit() > two > 0.12


@pytest.mark.parametrize(("lr", "diverges"), [(0.118, False), (0.125, True), (10.0, True)])
def test_panel_names_divergence(panel, lr, diverges):
    panel.set(lr=lr)
    assert ("diverges, since lr is above 2/L" in panel.text) == diverges
    assert "nan" not in panel.text and "inf" not in panel.text


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.sweep_map(), str)


LOSSES = np.array([[4.0, 2.0, 1.0], [4.0, 3.0, 2.0], [4.0, 1e30, np.inf]])


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (
            lambda: panels.loss_map([0.01, 0.1, 1], LOSSES, bound=0.3),
            (
                "3 learning rates from 0.01 to 1",
                "2 learning rates are below, the largest of them 0.1, and 1 are above",
                "lowest loss is 1. Within 1 % of it are 0.01 to 0.01.",
                "marks 2/L = 0.3",
            ),
        ),
        (
            lambda: panels.loss_map(np.float32([0.001, 0.1]), [[4, np.nan], [4, 5.0]]),
            ("0 learning rates are below", "and 2 are above", "lowest loss is 4."),
        ),
        (
            lambda: panels.program_sizes({"one": {1: 20, 10: 200}, "two": {1: 30, 10: 30}}),
            ("one: 20 for 1, 200 for 10.", "two: 30 for 1, 30 for 10."),
        ),
        (
            lambda: panels.gradients_of_points(jnp.arange(4.0), jnp.array([1.0, -9.0, 2.0, 3.0]), -0.75),
            ("4 points", "from -9 to 3", "the largest in size, -9, is at x = 1", "their mean, -0.75"),
        ),
    ],
)
def test_figure_says_in_words_what_it_shows(picture, words):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert all(word in shown.alt for word in words)
