"""Figures: what they show also stands in their text alternative, and nothing leaks from them."""

import re
import warnings

import numpy as np
import pytest

from gdexercises import figures
from gdexercises.data import line


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def data():
    x, y, _ = line()
    return x, y


def pictures(x, y):
    path = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.5)]
    return {
        "data_split": figures.data_split(x[:80], y[:80], x[80:], y[80:]),
        "fitted_line": figures.fitted_line(x, y, 1.0, 2.0, residuals=True),
        "loss_surface": figures.loss_surface(x, y, path),
        "loss_curve": figures.loss_curve([3.0, 2.0, 1.5]),
    }


@pytest.mark.parametrize("name", ["data_split", "fitted_line", "loss_surface", "loss_curve"])
def test_picture_is_an_image_with_the_alt_text_in_it(data, name):
    picture = pictures(*data)[name]
    assert picture.png.startswith(b"\x89PNG")
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == picture.alt
    assert re.search(r'<img src="data:image/png;base64,[^"]+" alt="[^"]{40,}"', bundle["text/html"])
    for axes in picture.figure.axes:
        assert axes.get_xlabel() and axes.get_ylabel() and axes.get_title(loc="left")


def test_alt_text_holds_the_numbers(data):
    shown = pictures(*data)
    assert "80 training points" in shown["data_split"].alt and "20 validation points" in shown["data_split"].alt
    x, y = data
    loss = figures.number(np.mean((1 + 2 * x - y) ** 2))
    assert f"mean squared error is {loss}" in shown["fitted_line"].alt
    assert "yhat = 1 + 2 x" in shown["fitted_line"].alt
    assert "yhat = -1 - 0.5 x" in figures.fitted_line(x, y, -1, -0.5).alt
    w, b = np.polyfit(x.ravel(), y.ravel(), 1)
    assert f"b = {figures.number(b)}, w = {figures.number(w)} (a cross)" in shown["loss_surface"].alt
    assert "takes 2 steps from b = 0, w = 0" in shown["loss_surface"].alt
    assert "from 3 (epoch 0) to 1.5 (epoch 2)" in shown["loss_curve"].alt


def test_divergence_is_named_and_drawn_without_a_warning(data):
    losses = [1.0, 1e10, np.inf, np.nan]
    picture = figures.loss_curve(losses)
    assert "from epoch 2 on it is not finite: it diverges" in picture.alt
    assert picture.png
    picture = figures.loss_surface(*data, [(0, 0), (1e8, -1e8), (np.nan, np.inf)])
    assert "it diverges" in picture.alt and "off the map" in picture.alt
    assert picture.png


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.array([[2.0]]), np.array([[3.0]])),
        (np.full((5, 1), 2.0), np.arange(5.0).reshape(-1, 1)),
        (np.arange(5.0).reshape(-1, 1), np.zeros((5, 1))),
        (1e6 * np.arange(1.0, 6).reshape(-1, 1), 1e-3 * np.arange(5.0).reshape(-1, 1)),
        (np.arange(5, dtype=np.float32).reshape(-1, 1), np.arange(5, dtype=np.float32).reshape(-1, 1)),
    ],
    ids=["one point", "constant x", "zero y", "other scales", "float32"],
)
def test_odd_data_can_be_drawn(x, y):
    assert figures.fitted_line(x, y, 1.0, 0.5).png
    assert figures.loss_surface(x, y, [(0.0, 0.0), (1.0, 0.5)]).png


def test_alt_text_is_escaped_in_html():
    figure = figures.fitted_line(np.zeros((1, 1)), np.zeros((1, 1)), 0, 0).figure
    assert 'alt="&lt;b&gt; &quot;"' in figures.Picture(figure, '<b> "').html


def test_while_graded_a_picture_is_its_alt_text(data, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    picture = pictures(*data)["fitted_line"]
    assert picture._repr_mimebundle_() == {"text/plain": picture.alt}


def test_no_figure_stays_open(data):
    from matplotlib import pyplot

    pictures(*data)
    assert pyplot.get_fignums() == []


def test_style_of_the_reader_neither_matters_nor_changes(data):
    import matplotlib

    before = dict(matplotlib.rcParams)
    plain = figures.loss_curve([3.0, 2.0]).png
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 30}):
        assert figures.loss_curve([3.0, 2.0]).png == plain
    assert dict(matplotlib.rcParams) == before
