"""Lesson 03: the figures of its source up to the noise, the numbers that its prose quotes, and its panel."""

import inspect
import re
import tracemalloc

import numpy as np
import pytest

from gdexercises import batches
from gdexercises.figures import Picture
from gdexercises.tuning import batches as panels

LESSON = "03-batches"
X = np.arange(-5, 5, 0.1).reshape(-1, 1)
START = (-20.0, -10.0)

pytestmark = pytest.mark.xdist_group(LESSON)


def data(seed):
    """The lesson's data with another draw of the noise."""
    return X, -5 * X + 0.4 * np.random.default_rng(seed).standard_normal(X.shape)


def batch_rows(x, y):
    """Loss before each of 20 batch updates at 0.1, and w and b after it."""
    b, w = START
    rows = []
    for _ in range(20):
        loss = batches.mse(batches.predict(x, b, w), y)
        b, w = batches.update(b, w, *batches.gradients(x, y, b, w), 0.1)
        rows.append((loss, w, b))
    return np.array(rows)


def ordered_losses(x, y, lr, n_epochs):
    """Losses before each epoch of single points in the given order."""
    b, w = START
    losses = []
    for _ in range(n_epochs):
        losses.append(batches.mse(batches.predict(x, b, w), y))
        b, w = batches.sgd_epoch([(x[i : i + 1], y[i : i + 1]) for i in range(len(x))], b, w, lr)
    return losses


@pytest.fixture(scope="module")
def lesson(solved):
    return solved(LESSON)


@pytest.fixture
def prose(lesson):
    return re.sub(r"\s+", " ", lesson.prose)


# The source ---------------------------------------------------------------------------------------------------------

# Loss, w and b as the tutorial printed them, by epoch.
PRINTED = {
    0: (596.719, -1.8527, -16.0621),
    1: (343.427, -7.2476, -12.8303),
    2: (202.710, -3.6169, -10.2988),
    3: (122.166, -6.0132, -8.2373),
    18: (0.27214, -4.99275, -0.34835),
    19: (0.22536, -4.99606, -0.29068),
}


def lesson_rows(lesson):
    number = r"(-?[\d.]+)"
    found = re.findall(
        rf"^epoch +(\d+): loss +{number}, then w = +{number}, b = +{number}$", lesson.printed, re.MULTILINE
    )
    return {int(epoch): tuple(map(float, row)) for epoch, *row in found}


def test_batch_rows_are_those_of_the_source_up_to_the_noise(lesson):
    rows = lesson_rows(lesson)
    assert rows.keys() == PRINTED.keys()
    draws = np.array([batch_rows(*data(seed)) for seed in range(50)])
    for epoch, printed in PRINTED.items():
        spread = draws[:, epoch].std(axis=0)
        middle = draws[:, epoch].mean(axis=0)
        assert (np.abs(rows[epoch] - middle) < 4 * spread).all()
        assert (np.abs(printed - middle) < 4 * spread).all()


@pytest.mark.parametrize("epoch", [0, 1, 2, 3])
def test_first_losses_differ_from_the_source_by_about_a_percent(lesson, epoch):
    assert lesson_rows(lesson)[epoch][0] == pytest.approx(PRINTED[epoch][0], rel=0.01)


@pytest.mark.parametrize(
    ("lr", "printed"),
    [(0.1, (599, 4.2e14, 6.3e14)), (0.05, (599, 123, 17)), (0.02, (599, 1.04, 0.17)), (0.01, (599, 52, 4.1, 0.43))],
)
def test_single_points_in_order_do_what_they_do_in_the_source(lesson, lr, printed):
    [row] = re.findall(rf"^lr = {lr}: loss (.*) … ", lesson.printed, re.MULTILINE)
    own = [float(loss) for loss in row.split(", ")][: len(printed)]
    draws = np.log([ordered_losses(*data(seed), lr, len(printed)) for seed in range(30)])
    spread = draws.std(axis=0) + 0.01
    assert (np.abs(np.log(own) - draws.mean(axis=0)) < 4 * spread).all()
    assert (np.abs(np.log(printed) - draws.mean(axis=0)) < 4 * spread).all()


