"""Panels without a browser: picture and text follow the sliders, and divergence is named."""

import gc
import io
import tracemalloc
import warnings

import numpy as np
import pytest
from PIL import Image

from gdexercises.data import line
from gdexercises.tuning import Counter, LogSlider, Notice, Slider, Toggle, five_steps


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def data():
    x, y, _ = line()
    return x, y


def pixels(panel):
    return np.asarray(Image.open(io.BytesIO(panel.png())))


@pytest.mark.parametrize(
    ("make", "change"),
    [
        (five_steps.by_hand, {"b": 1.0}),
        (five_steps.by_hand, {"w": 2.0}),
        (five_steps.by_hand, {"surface_shown": True}),
        (five_steps.descend, {"n_epochs": 20}),
        (five_steps.descend, {"b": 2.0}),
        (five_steps.descend, {"w": 2.0}),
    ],
)
def test_picture_follows_a_control_and_reset_brings_it_back(data, make, change):
    panel = make(*data)
    picture, text = pixels(panel), panel.text
    panel.set(**change)
    assert (pixels(panel) != picture).any()
    assert panel.text != text or "surface_shown" in change
    panel.reset()
    assert (pixels(panel) == picture).all()
    assert panel.text == text


def test_text_tells_position_and_loss(data):
    x, y = data
    panel = five_steps.by_hand(x, y)
    panel.set(b=1.0, w=2.0)
    loss = np.mean((panel.values["b"] + panel.values["w"] * x - y) ** 2)
    assert f"loss = {loss:.3g}" in panel.text
    assert "Lowest so far" in panel.text and "Places tried: 2" in panel.text
    assert panel.text in panel.alt and panel.about in panel.alt


def test_by_hand_does_not_give_the_optimum_away(data):
    x, y = data
    w, b = np.polyfit(x.ravel(), y.ravel(), 1)
    assert f"{b:.3g}" not in five_steps.by_hand(x, y).alt
    assert f"{w:.3g}" not in five_steps.by_hand(x, y).alt


def test_descend_shows_what_gradient_descent_does(data):
    x, y = data
    panel = five_steps.descend(x, y)
    panel.set(lr=0.1, n_epochs=50)
    b, w = panel.values["b"], panel.values["w"]
    for _ in range(50):
        error = b + w * x - y
        b, w = b - 0.1 * 2 * error.mean(), w - 0.1 * 2 * (x * error).mean()
    assert f"b = {b:.3g}, w = {w:.3g}, loss = {np.mean((b + w * x - y) ** 2):.3g}" in panel.text


def test_step_goes_one_epoch_further_and_stays_at_the_end(data):
    panel = five_steps.descend(*data, max_epochs=3)
    for expected in (1, 2, 3, 3):
        panel.step()
        assert panel.values["n_epochs"] == expected
    assert panel.text.startswith("After 3 epochs")


@pytest.mark.parametrize("n_epochs", [5, 200])
def test_divergence_is_named_with_its_bound(data, n_epochs):
    x, y = data
    panel = five_steps.descend(x, y)
    panel.set(lr=1.5, n_epochs=n_epochs)
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x**2).mean()]])
    bound = 2 / np.linalg.eigvalsh(hessian)[-1]
    assert "Diverges: the loss grows" in panel.text
    assert f"above 2/λ_max = {bound:.3g}" in panel.text
    calm = five_steps.descend(x, y)
    assert (pixels(panel) != pixels(calm)).any()


def test_just_below_the_bound_it_does_not_diverge(data):
    x, y = data
    panel = five_steps.descend(x, y)
    panel.set(lr=0.79, n_epochs=200)
    assert "The loss has fallen" in panel.text


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.array([[2.0]]), np.array([[3.0]])),
        (np.full((5, 1), 2.0), np.arange(5.0).reshape(-1, 1)),
        (1e4 * np.arange(1.0, 6).reshape(-1, 1), np.arange(5.0).reshape(-1, 1)),
        (np.arange(5, dtype=np.float32).reshape(-1, 1), np.arange(5, dtype=np.float32).reshape(-1, 1)),
    ],
    ids=["one point", "constant x", "large x", "float32"],
)
@pytest.mark.parametrize("make", [five_steps.by_hand, five_steps.descend])
def test_odd_data_make_a_panel(make, x, y):
    panel = make(x, y)
    first = pixels(panel)
    panel.set(b=panel.values["b"] + 1, w=panel.values["w"] + 1)
    assert (pixels(panel) != first).any()


@pytest.mark.parametrize("execution", ["autograde", "validate"])
@pytest.mark.parametrize("make", [five_steps.by_hand, five_steps.descend])
def test_while_graded_a_panel_is_one_line(data, monkeypatch, make, execution):
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    panel = make(*data)
    assert isinstance(panel, Notice)
    assert panel._repr_mimebundle_() == {"text/plain": "The panel is not drawn while the notebook is graded."}


def test_a_thousand_updates_keep_no_memory(data):
    panel = five_steps.descend(*data)
    for n_epochs in range(200):
        panel.set(n_epochs=n_epochs)
        panel.png()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for step in range(1000):
        panel.set(n_epochs=step % 200)
        panel.png()
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept < 200_000


def test_sliders_stand_on_their_steps():
    assert Slider("b", 0.4967, -1, 3, 0.02).clip(0.4967) == pytest.approx(0.5)
    assert Slider("b", 0, -1, 3, 0.02).clip(99) == 3
    assert LogSlider("lr", 0.1, 1e-3, 2).clip(0.1) == pytest.approx(0.1)
    assert LogSlider("lr", 0.1, 1e-3, 2).clip(0.0) == pytest.approx(1e-3)
    assert Counter("epochs", 0, 10).clip(11) == 10
    assert Toggle("surface").clip(True) is True


@pytest.mark.parametrize("control", [Slider("b", 0, -1, 1, 0.1), LogSlider("lr", 0.1, 1e-3, 1), Counter("n", 0, 9)])
def test_slider_widget_has_its_label_and_value(control):
    widget = control.widget()
    assert widget.description == control.label
    assert widget.value == pytest.approx(control.clip(control.value))
