"""Lesson 04: the figures of its source, the numbers that its prose quotes, what its drivers see, and its panel."""

import json
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch

from gdexercises import autograd, five_steps, tiny_autograd
from gdexercises.checking import Remote, torch_drivers
from gdexercises.checking.drivers import run
from gdexercises.figures import Picture
from gdexercises.tuning import autograd as panels

LESSON = "04-autograd"

pytestmark = pytest.mark.xdist_group(LESSON)

# Epoch: loss before the update, w and b after it, as the tutorial printed them.
PRINTED = {
    0: (596.719, -1.8527, -16.0621),
    1: (343.427, -7.2476, -12.8303),
    2: (202.710, -3.6169, -10.2988),
    3: (122.166, -6.0132, -8.2373),
    18: (0.27214, -4.99275, -0.34835),
    19: (0.22536, -4.99606, -0.29068),
}
START = (-20.0, -10.0)


def data(dtype=torch.float32):
    rng = np.random.default_rng(42)
    x = np.arange(-5, 5, 0.1).reshape(-1, 1)
    y = -5 * x + 0.4 * rng.standard_normal((100, 1))
    return torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)


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


def assert_within_the_noise(rows):
    """Rows of the tutorial's table, by epoch: the first to 1 %, the last as far as the noise lets them.

    What is left of the way after the first steps is measured by the way from the start, not by a w that happens to
    swing past 0.
    """
    for epoch, (loss, w, b) in PRINTED.items():
        ours = rows[epoch]
        assert ours[0] == pytest.approx(loss, rel=0.01 if epoch < 4 else 0.3)
        assert ours[1:] == pytest.approx((w, b), abs=0.1)


def test_printed_course_of_the_source_is_reproduced_within_its_noise(lesson):
    found = re.findall(r"^epoch +(\d+): loss +(\S+), then w = +(\S+), b = +(\S+)$", lesson.printed, re.MULTILINE)
    rows = {int(epoch): tuple(map(float, row)) for epoch, *row in found}
    assert rows.keys() == PRINTED.keys()
    assert_within_the_noise(rows)


@pytest.mark.parametrize("seed", range(8))
def test_course_of_the_source_is_reproduced_with_any_noise(seed):
    torch.manual_seed(seed)
    x = torch.arange(-5, 5, 0.1).view(-1, 1)
    y = -5 * x + 0.4 * torch.randn(x.shape)
    rows = {}
    for epoch in PRINTED:
        b, w, losses = autograd.train_batch(x, y, *START, 0.1, epoch + 1)
        rows[epoch] = (losses[-1], w, b)
    assert_within_the_noise(rows)


def test_stochastic_training_of_the_source_diverges_at_its_step_and_arrives_at_smaller_ones():
    torch.manual_seed(0)
    x = torch.arange(-5, 5, 0.1).view(-1, 1)
    y = -5 * x + 0.4 * torch.randn(x.shape)
    histories = {lr: autograd.train_stochastic(x, y, *START, lr, 4)[2] for lr in (0.1, 0.05, 0.02, 0.01)}
    assert histories[0.1][1] > 1e12 and histories[0.1][2] > 1e12
    assert histories[0.05][:3] == pytest.approx([599, 123, 17], rel=0.03)
    assert histories[0.02][:3] == pytest.approx([599, 1.04, 0.17], rel=0.03)
    assert histories[0.01][:4] == pytest.approx([599, 52, 4.1, 0.43], rel=0.03)


def test_curvatures_of_the_source_are_reproduced(lesson):
    assert numbers(lesson, r"^curvatures of all points: (\S+) and (\S+), so lr below (\S+)$") == [1.9993, 16.6707, 0.12]
    assert numbers(lesson, r"^curvature of the steepest point: (\d+), so lr below (\S+)$") == [52, 0.0385]


def test_training_is_that_of_lesson_03_without_autograd():
    x, y = (column.numpy() for column in data(torch.float64))
    b, w, losses = five_steps.train(x, y, *START, 0.1, 20)
    ours = autograd.train_batch(*data(), *START, 0.1, 20)
    assert ours[:2] == pytest.approx((b, w), abs=1e-4)
    assert ours[2] == pytest.approx(losses, rel=1e-4)