def test_curvatures_of_the_source_are_reproduced(lesson):
    assert "all points: 0.1200, one point: 0.0385" in lesson.printed
    assert "mean of x: -0.05, mean of x²: 8.335" in lesson.printed
    assert re.search(r"eigenvalues: \[ ?1.9993 16.6707\]", lesson.printed)


# The prose ----------------------------------------------------------------------------------------------------------


def test_prose_quotes_the_jumps_of_w(lesson, prose):
    rows = lesson_rows(lesson)
    assert "past $-5$ to about $-1.9$, back past it to $-7.3$" in prose
    assert [round(rows[epoch][1], 1) for epoch in (0, 1)] == [-1.9, -7.3]


def test_prose_quotes_what_the_curvatures_are(lesson, prose):
    assert "factor -4.20" in lesson.printed and "Minus 4.2" in prose
    assert "the curvature is 52, so one step is safe below $2/52 = 0.038$" in prose and 2 * (25 + 1) == 52
    assert "1.9993 and 16.6707" in prose and "$2/16.67 = 0.12$" in prose
    assert "$1 - 0.1 \\cdot 16.67 = -0.67$" in prose and round(1 - 0.1 * 16.6707, 2) == -0.67
    assert "its mean is about 8.3" in prose


def test_larger_batches_are_less_noisy_by_the_root_of_their_size(lesson, prose):
    found = re.findall(r"^n = +(\d+): w_grad = (-?\d+) ± (\d+)$", lesson.printed, re.MULTILINE)
    spread = {int(n): float(deviation) for n, _, deviation in found}
    whole = float(re.search(r"^all: +w_grad = (-?\d+)$", lesson.printed, re.MULTILINE)[1])
    assert all(abs(float(mean) - whole) < 4 * float(deviation) / 200**0.5 for _, mean, deviation in found)
    assert "25 times the cost buys a fifth of the noise (somewhat less here" in prose
    assert 1.9 < spread[1] / spread[5] < 2.8
    assert spread[25] < spread[1] / 4


def test_yielded_batches_need_a_third_of_the_memory_of_a_list(lesson, prose):
    found = re.findall(r"^(all points|batches)[^:]*: +(\d+) kB$", lesson.printed, re.MULTILINE)
    whole, listed, lazy = (float(kilobytes) for _, kilobytes in found)
    assert "about a third of the memory of a list" in prose and 0.25 < lazy / listed < 0.4
    assert "8 bytes a point" in prose and lazy == pytest.approx(160, abs=30)
    assert lazy < whole


def test_small_batches_get_further_in_the_same_number_of_epochs(lesson, prose):
    found = re.findall(r"^n = +(\d+): +(\d+) updates, .* last loss ([\d.]+)$", lesson.printed, re.MULTILINE)
    assert [(int(n), int(updates)) for n, updates, _ in found] == [(100, 20), (10, 200), (1, 2000)]
    assert "2000 small steps go further than 20 exact ones" in prose
    losses = [float(loss) for *_, loss in found]
    assert losses[0] > 100 * losses[1] > 100 * losses[2]


def test_stochastic_blows_up_where_batch_converges_and_shuffling_makes_it_worse(lesson):
    ends = {
        float(lr): float(end)
        for lr, end in re.findall(r"^lr = ([\d.]+): loss .* … (\S+)$", lesson.printed, re.MULTILINE)
    }
    assert ends[0.1] > 1e9
    assert ends[0.05] > 3 * max(ends[0.02], ends[0.01])
    shuffled = re.search(r"^[\d.]+, .* … (\S+)$", lesson.printed, re.MULTILINE)
    assert float(shuffled[1]) > 1e6 * ends[0.1]


def test_batch_converges_just_below_its_limit_and_diverges_just_above(lesson):
    below, above = re.findall(r"^lr = 0.1\d\d\d: loss 596 … (\S+)$", lesson.printed, re.MULTILINE)
    assert float(below) < 0.1 < 1e6 < float(above)


def test_decaying_learning_rate_comes_to_rest(lesson):
    found = re.findall(r"^lr = .* on average ([\d.]+) above the lowest$", lesson.printed, re.MULTILINE)
    constant, decaying, small = map(float, found)
    assert decaying < constant / 10
    assert decaying < small / 10


def test_colleagues_line_is_nearly_flat_and_the_repaired_one_is_not(lesson):
    w, loss = re.search(r"w = (\S+), mean of y = \S+, loss = (\S+)$", lesson.printed, re.MULTILINE).groups()
    assert abs(float(w)) < 1 and float(loss) > 150
    repaired = re.findall(r"^b = \S+, w = (\S+), loss = (\S+)$", lesson.printed, re.MULTILINE)[-1]
    assert float(repaired[0]) == pytest.approx(-5, abs=0.2) and float(repaired[1]) < 1


def test_points_add_up_to_what_the_head_says(lesson):
    cells = [cell.metadata.nbgrader for cell in lesson.notebook.cells if "nbgrader" in cell.metadata]
    quiz = sum(cell.points for cell in cells if cell.grade and cell.points == 0.5)
    assert (sum(cell.points for cell in cells if cell.grade), quiz) == (16, 2)
    assert "There are 16 points: 14 for code, 2 for a short quiz." in lesson.prose


# What the module promises -------------------------------------------------------------------------------------------


def test_minibatches_are_made_when_asked_for():
    x = np.zeros((100_000, 1))
    steps = batches.minibatches(x, x, 100, np.random.default_rng(0))
    assert inspect.isgenerator(steps)
    tracemalloc.start()
    for _ in steps:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(x) + 50_000


@pytest.mark.parametrize("name", ["predict", "mse", "gradients", "update"])
def test_given_functions_are_those_of_the_module(lesson, name):
    [given] = [cell.source for cell in lesson.notebook.cells if "def predict" in cell.source]
    assert inspect.getsource(getattr(batches, name)).strip() in given


# Panel and figures --------------------------------------------------------------------------------------------------


@pytest.fixture
def panel():
    return panels.three_paths(*data(42), *START)


@pytest.mark.parametrize("change", [{"lr": 0.03}, {"batch_size": 50}, {"n_epochs": 10}, {"decays": True}])
def test_panel_changes_picture_and_text_with_each_control(panel, change):
    picture, text = panel.png(), panel.text
    panel.set(**change)
    assert panel.png() != picture
    assert panel.text != text
    panel.reset()
    assert (panel.png(), panel.text) == (picture, text)


def test_panel_names_the_one_that_diverges(panel):
    panel.set(lr=0.1, n_epochs=10)
    assert re.search(r"Stochastic \(n = 1, 1000 updates\): diverges", panel.text)
    assert panel.text.count("diverges") == 1
    assert "This lr is above 0.0385, the limit of the steepest point" in panel.text
    panel.set(lr=0.2, n_epochs=20)
    assert re.search(r"Batch \(n = 100, 20 updates\): diverges", panel.text)
    assert "0.12, the limit of the batch" in panel.text


def test_panel_runs_what_the_lesson_teaches(panel):
    panel.set(lr=0.1, n_epochs=1)
    b, w = batches.sgd_epoch([data(42)], *START, 0.1)
    assert f"Batch (n = 100, 1 updates): b = {b:.3g}, w = {w:.3g}" in panel.text


def test_panel_with_mini_batches_of_all_points_is_batch(panel):
    panel.set(batch_size=100)
    mini, whole = re.findall(r"\(n = 100, 3 updates\): (b = .*?)\. ", panel.text)
    assert mini == whole


def test_panel_is_one_line_while_a_notebook_is_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert isinstance(panels.three_paths(*data(42), *START), str)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (lambda: panels.loss_histories({"one": [3.0, 1.0], "two": [3.0, np.inf]}), ("one: from 3 to 1", "it grows")),
        (lambda: panels.loss_histories({"one": [3.0, 1.0]}, floor=0.5), ("lowest loss there is, 0.5",)),
        (lambda: panels.paths(*data(42), {"n = 1": [START, (0.0, -5.0)]}), ("n = 1: 1 updates", "w = -5")),
        (lambda: panels.gradient_clouds({1: np.eye(2), 5: np.eye(2)}, (0.5, 0.5)), ("n = 5: standard deviation 0.5",)),
        (
            lambda: panels.curvatures(X, (0.1, 2 / 52)),
            ("2 to 52 at x = -5", "39 points lie above", "0 points lie above"),
        ),
    ],
)
def test_figure_says_in_words_what_it_shows(picture, words):
    shown = picture()
    assert isinstance(shown, Picture)
    assert shown.png.startswith(b"\x89PNG")
    assert all(word in shown.alt for word in words)