# Gradients agree ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("b", "w"), [START, (0.3, -4.9), (0.0, 0.0)])
def test_gradients_are_those_of_lesson_01_by_hand_and_of_lesson_05_by_its_own_autograd(b, w):
    x, y = data(torch.float64)
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (b, w)]
    ours = [grad.item() for grad in autograd.autograd_gradients(x, y, *leaves)]
    assert ours == pytest.approx(five_steps.gradients(x.numpy(), y.numpy(), b, w), rel=1e-6, abs=1e-9)
    assert ours == pytest.approx(gradients_of_lesson_05(x.ravel().tolist(), y.ravel().tolist(), b, w), rel=1e-6)


def gradients_of_lesson_05(x, y, b, w):
    value, add, mul, power = (getattr(tiny_autograd, name) for name in ("Value", "add", "mul", "power"))
    b, w, total = value(b), value(w), value(0.0)
    for x_i, y_i in zip(x, y, strict=True):
        error = add(add(b, mul(w, value(x_i))), value(-y_i))
        total = add(total, power(error, 2))
    loss = mul(total, value(1 / len(x)))
    tiny_autograd.backward(tiny_autograd.topological_order(loss))
    return b.grad, w.grad


def test_lesson_shows_that_they_agree(lesson, prose):
    found = re.findall(r"^._grad, (32|64) bits: .* relative difference (\S+)$", lesson.printed, re.MULTILINE)
    differences = {bits: [float(one) for b, one in found if b == bits] for bits in ("32", "64")}
    assert max(differences["32"]) < 1e-6 and max(differences["64"]) < 1e-12
    assert "With 64 bits they agree in all twelve digits" in prose


# The prose ----------------------------------------------------------------------------------------------------------


def test_table_of_the_five_steps_is_code_that_runs_and_gives_the_same(lesson):
    rows = re.findall(r"^\|[^|]*\|([^|]*)\|([^|]*)\|$", lesson.prose, re.MULTILINE)[2:]
    hand, auto = ([row[side].strip().strip("`") for row in rows] for side in (0, 1))
    assert len(rows) == 10
    same = [one for one, other in zip(hand, auto, strict=True) if one == other]
    assert same == ["yhat = b + w * x", "loss = ((yhat - y) ** 2).mean()"]
    x, y = data(torch.float64)
    ends = []
    for lines, columns in ((hand, (x.numpy(), y.numpy())), (auto, (x, y))):
        namespace = {"x": columns[0], "y": columns[1], "torch": torch, "lr": 0.1}
        exec("\n".join(lines[:2]), namespace)
        for _ in range(20):
            exec("\n".join(line for line in lines[2:] if line), namespace)
        ends.append([namespace[name].item() for name in ("b", "w", "loss")])
    assert ends[0] == pytest.approx(ends[1], rel=1e-5)
    assert ends[0][2] == pytest.approx(0.1766, abs=1e-4)


def test_by_hand_and_with_autograd_print_the_same_rows(lesson):
    hand = re.findall(r"by hand: +loss (\S+), then b = (\S+), w = (\S+)$", lesson.printed, re.MULTILINE)
    auto = re.findall(r"with autograd: loss (\S+), then b = (\S+), w = (\S+)$", lesson.printed, re.MULTILINE)
    assert len(hand) == len(auto) == 5
    for one, other in zip(hand, auto, strict=True):
        assert list(map(float, one)) == pytest.approx(list(map(float, other)), rel=1e-5)


def test_prose_quotes_the_source(lesson, prose):
    quoted = ", ".join(f"{PRINTED[epoch][0]:.3f}" for epoch in range(4))
    assert f"printed {quoted} for the first four" in prose and "0.27214, 0.22536 for the last two" in prose
    rows = re.findall(r"^seed \d: (.*)$", lesson.printed, re.MULTILINE)
    assert len(rows) == 3 and "within one percent of the tutorial's" in prose
    for row in rows:
        losses = [float(loss) for loss in row.split(", ")]
        assert losses[:4] == pytest.approx([PRINTED[epoch][0] for epoch in range(4)], rel=0.01)
        assert max(abs(losses[i] / PRINTED[e][0] - 1) for i, e in ((4, 18), (5, 19))) > 0.01
    assert "came below a loss of 0.2 in 20 epochs" in prose
    assert numbers(lesson, r"^epoch 19: loss +(\S+), ")[0] < 0.2
    assert "$1 - 0.1 \\cdot 16.67 = -0.67$" in prose and round(1 - 0.1 * 16.67, 2) == -0.67


def test_second_backward_doubles_and_a_third_on_the_same_loss_fails(lesson, prose):
    [first] = re.findall(r"^by autograd: b_grad = tensor\((\S+)\) , w_grad = tensor\((\S+)\)$", lesson.printed, re.M)
    [second] = re.findall(r"^after a second backward: b_grad = tensor\((\S+)\) , w_grad = tensor\((\S+)\)$",
                          lesson.printed, re.M)  # fmt: skip
    assert [float(grad) for grad in second] == pytest.approx([2 * float(grad) for grad in first], abs=2e-4)
    assert "Twice as much." in prose
    assert "RuntimeError: Trying to backward through the graph a second time" in lesson.printed


def test_prose_quotes_the_divergence(lesson, prose):
    losses = numbers(lesson, r"^lr = 0.1: (\S+), (\S+), (\S+), (\S+) … (\S+)$")
    assert losses[1] > 1e9 * losses[0] and min(losses[1:]) > 1e9 * losses[0]
    assert "more than a thousand million times as large" in prose and "it does not come back" in prose
    assert "makes it 4.2 times as large" in prose and numbers(lesson, r"its own update: .*, factor (\S+)$") == [-4.2]
    assert "$2/52 = 0.038$" in prose and "1.9993 and 16.6707" in prose and "$2/16.67 = 0.12$" in prose
    assert "points for which 0.1 is too large: 39 of 100" in lesson.printed


def test_prose_quotes_both_histories(lesson, prose):
    assert "In two epochs, 200 updates, the single points bring the loss to 0.12" in prose
    assert "stay at 0.12, above the lowest loss" in prose
    stochastic = numbers(lesson, r"^stochastic, lr = 0.02: (\S+), (\S+), (\S+) … (\S+)$")
    assert [round(loss, 2) for loss in stochastic[2:]] == [0.12, 0.12]
    assert numbers(lesson, r"^lowest loss there is: (\S+)$")[0] < 0.1
    batch = numbers(lesson, r"^batch, lr = 0.02: (\S+), (\S+), (\S+) … (\S+)$")
    assert batch == sorted(batch, reverse=True) and batch[-1] > 10
    assert "(it arrives within 300)" in prose
    assert autograd.train_batch(*data(), *START, 0.02, 300)[2][-1] == pytest.approx(0.0932, abs=1e-4)
    [alt] = [html for html in lesson.html() if "Line plot of losses" in html]
    assert "batch, lr = 0.02: from 596" in alt and "stochastic, lr = 0.02: from 596" in alt


def test_bugs_are_seen_to_fail(lesson, prose):
    swings = re.findall(r"^lowest loss in epochs +\d+ to \d+: +(\S+), highest: (\S+)$", lesson.printed, re.MULTILINE)
    assert len(swings) == 6 and "swings up to where it began" in prose
    assert all(float(low) > 5 and float(high) > 550 for low, high in swings)
    assert numbers(lesson, r"^repaired, after 299 epochs: (\S+)$") == [0.0932]
    assert "call 2, with leaves: False\nTypeError: unsupported operand" in lesson.printed
    assert "PyTorch warned: The .grad attribute of a Tensor that is not a leaf" in lesson.printed
    sizes = [int(size) for size in re.findall(r", (\d+) nodes in its graph$", lesson.printed, re.MULTILINE)]
    assert sizes == [7, 9, 11, 27, 207]
    assert "nodes kept alive by 20 losses: 140" in lesson.printed and "nodes behind the loss: 7" in lesson.printed


def test_quiz_and_mistakes_quote_the_lesson(lesson):
    assert "curvature is 52" in autograd.one_at_a_time.choices["b"].text
    assert "16.67" in autograd.one_at_a_time.choices["c"].text
    x, y = data()
    assert autograd.train_stochastic(x, y, *START, 0.01, 4)[2][-1] < 1
    assert "at 0.01 it makes as many, and comes down" in autograd.one_at_a_time.choices["e"].why


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (18, 2)
    assert "There are 18 points: 16 for code, 2 for a short quiz." in lesson.prose


# PyTorch does what the quiz says -------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", autograd.ways_to_update.choices)
def test_ways_to_update_are_right_or_wrong_as_the_quiz_has_it(letter):
    choice = autograd.ways_to_update.choices[letter]
    x, y = data()
    b, w = torch.tensor(-20.0, requires_grad=True), torch.tensor(-10.0, requires_grad=True)
    namespace, works = {"b": b, "torch": torch, "lr": 0.1}, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(3):
                autograd.criterion(autograd.forward(x, namespace["b"], w), y).backward()
                exec(choice.text.strip("`"), namespace)
                namespace["b"].grad = None
    except (RuntimeError, TypeError):
        works = False
    assert works == choice.belongs


def test_leaves_get_gradients_as_the_quiz_has_it():
    x, y = data()
    b, w = torch.tensor(-20.0, requires_grad=True), torch.tensor(-10.0, requires_grad=True)
    yhat = b + w * x
    loss = ((yhat - y) ** 2).mean()
    loss.backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filled = {name for name, tensor in zip("abcde", (b, w, x, yhat, loss), strict=True) if tensor.grad is not None}
    assert filled == autograd.who_gets_a_gradient.answer


# What the drivers see -----------------------------------------------------------------------------------------------


def outcome(exercise, attempt, seed=0, index=0):
    case = exercise.cases(seed)[index]
    return run(exercise.driver, attempt, case.encoded)


def test_driver_sees_where_the_graph_is_cut():
    _, b_grad, w_grad = outcome(autograd.forward, lambda x, b, w: b.item() + w * x).value
    assert (b_grad.values, w_grad.values) == (0, 6)


def test_driver_sees_what_an_update_does_to_the_leaves():
    def step(spoil):
        def attempt(x, y, b, w, lr):
            loss = autograd.step(x, y, b, w, lr)
            spoil(b)
            return loss

        return outcome(autograd.step, attempt).value[:2]

    assert step(lambda b: None) == (torch_drivers.READY, torch_drivers.READY)
    assert step(lambda b: b.requires_grad_(False))[0] == "a tensor that does not require gradients"


@pytest.mark.parametrize(
    ("update", "state"),
    [
        (lambda b: (b - 0.1).detach().requires_grad_(), torch_drivers.READY),
        (lambda b: b - 0.1, "no leaf, but the result of a computation"),
        (lambda b: b.detach() - 0.1, "a tensor that does not require gradients"),
        (lambda b: b.item() - 0.1, "no tensor"),
    ],
)
def test_driver_tells_leaves_from_what_only_looks_like_them(update, state):
    assert outcome(autograd.improve, lambda x, y, b, w, lr: (update(b), w)).value[0] == state


def test_driver_sees_graphs_grow_even_if_none_is_handed_out():
    grows = outcome(autograd.descend, autograd.updates_grow_the_graph).value
    steady = outcome(autograd.descend, autograd.descend.reference).value
    assert (grows[3:], steady[3:]) == ((False, False, True), (False, False, False))
    assert grows[2] == pytest.approx(steady[2])


def test_points_in_random_order_are_told_so():
    def shuffles(x, y, b, w, lr, n_epochs):
        order = torch.randperm(len(x))
        return autograd.train_stochastic(x[order], y[order], b, w, lr, n_epochs)

    torch.manual_seed(0)
    messages = [autograd.train_stochastic.verdict(shuffles, seed=seed).message for seed in range(10)]
    assert sum("take the points in the given order" in message for message in messages) > 6


def test_graph_size_of_the_lesson_is_that_of_the_drivers(lesson):
    cell = next(c for c in lesson.notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "graph-size")
    namespace = {}
    exec(cell.source, namespace)
    b = torch.tensor(1.0, requires_grad=True)
    for value in (b, b * 2, (b * b + b).sin() * b, torch.ones(2)):
        assert namespace["graph_size"](value) == torch_drivers.graph_size(value)


def test_arguments_changed_in_place_are_named():
    def doubles_x(x, y, b, w, lr, n_epochs):
        x *= 2
        return autograd.train_batch(x / 2, y, b, w, lr, n_epochs)

    def moves_y_at_each_call(x, y, b, w):
        y += 1
        return autograd.autograd_gradients(x, y - 1, b, w)

    verdict = autograd.train_batch.verdict(doubles_x, seed=0)
    assert verdict.finding == "changed arguments" and "changed x in place" in verdict.message
    assert not autograd.autograd_gradients.verdict(moves_y_at_each_call, seed=0).passed


def test_gradients_switched_off_for_good_do_not_reach_the_next_check():
    def switches_off(x, y, b, w, lr):
        torch.set_grad_enabled(False)
        return 0.0

    try:
        assert not autograd.step.verdict(switches_off, seed=0).passed
        assert autograd.step.verdict(autograd.step.reference, seed=0).passed
        torch.set_grad_enabled(False)
        assert autograd.train_batch.verdict(autograd.train_batch.reference, seed=0).passed
    finally:
        torch.set_grad_enabled(True)


def test_mistake_in_criterion_is_carried_through_step_into_both_trainings():
    def criterion(yhat, y):
        return ((yhat - y) ** 2).sum()

    def step(x, y, b, w, lr):
        loss = criterion(autograd.forward(x, b, w), y)
        loss.backward()
        with torch.no_grad():
            b -= lr * b.grad
            w -= lr * w.grad
        b.grad = w.grad = None
        return loss.item()

    def train_batch(x, y, b, w, lr, n_epochs):
        b, w = torch.tensor(b, requires_grad=True), torch.tensor(w, requires_grad=True)
        losses = [step(x, y, b, w, lr) for _ in range(n_epochs)]
        return b.item(), w.item(), losses

    assert autograd.criterion.verdict(criterion, seed=0).mistake == "sums"
    assert autograd.step.verdict(step, seed=0).passed
    verdict = autograd.train_batch.verdict(train_batch, seed=0)
    assert verdict.passed and "calls your criterion" in verdict.notes[0]


def test_another_process_reports_leaves_and_graphs_as_this_one():
    answers = ("improve-rebinds_under_no_grad", "descend-hides_the_graph_from_the_result", "step-switches_off_for_good")
    command = [sys.executable, "-m", "tests.serve_bank", "autograd"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        found = []
        for name in answers:
            exercise = getattr(autograd, name.partition("-")[0])
            found.append(exercise.verdict(Remote(server.stdout, server.stdin, name), seed=0).mistake)
        server.stdin.close()
    assert found == ["loses_requires_grad", "still_grows", "switches_gradients_off"]


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.two_ways(*data(), *START)


@pytest.mark.parametrize("change", [{"lr": 0.05}, {"n_epochs": 2}, {"seed": 3}])
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    panel.set(n_epochs=1)
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert panel.values["n_epochs"] == 10


def test_panel_runs_what_the_lesson_teaches(panel):
    x, y = data()
    for lr, n_epochs in ((0.02, 3), (0.01, 20)):
        panel.set(lr=lr, n_epochs=n_epochs)
        lr = panel.values["lr"]
        for name, train in (("Batch", autograd.train_batch), ("Stochastic", autograd.train_stochastic)):
            losses = train(x, y, *START, lr, n_epochs + 1)[2]
            said = re.search(rf"{name} \((\d+) updates\): b = (\S+), w = (\S+), loss = (\S+)\.", panel.text).groups()
            assert int(said[0]) == n_epochs * (1 if name == "Batch" else 100)
            assert float(said[3]) == pytest.approx(losses[n_epochs], rel=0.01)


def test_panel_names_divergence_with_its_bound(panel):
    assert "This lr is below 2/52 = 0.0385, the limit of the steepest point." in panel.text
    panel.set(lr=0.1)
    assert "Stochastic (1000 updates): diverges: the loss has grown from 596 to" in panel.text
    assert "above 2/52 = 0.0385, the limit of the steepest point, and too large for 39 of 100 points" in panel.text
    assert "below 2/16.7 = 0.12, the limit of all points together" in panel.text
    panel.set(lr=0.135, n_epochs=20)
    assert "Batch (20 updates): diverges" in panel.text and "and above 2/16.7 = 0.12" in panel.text


def test_panel_survives_numbers_beyond_all_bounds(panel):
    panel.set(lr=0.3, n_epochs=20, seed=5)
    assert "diverges: the loss has grown from 596 beyond 1e300" in panel.text
    assert "nan" not in panel.text and "inf" not in panel.text.replace("infinit", "")
    assert panel.png().startswith(b"\x89PNG")


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.two_ways(*data(), *START), str)


def test_graph_is_drawn_as_pytorch_recorded_it():
    x, y = data()
    b, w = torch.tensor(-20.0, requires_grad=True), torch.tensor(-10.0, requires_grad=True)
    picture = panels.graph(autograd.criterion(autograd.forward(x, b, w), y), {"b": b, "w": w})
    assert isinstance(picture, Picture) and picture.png.startswith(b"\x89PNG")
    assert "A graph of 7 nodes" in picture.alt
    assert "mean leads to pow; pow leads to sub; sub leads to add" in picture.alt
    assert "add leads to b.grad and mul" in picture.alt and "mul leads to w.grad" in picture.alt


def test_graph_of_another_formula_is_drawn_too():
    b = torch.tensor(2.0, requires_grad=True)
    shared = b * b
    picture = panels.graph((shared + shared.sin()) / b, {"b": b})
    assert "b.grad and b.grad" in picture.alt and picture.png.startswith(b"\x89PNG")


def test_nothing_of_the_lesson_reaches_stderr(lesson):
    assert lesson.warned == ""
    cells = json.dumps([cell.source for cell in lesson.notebook.cells])
    assert "filterwarnings" not in cells
